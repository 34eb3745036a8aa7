"""What has to be read or made again though no object changed: versions, options, comments."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from notion_sync_core.plugins.build import Spec
from notion_sync_core.plugins.renderer import Renderer
from notion_sync_core.stages.plan import Plan

RENDERING = 3
"""Counts up when the core gives renderers other content, paths or links for the same state."""


def note_version(plan: Plan, version: str) -> str:
    """Objects read with another version of the API have another shape: all is read again.

    :returns: what there is to tell; ``""``: nothing.
    """
    facts = plan.state.facts
    known = facts.source_version or version
    facts.source_version = version
    if known == version:
        return ""
    plan.state.queue.unsettle_all()
    return f"the API version changed from {known} to {version}: everything is read again"


def note_comments(plan: Plan, *, wanted: bool, reads: bool) -> None:
    """Comments are shown only while they are asked for; newly asked for, everything is read again for them.

    :param reads: this run has a source.
    """
    facts, value = plan.state.facts, "1" if wanted else ""
    if wanted and facts.comments != value and reads:
        plan.state.queue.unsettle_all()
    if not wanted or reads:
        facts.comments = value


def note_files(plan: Plan, *, wanted: bool) -> None:
    """Newly asked for, files of documents that were read without them are fetched: those documents are read again."""
    facts = plan.state.facts
    if wanted and facts.without_files:
        plan.state.queue.unsettle_without_assets()
    facts.without_files = "" if wanted else "1"


def mark_what_is_outdated(plan: Plan, renderers: list[Renderer], specs: Iterable[list[Spec]], *, anew: bool) -> None:
    """Mark every file to be made again if what it depends on beside its content is not what it was.

    :param specs: how the parts of the job are built.
    :param anew: whatever was.
    """
    facts = plan.state.facts
    versions = [renderer.version for renderer in renderers]
    made_of, places = specs
    options = [[spec.name, spec.use, sorted(spec.options.items())] for spec in made_of]
    depends_on = [RENDERING, versions, options, [spec.name for spec in places], facts.comments]
    text = json.dumps(depends_on + [facts.assets_folder] * bool(facts.assets_folder), default=str)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if facts.rendering != digest or anew or facts.behind:
        plan.state.queue.render_all()
        # The digest becomes durable together with the flags, not before them.
        facts.rendering = digest
        plan.site_changed()
