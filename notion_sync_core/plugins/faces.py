"""What a plugin of each kind must have, and may have: checked when it is loaded, looked for nowhere else.

:data:`FACES` is the whole list. The documentation of each hook is its specification in
:mod:`~notion_sync_core.plugins.hookspecs`; that of each attribute stands here.
"""

from __future__ import annotations

import inspect
from typing import Any

from attrs import frozen

from notion_sync_core.errors import PluginError
from notion_sync_core.plugins.hooks import Hooks


@frozen
class Attribute:
    """An attribute that the core reads from a plugin."""

    name: str
    type: type | tuple[type, ...]
    doc: str
    required: bool = False
    default: Any = None

    @property
    def expected(self) -> str:
        """Its type, for messages."""
        kinds = self.type if isinstance(self.type, tuple) else (self.type,)
        return " or ".join(kind.__name__ for kind in kinds)


@frozen
class Face:
    """What a kind of plugin looks like from the core."""

    kind: str
    must: tuple[str, ...] = ()
    """Hooks that it has to implement."""
    some: tuple[str, ...] = ()
    """Hooks of which it has to implement at least one."""
    may: tuple[str, ...] = ()
    """Hooks that it may implement as well."""
    attributes: tuple[Attribute, ...] = ()
    methods: tuple[str, ...] = ()
    """Plain methods that it may have."""

    @property
    def hooks(self) -> tuple[str, ...]:
        """Every hook of this kind."""
        return (*self.must, *self.some, *self.may)


API_VERSION = Attribute(
    "api_version", (int, str), 'The version of the plugin interface it was made for: ``1`` or ``"1.2"``.', default=1
)

OF_DOCUMENTS = ("format", "suffix")
"""What a renderer that makes documents has to say."""

FACES: dict[str, Face] = {
    "sources": Face(
        "sources",
        must=("source_discover", "source_fetch", "source_read"),
        may=(
            *("source_ping", "source_workspace", "source_resolve", "source_revisit", "source_locate"),
            "source_expand",
            *("source_users", "source_read_children", "source_download", "source_close"),
        ),
        attributes=(
            API_VERSION,
            Attribute("host", str, "The service, for messages and its circuit breaker; else its name."),
            Attribute("version", str, "Of the service's interface: with another one everything is read again."),
            Attribute("identity", str, "What it reads from, among all it could: another one is another source."),
            Attribute(
                "budget",
                str,
                "What shares one allowance of requests, such as host and token; kept as a hash only. "
                "Without it requests are not paced.",
            ),
            Attribute(
                "clock_skew_s",
                float,
                "Seconds by which the service's clock is ahead of ours, as its last answer told; ``doctor`` compares.",
            ),
        ),
    ),
    "renderers": Face(
        "renderers",
        some=("render_document", "render_block", "render_site"),
        may=("render_suffixes",),
        attributes=(
            API_VERSION,
            Attribute("format", str, "What it makes, for plugins of single blocks: ``markdown``."),
            Attribute("suffix", str, "Of the file that links to a document lead to: ``.md``."),
            Attribute("suffixes", tuple, "Every suffix that a document's files have; else that one alone."),
            Attribute("folder", str, "Where its files lie in the sink; else the root, or its name beside others."),
            Attribute(
                "paths",
                str,
                "A pattern for the paths of rows, made of their properties: ``{Date|created}-{Slug|title}``. Names are "
                "the job's: one for all its renderers, which may not differ in this, ``flat`` and ``sections``.",
                default="",
            ),
            Attribute("flat", bool, "Documents lie at the top, whatever they stand in.", default=False),
            Attribute(
                "sections",
                str,
                "The name, in its folder, of a document that others stand inside: ``index``; else it lies beside it.",
                default="",
            ),
            Attribute("unfit", str, "Characters that its readers' links cannot hold; ``-`` stands for them in names."),
            Attribute("shows_neighbours", bool, "Documents show what stands around them.", default=False),
            Attribute("template_package", str, "The package whose folder ``templates`` holds the originals."),
            Attribute("version", str, "Of what it makes; another one makes every file again; else its distribution's."),
        ),
    ),
    "sinks": Face(
        "sinks",
        must=(
            *("sink_open", "sink_close", "sink_stage", "sink_commit", "sink_discard"),
            *("sink_flush", "sink_stat", "sink_read", "sink_delete"),
        ),
        may=("sink_attach", "sink_look", "sink_list", "sink_same", "sink_respell"),
        attributes=(
            API_VERSION,
            Attribute("location", str, "Where it writes; two places never have the same.", required=True),
            Attribute("scheme", str, "Of the URLs that lead to it: ``s3``."),
        ),
        methods=("options_from_url",),
    ),
    "listeners": Face(
        "listeners",
        must=("on_event",),
        attributes=(
            API_VERSION,
            Attribute("metrics_file", str, "The file of metrics it keeps; ``monitoring.metrics_file`` gives it."),
        ),
        methods=("exposition",),
    ),
    "targets": Face(
        "targets",
        must=("target_open", "target_create", "target_append", "target_update"),
        may=("target_upload", "target_children", "target_close"),
        attributes=(
            API_VERSION,
            Attribute("host", str, "The service, for messages and its circuit breaker; else its name."),
            Attribute(
                "budget",
                str,
                "What shares one allowance of requests, as of a source. Without it requests are not paced.",
            ),
        ),
    ),
    "commands": Face(
        "commands",
        attributes=(Attribute("options", type, "The attrs class of its table ``[plugins.NAME]``; else it has none."),),
        methods=("examine",),
    ),
}


def check(face: Face, plugin: object, hooks: Hooks, who: str) -> None:
    """Make sure that a plugin has what its kind must have.

    :param who: the plugin, for messages: its name, distribution and version.
    :raises PluginError: it has not.
    """
    expect_hooks(face, hooks, who)
    for attribute in face.attributes:
        _check_attribute(attribute, plugin, who)
    for method in face.methods:
        if not callable(getattr(plugin, method, _nothing)):
            raise PluginError(f"{who}: its {method} is no method", _REPORT)


def expect_hooks(face: Face, hooks: Hooks, who: str) -> None:
    """Make sure that a plugin has the hooks of its kind.

    :raises PluginError: it has not.
    """
    kind = face.kind[:-1]
    missing = [hook for hook in face.must if not hooks.implements(hook)]
    if missing:
        raise PluginError(f"{who} is no {kind}: it does not implement {', '.join(missing)}", _REPORT)
    if face.some and not any(map(hooks.implements, face.some)):
        raise PluginError(f"{who} is no {kind}: it implements none of {', '.join(face.some)}", _REPORT)


def expect_form(face: Face, plugin: object, hooks: Hooks, who: str) -> None:
    """Make sure that what makes documents says what these are; a plugin for single blocks need not.

    :param plugin: it, or its class; what an instance alone has is not seen there.
    :raises PluginError: it does not.
    """
    if face.kind != "renderers" or not hooks.implements("render_document"):
        return
    for attribute in OF_DOCUMENTS:
        found = inspect.getattr_static(plugin, attribute, None)
        if found is None or (not isinstance(plugin, type) and not isinstance(getattr(plugin, attribute), str)):
            raise PluginError(f"{who} makes documents and has no attribute {attribute!r}", _REPORT)


def _nothing() -> None:
    """In place of a method that a plugin need not have."""


def _check_attribute(attribute: Attribute, plugin: object, who: str) -> None:
    value = getattr(plugin, attribute.name, None)
    if value is None and not attribute.required:
        return
    if value is None or not isinstance(value, attribute.type):
        found = "missing" if value is None else f"{value!r:.60}"
        raise PluginError(f"{who}: its attribute {attribute.name} is {found}, expected {attribute.expected}", _REPORT)


_REPORT = "Report this to the plugin's authors."
