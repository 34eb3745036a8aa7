"""Files as MDX reads them after Docusaurus' own rewriting, by the packages that ``make test-web`` installs."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from web.test_docusaurus import TOOLS

HERE = Path(__file__).parent
NEEDS_MDX = [
    pytest.mark.web,
    pytest.mark.skipif(
        not (TOOLS / "node_modules" / "remark-math").is_dir() or not shutil.which("node"),
        reason="Docusaurus and remark-math are not installed (make test-web)",
    ),
]


def answers(script: str, files: list[tuple[str, bool]], folder: Path) -> list[Any]:
    """What a script says of each file: its text, and whether formulas stand between its dollars."""
    for name in (script, "mdx_read.mjs"):
        shutil.copy(HERE / name, folder)
    (folder / "node_modules").symlink_to(TOOLS / "node_modules")
    given = "".join(f"{json.dumps({'text': text, 'math': math})}\n" for text, math in files)
    done = subprocess.run(["node", script], cwd=folder, input=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    found = [json.loads(line) for line in done.stdout.split("\n") if line]
    assert len(found) == len(files)
    return found
