"""Writes whose answers were lost: they are looked for before anything is sent again, and nothing is there twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core.errors import UnreachableError
from notion_sync_core.model import plain_text
from notion_sync_core.restore.outcome import Outcome
from notion_sync_core.testing import FakeGate
from notion_sync_demo import Fault, Workspace
from notion_sync_demo.build import bare, block, page_mention, rich, schema
from restore.bench import Bench

KINDS = ["503_saved", "503_committed", "lost", "500", "reset", "short", "bad_json", "409"]
"""Some after the write was done, some before."""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    space = Workspace("Small", seed=3)
    top = space.add_page(None, "Top", [block("paragraph", "first")])
    space.add_page(top, "Child", [block("paragraph", "in it")])
    space.append(top, [block("paragraph", "second"), block("paragraph", "third")])
    _, sources = space.add_database(top, "Data", {name: [schema("Name", "title")] for name in ("One", "Two")})
    for source in sources:
        space.add_row(source, {"Name": rich("Row")})
        space.add_row(source, {"Name": rich("Row")})
    with Bench(space, tmp_path) as bench:
        yield bench


def restored(bench: Bench) -> Outcome:
    return bench.restoring().run(bench.journal)


def counts(bench: Bench) -> tuple[int, int, int, list[str]]:
    """Pages, databases, data sources and the page's own texts."""
    space = bench.space
    (top,) = [each for each in space.pages if space.title(each) == "Top"]
    texts = [plain_text(each[each["type"]].get("rich_text") or []) for each in space.children(top)]
    return len(space.pages) - 1, len(space.databases), len(space.data_sources), texts


WANTED = (6, 1, 2, ["first", "", "second", "third", ""])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", ["^/v1/pages$", "^/v1/databases$", "^/v1/data_sources$", "children$"])
@pytest.mark.parametrize("after", [0, 1])
def test_a_write_without_an_answer_is_there_once(bench: Bench, kind: str, path: str, after: int) -> None:
    method = "PATCH" if path == "children$" else "POST"
    fault = bench.server.faults.add(Fault(kind, times=1, path=path, method=method, after=after))
    done = restored(bench)
    assert counts(bench) == WANTED
    assert done.failures == ()
    made = {"^/v1/pages$": 6, "children$": 2}.get(path, 1)
    assert fault.struck == int(after < made)


def test_ids_that_a_lost_answer_names_are_taken_without_looking(bench: Bench) -> None:
    bench.server.faults.add(Fault("503_committed", times=1, path="^/v1/pages$", method="POST"))
    assert "looks" not in restored(bench).requests
    assert counts(bench) == WANTED


def test_a_page_of_somebody_else_with_the_same_title_is_not_taken_for_ours(bench: Bench) -> None:
    theirs = bench.space.add_page(bench.home, "Top", [block("paragraph", "theirs")])
    bench.server.faults.add(Fault("500", times=1, path="^/v1/pages$", method="POST"))
    restored(bench)
    assert [plain_text(each["paragraph"]["rich_text"]) for each in bench.space.children(theirs)] == ["theirs"]
    titles = [bench.space.title(each["id"]) for each in bench.space.children(bench.home)]
    assert titles == ["Top", "Top"]


def test_a_page_whose_title_the_service_words_itself_is_found_all_the_same(tmp_path: Path) -> None:
    space = Workspace("Small", seed=3)
    first = space.add_page(None, "First")
    space.add_page(None, ["About ", page_mention(first, "an old name")])
    with Bench(space, tmp_path) as bench:
        bench.server.faults.add(Fault("lost", times=1, path="^/v1/pages$", method="POST", after=1))
        restored(bench)
        titles = [bench.space.title(each["id"]) for each in bench.space.children(bench.home)]
        assert titles == ["First", "About First"]


def test_a_service_that_never_answers_stops_it_and_it_goes_on(bench: Bench) -> None:
    bench.server.faults.add(Fault("503_saved", path="children$", method="PATCH"))
    bench.server.faults.add(Fault("500", path="^/v1/data_sources$", method="POST"))
    before = len(bench.clock.sleeps)
    with pytest.raises(UnreachableError, match="gave no answer"):
        restored(bench)
    assert [each for each in bench.clock.sleeps[before:] if each in (1.0, 2.0, 4.0, 8.0, 16.0)] == [1, 2, 4, 8, 16]
    bench.server.faults.clear()
    restored(bench)
    assert counts(bench) == WANTED


def test_where_the_target_cannot_be_looked_at_a_doubt_is_a_failure_and_nothing_is_sent_again(bench: Bench) -> None:
    bench.server.faults.add(Fault("lost", times=1, path="^/v1/pages$", method="POST", after=1))
    restoring = bench.restoring()
    blind = _Blind(restoring.target)
    restoring.target = blind  # type: ignore[assignment]
    done = restoring.run(bench.journal)
    assert [(each.title, "nobody knows" in each.error) for each in done.failures] == [("Child", True)]
    assert len([each for each in bench.space.pages if bench.space.title(each) == "Child"]) == 1
    again = bench.restoring()
    again.target = _Blind(again.target)  # type: ignore[assignment]
    again.run(bench.journal)
    assert len([each for each in bench.space.pages if bench.space.title(each) == "Child"]) == 1


class _Blind:
    """A target without ``target_children``."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def can_show(self) -> bool:
        return False


class Killed(BaseException):
    """The process ends here."""


class KillingGate(FakeGate):
    """Ends the process at its nth write: before the request, or with nobody left to hear the answer."""

    def __init__(self, at: int, *, is_sent: bool) -> None:
        super().__init__()
        self._left, self._is_sent = at, is_sent

    def once(self, call: Any, *args: Any, **kwargs: Any) -> Any:
        self._left -= 1
        if self._left >= 0:
            return super().once(call, *args, **kwargs)
        if self._is_sent:
            super().once(call, *args, **kwargs)
        raise Killed


@pytest.mark.parametrize("is_sent", [False, True], ids=["before", "after"])
def test_a_process_that_ends_at_any_write_is_gone_on_with(tmp_path: Path, is_sent: bool) -> None:
    space = Workspace("Small", seed=3)
    deep = block("toggle", "a", [block("toggle", "b", [block("toggle", "c", [block("toggle", "d")])])])
    columns = bare("column_list", [bare("column", [deep]), bare("column")])
    top = space.add_page(None, "Top", [deep, columns])
    space.add_page(top, "Top", [block("paragraph", "in it")])
    _, (source,) = space.add_database(top, "Top", {"Top": [schema("Name", "title")]})
    space.add_row(source, {"Name": rich("Row")}, [deep])
    at = 0
    while True:
        folder = tmp_path / str(at)
        folder.mkdir()
        with Bench(space, folder) as bench:
            try:
                bench.restoring(KillingGate(at, is_sent=is_sent)).run(bench.journal)
            except Killed:
                restored(bench)
                assert len(bench.space.pages) == 4
                assert len(bench.space.databases) == 1
                texts = [each for each in bench.space.blocks.values() if each["type"] == "toggle"]
                assert len(texts) == 12, f"killed at write {at}"
            else:
                break
        at += 1
    assert at >= 10
