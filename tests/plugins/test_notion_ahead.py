"""Reading ahead: many lists of one document at a time, in the document's order, each asked for once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from notion_sync_core.errors import MissingError
from notion_sync_core.gate.gate import Gate
from notion_sync_core.stages.workers import WorkerPool
from notion_sync_core.testing import FakeClock
from notion_sync_notion.ahead import Ahead, children_of, comments_on
from notion_sync_notion.client import Answer, Client


class Lists(Client):
    """A client that asks nobody: lists of two pages each."""

    def __init__(self, together: int = 1, missing: str = "") -> None:
        super().__init__("http://127.0.0.1:9", "token", "2026-03-11", 1.0)
        self.asked: Counter[str] = Counter()
        self.most = 0
        self._missing = missing
        self._now = 0
        self._lock = threading.Lock()
        self._all_there = threading.Barrier(together)

    def get(self, path: str, params: Iterable[tuple[str, Any]] = ()) -> Answer:
        cursor = dict(params).get("start_cursor")
        with self._lock:
            self.asked[f"{path} {cursor}"] += 1
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            if cursor is None and self._all_there.parties > 1:
                self._all_there.wait(10)
        finally:
            with self._lock:
                self._now -= 1
        if self._missing and self._missing in path:
            raise MissingError("gone", "")
        return Answer({"results": [path], "has_more": cursor is None, "next_cursor": None if cursor else "more"}, False)


def gate(pool: WorkerPool) -> Gate:
    made = Gate("api.example", FakeClock(), lambda _: None)
    made.helpers = pool
    return made


def test_lists_are_asked_for_while_threads_are_idle_and_come_in_order() -> None:
    client = Lists(together=4)
    ids = ["a", "b", "c", "d"]
    with WorkerPool(3, 4, FakeClock()) as pool, Ahead(client, gate(pool), children_of) as lists:
        lists.begin(ids[1:])
        found = [answer.raw["results"][0] for each in ids for answer in lists.pages(each)]
    assert found == [f"blocks/{each}/children" for each in ids for _ in (1, 2)]
    assert client.most == 4
    assert set(client.asked.values()) == {1}


def test_what_was_begun_and_is_not_wanted_any_more_holds_nobody_up() -> None:
    client = Lists(missing="/b/")
    with WorkerPool(2, 4, FakeClock()) as pool:
        with pytest.raises(MissingError), Ahead(client, gate(pool), children_of) as lists:
            lists.begin(["b", "c"])
            list(lists.pages("b"))
        assert pool.lend(lambda: 1) is not None
        assert pool.lend(lambda: 1) is not None


def test_a_list_is_begun_once_however_often_it_is_named() -> None:
    client = Lists()
    with WorkerPool(4, 4, FakeClock()) as pool, Ahead(client, gate(pool), comments_on) as lists:
        for _ in range(3):
            lists.begin(["a", "b"])
        found = [answer for each in ("a", "b") for answer in lists.pages(each)]
    assert len(found) == 4
    assert client.asked["comments None"] == 2
