"""Which versions of the plugin interface this program serves.

Major and minor: within a major, hooks and attributes are only added, and the minor counts them. Another major may
change or drop some; the one before it is served for a year from then on.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import date

from notion_sync_core.errors import PluginError
from notion_sync_core.plugins.hookspecs import API_MINOR, API_VERSION

API = (API_VERSION, API_MINOR)
"""What this program has."""
OLDER: Mapping[int, date] = {}
"""Majors before this one that are still served, each with the day from which on a release may leave it out.

A release that lists one goes on serving it: no program stops because of a date.
"""
_VERSION = re.compile(r"(0|[1-9][0-9]{0,3})(?:\.(0|[1-9][0-9]{0,3}))?")


def check(wanted: object, who: str, api: tuple[int, int] = API, older: Mapping[int, date] = OLDER) -> None:
    """Make sure that a plugin's ``api_version`` is one that is served here.

    :param wanted: ``1`` and ``"1"`` mean any minor of that major, ``"1.2"`` this minor or a later one.
    :param who: the plugin, for messages.
    :raises PluginError: it is none, or one that this program has not.
    """
    found = _VERSION.fullmatch(str(wanted)) if isinstance(wanted, str | int) and wanted is not True else None
    if found is None:
        raise PluginError(
            f'{who}: its attribute api_version is {wanted!r:.60}, expected 1 or "1.2"',
            "Report this to the plugin's authors.",
        )
    major, minor, ours = int(found[1]), int(found[2] or 0), f"{api[0]}.{api[1]}"
    if major == api[0] and minor <= api[1]:
        return
    if major in older:
        logging.getLogger(__name__).warning(
            "%s is made for version %s of the plugin interface; this program has version %s and serves the older one "
            "until %s at least. Ask the plugin's authors for a new one.",
            *(who, wanted, ours, older[major].isoformat()),
        )
        return
    raise PluginError(
        f"{who} is made for version {wanted} of the plugin interface, this program has version {ours}",
        "Update this program, or install an older release of the plugin."
        if (major, minor) > api
        else "Install a newer release of the plugin, or an older one of this program.",
    )
