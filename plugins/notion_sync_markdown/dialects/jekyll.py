"""Jekyll, whose parser is kramdown behind Liquid: https://jekyllrb.com/docs and https://kramdown.gettalong.org/syntax.html

Liquid looks for its brackets before kramdown reads a file, in code as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from notion_sync_markdown import escape
from notion_sync_markdown.dialects.base import LIST_LEVELS, Dialect
from notion_sync_markdown.dialects.colors import css
from notion_sync_markdown.dialects.hugo import code_in_html, without_braces
from notion_sync_markdown.escape import COMMON_FIRST, Escaper
from notion_sync_markdown.formulas import fits_block, fits_line, without_tags
from notion_sync_markdown.layout import indented, stacked

# What the backslash escapes in kramdown, and what is written as an entity.
_INSTEAD = {"&": "&amp;", "<": "&lt;", "^": "&#94;", "%": "&#37;", "=": "&#61;", "{": "&#123;", "}": "&#125;"}
_INLINE = (
    r"[\\`*\[\]<~$|{}]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w*(?:;|\Z))|=(?==)|(?<==)="
    r"|(?<=-)-|-(?=-)|\.(?=\.)|(?<=<)<|>(?=>)|(?<=>)>"
)
_START = r"(\#{1,6}(?=\s|\Z)|[+](?=\s|\Z)|-(?=[\s:|=-]|\Z)|[=:>^])|(\d+)([.])(?=\s|\Z)"
_TAGS = ("{{", "{%")


class Jekyll(Dialect):
    """Written for Jekyll with its usual parser."""

    name: ClassVar[str] = "jekyll"
    escaper: ClassVar[Escaper] = Escaper(_INLINE, _START, _INSTEAD, COMMON_FIRST + "{}=-.>")
    hard_break: ClassVar[str] = "<br />\n"
    br: ClassVar[str] = "<br />"
    underline: ClassVar[str] = "ins"
    has_autolinks: ClassVar[bool] = True
    html_lists: ClassVar[bool] = False
    markers: ClassVar[Mapping[str, tuple[str, ...]]] = {"bullet": ("-", "-"), "number": (".", ".")}
    list_split: ClassVar[str] = "<!-- -->\n\n"
    joins_quotes: ClassVar[bool] = True
    # Signs would end the list they stand in.
    rule: ClassVar[str] = "<hr />"
    blank_item: ClassVar[str] = "&nbsp;"
    levels: ClassVar[Mapping[str, int]] = {**LIST_LEVELS, "toggle": 1, "column": 1}
    shows_colors: ClassVar[bool] = True
    nests_properties: ClassVar[bool] = True
    reads_math: ClassVar[bool] = False
    has_heading: ClassVar[bool] = False
    least_shift: ClassVar[int] = 1
    not_in_data: ClassVar[Mapping[str, str]] = {word: f"{{ {word[1]}" for word in _TAGS}

    def color_tags(self, color: str) -> tuple[str, str]:
        """Colours as HTML; what kramdown knows of it, for in all else it reads no Markdown."""
        look = "background" if color.endswith("_background") else "color"
        return f'<span style="{look}:{css(color)}">', "</span>"

    def code(self, text: str, one_line: bool) -> str:
        """A code span; as HTML where it would hold a tag of Liquid, end a table's cell, or be none for its blanks."""
        if _holds_tag(text) or text != text.strip() or (one_line and "|" in text):
            return self.code_element(text)
        return escape.code(text)

    def code_element(self, text: str, in_link: bool = False) -> str:
        """Code as an element, in which kramdown reads entities and no Markdown: backslashes would be shown."""
        shown = without_braces(escape.html(text))
        return f"<code>{shown.replace('|', '&#124;').replace('[', '&#91;').replace(']', '&#93;')}</code>"

    def heading(self, level: int, text: str) -> str:
        """A heading; one without text would be shown as its signs."""
        return super().heading(level, text or self.blank_item)

    def code_block(self, text: str, info: str) -> str:
        """A code block; as HTML where it would hold a tag of Liquid."""
        return code_in_html(text, info) if _holds_tag(text) else escape.fenced(text, info)

    def formula(self, tex: str, in_table: bool, before: str = "", after: str = "") -> str:
        """Code, or with ``math`` TeX between double dollars, which are kramdown's within a line too."""
        fits = self.math and fits_line(tex) and not _holds_tag(tex) and not (in_table and "|" in tex)
        return f"$${without_tags(tex)}$$" if fits else self.code(tex, in_table)

    def formula_block(self, tex: str) -> str:
        """A code block, or with ``math`` TeX between lines of dollars."""
        fits = self.math and fits_block(tex) and not _holds_tag(tex)
        return f"$$\n{without_tags(tex)}\n$$" if fits else self.code_block(tex, "math")

    def toggle(self, summary: str, inner: str) -> str:
        """A line that opens and closes what is below it, in which kramdown is told to read Markdown."""
        body = f"{inner}\n\n" if inner else ""
        return f'<details markdown="1">\n<summary>{without_braces(summary)}</summary>\n\n{body}</details>'

    def columns(self, inner: str) -> str:
        """Columns side by side."""
        return f'<div markdown="1" style="display:flex;gap:2em">\n\n{inner}\n\n</div>' if inner else ""

    def column(self, share: int, inner: str) -> str:
        """One column."""
        width = f' style="flex-basis:{share}%"' if share else ' style="flex:1"'
        return f'<div markdown="1"{width}>\n\n{inner}\n\n</div>' if inner else ""

    def contents(self) -> str:
        """Kramdown's own, of a list that it takes the place of."""
        return "* TOC\n{:toc}"

    def item(self, marker: str, text: str, inner: str) -> str:
        """A list item, its children a blank line apart: nothing else ends a paragraph in kramdown."""
        text = text or self.blank_item
        space = " " * (len(marker) + 1)
        return f"{marker} {indented(stacked(text, inner), space)}"


def _holds_tag(text: str) -> bool:
    return any(word in text for word in _TAGS)
