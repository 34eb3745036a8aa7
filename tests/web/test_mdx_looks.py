"""The docusaurus dialect as Docusaurus shows it: what ``test_markdown_looks`` compares, by MDX itself."""

from __future__ import annotations

import os
from pathlib import Path

from plugins import block_trees, styled_lines
from plugins.looks import Shown, shown_html
from plugins.test_markdown_looks import line_compared, tree_compared
from web.mdx import NEEDS_MDX, answers

LINES = int(os.environ.get("LOOK_LINES", "2000"))
TREES = int(os.environ.get("LOOK_TREES", "500"))
HEAD = "---\ntitle: Page\n---\n\n<span></span>\n\n"

pytestmark = NEEDS_MDX


def pages(files: list[tuple[str, bool]], folder: Path) -> list[Shown | str]:
    """Each file as it is shown, or why it cannot be read; and whether formulas stand between its dollars."""
    found = answers("mdx_html.mjs", [(HEAD + text, math) for text, math in files], folder)
    return [each.get("error") or shown_html(each["html"], "docusaurus") for each in found]


def test_a_line_looks_in_docusaurus_as_it_does_in_notion(tmp_path: Path) -> None:
    lines = [(styled_lines.line(seed), bool(seed % 2)) for seed in range(LINES)]
    texts = [(styled_lines.written(made, "docusaurus", math), math) for made, math in lines]
    found = {}

    for seed, page in enumerate(pages(texts, tmp_path)):
        made, math = lines[seed]
        differs = [page] if isinstance(page, str) else line_compared(made, page, "docusaurus", math)
        if differs:
            found[seed] = [texts[seed][0], *differs]

    assert found == {}


def test_a_block_stands_in_docusaurus_where_it_does_in_notion(tmp_path: Path) -> None:
    trees = [block_trees.tree(seed) for seed in range(TREES)]
    texts = [(block_trees.written(made, "docusaurus"), False) for made in trees]
    found = {}

    for seed, page in enumerate(pages(texts, tmp_path)):
        differs = [page] if isinstance(page, str) else tree_compared(trees[seed], page, "docusaurus")
        if differs:
            found[seed] = [texts[seed][0], *differs]

    assert found == {}
