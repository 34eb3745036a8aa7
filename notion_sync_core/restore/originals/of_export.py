"""What is restored from the files of a JSON export: they become a state and a mirror, as versions of history do.

Where a manifest names the files, those alone are read: a rename leaves others behind. Ids of a text that others
may have written are names in that scratch mirror and nothing else; what stands in a block is what its file shows in
it, so that nothing stands in itself.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

from attrs import evolve

from notion_sync_core.config.places import scheme_of
from notion_sync_core.content.files import name_of
from notion_sync_core.job import Job
from notion_sync_core.mirror.disk import scratch_folder
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import Json, fields
from notion_sync_core.restore.originals import Stored
from notion_sync_core.restore.originals.export_files import ExportFiles, FolderFiles, SinkFiles
from notion_sync_core.restore.originals.export_reading import Reading, asset_key
from notion_sync_core.restore.originals.of_mirror import OfMirror
from notion_sync_core.state import State


class OfExport(OfMirror):
    """See :class:`~notion_sync_core.restore.originals.Originals`."""

    def __init__(self, state: State, mirror: Mirror, files: ExportFiles) -> None:
        super().__init__(state, mirror, redirects=False)
        self._files = files

    def file(self, document_id: str, holder: Json) -> Stored | None:
        """See the protocol; a file whose bytes are not those that were exported was never had."""
        address = fields(holder.get("file")).get("url")
        found = self._state.assets.find(asset_key(document_id, address)) if isinstance(address, str) else None
        path = self._files.place(found.media_type) if found else None
        if found is None or path is None:
            return None
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            if hashlib.file_digest(file, "sha256").hexdigest() != found.sha256:
                return None
        return Stored(path, found.sha256, size, name_of(holder))


@contextlib.contextmanager
def opened_export(place: Path | ExportFiles) -> Iterator[OfExport]:
    """What the files of a JSON export hold; nothing is left behind.

    It takes the space of all but their files in the folder for temporary files.

    :param place: its folder, or its files.
    :raises StateError: there is none, or a file of it is damaged; it is named.
    """
    files = FolderFiles(place) if isinstance(place, Path) else place
    with scratch_folder() as scratch, contextlib.ExitStack() as stack:
        state, mirror = State(scratch / "state.sqlite"), Mirror(scratch / "mirror")
        stack.callback(state.close)
        stack.callback(mirror.close)
        Reading(files, state, mirror).all()
        yield OfExport(state, mirror, files)


@contextlib.contextmanager
def opened_at(job: Job, place: str) -> Iterator[OfExport]:
    """The same, of a folder or of what the URL of a sink names, ``s3://bucket/prefix``: files come from there when
    they are needed, and stay until the end.

    :param job: whose options for that sink are used.
    :raises ConfigError: no sink is for such URLs, or its options cannot be used.
    :raises SinkError: it cannot be read.
    """
    if not scheme_of(place):
        with opened_export(Path(place)) as export:
            yield export
        return
    (sink,) = evolve(job, config=evolve(job.config, export=evolve(job.config.export, sinks=[place]))).sinks()
    with scratch_folder() as scratch, contextlib.ExitStack() as stack:
        stack.callback(sink.close)
        sink.look()
        yield stack.enter_context(opened_export(SinkFiles(sink, scratch)))
