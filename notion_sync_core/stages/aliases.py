"""Files and folders of ours whose paths are one to some file systems: equal when case and Unicode form are folded."""

from __future__ import annotations

from notion_sync_core.plugins.sink import Sink
from notion_sync_core.stages.names import fold
from notion_sync_core.state import FileRecord, State


def aliases(state: State, sink: Sink, path: str) -> list[FileRecord]:
    """The files whose path differs from this one in case or Unicode form only, by path.

    Something has to be at ``path``: only those are given that lead to it too.
    """
    return [each for each in state.files.spellings.of(sink.name, path, fold) if sink.same(each.path, path)]


def is_folder_of_ours(state: State, sink: Sink, path: str) -> bool:
    """Whether a folder holds files of ours, under whatever spelling of its name.

    Something has to be at ``path``.
    """
    return any(sink.same(each, path) for each in state.files.spellings.folders(sink.name, path, fold))
