"""Recorded pages as the API gave them, changed at random: none takes another along."""

from __future__ import annotations

import json
import shutil
import uuid
from itertools import islice
from typing import Any

import pytest

from faults.campaign import quick_folder
from faults.mutation import Campaign, Shown
from notion_sync_core.model import normalise_id
from notion_sync_demo.exchange import ApiError, Request
from recorded.test_render import RECORDED, bare, document_of, trees

pytestmark = [
    pytest.mark.recorded,
    pytest.mark.campaign,  # who has no recorded responses must not miss them
    pytest.mark.skipif(not RECORDED.is_dir(), reason="no recorded API responses (set NOTION_SYNC_RECORDED)"),
]
PAGES, MOST_BLOCKS = 8, 40
Json = dict[str, Any]


class Recording:
    """A workspace of recorded pages, answering from what was recorded alone."""

    def __init__(self) -> None:
        found = (document_of(tree) for tree in trees() if 3 <= tree["blocks"] <= MOST_BLOCKS)
        documents = list(islice((each for each in found if each.raw.get("object") == "page"), PAGES))
        self.pages = {bare(each.raw["id"]): {**each.raw, "in_trash": False, "archived": False} for each in documents}
        self.children: dict[str, list[Json]] = {}
        for document in documents:
            self.children.update(document.listings or {})

    def answer(self, request: Request) -> Json:
        parts = request.path.removeprefix("/v1/").split("/")
        if parts[0] == "search":
            return _list(list(self.pages.values()))
        if parts == ["users", "me"]:
            return {"object": "user", "id": str(uuid.UUID(int=1)), "type": "bot", "bot": {}}
        if parts[0] == "users" and len(parts) == 1:
            return _list([])
        if parts[0] == "comments":
            return _list([])
        if parts[0] == "pages" and len(parts) == 2 and bare(parts[1]) in self.pages:
            return self.pages[bare(parts[1])]
        if parts[0] == "blocks" and parts[-1] == "children":
            return _list(self.children.get(bare(parts[1]), []))
        raise ApiError(404, "object_not_found", "Could not find it.")


def _list(items: list[Json]) -> Json:
    return {"object": "list", "results": items, "next_cursor": None, "has_more": False}


def shown_by(recording: Recording) -> Shown:
    objects: dict[str, str] = {}
    texts: dict[str, str] = {}
    for key, raw in recording.pages.items():
        page = str(normalise_id(raw["id"]))
        objects[raw["id"]] = page
        texts[page] = json.dumps(raw)
        todo = [key]
        while todo:
            for block in recording.children.get(todo.pop(), []):
                objects.setdefault(block["id"], page)
                texts[page] += json.dumps(block)
                todo.append(bare(block["id"]))
    return Shown(recording, objects, texts, {page: set(texts) for page in texts})


def play(numbers: range) -> int:
    with quick_folder() as folder:
        campaign = Campaign(shown_by(Recording()), folder)
        assert len(campaign.documents) >= PAGES // 2
        return sum(len(campaign.round(number, shutil.rmtree).done) for number in numbers)


def test_recorded_objects_that_are_odd_are_exported_or_named() -> None:
    assert play(range(20)) > 20


@pytest.mark.chaos
@pytest.mark.parametrize("first", range(20, 500, 40))
def test_hundreds_of_recorded_objects_that_are_odd_are_exported_or_named(first: int) -> None:
    assert play(range(first, first + 40)) > 40
