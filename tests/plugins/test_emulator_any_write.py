"""Whatever is sent to the emulator, it is taken or refused with an API error; what is refused has changed nothing."""

from __future__ import annotations

import copy
import random
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notion_sync_demo import Workspace
from notion_sync_demo.api import Api
from notion_sync_demo.exchange import ApiError, Request

Json = dict[str, Any]
TEXT = [{"type": "text", "text": {"content": "x", "link": None}, "annotations": {"bold": True}}]
ODD: list[Any] = [
    *(None, True, False, 0, -1, 1.5, "", "x", "title", "00000000-0000-4000-8000-00000000dead", "https://example.org/"),
    *([], {}, [None], [[]], {"id": None}, {"name": 1}, [{}], {"type": "x"}, "x" * 2001, [TEXT] * 101),
]


def world() -> tuple[Api, dict[str, str]]:
    """A workspace with one of everything, and its ids."""
    space = Workspace("Any", seed=1)
    home = space.add_page(None, "Home", [{"type": "toggle", "toggle": {"rich_text": [], "color": "default"}}])
    api = Api(space)
    created = send(api, "POST", "/v1/databases", {"parent": {"page_id": home}, "title": TEXT})
    source = created["data_sources"][0]["id"]
    row = send(
        api, "POST", "/v1/pages", {"parent": {"data_source_id": source}, "properties": {"Name": {"title": TEXT}}}
    )
    upload = send(api, "POST", "/v1/file_uploads", {"filename": "a.txt", "content_type": "text/plain"})
    comment = send(api, "POST", "/v1/comments", {"parent": {"page_id": home}, "rich_text": TEXT})
    block = next(iter(space.children(home)))["id"]
    view = next(iter(space.saved_views))
    return api, {
        "home": home, "database": created["id"], "source": source, "row": row["id"], "upload": upload["id"],
        "comment": comment["id"], "discussion": comment["discussion_id"], "block": block, "view": view,
    }  # fmt: skip


def send(api: Api, method: str, path: str, body: Json) -> Json:
    return api.answer(Request.parse(method, path, orjson.dumps(body)))


def bodies(ids: dict[str, str]) -> list[tuple[str, str, Json]]:
    """A good request to each endpoint that writes."""
    block = {"type": "paragraph", "paragraph": {"rich_text": TEXT, "children": [{"divider": {}}]}}
    leaf = {"to_do": {"rich_text": TEXT, "checked": True}}
    rows = [{"table_row": {"cells": [TEXT]}}]
    blocks = [
        block,
        {"image": {"type": "external", "external": {"url": "https://example.org/a.png"}, "caption": TEXT}},
        {"table": {"table_width": 1, "children": rows}},
        {"column_list": {"children": [{"column": {"children": [leaf]}}, {"column": {"width_ratio": 0.5}}]}},
        {"callout": {"rich_text": TEXT, "icon": {"type": "emoji", "emoji": "x"}}},
        {"link_to_page": {"type": "page_id", "page_id": ids["home"]}},
        {"synced_block": {"synced_from": None, "children": []}},
    ]
    columns = {
        "Tags": {"multi_select": {"options": [{"name": "a", "color": "red"}]}},
        "State": {"status": {"options": [{"name": "b", "group": "Complete"}]}},
        "Both": {"relation": {"data_source_id": ids["source"], "dual_property": {"synced_property_name": "Back"}}},
        "Sum": {"formula": {"expression": 'prop("Name")'}},
        "Name": {"name": "Title"},
    }
    columns_of_new = {
        **{key: value for key, value in columns.items() if key not in ("Name", "Sum")},
        "N": {"title": {}},
    }
    home, source = {"page_id": ids["home"]}, {"data_source_id": ids["source"]}
    after = {"type": "after_block", "after_block": {"id": ids["block"]}}
    return [
        ("POST", "/v1/pages", {"parent": home, "properties": {"title": TEXT}, "children": blocks, "position": after}),
        ("POST", "/v1/pages", {"parent": source, "properties": {"Name": {"title": TEXT}}, "cover": None}),
        ("PATCH", f"/v1/pages/{ids['row']}", {"properties": {"Name": {"title": TEXT}}, "is_locked": True}),
        ("PATCH", f"/v1/blocks/{ids['home']}/children", {"children": blocks, "position": after}),
        ("PATCH", f"/v1/blocks/{ids['block']}", {"toggle": {"rich_text": TEXT, "color": "red"}}),
        ("POST", "/v1/databases", {"parent": home, "initial_data_source": {"properties": columns_of_new}}),
        ("PATCH", f"/v1/databases/{ids['database']}", {"title": TEXT, "is_inline": True}),
        ("POST", "/v1/data_sources", {"parent": {"database_id": ids["database"]}, "properties": columns_of_new}),
        ("PATCH", f"/v1/data_sources/{ids['source']}", {"properties": columns, "title": TEXT}),
        ("POST", "/v1/comments", {"discussion_id": ids["discussion"], "rich_text": TEXT, "attachments": []}),
        ("PATCH", f"/v1/comments/{ids['comment']}", {"rich_text": TEXT * 2}),
        ("POST", "/v1/views", {"data_source_id": ids["source"], "name": "v", "type": "table",
                               "create_database": {"parent": home, "position": {"block_id": ids["block"]}},
                               "configuration": {"type": "table", "properties": [{"property_id": "title"}]}}),
        ("PATCH", f"/v1/views/{ids['view']}", {"name": "w", "configuration": {"type": "table"}}),
        ("POST", "/v1/file_uploads", {"mode": "multi_part", "filename": "a.txt", "number_of_parts": 2}),
        ("POST", f"/v1/file_uploads/{ids['upload']}/send", {"file": "x"}),
        ("POST", f"/v1/file_uploads/{ids['upload']}/complete", {}),
    ]  # fmt: skip


def held(api: Api) -> str:
    """All that a workspace holds."""
    space = api.workspace
    parts = (space.pages, space.databases, space.data_sources, space.blocks, space._children, space.comments)
    return repr((*parts, space.saved_views, api.quota.made))


def readable(api: Api) -> list[str]:
    """The path of each object, and of what is inside it."""
    space = api.workspace
    kinds = {
        "pages": space.pages,
        "databases": space.databases,
        "data_sources": space.data_sources,
        "blocks": space.blocks,
    }
    found = [f"/v1/{kind}/{own}" for kind, known in kinds.items() for own in known]
    return [*found, *(f"/v1/blocks/{own}/children" for own in (*space.pages, *space.blocks)), "/v1/users"]


def places(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a body."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(each for key, item in inner for each in places(item, (*way, key)))]


def spoilt(body: Json, chance: random.Random) -> Json:
    """A body in which something else stands at one place, or one key is another's, or gone, or one more."""
    made = copy.deepcopy(body)
    way = chance.choice([each for each in places(made) if each])
    holder: Any = made
    for step in way[:-1]:
        holder = holder[step]
    what = chance.randrange(4)
    if what == 0 and isinstance(holder, dict):
        del holder[way[-1]]
    elif what == 1 and isinstance(holder, dict):
        holder[chance.choice(["type", "children", "id", "in_trash", "x"])] = chance.choice(ODD)
    elif what == 2 and isinstance(holder, dict):
        holder[chance.choice(["rich_text", "title", "select", "table", "page_id"])] = holder.pop(way[-1])
    else:
        holder[way[-1]] = chance.choice(ODD)
    return made


@settings(deadline=None)
@given(st.integers(0, 15), st.randoms(use_true_random=False))
def test_any_body_is_taken_or_refused_and_what_is_refused_changed_nothing(number: int, chance: random.Random) -> None:
    api, ids = world()
    method, path, body = bodies(ids)[number]
    for _ in range(chance.randrange(1, 4)):
        body = spoilt(body, chance) if body else body
    before = held(api)
    try:
        answer = send(api, method, path, body)
    except ApiError as error:
        assert 400 <= error.status < 500
        assert error.body["message"]
        assert held(api) == before
    else:
        orjson.dumps(answer)
    for path in readable(api):
        orjson.dumps(api.answer(Request.parse("GET", path, b"")))


@pytest.mark.parametrize("number", range(14))
def test_the_good_bodies_are_taken(number: int) -> None:
    api, ids = world()
    method, path, body = bodies(ids)[number]
    before = held(api)
    send(api, method, path, body)
    assert held(api) != before or path.startswith("/v1/file_uploads")
