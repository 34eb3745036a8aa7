"""Rich text as it was read, made into what requests take: within their limits, with links and mentions of today.

https://developers.notion.com/reference/rich-text
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from notion_sync_core.content.links import NOTION, SAFE_SCHEMES
from notion_sync_core.model import Json, fields, fragment_from_url, id_from_url, normalise_id, objects
from notion_sync_core.restore.planning.around import Around

LONGEST_EQUATION = 1000
LONGEST_URL = 2000
_MARKS = ("bold", "italic", "strikethrough", "underline", "code")
_HUES = ("gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red")
COLORS = frozenset(("default", "default_background", *_HUES, *(f"{hue}_background" for hue in _HUES)))


def arrays(items: Any, around: Around) -> list[list[Json]]:
    """Rich text in as many arrays as its length needs; at least one, which may be empty."""
    limits, size = around.limits, 0
    found: list[list[Json]] = [[]]
    most = limits.bytes // 3
    for item in _items(items, around):
        weight = len(orjson.dumps(item))
        if found[-1] and (len(found[-1]) >= limits.items or size + weight > most):
            found.append([])
            size = 0
        found[-1].append(item)
        size += weight
    return found


def array(items: Any, around: Around, what: str) -> list[Json]:
    """Rich text in one array; what is too long for it is cut, and told.

    :param what: where it stands, for the note.
    """
    found = arrays(items, around)
    if len(found) > 1:
        around.note(f"{what} is longer than can be written, and was cut")
    return found[0]


def line(*parts: str, href: str = "", italic: bool = False) -> list[Json]:
    """A text of our own; the last part carries the link, if there is one."""
    marks = {"annotations": {"italic": True, "color": "gray"}} if italic else {}
    texts = [{"type": "text", "text": {"content": cut(part)}, **marks} for part in parts if part]
    if href and texts and is_address(href):
        texts[-1]["text"] = {"content": cut(parts[-1]), "link": {"url": href}}
    return texts


def cut(text: str, most: int = 2000) -> str:
    """The start of a text, in whole characters."""
    return next(_pieces(text, most), "")


def shown(items: list[Json]) -> str:
    """The plain text of rich text as requests have it; what a service says of mentions is not known."""
    return "".join(_shown(item) for item in items)


def is_plain(items: list[Json]) -> bool:
    """Whether :func:`shown` is all that a service can say of it."""
    return all("text" in item or "equation" in item for item in items)


def _shown(item: Json) -> str:
    return str(fields(item.get("text")).get("content") or fields(item.get("equation")).get("expression") or "")


def is_address(url: Any) -> bool:
    """Whether a URL can be written: absolute, of a scheme that does no harm, and not too long."""
    if not isinstance(url, str) or len(url.encode("utf-16-le", "replace")) > 2 * LONGEST_URL:
        return False
    return url.partition(":")[0].lower() in SAFE_SCHEMES and ":" in url


def address(url: Any, around: Around) -> str:
    """Where a link leads now: to what a page became, or where it led; ``""``: nowhere that can be written.

    :raises Awaited: the page will be there later.
    """
    if not isinstance(url, str) or not url:
        return ""
    old = id_from_url(url)
    new = around.new_of(old) if old else ""
    if new:
        block = normalise_id(fragment_from_url(url) or "")
        anchor = around.known(block) if block else ""
        return f"{NOTION}/{new.replace('-', '')}{'#' + anchor.replace('-', '') if anchor else ''}"
    whole = NOTION + url if url.startswith("/") else url
    if is_address(whole):
        return whole
    around.note("a link leads to an address that cannot be written; its text stays")
    return ""


def old_address(object_id: str) -> str:
    """Where an object was, before it was restored."""
    return f"{NOTION}/{object_id.replace('-', '')}"


def color(value: Any) -> str:
    """A colour that is known."""
    return value if isinstance(value, str) and value in COLORS else "default"


def _items(items: Any, around: Around) -> Iterator[Json]:
    for item in objects(items):
        look = {"annotations": found} if (found := _look(item.get("annotations"))) else {}
        for made in _item(item, around):
            yield {**made, **look}


def _look(given: Any) -> Json:
    marks: Json = {mark: True for mark in _MARKS if fields(given).get(mark) is True}
    hue = color(fields(given).get("color"))
    return marks if hue == "default" else {**marks, "color": hue}


def _item(item: Json, around: Around) -> Iterator[Json]:
    kind = item.get("type")
    if kind == "mention":
        yield from _mention(item, around)
        return
    if kind == "equation":
        expression = fields(item.get("equation")).get("expression")
        if isinstance(expression, str) and _units(expression) <= LONGEST_EQUATION:
            yield {"type": "equation", "equation": {"expression": _sound(expression)}}
            return
        around.note("a formula is longer than can be written, and became text")
    text = fields(item.get("text"))
    content = text.get("content", item.get("plain_text"))
    url = fields(text.get("link")).get("url") or item.get("href")
    yield from _text(str(content or ""), address(url, around), around)


def _text(content: str, href: str, around: Around) -> Iterator[Json]:
    link = {"link": {"url": href}} if href else {}
    for piece in _pieces(content, around.limits.text):
        yield {"type": "text", "text": {"content": piece, **link}}


def _mention(item: Json, around: Around) -> Iterator[Json]:
    mention = fields(item.get("mention"))
    kind = str(mention.get("type") or "")
    payload = fields(mention.get(kind))
    made = _MENTIONS.get(kind, _none)(kind, payload, around)
    if made is not None:
        yield {"type": "mention", "mention": {"type": kind, kind: made}}
        return
    said = str(item.get("plain_text") or payload.get("name") or "")
    if kind in ("page", "database"):
        old = normalise_id(str(payload.get("id"))) or ""
        yield from _text(said or around.title(old) or "Untitled", old_address(old) if old else "", around)
        return
    if kind not in ("user", "agent"):
        around.note(f"a mention ({kind or 'of nothing'}) cannot be written; its text stays")
    url = payload.get("url") or payload.get("href") or item.get("href")
    yield from _text(said, address(url if kind != "custom_emoji" else None, around), around)


def _none(_: str, __: Json, ___: Around) -> Json | None:
    return None


def _to_page(kind: str, payload: Json, around: Around) -> Json | None:
    old = normalise_id(str(payload.get("id")))
    if old is None:
        return None
    new = around.new_of(old)
    if new:
        is_right = (around.kind(old) == "database") == (kind == "database")
        return {"id": new} if is_right else None
    if around.names_others and not around.kind(old):
        return {"id": old}
    around.note("a mention of a page that is not restored became a link to where it was")
    return None


def _to_person(_: str, payload: Json, around: Around) -> Json | None:
    person = around.person(str(payload.get("id") or ""))
    if person:
        return {"id": person}
    around.note("a mention of a person who is not there became text")
    return None


def date(_: str, payload: Json, __: Around) -> Json | None:
    """A date as requests have it; ``None``: it has no start."""
    if not isinstance(payload.get("start"), str):
        return None
    return {"start": payload["start"], "end": payload.get("end"), "time_zone": payload.get("time_zone")}


def _template(_: str, payload: Json, __: Around) -> Json | None:
    for name, words in (("template_mention_date", ("today", "now")), ("template_mention_user", ("me",))):
        if payload.get(name) in words:
            return {"type": name, name: payload[name]}
    return None


_MENTIONS = {"page": _to_page, "database": _to_page, "user": _to_person, "date": date, "template_mention": _template}


def _sound(text: str) -> str:
    """A text that has an encoding."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _pieces(text: str, most: int) -> Iterator[str]:
    """A text in pieces of so many UTF-16 units, in whole characters."""
    text = _sound(text)
    if len(text) * 2 <= most or _units(text) <= most:
        if text:
            yield text
        return
    start, units = 0, 0
    for at, char in enumerate(text):
        wide = 2 if ord(char) > 0xFFFF else 1
        if units + wide > most:
            yield text[start:at]
            start, units = at, 0
        units += wide
    yield text[start:]
