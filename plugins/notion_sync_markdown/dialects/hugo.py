"""Hugo, whose parser is goldmark: https://gohugo.io/content-management and https://github.com/yuin/goldmark

Before goldmark reads a file Hugo looks for shortcodes in it by their brackets, in code as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from notion_sync_markdown import escape
from notion_sync_markdown.dialects.base import Dialect
from notion_sync_markdown.dialects.colors import css
from notion_sync_markdown.escape import COMMON, COMMON_FIRST, Escaper
from notion_sync_markdown.formulas import fits_block, fits_line, without_tags

# What would be a shortcode, or the attributes of a heading.
_INLINE = COMMON + r"|[{}]"
_SHORTCODES = ("{{<", "{{%")


class Hugo(Dialect):
    """Written for Hugo with ``markup.goldmark.renderer.unsafe``, without which it drops HTML."""

    name: ClassVar[str] = "hugo"
    escaper: ClassVar[Escaper] = Escaper(_INLINE, first=COMMON_FIRST + "{}")
    # Behind a backslash goldmark does not see that one ends the line, and takes the next line for markup.
    hard_break: ClassVar[str] = "<br>\n"
    marks: ClassVar[Mapping[str, tuple[str, str]]] = {
        "bold": ("**", "strong"),
        "italic": ("*", "em"),
        # Hugo 0.111 breaks down at a heading that is a link whose label is struck through by tildes.
        "strikethrough": ("", "del"),
    }
    underline: ClassVar[str] = "u"
    # Goldmark ends an item without text where a list begins in it.
    blank_item: ClassVar[str] = "&nbsp;"
    shows_colors: ClassVar[bool] = True
    nests_properties: ClassVar[bool] = True
    reads_math: ClassVar[bool] = False
    sections: ClassVar[str] = "_index"
    has_heading: ClassVar[bool] = False
    least_shift: ClassVar[int] = 1
    not_in_data: ClassVar[Mapping[str, str]] = {word: f"{{{{ {word[2]}" for word in _SHORTCODES}

    def color_tags(self, color: str) -> tuple[str, str]:
        """Colours as HTML."""
        if color.endswith("_background"):
            return f'<mark style="background:{css(color)}">', "</mark>"
        return f'<span style="color:{css(color)}">', "</span>"

    def code(self, text: str, one_line: bool) -> str:
        """A code span; as HTML where it would hold a shortcode."""
        return self.code_element(text) if _holds_shortcode(text) else escape.code(text)

    def code_block(self, text: str, info: str) -> str:
        """A code block; as HTML where it would hold a shortcode."""
        return code_in_html(text, info) if _holds_shortcode(text) else escape.fenced(text, info)

    def formula(self, tex: str, in_table: bool, before: str = "", after: str = "") -> str:
        """Code, or with ``math`` TeX between dollars (Hugo's passthrough extension)."""
        if in_table and "|" in tex:
            return self.code_element(tex)
        fits = self.math and fits_line(tex) and not _holds_shortcode(tex)
        return f"${without_tags(tex)}$" if fits else self.code(tex, in_table)

    def formula_block(self, tex: str) -> str:
        """A code block, or with ``math`` TeX between lines of dollars."""
        fits = self.math and fits_block(tex) and not _holds_shortcode(tex)
        return f"$$\n{without_tags(tex)}\n$$" if fits else self.code_block(tex, "math")

    def toggle(self, summary: str, inner: str) -> str:
        """A line that opens and closes what is below it; its first line is HTML already."""
        return super().toggle(without_braces(summary), inner)


def without_braces(html: str) -> str:
    """HTML in which braces are no braces to who looks for them before the text is read."""
    return html.replace("{", "&#123;").replace("}", "&#125;")


def _holds_shortcode(text: str) -> bool:
    return any(word in text for word in _SHORTCODES)


def code_in_html(text: str, info: str, attributes: str = "") -> str:
    """A code block in which nobody finds a brace."""
    shown = without_braces(escape.html(text))
    language = f' class="language-{escape.html(info)}"' if info and "{" not in info else ""
    return f"<pre{attributes}><code{language}>{shown}\n</code></pre>"
