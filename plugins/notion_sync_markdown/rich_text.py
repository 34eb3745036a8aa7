"""Rich text to inline Markdown. https://developers.notion.com/reference/rich-text"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from notion_sync_core.model import Json, Site, id_from_url
from notion_sync_markdown import escape

_EDGES = re.compile(r"^(\s*)(.*?)(\s*)$", re.DOTALL)
_WORD = re.compile(r"[^\W_]")
_FLAGS = ("bold", "italic", "strikethrough", "underline", "code")
_MARKS = (("strikethrough", "~~", "del"), ("italic", "*", "em"), ("bold", "**", "strong"))
_TAGS = (("code", "code"), ("bold", "strong"), ("italic", "em"), ("strikethrough", "del"), ("underline", "u"))
_CODE_SPAN = re.compile(r"(?<![\\`])(`+)(?!`)(.*?)(?<!`)\1(?!`)")
_NOTION = "https://www.notion.so"


def inline(items: Iterable[Json] | None, site: Site, *, breaks: str = "\\\n") -> str:
    """Rich text as inline Markdown.

    :param breaks: what a line break inside the text becomes.
    """
    if not items:
        return ""
    spans = merged(items)
    out: list[str] = []
    for index, span in enumerate(spans):
        before = spans[index - 1]["plain_text"][-1:] if index else ""
        after = spans[index + 1]["plain_text"][:1] if index + 1 < len(spans) else ""
        out.append(_span(span, site, before, after))
    text = escape.line_start("".join(out).strip("\n"))
    return text.replace("\n", breaks) if "\n" in text else text


def inline_html(items: Iterable[Json] | None, site: Site) -> str:
    """Rich text as HTML, for places inside HTML where Markdown is not read."""
    out = []
    for item in merged(items or ()):
        body = escape.html(item["plain_text"]).replace("\n", "<br>")
        annotations = item.get("annotations") or {}
        for flag, tag in _TAGS:
            if annotations.get(flag):
                body = f"<{tag}>{body}</{tag}>"
        target = resolve(item["href"], site) if item.get("href") else None
        out.append(f'<a href="{target}">{body}</a>' if target else body)
    return "".join(out)


def cell(items: Iterable[Json] | None, site: Site) -> str:
    """Rich text as a table cell: one line, no bare pipe."""
    text = inline(items, site, breaks="<br>")
    if "|" not in text:
        return text
    return _CODE_SPAN.sub(_code_in_cell, text)


def _code_in_cell(found: re.Match[str]) -> str:
    body = found[2]
    return f"<code>{escape.html(body).replace('|', '&#124;')}</code>" if "|" in body else found[0]


def merged(items: Iterable[Json]) -> list[Json]:
    """The same text with neighbours of equal look joined: Notion splits long ones anywhere."""
    result: list[Json] = []
    for item in items:
        if not isinstance(item, dict):
            continue
        if not isinstance(item.get("plain_text"), str):
            item = {**item, "plain_text": _fallback_text(item)}
        last = result[-1] if result else None
        if (
            last is not None
            and last.get("type") == item.get("type") == "text"
            and last.get("href") == item.get("href")
            and _look(last) == _look(item)
        ):
            result[-1] = {**last, "plain_text": last["plain_text"] + item["plain_text"]}
        elif item["plain_text"] or item.get("type") != "text":
            result.append(item)
    return result


def _fallback_text(item: Json) -> str:
    """Text of an item without ``plain_text``, as requests have it."""
    text, equation = item.get("text"), item.get("equation")
    if isinstance(text, dict):
        return str(text.get("content") or "")
    return str(equation.get("expression") or "") if isinstance(equation, dict) else ""


def _look(item: Json) -> Any:
    return {key: value for key, value in (item.get("annotations") or {}).items() if value and value != "default"}


def _span(item: Json, site: Site, before: str, after: str) -> str:
    kind = item.get("type")
    if kind == "equation":
        return _equation(item["plain_text"])
    if kind == "mention":
        return _mention(item, site)
    raw = item["plain_text"]
    annotations = item.get("annotations") or {}
    href = item.get("href")
    if not href and not any(annotations.get(flag) for flag in _FLAGS):
        return escape.text(raw)
    found = _EDGES.match(raw)
    lead, core, trail = found.groups() if found else ("", raw, "")
    if not core:
        return raw
    body = _formatted(core, annotations, lead or before, trail or after)
    return f"{lead}{_linked(body, href, site) if href else body}{trail}"


def _formatted(core: str, annotations: Json, before: str, after: str) -> str:
    if annotations.get("code"):
        if "\n" in core:
            body = "\n".join(escape.code(line) if line.strip() else line for line in core.split("\n"))
        else:
            body = escape.code(core)
        inner_safe = True
    else:
        body = escape.text(core)
        inner_safe = bool(_WORD.match(core[0])) and bool(_WORD.match(core[-1]))
    # A delimiter works next to a space or punctuation outside and a letter inside; elsewhere tags do the same.
    plain = inner_safe and not _WORD.match(before or " ") and not _WORD.match(after or " ") and "\n" not in core
    plain = plain and not _is_markup(before) and not _is_markup(after)
    for flag, mark, tag in _MARKS:
        if annotations.get(flag):
            body = f"{mark}{body}{mark}" if plain and not annotations.get("code") else f"<{tag}>{body}</{tag}>"
    if annotations.get("underline"):
        body = f"<u>{body}</u>"
    return body


def _is_markup(neighbour: str) -> bool:
    """A neighbour that would run together with our delimiters, or is punctuation that changes their meaning."""
    return bool(neighbour) and not neighbour.isspace() and not _WORD.match(neighbour)


def _linked(body: str, href: str, site: Site) -> str:
    target = resolve(href, site)
    return f"[{body}]({target})" if target else body


def resolve(href: str, site: Site) -> str | None:
    """A link destination: the path of an exported object, or the URL; ``None`` if it is unsafe."""
    object_id = id_from_url(href) if _is_notion(href) else None
    if object_id:
        found = site.target(object_id)
        if found is not None and found.href is not None:
            return escape.path(found.href)
    if href.startswith("/"):
        href = _NOTION + href
    return escape.url(href)


def _is_notion(href: str) -> bool:
    return href.startswith("/") or "notion." in href.split("?")[0][:60]


def link_to(object_id: str, site: Site, fallback: str = "", url: str = "") -> str:
    """A link to an object by id, with its present title."""
    found = site.target(object_id)
    if found is None:
        address = url or f"{_NOTION}/{object_id.replace('-', '')}"
        return f"[{escape.text(fallback or 'Untitled')}]({escape.url(address) or _NOTION})"
    label = escape.text(found.title or fallback or "Untitled").replace("\n", " ")
    return f"[{label}]({escape.path(found.href) if found.href else escape.url(found.url)})"


def _equation(expression: str) -> str:
    flat = " ".join(expression.split())
    if not flat:
        return ""
    # With a backtick or dollar inside, GitHub's plain form would end early.
    return f"$`{flat}`$" if "`" not in flat else escape.code(flat)


def _mention(item: Json, site: Site) -> str:
    mention = item.get("mention") or {}
    kind = mention.get("type")
    payload = mention.get(kind) if kind else None
    payload = payload if isinstance(payload, dict) else {}
    shown = item["plain_text"]
    if kind in ("page", "database", "data_source") and payload.get("id"):
        return link_to(payload["id"], site, shown, item.get("href") or "")
    if kind == "user" and payload.get("id"):
        name = payload.get("name") or site.user(payload["id"])
        return escape.text(f"@{name}" if name and shown in ("", "@Anonymous") else shown or f"@{name or payload['id']}")
    if kind == "date" and not shown:
        shown = " → ".join(part for part in (payload.get("start"), payload.get("end")) if part)
    address = payload.get("href") or payload.get("url") or item.get("href")
    if kind == "custom_emoji":
        return escape.text(shown or f":{payload.get('name', '')}:")
    if address and kind in ("link_preview", "link_mention"):
        return _linked(escape.text(payload.get("title") or shown or address), str(address), site)
    body = escape.text(shown)
    return _linked(body, str(item["href"]), site) if item.get("href") and body else body
