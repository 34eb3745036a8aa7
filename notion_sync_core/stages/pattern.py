"""Paths made of the values of a row's properties: ``_posts/{Date|created}-{Slug|title}``.

Between braces stand names of properties, in the order in which they are asked, and at the end perhaps ``title``,
``created``, ``edited`` or ``id``. A date may say how it is written, in the way of ``strftime``: ``{Date:%Y/%m}``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast

from attrs import frozen

from notion_sync_core.content import properties
from notion_sync_core.content.dates import Moment
from notion_sync_core.document import NOWHERE, Site
from notion_sync_core.errors import ConfigError
from notion_sync_core.model import Json, properties_of
from notion_sync_core.stages.names import clean as file_name

_PIECE = re.compile(r"\{([^{}]*)\}|([^{}]+)|([{}])")
_FIELD = re.compile(r"(.+?)(?::((?:%[Ymd]|[-_./ ])+))?")
_OWN = frozenset(("title", "id", "created", "edited"))
_TIMES = {"created": "created", "edited": "last_edited"}
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_EDGES = "-_ ."


@frozen
class Field:
    """What stands between braces."""

    names: tuple[str, ...]
    """Properties, and words of our own, in the order in which they are asked."""
    form: str = ""
    """Of a date; ``""``: its day as ISO 8601 has it."""


@frozen
class Pattern:
    """Folders and name of a document's files.

    :raises ConfigError: from :meth:`parse`: the text is none.
    """

    parts: tuple[tuple[str | Field, ...], ...]
    """What each part of the path is made of."""

    @classmethod
    def parse(cls, text: str, key: str) -> Pattern:
        """Understand a pattern.

        :param key: the option it was given as, for messages.
        """
        parts: list[list[str | Field]] = [[]]
        for found in _PIECE.finditer(text):
            if found[3]:
                raise _wrong(key, text, "braces that belong together")
            if found[2]:
                first, *more = found[2].split("/")
                parts[-1] += [first] if first else []
                parts += [[each] if each else [] for each in more]
            else:
                parts[-1].append(_field(found[1], key, text))
        if not any(isinstance(each, Field) for each in parts[-1]):
            raise _wrong(key, text, "a name that differs between documents, such as {Slug|title}")
        if not all(parts) or any(part[0] in (".", "..") for part in parts):
            raise _wrong(key, text, "parts that say something between the slashes")
        return cls(tuple(map(tuple, parts)))

    def is_for(self, raw: Json) -> bool:
        """Whether a document has a property that is asked for; of one that asks for none, whether it is a row."""
        fields = (each for part in self.parts for each in part if isinstance(each, Field))
        asked = {name for field in fields for name in field.names} - _OWN
        return not asked.isdisjoint(properties_of(raw)) if asked else "data_source_id" in (raw.get("parent") or ())

    def place(self, raw: Json, title: str, clean: Callable[[str], str]) -> tuple[tuple[str, ...], str] | None:
        """The folders, from the outermost, and the name of a row; ``None`` for a document without such a property.

        :param raw: the object.
        :param clean: makes a name of the text of a value.
        """
        if not self.is_for(raw):
            return None
        found = properties_of(raw)
        made = "/".join(_part(part, found, raw, title, clean) for part in self.parts)
        *folders, name = made.split("/")
        # With a dot a folder could have the name of a file.
        safe = tuple(file_name(folder.replace(".", "-")) for folder in folders if folder)
        return safe, file_name(name or clean(title))


def _part(
    part: Iterable[str | Field], found: Mapping[str, Json], raw: Json, title: str, clean: Callable[[str], str]
) -> str:
    """One part; where a value is missing, what was to separate it from others goes as well."""
    texts = [each if isinstance(each, str) else _value(each, found, raw, title, clean) for each in part]
    return "".join(texts) if all(texts) else "".join(texts).strip(_EDGES)


def _field(text: str, key: str, whole: str) -> Field:
    found = _FIELD.fullmatch(text)
    names = tuple(each.strip() for each in found[1].split("|")) if found else ()
    if found is None or not all(names):
        raise _wrong(key, whole, "names of properties between its braces, such as {Slug|title}")
    return Field(names, found[2] or "")


def _value(field: Field, found: Mapping[str, Json], raw: Json, title: str, clean: Callable[[str], str]) -> str:
    """The first that says something; only a date that is written so makes folders."""
    own: dict[str, Any] = {"title": title or "Untitled", "id": str(raw.get("id") or "").replace("-", "")}
    own |= {name: Moment(str(raw.get(f"{key}_time") or "")) for name, key in _TIMES.items()}
    for name in field.names:
        value = properties.typed(found[name], cast("Site", NOWHERE)) if name in found else own.get(name)
        if isinstance(value, list):
            value = next(iter(value), None)
        if isinstance(value, Moment) and (day := _DAY.match(value.start)):
            form = field.form or "%Y-%m-%d"
            return form.replace("%Y", day[1]).replace("%m", day[2]).replace("%d", day[3])
        text = properties.as_text(value).strip()
        if text:
            return clean(text)
    return ""


def _wrong(key: str, text: str, expected: str) -> ConfigError:
    return ConfigError(f"{key} is {text!r}, expected {expected}", "For example: {Date|created}-{Slug|title}")
