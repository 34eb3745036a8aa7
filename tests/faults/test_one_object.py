"""A fault in one object's reading, listing or rendering reaches no further than this object."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from faults.mutation import Mutator, files, in_place_of_the_network, sync
from faults.odd_space import workspace
from notion_sync_core.errors import Exit
from notion_sync_core.model import Json
from notion_sync_core.report import Report
from notion_sync_core.stages.view import View
from notion_sync_demo import Workspace
from notion_sync_demo.api import Api
from notion_sync_demo.exchange import Request
from notion_sync_markdown import document as markdown
from notion_sync_notion import NotionSource, lookups, source
from notion_sync_notion.blocks import Contents

FAULTS = (KeyError("oh"), TypeError("oh"), RecursionError("oh"), FileNotFoundError("oh"), SystemExit(3))


class Changed:
    """The workspace's answers, each changed on its way out."""

    def __init__(self, space: Workspace, change: Callable[[str, Json], Any]) -> None:
        self._api = Api(space)
        self._change = change

    def answer(self, request: Request) -> Json:
        found = json.loads(json.dumps(self._api.answer(request)))
        changed = self._change(request.path, found)
        return found if changed is None else changed


def export(folder: Path, answers: Any, **options: Any) -> Report:
    with in_place_of_the_network(Mutator(answers)):
        return sync(folder, **options)


def documents(folder: Path) -> set[str]:
    return {doc for doc, _ in files(folder)}


def titled(space: Workspace, title: str) -> str:
    return next(page for page in space.pages if space.title(page) == title)


def only(report: Report, *ids: str) -> None:
    """Nothing but these failed, and each is told with a reason and a remedy."""
    assert report.error is None, report.error
    assert report.exit_code == Exit.PARTIAL
    assert {item["id"] for item in report.failures} == set(ids), report.failures
    assert all(item["error"] and item["remedy"] for item in report.failures)


@pytest.fixture
def space() -> Workspace:
    return workspace()


def raising(error: BaseException, when: Callable[..., bool], otherwise: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        if when(*args, **kwargs):
            raise error
        return otherwise(*args, **kwargs)

    return call


@pytest.mark.parametrize("error", FAULTS, ids=repr)
def test_a_fault_while_one_document_is_read_fails_this_document_alone(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def has_code(_: Contents, blocks: list[Json], *__: Any) -> bool:
        return any(block["type"] == "quote" and "Area 1" in str(block) for block in blocks)

    monkeypatch.setattr(Contents, "scan", raising(error, has_code, Contents.scan))
    report = export(tmp_path, Api(space))
    page = titled(space, "Area 1")
    only(report, page)
    assert documents(tmp_path) == {*space.pages, *space.databases} - {page}


def test_a_fault_while_the_rows_of_a_data_source_are_listed_fails_its_database_alone(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "query", raising(KeyError("oh"), lambda *_, **__: True, source.query))
    report = export(tmp_path, Api(space))
    only(report, *space.databases)
    assert set(space.pages) <= documents(tmp_path)


def test_a_fault_while_one_object_is_looked_up_fails_this_object_alone(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = titled(space, "Leaf 1")
    space.unlisted.add(page)
    fails = raising(KeyError("oh"), lambda raw, *_: raw.get("id") == page, lookups.of_answer)
    monkeypatch.setattr(lookups, "of_answer", fails)
    only(export(tmp_path, Api(space)), page)
    assert documents(tmp_path) == {*space.pages, *space.databases} - {page}


@pytest.mark.parametrize("error", FAULTS, ids=repr)
def test_a_fault_while_one_document_is_rendered_fails_this_document_alone(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    page = titled(space, "Area 1")

    def is_it(document: View, *_: Any) -> bool:
        return document.ref.id == page

    monkeypatch.setattr(markdown, "front_matter", raising(error, is_it, markdown.front_matter))
    report = export(tmp_path, Api(space), renderers=("markdown", "json"))
    only(report, page)
    assert (page, "json") in files(tmp_path)
    assert documents(tmp_path) == {*space.pages, *space.databases}


def test_a_fault_in_the_middle_of_the_listing_of_the_workspace_keeps_what_was_listed(
    space: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = NotionSource._listed
    seen: list[int] = []

    def listed(self: NotionSource, *args: Any) -> Any:
        for ref in whole(self, *args):
            seen.append(1)
            if len(seen) == 8:
                raise KeyError("oh")
            yield ref

    monkeypatch.setattr(NotionSource, "_listed", listed)
    report = export(tmp_path, Api(space))
    assert report.error is None
    assert "the workspace cannot be listed to its end" in report.failures[0]["error"]
    assert len(documents(tmp_path)) >= 7


def test_an_object_without_an_id_is_named_by_the_listing_that_showed_it(space: Workspace, tmp_path: Path) -> None:
    def nameless(path: str, answer: Json) -> None:
        for raw in answer.get("results", ()) if path == "/v1/search" else ():
            if "Area 1" in str(raw):
                del raw["id"]

    only(report := export(tmp_path, Changed(space, nameless)), "")
    assert report.failures[0]["title"] == "Area 1"
    assert report.failures[0]["error"] == "search shows 'Area 1' without a usable id: None"


def test_a_row_whose_parent_is_odd_stays_in_its_database(space: Workspace, tmp_path: Path) -> None:
    def astray(_: str, answer: Json) -> None:
        for raw in answer.get("results", ()):
            if "Task 2" in str(raw.get("properties")):
                raw["parent"] = "text"

    assert export(tmp_path, Changed(space, astray)).exit_code == Exit.COMPLETE
    row = titled(space, "Task 2")
    assert any(path.startswith("markdown/Home/Tasks/") for path in files(tmp_path)[row, "markdown"])


def test_a_block_that_contains_itself_is_shown_once_and_told(space: Workspace, tmp_path: Path) -> None:
    notes = titled(space, "Notes")
    toggle = next(block["id"] for block in space.children(notes) if block["type"] == "toggle")
    inner = space.children(toggle)[0]["id"]

    def circular(path: str, answer: Json) -> None:
        if path == f"/v1/blocks/{inner}/children":
            answer["results"][0].update(id=toggle, has_children=True)

    report = export(tmp_path, Changed(space, circular))
    assert report.exit_code == Exit.COMPLETE
    assert [item["id"] for item in report.warnings if "contains itself" in item["message"]] == [notes]
    assert documents(tmp_path) == {*space.pages, *space.databases}


def test_nothing_but_a_clear_word_puts_a_page_into_the_trash(space: Workspace, tmp_path: Path) -> None:
    def odd(_: str, answer: Json) -> None:
        for raw in (answer, *answer.get("results", ())):
            raw.update({"in_trash": "no"} if raw.get("object") == "page" else {})

    assert export(tmp_path, Changed(space, odd)).exit_code == Exit.COMPLETE
    assert documents(tmp_path) == {*space.pages, *space.databases}


def test_a_time_in_the_future_hides_no_later_edit(space: Workspace, tmp_path: Path) -> None:
    def future(_: str, answer: Json) -> None:
        for raw in answer.get("results", ()):
            if "Task 2" in str(raw.get("properties")):
                raw["last_edited_time"] = "9999-12-31T23:59:00.000Z"

    export(tmp_path, Changed(space, future))
    fresh = space.add_row(next(iter(space.data_sources)), {})
    space.unlisted.add(fresh)
    export(tmp_path, Changed(space, future))
    assert fresh in documents(tmp_path)


@pytest.mark.parametrize("odd", [None, "text", {}, 7, [{"id": None}], [None]], ids=repr)
def test_a_database_that_does_not_say_what_it_holds_is_no_view(space: Workspace, tmp_path: Path, odd: Any) -> None:
    def secretive(path: str, answer: Json) -> None:
        if path.startswith("/v1/databases/"):
            answer["data_sources"] = odd

    only(export(tmp_path, Changed(space, secretive)), *space.databases)


def test_a_database_that_shows_no_data_source_though_one_stands_in_it_is_no_view(
    space: Workspace, tmp_path: Path
) -> None:
    def empty(path: str, answer: Json) -> None:
        if path.startswith("/v1/databases/"):
            answer["data_sources"] = []

    only(export(tmp_path, Changed(space, empty)), *space.databases)


def test_another_object_than_was_asked_for_is_a_failure_of_the_one_that_was(space: Workspace, tmp_path: Path) -> None:
    page, other = titled(space, "Leaf 1"), titled(space, "Leaf 2")
    space.unlisted.add(page)

    def swapped(path: str, answer: Json) -> Json | None:
        return json.loads(json.dumps(space.pages[other])) if path == f"/v1/pages/{page}" else None

    only(export(tmp_path, Changed(space, swapped)), page)


@pytest.mark.parametrize("object_id", ["../users/me", "x?y", "", "0" * 31, 7, None, ["a"], {"a": 1}], ids=repr)
def test_an_id_that_is_none_is_never_asked_for(space: Workspace, tmp_path: Path, object_id: Any) -> None:
    asked: list[str] = []

    def odd(path: str, answer: Json) -> None:
        asked.append(path)
        for raw in answer.get("results", ()):
            if raw.get("object") == "block":
                raw["id"] = object_id
            raw["parent"] = {"type": "page_id", "page_id": object_id}

    report = export(tmp_path, Changed(space, odd))
    assert report.error is None
    assert set(space.pages) <= documents(tmp_path)
    known = {*space.pages, *space.databases, *space.data_sources, *space.users, "me"}
    assert all(path.split("/")[3] in known for path in asked if path.count("/") > 2)
