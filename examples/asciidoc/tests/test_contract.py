"""The plugin does all that is demanded of a renderer."""

from pathlib import Path

from notion_sync_core.testing import check_renderer

from notion_sync_asciidoc import AsciidocRenderer


def made(folder: Path) -> AsciidocRenderer:
    """The plugin under test; each check has an empty folder of its own."""
    return AsciidocRenderer()


test_contract = check_renderer(made, features={"asks", "content", "links"})
