"""The Notion target beside its exam: what it sends, what it does not send twice, and what answers mean."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator

from notion_sync_core.errors import DoubtError, LimitReached, MissingError, SkippableError
from notion_sync_core.plugin import Changes, New
from notion_sync_core.testing import FakeGate
from notion_sync_demo import Emulator, Fault, Workspace
from notion_sync_demo.exchange import Request
from notion_sync_notion.target import NotionTarget
from notion_sync_notion.uploads import MOST_IN_ONE, media_type_of

Json = dict[str, Any]
SHARED = Path(__file__).parents[2] / ".." / "shared"
OPENAPI = Path(os.environ.get("NOTION_SYNC_OPENAPI") or SHARED / "notion-openapi.json")
LATER = {"position"}
"""Keys that the description, which is of 2025-09-03, does not have."""


@pytest.fixture
def server() -> Iterator[Emulator]:
    space = Workspace("Empty", seed=9)
    space.add_page(None, "Home")
    with Emulator(space, largest_file=1 << 30) as server:
        yield server


@pytest.fixture
def home(server: Emulator) -> str:
    return next(iter(server.workspace.pages))


@pytest.fixture
def target(server: Emulator) -> Iterator[NotionTarget]:
    target = NotionTarget(server.token, server.url, timeout_s=5.0)
    yield target
    target.target_close()


def text(content: str) -> tuple[Json, ...]:
    return ({"type": "text", "text": {"content": content}},)


def paragraph(content: str) -> Json:
    return {"type": "paragraph", "paragraph": {"rich_text": list(text(content))}}


def test_opening_asks_who_we_are_and_whether_the_place_is_there(target: NotionTarget, home: str) -> None:
    gate = FakeGate()
    assert target.target_open(home, gate).file_bytes == 1 << 30
    assert gate.stats.total == 2
    with pytest.raises(MissingError):
        target.target_open("00000000-0000-4000-8000-00000000dead", gate)


@pytest.mark.parametrize("kind", ["503_saved", "503_committed", "lost", "short", "empty"])
def test_a_page_whose_answer_is_spoilt_is_sent_once_and_there_once(
    target: NotionTarget, server: Emulator, home: str, kind: str
) -> None:
    server.faults.add(Fault(kind, times=1, path="^/v1/pages$"))
    with pytest.raises(DoubtError) as raised:
        target.target_create(New("page", home, text("Once")), FakeGate())
    arrived = [server.workspace.title(page) for page in server.workspace.pages if page != home]
    assert arrived == ([] if kind == "empty" else ["Once"])
    assert server.counters.endpoints["pages"] == 1
    assert bool(raised.value.saved) is (kind == "503_committed")
    for page in raised.value.saved:
        assert server.workspace.title(page) == "Once"


def test_blocks_that_a_503_names_come_in_their_order(target: NotionTarget, server: Emulator, home: str) -> None:
    server.faults.add(Fault("503_committed", times=1, method="PATCH"))
    with pytest.raises(DoubtError) as raised:
        target.target_append(home, [paragraph("a"), paragraph("b")], "", FakeGate())
    assert list(raised.value.saved) == [block["id"] for block in server.workspace.children(home)]


def test_a_write_that_came_too_fast_is_sent_again(target: NotionTarget, server: Emulator, home: str) -> None:
    server.faults.add(Fault("429", times=2, retry_after="3"))
    made = target.target_create(New("page", home, text("Late")), gate := FakeGate())
    assert server.workspace.title(made.id) == "Late"
    assert gate.stats.rate_limited == 2


def test_a_change_is_repeated_until_it_is_answered(target: NotionTarget, server: Emulator, home: str) -> None:
    server.faults.add(Fault("lost", times=2, method="PATCH"))
    target.target_update(home, Changes("page", title=text("Again")), FakeGate())
    assert server.workspace.title(home) == "Again"
    assert server.counters.endpoints["pages/{id}"] == 3


def test_a_workspace_without_blocks_left_ends_everything_and_says_what_to_do() -> None:
    space = Workspace("Free", clock=lambda: now[0])
    home, now = space.add_page(None, "Home"), [1_800_000_000.0]
    with Emulator(space, block_limit=0, clock=lambda: now[0]) as server:
        target = NotionTarget(server.token, server.url)
        target.target_append(home, [paragraph("grace")], "", FakeGate())
        now[0] += 3 * 86_400
        with pytest.raises(LimitReached, match="no more blocks") as raised:
            target.target_append(home, [paragraph("over")], "", FakeGate())
        target.target_close()
    assert "goes on where it was" in raised.value.remedy


def test_columns_icons_and_covers_are_changed_by_one_request_each(target: NotionTarget, home: str) -> None:
    gate = FakeGate()
    columns: Json = {"Name": {"title": {}}, "Old": {"number": {}}}
    made = target.target_create(New("database", home, text("Tasks"), columns, inline=True), gate)
    (source,) = made.sources
    more = target.target_create(New("data_source", made.id, text("More"), {"Name": {"title": {}}}), gate)
    changes: Json = {"Old": None, "New": {"relation": {"data_source_id": more.id, "single_property": {}}}}
    target.target_update(source, Changes("data_source", properties=changes), gate)
    emoji = {"type": "emoji", "emoji": "🌱"}
    target.target_update(made.id, Changes("database", title=text("Todo"), icon=emoji), gate)
    found = {each.id: each.title for each in target.target_children(made.id, "database", gate)}
    assert list(found) == [source, more.id]
    assert gate.stats.total == 5
    with pytest.raises(SkippableError, match="Old is not a property that exists"):
        target.target_create(New("row", source, text("Row"), {"Old": {"number": 1}}), gate)


# -- files


def test_a_large_file_goes_up_in_parts_and_comes_out_whole(
    target: NotionTarget, server: Emulator, home: str, tmp_path: Path
) -> None:
    film = tmp_path / "film"
    film.write_bytes(bytes(range(256)) * (MOST_IN_ONE // 256) + b"end")
    uploaded = target.target_upload(film, 'a "film".mp4', FakeGate())
    source = {"type": "file_upload", "file_upload": {"id": uploaded}}
    target.target_append(home, [{"type": "video", "video": source}], "", FakeGate())
    ((content, media_type),) = server.workspace.files.values()
    assert (content == film.read_bytes(), media_type) == (True, "video/mp4")
    assert server.counters.endpoints["file_uploads/{id}/send"] == 3


@pytest.mark.parametrize("name", ["tool.exe", "notes"])
def test_a_file_that_is_not_taken_is_told(target: NotionTarget, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(SkippableError, match="is not supported"):
        target.target_upload(tmp_path / name, name, FakeGate())


def test_an_empty_file_is_not_sent(target: NotionTarget, tmp_path: Path) -> None:
    (tmp_path / "empty.txt").write_bytes(b"")
    with pytest.raises(SkippableError, match="is empty"):
        target.target_upload(tmp_path / "empty.txt", "empty.txt", gate := FakeGate())
    assert gate.stats.total == 0


def test_an_upload_that_never_arrives_is_given_up_after_some_tries(
    target: NotionTarget, server: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    server.faults.add(Fault("502", path="send$"))
    with pytest.raises(DoubtError):
        target.target_upload(tmp_path / "a.txt", "a.txt", FakeGate())
    assert server.counters.endpoints["file_uploads/{id}/send"] == 3


def test_media_types_are_called_as_the_api_calls_them() -> None:
    assert media_type_of("bell.wav") == "audio/wav"
    assert media_type_of("what.is-this") == "application/octet-stream"


# -- what is sent, by the published description, as far as that is not out of date


@pytest.mark.skipif(not OPENAPI.is_file(), reason="no description of the API (set NOTION_SYNC_OPENAPI)")
def test_what_is_sent_fits_the_published_description(
    target: NotionTarget, server: Emulator, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, str, Json]] = []
    answer = server.api.answer

    def noting(request: Request) -> Json:
        if request.method in ("POST", "PATCH"):
            seen.append((request.method, server.api.template(request.method, request.path), request.body))
        return answer(request)

    monkeypatch.setattr(server.api, "answer", noting)
    gate = FakeGate()
    page = target.target_create(New("page", home, text("A page"), blocks=(paragraph("a"),)), gate)
    (first,) = target.target_append(page.id, [paragraph("b")], "", gate)
    target.target_append(page.id, [paragraph("c")], first, gate)
    target.target_update(page.id, Changes("page", title=text("Another"), icon={"emoji": "🌱"}), gate)
    description = orjson.loads(OPENAPI.read_bytes())
    checked = 0
    for method, template, body in seen:
        path = {"pages": "/v1/pages", "pages/{id}": "/v1/pages/{page_id}"}.get(
            template, "/v1/blocks/{block_id}/children"
        )
        content = description["paths"][path][method.lower()]["requestBody"]["content"]
        schema = {**content["application/json"]["schema"], "components": description["components"]}
        described = schema["properties"]
        assert not body.keys() - described.keys() - LATER, template
        # Described as texts: blocks are held against the description of an append.
        schema["properties"] = {key: described[key] for key in described.keys() - {"children", "icon", "cover"}}
        if template != "pages":
            schema["properties"] = described
        errors = [error.message for error in Draft202012Validator(schema).iter_errors(body)]
        assert not errors, (template, errors)
        checked += 1
    assert checked == 4
