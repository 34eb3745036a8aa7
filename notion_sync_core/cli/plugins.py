"""``plugins``: what is installed, what of it works, and packages for new ones."""

from __future__ import annotations

import json
from enum import Enum
from pathlib import Path
from typing import Any

import click
from attrs import asdict

from notion_sync_core.cli.finding import called
from notion_sync_core.cli.let_in import lists_here
from notion_sync_core.cli.options import common
from notion_sync_core.cli.plugin_check import check
from notion_sync_core.cli.plugin_new import new
from notion_sync_core.cli.voice import voice
from notion_sync_core.config.keys import Key, keys_of, summary_of
from notion_sync_core.config.schema import Schema, is_plain, of_key
from notion_sync_core.hints import type_in_words
from notion_sync_core.plugins import looks
from notion_sync_core.plugins.find import KINDS, Available, available, load
from notion_sync_core.plugins.lists import Lists


@click.group()
def plugins() -> None:
    """Look at installed plugins, examine them, and begin new ones."""


plugins.add_command(check)
plugins.add_command(new)


@plugins.command("list", epilog="Example:  notion-sync plugins list --all")
@click.option("--all", "all_", is_flag=True, help="Import each, and say what is wrong with those that cannot be used.")
@common
def list_(all_: bool, as_json: bool, config_file: Path | None, settings: tuple[str, ...], **_: Any) -> None:
    """List sources, renderers, sinks, listeners, targets and commands, without importing them.

    With --all each is imported, unless the lists of the deployment do not let it in. The exit status is 0 in any case.
    """
    found = [plugin for kind in KINDS for plugin in available(kind)]
    more: list[dict[str, Any]] = [{} for _ in found]
    if all_:
        lists = lists_here(config_file, settings)
        more = [_state(plugin, lists) for plugin in found]
    if as_json:
        voice().json([{**asdict(plugin), **state} for plugin, state in zip(found, more, strict=True)])
        return
    for kind in KINDS:
        voice().say(f"{kind}:")
        for plugin, state in zip(found, more, strict=True):
            if plugin.kind == kind:
                voice().say(
                    f"  {plugin.name:<12} {plugin.distribution} {plugin.version}  ({plugin.target})", *_trouble(state)
                )


def _state(plugin: Available, lists: Lists) -> dict[str, Any]:
    """Whether it works: what is not let in is not looked at."""
    if reason := lists.reason(plugin):
        return {"state": "refused", "error": f"not used here: {reason}", "remedy": ""}
    found = looks.fault(plugin)
    return {"state": "broken" if found else "good", **(asdict(found) if found else {"error": "", "remedy": ""})}


def _trouble(state: dict[str, Any]) -> list[str]:
    said = [state["error"], state["remedy"]] if state and state["state"] != "good" else []
    return [f"      {'! ' if number == 0 else '  '}{line}" for number, line in enumerate(filter(None, said))]


@plugins.command(epilog="Example:  notion-sync plugins info markdown")
@click.argument("name")
@common
def info(name: str, as_json: bool, config_file: Path | None, settings: tuple[str, ...], **_: Any) -> None:
    """Print what the plugins called NAME are: options with type, default and meaning, hooks, versions, home.

    NAME may be a plugin without a package: FILE.py:Class.
    """
    lists = lists_here(config_file, settings)
    found = [lists.check(plugin) for plugin in called(name)]
    described = [_described(plugin) for plugin in found]
    if as_json:
        voice().json(described)
        return
    for plugin, about in zip(found, described, strict=True):
        voice().say(f"{plugin}: {about['summary']}" if about["summary"] else str(plugin))
        voice().say(*_versions(about))
        for option in about["options"]:
            default = "" if option["default"] is None else f", by default {json.dumps(option['default'])}"
            allowed = f", {option['allowed']}" if option["allowed"] else ""
            voice().say(f"  {option['name']}: {option['type']}{allowed}{default}")
            voice().say(*([f"      {option['meaning']}"] if option["meaning"] else []))
        for hook in about["hooks"]:
            voice().say(f"  {hook['name']}(): {hook['meaning']}")


def _versions(about: dict[str, Any]) -> list[str]:
    """What there is to say of versions and addresses."""
    made_for = f", made for version {about['api_version']} of the plugin interface" if about["api_version"] else ""
    home = [f"  home: {about['home']}"] if about["home"] else []
    return [f"  from {about['target']}{made_for}", *home]


def _described(plugin: Available) -> dict[str, Any]:
    loaded, is_command = load(plugin), plugin.kind == "commands"
    return {
        **asdict(plugin),
        "summary": "" if is_command else summary_of(loaded).replace("``", "`"),
        "home": looks.home(plugin),
        "api_version": "" if is_command else looks.api_version(loaded),
        "options": [] if is_command else [_option(key) for key in keys_of(loaded)],
        "hooks": [] if is_command else [asdict(hook) for hook in looks.hooks(loaded)],
    }


def _option(key: Key) -> dict[str, Any]:
    default = _plain(key.default)
    return {
        "name": key.name,
        "type": type_in_words(key.hint),
        "allowed": _allowed(of_key(key)),
        "default": default if is_plain(default) else None,
        "meaning": key.doc.replace("``", "`"),
    }


def _plain(value: Any) -> Any:
    """A default as a configuration says it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset):
        return sorted(map(_plain, value), key=str)
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


_BOUNDS = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}


def _allowed(schema: Schema) -> str:
    """What of its type an option may be, where a check of attrs says so: ``at least 1, at most 9``."""
    said = [f"{word} {schema[bound]}" for bound, word in _BOUNDS.items() if bound in schema]
    for part, start in ((schema, "one of"), (schema.get("items", {}), "any of")):
        if "enum" in part and "type" in part:  # else its type says it
            said.append(f"{start} {', '.join(map(repr, part['enum']))}")
    return ", ".join(said)
