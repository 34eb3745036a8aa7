"""The reference of all hooks and of what the core reads from plugins: docs/reference/hooks.md."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

from notion_sync_core.plugins import hookspecs
from notion_sync_core.plugins.faces import FACES, Attribute, Face
from notion_sync_core.plugins.markers import PROJECT

_FIELD = re.compile(r":(param|returns|raises)\b")
_ROLE = re.compile(r":[a-z]+:`~?(?:[\w.]+\.)?(\w+)`")


def hooks() -> list[str]:
    """The names of all hooks that are specified."""
    marked = f"{PROJECT}_spec"
    return [name for name, each in vars(hookspecs).items() if getattr(each, marked, None) is not None]


def reference() -> Iterator[str]:
    """The lines."""
    yield f"This is version {hookspecs.API_VERSION} of the interface."
    yield ""
    for kind, face in FACES.items():
        yield f"## {kind.capitalize()}"
        yield ""
        yield _what_it_needs(face)
        yield ""
        for name in hooks():
            if name in face.hooks:
                yield from _hook(name, face)
        yield f"### Attributes of {kind}"
        yield ""
        yield "| attribute | type | meaning |"
        yield "| --- | --- | --- |"
        yield from map(_attribute, face.attributes)
        yield ""
        if face.methods:
            yield f"It may have the plain methods {', '.join(f'`{name}`' for name in face.methods)}."
            yield ""


def _what_it_needs(face: Face) -> str:
    must = ", ".join(f"`{name}`" for name in face.must)
    some = ", ".join(f"`{name}`" for name in face.some)
    needed = f"It has to implement {must}." if must else f"It has to implement at least one of {some}."
    return f"Entry point group `notion_sync.{face.kind}`. {needed if face.hooks else 'It has no hooks.'}"


def _hook(name: str, face: Face) -> Iterator[str]:
    function = getattr(hookspecs, name)
    yield f"### {name}"
    yield ""
    yield "```python"
    yield _signature(name, inspect.signature(function))
    yield "```"
    yield ""
    if name in face.must:
        yield "Needed."
        yield ""
    yield from _marked(inspect.getdoc(function) or "")


def _signature(name: str, signature: inspect.Signature) -> str:
    inner = ", ".join(str(each) for each in signature.parameters.values())
    said = str(signature.return_annotation)
    return f"def {name}({inner}) -> {said}: ...".replace("'", "")


def _marked(text: str) -> Iterator[str]:
    """A docstring as Markdown: its fields as a list, its blocks as fences."""
    paragraphs = text.split("\n\n")
    fenced = False
    for paragraph in paragraphs:
        if fenced:
            yield from ("```python", inspect.cleandoc(paragraph), "```", "")
            fenced = False
            continue
        if _FIELD.match(paragraph.lstrip()):
            yield from _fields(paragraph)
            continue
        fenced = paragraph.rstrip().endswith("::")
        yield _plain(paragraph.rstrip().removesuffix(":") if fenced else paragraph)
        yield ""


def _fields(paragraph: str) -> Iterator[str]:
    for each in re.split(r"\n(?=:)", paragraph.strip()):
        head, _, said = each.removeprefix(":").partition(": ")
        kind, _, name = head.partition(" ")
        label = {"returns": "Gives", "raises": f"Raises `{name}`"}.get(kind, f"`{name}`")
        yield f"- {label}: {_plain(said)}"
    yield ""


def _attribute(attribute: Attribute) -> str:
    needed = "Needed. " if attribute.required else ""
    default = f" By default `{attribute.default!r}`." if attribute.default is not None else ""
    said = f"{needed}{_plain(attribute.doc)}{default}".replace("|", "\\|")
    types = attribute.type if isinstance(attribute.type, tuple) else (attribute.type,)
    return f"| `{attribute.name}` | {' or '.join(f'`{each.__name__}`' for each in types)} | {said} |"


def _plain(text: str) -> str:
    words = " ".join(text.split()).replace("``", "`")
    words = _ROLE.sub(lambda found: f"`{found[1]}`", words)
    return re.sub(r"(?<![(<])(https?://\S+?)(?=[\s)]|$)", r"<\1>", words)
