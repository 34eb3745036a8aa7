"""The first configuration file of a job: what was chosen, and the main keys with their meaning and defaults."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from notion_sync_core.config.keys import Key, keys_of
from notion_sync_core.config.schema import is_plain
from notion_sync_core.config.tree import SECTIONS

MAIN = {
    "export": (
        *("roots", "only", "renderers", "sinks", "assets", "comments", "naming"),
        *("on_missing", "on_edit", "max_delete"),
    ),
    "notion": ("token_file",),
    "performance": ("requests", "workers"),
    "monitoring": ("log_format", "listeners"),
    "deployment": ("state_dir", "lock_timeout_s"),
}
"""What most people change, sooner or later."""
_HEAD = """\
# Configuration of Notion Sync: `notion-sync config show` prints every key with its value, `notion-sync config check`
# finds mistakes. Lines such as "# assets = true" are defaults: take the mark away to change one.
#
# The token is never in here: it comes from the environment variable NOTION_TOKEN.
#
# Editors complete and check this file if its first line is "#:schema ./notion-sync.schema.json", after
#   notion-sync config schema > notion-sync.schema.json
"""
_COLUMNS = 110


def starter(given: Mapping[str, Any], options: Mapping[str, Iterable[Key]]) -> str:
    """The text of a configuration file.

    :param given: dotted keys with the values that were chosen: of sections, and ``plugins.NAME.OPTION``.
    :param options: the keys of plugins for which values are given, by the plugin's name in the job.
    """
    tables = dict.fromkeys(key.split(".")[1] for key in given if key.startswith("plugins."))
    return "\n".join(
        (
            _HEAD,
            *(line for name in SECTIONS for line in _section(name, given)),
            *(line for name in tables for line in _plugin(name, given, options.get(name, ()))),
        )
    )


def beside(file: Path, path: str) -> str:
    """A path as it is from here, as it has to stand in a file so that it is the same."""
    if not path or path.startswith("~") or Path(path).is_absolute():
        return path
    return os.path.relpath(path, file.parent)


def toml(value: Any) -> str:
    """A value in TOML, on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_name(key)} = {toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _name(key: str) -> str:
    return key if key.replace("_", "").replace("-", "").isalnum() and key.isascii() else toml(key)


def _section(name: str, given: Mapping[str, Any]) -> Iterator[str]:
    yield f"[{name}]"
    for key in keys_of(SECTIONS[name]):
        dotted = f"{name}.{key.name}"
        if dotted in given or key.name in MAIN.get(name, ()):
            yield from _comment(key)
            mark = "" if dotted in given else "# "
            yield f"{mark}{key.name} = {toml(given.get(dotted, key.default))}"
    yield ""


def _plugin(name: str, given: Mapping[str, Any], keys: Iterable[Key]) -> Iterator[str]:
    prefix = f"plugins.{name}."
    yield f"[plugins.{_name(name)}]"
    known = {key.name: key for key in keys}
    chosen = {key.removeprefix(prefix): value for key, value in given.items() if key.startswith(prefix)}
    for option in [*known, *(option for option in chosen if option not in known)]:
        if option in known:
            if option not in chosen and (not is_plain(known[option].default) or known[option].is_secret):
                continue
            yield from _comment(known[option])
        mark = "" if option in chosen else "# "
        yield f"{mark}{_name(option)} = {toml(chosen[option] if option in chosen else known[option].default)}"
    yield ""


def _comment(key: Key) -> list[str]:
    return textwrap.wrap(key.doc.replace("``", "`"), _COLUMNS, initial_indent="# ", subsequent_indent="# ")
