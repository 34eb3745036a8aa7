"""The plugin does all that is demanded of a source."""

from pathlib import Path

from notion_sync_core.testing import check_source

from notion_sync_notes import NotesSource

LONG = "\n\n".join(f"Paragraph {number}." for number in range(250))


def made(folder: Path) -> NotesSource:
    """The source of a small folder; each time the same."""
    notes = folder / "notes"
    if not notes.exists():
        (notes / "Handbook").mkdir(parents=True)
        picture = bytes.fromhex("89504e470d0a1a0a") + b"no picture"
        (notes / "Handbook" / "logo.png").write_bytes(picture)
        text = "# The handbook\n\nSee [the first](Handbook/First.md).\n\n- a\n  - b\n\n![Logo](Handbook/logo.png)\n"
        (notes / "Handbook.md").write_text(text, "utf-8")
        (notes / "Handbook" / "First.md").write_text("Back to [all](../Handbook.md).\n", "utf-8")
        (notes / "Handbook" / "Long.md").write_text(LONG, "utf-8")
        (notes / "Empty.md").write_text("", "utf-8")
    return NotesSource(path=str(notes))


test_contract = check_source(made, features={"assets", "workspace"})
