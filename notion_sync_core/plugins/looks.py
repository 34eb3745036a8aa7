"""What can be said of an installed plugin without building it: its options, hooks, versions, and what is wrong."""

from __future__ import annotations

import importlib.metadata
import re
from typing import Any

from attrs import frozen

from notion_sync_core.config.keys import summary_of
from notion_sync_core.errors import NotionSyncError, PluginError
from notion_sync_core.plugins import faces, hookspecs, versions
from notion_sync_core.plugins.extras import missing
from notion_sync_core.plugins.faces import FACES
from notion_sync_core.plugins.find import Available, find, load
from notion_sync_core.plugins.given import hooks_of
from notion_sync_core.plugins.hooks import single

_ROLE = re.compile(r":\w+:`~?")
_REPORT = "Report this to the plugin's authors."
_HOMES = ("homepage", "source", "repository", "documentation")
"""Labels of addresses in a distribution's metadata, the first that is there counts."""


@frozen
class Hook:
    """A hook that a plugin implements."""

    name: str
    meaning: str
    """What it is for, in a sentence."""


@frozen
class Fault:
    """Why a plugin cannot be used."""

    error: str
    remedy: str


def hooks(plugin: Any) -> list[Hook]:
    """The hooks that a class implements, in the order of their specification."""
    names = hooks_of(plugin)
    known = (name for face in FACES.values() for name in face.hooks)
    return [Hook(name, _said(getattr(hookspecs, name))) for name in known if name in names]


def _said(spec: Any) -> str:
    return _ROLE.sub("`", summary_of(spec)).replace("``", "`")


def api_version(plugin: Any) -> str:
    """The version of the plugin interface that it says it was made for; of one that says nothing, ours."""
    said = getattr(plugin, "api_version", versions.API[0])
    return str(said) if isinstance(said, str | int) else str(versions.API[0])


def home(plugin: Available) -> str:
    """Where the distribution of a plugin says that it lives; empty if it does not."""
    try:
        told = importlib.metadata.metadata(plugin.distribution)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return ""
    labelled = (each.partition(",") for each in told.get_all("Project-URL") or ())
    urls = {label.strip().lower(): url.strip() for label, _, url in labelled}
    return next((urls[label] for label in _HOMES if label in urls), str((told.get_all("Home-page") or [""])[0]))


def fault(plugin: Available) -> Fault | None:
    """What keeps an installed plugin from being used, as far as its class shows; ``None``: nothing.

    It is imported and not built: building may ask for options.
    """
    try:
        _look_through(plugin)
    except NotionSyncError as error:
        return Fault(error.message, error.remedy)
    return None


def _look_through(plugin: Available) -> None:
    find(plugin.kind, plugin.name)  # two of one name
    loaded = load(plugin)
    if plugin.kind == "commands":
        import click

        if not isinstance(loaded, click.Command):
            kind = type(loaded).__name__
            raise PluginError(f"{plugin}, {plugin.target}, is {kind} instead of a click command", _REPORT)
        return
    versions.check(getattr(loaded, "api_version", versions.API[0]), str(plugin))
    hooks = single(loaded, plugin.name)
    faces.expect_hooks(FACES[plugin.kind], hooks, str(plugin))
    faces.expect_form(FACES[plugin.kind], loaded, hooks, str(plugin))
    if lacking := missing(plugin):
        raise PluginError(f"{plugin} needs {', '.join(lacking)}, not installed", f"pip install {' '.join(lacking)}")
