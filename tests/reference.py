"""Writes into the documentation what the code says: keys, commands, hooks, events, reports (``make reference``)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs

import command_reference
import events_reference
import hook_reference
from notion_sync_core.config.keys import Key, keys_of, summary_of
from notion_sync_core.config.schema import of_key
from notion_sync_core.config.tree import SECTIONS
from notion_sync_core.hints import type_in_words
from notion_sync_core.plugins.find import KINDS, available, load

DOCS = Path(__file__).parent.parent / "docs"
RECORDED = DOCS.parent / "tests" / "benchmarks" / "recorded.json"
SCHEMA = DOCS.parent / "notion_sync_core" / "report.schema.json"
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


def renewed(page: Path, text: str) -> str:
    """The page with what is generated as it is now."""
    head, begin, rest = text.partition(BEGIN)
    assert begin, f"{page} has no place for what is generated"
    lines = "\n".join(_MADE[page]()).rstrip("\n")
    return f"{head}{BEGIN}\n{lines}\n\n{END}{rest.partition(END)[2]}"


def _keys() -> Iterator[str]:
    """All keys of the core and of the plugins that come with it."""
    for name, section in SECTIONS.items():
        said = summary_of(section).partition(": ")[2]
        yield from _table(f"`[{name}]`: {_marked(said.rstrip('.'))}", section, name)
    for kind in KINDS:
        for plugin in available(kind):
            if plugin.distribution == _OURS and kind not in ("sources", "targets", "commands"):
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


def _fields(schema: Any = None, prefix: str = "") -> Iterator[str]:
    """All fields of a report, from its schema."""
    if schema is None:
        yield "| field | type | meaning |\n| --- | --- | --- |"
    for name, field in (schema or json.loads(SCHEMA.read_text("utf-8")))["properties"].items():
        yield f"| `{prefix}{name}` | {_kind(field)} | {field.get('description', '')} |"
        inner = next((each for each in field.get("oneOf", [field]) if "properties" in each), field.get("items", {}))
        if "properties" in inner:
            yield from _fields(inner, f"{prefix}{name}{'[]' if 'items' in field else ''}.")


def _kind(field: Any) -> str:
    if "oneOf" in field:
        return " or ".join(map(_kind, field["oneOf"]))
    if "enum" in field:
        return "one of " + ", ".join(f"`{value}`" for value in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if field["type"] == "array":
        return "list of texts" if field["items"]["type"] == "string" else "list of objects"
    return {"string": "text", "integer": "whole number"}.get(field["type"], field["type"])


def _decisions() -> Iterator[str]:
    """Every decision by its number, with its title."""
    for path in sorted((DOCS / "decisions").glob("[0-9]*.md")):
        number, _, title = path.read_text("utf-8").partition("\n")[0].removeprefix("# ").partition(". ")
        yield f"{number}. [{title}](../decisions/{path.name})"


def _recorded() -> Iterator[str]:
    """What `make bench-check` compares with."""
    recorded = json.loads(RECORDED.read_text("utf-8"))
    yield "| pages | run | requests | bytes written | MB |\n| ---: | --- | ---: | ---: | ---: |"
    for each in recorded["runs"]:
        cells = (each["requests"], each["written_bytes"], each["peak_mb"])
        yield f"| {each['pages']:,} | {each['run']} | {' | '.join(f'{cell:,}' for cell in cells)} |"
    counted, python = recorded["instructions"], recorded["python"]
    yield f"\nAn export of 180 pages takes {counted:,} million instructions (Python {python})."


_MADE: dict[Path, Callable[[], Iterator[str]]] = {
    DOCS / "configuration.md": _keys,
    DOCS / "events.md": events_reference.reference,
    DOCS / "report.md": _fields,
    DOCS / "reference" / "command-line.md": command_reference.reference,
    DOCS / "reference" / "hooks.md": hook_reference.reference,
    DOCS / "explanation" / "decisions.md": _decisions,
    DOCS / "benchmarks.md": _recorded,
}
PAGES = list(_MADE)
"""Those of which a part is generated."""

if __name__ == "__main__":
    for each in PAGES:
        each.write_text(renewed(each, each.read_text("utf-8")), "utf-8")
