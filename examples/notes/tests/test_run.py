"""Exports of a folder of texts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conftest import Run

_NAME = "notes"
_FROM = ("--source", _NAME, "--set", f"plugins.{_NAME}.path=notes")


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder with two texts."""
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "First.txt").write_text("A paragraph.\n\nAnother one.\n", "utf-8")
    (folder / "Second.txt").write_text("Nothing else.\n", "utf-8")
    return folder


def test_each_text_becomes_a_page(notion_sync: Run, notes: Path, tmp_path: Path) -> None:
    notion_sync("export", *_FROM, "--to", "out")
    pages = {path.name: path.read_text("utf-8") for path in (tmp_path / "out").glob("*.md")}
    assert sorted(pages) == ["First.md", "Second.md"]
    assert "A paragraph.\n\nAnother one." in pages["First.md"]


def test_what_changes_or_goes_does_so_in_the_copy(notion_sync: Run, notes: Path, tmp_path: Path) -> None:
    notion_sync("sync", *_FROM, "--to", "out")
    (notes / "First.txt").write_text("All is new.\n", "utf-8")
    os.utime(notes / "First.txt", (4_000_000_000, 4_000_000_000))
    (notes / "Second.txt").unlink()
    notion_sync("sync", *_FROM, "--to", "out", "--set", "export.on_missing=delete")
    pages = {path.name: path.read_text("utf-8") for path in (tmp_path / "out").glob("*.md")}
    assert sorted(pages) == ["First.md"]
    assert "All is new." in pages["First.md"]
