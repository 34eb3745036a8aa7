"""Rich text to HTML within a line. https://developers.notion.com/reference/rich-text"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from notion_sync_core.plugin import Json, Run, Site, clean, is_plain, objects, runs
from notion_sync_html import dates, maths
from notion_sync_html.context import Context
from notion_sync_html.markup import EMPTY, address, element, join, path_address, start, text

COLORS = frozenset(("gray", "brown", "orange", "yellow", "green", "blue", "purple", "pink", "red"))
_TAGS = (("code", "code"), ("bold", "strong"), ("italic", "em"), ("strikethrough", "del"), ("underline", "u"))


def inline(items: Sequence[Json] | None, context: Context) -> Markup:
    """Rich text as HTML; what it says goes into the search index too."""
    items = objects(items)
    if not items:
        return EMPTY
    if len(items) == 1 and is_plain(items[0]):
        said = items[0].get("plain_text") or ""
        context.digest.hear(said)
        return text(said)
    found = runs(items, context.site)
    context.digest.hear("".join(run.text for run in found))
    return join([_run(run, context.site) for run in found])


def plain(items: Sequence[Json] | None, site: Site) -> str:
    """The text alone."""
    items = objects(items)
    if len(items) == 1 and is_plain(items[0]):
        return clean(items[0].get("plain_text") or "")
    return "".join(run.text for run in runs(items, site))


def color_class(color: object) -> str:
    """The class of a colour or background; ``""`` for none, and for one that Notion does not have."""
    if not isinstance(color, str):
        return ""
    name = color.removesuffix("_background")
    return "" if name not in COLORS else f"bg-{name}" if name != color else f"color-{name}"


def _run(run: Run, site: Site) -> Markup:
    body = _body(run, site)
    for flag, tag in _TAGS:
        if flag in run.look:
            body = element(tag, body)
    color = color_class(run.color)
    if color:
        body = element("span", body, class_=color)
    href = address(run.to)
    kind = run.kind if run.kind.isidentifier() else "other"
    mention = f"mention mention-{kind}" if run.kind not in ("text", "equation", "custom_emoji") else None
    if href:
        return element("a", body, href=href, class_=mention)
    return element("span", body, class_=mention) if mention else body


def _body(run: Run, site: Site) -> Markup:
    payload = run.payload or {}
    if run.kind == "equation":
        return maths.inline(run.text)
    if run.kind == "date":
        return dates.date(payload) or text(run.text)
    if run.kind == "custom_emoji":
        return emoji(str(payload.get("url") or ""), run.text, site)
    return text(run.text)


def emoji(url: str, label: str, site: Site) -> Markup:
    """A custom emoji: its picture if the export has it, and its name for everybody else."""
    copy = site.picture(url) if url else None
    if copy is None:
        return text(label)
    picture = image(path_address(copy), "", class_="emoji")
    return picture + element("span", label, class_="unseen")


def image(src: str, alt: str, **attributes: str | None) -> Markup:
    """An image, loaded when it comes into view."""
    return start("img", src=src, alt=alt, loading="lazy", decoding="async", **attributes)
