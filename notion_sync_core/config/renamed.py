"""Keys that have another name now: the old one still works, and the configuration says so in a notice."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen

from notion_sync_core.errors import ConfigError


@frozen
class Renamed:
    """What a key is called now."""

    key: str
    """Dotted."""
    since: str
    """The version that renamed it; in the second one after it the old name may go."""


RENAMED: dict[str, Renamed] = {}
"""Old keys, dotted, with their new names. So far none was ever renamed."""


class Names:
    """The names under which one configuration says its keys.

    :param renamed: see :data:`RENAMED`.
    """

    def __init__(self, renamed: Mapping[str, Renamed]) -> None:
        self._renamed = renamed
        self._said: dict[str, tuple[str, str]] = {}
        """New keys that were said, with the name that was used, and where."""
        self.notices: list[str] = []
        """A sentence for each old name that was used."""

    def of(self, key: str, origin: str) -> str:
        """The name of a key today.

        :param origin: where it is said.
        :raises ConfigError: the same is said under both names.
        """
        new = self._renamed.get(key)
        today = new.key if new else key
        used, where = self._said.setdefault(today, (key, origin))
        if used != key:
            raise ConfigError(
                f"{origin}: {key} is said, and {used} in {where}: these are two names of one key",
                f"Leave out {key if new else used}: since {self._renamed[key if new else used].since} "
                f"the name is {today}.",
            )
        if new:
            self.notices.append(
                f"{origin}: {key} is called {new.key} since {new.since}; the old name will not work for ever"
            )
        return today
