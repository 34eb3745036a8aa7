"""The plugin does all that is demanded of a source."""

from pathlib import Path

from notion_sync_core.testing import check_source

from notion_sync_notes import NotesSource


def made(folder: Path) -> NotesSource:
    """The plugin under test; each check has an empty folder of its own."""
    notes = folder / "notes"
    if not notes.exists():
        notes.mkdir()
        (notes / "First.txt").write_text("A paragraph.\n\nAnother one.\n", "utf-8")
        (notes / "Second.txt").write_text("\n\n".join(f"Paragraph {number}." for number in range(250)), "utf-8")
        (notes / "Empty.txt").write_text("", "utf-8")
    return NotesSource(path=str(notes))


test_contract = check_source(made, features=set())
