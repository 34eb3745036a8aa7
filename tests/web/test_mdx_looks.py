"""The docusaurus dialect as Docusaurus shows it: what ``test_markdown_looks`` compares, by MDX itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from plugins import block_trees, styled_lines
from plugins.looks import Shown, shown_html
from plugins.test_markdown_looks import line_compared, tree_compared
from web.test_docusaurus import TOOLS

LINES = int(os.environ.get("LOOK_LINES", "2000"))
TREES = int(os.environ.get("LOOK_TREES", "500"))
HEAD = "---\ntitle: Page\n---\n\n<span></span>\n\n"
SCRIPT = Path(__file__).with_name("mdx_html.mjs")

pytestmark = [
    pytest.mark.web,
    pytest.mark.skipif(
        not (TOOLS / "node_modules" / "remark-math").is_dir() or not shutil.which("node"),
        reason="Docusaurus and remark-math are not installed (make test-web)",
    ),
]


def pages(files: list[tuple[str, bool]], folder: Path) -> list[Shown | str]:
    """Each file as it is shown, or why it cannot be read; and whether formulas stand between its dollars."""
    shutil.copy(SCRIPT, folder)
    (folder / "node_modules").symlink_to(TOOLS / "node_modules")
    given = "".join(f"{json.dumps({'text': HEAD + text, 'math': math})}\n" for text, math in files)
    done = subprocess.run(["node", SCRIPT.name], cwd=folder, input=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    found = [json.loads(line) for line in done.stdout.split("\n") if line]
    assert len(found) == len(files)
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
