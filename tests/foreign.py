"""A source of somebody else's: notes in memory, as little as a source can be, and jobs that read them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core import Job
from notion_sync_core.pipeline import Options, run
from notion_sync_core.plugin import Found, Listing, MissingError, Parent, Piece, Ref, hookimpl
from notion_sync_core.plugins import build as building
from notion_sync_core.plugins import entries
from notion_sync_core.plugins import find as finding
from notion_sync_core.plugins.find import Available
from notion_sync_core.report import Report

WHEN = "2026-01-02T03:04:05.000Z"


def note(name: str, **fields: Any) -> Ref:
    """A reference to a note; tests give it odd fields."""
    times = {"created_time": WHEN, "last_edited_time": WHEN}
    given = {"kind": "page", "title": name.title(), "parent": Parent(), "raw": {"id": name, "object": "page"}}
    return Ref(id=name, **{**given, **times, **fields})


def paragraph(text: str) -> dict[str, Any]:
    """A block with that text."""
    payload = {"rich_text": [{"type": "text", "plain_text": text, "text": {"content": text}}]}
    return {"object": "block", "id": "", "type": "paragraph", "has_children": False, "paragraph": payload}


class Notes:
    """Each note is a page with one paragraph. What is wrong with it is a subclass away."""

    refs: tuple[Any, ...] = (note("first"), note("second"))
    read: list[str]
    """The ids of what was read, of all instances of one class."""

    @hookimpl
    def source_discover(self) -> Iterator[Any]:
        yield from self.refs

    @hookimpl
    def source_fetch(self, object_id: str) -> list[Any]:
        found = [ref for ref in self.refs if ref.id == object_id]
        if not found:
            raise MissingError(f"there is no note {object_id}")
        return found

    @hookimpl
    def source_read(self, ref: Ref) -> Iterator[Piece]:
        type(self).read.append(ref.id)
        yield from self.pieces(ref)

    def pieces(self, ref: Ref) -> Iterator[Piece]:
        yield self.listing(ref)
        yield self.found(ref)

    def listing(self, ref: Ref) -> Listing:
        return Listing(ref.id, 0, {"results": [paragraph(f"text of {ref.id}")], "has_more": False})

    def found(self, ref: Ref) -> Found:
        return Found(read_at="2026-02-01T00:00:00.000Z")


class Desk:
    """Runs jobs whose source is not ours."""

    def __init__(self, folder: Path) -> None:
        self.out = folder / "out"
        self._folder = folder

    def run(self, source: type[Any] = Notes, mode: Any = "sync", plugins: Any = None, **flags: Any) -> Report:
        """One run; what it read is in ``source.read``.

        :param plugins: others of somebody else's, by kind and name: ``{("sinks", "vault"): Vault}``.
        """
        source.read = []
        with self.installed({("sources", "notes"): source, **(plugins or {})}):
            return run(self.job(flags), Options(mode=mode))

    @contextlib.contextmanager
    def installed(self, plugins: dict[tuple[str, str], Any]) -> Iterator[None]:
        """For a while these are among the installed plugins."""
        here = {key: Available(*key, "elsewhere", "1.2", f"elsewhere:{key[1]}") for key in plugins}
        find, load = finding.find, finding.load

        def found(kind: str, name: str) -> Available:
            return here[kind, name] if (kind, name) in here else find(kind, name)

        def loaded(plugin: Available) -> Any:
            return plugins[plugin.kind, plugin.name] if plugin in here.values() else load(plugin)

        with pytest.MonkeyPatch.context() as patch:
            for module in (building, entries, finding):
                patch.setattr(module, "find", found)
                patch.setattr(module, "load", loaded)
            yield

    def job(self, flags: dict[str, Any]) -> Job:
        return Job.load(
            environ={},
            use_default_file=False,
            flags={
                "export.source": "notes",
                "deployment.state_dir": str(self._folder / "state"),
                "export.sinks": [{"use": "fs", "path": str(self.out), "fsync": False}],
                **{name.replace("__", "."): value for name, value in flags.items()},
            },
        )

    def files(self) -> dict[str, str]:
        """What stands in the sink, without our own folder."""
        found = (path for path in self.out.rglob("*") if path.is_file() and ".notion-sync" not in path.parts)
        return {path.relative_to(self.out).as_posix(): path.read_text() for path in sorted(found)}
