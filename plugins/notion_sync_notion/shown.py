"""Each object that a list shows, judged by itself: what is odd about one is no reason to lose the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from attrs import evolve, frozen

from notion_sync_core.plugin import (
    KINDS,
    Json,
    Kind,
    MissingError,
    Parent,
    PluginError,
    Ref,
    RetryableError,
    SkippableError,
    Unusable,
    fields,
)
from notion_sync_notion import decode
from notion_sync_notion.client import Answer
from notion_sync_notion.decode import usable_id
from notion_sync_notion.properties import is_cut

Fetch = Callable[[str, Kind], Sequence[Ref | Unusable]]
"""Looks up one object by id."""
Home = Callable[[Ref], Ref | None]
"""A row where it stands; ``None``: another listing shows it there."""
_OPEN = "Open it in Notion; if it looks well there, report this with the id that its link ends in."


def everything(_: Json) -> bool:
    """Every object counts."""
    return True


def as_it_says(ref: Ref) -> Ref:
    """An object stands where it says."""
    return ref


@frozen
class Judge:
    """Turns the objects of one list into references.

    :param where: what the list is called in messages: ``search``.
    :param fetch: asks for a single object.
    :param archived: archived rows count as well.
    :param within: the data source whose rows these are, if they are.
    """

    where: str
    fetch: Fetch
    archived: bool = False
    within: str = ""
    wanted: Callable[[Json], bool] = everything
    """Whether an object counts."""
    home: Home = as_it_says

    def objects(self, answer: Answer, seen: set[str]) -> Iterator[Ref | Unusable]:
        """The objects of one answer that were not seen before; their ids are added."""
        results = answer.raw.get("results")
        for raw in results if isinstance(results, list) else ():
            object_id = usable_id(raw.get("id")) if isinstance(raw, dict) else None
            if object_id is None:
                yield self._nameless(raw)
                continue
            if object_id in seen:
                continue
            seen.add(object_id)
            if self.wanted(raw):
                yield from self._one(raw, object_id)

    def _one(self, raw: Json, object_id: str) -> Iterator[Ref | Unusable]:
        kind = raw.get("object")
        try:
            if kind not in KINDS:
                yield from self._of_unknown_kind(raw, object_id)
            elif decode.is_full(raw):
                ref = self._at_home(judged(decode.ref(raw), archived=self.archived))
                if ref is not None:
                    yield ref
            else:
                yield from self._whole(object_id, kind)
        except MissingError as error:
            # Limited access shows some objects as a mere id.
            reason, title = f"{self.where} shows only a part of it: {error.message}", decode.title_of(raw)
            if kind == "data_source":
                yield Unusable(reason, object_id, "data_source", title)
            else:
                yield Unusable(reason, object_id, "database" if kind == "database" else "page", title, missing=True)
        except (SkippableError, RetryableError, PluginError) as error:
            reason = f"{self.where} shows only a part of it: {error.message}"
            yield Unusable(reason, object_id, "page", decode.title_of(raw))

    def _whole(self, object_id: str, kind: Kind) -> Iterator[Ref | Unusable]:
        """What a listing shows only a part of, asked for by its id."""
        for found in self.fetch(object_id, kind):
            ref = self._at_home(found) if isinstance(found, Ref) else found
            if ref is not None:
                yield ref

    def _at_home(self, ref: Ref) -> Ref | None:
        """A row that a data source shows stands in it, whatever it says of itself."""
        if not self.within or ref.kind != "page":
            return self.home(ref)
        astray = ref.parent.id is None or ref.parent.type == "database_id"
        return evolve(ref, parent=Parent("data_source_id", self.within)) if astray else ref

    def _of_unknown_kind(self, raw: Json, object_id: str) -> Iterator[Ref | Unusable]:
        """Nobody can tell what it is but the API, asked for it as each kind there is."""
        for kind in KINDS:
            try:
                yield from self.fetch(object_id, kind)
            except SkippableError:
                continue
            return
        reason = f"{self.where} shows an object of a kind that is unknown here: {raw.get('object')!r:.80}"
        yield Unusable(reason, object_id, "page", decode.title_of(raw), _OPEN)

    def _nameless(self, raw: Any) -> Unusable:
        if not isinstance(raw, dict):
            return Unusable(f"{self.where} shows {_short(raw)} in place of an object", remedy=_OPEN)
        title = decode.title_of(raw)
        return Unusable(
            f"{self.where} shows {title!r} without a usable id: {_short(raw.get('id'))}", title=title, remedy=_OPEN
        )


def _short(raw: object) -> str:
    """What stands there, for messages."""
    return f"{raw!r:.80}" if raw is None or isinstance(raw, str | int | float) else type(raw).__name__


def judged(ref: Ref, *, archived: bool) -> Ref:
    """Whether it shows all of its values, and whether it counts.

    Queries leave out archived rows, search may show them: the option alone decides.
    """
    raw = ref.raw or {}
    if ref.kind == "page" and any(map(is_cut, fields(raw.get("properties")).values())):
        ref = evolve(ref, cut=True)
    hidden = not archived and ref.parent.type == "data_source_id" and raw.get("is_archived") is True
    return evolve(ref, left_out="it is archived in Notion") if hidden and not ref.left_out else ref


def of_answer(raw: Json, object_id: str, kind: Kind) -> Json:
    """A single object that was asked for by its id: what it lacks of identity is what was asked for."""
    if usable_id(raw.get("id")) is None:
        raw = {**raw, "id": object_id}
    return raw if raw.get("object") in KINDS else {**raw, "object": kind}
