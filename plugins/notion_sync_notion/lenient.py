"""Reads JSON that strict readers refuse although it is JSON, so that no odd value is taken for a proxy's page.

Half surrogate pairs (https://www.rfc-editor.org/rfc/rfc8259#section-8.2), numbers beyond a double, nesting beyond any
reader's limit; and NaN and infinity, which are no JSON but are written by many.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import orjson

from notion_sync_core.plugin import Json, wellformed

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
"""Strings and brackets; a string without its end reaches to the end, so that no part is read twice."""
_CUT = json.dumps(wellformed.CUT)
_MOST_DIGITS = 18
"""An integer of so many digits fits into 64 bits."""


def loads(body: bytes) -> Any:
    """The value of a JSON text.

    Halves of a surrogate pair that meet, in one text or in two neighbours of a rich text, are joined; a lone one
    becomes U+FFFD. What is nested deeper than :data:`~notion_sync_core.wellformed.DEEPEST` levels is cut, visibly.

    :raises ValueError: it is no JSON.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        raw = json.loads(_shallow(body.decode("utf-8-sig")), parse_int=_integer, parse_float=_float, parse_constant=str)
    except RecursionError:
        raise ValueError("it is nested without end") from None
    _join_halves(raw)
    return wellformed.value(raw)


def _shallow(text: str) -> str:
    """The text without what is nested too deeply; brackets without their end stay, for the reader to refuse."""
    pieces: list[str] = []
    depth = kept = start = 0
    for token in _TOKEN.finditer(text):
        mark = token[0]
        if mark in "[{":
            if depth == wellformed.DEEPEST:
                start = token.start()
            depth += 1
        elif mark in "]}":
            depth -= 1
            if depth == wellformed.DEEPEST:
                pieces += (text[kept:start], _CUT)
                kept = token.end()
    return "".join([*pieces, text[kept:]])


def _integer(digits: str) -> int | float | str:
    return int(digits) if len(digits) <= _MOST_DIGITS else _float(digits)


def _float(digits: str) -> float | str:
    """As orjson has it; beyond a double, the text."""
    found = float(digits)
    return digits if isinstance(wellformed.number(found), str) else found


def _join_halves(raw: Any) -> None:
    """Give the second half of a pair that two neighbours in a rich text share to the first of them."""
    todo = [raw]
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            for slots in (_shown(value), _written(value)):
                _join(slots)
            todo += value
        elif isinstance(value, dict):
            todo += value.values()


def _items(values: list[Any]) -> Iterator[Json]:
    """The items of a rich text; each may stand in a property item."""
    for item in values:
        if isinstance(item, dict) and "plain_text" not in item:
            item = _payload(item)
        if isinstance(item, dict):
            yield item


def _payload(item: Json) -> Any:
    kind = item.get("type")
    return item.get(kind) if isinstance(kind, str) else None


def _shown(values: list[Any]) -> Iterator[tuple[Json, str]]:
    return ((item, "plain_text") for item in _items(values))


def _written(values: list[Any]) -> Iterator[tuple[Json, str]]:
    for item in _items(values):
        payload = _payload(item)
        if isinstance(payload, dict):
            yield payload, "expression" if "expression" in payload else "content"


def _join(slots: Iterator[tuple[Json, str]]) -> None:
    last: Json = {}
    where = ""
    for holder, key in slots:
        text = holder.get(key)
        if not isinstance(text, str) or not text:
            continue
        if last and "\udc00" <= text[0] <= "\udfff" and "\ud800" <= last[where][-1] <= "\udbff":
            last[where] += text[0]
            holder[key] = text = text[1:]
        if text:
            last, where = holder, key
