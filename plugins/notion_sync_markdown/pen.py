"""Rich text as inline Markdown of one dialect, or as HTML where Markdown is not read.

https://developers.notion.com/reference/rich-text
"""

from __future__ import annotations

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
from notion_sync_markdown.line import Line, is_autolink

_TAGS = {"bold": "strong", "italic": "em", "strikethrough": "del", "underline": "u"}


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
    _line: Line = field(init=False)
    _markup: Callable[[str], str] = field(init=False)
    _line_start: Callable[[str], str] = field(init=False)

    def __attrs_post_init__(self) -> None:
        escaper = self.dialect.escaper
        self._line = Line(self, self.dialect)
        self.text, self._markup, self._line_start = escaper.text, escaper.markup, escaper.line_start

    # -- text

    def prose(self, raw: str) -> str:
        """Plain text as inline Markdown, its bare addresses as links of their own."""
        if not addresses.are_in(raw):
            return self._markup(raw)
        out: list[str] = []
        plain: list[str] = []
        for before, address in addresses.split(clean(raw)):
            plain.append(before)
            link = self._bare(address) if address else ""
            if not link:
                plain.append(address)  # text meets text: escaped as one, lest the two be markup together
                continue
            text = self.text("".join(plain))
            plain.clear()
            # A link behind "!" would be a picture.
            is_picture = link[:1] == "[" and text[-1:] == "!"
            out += (f"{text[:-1]}\\!" if is_picture else text, link)
        return "".join((*out, self.text("".join(plain))))

    def _url(self, raw: str) -> str | None:
        url = escape.url(raw)
        return self.dialect.destination(url) if url else None

    def _bare(self, address: str) -> str:
        """An address as a link of its own, ``""`` if it can be none."""
        if self.dialect.has_autolinks and is_autolink(address):
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
        self,
        items: Sequence[Json] | None,
        color: str = "",
        *,
        one_line: bool = False,
        in_data: bool = False,
        in_item: bool = False,
    ) -> str:
        """Rich text as inline Markdown that can stand at the start of a line.

        :param color: of the block, for text without its own.
        :param one_line: where the dialect has no line breaks of its own.
        :param in_data: the reader may take it for the page's title.
        :param in_item: it is the text of a list item or a box's title: no element may stand around it.
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
            text = self._line.markdown(pieces, one_line, in_item)
        text = self._line_start(text.strip())
        if "\n" not in text:
            return text
        line_break = self.dialect.br if one_line else self.dialect.hard_break
        return line_break.join(line.strip(" \t") for line in text.split("\n"))

    def block(self, block: Block, *, one_line: bool = False, in_item: bool = False) -> str:
        """A block's own text in its colour, as :meth:`inline`."""
        payload = block.payload
        items = payload.get("rich_text") or payload.get("text")
        if not items:
            return ""
        found = payload.get("color")
        color = found if isinstance(found, str) else ""
        in_data = not self.has_title and block.type == "heading_1"
        return self.inline(items, color, one_line=one_line, in_data=in_data, in_item=in_item)

    def to_do(self, block: Block) -> str:
        """A to-do's own text; with nothing behind it, no reader takes its box for one."""
        self._line.is_unchecked = self.dialect.seeks_boxes and not block.payload.get("checked")
        text = self.block(block, in_item=True) or self.dialect.blank_box
        self._line.is_unchecked = False
        return text

    def box_title(self, items: Sequence[Json]) -> str:
        """Rich text as the title of a box, where the dialect's boxes have one."""
        self._line.is_title = self.dialect.counts_brackets
        text = self.inline(items, one_line=True, in_item=True)
        self._line.is_title = False
        return text

    def cell(self, items: Sequence[Json] | None) -> str:
        """Rich text as the content of a table's cell."""
        return in_cell(self.inline(items, one_line=True))

    def text_cell(self, raw: str) -> str:
        """Plain text as the content of a table's cell."""
        return in_cell(self.prose(raw.strip()).replace("\n", self.dialect.br))

    def summary(self, items: Sequence[Json] | None, color: str = "") -> str:
        """Rich text as the first line of a toggle."""
        if self.dialect.summary_is_html:
            if color and color != "default" and self.dialect.shows_colors:
                items = [_in_color(item, color) for item in objects(items)]
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
        """Text without look as the label of a link, in which no bare address is a link of its own."""
        return self.dialect.escaper.label(single_line(self.plain(items)))

    def alt(self, items: Sequence[Json]) -> str:
        """Text without look as the text of a picture."""
        return self.dialect.escaper.alt(single_line(self.plain(items)))

    def link(self, link: Link, label: str = "") -> str:
        """A link; without a destination, its text.

        :param label: what is shown instead, from :meth:`label`.
        """
        if not label and not self.href(link.to):
            return self.prose(single_line(link.label))
        return self.linked(label or self.dialect.escaper.label(single_line(link.label)), link.to)

    def linked(self, shown: str, to: Destination | None, one_line: bool = False) -> str:
        """Markdown as the label of a link; alone without a destination."""
        href = self.href(to)
        if not href or not shown or to is None:
            return shown
        # Without a file, for a wikilink's pipe would end a cell.
        file = normpath(f"{self.here}/{to.href}").lstrip("/") if to.object_id and not one_line else ""
        return self.dialect.link(shown, href, file, to.fragment if to.object_id else "")

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
        shown = f":{named['name']}:" if named.get("name") else ""
        # A reader that has an emoji of that name may show it.
        return self.emoji(named, shown) if named.get("url") else self.dialect.escaper.alt(shown)

    def emoji(self, payload: Json, shown: str) -> str:
        """A picture with a name, or the name."""
        href = self.custom_picture(payload)
        return f"![{self.dialect.escaper.alt(shown)}]({href})" if href else self.text(shown)

    def custom_picture(self, payload: Json) -> str | None:
        """The destination of a custom emoji's picture."""
        url = str(payload.get("url") or "")
        return self.href(links.to_picture(url, self.site)) if url else None

    def _html_run(self, run: Run) -> str:
        body = escape.html_text(f"${run.text}$" if run.kind == "equation" else run.text)
        picture = self.custom_picture(run.payload or {}) if run.kind == "custom_emoji" else None
        if picture:
            body = f'<img src="{escape.attribute(picture)}" alt="{escape.html(run.text)}">'
        elif "code" in run.look:
            body = f"<code>{escape.html(run.text)}</code>"
        for flag, tag in _TAGS.items():
            if flag in run.look:
                tag = self.dialect.underline if flag == "underline" else tag
                body = f"<{tag}>{body}</{tag}>"
        if self.dialect.shown_color(run.color) != "default":
            start, end = self.dialect.color_tags(run.color)
            body = f"{start}{body}{end}"
        href = self.href(run.to)
        return f'<a href="{escape.attribute(href)}">{body}</a>' if href else body


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


def bold(item: Json) -> Json:
    """The same text in bold."""
    return {**item, "annotations": {**(fields(item.get("annotations")) or PLAIN), "bold": True}}


def single_line(raw: object) -> str:
    """Text without control characters and line breaks."""
    return " ".join(clean(str(raw)).split())


def _in_color(item: Json, color: str) -> Json:
    annotations = fields(item.get("annotations"))
    if annotations.get("color") not in (None, "default"):
        return item
    return {**item, "annotations": {**annotations, "color": color}}
