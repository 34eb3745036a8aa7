"""Properties of data sources as requests have them: made, changed, renamed, taken away.

https://developers.notion.com/reference/property-schema-object
"""

from __future__ import annotations

import string
from typing import Any
from urllib.parse import quote, unquote

from notion_sync_demo.build import Json
from notion_sync_demo.exchange import ApiError, not_found
from notion_sync_demo.shapes import empty
from notion_sync_demo.workspace import Workspace
from notion_sync_demo.writing import refusals
from notion_sync_demo.writing.refusals import an_array, an_id, an_object, exactly_one, invalid, only, wrong
from notion_sync_demo.writing.text import COLORS

PLAIN = (
    *("title", "rich_text", "people", "files", "checkbox", "url", "email", "phone_number", "date", "place"),
    *("created_time", "created_by", "last_edited_time", "last_edited_by"),
)
KINDS = (*PLAIN, "number", "select", "multi_select", "status", "relation", "rollup", "formula", "unique_id", "button")
LONGEST_DESCRIPTION = 280
MOST_OPTIONS = 100
GROUPS = ("To-do", "In progress", "Complete")
_LAST = ("title", "verification", "verification_owner")
_ID_CHARS = string.ascii_letters + string.digits + ":;<=>?@[]^_`{|}~"


class Schemas:
    """Takes the properties of data sources."""

    def __init__(self, space: Workspace) -> None:
        self._space = space

    def create(self, raw: Any, where: str) -> dict[str, Json]:
        """The properties of a new data source; :meth:`connect` follows once it is there.

        :raises ApiError: there is not exactly one title, or one cannot be made.
        """
        given = an_object(raw, where) if raw is not None else {"Name": {"title": {}}}
        titles = [name for name, body in given.items() if isinstance(body, dict) and "title" in body]
        if len(titles) != 1:
            raise invalid("Title is not provided" if not titles else "Only one title property is allowed.")
        made: dict[str, Json] = {}
        for name, body in sorted(given.items(), key=_last):
            prop = self._made(name, an_object(body, f"{where}.{name}"), f"{where}.{name}", made)
            if prop is not None:
                made[name] = prop
        return in_order(made)

    def change(self, raw: Any, where: str, source: Json) -> None:
        """Change the properties of a data source, and the rows with them.

        :raises ApiError: it cannot be done; then nothing was changed.
        """
        props: dict[str, Json] = dict(source["properties"])
        removed: list[str] = []
        fresh: dict[str, Json] = {}
        names: dict[str, str] = {}
        for key, body in sorted(an_object(raw, where).items(), key=_last):
            old = found(props, key)
            if body is None:
                removed.append(self._removable(key, old))
            elif old is None:
                made = self._made(key, an_object(body, f"{where}.{key}"), f"{where}.{key}", {**props, **fresh})
                if made is not None:
                    fresh[key] = made
            else:
                changed = self._changed(old, an_object(body, f"{where}.{key}"), f"{where}.{key}", props)
                names[old["name"]] = changed["name"]
                fresh[changed["name"]] = changed
        for name in fresh.keys() & (props.keys() - {*removed, *names}):
            raise invalid(f"A property named {name} exists already.")
        self.connect(fresh, source["id"])
        for name in (*removed, *names):
            self._disconnect(props.pop(name), kept=name in names)
        self._rows(source["id"], removed, names, fresh)
        source["properties"] = in_order({**props, **fresh})

    def _removable(self, key: str, prop: Json | None) -> str:
        if prop is None:
            raise not_property(key)
        if prop["type"] == "title":
            raise invalid("Cannot delete the title property.")
        return str(prop["name"])

    def _made(self, name: str, body: Json, where: str, around: dict[str, Json]) -> Json | None:
        """A new property; ``None`` for a button, which is passed over."""
        only(body, ("type", "name", "description", *KINDS), where)
        kind = exactly_one(body, KINDS, where)
        if kind == "button":
            return None
        config = self._config(kind, an_object(body[kind], f"{where}.{kind}"), f"{where}.{kind}", around, {})
        return {
            "id": "title" if kind == "title" else self._new_id(around),
            "name": name,
            "description": _description(body.get("description"), where),
            "type": kind,
            kind: config,
        }

    def _changed(self, old: Json, body: Json, where: str, around: dict[str, Json]) -> Json:
        only(body, ("type", "name", "description", *KINDS), where)
        made = dict(old)
        if "name" in body:
            made["name"] = refusals.a_string(body["name"], f"{where}.name")
        if "description" in body:
            made["description"] = _description(body["description"], where)
        kinds = [kind for kind in KINDS if kind in body]
        if not kinds:
            return made
        kind = kinds[0]
        if (kind == "title") != (old["type"] == "title"):
            raise invalid("The type of the title property cannot be changed.")
        before = made.pop(old["type"]) if old["type"] != kind else old[kind]
        same = before if old["type"] == kind else {}
        made["type"] = kind
        made[kind] = self._config(kind, an_object(body[kind], f"{where}.{kind}"), f"{where}.{kind}", around, same)
        return made

    # -- what each type says

    def _config(self, kind: str, body: Json, where: str, around: dict[str, Json], old: Json) -> Json:
        if kind in PLAIN:
            return {}
        if kind == "number":
            only(body, ("format",), where)
            return {"format": str(body.get("format", old.get("format", "number")))}
        if kind in ("select", "multi_select", "status"):
            return self._options(kind, body, where, old)
        if kind == "formula":
            return self._formula(body, where, around)
        if kind == "unique_id":
            only(body, ("prefix",), where)
            return {"prefix": body.get("prefix")}
        return self._relation(body, where, old) if kind == "relation" else self._rollup(body, where, around)

    def _options(self, kind: str, body: Json, where: str, old: Json) -> Json:
        """The list that was sent is the list: what is left out of it is gone."""
        only(body, ("options",), where)
        known = {option["name"]: option for option in old.get("options", ())}
        if "options" not in body and (old or kind != "status"):
            return old or {"options": []}
        default = [
            {"name": "Not started"},
            {"name": "In progress", "color": "blue"},
            {"name": "Done", "color": "green"},
        ]
        given = an_array(body.get("options", default), f"{where}.options", MOST_OPTIONS)
        made = [
            self._option(option, f"{where}.options[{number}]", known, kind == "status")
            for number, option in enumerate(given)
        ]
        folded = [option["name"].casefold() for option in made]
        if len(set(folded)) < len(folded):
            raise invalid(f"{where}.options: option names must be unique, ignoring case.")
        if kind != "status":
            return {"options": [{key: value for key, value in each.items() if key != "group"} for each in made]}
        groups = [
            {
                "id": f"group-{number}",
                "name": group,
                "color": color,
                "option_ids": [option["id"] for option in made if option["group"] == group],
            }
            for number, (group, color) in enumerate(zip(GROUPS, ("gray", "blue", "green"), strict=True))
        ]
        return {"options": [{key: each[key] for key in each if key != "group"} for each in made], "groups": groups}

    def _option(self, raw: Any, where: str, known: dict[str, Json], grouped: bool) -> Json:
        option = an_object(raw, where)
        only(option, ("id", "name", "color", "description", *(("group",) if grouped else ())), where)
        by_id = next((each for each in known.values() if each["id"] == option.get("id")), {})
        name = refusals.a_string(option.get("name", by_id.get("name")), f"{where}.name", 100)
        if "," in name:
            raise invalid(f"Invalid select option, commas not allowed: {name}")
        same = by_id or known.get(name, {})
        color = refusals.one_of(option.get("color", same.get("color", "default")), COLORS[:10], f"{where}.color")
        made = {"id": same.get("id") or self._space.new_id(), "name": name, "color": color}
        made["description"] = option.get("description", same.get("description"))
        if grouped:
            made["group"] = refusals.one_of(option.get("group", "To-do"), GROUPS, f"{where}.group")
        return made

    @staticmethod
    def _formula(body: Json, where: str, around: dict[str, Json]) -> Json:
        only(body, ("expression",), where)
        expression = refusals.a_string(refusals.required(body, "expression", where), f"{where}.expression")
        for part in expression.split('prop("')[1:]:
            name = part.partition('")')[0]
            if name not in around:
                raise invalid(f'Formula expression is invalid: undefined property "{name}".')
        return {"expression": expression}

    def _relation(self, body: Json, where: str, old: Json) -> Json:
        only(body, ("data_source_id", "database_id", "type", "single_property", "dual_property"), where)
        target = an_id(refusals.required(body, "data_source_id", where), f"{where}.data_source_id")
        if target not in self._space.data_sources or target in self._space.unshared:
            raise not_found("data_source", target)
        kind = exactly_one(body, ("single_property", "dual_property"), where)
        database = self._space.data_sources[target]["parent"]["database_id"]
        made: Json = {"database_id": database, "data_source_id": target, "type": kind}
        if kind == "single_property":
            return {**made, kind: {}}
        inner = an_object(body[kind], f"{where}.{kind}")
        only(inner, ("synced_property_name", "synced_property_id"), f"{where}.{kind}")
        if inner.get("synced_property_name") is not None:
            refusals.a_string(inner["synced_property_name"], f"{where}.{kind}.synced_property_name")
        before = old.get(kind, {}) if old.get("data_source_id") == target else {}
        return {**made, kind: {"synced_property_name": inner.get("synced_property_name"), **before}}

    def _rollup(self, body: Json, where: str, around: dict[str, Json]) -> Json:
        keys = ("relation_property_name", "relation_property_id", "rollup_property_name", "rollup_property_id")
        only(body, ("function", *keys), where)
        relation = found(around, _either(body, "relation_property", where))
        if relation is None or relation["type"] != "relation":
            raise invalid(f"{where}: the relation of a rollup has to be a relation of the same data source.")
        there = self._space.data_sources.get(relation["relation"]["data_source_id"], {"properties": around})
        shown = found(there["properties"], _either(body, "rollup_property", where))
        if shown is None:
            raise not_property(_either(body, "rollup_property", where))
        function = refusals.a_string(refusals.required(body, "function", where), f"{where}.function")
        return {
            "rollup_property_name": shown["name"],
            "relation_property_name": relation["name"],
            "rollup_property_id": shown["id"],
            "relation_property_id": relation["id"],
            "function": function,
        }

    # -- what goes along

    def connect(self, fresh: dict[str, Json], source: str) -> None:
        """Make the other side of new relations that have one.

        :param fresh: properties of a data source; gets the other side where that is in the same one.
        """
        for name, prop in list(fresh.items()):
            sides = prop["relation"].get("dual_property") if prop["type"] == "relation" else None
            if sides is None or "synced_property_id" in sides:
                continue
            target = self._space.data_sources[prop["relation"]["data_source_id"]]
            title = "".join(part["plain_text"] for part in self._space.data_sources[source]["title"])
            other = sides["synced_property_name"] or f"Related to {title} ({name})"
            props = fresh if target["id"] == source else target["properties"]
            while other in props:
                other += " 1"
            made = self._other_side(other, source, prop, props)
            prop["relation"]["dual_property"] = {"synced_property_name": other, "synced_property_id": made["id"]}
            if props is fresh:
                fresh[other] = made
            else:
                target["properties"] = in_order({**props, other: made})
                self._fill(target["id"], made)

    def _other_side(self, name: str, source: str, prop: Json, around: dict[str, Json]) -> Json:
        back = {"synced_property_name": prop["name"], "synced_property_id": prop["id"]}
        database = self._space.data_sources[source]["parent"]["database_id"]
        relation = {"database_id": database, "data_source_id": source, "type": "dual_property", "dual_property": back}
        kind = {"type": "relation", "relation": relation}
        return {"id": self._new_id(around), "name": name, "description": None, **kind}

    def _disconnect(self, prop: Json, *, kept: bool) -> None:
        """A relation that goes takes its other side along."""
        sides = prop["relation"].get("dual_property") if prop["type"] == "relation" else None
        target = self._space.data_sources.get(prop["relation"]["data_source_id"]) if sides else None
        other = found(target["properties"], sides["synced_property_id"]) if target and sides and not kept else None
        if target and other:
            del target["properties"][other["name"]]
            self._rows(target["id"], [other["name"]], {}, {})

    def _fill(self, source: str, prop: Json) -> None:
        for row in self._space.all_rows(source):
            row["properties"][prop["name"]] = empty_value(prop)

    def _rows(self, source: str, removed: list[str], names: dict[str, str], fresh: dict[str, Json]) -> None:
        for row in self._space.all_rows(source):
            values = {name: value for name, value in row["properties"].items() if name not in removed}
            values = {names.get(name, name): value for name, value in values.items()}
            for name, prop in fresh.items():
                old = values.get(name)
                values[name] = empty_value(prop) if old is None or old["type"] != prop["type"] else _still(old, prop)
            row["properties"] = values

    def _new_id(self, around: dict[str, Json]) -> str:
        taken = {prop["id"] for prop in around.values()}
        while True:
            made = quote(self._space.pick(_ID_CHARS, 4), safe="")
            if made not in taken:
                return made


def _last(item: tuple[str, Any]) -> int:
    """What computes from other properties comes after them, wherever it stands in a request."""
    body = item[1]
    return ("rollup" in body) + 2 * ("formula" in body) if isinstance(body, dict) else 0


def found(props: dict[str, Json], key: str) -> Json | None:
    """A property by its name, or its id as it is or decoded."""
    if key in props:
        return props[key]
    return next((prop for prop in props.values() if key in (prop["id"], unquote(prop["id"]))), None)


def not_property(key: str) -> ApiError:
    """There is no such column."""
    return invalid(f"{key} is not a property that exists.")


def empty_value(prop: Json) -> Json:
    """What a row has in a new column."""
    more = {"has_more": False} if prop["type"] == "relation" else {}
    return {"id": prop["id"], "type": prop["type"], prop["type"]: empty(prop["type"]), **more}


def in_order(props: dict[str, Json]) -> dict[str, Json]:
    """By decoded id, with the ids that are words last: as answers of 2025-09-03 and later have them."""
    return dict(sorted(props.items(), key=lambda item: (item[1]["id"] in _LAST, unquote(item[1]["id"]))))


def _still(value: Json, prop: Json) -> Json:
    """A value after its column changed: of options, those that are left, as they are now."""
    kind = prop["type"]
    value = {**value, "id": prop["id"]}
    if kind not in ("select", "multi_select", "status"):
        return value
    known = {option["id"]: option for option in prop[kind]["options"]}
    chosen = value[kind] if isinstance(value[kind], list) else [value[kind]] if value[kind] else []
    left = [
        {key: known[each["id"]][key] for key in ("id", "name", "color")} for each in chosen if each.get("id") in known
    ]
    return {**value, kind: left if kind == "multi_select" else left[0] if left else None}


def _either(body: Json, start: str, where: str) -> str:
    key = exactly_one(body, (f"{start}_name", f"{start}_id"), where) if f"{start}_name" not in body else f"{start}_name"
    return refusals.a_string(body[key], f"{where}.{key}")


def _description(given: Any, where: str) -> str | None:
    if given is None:
        return None
    text = refusals.a_string(given, f"{where}.description")
    if len(text) > LONGEST_DESCRIPTION:
        raise wrong(f"{where}.description.length", f"≤ `{LONGEST_DESCRIPTION}`", len(text))
    return text
