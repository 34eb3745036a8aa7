"""Rebuilds a lost state from the manifests in the sinks."""

from __future__ import annotations

import contextlib

from notion_sync_core.clock import Clock, SystemClock
from notion_sync_core.errors import StateError
from notion_sync_core.job import Job
from notion_sync_core.snapshot import has_manifest
from notion_sync_core.stages.ownership import Owner, claim_sink, claim_state


def restore(job: Job, clock: Clock | None = None) -> dict[str, int]:
    """Adopt what each sink's manifest names into a new state.

    :returns: how many objects came from each sink, by its location.
    :raises StateError: there is a state already, or no sink has a manifest.
    """
    if not any(map(has_manifest, job.sinks())):
        raise StateError("no sink of this job has a manifest", "Check --to: the folder of the export.")
    counts: dict[str, int] = {}
    with contextlib.ExitStack() as stack:
        stack.enter_context(job.host.lock(job.folder() / "lock", clock or SystemClock(), 0.0))
        state = job.open_state()
        stack.callback(state.close)
        if state.objects.any():
            raise StateError(
                f"the state in {state.path} exists and is sound",
                "Nothing was changed. To start anew, move its folder away first.",
            )
        owner = Owner(job.id, job.scope, job.id == job.legacy_id, copied_from=job.identity.copied_from)
        claim_state(state, owner)
        for sink in job.sinks():
            sink.look()
            stack.callback(sink.close)
            with contextlib.suppress(FileNotFoundError):
                taken = claim_sink(state, sink, owner, reads=False)
                counts[sink.location] = taken.objects if taken else 0
        state.checkpoint()
    return counts
