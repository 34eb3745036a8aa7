"""What the emulator takes, refuses and makes, by the hands of a client that is not ours: `notion-client`."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from notion_client import APIResponseError, Client
from notion_client.errors import RequestTimeoutError
from notion_client.helpers import iterate_paginated_api

from notion_sync_core.model import plain_text
from notion_sync_demo import Emulator, Fault, ServerBudget, Workspace

Json = dict[str, Any]
DAY = 86_400.0


class Clock:
    """A time that tests set."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def empty(clock: Clock) -> Iterator[Emulator]:
    """A workspace that holds one page, with a paragraph."""
    space = Workspace("Empty", seed=5, clock=clock)
    space.add_page(None, "Home", [paragraph("old")])
    with Emulator(space, clock=clock) as server:
        yield server


@pytest.fixture
def client(empty: Emulator) -> Iterator[Client]:
    with connected(empty) as client:
        yield client


@pytest.fixture
def home(empty: Emulator) -> str:
    return next(iter(empty.workspace.pages))


def connected(server: Emulator) -> Client:
    return Client(auth=server.token, base_url=server.url, notion_version="2026-03-11", retry=False)


def text(content: str, **more: Any) -> list[Json]:
    return [{"type": "text", "text": {"content": content}, **more}]


def paragraph(content: str, *children: Json) -> Json:
    payload: Json = {"rich_text": [{**text(content)[0], "plain_text": content}]}
    return {"type": "paragraph", "paragraph": {**payload, **({"children": list(children)} if children else {})}}


def shown(client: Client, parent: str) -> list[str]:
    """The texts right below a page or block, with the type where there is none."""
    found = iterate_paginated_api(client.blocks.children.list, block_id=parent)
    return [plain_text(block[block["type"]].get("rich_text") or []) or block["type"] for block in found]


def refusal(call: Any, *args: Any, **kwargs: Any) -> str:
    """The message of a validation error."""
    with pytest.raises(APIResponseError) as raised:
        call(*args, **kwargs)
    assert (raised.value.status, raised.value.code) == (400, "validation_error")
    return str(raised.value)


# -- pages and blocks


def test_a_page_is_made_with_its_blocks_and_reads_back_as_it_was_sent(client: Client, home: str) -> None:
    inner = [paragraph("second", paragraph("third"))]
    made = client.pages.create(
        parent={"page_id": home},
        properties={"title": text("Fresh")},
        icon={"type": "emoji", "emoji": "🌱"},
        cover={"type": "external", "external": {"url": "https://example.org/c.png"}},
        children=[{"type": "toggle", "toggle": {"rich_text": text("first"), "children": inner}}],
    )
    read = client.pages.retrieve(made["id"])
    assert {**made, "request_id": ""} == {**read, "request_id": ""}
    assert (read["icon"], read["cover"]["type"]) == ({"type": "emoji", "emoji": "🌱"}, "external")
    assert plain_text(read["properties"]["title"]["title"]) == "Fresh"
    assert read["created_time"] == "2027-01-15T08:00:00.000Z"
    below = made["id"]
    for level in ("first", "second", "third"):
        (block,) = client.blocks.children.list(block_id=below)["results"]
        assert plain_text(block[block["type"]]["rich_text"]) == level
        assert block["parent"][block["parent"]["type"]] == below
        below = block["id"]
    assert shown(client, home) == ["old", "child_page"]
    assert client.search(query="Fresh")["results"][0]["id"] == made["id"]


@pytest.mark.parametrize(
    ("position", "wanted"),
    [
        (None, ["one", "two", "child_page"]),
        ({"type": "page_end"}, ["one", "two", "child_page"]),
        ({"type": "page_start"}, ["child_page", "one", "two"]),
        ("after", ["one", "child_page", "two"]),
    ],
    ids=str,
)
def test_a_child_page_stands_where_the_request_says(
    client: Client, home: str, position: Any, wanted: list[str]
) -> None:
    page = client.pages.create(parent={"page_id": home}, children=[paragraph("one"), paragraph("two")])["id"]
    if position == "after":
        first = client.blocks.children.list(block_id=page)["results"][0]["id"]
        position = {"type": "after_block", "after_block": {"id": first}}
    more = {"position": position} if position else {}
    client.pages.create(parent={"page_id": page}, properties={"title": text("Child")}, **more)
    assert shown(client, page) == wanted


def test_an_append_answers_the_new_blocks_alone_and_with_a_place_all_that_follow(client: Client, home: str) -> None:
    first = client.blocks.children.append(home, children=[paragraph("a"), paragraph("d")])
    assert [plain_text(each["paragraph"]["rich_text"]) for each in first["results"]] == ["a", "d"]
    after = {"type": "after_block", "after_block": {"id": first["results"][0]["id"]}}
    second = client.blocks.children.append(home, children=[paragraph("b"), paragraph("c")], position=after)
    assert [plain_text(each["paragraph"]["rich_text"]) for each in second["results"]] == ["b", "c", "d"]
    third = client.blocks.children.append(home, children=[paragraph("top")], position={"type": "start"})
    assert len(third["results"]) == 6
    fourth = client.blocks.children.append(home, children=[paragraph("end")], position={"type": "end"})
    assert len(fourth["results"]) == 1
    assert shown(client, home) == ["top", "old", "a", "b", "c", "d", "end"]


def test_a_place_beside_a_block_of_another_page_is_refused(client: Client, home: str) -> None:
    other = client.pages.create(parent={"page_id": home}, children=[paragraph("there")])["id"]
    there = client.blocks.children.list(block_id=other)["results"][0]["id"]
    message = refusal(
        client.blocks.children.append,
        home,
        children=[paragraph("x")],
        position={"type": "after_block", "after_block": {"id": there}},
    )
    assert there in message
    assert shown(client, home) == ["old", "child_page"]


def test_blocks_are_changed_trashed_and_taken_back(client: Client, home: str) -> None:
    (block,) = client.blocks.children.list(block_id=home)["results"]
    changed = client.blocks.update(block["id"], paragraph={"rich_text": text("new"), "color": "red"})
    assert (changed["paragraph"]["color"], shown(client, home)) == ("red", ["new"])
    assert client.blocks.delete(block["id"])["in_trash"] is True
    assert shown(client, home) == []
    assert "unarchive" in refusal(client.blocks.update, block["id"], paragraph={"rich_text": text("x")})
    client.blocks.update(block["id"], in_trash=False)
    assert shown(client, home) == ["new"]
    assert client.blocks.delete(home)["type"] == "child_page"
    assert client.pages.retrieve(home)["in_trash"] is True
    assert "unarchive" in refusal(client.blocks.children.append, home, children=[paragraph("x")])


def test_a_change_leaves_what_it_does_not_name(client: Client, home: str) -> None:
    made = client.blocks.children.append(
        home,
        children=[
            {"to_do": {"rich_text": text("do"), "checked": True}},
            {"image": {"type": "external", "external": {"url": "https://example.org/a.png"}, "caption": text("a")}},
            {"code": {"rich_text": text("x = 1"), "language": "python"}},
        ],
    )["results"]
    assert client.blocks.update(made[0]["id"], to_do={"checked": False})["to_do"]["rich_text"] != []
    image = client.blocks.update(made[1]["id"], image={"caption": text("b")})["image"]
    assert (image["external"]["url"], plain_text(image["caption"])) == ("https://example.org/a.png", "b")
    code = client.blocks.update(made[2]["id"], code={"language": "rust"})["code"]
    assert (code["language"], plain_text(code["rich_text"])) == ("rust", "x = 1")
    assert "body.table_row" not in refusal(client.blocks.update, made[0]["id"], paragraph={"rich_text": []})


def test_every_type_that_can_be_made_reads_back(client: Client, home: str) -> None:
    sent = list(every_kind(home))
    client.blocks.children.append(home, children=sent)
    read = client.blocks.children.list(block_id=home)["results"][1:]
    assert [block["type"] for block in read] == [next(iter(block)) for block in sent]
    for block, spec in zip(read, sent, strict=True):
        payload = dict(spec[block["type"]])
        children = payload.pop("children", [])
        assert block["has_children"] is bool(children)
        for key, value in payload.items():
            if key in ("rich_text", "caption"):
                assert plain_text(block[block["type"]][key]) == value[0]["text"]["content"]
            elif key != "cells":
                assert block[block["type"]][key] == value


def every_kind(page: str) -> Iterator[Json]:
    for kind in ("paragraph", "heading_1", "heading_2", "heading_3", "heading_4", "quote", "toggle", "template"):
        yield {kind: {"rich_text": text(kind)}}
    for kind in ("bulleted_list_item", "numbered_list_item"):
        yield {kind: {"rich_text": text(kind), "color": "blue_background", "children": [paragraph("in it")]}}
    yield {"heading_2": {"rich_text": text("opens"), "is_toggleable": True, "children": [paragraph("in it")]}}
    yield {"to_do": {"rich_text": text("do"), "checked": True}}
    yield {"callout": {"rich_text": text("note"), "icon": {"type": "emoji", "emoji": "💡"}}}
    yield {"code": {"rich_text": text("x"), "language": "python", "caption": text("c")}}
    yield {"equation": {"expression": "e = mc^2"}}
    yield {"divider": {}}
    yield {"breadcrumb": {}}
    yield {"table_of_contents": {"color": "gray"}}
    yield {"bookmark": {"url": "https://example.org/", "caption": text("b")}}
    yield {"embed": {"url": "https://example.org/e"}}
    for kind in ("image", "video", "audio", "pdf", "file"):
        yield {kind: {"type": "external", "external": {"url": f"https://example.org/{kind}.bin"}}}
    yield {"link_to_page": {"type": "page_id", "page_id": page}}
    columns = [{"column": {"width_ratio": 0.5, "children": [paragraph(side)]}} for side in ("left", "right")]
    yield {"column_list": {"children": columns}}
    rows = [{"table_row": {"cells": [text("a"), text("b")]}}]
    yield {"table": {"table_width": 2, "has_column_header": True, "has_row_header": False, "children": rows}}
    yield {"synced_block": {"synced_from": None, "children": [paragraph("same")]}}
    yield {"tab": {"children": [paragraph("label", paragraph("inside"))]}}


def test_a_synced_copy_shows_what_its_original_holds(client: Client, home: str) -> None:
    original = {"synced_block": {"synced_from": None, "children": [paragraph("same")]}}
    made = client.blocks.children.append(home, children=[original])["results"][0]["id"]
    copy = {"synced_block": {"synced_from": {"type": "block_id", "block_id": made}}}
    copied = client.blocks.children.append(home, children=[copy])["results"][0]["id"]
    assert shown(client, copied) == ["same"]
    with pytest.raises(APIResponseError) as raised:
        copy = {"synced_block": {"synced_from": {"block_id": "00000000-0000-4000-8000-000000000000"}}}
        client.blocks.children.append(home, children=[copy])
    assert raised.value.code == "object_not_found"


# -- limits and refusals, in Notion's words


def nested(levels: int) -> Json:
    block = paragraph(str(levels))
    for level in reversed(range(1, levels)):
        block = paragraph(str(level), block)
    return block


@pytest.mark.parametrize(
    ("children", "message"),
    [
        (
            [paragraph("x")] * 101,
            "body failed validation: body.children.length should be ≤ `100`, instead was `101`.",
        ),
        (
            [paragraph("x" * 2001)],
            "body failed validation: body.children[0].paragraph.rich_text[0].text.content.length should be ≤ `2000`, "
            "instead was `2001`.",
        ),
        (
            [paragraph("😀" * 1001)],
            "body failed validation: body.children[0].paragraph.rich_text[0].text.content.length should be ≤ `2000`, "
            "instead was `2002`.",
        ),
        (
            [{"paragraph": {"rich_text": text("x") * 129}}],
            "body failed validation: body.children[0].paragraph.rich_text.length should be ≤ `100`, instead was `129`.",
        ),
        (
            [{"heading_1": {"rich_text": [{"plain_text": "x"}]}}],
            "body failed validation. Fix one:\n"
            "body.children[0].heading_1.rich_text[0].text should be defined, instead was `undefined`.\n"
            "body.children[0].heading_1.rich_text[0].mention should be defined, instead was `undefined`.\n"
            "body.children[0].heading_1.rich_text[0].equation should be defined, instead was `undefined`.",
        ),
        (
            [{"type": "image", "image": {"type": "external"}}],
            "body failed validation: body.children[0].image.external should be defined, instead was `undefined`.",
        ),
        (
            [{**paragraph("x"), "is_archived": False}],
            "body failed validation: body.children[0].is_archived should be not present, instead was `false`.",
        ),
        (
            [{"numbered_list_item": {"rich_text": text("x"), "list_start_index": 3}}],
            "body failed validation: body.children[0].numbered_list_item.list_start_index should be not present, "
            "instead was `3`.",
        ),
        (
            [{"equation": {"expression": "x" * 1001}}],
            "body failed validation: body.children[0].equation.expression.length should be ≤ `1000`, "
            "instead was `1001`.",
        ),
    ],
    ids=lambda value: value.split("\n")[0][-60:] if isinstance(value, str) else "",
)
def test_what_is_over_a_limit_is_refused_word_for_word(
    client: Client, home: str, children: list[Json], message: str
) -> None:
    assert refusal(client.blocks.children.append, home, children=children) == message
    assert shown(client, home) == ["old"]


@pytest.mark.parametrize(
    ("child", "place"),
    [
        ({"type": "link_preview", "link_preview": {"url": "https://example.org/"}}, "children[0].embed"),
        ({"child_page": {"title": "x"}}, "children[0].embed"),
        ({"unsupported": {}}, "children[0].embed"),
        (nested(4), "children[0].paragraph.children[0].paragraph.children[0].paragraph.children"),
        ({"heading_1": {"rich_text": text("x"), "children": [paragraph("x")]}}, "heading_1.children"),
        ({"divider": {"children": [paragraph("x")]}}, "divider.children"),
        ({"code": {"rich_text": text("x"), "language": "klingon"}}, "code.language"),
        ({"column": {"children": []}}, "children[0].column"),
        ({"column_list": {"children": [{"column": {"children": []}}]}}, "column_list.children.length"),
        ({"table_row": {"cells": []}}, "children[0].table_row"),
        ({"table": {"table_width": 2, "children": [{"table_row": {"cells": [text("a")]}}]}}, "table.children[0]"),
        ({"toggle": {"rich_text": [], "children": [{"column_list": {"children": []}}]}}, "column_list"),
        ({"paragraph": {"rich_text": text("x"), "children": [nested(2)] * 101}}, "paragraph.children.length"),
        ({"image": {"type": "file", "file": {"url": "https://example.org/signed"}}}, "children[0].image"),
        ({"paragraph": {"rich_text": text("x", annotations={"color": "teal"})}}, "annotations.color"),
        ({"synced_block": {"synced_from": None, "children": [{"table_row": {"cells": []}}]}}, "table_row"),
        ({"tab": {"children": [{"divider": {}}]}}, "tab.children[0].divider"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_blocks_that_cannot_be_made_are_refused_by_their_place(
    client: Client, home: str, child: Json, place: str
) -> None:
    assert place in refusal(client.blocks.children.append, home, children=[child])
    assert shown(client, home) == ["old"]


def test_three_levels_pass_in_one_request(client: Client, home: str) -> None:
    client.blocks.children.append(home, children=[nested(3)])
    assert shown(client, home) == ["old", "1"]


def test_a_thousand_blocks_and_half_a_megabyte_are_the_most_of_a_request(client: Client, home: str) -> None:
    many = [paragraph("x", *[paragraph("y")] * 10)] * 91
    assert "1000" in refusal(client.blocks.children.append, home, children=many)
    large = [{"paragraph": {"rich_text": text("x" * 2000) * 3}}] * 90
    assert "500000" in refusal(client.blocks.children.append, home, children=large)
    assert len(client.blocks.children.append(home, children=many[:90])["results"]) == 90


def test_relative_links_and_lonely_keys_are_refused(client: Client, home: str) -> None:
    link = [{"text": {"content": "x", "link": {"url": "/0123456789abcdef0123456789abcdef"}}}]
    assert refusal(client.blocks.children.append, home, children=[{"paragraph": {"rich_text": link}}]) == (
        "Invalid URL for link."
    )
    both = {"after": home, "position": {"type": "end"}}
    assert "body.after" in refusal(client.blocks.children.append, home, children=[paragraph("x")], **both)
    assert refusal(client.pages.update, home, archived=True) == (
        "body failed validation: body.archived should be not present, instead was `true`."
    )


# -- databases, rows, properties


@pytest.fixture
def tasks(client: Client, home: str) -> str:
    """The data source of a small database."""
    options = [{"name": "red", "color": "red"}, {"name": "blue", "color": "blue"}]
    made = client.databases.create(
        parent={"page_id": home},
        title=text("Tasks"),
        initial_data_source={
            "properties": {
                "Name": {"title": {}},
                "Colour": {"select": {"options": options}},
                "Tags": {"multi_select": {}},
                "State": {"status": {}},
                "Hours": {"number": {"format": "number"}},
                "Due": {"date": {}},
                "Who": {"people": {}},
                "Done": {"checkbox": {}},
                "Mail": {"email": {}},
                "Number": {"unique_id": {"prefix": "T"}},
                "Made": {"created_time": {}},
                "Push": {"button": {}},
                "Twice": {"formula": {"expression": 'prop("Hours") * 2'}},
            }
        },
    )
    assert "properties" not in made
    return str(made["data_sources"][0]["id"])


def test_a_database_is_a_container_with_one_source_a_view_and_a_place_at_the_end(
    client: Client, home: str, tasks: str
) -> None:
    source = client.data_sources.retrieve(tasks)
    database = client.databases.retrieve(source["parent"]["database_id"])
    assert (plain_text(database["title"]), plain_text(source["title"])) == ("Tasks", "Tasks")
    assert [option["name"] for option in source["properties"]["Colour"]["select"]["options"]] == ["red", "blue"]
    assert "Push" not in source["properties"]
    assert list(source["properties"])[-1] == "Name"
    views = client.views.list(database_id=database["id"])["results"]
    assert [client.views.retrieve(view["id"])["name"] for view in views] == ["Default view"]
    assert shown(client, home) == ["old", "child_database"]


def test_rows_are_made_with_values_and_read_back(client: Client, empty: Emulator, tasks: str) -> None:
    person = empty.workspace.add_user("Ada", "ada@example.org")
    values = {
        "Name": {"title": text("Fix the door")},
        "Colour": {"select": {"name": "red"}},
        "Tags": {"multi_select": [{"name": "new"}, {"name": "newer"}]},
        "State": {"status": {"name": "Done"}},
        "Hours": {"number": 2.5},
        "Due": {"date": {"start": "2026-03-01", "end": None}},
        "Who": {"people": [{"id": person}]},
        "Done": {"checkbox": True},
        "Mail": {"email": "a@example.org"},
    }
    made = client.pages.create(parent={"data_source_id": tasks}, properties=values, children=[paragraph("body")])
    (read,) = client.data_sources.query(tasks)["results"]
    assert read == {key: made[key] for key in read}
    found = read["properties"]
    assert found["Colour"]["select"]["color"] == "red"
    assert [each["name"] for each in found["Tags"]["multi_select"]] == ["new", "newer"]
    assert found["Who"]["people"][0]["name"] == "Ada"
    assert found["Number"]["unique_id"] == {"prefix": "T", "number": 1}
    assert found["Made"]["created_time"] == read["created_time"]
    options = client.data_sources.retrieve(tasks)["properties"]["Tags"]["multi_select"]["options"]
    assert [option["name"] for option in options] == ["new", "newer"]
    database = client.data_sources.retrieve(tasks)["parent"]["database_id"]
    other = client.pages.create(parent={"database_id": database}, properties={"Name": {"title": text("second")}})
    assert other["properties"]["Number"]["unique_id"]["number"] == 2


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"Nome": {"title": []}}, "Nome is not a property that exists."),
        ({"Hours": {"rich_text": []}}, "Hours is expected to be number."),
        ({"Hours": {"number": "two"}}, "body.properties.Hours.number should be a number"),
        ({"State": {"status": {"name": "Never"}}}, 'Status option "Never" does not exist'),
        ({"Colour": {"select": {"name": "a,b"}}}, "commas not allowed"),
        ({"Twice": {"formula": {}}}, "cannot be written"),
        ({"Made": {"created_time": "2020-01-01"}}, "cannot be written"),
        ({"Mail": {"email": "x" * 201}}, "body.properties.Mail.email.length should be ≤ `200`"),
        ({"Tags": {"multi_select": [{"name": str(n)} for n in range(101)]}}, "multi_select.length should be ≤ `100`"),
        ({"Due": {"date": {"start": "tomorrow"}}}, "should be a valid ISO 8601 date string"),
        ({"Done": {"checkbox": "yes"}}, "body.properties.Done.checkbox should be a boolean"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_values_that_cannot_be_are_refused_and_nothing_is_made(
    client: Client, tasks: str, values: Json, message: str
) -> None:
    before = client.data_sources.retrieve(tasks)["properties"]
    values = {"Tags": {"multi_select": [{"name": "half"}]}, **values}
    assert message in refusal(client.pages.create, parent={"data_source_id": tasks}, properties=values)
    assert client.data_sources.query(tasks)["results"] == []
    assert client.data_sources.retrieve(tasks)["properties"] == before


def test_a_two_way_relation_makes_its_other_side_and_keeps_both_alike(client: Client, home: str, tasks: str) -> None:
    people = client.databases.create(
        parent={"page_id": home},
        title=text("People"),
        initial_data_source={
            "properties": {
                "Name": {"title": {}},
                "Works on": {"relation": {"data_source_id": tasks, "dual_property": {}}},
            }
        },
    )["data_sources"][0]["id"]
    sides = client.data_sources.retrieve(people)["properties"]["Works on"]["relation"]["dual_property"]
    assert sides["synced_property_name"] == "Related to People (Works on)"
    task = client.pages.create(parent={"data_source_id": tasks}, properties={"Name": {"title": text("t")}})["id"]
    ada = client.pages.create(
        parent={"data_source_id": people},
        properties={"Name": {"title": text("Ada")}, "Works on": {"relation": [{"id": task}]}},
    )["id"]
    renamed = {sides["synced_property_id"]: {"name": "Workers"}}
    client.data_sources.update(tasks, properties=renamed)
    assert client.pages.retrieve(task)["properties"]["Workers"]["relation"] == [{"id": ada}]
    client.pages.update(task, properties={"Workers": {"relation": []}})
    assert client.pages.retrieve(ada)["properties"]["Works on"]["relation"] == []
    rollup = {"relation_property_name": "Workers", "rollup_property_name": "Name", "function": "count"}
    added = client.data_sources.update(tasks, properties={"Count": {"rollup": rollup}})
    assert added["properties"]["Count"]["rollup"]["rollup_property_id"] == "title"
    client.data_sources.update(people, properties={"Works on": None})
    assert "Workers" not in client.data_sources.retrieve(tasks)["properties"]


def test_a_list_of_options_that_is_sent_is_the_list(client: Client, tasks: str) -> None:
    row = client.pages.create(parent={"data_source_id": tasks}, properties={"Colour": {"select": {"name": "blue"}}})
    red = client.data_sources.retrieve(tasks)["properties"]["Colour"]["select"]["options"][0]
    options = [{"name": "green"}, {"name": "red"}]
    changed = client.data_sources.update(tasks, properties={"Colour": {"select": {"options": options}}})
    found = changed["properties"]["Colour"]["select"]["options"]
    assert [option["name"] for option in found] == ["green", "red"]
    assert found[1] == red
    assert client.pages.retrieve(row["id"])["properties"]["Colour"]["select"] is None


def test_schemas_keep_their_rules(client: Client, tasks: str) -> None:
    assert "title" in refusal(client.data_sources.update, tasks, properties={"Name": None})
    assert "undefined property" in refusal(
        client.data_sources.update, tasks, properties={"Bad": {"formula": {"expression": 'prop("None")'}}}
    )
    database = client.data_sources.retrieve(tasks)["parent"]["database_id"]
    second = client.data_sources.create(
        parent={"database_id": database}, title=text("More"), properties={"Name": {"title": {}}}
    )
    names = [source["name"] for source in client.databases.retrieve(database)["data_sources"]]
    assert names == ["Tasks", "More"]
    assert "multiple data sources" in refusal(client.pages.create, parent={"database_id": database}, properties={})
    client.databases.update(database, title=text("Both"), is_inline=True, description=text("about"))
    assert client.data_sources.retrieve(second["id"])["is_inline"] is True
    assert plain_text(client.data_sources.retrieve(tasks)["title"]) == "Tasks"


# -- files, comments, views


def test_a_file_goes_up_in_one_part_and_serves_a_block_an_icon_and_a_property(client: Client, home: str) -> None:
    upload = client.file_uploads.create(mode="single_part", filename="a.txt", content_type="text/plain")
    assert (upload["status"], upload["expiry_time"]) == ("pending", "2027-01-15T09:00:00.000Z")
    sent = client.file_uploads.send(upload["id"], file=("a.txt", io.BytesIO(b"hello"), "text/plain"))
    assert (sent["status"], sent["content_length"]) == ("uploaded", 5)
    source = {"type": "file_upload", "file_upload": {"id": upload["id"]}}
    page = client.pages.create(parent={"page_id": home}, icon=source, children=[{"type": "file", "file": source}])
    (block,) = client.blocks.children.list(block_id=page["id"])["results"]
    assert (block["file"]["type"], block["file"]["name"]) == ("file", "a.txt")
    for hosted in (block["file"]["file"], page["icon"]["file"]):
        assert requests.get(hosted["url"], timeout=5).content == b"hello"
    assert client.file_uploads.retrieve(upload["id"])["expiry_time"] is None


def test_what_is_not_attached_within_an_hour_expires(client: Client, home: str, clock: Clock) -> None:
    kept, lost = [client.file_uploads.create(filename=name, content_type="text/plain") for name in ("k.txt", "l.txt")]
    for upload in (kept, lost):
        client.file_uploads.send(upload["id"], file=(upload["filename"], io.BytesIO(b"x"), "text/plain"))
    block = {"file": {"file_upload": {"id": kept["id"]}}}
    client.blocks.children.append(home, children=[block])
    clock.now += 3600
    client.blocks.children.append(home, children=[block])
    assert client.file_uploads.retrieve(lost["id"])["status"] == "expired"
    assert "expired" in refusal(
        client.blocks.children.append, home, children=[{"file": {"file_upload": {"id": lost["id"]}}}]
    )


def test_large_files_go_up_in_parts_in_any_order(clock: Clock) -> None:
    space = Workspace("Large", seed=6, clock=clock)
    home = space.add_page(None, "Home")
    size = 5 << 20
    with Emulator(space, clock=clock, largest_file=1 << 30) as server, connected(server) as client:
        made = client.file_uploads.create(
            mode="multi_part", filename="v.mp4", content_type="video/mp4", number_of_parts=2
        )
        for number, content in (("2", b"b"), ("1", b"a" * size)):
            form = {"file": ("v.mp4", io.BytesIO(content), "video/mp4"), "part_number": number}
            client.file_uploads.send(made["id"], **form)
        assert client.file_uploads.complete(made["id"])["number_of_parts"] == {"total": 2, "sent": 2}
        client.blocks.children.append(home, children=[{"video": {"file_upload": {"id": made["id"]}}}])
        ((content, media_type),) = space.files.values()
    assert (len(content), content[-2:], media_type) == (size + 1, b"ab", "video/mp4")


@pytest.mark.parametrize("name", ["tool.exe", "no-ending", "x" * 900 + ".txt"])
def test_names_of_files_that_are_not_taken_are_refused(client: Client, name: str) -> None:
    refusal(client.file_uploads.create, filename=name)


def test_a_file_that_is_too_large_or_of_another_type_is_refused(client: Client) -> None:
    limit = client.users.me()["bot"]["workspace_limits"]["max_file_upload_size_in_bytes"]
    made = client.file_uploads.create(filename="a.txt", content_type="text/plain")["id"]
    large = ("a.txt", io.BytesIO(b"x" * (limit + 1)), "text/plain")
    assert str(limit) in refusal(client.file_uploads.send, made, file=large)
    assert "content_type" in refusal(client.file_uploads.send, made, file=("a.txt", io.BytesIO(b"x"), "image/png"))


def test_comments_are_written_answered_changed_and_taken_back(client: Client, empty: Emulator, home: str) -> None:
    made = client.comments.create(parent={"page_id": home}, rich_text=text("Why?"))
    answer = client.comments.create(discussion_id=made["discussion_id"], rich_text=text("Because."))
    assert answer["discussion_id"] == made["discussion_id"]
    found = client.comments.list(block_id=home)["results"]
    assert [plain_text(each["rich_text"]) for each in found] == ["Why?", "Because."]
    client.comments.update(answer["id"], rich_text=text("So."))
    client.comments.delete(made["id"])
    assert [plain_text(each["rich_text"]) for each in client.comments.list(block_id=home)["results"]] == ["So."]
    ada = empty.workspace.add_user("Ada")
    empty.workspace.add_comment(home, "Mine", author=ada)
    theirs = empty.workspace.comments[home][-1]["id"]
    with pytest.raises(APIResponseError) as raised:
        client.comments.update(theirs, rich_text=text("Yours"))
    assert raised.value.status == 403


def test_views_are_made_changed_and_taken_away_but_for_the_last(client: Client, home: str, tasks: str) -> None:
    database = client.data_sources.retrieve(tasks)["parent"]["database_id"]
    hours = client.data_sources.retrieve(tasks)["properties"]["Hours"]["id"]
    columns = {"properties": [{"property_id": "title", "visible": True}, {"property_id": hours, "visible": False}]}
    made = client.views.create(
        database_id=database,
        data_source_id=tasks,
        name="Mine",
        type="table",
        configuration={"type": "table", **columns},
    )
    assert made["configuration"]["type"] == "table"
    client.views.update(made["id"], name="Ours")
    names = [client.views.retrieve(view["id"])["name"] for view in client.views.list(database_id=database)["results"]]
    assert names == ["Default view", "Ours"]
    client.views.delete(made["id"])
    left = client.views.list(database_id=database)["results"][0]["id"]
    assert "last view" in refusal(client.views.delete, left)


@pytest.mark.parametrize(
    ("kind", "more", "said"),
    [
        ("board", {}, "body.configuration should be defined"),
        ("board", {"configuration": {"type": "board"}}, "group_by should be defined"),
        ("calendar", {"configuration": {"type": "calendar", "date_property_id": "none"}}, "date_property_id should be"),
        ("table", {"configuration": {"type": "board"}}, "configuration.type should be"),
        ("table", {"configuration": {"type": "table", "colour": "red"}}, "configuration.colour should be not present"),
        ("table", {"configuration": {"type": "table", "properties": [{"property_id": "none"}]}}, "properties[0]"),
        ("dashboard", {"configuration": {"type": "dashboard", "rows": []}}, "configuration should be not present"),
        ("gallery", {"configuration": {"type": "gallery", "cover": {"type": "page_content_first"}}}, "cover.type"),
        ("table", {"filter": {"property": "None", "number": {"equals": 1}}}, "filter.property should be"),
        (
            "table",
            {"filter": {"property": "Hours", "date": {"past_week": {}}}},
            "does not fit a property of type number",
        ),
        ("table", {"filter": {"property": "Colour", "select": {"equals": "pink"}}}, 'option "pink" not found'),
        ("table", {"sorts": [{"property": "None", "direction": "ascending"}]}, "sorts[0].property should be"),
        ("table", {"quick_filters": {"None": {"number": {"equals": 1}}}}, "quick_filters.None should be"),
        ("feed", {}, "body.type should be"),
    ],
)
def test_a_view_that_names_what_is_not_there_is_refused(
    client: Client, tasks: str, kind: str, more: Any, said: str
) -> None:
    database = client.data_sources.retrieve(tasks)["parent"]["database_id"]
    given = {"database_id": database, "data_source_id": tasks, "name": "Odd", "type": kind, **more}
    assert said in refusal(client.views.create, **given)
    assert len(client.views.list(database_id=database)["results"]) == 1


def test_a_view_stands_where_it_is_told_and_is_changed_by_the_same_rules(client: Client, tasks: str) -> None:
    database = client.data_sources.retrieve(tasks)["parent"]["database_id"]
    given = {"database_id": database, "data_source_id": tasks, "type": "list"}
    first = client.views.create(name="First", position={"type": "start"}, **given)
    client.views.create(name="Second", position={"type": "after_view", "view_id": first["id"]}, **given)
    sorts = [{"timestamp": "created_time", "direction": "ascending"}]
    client.views.create(name="Last", sorts=sorts, **given)
    names = [client.views.retrieve(view["id"])["name"] for view in client.views.list(database_id=database)["results"]]
    assert names == ["First", "Second", "Default view", "Last"]
    assert "sorts[0].timestamp should be not present" in refusal(client.views.update, first["id"], sorts=sorts)


# -- what goes wrong


def test_a_503_that_saved_names_what_was_made_or_does_not(client: Client, empty: Emulator, home: str) -> None:
    empty.faults.add(Fault("503_committed", times=2, method="PATCH"))
    with pytest.raises(APIResponseError) as raised:
        client.blocks.children.append(home, children=[paragraph("a", paragraph("b")), paragraph("c")])
    assert raised.value.status == 503
    extra = raised.value.additional_data or {}
    made = [block["id"] for block in client.blocks.children.list(block_id=home)["results"]][1:]
    assert (extra["committed_resource_id"], extra["committed_child_ids"]) == (home, made)
    with pytest.raises(APIResponseError) as raised:
        client.blocks.update(made[0], paragraph={"rich_text": text("A")})
    assert "committed_resource_id" not in (raised.value.additional_data or {})
    assert shown(client, home) == ["old", "A", "c"]
    empty.faults.add(Fault("503_saved", times=1, path="^/v1/pages$"))
    with pytest.raises(APIResponseError) as raised:
        client.pages.create(parent={"page_id": home}, properties={"title": text("There")})
    assert "committed_resource_id" not in (raised.value.additional_data or {})
    assert shown(client, home)[-1] == "child_page"


@pytest.mark.parametrize("kind", ["lost", "hang", "409", "429", "529", "502"])
def test_a_lost_answer_and_a_lost_request_look_alike_and_are_not(
    client: Client, empty: Emulator, home: str, kind: str
) -> None:
    empty.faults.add(Fault(kind, times=1, seconds=0.01))
    with pytest.raises((APIResponseError, RequestTimeoutError, Exception)):
        client.blocks.children.append(home, children=[paragraph("new")])
    assert shown(client, home) == (["old", "new"] if kind == "lost" else ["old"])


def test_of_two_writes_into_one_page_at_once_the_second_is_a_conflict(clock: Clock) -> None:
    space = Workspace("Crowded", seed=10, clock=clock)
    home = space.add_page(None, "Home")
    others = [space.add_page(home, str(number)) for number in range(2)]
    outcomes: list[str] = []

    def write(page: str) -> None:
        with connected(server) as client:
            try:
                client.blocks.children.append(page, children=[paragraph("x")])
                outcomes.append("done")
            except APIResponseError as error:
                outcomes.append(str(error.status))

    with Emulator(space, clock=clock, latency_s=0.3) as server:
        for pages, wanted in (([home, home], ["409", "done"]), (others, ["done", "done"])):
            threads = [threading.Thread(target=write, args=[page]) for page in pages]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert sorted(outcomes) == wanted
            outcomes.clear()
        write(home)
        assert outcomes == ["done"]


def test_blocks_of_a_free_workspace_end_after_three_days_of_grace_and_reading_goes_on(clock: Clock) -> None:
    space = Workspace("Free", seed=7, clock=clock)
    home = space.add_page(None, "Home")
    with Emulator(space, clock=clock, block_limit=2) as server, connected(server) as client:
        client.blocks.children.append(home, children=[paragraph("1"), paragraph("2")])
        client.blocks.delete(client.blocks.children.list(block_id=home)["results"][0]["id"])
        client.blocks.children.append(home, children=[paragraph("3")])
        clock.now += 3 * DAY - 1
        client.blocks.children.append(home, children=[paragraph("4")])
        clock.now += 1
        for call, body in (
            (client.blocks.children.append, {"block_id": home, "children": [paragraph("5")]}),
            (client.pages.create, {"parent": {"page_id": home}}),
            (client.databases.create, {"parent": {"page_id": home}}),
        ):
            with pytest.raises(APIResponseError) as raised:
                call(**body)
            assert (raised.value.status, raised.value.code) == (403, "restricted_resource")
            assert (raised.value.additional_data or {})["block_limit"] == "block_creation"
        assert shown(client, home) == ["2", "3", "4"]
        client.pages.update(home, properties={"title": text("Still")})


def test_writes_are_counted_by_the_rate_limit_and_not_done_when_they_are_over_it(clock: Clock) -> None:
    space = Workspace("Busy", seed=8, clock=clock)
    home = space.add_page(None, "Home")
    with Emulator(space, budget=ServerBudget(2, 60.0), clock=clock) as server, connected(server) as client:
        for number in range(2):
            client.blocks.children.append(home, children=[paragraph(str(number))])
        with pytest.raises(APIResponseError) as raised:
            client.blocks.children.append(home, children=[paragraph("over")])
        assert raised.value.status == 429
        assert len(space.children(home)) == 2
