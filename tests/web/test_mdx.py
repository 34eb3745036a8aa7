"""The docusaurus dialect as MDX reads it, after Docusaurus' own rewriting: ``make test-web``."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from plugins.hostile_reading import written
from web.mdx import NEEDS_MDX, answers

DOCUMENTS = int(os.environ.get("HOSTILE_DOCUMENTS", "2000"))
"""``make chaos`` asks for more."""
PART = 1_000
MARKDOWN = frozenset(
    (
        *(
            "root",
            "heading",
            "paragraph",
            "text",
            "strong",
            "emphasis",
            "delete",
            "inlineCode",
            "code",
            "link",
            "image",
        ),
        *("list", "listItem", "blockquote", "table", "tableRow", "tableCell", "break", "thematicBreak"),
        *("math", "inlineMath"),
    )
)
ADMONITIONS = frozenset(("note", "tip", "info", "warning", "danger"))
ELEMENTS = frozenset(
    ("strong", "em", "del", "u", "mark", "span", "code", "br", "details", "summary", "ol", "li", "a", "div", "p")
)
ATTRIBUTE = re.compile(
    r"style=\{(?:color|backgroundColor): '(?:#\w{6}|gray|inherit)'\}|type=[ai]|start=\d+|id=\w+"
    r"|className=(?:row|col(?: col--\d+)?)"
)

pytestmark = NEEDS_MDX


def read(files: list[tuple[str, bool]], folder: Path) -> list[Any]:
    """What MDX finds in each file."""
    return answers("mdx_tree.mjs", files, folder)


def strange(found: Any) -> list[Any]:
    """The nodes that the renderer does not mean, or why there is no tree."""
    return [found["error"]] if "error" in found else [node for node in found["nodes"] if not _is_meant(node)]


def _is_meant(node: Any) -> bool:
    kind = node["type"]
    if kind == "link":
        # An address that begins without a bracket was taken out of our hands; those of mail are text alone.
        return node["starts"] in ("", "[") or "@" in node["url"]
    if kind == "containerDirective":
        return node["name"] in ADMONITIONS and not node["attributes"]
    if kind in ("mdxJsxFlowElement", "mdxJsxTextElement"):
        return node.get("name") in ELEMENTS and all(map(ATTRIBUTE.fullmatch, node["attributes"]))
    return kind in MARKDOWN


@pytest.mark.parametrize("first", range(0, DOCUMENTS, PART))
def test_a_hostile_document_holds_no_program(first: int, tmp_path: Path) -> None:
    files = [written(seed, "docusaurus") for seed in range(first, min(first + PART, DOCUMENTS))]

    found = {first + number: strange(each) for number, each in enumerate(read(files, tmp_path))}

    assert {seed: each for seed, each in found.items() if each} == {}


@pytest.mark.parametrize(
    "text",
    [
        *("export const zq = 1", "{zq()}", "<script>zq()</script>", "<b onClick={zq}>x</b>", "see http://m`x`", "{"),
        *(":::zq\n\nx\n\n:::", ":zq[x]", ":::note[x]{onclick=zq}\n\nx\n\n:::", "<!-- c -->", "[^1]\n\n[^1]: x", "<b"),
        "```mdx-code-block\nx\n```\n\n{zq}",
    ],
)
def test_the_reader_complains_of_what_is_hostile(text: str, tmp_path: Path) -> None:
    [found] = read([(text, False)], tmp_path)

    assert strange(found)
