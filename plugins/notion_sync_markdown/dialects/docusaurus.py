"""Docusaurus, which reads every file as MDX: https://docusaurus.io/docs/markdown-features"""

from __future__ import annotations

import re
from typing import ClassVar

from notion_sync_markdown import escape
from notion_sync_markdown.dialects.base import Dialect
from notion_sync_markdown.dialects.colors import css
from notion_sync_markdown.escape import COMMON, Escaper
from notion_sync_markdown.layout import stacked

# Expressions, directives such as ":name", and a line that MDX would take for a program.
_INLINE = COMMON + r"|[{}]|:(?=[A-Za-z:])"
_START = r"((?:import|export)(?=\s)|\#{1,6}(?=\s|\Z)|[+](?=\s|\Z)|-(?=[\s:|=-]|\Z)|[=:>])|(\d{1,9})([.)])(?=\s|\Z)"
_COLONS = re.compile(r"^[ >]*(:{3,})", re.MULTILINE)
_INSTEAD = {"i": "&#105;", "e": "&#101;"}
_KINDS = {"success": "tip", "question": "info", "bug": "danger"}


class Docusaurus(Dialect):
    """Written for Docusaurus 3."""

    name: ClassVar[str] = "docusaurus"
    escaper: ClassVar[Escaper] = Escaper(_INLINE, _START, _INSTEAD)
    br: ClassVar[str] = "<br />"
    underline: ClassVar[str] = "u"
    has_autolinks: ClassVar[bool] = False
    summary_is_html: ClassVar[bool] = False
    titles_callouts: ClassVar[bool] = True
    shows_colors: ClassVar[bool] = True
    nests_properties: ClassVar[bool] = True
    reads_math: ClassVar[bool] = False

    def colored(self, text: str, color: str) -> str:
        """Colours as JSX."""
        if color.endswith("_background"):
            return f"<mark style={{{{backgroundColor: '{css(color)}'}}}}>{text}</mark>"
        return f"<span style={{{{color: '{css(color)}'}}}}>{text}</span>"

    def formula(self, tex: str, is_inert: bool, in_table: bool) -> str:
        """Code, or with ``math`` TeX between dollars."""
        if self.math and "$" not in tex and not (in_table and "|" in tex):
            return f"${tex}$"
        return f"<code>{self.escaper.text(tex)}</code>" if in_table and "|" in tex else escape.code(tex)

    def formula_block(self, tex: str, is_inert: bool) -> str:
        """A code block, or with ``math`` TeX between lines of dollars."""
        return f"$$\n{tex}\n$$" if self.math and "$" not in tex else escape.fenced(tex, "math")

    def anchored_heading(self, level: int, text: str, anchor: str) -> str:
        """A heading with an id of its own; only the first ``{#`` of a line may be one."""
        if "{#" in text:
            return super().anchored_heading(level, text, anchor)
        return f"{self.heading(level, text)} {{#{anchor}}}"

    def callout(self, kind: str, icon: str, text: str, inner: str) -> str:
        """An admonition; its first line is the title."""
        title = f"{icon} {text}".strip()
        fence = ":" * max(3, _longest_colons(inner) + 1)
        start = f"{fence}{_KINDS.get(kind, kind)}" + (f"[{title}]" if title else "")
        return stacked(start, inner, fence)

    def columns(self, inner: str) -> str:
        """Columns of Docusaurus' own style sheet."""
        return f'<div className="row">\n\n{inner}\n\n</div>' if inner else ""

    def column(self, share: int, inner: str) -> str:
        """One column, in twelfths of the width."""
        width = f" col--{min(11, max(1, round(share * 12 / 100)))}" if share else ""
        return f'<div className="col{width}">\n\n{inner}\n\n</div>' if inner else ""


def _longest_colons(body: str) -> int:
    return max((len(found) for found in _COLONS.findall(body)), default=2)
