"""Rich text to inline Markdown, or to HTML where Markdown is not read.

https://developers.notion.com/reference/rich-text
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from attrs import define

from notion_sync_core.model import Json, Site
from notion_sync_markdown import escape, links

HARD_BREAK = "\\\n"
_PLAIN = {
    "bold": False,
    "italic": False,
    "strikethrough": False,
    "underline": False,
    "code": False,
    "color": "default",
}
_FLAGS = ("bold", "italic", "strikethrough", "underline", "code")
_MARKS = {"bold": ("**", "strong"), "italic": ("*", "em"), "strikethrough": ("~~", "del")}
_NOT_INERT = re.compile(r"\\[^A-Za-z0-9\s]|[*_`\[\]<>&~|$#\n]")
_AUTOLINK = re.compile(r"https?://[A-Za-z0-9./:?=+,;@_-]+")
_SPACES_AT_BREAK = re.compile(r"[ \t]*\n[ \t]*")
# A neighbour that is markup of ours.
_MARKUP = "*"


@define
class Run:
    """A stretch of text of one look."""

    text: str
    look: frozenset[str] = frozenset()
    href: str | None = None
    """A destination, ready for use."""
    is_equation: bool = False


def inline(items: Sequence[Json] | None, site: Site, *, breaks: str = HARD_BREAK) -> str:
    """Rich text as inline Markdown that can stand at the start of a line.

    :param breaks: what a line break inside the text becomes.
    """
    if not items:
        return ""
    if len(items) == 1 and _is_plain(items[0]):
        text = escape.text(items[0].get("plain_text") or "")
    else:
        text = _markdown(runs(items, site), in_table=breaks != HARD_BREAK)
    text = escape.line_start(text.strip())
    return _SPACES_AT_BREAK.sub(lambda _: breaks, text) if "\n" in text else text


def cell(items: Sequence[Json] | None, site: Site) -> str:
    """Rich text as the content of a table's cell."""
    return in_cell(inline(items, site, breaks="<br>"))


def in_cell(markdown: str) -> str:
    """Inline Markdown whose pipes end no cell: readers differ on backslashes before a pipe."""
    return markdown.replace("\\|", "&#124;")


def html(items: Sequence[Json] | None, site: Site) -> str:
    """Rich text as HTML on one line."""
    return "".join(map(_html_run, runs(items or (), site))).strip().replace("\n", "<br>")


def has_markup(items: Sequence[Json]) -> bool:
    """Whether the text is more than one plain line."""
    return any(not _is_plain(item) or "\n" in (item.get("plain_text") or "") for item in items)


def _is_plain(item: Json) -> bool:
    return (
        item.get("type") == "text"
        and not item.get("href")
        and "plain_text" in item
        and (item.get("annotations") == _PLAIN or not _look(item))
    )


def _look(item: Json) -> frozenset[str]:
    annotations = item.get("annotations")
    if not annotations or annotations == _PLAIN:
        return frozenset()
    return frozenset(flag for flag in _FLAGS if annotations.get(flag))


def runs(items: Sequence[Json], site: Site) -> list[Run]:
    """The text's runs, neighbours of equal look joined: Notion splits long ones anywhere."""
    result: list[Run] = []
    for item in items:
        run = _run(item, site)
        last = result[-1] if result else None
        if last and (last.look, last.href) == (run.look, run.href) and not (last.is_equation or run.is_equation):
            last.text += run.text
        elif run.text:
            result.append(run)
    return result


def _run(item: Json, site: Site) -> Run:
    kind, shown = item.get("type"), item.get("plain_text")
    shown = escape.clean(shown if isinstance(shown, str) else _unread_text(item))
    if kind == "equation":
        return Run(" ".join(shown.split()), _look(item), is_equation=True)
    if kind == "mention":
        link = mention(item, shown, site)
        return Run(link.label, _look(item), link.href)
    href = item.get("href") or _unread_link(item)
    return Run(shown, _look(item), links.destination(href, site) if href else None)


def _unread_text(item: Json) -> str:
    """Text of an item without ``plain_text``, as requests have it."""
    payload = item.get(item.get("type") or "text") or {}
    return str(payload.get("content") or payload.get("expression") or "") if isinstance(payload, dict) else ""


def _unread_link(item: Json) -> str:
    payload = item.get("text")
    link = payload.get("link") if isinstance(payload, dict) else None
    return str(link.get("url") or "") if isinstance(link, dict) else ""


def mention(item: Json, shown: str, site: Site) -> links.Link:
    """What a mention says and where it leads."""
    holder = item.get("mention") or {}
    kind = holder.get("type") or ""
    payload: Any = holder.get(kind)
    payload = payload if isinstance(payload, dict) else {}
    href = item.get("href") or payload.get("href") or payload.get("url") or ""
    if kind in ("page", "database", "data_source") and payload.get("id"):
        return links.to_object(payload["id"], site, shown, href)
    if kind == "user":
        return links.Link(_person(payload, shown, site), None)
    if kind == "date":
        return links.Link(shown or " → ".join(payload[end] for end in ("start", "end") if payload.get(end)), None)
    if kind == "custom_emoji":
        return links.Link(shown or f":{payload.get('name') or 'emoji'}:", None)
    label = shown or payload.get("title") or payload.get("name") or href or f"@{kind}"
    return links.Link(label, links.destination(href, site) if href else None)


def _person(payload: Json, shown: str, site: Site) -> str:
    if shown and shown != "@Anonymous":
        return shown
    person = str(payload.get("id") or "")
    name = payload.get("name") or (site.user(person) if person else None)
    return f"@{name}" if name else shown or f"@{person}"


def _markdown(pieces: list[Run], in_table: bool) -> str:
    out: list[str] = []
    last = len(pieces) - 1
    for index, run in enumerate(pieces):
        before = _neighbour(pieces[index - 1], -1) if index else ""
        after = _neighbour(pieces[index + 1], 0) if index < last else ""
        piece = _markdown_run(run, before, after, in_table)
        if piece[:1] == "[" and out and out[-1].endswith("!"):
            out[-1] = f"{out[-1][:-1]}\\!"
        out.append(piece)
    return "".join(out)


def _neighbour(run: Run, end: int) -> str:
    char = run.text[end]
    return _MARKUP if not char.isspace() and (run.look or run.href or run.is_equation) else char


def _markdown_run(run: Run, before: str, after: str, in_table: bool) -> str:
    if not run.look and not run.href and not run.is_equation:
        return escape.text(run.text)
    core = run.text.strip()
    if not core:
        return run.text
    lead, _, trail = run.text.partition(core)
    if run.href == core and not run.look and _AUTOLINK.fullmatch(core):
        return f"{lead}<{core}>{trail}"
    if run.href:
        body = f"[{_formatted(run, core, '', '', in_table)}]({run.href})"
    else:
        body = _formatted(run, core, lead[-1:] or before, trail[:1] or after, in_table)
    return f"{lead}{body}{trail}"


def _formatted(run: Run, core: str, before: str, after: str, in_table: bool) -> str:
    marks = [flag for flag in _MARKS if flag in run.look]
    body, is_text = _body(run, core, in_table)
    works = is_text and core[0].isalnum() and core[-1].isalnum()
    works = works and _lets_marks_work(before, len(marks)) and _lets_marks_work(after, len(marks))
    for flag in marks:
        mark, tag = _MARKS[flag]
        body = f"{mark}{body}{mark}" if works else f"<{tag}>{body}</{tag}>"
    return f"<u>{body}</u>" if "underline" in run.look else body


def _lets_marks_work(neighbour: str, marks: int) -> bool:
    """Whether delimiters beside that character open and close: CommonMark's flanking rules, read strictly."""
    if not neighbour or neighbour.isspace():
        return True
    if neighbour.isalnum():
        return marks == 1
    return neighbour.isascii() and neighbour not in "*_~\\`$[]<>&"


def _body(run: Run, core: str, in_table: bool) -> tuple[str, bool]:
    """The text itself, and whether it is neither code nor an equation."""
    if run.is_equation:
        return inline_equation(core, in_table), False
    if "code" not in run.look:
        return escape.text(core), True
    if in_table and "|" in core:
        return f"<code>{escape.text(core)}</code>", False
    return "\n".join(escape.code(line) if line.strip() else "" for line in core.split("\n")), False


def inline_equation(tex: str, in_table: bool = False) -> str:
    """TeX between dollars; GitHub's form with backticks where Markdown would read something into it."""
    if not _NOT_INERT.search(tex):
        return f"${tex}$"
    if in_table and "|" in tex:
        return f"<code>{escape.text(tex)}</code>"
    return f"${escape.code(tex)}$"


def is_inert(tex: str) -> bool:
    """Whether Markdown reads nothing into it."""
    return not _NOT_INERT.search(tex)


def _html_run(run: Run) -> str:
    body = escape.html(f"${run.text}$" if run.is_equation else run.text)
    if "code" in run.look:
        body = f"<code>{body}</code>"
    for flag, (_, tag) in _MARKS.items():
        if flag in run.look:
            body = f"<{tag}>{body}</{tag}>"
    if "underline" in run.look:
        body = f"<u>{body}</u>"
    # The destination is escaped for Markdown already, where "&" may stand alone.
    return f'<a href="{run.href}">{body}</a>' if run.href else body
