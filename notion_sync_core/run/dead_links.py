"""Links of the export that lead nowhere, found in the state after everything is written."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from notion_sync_core.run.lookups import LIVE
from notion_sync_core.run.view import HAS_FILE
from notion_sync_core.store.state import State

_TO_BLOCKS = f"""
SELECT s.id AS src, s.title, t.title AS there FROM dead_anchors d
JOIN anchors a ON a.doc = d.doc AND a.block = d.block
JOIN objects s ON s.id = a.src AND s.status IN {LIVE}
JOIN objects t ON t.id = d.doc AND t.status IN {LIVE}
ORDER BY s.id, t.id, d.block"""
_TO_FILES = f"""
SELECT s.id AS src, s.title, t.title AS there FROM links l
JOIN objects s ON s.id = l.src AND s.status IN {LIVE}
JOIN (SELECT * FROM objects WHERE {HAS_FILE}) t ON t.id = l.dst
WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.doc = t.id AND f.current = 1)
ORDER BY s.id, t.id"""


@frozen
class DeadLink:
    """A link that leads nowhere."""

    source: str
    """The id of the document that holds it."""
    title: str
    reason: str


def dead_links(state: State) -> Iterator[DeadLink]:
    """Links to blocks that their page does not have, and to files that are not there."""
    for row in state.stream(_TO_BLOCKS):
        yield DeadLink(row["src"], row["title"], f"a link leads to a block that is no longer on {row['there']!r}")
    for row in state.stream(_TO_FILES):
        yield DeadLink(row["src"], row["title"], f"a link leads to {row['there']!r}, which has no file")
