"""Property values as plain data and as text.

https://developers.notion.com/reference/page-property-values
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from attrs import frozen

from notion_sync_core.content.dates import Moment, date_text, moment
from notion_sync_core.content.rich_text import runs
from notion_sync_core.document import Site
from notion_sync_core.model import Json, objects

UNSUPPORTED = "unsupported"
"""Shown where the API says that it cannot give a value: not the same as empty."""


@frozen
class File:
    """A file of a property: where it is, and what people call it."""

    address: str
    """Its copy, relative to the document's file, or a URL."""
    name: str = ""
    """Empty where the address says the same."""

    def __str__(self) -> str:
        return f"{self.name} ({self.address})" if self.name else self.address


def value(prop: Json, site: Site) -> Any:
    """A property's value as text, number, boolean, list or ``None``."""
    return _plain(typed(prop, site))


def typed(prop: Json, site: Site) -> Any:
    """A property's value as :func:`value` gives it, but dates and times as :class:`Moment`, files as :class:`File`."""
    kind = str(prop.get("type") or "")
    payload = prop.get(kind)
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(payload, site)
    return None if payload in (None, {}, []) else _any_text(payload)


def _plain(found: Any) -> Any:
    if isinstance(found, Moment | File):
        return str(found)
    return [_plain(item) for item in found] if isinstance(found, list) else found


def text(prop: Json, site: Site) -> str:
    """A property's value as one line, several values joined by ``", "``."""
    return as_text(typed(prop, site))


def as_text(found: Any) -> str:
    """A value of :func:`value` or :func:`typed` as one line."""
    if found is None:
        return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, list):
        return ", ".join(as_text(item) for item in found)
    return str(found)


def title_key(properties: Json) -> str | None:
    """The name of the title property."""
    return next(
        (name for name, prop in properties.items() if isinstance(prop, dict) and prop.get("type") == "title"), None
    )


def ordered(properties: Json) -> list[str]:
    """Property names, the title's first, then by name: the API's order means nothing."""
    title = title_key(properties)
    return sorted(properties, key=lambda name: (name != title, name))


def _text(payload: Any, site: Site) -> str | None:
    return "".join(run.text for run in runs(payload, site)) if isinstance(payload, list) else payload


def _name(payload: Any, _: Site) -> str | None:
    return payload.get("name") if isinstance(payload, dict) else None


def _names(payload: Any, _: Site) -> list[str]:
    return [str(item.get("name") or "") for item in objects(payload)]


def _date(payload: Any, _: Site) -> Moment | None:
    return moment(payload)


def _time(payload: Any, _: Site) -> Moment | None:
    return Moment(payload) if isinstance(payload, str) and payload else None


def user_text(payload: Any, site: Site) -> str | None:
    """A person's, bot's or group's name, or the id where no name is known."""
    if not isinstance(payload, dict):
        return None
    user_id = str(payload.get("id") or "")
    return str(payload.get("name") or site.user(user_id) or user_id) or None


def _people(payload: Any, site: Site) -> list[str]:
    return [user_text(item, site) or "" for item in objects(payload)]


def _files(payload: Any, site: Site) -> list[File]:
    return [file_of(item, site) for item in objects(payload)]


def file_of(item: Json, site: Site) -> File:
    """One file of a property."""
    holder = item.get(str(item.get("type") or ""))
    url = str(holder.get("url") or "") if isinstance(holder, dict) else ""
    name = " ".join(str(item.get("name") or "").split())
    address = (site.asset(url) if url else None) or url or name
    ends_with = unquote(address.partition("?")[0].rpartition("/")[2])
    return File(address, "" if name in (address, ends_with) else name)


def _relation(payload: Any, site: Site) -> list[str]:
    titles = []
    for item in objects(payload):
        row = str(item.get("id") or "")
        found = site.target(row) if row else None
        titles.append((found.title or "Untitled") if found else row)
    return titles


def _result(payload: Any, site: Site) -> Any:
    """A formula's or rollup's result; of a rollup that shows values, those that are not empty."""
    if not isinstance(payload, dict):
        return None
    kind = str(payload.get("type") or "")
    if kind in ("unsupported", "incomplete"):
        return UNSUPPORTED
    if kind == "array":
        items = [typed(item, site) for item in objects(payload.get("array"))]
        parts = (part for item in items for part in (item if isinstance(item, list) else [item]))
        return [part for part in parts if part not in (None, "")]
    return _date(payload.get("date"), site) if kind == "date" else payload.get(kind)


def _unique_id(payload: Any, _: Site) -> str | None:
    if not isinstance(payload, dict) or payload.get("number") is None:
        return None
    return "-".join(str(part) for part in (payload.get("prefix"), payload["number"]) if part not in (None, ""))


def _verification(payload: Any, site: Site) -> str | None:
    if not isinstance(payload, dict):
        return None
    parts = [payload.get("state"), date_text(payload.get("date")), user_text(payload.get("verified_by"), site)]
    return " ".join(str(part) for part in parts if part) or None


def _place(payload: Any, _: Site) -> str | None:
    if not isinstance(payload, dict):
        return None
    parts = [payload.get("name"), payload.get("address")]
    if payload.get("lat") is not None:
        parts.append(f"({payload['lat']}, {payload.get('lon')})")
    return " ".join(str(part) for part in parts if part) or None


def _any_text(payload: Any) -> str:
    """Text of a value of a type nobody here has heard of."""
    if isinstance(payload, dict):
        return ", ".join(f"{key}: {_any_text(item)}" for key, item in sorted(payload.items()) if item is not None)
    if isinstance(payload, list):
        return ", ".join(_any_text(item) for item in payload)
    return str(payload)


def _same(payload: Any, _: Site) -> Any:
    return payload


def _nothing(_: Any, __: Site) -> None:
    return None


_READERS: dict[str, Callable[[Any, Site], Any]] = {
    "title": _text,
    "rich_text": _text,
    "number": _same,
    "checkbox": _same,
    "url": _same,
    "email": _same,
    "phone_number": _same,
    "created_time": _time,
    "last_edited_time": _time,
    "select": _name,
    "status": _name,
    "multi_select": _names,
    "date": _date,
    "people": _people,
    "files": _files,
    "relation": _relation,
    "formula": _result,
    "rollup": _result,
    "created_by": user_text,
    "last_edited_by": user_text,
    "unique_id": _unique_id,
    "verification": _verification,
    "place": _place,
    "button": _nothing,
    "unsupported": lambda _, __: UNSUPPORTED,
}
