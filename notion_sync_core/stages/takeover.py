"""The sink is believed: what its manifest names is ours, whoever of us wrote it.

A state can be lost, and it can be older than the sink, or younger: restored from a backup, kept by a cache, one of
two machines that write in turn. Then the manifest tells which bytes are no hand edits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from attrs import frozen

from notion_sync_core.model import Parent, Ref, Stat
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.stages.aliases import aliases
from notion_sync_core.stages.manifest import MANIFEST, Edition, digested, entries, generation_of
from notion_sync_core.state import Intent, State
from notion_sync_core.state.files import MANIFEST_WRITER


@frozen
class Taken:
    """What was taken over from a manifest."""

    objects: int
    """That it names."""
    generation: int
    """Of the run that wrote it."""
    known: int = 0
    """The generation that the state knew of; 0: none."""

    @property
    def message(self) -> str:
        """What there is to tell, but for the place."""
        if not self.known:
            return f"the state was new: {self.objects} objects were adopted from the manifest"
        return (
            f"another run wrote there (generation {self.generation}, this state knew of {self.known}): "
            f"{self.objects} objects were taken over from the manifest"
        )


def written_by_others(state: State, sink: Sink, stat: Stat) -> bool:
    """Whether another state than this one wrote a sink's manifest.

    :param stat: of the manifest.
    """
    record = state.files.find(sink.name, MANIFEST)
    if record is None:
        return True
    same = (stat.size, stat.stamp) == (record.size, record.stamp)
    return not same and sink.hash(MANIFEST, record.known_hashes) not in record.known_hashes


def take_over(state: State, sink: Sink, job: str, *, believe: bool) -> Taken:
    """Adopt what a manifest names.

    :param job: whose manifest it has to be.
    :param believe: it knows better than the state which bytes and which document a file has.
    :raises StateError: the sink belongs to another job, or its manifest cannot be understood.
    """
    known = Edition.known(state, sink.name).generation
    whole, content = hashlib.sha256(), hashlib.sha256()
    count = generation = 0
    stale: dict[str, str] = {}

    def heard(chunks: Iterable[bytes]) -> Iterable[bytes]:
        nonlocal generation
        for number, line in enumerate(chunks):
            if number == 0:
                generation = generation_of(line)
            whole.update(line)
            yield line

    for entry in entries(heard(digested(sink.read(MANIFEST), content)), sink.name, job):
        if "schema" in entry:
            _site(state, sink, entry.get("files") or {}, believe)
            stale.update(entry.get("stale") or {})
        else:
            _object(state, sink, entry, believe)
            count += 1
    state.leftovers.adopt(sink.name, stale.items())
    state.files.forget(sink.name, MANIFEST)
    state.files.adopt(sink.name, [(MANIFEST, "", MANIFEST_WRITER, whole.hexdigest())])
    Edition(generation, content.hexdigest()).note(state, sink.name)
    # What the next run writes is of a later generation than what is there.
    state.facts.runs = str(max(int(state.facts.runs or 0), generation))
    return Taken(count, generation, known)


def recall(state: State, intents: Iterable[Intent]) -> int:
    """What runs were about to write whose state was lost is ours, if it lies there, and is made again.

    :param intents: in the order in which they came.
    :returns: how many there were.
    """
    count = 0
    for intent in intents:
        _make_again_elsewhere(state, intent.sink, intent.path, intent.document_id)
        if intent.ref is not None:
            state.objects.adopt(intent.ref)
        state.files.recall(intent)
        if intent.document_id:
            state.queue.render_if_placed(intent.document_id)
        elif intent.renderer not in ("", MANIFEST_WRITER):
            state.facts.site_stale = "1"
        count += 1
    return count


File = tuple[str, str, str, str]
"""Path, document, renderer, sha256."""


def _files(state: State, sink: Sink, files: list[File], believe: bool) -> bool:
    """Take files over; whether the state knew anything else of one of them."""
    if not believe:
        state.files.adopt(sink.name, files)
        return False
    respelt = [path for path, *_ in files if _believe_spelling(state, sink, path)]
    for path, document_id, *_ in files:
        _make_again_elsewhere(state, sink.name, path, document_id)
    news = [file for file in files if state.files.believe(sink.name, *file)]
    return bool(respelt or news)


def _make_again_elsewhere(state: State, sink: str, path: str, document_id: str) -> None:
    """Whose file a path is for the state, but not for the manifest, has no file there: it is another document's."""
    known = state.files.find(sink, path)
    if known is None or known.document_id == document_id:
        return
    if known.document_id:
        state.queue.render_if_placed(known.document_id)
    elif known.renderer:
        state.facts.site_stale = "1"


def _believe_spelling(state: State, sink: Sink, path: str) -> bool:
    """What the state knows by another spelling is that file: under the name it knows nothing would be spelt anew."""
    known = aliases(state, sink, path)
    for alias in known:
        sha256 = alias.sha256 or alias.intended_sha256 or ""
        state.files.believe(sink.name, path, alias.document_id, alias.renderer, sha256)
        state.files.forget(sink.name, alias.path)
    return bool(known)


def _site(state: State, sink: Sink, files: dict[str, dict[str, str]], believe: bool) -> None:
    found = [(path, "", renderer, sha256) for renderer, hashes in files.items() for path, sha256 in hashes.items()]
    if _files(state, sink, found, believe):
        state.facts.site_stale = "1"


def _object(state: State, sink: Sink, entry: dict[str, Any], believe: bool) -> None:
    paths: dict[str, Any] = entry["paths"]
    owners = {path: name for name, path in paths.items() if isinstance(path, str)}
    state.objects.adopt(
        Ref(
            id=entry["id"],
            kind=entry["kind"],
            title=entry["title"],
            parent=Parent("unknown", entry["parent"]),
            created_time="",
            last_edited_time=entry["last_edited_time"],
            url=entry["url"],
        )
    )
    own = [(path, entry["id"], owners.get(path, "csv"), sha256) for path, sha256 in entry["sha256"].items()]
    if _files(state, sink, own, believe):
        # Another run may have known more, or less: what belongs there is made again, and what does not goes.
        state.queue.render_if_placed(entry["id"])
    assets = [(path, "", "", path.rpartition("/")[2].partition(".")[0]) for path in entry["assets"]]
    _files(state, sink, assets, believe)
