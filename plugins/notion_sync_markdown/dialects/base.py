"""GitHub's Markdown, and what the other dialects change of it.

https://github.github.com/gfm/ and, for the HTML that GitHub lets through,
https://github.com/gjtorikian/html-pipeline/blob/main/lib/html_pipeline/sanitization_filter.rb
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from notion_sync_markdown import escape
from notion_sync_markdown.escape import CODES, COMMON, NOTHING, Escaper
from notion_sync_markdown.formulas import is_inert
from notion_sync_markdown.layout import indented, quoted, stacked

if TYPE_CHECKING:
    from notion_sync_markdown.marks import Span, Token

_ORDERED = {"letters": "a", "roman": "i"}
LIST_LEVELS = {"bulleted_list_item": 2, "numbered_list_item": 2, "to_do": 2, "quote": 1, "callout": 1}


class Dialect:
    """How one reader wants to be written for; as it stands, GitHub.

    Methods take and give Markdown, already escaped; none knows what a block is.
    """

    name: ClassVar[str] = "gfm"
    escaper: ClassVar[Escaper] = Escaper(f"{CODES}|{COMMON}")
    hard_break: ClassVar[str] = "\\\n"
    """A line break inside a block."""
    br: ClassVar[str] = "<br>"
    """A line break where only one line is allowed."""
    marks: ClassVar[Mapping[str, tuple[str, str]]] = {
        "bold": ("**", "strong"),
        "italic": ("*", "em"),
        "strikethrough": ("~~", "del"),
    }
    """Delimiter and HTML element; without a delimiter the element is used."""
    underline: ClassVar[str] = "ins"
    """GitHub keeps this element and drops ``u``."""
    has_autolinks: ClassVar[bool] = True
    """Reads ``<https://…>``."""
    summary_is_html: ClassVar[bool] = True
    """A toggle's first line is HTML, where no Markdown is read."""
    html_lists: ClassVar[bool] = True
    """Lists counted by letters become HTML; else they count by numbers."""
    markers: ClassVar[Mapping[str, tuple[str, ...]]] = {"bullet": ("-", "*"), "number": (".", ")")}
    """Two lists beside each other take different ones."""
    list_split: ClassVar[str] = ""
    """Stands between two lists where markers cannot keep them apart."""
    joins_quotes: ClassVar[bool] = False
    """Two quotes beside each other are one, whatever blank lines are between them."""
    swaps_boxes: ClassVar[bool] = False
    """Of boxes beside each other, in columns within lists or boxes, the first would come last."""
    names_behind: ClassVar[bool] = False
    """The name of a block without text stands below it."""
    item_indent: ClassVar[int] = 0
    """Columns that an item's content is moved to the right; 0: as wide as its marker."""
    rule: ClassVar[str] = "---"
    """A divider."""
    blank_item: ClassVar[str] = ""
    """What an item without text holds."""
    seeks_boxes: ClassVar[bool] = True
    """cmark-gfm takes an empty box for a checked one if there is ``[x]`` anywhere in its line."""
    blank_box: ClassVar[str] = "&nbsp;"
    """What a box without text holds."""
    levels: ClassVar[Mapping[str, int]] = LIST_LEVELS
    """Levels of nesting that a type of block costs in a parser."""
    titles_callouts: ClassVar[bool] = False
    """The first line of a callout is its title."""
    counts_brackets: ClassVar[bool] = False
    """A box's title ends at the bracket that pairs with its first, in code or not."""
    shows_colors: ClassVar[bool] = False
    """GitHub drops every style, so there are no colours to keep."""
    nests_properties: ClassVar[bool] = False
    """Properties stand under one key of the front matter, where they cannot mean anything to the reader."""
    links_relations: ClassVar[bool] = False
    """Relations in the front matter are links, not titles."""
    unfit: ClassVar[str] = ""
    """Characters of a file's name that the reader's links cannot hold."""
    unwraps: ClassVar[bool] = False
    """A paragraph that holds nothing but elements is none for the reader."""
    reads_math: ClassVar[bool] = True
    """Whether formulas between dollars are read without further set-up."""
    in_data: ClassVar[Mapping[int, str]] = {}
    """What stands for a character that the reader cannot hold in front matter or a page's first heading."""
    has_navigation: ClassVar[bool] = False
    """Its reader takes the order of all documents from a file."""
    digits_undo_math: ClassVar[bool] = False
    """A digit behind the second dollar makes both of them text."""

    sections: ClassVar[str] = ""
    """What a document that others stand inside is called in its folder; else it lies beside it."""
    has_heading: ClassVar[bool] = True
    """The title stands at the top of the file; else its reader takes it from the front matter."""
    least_shift: ClassVar[int] = 0
    """Levels that headings move down where nobody says otherwise."""
    not_in_data: ClassVar[Mapping[str, str]] = {}
    """What stands for words that the reader could take for a program in front matter."""
    shift: int = 0
    """Levels that the headings of a document's text move down."""

    def __init__(self, math: bool | None = None) -> None:
        self.math = self.reads_math if math is None else math

    # -- inline

    def destination(self, url: str) -> str | None:
        """An escaped URL as this reader's destination; ``None`` for one it cannot take: the link is text."""
        return url

    def link(self, label: str, href: str, file: str = "", fragment: str = "") -> str:
        """A link.

        :param label: Markdown.
        :param href: the destination, escaped.
        :param file: the path from the sink's root if a document of the export is meant.
        :param fragment: of a block there.
        """
        return f"[{label}]({href})"

    def shown_color(self, color: str) -> str:
        """What is shown of a colour; ``default`` if nothing, and delimiters for one that :attr:`marks` names."""
        return color if self.shows_colors else "default"

    def color_tags(self, color: str) -> tuple[str, str]:
        """What stands around text in a colour that is shown but has no mark."""
        return "", ""

    def code(self, text: str, one_line: bool) -> str:
        """Code within a line.

        :param one_line: it stands in a heading, a title or a cell.
        """
        return escape.code(text)

    def code_element(self, text: str, in_link: bool = False) -> str:
        """Code within a line as an element, for where a span of code would be misread."""
        return f"<code>{self.escaper.label(text) if in_link else self.escaper.text(text)}</code>"

    def formula(self, tex: str, in_table: bool, before: str = "", after: str = "") -> str:
        """TeX within a line. https://github.com/github/markup/issues/1742

        :param in_table: it stands in a heading, a title or a cell.
        :param before: the character before it; GitHub reads no formula directly behind a letter.
        :param after: the character behind it.
        """
        if in_table and "|" in tex:
            return self.code_element(tex)
        if not self.math:
            return escape.code(tex)
        if is_inert(tex) and not before.strip() and not after.strip():
            return f"${tex}$"
        return f"{NOTHING if before.isalnum() else ''}${escape.code(tex)}$"

    def anchored(self, text: str, anchor: str) -> str:
        """A line of text that links can lead to."""
        return f'<a id="{anchor}"></a>{text}'

    def unread(self, tokens: Sequence[Token], before: str, after: str) -> set[Span]:
        """The delimiters that the reader would not see as meant, between a character before and one after."""
        # Dialects are made in each run, also in one that writes nothing.
        from notion_sync_markdown.marks import unread_by_commonmark

        return unread_by_commonmark(tokens, before, after)

    # -- blocks

    def heading(self, level: int, text: str) -> str:
        """A heading; ``#`` at its end would be taken for decoration."""
        if text.endswith("#") and not text.endswith("\\#"):
            text = f"{text[:-1]}\\#"
        return f"{'#' * level} {text}".rstrip(" ")

    def anchored_heading(self, level: int, text: str, anchor: str) -> str:
        """A heading that links can lead to."""
        return self.heading(level, self.anchored(text, anchor))

    def anchored_block(self, block: str, anchor: str) -> str:
        """A block without a first line of text, that links can lead to."""
        return stacked(self.anchored("", anchor), block)

    def item(self, marker: str, text: str, inner: str) -> str:
        """A list item with its children inside it."""
        if marker.startswith("<"):
            return f"<li>\n\n{stacked(text, inner)}\n\n</li>"
        text = text or self.blank_item
        space = " " * (self.item_indent or len(marker) + 1)
        start = f"{marker} ".ljust(self.item_indent)
        if not text:
            return f"{marker}\n{indented(space + inner, space)}" if inner else marker
        separator = "\n" if _continues(inner) else "\n\n"
        return start + indented(text + separator + inner if inner else text, space)

    def list_start(self, number: int, style: str) -> str:
        """The start of an HTML list."""
        start = f' start="{number}"' if number != 1 else ""
        return f'<ol type="{_ORDERED[style]}"{start}>'

    def code_block(self, text: str, info: str) -> str:
        """A code block.

        :param info: the language.
        """
        return escape.fenced(text, info)

    def formula_block(self, tex: str) -> str:
        """TeX that stands alone."""
        return f"$${tex}$$" if self.math and is_inert(tex) else self.code_block(tex, "math")

    def callout(self, kind: str, icon: str, text: str, inner: str) -> str:
        """A box: as a quote, since GitHub's alerts drop the icon and cannot be nested.

        :param kind: ``note``, ``tip``, ``warning``, ``danger``, ``info``, ``success``, ``question`` or ``bug``.
        """
        body = stacked(f"{icon} {text}".strip(), inner)
        return quoted(body) if body else ""

    def toggle(self, summary: str, inner: str) -> str:
        """A line that opens and closes what is below it."""
        body = f"{inner}\n\n" if inner else ""
        return f"<details>\n<summary>{summary}</summary>\n\n{body}</details>"

    def columns(self, inner: str) -> str:
        """Columns side by side."""
        return f"<table><tr>\n\n{inner}\n\n</tr></table>" if inner else ""

    def column(self, share: int, inner: str) -> str:
        """One column.

        :param share: of the width, in percent; 0 if all are equal.
        """
        width = f' width="{share}%"' if share else ""
        return f'<td valign="top"{width}>\n\n{inner}\n\n</td>' if inner else ""

    def tab(self, label: str, inner: str) -> str:
        """One of several tabs: a label above its content."""
        return stacked(label, inner)

    def contents(self) -> str:
        """A table of contents; GitHub shows one of its own beside each file."""
        return ""

    def media(self, label: str, href: str, is_local: bool) -> str:
        """A video, sound or document."""
        return f"[{label}]({href})"

    def comments(self, text: str) -> str:
        """One discussion."""
        return quoted(f"💬 {text}")


def _continues(inner: str) -> bool:
    """Whether this is a list that may follow a paragraph without a blank line."""
    return inner.startswith(("- ", "* ", "1. ")) and "\n\n" not in inner
