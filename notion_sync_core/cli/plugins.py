"""``plugins list`` and ``plugins info``: what is installed."""

from __future__ import annotations

import json
from typing import Any

import click
from attrs import asdict

from notion_sync_core.cli.options import common
from notion_sync_core.cli.voice import voice
from notion_sync_core.config.keys import Key, keys_of, summary_of, type_in_words
from notion_sync_core.config.schema import is_plain
from notion_sync_core.errors import ConfigError
from notion_sync_core.plugins.find import KINDS, Available, available, find, load
from notion_sync_core.structure import unknown


@click.group()
def plugins() -> None:
    """Look at installed plugins."""


@plugins.command("list", epilog="Example:  notion-sync plugins list")
@common
def list_(as_json: bool, **_: Any) -> None:
    """List sources, renderers, sinks, listeners and commands, without importing them."""
    found = [plugin for kind in KINDS for plugin in available(kind)]
    if as_json:
        voice().json([asdict(plugin) for plugin in found])
        return
    for kind in KINDS:
        voice().say(f"{kind}:")
        for plugin in (plugin for plugin in found if plugin.kind == kind):
            voice().say(f"  {plugin.name:<12} {plugin.distribution} {plugin.version}  ({plugin.target})")


@plugins.command(epilog="Example:  notion-sync plugins info markdown")
@click.argument("name")
@common
def info(name: str, as_json: bool, **_: Any) -> None:
    """Print what the plugins called NAME are, and their options: type, default and meaning."""
    found = [find(kind, name) for kind in KINDS if name in {plugin.name for plugin in available(kind)}]
    if not found:
        raise _no_plugin(name)
    described = [_described(plugin) for plugin in found]
    if as_json:
        voice().json(described)
        return
    for plugin, about in zip(found, described, strict=True):
        voice().say(f"{plugin}: {about['summary']}" if about["summary"] else str(plugin))
        for option in about["options"]:
            default = "" if option["default"] is None else f", by default {json.dumps(option['default'])}"
            voice().say(f"  {option['name']}: {option['type']}{default}")
            voice().say(*([f"      {option['meaning']}"] if option["meaning"] else []))


def _described(plugin: Available) -> dict[str, Any]:
    loaded = load(plugin)
    options = [] if plugin.kind == "commands" else [_option(key) for key in keys_of(loaded)]
    summary = "" if plugin.kind == "commands" else summary_of(loaded).replace("``", "`")
    return {**asdict(plugin), "summary": summary, "options": options}


def _option(key: Key) -> dict[str, Any]:
    default = key.default if is_plain(key.default) else None
    words = type_in_words(key.hint)
    return {"name": key.name, "type": words, "default": default, "meaning": key.doc.replace("``", "`")}


def _no_plugin(name: str) -> ConfigError:
    names = sorted({plugin.name for kind in KINDS for plugin in available(kind)})
    told = unknown("", name, names)
    return ConfigError(f"no plugin named {name!r} is installed", told.remedy.replace("Known:", "Installed:"))
