"""MkDocs, whose parser is Python-Markdown: https://python-markdown.github.io and https://facelessuser.github.io/pymdown-extensions"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from notion_sync_markdown import escape
from notion_sync_markdown.dialects.base import LIST_LEVELS, Dialect
from notion_sync_markdown.dialects.colors import css
from notion_sync_markdown.escape import COMMON_FIRST, Escaper
from notion_sync_markdown.formulas import fits_block, fits_line, without_tags
from notion_sync_markdown.layout import indented, quoted, stacked

if TYPE_CHECKING:
    from notion_sync_markdown.marks import Span, Token

EXTENSIONS = (
    "admonition",
    "attr_list",
    "md_in_html",
    "sane_lists",
    "tables",
    "pymdownx.blocks.html",
    "pymdownx.details",
    "pymdownx.superfences",
    "pymdownx.tasklist",
)
"""What a site must switch on to read this dialect."""

# The backslash escapes fewer characters here; the others are written as entities.
_INSTEAD = {char: f"&#{ord(char)};" for char in '~$|^=:?/%"'} | {"<": "&lt;", "&": "&amp;"}
_INLINE = r"[\\`*\[\]<~$|{}^&]|(?<![^\W_])_|_(?![^\W_])|=(?==)|(?<==)=|:(?=[a-z+-][\w+-]*:)|\+(?=\+)|(?<=\+)\+"
_START = r"([#:=>]|!(?=!)|\?(?=\?)|/(?=/)|[+-](?=[\s-]|\Z))|(\d+)(\.)(?=\s|\Z)"
_COLUMN = re.compile(r"^[ >]*/{3,} html \| div\[style='display:table-cell;", re.MULTILINE)
_SLASHES = re.compile("^[ >]*(/{3,})", re.MULTILINE)


class MkDocs(Dialect):
    """Written for MkDocs with the extensions of :data:`EXTENSIONS`."""

    name: ClassVar[str] = "mkdocs"
    escaper: ClassVar[Escaper] = Escaper(_INLINE, _START, _INSTEAD, COMMON_FIRST + "{}^=+")
    hard_break: ClassVar[str] = "<br>\n"
    marks: ClassVar[Mapping[str, tuple[str, str]]] = {
        "bold": ("**", "strong"),
        "italic": ("*", "em"),
        "strikethrough": ("", "del"),
    }
    seeks_boxes: ClassVar[bool] = False
    underline: ClassVar[str] = "u"
    summary_is_html: ClassVar[bool] = False
    html_lists: ClassVar[bool] = False
    markers: ClassVar[Mapping[str, tuple[str, ...]]] = {"bullet": ("-", "-"), "number": (".", ".")}
    list_split: ClassVar[str] = "<!-- -->\n\n"
    joins_quotes: ClassVar[bool] = True
    swaps_boxes: ClassVar[bool] = True
    item_indent: ClassVar[int] = 4
    blank_item: ClassVar[str] = "&nbsp;"
    levels: ClassVar[Mapping[str, int]] = {**LIST_LEVELS, "toggle": 1, "column": 1}
    shows_colors: ClassVar[bool] = True
    nests_properties: ClassVar[bool] = True
    has_navigation: ClassVar[bool] = True
    reads_math: ClassVar[bool] = False

    def destination(self, url: str) -> str | None:
        """A URL without dollars where formulas stand between them: they are looked for before links."""
        return url.replace("$", "%24") if self.math else url

    def color_tags(self, color: str) -> tuple[str, str]:
        """Colours as HTML."""
        if color.endswith("_background"):
            return f'<mark style="background:{css(color)}">', "</mark>"
        return f'<span style="color:{css(color)}">', "</span>"

    def formula(self, tex: str, in_table: bool, before: str = "", after: str = "") -> str:
        """Code, or with ``math`` TeX between dollars (``pymdownx.arithmatex``)."""
        if in_table and "|" in tex:
            return self.code_element(tex)
        return f"${without_tags(tex)}$" if self.math and fits_line(tex) else escape.code(tex)

    def formula_block(self, tex: str) -> str:
        """A code block, or with ``math`` TeX between lines of dollars."""
        return f"$$\n{without_tags(tex)}\n$$" if self.math and fits_block(tex) else self.code_block(tex, "math")

    def unread(self, tokens: Sequence[Token], before: str, after: str) -> set[Span]:
        """See :meth:`Dialect.unread`."""
        from notion_sync_markdown.marks import unread_by_python_markdown

        return unread_by_python_markdown(tokens, before, after)

    def callout(self, kind: str, icon: str, text: str, inner: str) -> str:
        """An admonition without a title."""
        return _box("!!!", kind, "", f"{icon} {text}".strip(), inner)

    def toggle(self, summary: str, inner: str) -> str:
        """An admonition that opens and closes."""
        return _box("???", "note", summary or "&nbsp;", "", inner)

    def columns(self, inner: str) -> str:
        """Columns side by side; an empty paragraph keeps them apart from columns that follow."""
        return f"{inner}\n\n<span></span>" if inner else ""

    def column(self, share: int, inner: str) -> str:
        """One column: a cell without a table, since boxes within boxes of this kind are not read everywhere.

        For the same reason a column that holds columns is none itself.
        """
        if not inner:
            return inner
        if _COLUMN.search(inner):
            return self.list_split + inner
        width = f";width:{share}%" if share else ""
        fence = "/" * max((len(found) + 1 for found in _SLASHES.findall(inner)), default=3)
        return f"{fence} html | div[style='display:table-cell;padding-right:2em{width}']\n\n{inner}\n\n{fence}"

    def contents(self) -> str:
        """The marker of the toc extension, which is always on."""
        return "[TOC]"

    def comments(self, text: str) -> str:
        """One discussion, as a quote."""
        return quoted(f"💬 {text}")


def _box(mark: str, kind: str, title: str, text: str, inner: str) -> str:
    # An empty box would take the end of a column around it for its content.
    body = stacked(text, inner) or "&nbsp;"
    return f'{mark} {kind} "{title}"\n\n    {indented(body, "    ")}'
