"""Forgetting an object for good: its versions, what other versions say of its title, its copy, and its files.

What still exists in Notion keeps its present version: the next run would bring it again. Steps may be cut short at any
instant; the same command then takes the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import orjson
from attrs import define, field

from notion_sync_core.errors import StateError
from notion_sync_core.history.forgetting import let_go
from notion_sync_core.history.keeping import History
from notion_sync_core.history.records import THERE, Version
from notion_sync_core.history.version import FOUND
from notion_sync_core.mirror.mirror import packed

BLANK = "…"
"""Stands where its title was."""
_TITLED = ("child_page", "child_database")


@define
class Erased:
    """What was erased."""

    id: str
    title: str
    versions: int = 0
    rewritten: int = 0
    """Versions of others that named it."""
    files: int = 0
    is_there: bool = False
    """It still exists in Notion, so its present version stays."""
    paths: list[str] = field(factory=list)
    """Files of it that still stand in sinks, which only ``sync`` takes away."""


def foresee(history: History, object_id: str) -> Erased:
    """What erasing an object would take.

    :raises StateError: nobody knows it.
    """
    known, versions = history.state.objects.find(object_id), history.store.of(object_id)
    if known is None and not versions:
        raise StateError(f"nothing is kept of {object_id}", "`notion-sync history` lists what is kept.")
    is_there = known is not None and known.status in THERE
    title = known.title if known is not None else versions[-1].title
    count = sum(bool(each.sha256) for each in _doomed(versions, is_there=is_there))
    return Erased(object_id, title, count, is_there=is_there)


def erase(history: History, object_id: str) -> Erased:
    """Erase an object. No run may be under way.

    :raises StateError: nobody knows it.
    """
    state, store = history.state, history.store
    _sweep(history)
    result = foresee(history, object_id)
    versions = store.of(object_id)
    doomed = _doomed(versions, is_there=result.is_there)
    stale = _keys(history, [*doomed, *([] if result.is_there else store.synced_for(object_id))])
    if result.is_there:
        stale -= _keys(history, versions[-1:])
    else:
        result.paths = [file.path for file in state.files.of(object_id)]
        stale |= {f"o/{object_id}", *_mirrored(history, object_id)}
        state.unkept.lose(object_id)
        doomed += store.synced_for(object_id)
    state.checkpoint()
    history.mirror.forget(stale - _copied_elsewhere(history, object_id))
    _, files = store.take_out(doomed)
    if not result.is_there:
        result.rewritten = _rewrite_others(history, object_id)
        files |= {each.sha256 for each in state.assets.of(object_id)}
        state.runs.erase(object_id)
        for path in {each.path for each in versions if each.path}:
            store.erase_path(path, BLANK)
            state.unkept.erase_path(path, BLANK)
        state.unkept.erase(object_id)
    state.checkpoint()  # what only versions tell is needed until here
    store.commit()
    result.files, _ = let_go([each for each in files if not store.needs_asset(each)], state, history.mirror)
    _sweep(history)
    return result


def _sweep(history: History) -> None:
    """Remove versions and files that nothing speaks of, and all traces of rows that went."""
    state, store, blobs, mirror = history.state, history.store, history.blobs, history.mirror
    named = store.hashes()
    for each in [each for each in blobs.all() if each not in named]:
        blobs.remove(each)
    for each in [each for each in mirror.blobs() if not (state.assets.knows(each) or store.needs_asset(each))]:
        mirror.remove_blob(each)
    blobs.flush()
    mirror.flush()
    store.shrink()
    state.unkept.shrink()


def _doomed(versions: list[Version], *, is_there: bool) -> list[Version]:
    return versions[:-1] if is_there else versions


def _keys(history: History, versions: list[Version]) -> set[str]:
    names = {each.sha256 for each in versions if each.sha256 and history.blobs.has(each.sha256)}
    return {key for name in names for key, _ in history.blobs.lines(name) if key != FOUND}


def _mirrored(history: History, object_id: str) -> set[str]:
    return {key for key, _ in history.lines(object_id)}


def _copied_elsewhere(history: History, object_id: str) -> set[str]:
    """What stands in its synced blocks, if others show copies of them: that is theirs as well."""
    state = history.state
    found: set[str] = set()
    for each in filter(state.findings.copies_of, state.findings.of(object_id).originals):
        found.update(key for key, _ in history.lines(each))
    return found


def _rewrite_others(history: History, object_id: str) -> int:
    """Take an object's title out of what others say of it, in versions and in the mirror."""
    names = (object_id, object_id.replace("-", ""))
    count = 0
    for sha256 in sorted(history.store.hashes()):
        lines = list(history.blobs.lines(sha256))
        if not any(name in key or name in orjson.dumps(value).decode() for key, value in lines for name in names):
            continue
        blank = _blanker(object_id)
        draft = history.draft()
        done = [
            (key, packed(_without_child(value, object_id) if key == FOUND else blank(value)))
            for key, value in lines
            if not key.startswith((f"b/{object_id}/", f"c/{object_id}/"))  # what shows it shows comments on it
        ]
        last = [line for line in done if line[0] == FOUND or line[0].startswith("o/")]
        draft.add(line for line in done if line not in last)
        blob = draft.keep(last)
        if blob.sha256 != sha256:
            count += 1
            history.store.put_frames([blob])
            history.store.rename(sha256, blob.sha256, blob.size)
        _rewrite_mirror(history, [key for key, _ in lines if key != FOUND], names, blank)
    return count


def _rewrite_mirror(history: History, keys: list[str], names: tuple[str, ...], blank: Callable[[Any], Any]) -> None:
    changed: list[tuple[str, bytes | None]] = []
    for key in keys:
        value = history.mirror.value(key)
        if value is not None and any(name.encode() in value for name in names):
            changed.append((key, packed(blank(orjson.loads(value)))))
    if changed:
        history.mirror.put_listings(changed)
        history.mirror.forget([])


def _without_child(found: dict[str, Any], object_id: str) -> dict[str, Any]:
    children = [[child, kind, "" if child == object_id else title] for child, kind, title in found.get("children", ())]
    return {**found, **({"children": children} if children else {})}


def _blanker(object_id: str) -> Callable[[Any], Any]:
    """What takes the title of an object out of blocks and texts that lead to it."""
    bare = object_id.replace("-", "")
    slug = re.compile(rf"/[^/\s?#]*-(?={bare})")

    def blank(value: Any) -> Any:
        if isinstance(value, list):
            return [blank(each) for each in value]
        if isinstance(value, str):
            return slug.sub("/", value) if bare in value else value
        if not isinstance(value, dict):
            return value
        made = {key: blank(each) for key, each in value.items()}
        if value.get("id") == object_id and value.get("type") in _TITLED:
            kind = str(value["type"])
            made[kind] = {**made.get(kind, {}), "title": BLANK}
        if isinstance(value.get("mention"), dict) and object_id in str(value["mention"]):
            made["plain_text"] = BLANK
        return made

    return blank
