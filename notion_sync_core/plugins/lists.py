"""Which plugins a deployment lets in: ``deployment.plugins_allow`` and ``deployment.plugins_deny``."""

from __future__ import annotations

import re
from collections.abc import Iterable

from attrs import field, frozen

from notion_sync_core.config import Config
from notion_sync_core.errors import ConfigError
from notion_sync_core.plugins.find import OURS, Available


def _names(given: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_normal, given))


def _normal(name: str) -> str:
    """Names of distributions are one if they differ in these only."""
    return re.sub(r"[-_.]+", "-", name).lower()


@frozen
class Lists:
    """Names of plugins and of distributions; what is not let in is as if it were not installed."""

    allow: frozenset[str] = field(default=frozenset(), converter=_names)
    """If there are any, no others than these, and what comes with this program."""
    deny: frozenset[str] = field(default=frozenset(), converter=_names)
    """None of these, whoever allows them."""

    @classmethod
    def of(cls, config: Config) -> Lists:
        """Those of a configuration."""
        return cls(config.deployment.plugins_allow, config.deployment.plugins_deny)

    def reason(self, plugin: Available) -> str:
        """Why a plugin is not let in; empty: it is."""
        known = {_normal(plugin.name), _normal(plugin.distribution)}
        if known & self.deny:
            return "deployment.plugins_deny names it"
        if self.allow and not known & self.allow and plugin.distribution != OURS:
            return "deployment.plugins_allow does not name it"
        return ""

    def check(self, plugin: Available) -> Available:
        """The plugin itself, which may now be imported.

        :raises ConfigError: it is not let in.
        """
        if reason := self.reason(plugin):
            raise ConfigError(
                f"{plugin} is not used here: {reason}",
                "Whoever runs this deployment can change the list; the lists take names of plugins and distributions.",
            )
        return plugin


EVERYTHING = Lists()
"""No lists: every plugin is let in."""
