"""State and mirror as they were after some run, made of versions: what renders them is what renders the present.

Nothing of the present is in them but the files that documents show, which lie in the mirror under their sha256.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from attrs import frozen

from notion_sync_core.history.blobs import Blobs
from notion_sync_core.history.keeping import FACTS
from notion_sync_core.history.records import SYNCED, Version
from notion_sync_core.history.store import Store
from notion_sync_core.history.version import FOUND, Turned, turned_of
from notion_sync_core.mirror.mirror import Mirror, packed
from notion_sync_core.model import Json
from notion_sync_core.stages.plan import icon_of
from notion_sync_core.state import State
from notion_sync_core.status import Status

_BATCH = 200
"""Objects between two checkpoints."""


@frozen
class FilesOf:
    """What a rebuilt mirror takes from the real one: files, and nothing else."""

    blobs: Path

    def value(self, key: str) -> bytes | None:  # noqa: ARG002
        """Nothing of the present."""
        return None

    def blob(self, sha256: str) -> Path:
        """Where the bytes with this hash lie, or would lie."""
        return self.blobs / sha256[:2] / sha256


def rebuild(
    store: Store,
    blobs: Blobs,
    run: int,
    state: State,
    mirror: Mirror,
    needs: Callable[[Version], bool] = lambda _: True,
) -> int:
    """Fill an empty state and an empty mirror with what there was after a run.

    :param needs: whether the content of a version is needed; of all others there is title and place alone.
    :returns: how many objects there were.
    :raises StateError: a version is not there, or is damaged.
    """
    _set_facts(store, run, state, mirror)
    originals = filter(needs, _there(store, run, synced=True))
    synced = [(version, _read(blobs, version, mirror)[1]) for version in originals]
    count = 0
    for version in _there(store, run, synced=False):
        _recall(blobs, version, state, mirror, is_needed=needs(version))
        count += 1
        if count % _BATCH == 0:
            mirror.flush()
            state.checkpoint()
    for version, turned in synced:
        _recall_synced(version, turned, state)
    mirror.flush()
    state.checkpoint()
    return count


def _there(store: Store, run: int, *, synced: bool) -> Iterator[Version]:
    return (each for each in store.as_of(run) if each.is_there and (each.kind == SYNCED) is synced)


def _set_facts(store: Store, run: int, state: State, mirror: Mirror) -> None:
    state.begin_run()
    facts = json.loads(store.facts(run))
    for name in FACTS:
        setattr(state.facts, name, str(facts.get(name, "")))
    state.facts.site_stale = "1"
    mirror.put_object("mirror", {"schema": 1})
    people = store.people(run)
    for each, name in people.items():
        mirror.put_user({"object": "user", "id": each, "name": name})
    state.findings.add_users(people)


def _recall(blobs: Blobs, version: Version, state: State, mirror: Mirror, *, is_needed: bool) -> None:
    is_read = bool(version.sha256) and is_needed
    raw, turned = _read(blobs, version, mirror) if is_read else (None, Turned())
    # What is not needed has a file all the same: others link to it.
    has_copy = bool(version.has_copy) and (raw is not None or (bool(version.sha256) and not is_needed))
    status = Status(version.status)
    state.objects.recall(version.ref, status, version.folder_id, icon_of(raw), has_copy=has_copy)
    if is_read:
        _note(version.object_id, turned, state)


def _note(object_id: str, turned: Turned, state: State) -> None:
    state.assets.add(turned.files)
    state.findings.replace(object_id, turned.found, own=frozenset(), known=False)
    state.findings.link_blocks(object_id, turned.found.anchors)


def _recall_synced(version: Version, turned: Turned, state: State) -> None:
    """What a document shows of a synced block that no document held, if it shows a copy of it still."""
    holder = version.parent_id or ""
    if version.object_id in {original for original, _ in state.findings.of(holder).synced_from}:
        state.assets.add(turned.files)
        state.findings.add(holder, turned.found)
        state.findings.settle_orphan(version.object_id, holder)


def _read(blobs: Blobs, version: Version, mirror: Mirror) -> tuple[Json | None, Turned]:
    """Put what a version holds into the mirror; gives its object and what was found in it."""
    raw: Json | None = None
    turned = Turned()
    for key, value in blobs.lines(version.sha256):
        if key == FOUND:
            turned = turned_of(value)
            continue
        if key.startswith("o/"):
            raw = value
        mirror.put_listings([(key, packed(value))])
    return raw, turned
