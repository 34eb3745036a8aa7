"""Whether a command that comes as a plugin may run here, before it is imported: its own options are not read yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from notion_sync_core import config as configuration
from notion_sync_core.config.loader import DEFAULT_FILE
from notion_sync_core.config.reading import read_toml
from notion_sync_core.errors import ConfigError, NotionSyncError
from notion_sync_core.plugins.find import OURS, Available
from notion_sync_core.plugins.lists import Lists

_KEYS = ("plugins_allow", "plugins_deny")


def let_in(command: Available, words: Sequence[str]) -> None:
    """Make sure that the lists of the deployment let a command in.

    :param words: of the command line, behind its name.
    :raises ConfigError: they do not, or nobody can tell.
    """
    try:
        file = next((Path(each) for each in _values(words, "--config")), None)
        lists = lists_here(file, _values(words, "--set"))
    except NotionSyncError:
        if command.distribution == OURS:
            return  # what is wrong the command itself says, if it needs to know
        raise
    lists.check(command)


def lists_here(file: Path | None, settings: Iterable[str]) -> Lists:
    """The lists of a deployment, by what any configuration is made of: settings, the environment and a file, of which
    nothing else needs to be right.

    :param file: ``None``: the usual one, if it is there.
    :raises ConfigError: they cannot be read.
    """
    said = configuration.load(use_default_file=False, settings=settings)
    table: Any = {}
    if file is not None or DEFAULT_FILE.exists():
        file = file or DEFAULT_FILE
        table = read_toml(file)[0].get("deployment", {})

    def value(key: str) -> list[str]:
        in_file = table.get(key) if isinstance(table, dict) else None
        if f"deployment.{key}" in said.origins or in_file is None:
            return list(said.value(f"deployment.{key}"))
        if not isinstance(in_file, list) or not all(isinstance(each, str) for each in in_file):
            raise ConfigError(f"{file}: deployment.{key} is {in_file!r:.60}, expected a list of texts", "Correct it.")
        return in_file

    return Lists(*map(value, _KEYS))


def _values(words: Sequence[str], option: str) -> Iterator[str]:
    for place, word in enumerate(words):
        if word.startswith(f"{option}="):
            yield word.partition("=")[2]
        elif word == option and place + 1 < len(words):
            yield words[place + 1]
