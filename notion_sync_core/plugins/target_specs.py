"""The contract of targets: what documents are restored into.

A write is sent by ``gate.once(call, …)``, one request each: it is never repeated by itself, and an answer that was
lost is a DoubtError, which the plugin lets pass. Everything else goes through ``gate(call, …)``. Nothing that is
there already is moved or deleted.
"""

# mypy: disable-error-code="empty-body"
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from notion_sync_core.plugins.markers import hookspec

if TYPE_CHECKING:
    from pathlib import Path

    from notion_sync_core.gate.gate import Gate
    from notion_sync_core.model import Json
    from notion_sync_core.writing import Changes, Limits, Made, New


@hookspec(firstresult=True)
def target_open(into: str, gate: Gate) -> Limits:
    """Get ready to write, and say what can be written and how much at once. Asked once, before all others.

    :param into: the id of the page that everything is to lie below; ``""``: the top.
    :raises MissingError: there is no such page.
    :raises NotAuthorisedError: nothing may be written there.
    """


@hookspec(firstresult=True)
def target_create(new: New, gate: Gate) -> Made:
    """Make a page, a row, a database or a data source, with its first blocks, a view or a comment, in one request.

    :param new: within the limits that :func:`target_open` gave.
    :returns: what was made, with its id.
    :raises DoubtError: nobody knows whether it was made; not caught, not repeated.
    :raises SkippableError: the target refuses it; nothing was made.
    :raises FatalError: it refuses everything from now on.
    """


@hookspec(firstresult=True)
def target_append(container: str, blocks: list[Json], after: str, gate: Gate) -> list[str]:
    """Add blocks to a page or block, in one request and in their order.

    :param blocks: at least one, within the limits that :func:`target_open` gave.
    :param after: the block of the container that they stand after; the container's own id: they stand first;
        ``""``: they stand last.
    :returns: their ids in the same order, without those of their children and of blocks that stood there before.
    :raises DoubtError: as in :func:`target_create`, as the other errors.

    Source: https://developers.notion.com/reference/patch-block-children (the answer goes on with what follows).
    """


@hookspec(firstresult=True)
def target_update(object_id: str, changes: Changes, gate: Gate) -> None:
    """Change an object or block that was made here, or came with it. May be repeated: twice is as good as once.

    :raises SkippableError: the target refuses it; nothing was changed.
    """


@hookspec(firstresult=True)
def target_upload(path: Path, name: str, gate: Gate) -> str:
    """Bring a file to the target. Without this hook files become notes.

    :param name: what people call it.
    :returns: an id: ``{"type": "file_upload", "file_upload": {"id": …}}`` in blocks, icons and values shows the file,
        as often as wanted.
    :raises SkippableError: the target does not take it.
    """


@hookspec(firstresult=True)
def target_children(container: str, kind: str, gate: Gate) -> Iterator[Made]:
    """Stream what stands right inside a container, blocks in their order: for writes whose answers were lost.

    Without this hook such a write is not repeated: its object failed.

    :param kind: what the container is: ``page``, ``block``, ``database`` (it has data sources) or ``data_source`` (it
        has rows); or what of it is wanted, as far as :func:`target_open` said so: ``columns`` of a data source,
        ``views`` of a database, ``comments`` on a page or block.
    :raises MissingError: it is not there, or in the trash.
    """


@hookspec
def target_close() -> None:
    """Give back what the target took, such as connections. Also called after a failure."""
