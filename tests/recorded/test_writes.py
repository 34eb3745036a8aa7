"""Recorded writes again: the emulator takes what Notion took, refuses what it refused, and answers in its shapes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from notion_sync_demo import Workspace
from notion_sync_demo.api import Api
from notion_sync_demo.exchange import ApiError, Request

Json = dict[str, Any]
RECORDED = Path(os.environ.get("NOTION_SYNC_RECORDED") or Path(__file__).parents[2] / ".." / "shared" / "recorded")
VERSIONS = ("2025-09-03", "2026-03-11")
ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
LATER = {
    "archived",
    "in_trash",
    "request_id",
    "icon",
    "color",
    "is_archived",
    "is_locked",
    "public_url",
    "developer_survey",
}
"""Keys that came or went between the versions that were recorded, or that one page has and another has not."""

pytestmark = [
    pytest.mark.recorded,
    pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded API responses (set NOTION_SYNC_RECORDED)"),
]


def writes() -> Iterator[Json]:
    for file in sorted(RECORDED.glob("*.jsonl")):
        for line in file.read_bytes().splitlines():
            record = orjson.loads(line)
            if record["method"] in ("POST", "PATCH") and isinstance(record["request_body"], dict) and record["status"]:
                yield record


def refers(body: Any) -> bool:
    """Whether a body names something that the recorded workspace had, beside its parent."""
    return bool(ID.search(orjson.dumps({key: value for key, value in body.items() if key != "parent"}).decode()))


def shape(value: Any) -> Any:
    """The keys of an answer, and which types stand there; lists by their first item."""
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items() if key not in LATER}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__ if value is not None and not isinstance(value, int | float) else "any"


def api() -> tuple[Api, str]:
    space = Workspace("Replayed", seed=1)
    home = space.add_page(None, "Home")
    return Api(space), home


def send(found: Api, method: str, path: str, body: Json) -> Json:
    return orjson.loads(orjson.dumps(found.answer(Request.parse(method, path, orjson.dumps(body)))))  # type: ignore[no-any-return]


def alike(made: Any, recorded: Any, path: str = "") -> list[str]:
    """Where an answer differs in shape from the recorded one."""
    if isinstance(made, dict) and isinstance(recorded, dict):
        differing = [f"{path}.{key}" for key in made.keys() ^ recorded.keys()]
        for key in made.keys() & recorded.keys():
            differing += alike(made[key], recorded[key], f"{path}.{key}")
        return differing
    if isinstance(made, list) and isinstance(recorded, list):
        return alike(made[0], recorded[0], f"{path}[]") if made and recorded else []
    return [] if "any" in (made, recorded) or made == recorded else [f"{path}: {made!r} for {recorded!r}"]


def test_recorded_appends_are_taken_and_answered_in_the_same_shape() -> None:
    replayed, kinds = 0, set()
    for record in writes():
        body = record["request_body"]
        is_append = record["method"] == "PATCH" and record["path"].endswith("/children")
        if not is_append or record["status"] != 200 or record["notion_version"] not in VERSIONS or refers(body):
            continue
        whole = all(len(child) > 1 for child in body["children"]) and "after" not in body
        if not whole or any(child["type"] in ("table_row", "column") for child in body["children"]):
            continue
        body = {**body, "children": [bare(child) for child in body["children"]]}
        found, home = api()
        answer = send(found, "PATCH", f"/v1/blocks/{home}/children", body)
        results = record["response"]["results"]
        for made, wanted in zip(answer["results"], results, strict=False):
            assert alike(shape(without_parent(made)), shape(without_parent(wanted))) == [], record["source_path"]
            kinds.add(made["type"])
        assert len(answer["results"]) == len(body["children"])
        replayed += 1
    assert replayed > 60
    assert len(kinds) > 20


def bare(block: Json) -> Json:
    """A block without keys that earlier versions tolerated."""
    tolerated = {"archived", "in_trash", "has_children"}
    return {key: value for key, value in block.items() if key not in tolerated}


def without_parent(block: Json) -> Json:
    """A block; what it stands in, and how what it holds is shown beside it, are not the write's."""
    return {key: value for key, value in block.items() if key != "parent"}


def test_recorded_pages_and_databases_are_made_and_answered_in_the_same_shape() -> None:
    made = 0
    for record in writes():
        body, path = record["request_body"], record["path"].split("?")[0].rstrip("/")
        if record["method"] != "POST" or path not in ("/v1/pages", "/v1/databases") or record["status"] != 200:
            continue
        if record["notion_version"] not in VERSIONS or refers(body) or "page_id" not in body["parent"]:
            continue
        if body.keys() & {"markdown", "template"} or (path == "/v1/databases" and "properties" in body):
            continue
        found, home = api()
        answer = send(found, "POST", path, {**body, "parent": {"page_id": home}})
        assert alike(shape(answer), shape(record["response"])) == [], record["source_path"]
        made += 1
    assert made > 80


def test_recorded_refusals_are_refused_in_the_same_words() -> None:
    refused = 0
    for record in writes():
        body, path = record["request_body"], record["path"].split("?")[0]
        message = record["response"].get("message", "")
        # What a list of all types names has grown since, and rules of databases have moved to data sources.
        if record["status"] != 400 or "bookmark should be" in message or "/databases" in path or "uuid" in message:
            continue
        found, home = api()
        if path == "/v1/pages":
            body = {**body, "parent": {"page_id": home}}
        path = f"/v1/blocks/{home}/children" if path.endswith("/children") else path
        with pytest.raises(ApiError) as raised:
            send(found, record["method"], path, {**body, **children_of(body)})
        assert raised.value.body["message"] == message
        refused += 1
    assert refused >= 8


def children_of(body: Json) -> Json:
    return {"children": [bare(child) for child in body["children"]]} if "children" in body else {}
