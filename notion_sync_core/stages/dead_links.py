"""Links of the export that lead nowhere, found in the state after everything is written."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from notion_sync_core.state import State


@frozen
class DeadLink:
    """A link that leads nowhere."""

    source: str
    """The id of the document that holds it."""
    title: str
    reason: str


def dead_links(state: State) -> Iterator[DeadLink]:
    """Links to blocks that their page does not have, and to files that are not there."""
    for link in state.findings.dead_block_links():
        reason = f"a link leads to a block that is no longer on {link.target_title!r}"
        yield DeadLink(link.source_id, link.source_title, reason)
    for link in state.findings.dead_file_links():
        yield DeadLink(link.source_id, link.source_title, f"a link leads to {link.target_title!r}, which has no file")
