"""The reference of all events, made from their classes: the middle of docs/events.md."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator

import attrs

from notion_sync_core import events
from notion_sync_core.events import Event, errors, health, interaction, lifecycle, performance

SECTIONS = {
    lifecycle: "Lifecycle",
    errors: "Errors",
    health: "Health",
    performance: "Performance",
    interaction: "Commands",
}
BASES = (events.Event, events.Outcome)


def kinds(module: object = None) -> list[type[Event]]:
    """The classes that are published, of one section or of all."""
    found = [each for each in vars(events).values() if inspect.isclass(each) and issubclass(each, Event)]
    return [each for each in found if each not in BASES and (module is None or each.__module__ == module.__name__)]


def documented(kind: type) -> dict[str, tuple[str, str]]:
    """Type and meaning of each field, as they are written."""
    found: dict[str, tuple[str, str]] = {}
    for base in reversed(kind.__mro__):
        if not attrs.has(base):
            continue
        tree = ast.parse(inspect.getsource(importlib.import_module(base.__module__)))
        body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == base.__name__)
        for node, after in zip(body, [*body[1:], None], strict=True):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                said = ""
                if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
                    said = " ".join(str(after.value.value).split())
                found[node.target.id] = (ast.unparse(node.annotation), said)
    return found


def plain(text: str) -> str:
    """A docstring in one line of Markdown."""
    words = " ".join(text.split()).replace("``", "`")
    return words.replace(":class:", "").replace(":mod:", "").replace("|", "\\|")


def reference() -> Iterator[str]:
    """The lines."""
    for module, title in SECTIONS.items():
        yield f"### {title}"
        yield ""
        for kind in kinds(module):
            yield f"**`{kind.__name__}`**: {plain(inspect.getdoc(kind) or '')}"
            yield ""
            fields = documented(kind)
            if fields:
                yield "| field | type | meaning |"
                yield "| --- | --- | --- |"
                yield from (f"| `{name}` | `{hint}` | {plain(said)} |" for name, (hint, said) in fields.items())
                yield ""
