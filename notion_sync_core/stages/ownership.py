"""Whose a state and a sink are: one job's, and of one scope. Nothing is written before that is certain."""

from __future__ import annotations

import contextlib

import orjson
from attrs import frozen

from notion_sync_core.errors import StateError
from notion_sync_core.identity import header
from notion_sync_core.model import Json, Workspace, fields
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.stages import manifest
from notion_sync_core.stages.manifest import ManifestError
from notion_sync_core.stages.takeover import Taken, take_over, written_by_others
from notion_sync_core.state import State


@frozen
class Owner:
    """The job that a run is for."""

    job: str
    scope: str
    """What of the source it is about."""
    is_hash: bool
    """The id is a hash of the scope, as ids once were: it tells the scope by itself."""
    adopts: bool = False
    """Somebody said that it may take over what was of another scope."""
    copied_from: str = ""
    """The job whose manifests its sinks may still have: they are copies of its own."""


def meet(state: State, sinks: list[Sink], found: Workspace) -> str:
    """Make sure that the workspace is the one that was read before; note it.

    :param found: what the source tells.
    :returns: what there is to tell; ``""``: nothing.
    :raises StateError: it is another one. Nothing was stored.
    """
    facts = state.facts
    known = Workspace(facts.workspace, facts.workspace_name, facts.connection)
    if known == Workspace():
        known = Workspace(next(filter(None, map(_workspace_of, sinks)), ""))
    if found.is_other_than(known):
        raise StateError(
            f"the token is of the workspace {found.name!r}, and this is an export of {known.name or 'another one'!r}",
            "Nothing was read and nothing was changed. Use the token of that workspace; or give this one a folder of "
            "its own with --to, and a state of its own.",
        )
    changed = bool(known.connection and found.connection and known.connection != found.connection)
    facts.workspace = found.id or facts.workspace
    facts.workspace_name = found.name or facts.workspace_name
    facts.connection = found.connection or facts.connection
    return "another connection of the same workspace reads now: it may see other pages" if changed else ""


def _workspace_of(sink: Sink) -> str:
    return _said(header(sink), "workspace")


def _said(line: bytes, name: str) -> str:
    """A text in the first line of a manifest; ``""`` if it has none."""
    found = _head(line).get(name)
    return found if isinstance(found, str) else ""


def _head(line: bytes) -> Json:
    with contextlib.suppress(ValueError):
        return fields(orjson.loads(line))
    return {}


def claim_state(state: State, owner: Owner) -> None:
    """Make sure that a state is this job's, and of its scope.

    :raises StateError: it is not.
    """
    if (state.facts.job or owner.job) != owner.job:
        raise StateError(f"the state in {state.path} belongs to another job", "Choose another deployment.state_dir.")
    if state.objects.any() or state.facts.scope:
        _check_scope(state.facts.scope, owner, f"the state in {state.path}")
    state.facts.job = owner.job
    if not owner.is_hash or owner.adopts:
        state.facts.scope = owner.scope


def claim_sink(state: State, sink: Sink, owner: Owner, *, reads: bool, repair: bool = False) -> Taken | None:
    """Make sure that a sink is this job's; take over what it holds if the state does not know it, or knows less.

    :param reads: the run will bring up to date what it takes over.
    :param repair: rows that the state lost come back from a manifest.
    :returns: what was taken over; ``None``: there was no need.
    :raises FileNotFoundError: the sink has no manifest.
    :raises StateError: it belongs to another job, or holds what is newer than all that this run could write.
    """
    place = sink.stat(manifest.MANIFEST)
    if place is None:
        raise FileNotFoundError(manifest.MANIFEST)
    manifest.check_place(place, sink.location)
    line = header(sink)
    _check_header(line, sink, owner)
    if not state.files.any(sink.name):
        return take_over(state, sink, _said(line, "job") or owner.job, believe=False)
    # A damaged manifest gives what it can; it is made again, and the files are compared one by one.
    with contextlib.suppress(ManifestError):
        if written_by_others(state, sink, place):
            _refuse_what_is_newer(state, sink, manifest.generation_of(line), reads)
            return take_over(state, sink, owner.job, believe=True)
        if repair:
            take_over(state, sink, owner.job, believe=False)
    return None


def _refuse_what_is_newer(state: State, sink: Sink, found: int, reads: bool) -> None:
    own = manifest.Edition.known(state, sink.name).generation
    if not reads and found > own:
        raise StateError(
            f"{sink.location} was written by a later run (generation {found}) than this state knows of ({own}): "
            "what is there is newer than the mirror here",
            "Nothing was written. Run `notion-sync sync`: it takes over what is there, and goes on.",
        )


def _check_header(line: bytes, sink: Sink, owner: Owner) -> None:
    is_copy = bool(owner.copied_from) and _said(line, "job") == owner.copied_from
    manifest.check_owner([line], sink.name, owner.copied_from if is_copy else owner.job)
    if _head(line):
        _check_scope(_said(line, "scope"), owner, sink.location)


def _check_scope(found: str, owner: Owner, where: str) -> None:
    if owner.adopts or found == owner.scope or (not found and owner.is_hash):
        return
    raise StateError(
        f"{where} belongs to another job: an export of other roots, of another source or from another place",
        "Choose another folder with --to; or, if it is meant, take it over: the same command with --adopt.",
    )
