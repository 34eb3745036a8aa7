"""Values of properties as requests have them. https://developers.notion.com/reference/page-property-values"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from notion_sync_demo.build import Json
from notion_sync_demo.exchange import not_found
from notion_sync_demo.workspace import Workspace
from notion_sync_demo.writing import refusals
from notion_sync_demo.writing.files import Files
from notion_sync_demo.writing.refusals import a_string, an_array, an_id, an_object, invalid, only, wrong
from notion_sync_demo.writing.schemas import empty_value, found, not_property
from notion_sync_demo.writing.text import Texts

MOST_VALUES = 100
LONGEST_ADDRESS = 200
"""Of mail, and of a phone number."""
COMPUTED = (
    *("formula", "rollup", "unique_id", "button"),
    *("created_time", "created_by", "last_edited_time", "last_edited_by"),
)
_EXTRAS = frozenset({"id", "type", "has_more", "name"})
"""What a value may carry along from where it was read."""


class Values:
    """Takes the values of pages and rows."""

    def __init__(self, space: Workspace, texts: Texts, files: Files) -> None:
        self._space = space
        self._texts = texts
        self._files = files
        self._new_options: list[tuple[list[Json], Json]] = []
        """Options that a request makes: they are there once the whole request was found good."""
        self._takers: dict[str, Callable[[Any, str, Json], Any]] = {
            "title": self._text,
            "rich_text": self._text,
            "number": self._number,
            "select": self._select,
            "status": self._status,
            "multi_select": self._several,
            "date": self._date,
            "people": self._people,
            "files": self._file_list,
            "checkbox": lambda raw, where, _: refusals.a_boolean(raw, where),
            "url": lambda raw, where, _: None if raw is None else a_string(raw, where, refusals.LONGEST_URL),
            "email": self._address,
            "phone_number": self._address,
            "relation": self._relation,
            "place": self._place,
            "verification": self._verification,
        }

    def title(self, raw: Any, where: str) -> Json:
        """The properties of a page that is no row: its title alone."""
        body = an_object(raw, where)
        for key in body:
            if key != "title":
                raise not_property(key)
        if "title" not in body:
            return {"title": {"id": "title", "type": "title", "title": []}}
        given = body["title"]
        payload = given.get("title", given) if isinstance(given, dict) else given
        return {"title": {"id": "title", "type": "title", "title": self._texts.take(payload, f"{where}.title.title")}}

    def take(self, raw: Any, where: str, schema: dict[str, Json]) -> Json:
        """The values that a request names, by the names of their properties.

        :raises ApiError: a property is unknown, computed, of another type, or a value is none.
        """
        made: Json = {}
        self._new_options = []
        for key, body in an_object(raw, where).items():
            prop = found(schema, key)
            if prop is None:
                raise not_property(key)
            made[prop["name"]] = self._value(prop, body, f"{where}.{key}")
        for options, option in self._new_options:
            options.append(option)
        return made

    def _value(self, prop: Json, body: Any, where: str) -> Json:
        kind = prop["type"]
        if isinstance(body, dict) and kind in body:
            only(body, (*_EXTRAS, kind), where)
            raw = body[kind]
        elif isinstance(body, dict) and len(body) >= 1:
            raise invalid(f"{prop['name']} is expected to be {kind}.")
        else:
            raw = body
        if kind in COMPUTED:
            raise invalid(f"{prop['name']} is of type {kind}, which cannot be written.")
        payload = self._takers[kind](raw, f"{where}.{kind}", prop)
        return {**empty_value(prop), kind: payload}

    # -- by type

    def _text(self, raw: Any, where: str, _: Json) -> Any:
        return self._texts.take(raw, where)

    @staticmethod
    def _number(raw: Any, where: str, _: Json) -> Any:
        if raw is not None and (isinstance(raw, bool) or not isinstance(raw, int | float)):
            raise wrong(where, "a number", raw)
        return raw

    def _select(self, raw: Any, where: str, prop: Json) -> Any:
        return None if raw is None else self._option(raw, where, prop, new=True)

    def _status(self, raw: Any, where: str, prop: Json) -> Any:
        return None if raw is None else self._option(raw, where, prop, new=False)

    def _several(self, raw: Any, where: str, prop: Json) -> Any:
        items = an_array(raw, where, MOST_VALUES)
        chosen = [self._option(item, f"{where}[{number}]", prop, new=True) for number, item in enumerate(items)]
        return list({option["id"]: option for option in chosen}.values())

    def _option(self, raw: Any, where: str, prop: Json, *, new: bool) -> Json:
        """An option of a column; a name that is new makes one, but for status."""
        body, options = an_object(raw, where), prop[prop["type"]]["options"]
        only(body, ("id", "name", "color", "description"), where)
        by = "name" if "name" in body else "id"
        wanted = a_string(refusals.required(body, by, where), f"{where}.{by}")
        fresh = [each for of, each in self._new_options if of is options]
        option = next((each for each in (*options, *fresh) if each.get(by) == wanted), None)
        if option is None and (by == "id" or not new):
            kind = prop["type"].replace("_", " ")
            raise invalid(f'Invalid {kind} option. {kind.capitalize()} option "{wanted}" does not exist.')
        if option is None:
            if "," in wanted:
                raise invalid(f"Invalid select option, commas not allowed: {wanted}")
            color = str(body.get("color") or "default")
            option = {"id": self._space.new_id(), "name": wanted, "color": color, "description": None}
            self._new_options.append((options, option))
        return {key: option.get(key) for key in ("id", "name", "color")}

    @staticmethod
    def _date(raw: Any, where: str, _: Json) -> Any:
        if raw is None:
            return None
        body = an_object(raw, where)
        only(body, ("start", "end", "time_zone"), where)
        moments = {"start": refusals.required(body, "start", where), "end": body.get("end")}
        for name, moment in moments.items():
            if moment is None and name == "end":
                continue
            try:
                datetime.fromisoformat(a_string(moment, f"{where}.{name}"))
            except ValueError:
                raise wrong(f"{where}.{name}", "a valid ISO 8601 date string", moment) from None
        return {**moments, "time_zone": body.get("time_zone")}

    def _people(self, raw: Any, where: str, _: Json) -> Any:
        made = []
        for number, item in enumerate(an_array(raw, where, MOST_VALUES)):
            user = an_id(an_object(item, f"{where}[{number}]").get("id"), f"{where}[{number}].id")
            if user not in self._space.users:
                raise not_found("user", user)
            made.append(self._space.users[user])
        return made

    def _file_list(self, raw: Any, where: str, _: Json) -> Any:
        made = []
        for number, item in enumerate(an_array(raw, where, MOST_VALUES)):
            place = f"{where}[{number}]"
            body = an_object(item, place)
            only(body, ("name", "type", "external", "file_upload"), place)
            source = self._files.file(body, place)
            made.append({"name": str(body.get("name") or self._files.name(body)), **source})
        return made

    @staticmethod
    def _address(raw: Any, where: str, _: Json) -> Any:
        return None if raw is None else a_string(raw, where, LONGEST_ADDRESS)

    def _relation(self, raw: Any, where: str, prop: Json) -> Any:
        made = []
        for number, item in enumerate(an_array(raw, where, MOST_VALUES)):
            page = an_id(an_object(item, f"{where}[{number}]").get("id"), f"{where}[{number}].id")
            there = self._space.pages.get(page)
            if there is None or page in self._space.unshared:
                raise not_found("page", page)
            if there["parent"].get("data_source_id") != prop["relation"]["data_source_id"]:
                raise invalid(f"{prop['name']}: page {page} is not in the related data source.")
            made.append({"id": page})
        return list({item["id"]: item for item in made}.values())

    @staticmethod
    def _place(raw: Any, where: str, _: Json) -> Any:
        if raw is None:
            return None
        body = an_object(raw, where)
        only(body, ("lat", "lon", "name", "address", "aws_place_id", "google_place_id"), where)
        for name in ("lat", "lon"):
            if not isinstance(refusals.required(body, name, where), int | float):
                raise wrong(f"{where}.{name}", "a number", body[name])
        return {key: body.get(key) for key in ("lat", "lon", "name", "address", "aws_place_id", "google_place_id")}

    def _verification(self, raw: Any, where: str, _: Json) -> Any:
        body = an_object(raw, where)
        only(body, ("state", "date"), where)
        state = refusals.one_of(body.get("state"), ("verified", "unverified"), f"{where}.state")
        by = {"object": "user", "id": self._space.bot_id} if state == "verified" else None
        return {"state": state, "verified_by": by, "date": body.get("date")}


def mirror_relations(space: Workspace, row: Json, old: Json, names: Iterable[str]) -> None:
    """Write on the other side what a row now says of its two-way relations.

    :param old: its values before.
    """
    schema = space.data_sources[row["parent"]["data_source_id"]]["properties"]
    for name in names:
        prop = schema[name]
        sides = prop["relation"].get("dual_property") if prop["type"] == "relation" else None
        if not sides:
            continue
        before = [item["id"] for item in (old.get(name) or {"relation": []})["relation"]]
        after = [item["id"] for item in row["properties"][name]["relation"]]
        for page in {*before} ^ {*after}:
            there = space.pages.get(page)
            value = found(there["properties"], sides["synced_property_id"]) if there else None
            if value is not None:
                kept = [item for item in value["relation"] if item["id"] != row["id"]]
                value["relation"] = [*kept, {"id": row["id"]}] if page in after else kept
