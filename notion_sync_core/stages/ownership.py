"""Whose a state and a sink are: one job's, and of one scope. Nothing is written before that is certain."""

from __future__ import annotations

import contextlib

import orjson
from attrs import frozen

from notion_sync_core.errors import StateError
from notion_sync_core.identity import header
from notion_sync_core.plugins.sink import Sink
from notion_sync_core.stages import manifest
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


def claim_sink(state: State, sink: Sink, owner: Owner, *, repair: bool) -> int | None:
    """Make sure that a sink is this job's; adopt what it holds if the state does not know it.

    :param repair: rows that the state lost come back from a manifest.
    :returns: how many objects were adopted; ``None``: there was nothing to adopt.
    :raises FileNotFoundError: the sink has no manifest.
    :raises StateError: it belongs to another job.
    """
    place = sink.stat(manifest.MANIFEST)
    if place is None:
        raise FileNotFoundError(manifest.MANIFEST)
    manifest.check_place(place, sink.location)
    line = header(sink)
    if state.files.any(sink.name):
        _check_header(line, sink, owner)
        if repair:
            # A damaged manifest gives what it can.
            with contextlib.suppress(StateError):
                manifest.adopt(state, sink.name, owner.job, sink.read(manifest.MANIFEST))
        return None
    _check_header(line, sink, owner)
    return manifest.adopt(state, sink.name, owner.job, sink.read(manifest.MANIFEST))


def _check_header(line: bytes, sink: Sink, owner: Owner) -> None:
    manifest.check_owner([line], sink.name, owner.job)
    with contextlib.suppress(ValueError, AttributeError):
        scope = orjson.loads(line).get("scope", "")
        _check_scope(scope if isinstance(scope, str) else "", owner, sink.location)


def _check_scope(found: str, owner: Owner, where: str) -> None:
    if owner.adopts or found == owner.scope or (not found and owner.is_hash):
        return
    raise StateError(
        f"{where} belongs to another job: an export of other roots, of another source or from another place",
        "Choose another folder with --to; or, if it is meant, take it over: the same command with --adopt.",
    )
