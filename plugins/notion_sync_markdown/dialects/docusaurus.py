"""Docusaurus, which reads every file as MDX: https://docusaurus.io/docs/markdown-features

Before MDX it rewrites the file by regular expressions that know no code and no containers: it takes the fences of
``mdx-code-block`` away, gives titles of admonitions brackets, and escapes the first ``{#`` of a heading. What is shown
as it is must not look like that.
https://github.com/facebook/docusaurus/blob/main/packages/docusaurus-utils/src/markdownUtils.ts
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import ClassVar

from notion_sync_markdown import escape
from notion_sync_markdown.addresses import is_parsable
from notion_sync_markdown.dialects.base import Dialect
from notion_sync_markdown.dialects.colors import css
from notion_sync_markdown.escape import CODES, COMMON, COMMON_FIRST, Escaper
from notion_sync_markdown.formulas import fits_block, fits_line, without_tags
from notion_sync_markdown.layout import stacked

# What would be a heading's id; expressions, directives such as ":name", and a line that MDX would take for a program.
_INLINE = CODES + r"|\{\#|" + COMMON + r"|[{}]|:(?=[^\W\d_]|:)"
_START = r"((?:import|export)(?=\s)|\#{1,6}(?=\s|\Z)|[+](?=\s|\Z)|-(?=[\s:|=-]|\Z)|[=:>])|(\d{1,9})([.)])(?=\s|\Z)"
_INSTEAD = {"i": "&#105;", "e": "&#101;", "{#": "&#123;#", ":": "\\:"}
_COLONS = re.compile(":{3,}")
_KINDS = {"success": "tip", "question": "info", "bug": "danger"}

_UNWRAPPED = "mdx-code-block"
_UNWRAPPED_FENCE = re.compile(rf"^( *`+ *{_UNWRAPPED})$", re.MULTILINE)
_KNOWN_FENCE = 4
"""The longest fence that is taken away."""
# Lines as JavaScript has them.
_TITLED = re.compile("(?:^|(?<=[\n\u2028\u2029]))((?:> ?)*[ \t]*:{3,}[\\w-]+) ")
_HEADING_ID = re.compile(r"^#{1,6}[^\n]*\{#", re.MULTILINE)

_IN_LABEL = re.compile(r"\\[\\\[\]]|[\[\]]")
_MOST_BRACKETS, _MOST_ESCAPES = 32, 900


class Docusaurus(Dialect):
    """Written for Docusaurus 3."""

    name: ClassVar[str] = "docusaurus"
    escaper: ClassVar[Escaper] = Escaper(_INLINE, _START, _INSTEAD, COMMON_FIRST + "{}", gap="<span></span>")
    br: ClassVar[str] = "<br />"
    seeks_boxes: ClassVar[bool] = False
    underline: ClassVar[str] = "u"
    has_autolinks: ClassVar[bool] = False
    summary_is_html: ClassVar[bool] = False
    titles_callouts: ClassVar[bool] = True
    shows_colors: ClassVar[bool] = True
    counts_brackets: ClassVar[bool] = True
    unwraps: ClassVar[bool] = True
    nests_properties: ClassVar[bool] = True
    has_navigation: ClassVar[bool] = True
    reads_math: ClassVar[bool] = False
    in_data: ClassVar[Mapping[int, str]] = {ord("\\"): "\uff3c"}
    """Docusaurus makes JavaScript of front matter and title by a writer that knows no backslash:
    one behind which a quote stands, or the end, would let the rest of the text run."""

    def destination(self, url: str) -> str | None:
        """Docusaurus parses every address, and one that the browser's parser refuses ends the build."""
        return url if is_parsable(url) else None

    def color_tags(self, color: str) -> tuple[str, str]:
        """Colours as JSX."""
        if color.endswith("_background"):
            return f"<mark style={{{{backgroundColor: '{css(color)}'}}}}>", "</mark>"
        return f"<span style={{{{color: '{css(color)}'}}}}>", "</span>"

    def code(self, text: str, one_line: bool) -> str:
        """Code within a line; as an element where ``{#`` would be rewritten."""
        if one_line and "{#" in text:
            return self.code_element(text)
        return escape.code(_left_alone(text))

    def code_block(self, text: str, info: str) -> str:
        """A code block in a fence that is not taken away, holding none that is."""
        if _UNWRAPPED in text or _UNWRAPPED in info:
            text, info = _UNWRAPPED_FENCE.sub(r"\1 ", text), "" if _UNWRAPPED in info else info
            made = escape.fenced(_left_alone(text), info, _KNOWN_FENCE + 1)
        else:
            made = escape.fenced(_left_alone(text), info)
        # A blank in front of a fence is taken off each line of the code; here it keeps a line from being a heading.
        return " " + made.replace("\n", "\n ") if "{#" in text and _HEADING_ID.search(text) else made

    def formula(self, tex: str, in_table: bool, before: str = "", after: str = "") -> str:
        """Code, or with ``math`` TeX between dollars."""
        if in_table and "|" in tex:
            return self.code_element(tex)
        return f"${without_tags(tex)}$" if self.math and fits_line(tex) else self.code(tex, in_table)

    def formula_block(self, tex: str) -> str:
        """A code block, or with ``math`` TeX between lines of dollars."""
        return f"$$\n{without_tags(tex)}\n$$" if self.math and fits_block(tex) else self.code_block(tex, "math")

    def heading(self, level: int, text: str) -> str:
        """A heading; text at its end that looks like an id would be taken off."""
        return super().heading(level, f"{text}&nbsp;" if "&#123;#" in text else text)

    def anchored_heading(self, level: int, text: str, anchor: str) -> str:
        """A heading with an id of its own, escaped as MDX wants it: Docusaurus does so only at the start of a line."""
        return f"{super().heading(level, text)} \\{{#{anchor}}}"

    def callout(self, kind: str, icon: str, text: str, inner: str) -> str:
        """An admonition; its first line is the title, below it where brackets could end it early."""
        title = f"{icon} {text}".strip()
        label, below = (title, "") if _is_label(title) else ("", title)
        fence = ":" * max(3, _longest_colons(below), _longest_colons(inner))
        start = f"{fence}{_KINDS.get(kind, kind)}" + (f"[{label}]" if label else "")
        return stacked(start, self.escaper.line_start(below), inner, fence)

    def columns(self, inner: str) -> str:
        """Columns of Docusaurus' own style sheet."""
        return f'<div className="row">\n\n{inner}\n\n</div>' if inner else ""

    def column(self, share: int, inner: str) -> str:
        """One column, in twelfths of the width."""
        width = f" col--{min(11, max(1, round(share * 12 / 100)))}" if share else ""
        return f'<div className="col{width}">\n\n{inner}\n\n</div>' if inner else ""


def _left_alone(code: str) -> str:
    """Code in which no line is a directive with a title: a tab is white space that Docusaurus does not look for."""
    return _TITLED.sub("\\1\t", code) if ":::" in code else code


def _longest_colons(body: str) -> int:
    """The fence that no line of a body can end: a container is cut off before its content is read, code or not."""
    return max((len(found) + 1 for found in _COLONS.findall(body)), default=3) if ":::" in body else 3


def _is_label(title: str) -> bool:
    """Whether a title ends where we end it: its brackets are counted before anybody knows what is code."""
    depth = escapes = 0
    for found in _IN_LABEL.findall(title):
        depth += (found == "[") - (found == "]")
        escapes += len(found) - 1
        if not 0 <= depth <= _MOST_BRACKETS:
            return False
    return depth == 0 and escapes <= _MOST_ESCAPES
