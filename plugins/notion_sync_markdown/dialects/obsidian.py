"""Obsidian: wikilinks, callouts, highlights. https://help.obsidian.md/obsidian-flavored-markdown"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from notion_sync_markdown import escape
from notion_sync_markdown.dialects.base import LIST_LEVELS, Dialect
from notion_sync_markdown.dialects.colors import css
from notion_sync_markdown.escape import COMMON, COMMON_FIRST, COMMON_START, Escaper
from notion_sync_markdown.formulas import fits_block, fits_line, without_tags
from notion_sync_markdown.layout import quoted, stacked

# Highlights, comments, tags, and what would be the name of a block or, before a link, a footnote.
_INLINE = COMMON + r"|=(?==)|(?<==)=|%(?=%)|(?<=%)%|(?<!\S)\#(?=[^\s#])|(?<!\S)\^(?=[\w-]+\s*(?:\n|\Z))|\^(?=\[|\Z)"
# Two equal signs at the start of a line are a highlight of ours.
_START = COMMON_START.replace("[=:>]", "=(?!=)|[:>]")
_NO_WIKILINK = re.compile(r"[\[\]|#^\\]")
_NO_ALIAS = re.compile(r"[\[\]|\\*_`<$~=\n]")


class Obsidian(Dialect):
    """Written for Obsidian."""

    name: ClassVar[str] = "obsidian"
    escaper: ClassVar[Escaper] = Escaper(_INLINE, _START, first=COMMON_FIRST + "=%#^")
    marks: ClassVar[Mapping[str, tuple[str, str]]] = {**Dialect.marks, "background": ("==", "mark")}
    seeks_boxes: ClassVar[bool] = False
    underline: ClassVar[str] = "u"
    summary_is_html: ClassVar[bool] = False
    html_lists: ClassVar[bool] = False
    levels: ClassVar[Mapping[str, int]] = {
        **LIST_LEVELS,
        **dict.fromkeys(("toggle", "tab_item"), 1),
    }
    unfit: ClassVar[str] = "#^[]|"
    names_behind: ClassVar[bool] = True
    titles_callouts: ClassVar[bool] = True
    shows_colors: ClassVar[bool] = True
    links_relations: ClassVar[bool] = True
    digits_undo_math: ClassVar[bool] = True

    def link(self, label: str, href: str, file: str = "", fragment: str = "") -> str:
        """A wikilink to another document, where its path and the label allow one."""
        # What is shown is no Markdown there: nothing is a tag or a name, and a backslash is shown.
        alias = label.replace("\\#", "#").replace("\\^", "^")
        if not file.endswith(".md") or _NO_WIKILINK.search(file) or _NO_ALIAS.search(alias):
            return super().link(label, href.replace("#", "#^") if fragment else href)
        place = file.removesuffix(".md") + (f"#^{fragment}" if fragment else "")
        return f"[[{place}|{alias}]]"

    def shown_color(self, color: str) -> str:
        """All backgrounds are one: a highlight."""
        return "background" if color.endswith("_background") else color

    def color_tags(self, color: str) -> tuple[str, str]:
        """Colours other than backgrounds as HTML."""
        return f'<span style="color:{css(color)}">', "</span>"

    def formula(self, tex: str, in_table: bool, before: str = "", after: str = "") -> str:
        """TeX between dollars; as code where it would not end there."""
        if in_table and "|" in tex:
            return self.code_element(tex)
        return f"${without_tags(tex)}$" if self.math and fits_line(tex) else escape.code(tex)

    def formula_block(self, tex: str) -> str:
        """TeX between lines of dollars; as code where it would not end there."""
        return f"$$\n{without_tags(tex)}\n$$" if self.math and fits_block(tex) else self.code_block(tex, "math")

    def anchored(self, text: str, anchor: str) -> str:
        """Obsidian's names of blocks stand behind them."""
        return f"{text} ^{anchor}".lstrip()

    def anchored_block(self, block: str, anchor: str) -> str:
        """The name stands below."""
        return stacked(block, self.anchored("", anchor))

    def callout(self, kind: str, icon: str, text: str, inner: str) -> str:
        """A callout; its first line is the title."""
        return _box(f"[!{kind}]", f"{icon} {text}".strip(), inner)

    def toggle(self, summary: str, inner: str) -> str:
        """A callout that is folded: Obsidian reads no Markdown within HTML."""
        return _box("[!toggle]-", summary, inner)

    def columns(self, inner: str) -> str:
        """Obsidian has no columns: one below the other."""
        return inner

    def column(self, share: int, inner: str) -> str:
        """See :meth:`columns`."""
        return inner

    def tab(self, label: str, inner: str) -> str:
        """A callout that can be folded."""
        return _box("[!tab]+", label, inner)

    def media(self, label: str, href: str, is_local: bool) -> str:
        """Files of the vault are played in place."""
        return f"![{label}]({href})" if is_local else super().media(label, href, is_local)

    def comments(self, text: str) -> str:
        """A callout of a kind of its own."""
        return _box("[!comment]", "💬", text)


def _box(kind: str, title: str, body: str) -> str:
    head = f"{kind} {title}".rstrip(" ")
    # The blank line is for other readers, for whom the title would be the body's first paragraph.
    return quoted(stacked(head, body))
