"""Notes become files of any format, by a core that knows nothing of where they come from."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from conftest import Run

_FROM = ("--source", "notes", "--set", "plugins.notes.path=notes", "--to", "out")
TEXT = """# The handbook

Some **bold**, *slanted* and `code`, and [the first](Handbook/First.md "title").

1. one
2. two
   - inner

> quoted

| a | b |
| - | - |
| 1 | 2 |

```python
x = 1
```

![Logo](Handbook/logo.png)

[outside](../secret.txt)
"""


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder with notes, one inside another, and a file that is none of theirs."""
    folder = tmp_path / "notes"
    (folder / "Handbook").mkdir(parents=True)
    (folder / "Handbook.md").write_text(TEXT, "utf-8")
    (folder / "Handbook" / "First.md").write_text("Back to [all](../Handbook.md).\n", "utf-8")
    (folder / "Handbook" / "logo.png").write_bytes(bytes.fromhex("89504e470d0a1a0a") + b"no picture")
    (tmp_path / "secret.txt").write_text("secret", "utf-8")
    return folder


def test_notes_come_back_as_markdown(notion_sync: Run, notes: Path, tmp_path: Path) -> None:
    notion_sync("export", *_FROM)
    page = (tmp_path / "out" / "The handbook.md").read_text("utf-8")
    for words in (
        "# The handbook",
        "**bold**",
        "`code`",
        "](The%20handbook/First.md)",
        "1. one",
        "> quoted",
        "| 1",
        "x = 1",
    ):
        assert words in page, page
    first = (tmp_path / "out" / "The handbook" / "First.md").read_text("utf-8")
    assert "[all](../The%20handbook.md)" in first
    (picture,) = (tmp_path / "out" / "assets").rglob("*.png")
    assert picture.read_bytes() == (notes / "Handbook" / "logo.png").read_bytes()
    assert not any(path.read_bytes() == b"secret" for path in (tmp_path / "out").rglob("*") if path.is_file())


def test_they_become_a_site_too(notion_sync: Run, notes: Path, tmp_path: Path) -> None:
    notion_sync("export", "--renderer", "html", *_FROM)
    page = (tmp_path / "out" / "The handbook.html").read_text("utf-8")
    assert "<strong>bold</strong>" in page
    assert "<table" in page


def test_a_second_run_reads_only_what_changed_and_forgets_what_is_gone(
    notion_sync: Run, notes: Path, tmp_path: Path
) -> None:
    for note in notes.rglob("*.md"):
        os.utime(note, (1_700_000_000, 1_700_000_000))
    notion_sync("sync", *_FROM)
    again = json.loads(notion_sync("sync", *_FROM, "--json"))
    assert (again["objects"]["read"], again["artifacts"]["written"]) == (0, 0)
    (notes / "Handbook" / "First.md").write_text("All is new.\n", "utf-8")
    changed = json.loads(notion_sync("sync", *_FROM, "--json"))
    assert changed["objects"]["read"] == 1
    (notes / "Handbook" / "First.md").unlink()
    notion_sync("sync", *_FROM, "--set", "export.on_missing=delete")
    assert not (tmp_path / "out" / "The handbook" / "First.md").exists()
