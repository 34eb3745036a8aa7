"""Rich text to inline Markdown, or to HTML where Markdown is not read.

https://developers.notion.com/reference/rich-text
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from notion_sync_core.content.rich_text import Run, is_plain, runs
from notion_sync_core.model import Json, Site
from notion_sync_markdown import escape
from notion_sync_markdown.links import destination

HARD_BREAK = "\\\n"
_MARKS = {"bold": ("**", "strong"), "italic": ("*", "em"), "strikethrough": ("~~", "del")}
_NOT_INERT = re.compile(r"\\[^A-Za-z0-9\s]|[*_`\[\]<>&~|$#\n]")
_AUTOLINK = re.compile(r"https?://[A-Za-z0-9./:?=+,;@_-]+")
_SPACES_AT_BREAK = re.compile(r"[ \t]*\n[ \t]*")
# A neighbour that is markup of ours.
_MARKUP = "*"


def inline(items: Sequence[Json] | None, site: Site, *, breaks: str = HARD_BREAK) -> str:
    """Rich text as inline Markdown that can stand at the start of a line.

    :param breaks: what a line break inside the text becomes.
    """
    if not items:
        return ""
    if len(items) == 1 and is_plain(items[0]):
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
    return any(not is_plain(item) or "\n" in (item.get("plain_text") or "") for item in items)


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
    return _MARKUP if not char.isspace() and (run.look or run.to or run.is_equation) else char


def _markdown_run(run: Run, before: str, after: str, in_table: bool) -> str:
    href = destination(run.to)
    if not run.look and not href and not run.is_equation:
        return escape.text(run.text)
    core = run.text.strip()
    if not core:
        return run.text
    lead, _, trail = run.text.partition(core)
    if href == core and not run.look and _AUTOLINK.fullmatch(core):
        return f"{lead}<{core}>{trail}"
    if href:
        body = f"[{_formatted(run, core, '', '', in_table)}]({href})"
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
    href = destination(run.to)
    return f'<a href="{href}">{body}</a>' if href else body
