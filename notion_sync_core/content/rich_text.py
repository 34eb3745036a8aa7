"""Rich text as runs: stretches of one look, each with where it leads.

https://developers.notion.com/reference/rich-text
"""

from __future__ import annotations

import re
from typing import Any

from attrs import define

from notion_sync_core.content import links
from notion_sync_core.content.dates import moment
from notion_sync_core.content.links import Destination
from notion_sync_core.document import Site
from notion_sync_core.model import Json, objects

FLAGS = ("bold", "italic", "strikethrough", "underline", "code")
"""The annotations that are set or not; of colours there is :attr:`Run.color`."""
PLAIN = {**dict.fromkeys(FLAGS, False), "color": "default"}
"""The annotations of text without any look."""
_COMMENT = re.compile(r"(?m)((?<!\\)(?:\\\\)*)%.*$")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]")


@define
class Run:
    """A stretch of text of one look."""

    text: str
    """As :func:`clean` leaves it: without control characters; line breaks are ``\\n``. TeX for an equation."""
    look: frozenset[str] = frozenset()
    """Which of :data:`FLAGS` are set."""
    color: str = "default"
    """A colour, or a background as ``red_background``."""
    to: Destination | None = None
    kind: str = "text"
    """``text``, ``equation``, or the type of a mention such as ``user``, ``page``, ``date``."""
    payload: Json | None = None
    """A mention's own object."""

    def joins(self, other: Run) -> bool:
        """Whether both are text of one look that leads to one place."""
        return self.kind == other.kind == "text" and (self.look, self.color, self.to) == (
            other.look,
            other.color,
            other.to,
        )


def runs(items: Any, site: Site) -> list[Run]:
    """The text's runs, neighbours of equal look joined: Notion splits long ones anywhere."""
    result: list[Run] = []
    for item in objects(items):
        run = _run(item, site)
        if result and result[-1].joins(run):
            result[-1].text += run.text
        elif run.text:
            result.append(run)
    return result


def is_plain(item: Json) -> bool:
    """Whether an item is text without look and link."""
    return (
        item.get("type") == "text"
        and not item.get("href")
        and isinstance(item.get("plain_text"), str)
        and (item.get("annotations") == PLAIN or (not look(item) and color(item) == "default"))
    )


def clean(raw: str) -> str:
    """Text without control characters, its line breaks all ``\\n``.

    Tabs stay, and so do U+0085, U+2028 and U+2029, which stand for blanks or breaks as a reader likes: lines are what
    ``split("\\n")`` gives, and not ``splitlines()``.
    """
    if raw.isprintable():
        return raw
    return _CONTROL.sub("", raw.replace("\r\n", "\n").replace("\r", "\n"))


def tex(raw: str) -> str:
    """A formula on one line: its comments, which end with a line, would take in what follows."""
    return " ".join((_COMMENT.sub(r"\1", raw) if "%" in raw and "\n" in raw else raw).split())


def look(item: Json) -> frozenset[str]:
    """The annotations that are set, but the colour."""
    annotations = item.get("annotations")
    if not isinstance(annotations, dict) or annotations == PLAIN:
        return frozenset()
    return frozenset(flag for flag in FLAGS if annotations.get(flag))


def color(item: Json) -> str:
    """The colour of an item, a block or anything that has annotations; ``default`` if none."""
    annotations = item.get("annotations")
    found = annotations.get("color") if isinstance(annotations, dict) else None
    return found if isinstance(found, str) and found not in ("", "default_background") else "default"


def _run(item: Json, site: Site) -> Run:
    kind, shown = item.get("type"), item.get("plain_text")
    shown = clean(shown if isinstance(shown, str) else _unread_text(item))
    if kind == "mention":
        return _mention(item, shown, site)
    href = item.get("href") if "href" in item else _unread_link(item)
    href = href if isinstance(href, str) else None
    if kind == "equation":
        return Run(tex(shown), look(item), color(item), links.destination(href, site) if href else None, "equation")
    if item.get("annotations") == PLAIN:
        return Run(shown, to=links.destination(href, site) if href else None)
    return Run(shown, look(item), color(item), links.destination(href, site) if href else None)


def _unread_text(item: Json) -> str:
    """Text of an item without ``plain_text``, as requests have it."""
    payload = item.get(str(item.get("type") or "text"))
    return str(payload.get("content") or payload.get("expression") or "") if isinstance(payload, dict) else ""


def _unread_link(item: Json) -> str:
    payload = item.get("text")
    link = payload.get("link") if isinstance(payload, dict) else None
    return str(link.get("url") or "") if isinstance(link, dict) else ""


def _mention(item: Json, shown: str, site: Site) -> Run:
    holder = item.get("mention")
    holder = holder if isinstance(holder, dict) else {}
    kind = str(holder.get("type") or "")
    payload: Any = holder.get(kind)
    payload = payload if isinstance(payload, dict) else {}
    label, to = _mentioned(kind, payload, shown, str(item.get("href") or ""), site)
    return Run(label, look(item), color(item), to, kind or "mention", payload)


def _mentioned(kind: str, payload: Json, shown: str, href: str, site: Site) -> tuple[str, Destination | None]:
    """What a mention says and where it leads."""
    href = href or str(payload.get("href") or payload.get("url") or "")
    if kind in ("page", "database", "data_source") and payload.get("id"):
        return _mentioned_object(str(payload["id"]), shown, href, site)
    if kind == "user":
        return _person(payload, shown, site), None
    if kind == "date":
        return _date(payload, shown), None
    if kind == "custom_emoji":
        return shown or f":{payload.get('name') or 'emoji'}:", None
    if kind == "link_mention" and shown == href:
        shown = ""  # what the app shows is the title
    named = (str(payload.get(key) or "").strip() for key in ("title", "name"))
    label = shown or next(filter(None, named), "") or href or f"@{kind}"
    return label, links.destination(href, site) if href else None


def _mentioned_object(object_id: str, shown: str, href: str, site: Site) -> tuple[str, Destination | None]:
    """A document by its present title; a block of one, which only the address names, by the words of the mention."""
    link = links.to_object(object_id, site, shown, href)
    to = links.destination(href, site) if "#" in href else None
    if shown and to is not None and (to.fragment or not to.is_local):
        return shown, to
    return link.label, link.to


def _date(payload: Json, shown: str) -> str:
    """A date as it is shown; its zone is added where its times carry no offset."""
    found = moment(payload)
    if found is None:
        return shown or "@date"
    shown = shown or " → ".join(filter(None, (found.start, found.end)))
    return f"{shown} ({found.zone})" if found.zone and found.zone not in shown else shown


def _person(payload: Json, shown: str, site: Site) -> str:
    if shown and shown != "@Anonymous":
        return shown
    person = str(payload.get("id") or "")
    name = payload.get("name") or (site.user(person) if person else None)
    return f"@{name}" if name else shown or f"@{person}"
