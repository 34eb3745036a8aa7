"""What plugins need beyond what every installation has: the libraries of an extra that is called like the plugin."""

from __future__ import annotations

import importlib.metadata
import re

from notion_sync_core.plugins.find import Available

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


def missing(plugin: Available) -> list[str]:
    """The libraries that a plugin's extra names and that are not installed.

    A distribution whose plugin ``s3`` needs more than the rest says so in its extra ``s3``.
    """
    try:
        requirements = importlib.metadata.requires(plugin.distribution) or []
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return []
    named = (_REQUIREMENT.match(each) for each in requirements if _is_of(plugin.name, each))
    return [name[1] for name in named if name and not _is_installed(name[1])]


def _is_of(extra: str, requirement: str) -> bool:
    return any(_normal(name) == _normal(extra) for name in _EXTRA.findall(requirement))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _is_installed(name: str) -> bool:
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
