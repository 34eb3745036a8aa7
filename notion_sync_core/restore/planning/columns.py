"""Columns of data sources as they were read, made into what requests take.

https://developers.notion.com/reference/property-schema-object
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

from attrs import frozen

from notion_sync_core.model import Json, fields, normalise_id, objects
from notion_sync_core.restore.planning import texts
from notion_sync_core.restore.planning.around import Around

_PLAIN = frozenset(
    (
        *("title", "rich_text", "people", "files", "checkbox", "url", "email", "phone_number", "date", "place"),
        *("created_time", "created_by", "last_edited_time", "last_edited_by"),
    )
)
CHOICES = ("select", "multi_select", "status")
_GROUPS = ("To-do", "In progress", "Complete")
_LONGEST_NAME = 100
_LONGEST_DESCRIPTION = 280
_MOST_OPTIONS = 100
_NONE = ""
"""The name of no column."""
_PROP = re.compile(r'prop\("((?:[^"\\]|\\.)*)"\)')
_INNER = re.compile(r"\{\{notion:block_property:([^:}]+)[^}]*\}\}")


@frozen
class Column:
    """What is to be made of one column."""

    name: str
    kind: str
    """As it is made: a relation to what is not restored is text."""
    body: Json
    needs: frozenset[tuple[str, str]] = frozenset()
    """(data source as it was, name) of columns that have to be there before."""
    sources: frozenset[str] = frozenset()
    """Data sources, as they were, that have to be there before."""
    other: tuple[str, str] | None = None
    """The other side of a relation, which is made with it."""


def other_side(source_id: str, prop: Json) -> tuple[str, str] | None:
    """Of a relation of two sides, where the other one is: (data source, id of the property); ``None``: it has one."""
    relation = fields(prop.get("relation"))
    key = fields(relation.get("dual_property")).get("synced_property_id")
    target = target_of(prop)
    return (target or source_id, key) if isinstance(key, str) and key else None


def target_of(prop: Json) -> str:
    """The data source, as it was, whose rows a relation names; ``""``: it says none."""
    return normalise_id(str(fields(prop.get("relation")).get("data_source_id"))) or ""


def kind_of(prop: Json, around: Around) -> str:
    """The type that a column is made as."""
    kind = str(prop.get("type") or "")
    if kind == "relation" and not around.kind(target_of(prop)) and not around.leads(target_of(prop)):
        return "rich_text"
    return kind


def plain(name: str, prop: Json, around: Around, seen: Iterable[Json] = ()) -> Column | None:
    """A column that needs no other; ``None``: it does, or it cannot be made, which a note says then.

    :param seen: options that rows have; also such as the column does not list.
    """
    kind = kind_of(prop, around)
    if kind in ("relation", "rollup", "formula"):
        return None
    if kind != prop.get("type"):
        around.note(f"the column {name!r} names rows that are not restored: it became text")
    config = fields(prop.get(kind))
    if kind == "number":
        body: Json = {"format": config["format"]} if isinstance(config.get("format"), str) else {}
    elif kind in CHOICES:
        body = {"options": _options(kind, config, seen)}
        if len(body["options"]) > len(_options(kind, config, ())):
            around.note(f"the column {name!r} got options that only rows have")
    elif kind == "unique_id":
        body = {"prefix": config.get("prefix") or None}
        around.note(f"the numbers of the column {name!r} count anew")
    elif kind in _PLAIN:
        body = {}
    else:
        around.note(f"the column {name!r} ({kind or 'of no type'}) cannot be made")
        return None
    return Column(name, kind, {kind: body, **_description(prop)})


def option_name(name: str) -> str:
    """What an option is called: commas are not taken."""
    return texts.cut(name.replace(",", ";"), _LONGEST_NAME)


def _options(kind: str, config: Json, seen: Iterable[Json]) -> list[Json]:
    groups = _groups_of(config) if kind == "status" else {}
    found: dict[str, Json] = {}
    for option in (*objects(config.get("options")), *seen):
        name = option.get("name")
        if not isinstance(name, str) or not name or option_name(name).casefold() in found:
            continue
        hue = texts.color(option.get("color"))
        made = {"name": option_name(name), "color": "default" if hue.endswith("_background") else hue}
        if isinstance(option.get("description"), str) and option["description"]:
            made["description"] = option["description"]
        if option.get("id") in groups:
            made["group"] = groups[option["id"]]
        found[option_name(name).casefold()] = made
    return list(found.values())[:_MOST_OPTIONS]


def _groups_of(config: Json) -> dict[str, str]:
    """The groups of a status's options by their ids; those with names of their own by their place."""
    found = {}
    for number, group in enumerate(objects(config.get("groups"))):
        name = group.get("name")
        known = name if name in _GROUPS else _GROUPS[min(number, 2)]
        ids = group.get("option_ids")
        found.update(dict.fromkeys(ids if isinstance(ids, list) else [], known))
    return found


def _description(prop: Json) -> Json:
    said = prop.get("description")
    return {"description": texts.cut(said, _LONGEST_DESCRIPTION)} if isinstance(said, str) and said else {}


# -- columns that need others


def relation(source_id: str, name: str, prop: Json, other: tuple[str, str] | None, around: Around) -> Column:
    """A relation; with the other side it makes both. One to what is not restored has one side: nothing is added there.

    :param other: the other side, by data source and name.
    """
    target = target_of(prop)
    is_ours = bool(around.kind(target))
    if not is_ours and fields(prop.get("relation")).get("dual_property"):
        around.note(
            f"the relation {name!r} leads to rows that are not restored: it has one side, nothing changes there"
        )
    other = other if is_ours else None
    new = around.known(target) if is_ours else target
    sides: Json = {"single_property": {}} if other is None else {"dual_property": {"synced_property_name": other[1]}}
    body = {"relation": {"data_source_id": new, **sides}, **_description(prop)}
    return Column(
        name, "relation", body, sources=frozenset({source_id, target} if is_ours else {source_id}), other=other
    )


def formula(source_id: str, name: str, prop: Json, names: dict[str, str]) -> Column:
    """A formula; properties that it names by their ids are named by their names.

    :param names: the names of the columns of its data source, by id.
    """
    expression = str(fields(prop.get("formula")).get("expression") or "")
    by_id = {unquote(each): other for each, other in names.items()}
    expression = _INNER.sub(lambda found: f'prop("{by_id.get(unquote(found[1]), found[1])}")', expression)
    needs = frozenset((source_id, each.replace('\\"', '"')) for each in _PROP.findall(expression))
    return Column(name, "formula", {"formula": {"expression": expression}, **_description(prop)}, needs)


def rollup(source_id: str, name: str, prop: Json, here: dict[str, Json], there: dict[str, Json]) -> Column:
    """A rollup.

    :param here: the columns of its data source that are made as what they were.
    :param there: those of the data source that its relation leads to.
    """
    config = fields(prop.get("rollup"))
    via, shown = _named(config, "relation_property", here), _named(config, "rollup_property", there)
    body = {
        "function": str(config.get("function") or "show_original"),
        "relation_property_name": via,
        "rollup_property_name": shown,
    }
    target = target_of(here.get(via, {})) or source_id
    needs = frozenset({(source_id, via if via in here else _NONE), (target, shown)})
    return Column(name, "rollup", {"rollup": body, **_description(prop)}, needs)


def relation_of(prop: Json, here: dict[str, Json]) -> str:
    """The name of the relation that a rollup goes along."""
    return _named(fields(prop.get("rollup")), "relation_property", here)


def _named(config: Json, key: str, columns: dict[str, Json]) -> str:
    """The name of a column that is named by its id, or by a name that may be old."""
    wanted = config.get(f"{key}_id")
    by_id = next((name for name, prop in columns.items() if wanted and prop.get("id") == wanted), "")
    return by_id or str(config.get(f"{key}_name") or "")
