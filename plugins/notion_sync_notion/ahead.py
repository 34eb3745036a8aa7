"""Lists that are read one after another, asked for before it is their turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from notion_sync_core.plugin import Gate, Prefetched
from notion_sync_notion.client import Answer, Client
from notion_sync_notion.listing import Param, paged, pages

Address = Callable[[str], tuple[str, tuple[Param, ...]]]
"""Path and parameters of a list, from its id."""


class Ahead:
    """Many lists of one kind: while threads are idle, the next ones are asked for already.

    A context: at its end nobody waits for what was begun and is not wanted any more.
    """

    def __init__(self, client: Client, gate: Gate, address: Address) -> None:
        self._client = client
        self._gate = gate
        self._address = address
        self._begun: dict[str, Prefetched[Answer]] = {}

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *_: object) -> None:
        for begun in self._begun.values():
            begun.cancel()

    def begin(self, ids: Iterable[str]) -> None:
        """Ask for the first answers of these lists, in this order, as far as threads are idle."""
        for each in ids:
            if each in self._begun:
                continue
            path, params = self._address(each)
            begun = self._gate.prefetch(self._client.get, path, paged(params, None))
            if begun is None:
                return
            self._begun[each] = begun

    def pages(self, list_id: str) -> Iterator[Answer]:
        """All answers of one list."""
        path, params = self._address(list_id)

        def fetch(cursor: str | None) -> Answer:
            begun = None if cursor else self._begun.pop(list_id, None)
            return begun.result() if begun else self._gate(self._client.get, path, paged(params, cursor))

        return pages(fetch)


def children_of(block_id: str) -> tuple[str, tuple[Param, ...]]:
    """The address of a list of children."""
    return f"blocks/{block_id}/children", ()


def comments_on(block_id: str) -> tuple[str, tuple[Param, ...]]:
    """The address of a list of comments."""
    return "comments", (("block_id", block_id),)
