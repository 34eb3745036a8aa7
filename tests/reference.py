"""Writes the list of all keys into docs/configuration.md, from the classes that have them (``make reference``)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from notion_sync_core.config.keys import Key, keys_of, summary_of, type_in_words
from notion_sync_core.config.schema import of_key
from notion_sync_core.config.tree import SECTIONS
from notion_sync_core.plugins.find import KINDS, available, load

PAGE = Path(__file__).parent.parent / "docs" / "configuration.md"
BEGIN, END = "<!-- reference: begin -->\n", "<!-- reference: end -->\n"
MORE = {
    "export.only": "#only-some-rows",
    "export.id": "#where-things-lie",
    "notion.token_file": "#secrets",
    "plugins.s3.bucket": "s3.md#options",
    "plugins.markdown.dialect": "markdown.md",
    "plugins.html.templates": "html.md",
    "monitoring.events_file": "events.md#the-file",
    "monitoring.log_titles": "logs.md",
    "monitoring.metrics_file": "metrics.md#the-textfile-collector",
    "deployment.schedule": "serve.md#schedule",
    "deployment.webhooks": "serve.md#webhooks",
    "deployment.plugins_allow": "plugins.md#which-plugins-are-let-in",
    "deployment.plugins_deny": "plugins.md#which-plugins-are-let-in",
    "monitoring.trace_file": "plugins.md#trace",
}
"""Where more is said of a key."""
_OURS = "notion-sync-core"
_BOUNDS = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most", "exclusiveMaximum": "below"}


def reference() -> str:
    """All keys of the core and of the plugins that come with it, as Markdown."""
    return "\n".join(_lines())


def renewed(text: str) -> str:
    """The page with the list as it is now."""
    head, _, rest = text.partition(BEGIN)
    return f"{head}{BEGIN}\n{reference()}\n{END}{rest.partition(END)[2]}"


def _lines() -> Iterator[str]:
    for name, section in SECTIONS.items():
        said = summary_of(section).partition(": ")[2]
        yield from _table(f"`[{name}]`: {_marked(said.rstrip('.'))}", section, name)
    for kind in KINDS:
        for plugin in available(kind):
            if plugin.distribution == _OURS and kind not in ("sources", "commands"):
                prefix = f"plugins.{plugin.name}"
                yield from _table(f"`[{prefix}]`: options of the {kind[:-1]}", load(plugin), prefix)


def _table(title: str, kind: Any, prefix: str) -> Iterator[str]:
    yield f"### {title}\n"
    yield "| key | type | default | meaning |\n| --- | --- | --- | --- |"
    for key in keys_of(kind):
        dotted = f"{prefix}.{key.name}"
        more = f" [More]({MORE[dotted]})." if dotted in MORE else ""
        cells = (f"`{dotted}`", _type(key), _default(key), f"{_marked(key.doc)}{more}")
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"
    yield ""


def _type(key: Key) -> str:
    """``whole number above 0``, ``one of `title`, `slug`, `id` ``."""
    said, schema = type_in_words(key.hint), of_key(key)
    if choices := schema.get("enum") or schema.get("items", {}).get("enum"):
        words = ", ".join(f"`{json.dumps(each)}`" for each in choices)
        return f"list of any of {words}" if "items" in schema else f"one of {words}"
    bounds = [f"{word} {schema[name]}" for name, word in _BOUNDS.items() if name in schema]
    return f"{said} {' and '.join(bounds)}".rstrip()


def _default(key: Key) -> str:
    return "" if key.default is None or key.default is attrs.NOTHING else f"`{json.dumps(key.default)}`"


def _marked(text: str) -> str:
    return text.replace("``", "`")


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
