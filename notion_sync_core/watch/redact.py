"""Takes secrets out of texts that people and log collectors see."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, get_origin

import attrs

from notion_sync_core.terminal import MOST, bounded

T = TypeVar("T", bound=attrs.AttrsInstance)

_SHORTEST = 6
"""A shorter secret would tear holes into innocent words."""
LONGEST = {"title": 300}
"""Characters of a text in an event or a report, by the name of its field; of others :data:`MOST`."""
_SHORT = min(LONGEST.values())
"""Texts that have no more between them need no cut."""
_AHEAD = 4
"""A secret that is cut in two would not be known: so many times what is kept is looked at before it is cut."""
# Each pattern takes time in proportion to the text: no part of one can begin in many places and then read far.
_PATTERNS = (
    # Tokens of Notion, whoever they belong to.
    (re.compile(r"\b(?:ntn|secret)_[A-Za-z0-9_-]{8,}"), "[token]"),
    (re.compile(r"(?i)(\b(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]{6,}"), r"\1[secret]"),
    # Name and password in an address, up to the last @ of its host; slashes may be escaped, as in JSON, or
    # replaced, as in the name of a file whose title is an address.
    (re.compile(r"(:\\?/\\?/|\b(?:https?|ftp)---)[^\s/\\'\"<>]+@"), r"\1[secret]@"),
    # Signed addresses, also as parts of others, where their own punctuation is in percent.
    (
        re.compile(
            r"(?i)((?:x-(?:amz|goog)-[a-z-]{1,40}|(?:[?&;#]|%(?:25)*(?:3f|26|3b|23)|u0026)(?:signature|sig|policy|"
            r"key-pair-id|awsaccesskeyid|(?:access_?)?token|api_?key|password))(?:=|%(?:25)*3d))[^&\s'\"<>)\]]+"
        ),
        r"\1[secret]",
    ),
)
_HINT = re.compile(r"[_@=%]|[bB](?:[eE][aA]|[aA][sSſ])")  # ſ is an s where case does not count
"""A text without any of these fits no pattern."""


class Redactor:
    """Knows some secrets by heart, and others by their looks.

    :param secrets: what must never be shown.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets: set[str] = set()
        self._known: re.Pattern[str] | None = None
        self.know(*secrets)

    def know(self, *secrets: str) -> None:
        """From now on take these out as well."""
        self._secrets.update(each for each in secrets if len(each) >= _SHORTEST)
        # The longest first: one may contain another.
        known = sorted(self._secrets, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None

    @property
    def known(self) -> frozenset[str]:
        """The secrets that it knows by heart: for another one that is to know them too."""
        return frozenset(self._secrets)

    def __call__(self, text: str) -> str:
        """The text without secrets; the same object if it has none."""
        if (known := self._known) is not None:
            text = known.sub("[secret]", text)
        if _HINT.search(text) is None:
            return text
        for pattern, instead in _PATTERNS:
            text = pattern.sub(instead, text)
        return text

    def tree(self, value: Any) -> Any:
        """Plain values, as JSON has them, with every text and key in them redacted.

        Before they become JSON: there a secret with a quotation mark in it looks different.
        """
        if isinstance(value, str):
            return self(value)
        if isinstance(value, Mapping):
            return {self.tree(key): self.tree(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.tree(item) for item in value]
        return value

    def short(self, text: str, most: int) -> str:
        """The text without secrets, cut to so many characters; what is far beyond them is not looked at."""
        return bounded(self(text[: _AHEAD * most]), most)

    def record(self, value: T) -> T:
        """A copy of a frozen record without secrets and with short texts; the record itself if it is so already."""
        given, texts, lists = _texts_of(type(value))
        changes: dict[str, Any] = {}
        if texts and not self._are_clean(given(value)):
            for name, most in texts:
                found = getattr(value, name)
                clean: Any = self.short(found, most)
                if clean != found:
                    changes[name] = clean
        for name in lists:
            items = getattr(value, name)
            clean = type(items)(self.tree(items))
            if clean != items:
                changes[name] = clean
        return attrs.evolve(value, **changes) if changes else value  # type: ignore[misc]

    def _are_clean(self, texts: tuple[str, ...]) -> bool:
        """Whether they need no look one by one, as almost always: short, and nothing in them like a secret."""
        text = "\n".join(texts)
        return len(text) <= _SHORT and _HINT.search(text) is None and (not self._known or not self._known.search(text))


@cache
def _texts_of(
    kind: type[attrs.AttrsInstance],
) -> tuple[Callable[[Any], tuple[str, ...]], tuple[tuple[str, int], ...], tuple[str, ...]]:
    """What gives the texts of a record; their names, each with how long it may be; what else may hold texts."""
    attrs.resolve_types(kind)
    fields = attrs.fields(kind)
    texts = tuple((field.name, LONGEST.get(field.name, MOST)) for field in fields if field.type is str)
    # Once more than needed: of one name alone it gives no tuple.
    given = attrgetter(*(name for name, _ in texts), texts[0][0]) if texts else tuple
    return given, texts, tuple(field.name for field in fields if get_origin(field.type) in (tuple, dict))
