"""The plugin does all that is demanded of a renderer's plugin for single blocks."""

from pathlib import Path

from notion_sync_core.testing import check_renderer

from notion_sync_diagrams import DiagramsBlock


def made(folder: Path) -> DiagramsBlock:
    """The plugin under test; each check has an empty folder of its own."""
    return DiagramsBlock()


test_contract = check_renderer(made, features={"blocks"})
