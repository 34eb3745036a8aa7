"""What stands under a key of the front matter: a property's value, or something that every document has."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import frozen

from notion_sync_core.plugin import ConfigError, Json, Moment, properties
from notion_sync_markdown.pen import Pen

OWN = ("title", "created", "edited", "id", "url", "icon", "cover")
"""What every document has, whatever its properties."""
_TIMES = frozenset(("date", "lastmod", "publishdate", "expirydate", "updated", "last_modified_at"))
"""Keys under which a reader expects one time."""
_LISTS = frozenset(("tags", "categories", "keywords", "aliases", "authors"))
"""Keys under which a reader expects several texts."""
_SLUG = re.compile(r"[\w/-]*")
_NOT_IN_SLUG = re.compile(r"[^\w/]+")
_COMMAS = re.compile(r"[,;\n]")

Own = Callable[[str], Any]
"""Gives what every document has by its word."""


@frozen
class Mapped:
    """What ``keys`` says of one key."""

    names: tuple[str, ...]
    """Properties and words of :data:`OWN`, in the order in which they are asked; ``NAME=VALUE`` asks whether."""

    @classmethod
    def parse(cls, key: str, text: str) -> Mapped:
        """Understand what stands in the options.

        :raises ConfigError: it names nothing.
        """
        names = tuple(each.strip() for each in text.split("|"))
        if not key.strip() or not all(names):
            raise ConfigError(
                f"plugins.markdown.keys: {key!r} is {text!r}, expected names of properties",
                'For example: keys = {date = "Date|created", tags = "Tags", draft = "Status=Draft"}',
            )
        return cls(names)

    def properties(self, found: Iterable[str]) -> set[str]:
        """The properties that stand under this key, and not under their own name as well."""
        return set(self.names).intersection(found)

    def value(self, key: str, found: Mapping[str, Json], own: Own, pen: Pen) -> Any:
        """The first value that says something; ``None`` if none does."""
        for name in self.names:
            if name in found:
                value = fitted(key, properties.typed(found[name], pen.site))
            elif name in OWN:
                value = fitted(key, own(name))
            else:
                value = _is(name, found, pen)
            if not is_empty(value):
                return value
        return None


def _is(name: str, found: Mapping[str, Json], pen: Pen) -> bool | None:
    """Whether a property has a value; ``None`` where there is no such property."""
    prop, asks, wanted = name.partition("=")
    prop, wanted = prop.strip(), wanted.strip()
    if not asks or prop not in found:
        return None
    value = properties.typed(found[prop], pen.site)
    return wanted in map(properties.as_text, value if isinstance(value, list) else [value])


def is_empty(value: Any) -> bool:
    """Whether a value says nothing."""
    return value is None or value in ("", [])


def fitted(key: str, value: Any) -> Any:
    """A value as readers want it under that key: one time, or a list of texts."""
    if key.casefold() == "slug" and isinstance(value, str) and not _SLUG.fullmatch(value):
        return _NOT_IN_SLUG.sub("-", value).strip("-").lower()
    if key.casefold() in _TIMES and isinstance(value, Moment):
        return _instant(value)
    if key.casefold() in _LISTS and isinstance(value, str):
        return [text for each in _COMMAS.split(value) if (text := each.strip())]
    return value


def _instant(value: Moment) -> Moment:
    """The beginning of a range, with the offset of its zone: who builds a site may live in another."""
    if not value.zone:
        return Moment(value.start)
    # Few documents have such a time.
    from datetime import datetime
    from zoneinfo import ZoneInfo

    try:
        return Moment(datetime.fromisoformat(value.start).replace(tzinfo=ZoneInfo(value.zone)).isoformat())
    except (ValueError, KeyError, OSError):  # no such zone here
        return Moment(value.start)
