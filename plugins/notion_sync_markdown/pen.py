"""Rich text as inline Markdown of one dialect, or as HTML where Markdown is not read.

https://developers.notion.com/reference/rich-text
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from posixpath import normpath

from attrs import define, field

from notion_sync_core.plugin import (
    PLAIN,
    Block,
    Destination,
    Json,
    Link,
    Run,
    Site,
    clean,
    fields,
    is_plain,
    links,
    objects,
    runs,
)
from notion_sync_markdown import addresses, escape
from notion_sync_markdown.dialects import Dialect
from notion_sync_markdown.flanking import is_space, lets_marks_work

_TAGS = {"bold": "strong", "italic": "em", "strikethrough": "del", "underline": "u"}
_AUTOLINK = re.compile(r"(?:https?|ftp)://[A-Za-z0-9./:?=+,;@_-]+")
_FENCES = ("`", "$")
_NOTHING = "<span></span>"
"""Keeps two delimiters apart that would be read as one."""
# A neighbour that is markup of ours.
_MARKUP = "*"


@define
class Pen:
    """Writes one document's text."""

    site: Site
    dialect: Dialect
    here: str = ""
    """The folder of the document's file, from the sink's root."""
    has_title: bool = True
    """The file begins with its title as a heading, so that no other can be taken for it."""
    text: Callable[[str], str] = field(init=False)
    """Plain text as inline Markdown."""
    _markup: Callable[[str], str] = field(init=False)
    _line_start: Callable[[str], str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        escaper = self.dialect.escaper
        self.text, self._markup, self._line_start = escaper.text, escaper.markup, escaper.line_start

    # -- text

    def prose(self, raw: str) -> str:
        """Plain text as inline Markdown, its bare addresses as links of their own."""
        if not addresses.are_in(raw):
            return self._markup(raw)
        out = plain = ""
        for before, address in addresses.split(clean(raw)):
            plain += before
            link = self._bare(address) if address else ""
            if not link:
                plain += address  # text meets text: escaped as one, lest the two be markup together
                continue
            out, plain = out + self.text(plain), ""
            # A link behind "!" would be a picture.
            out = f"{out[:-1]}\\!{link}" if link[:1] == "[" and out[-1:] == "!" else out + link
        return out + self.text(plain)

    def _url(self, raw: str) -> str | None:
        url = escape.url(raw)
        return url if url and self.dialect.takes(url) else None

    def _bare(self, address: str) -> str:
        """An address as a link of its own, ``""`` if it can be none."""
        if self.dialect.has_autolinks and _AUTOLINK.fullmatch(address):
            return f"<{address}>"
        href = self._url(addresses.full(address))
        return f"[{self.dialect.escaper.label(address)}]({href})" if href else ""

    def title(self, raw: str) -> str:
        """Plain text as the page's first heading."""
        return self.text(" ".join(raw.split()).translate(self.dialect.in_data))

    def line(self, raw: str) -> str:
        """Plain text as one line that can stand at the start of a block."""
        return self._line_start(self.text(" ".join(raw.split())))

    def inline(
        self, items: Sequence[Json] | None, color: str = "", *, one_line: bool = False, in_data: bool = False
    ) -> str:
        """Rich text as inline Markdown that can stand at the start of a line.

        :param color: of the block, for text without its own.
        :param one_line: where the dialect has no line breaks of its own.
        :param in_data: the reader may take it for the page's title.
        """
        items = objects(items)
        if not items:
            return ""
        if color and color != "default" and self.dialect.shows_colors:
            items = [_in_color(item, color) for item in items]
        shunned = self.dialect.in_data if in_data else {}
        if len(items) == 1 and is_plain(items[0]) and not shunned:
            text = self.prose(items[0]["plain_text"])
        else:
            pieces = runs(items, self.site)
            for run in pieces if shunned else ():
                run.text = run.text.translate(shunned)
            text = self._markdown(pieces, one_line)
        text = self._line_start(text.strip())
        if "\n" not in text:
            return text
        line_break = self.dialect.br if one_line else self.dialect.hard_break
        return line_break.join(line.strip(" \t") for line in text.split("\n"))

    def block(self, block: Block, *, one_line: bool = False) -> str:
        """A block's own text in its colour, as :meth:`inline`."""
        payload = block.payload
        items = payload.get("rich_text") or payload.get("text")
        if not items:
            return ""
        found = payload.get("color")
        color = found if isinstance(found, str) else ""
        in_data = not self.has_title and block.type == "heading_1"
        return self.inline(items, color, one_line=one_line, in_data=in_data)

    def cell(self, items: Sequence[Json] | None) -> str:
        """Rich text as the content of a table's cell."""
        return in_cell(self.inline(items, one_line=True))

    def text_cell(self, raw: str) -> str:
        """Plain text as the content of a table's cell."""
        return in_cell(self.prose(raw.strip()).replace("\n", self.dialect.br))

    def summary(self, items: Sequence[Json] | None, color: str = "") -> str:
        """Rich text as the first line of a toggle."""
        if self.dialect.summary_is_html:
            return self.html(items)
        return self.inline(items, color, one_line=True)

    def html(self, items: Sequence[Json] | None) -> str:
        """Rich text as HTML on one line."""
        return "".join(map(self._html_run, runs(items or (), self.site))).strip().replace("\n", self.dialect.br)

    def plain(self, items: Iterable[Json]) -> str:
        """The text alone."""
        return "".join(run.text for run in runs(items, self.site))

    def bold(self, raw: str) -> str:
        """Plain text in bold."""
        item = {"type": "text", "plain_text": raw, "annotations": {**PLAIN, "bold": True}}
        return self.inline([item], one_line=True)

    # -- links

    def href(self, to: Destination | None) -> str | None:
        """A destination as Markdown writes it; ``None`` if there is none, or an unsafe one."""
        if to is None:
            return None
        if not to.is_local:
            return self._url(to.href)
        return escape.path(to.href) + (f"#{to.fragment}" if to.fragment else "")

    def label(self, items: Sequence[Json]) -> str:
        """Text without look as the label of a link or a picture, in which no bare address is a link of its own."""
        return self.dialect.escaper.label(single_line(self.plain(items)))

    def link(self, link: Link, label: str = "") -> str:
        """A link; without a destination, its text.

        :param label: what is shown instead, from :meth:`label`.
        """
        if not label and not self.href(link.to):
            return self.prose(single_line(link.label))
        return self._linked(label or self.dialect.escaper.label(single_line(link.label)), link.to)

    def _linked(self, shown: str, to: Destination | None, one_line: bool = False) -> str:
        href = self.href(to)
        if not href or not shown or to is None:
            return shown
        if to.object_id and not one_line:
            return self.dialect.link(shown, href, normpath(f"{self.here}/{to.href}").lstrip("/"), to.fragment)
        return f"[{shown}]({href})" if one_line else self.dialect.link(shown, href)

    def file(self, holder: Json) -> tuple[str, str | None, bool]:
        """The address of a file object, the destination of its copy or of the web, and whether it is a copy."""
        url, to = links.to_file(holder, self.site)
        return url, self.href(to), to.is_local

    def picture(self, holder: Json) -> str | None:
        """The destination of a file object that may be shown as a picture; ``None`` for one to link to."""
        url, _ = links.to_file(holder, self.site)
        return self.href(links.to_picture(url, self.site)) if url else None

    def icon(self, payload: Json) -> str:
        """An icon of any kind, ``""`` for none."""
        icon = payload.get("icon")
        if not isinstance(icon, dict):
            return ""
        kind = icon.get("type") or ""
        named = icon.get(kind)
        if kind == "emoji":
            return self.text(str(icon.get("emoji") or ""))
        if kind in ("file", "external"):
            href = self.picture(icon)
            return f"![]({href})" if href else ""
        if not isinstance(named, dict):
            return ""
        return self.emoji(named, f":{named['name']}:" if named.get("name") else "")

    def emoji(self, payload: Json, shown: str) -> str:
        """A picture with a name, or the name."""
        href = self._picture(payload)
        return f"![{self.dialect.escaper.label(shown)}]({href})" if href else self.text(shown)

    def _picture(self, payload: Json) -> str | None:
        url = str(payload.get("url") or "")
        return self.href(links.to_picture(url, self.site)) if url else None

    # -- runs

    def _markdown(self, pieces: list[Run], in_table: bool) -> str:
        out: list[str] = []
        pieces = self._visible(pieces)
        last = len(pieces) - 1
        for index, run in enumerate(pieces):
            before = self._neighbour(pieces[index - 1], -1) if index else ""
            after = self._neighbour(pieces[index + 1], 0) if index < last else ""
            piece = self._run(run, before, after, in_table)
            if piece[:1] == "[" and out and out[-1].endswith("!"):
                out[-1] = f"{out[-1][:-1]}\\!"
            elif out and self._would_join(out[-1], piece):
                out.append(_NOTHING)
            out.append(piece)
        return "".join(out)

    def _would_join(self, before: str, piece: str) -> bool:
        """Whether two pieces beside each other would be read as one, or the first not at all."""
        if piece[:1] in _FENCES:
            return before[-1:] == piece[0]
        return self.dialect.digits_undo_math and before[-1:] == "$" and piece[:1].isdigit() and before[-2:] != "\\$"

    def _visible(self, pieces: list[Run]) -> list[Run]:
        """The runs joined where only what is not shown here tells them apart.

        Text that is escaped piece by piece could become markup, or an address, where two pieces meet.
        """
        if not any(run.to or run.color != "default" or run.kind != "text" for run in pieces):
            return pieces
        result: list[Run] = []
        for run in pieces:
            if run.to and not self.href(run.to):
                run.to = None
            if not self.dialect.shows_colors:
                run.color = "default"
            if run.kind != "equation" and not (run.kind == "custom_emoji" and self._picture(run.payload or {})):
                run.kind = "text"
            if result and result[-1].joins(run):
                result[-1].text += run.text
            else:
                result.append(run)
        return result

    def _neighbour(self, run: Run, end: int) -> str:
        char = run.text[end]
        return _MARKUP if not is_space(char) and (run.look or run.to or run.kind != "text") else char

    def _run(self, run: Run, before: str, after: str, in_table: bool) -> str:
        href = self.href(run.to)
        color = run.color if run.color != "default" and self.dialect.shows_colors else ""
        if not run.look and not href and not color and run.kind not in ("equation", "custom_emoji"):
            return self.prose(run.text)
        core = run.text.strip()
        if not core:
            return run.text
        lead, _, trail = run.text.partition(core)
        if href == core and not run.look and self.dialect.has_autolinks and _AUTOLINK.fullmatch(core):
            return f"{lead}<{core}>{trail}"
        if href or color:
            body = self._linked(self._formatted(run, core, "", "", in_table), run.to, in_table)
        else:
            body = self._formatted(run, core, lead[-1:] or before, trail[:1] or after, in_table)
        if color:
            body = self.dialect.colored(body, color)
        return f"{lead}{body}{trail}"

    def _formatted(self, run: Run, core: str, before: str, after: str, in_table: bool) -> str:
        marks = [flag for flag in self.dialect.marks if flag in run.look]
        body, is_text = self._body(run, core, in_table)
        works = is_text and body[0].isalnum() and body[-1].isalnum()
        works = works and lets_marks_work(before, len(marks)) and lets_marks_work(after, len(marks))
        for flag in marks:
            mark, tag = self.dialect.marks[flag]
            body = f"{mark}{body}{mark}" if works and mark else f"<{tag}>{body}</{tag}>"
        return f"<{self.dialect.underline}>{body}</{self.dialect.underline}>" if "underline" in run.look else body

    def _body(self, run: Run, core: str, in_table: bool) -> tuple[str, bool]:
        """The text itself, and whether it is nothing but text."""
        if run.kind == "equation":
            return self.dialect.formula(core, in_table), False
        if run.kind == "custom_emoji":
            return self.emoji(run.payload or {}, core), False
        if "code" not in run.look:
            return (self.dialect.escaper.label(core) if run.to else self.prose(core)), True
        if in_table and "|" in core:
            return f"<code>{self.text(core)}</code>", False
        lines = core.split("\n")
        return "\n".join(self.dialect.code(line, in_table) if line.strip() else "" for line in lines), False

    def _html_run(self, run: Run) -> str:
        body = escape.html(f"${run.text}$" if run.kind == "equation" else run.text)
        if "code" in run.look:
            body = f"<code>{body}</code>"
        for flag, tag in _TAGS.items():
            if flag in run.look:
                tag = self.dialect.underline if flag == "underline" else tag
                body = f"<{tag}>{body}</{tag}>"
        # The destination is escaped for Markdown already, where "&" may stand alone.
        href = self.href(run.to)
        return f'<a href="{href}">{body}</a>' if href else body


def in_cell(markdown: str) -> str:
    """Inline Markdown whose pipes end no cell: readers differ on backslashes before a pipe."""
    return markdown.replace("\\|", "&#124;")


def has_markup(items: Sequence[Json]) -> bool:
    """Whether the text is more than one plain line."""
    return any(not is_plain(item) or "\n" in clean(item["plain_text"]) for item in items)


def first_line(items: Sequence[Json]) -> tuple[list[Json], list[Json]]:
    """The text up to its first line break, and what follows."""
    for index, item in enumerate(items):
        head, found, tail = clean(str(item.get("plain_text") or "")).partition("\n")
        if found and item.get("type") == "text":
            return [*items[:index], {**item, "plain_text": head}], [{**item, "plain_text": tail}, *items[index + 1 :]]
    return list(items), []


def single_line(raw: object) -> str:
    """Text without control characters and line breaks."""
    return " ".join(clean(str(raw)).split())


def _in_color(item: Json, color: str) -> Json:
    annotations = fields(item.get("annotations"))
    if annotations.get("color") not in (None, "default"):
        return item
    return {**item, "annotations": {**annotations, "color": color}}
