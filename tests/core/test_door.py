"""What plugins may import changes only where somebody says so: a snapshot of every public signature."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Iterator
from pathlib import Path
from types import GenericAlias, ModuleType
from typing import Any

import attrs

import notion_sync_core
from notion_sync_core import plugin
from notion_sync_core.plugins.markers import PROJECT

SNAPSHOT = Path(__file__).parent / "door.txt"
"""Written anew with DOOR=write, where the change is meant; then it belongs into the changelog."""


def signatures() -> Iterator[str]:
    for name in sorted(plugin.__all__):
        yield from described(name, getattr(plugin, name))


def described(name: str, thing: Any) -> Iterator[str]:
    if isinstance(thing, ModuleType):
        public = getattr(thing, "__all__", None) or [each for each in vars(thing) if not each.startswith("_")]
        own = [each for each in sorted(public) if is_own(getattr(thing, each), thing)]
        yield from (line for each in own for line in described(f"{name}.{each}", getattr(thing, each)))
    elif inspect.isclass(thing):
        yield f"class {name}({', '.join(base.__name__ for base in thing.__bases__)})"
        if attrs.has(thing):
            yield from (
                f"    {each.name}: {written(thing, each)}"
                for each in attrs.fields(thing)
                if not each.name.startswith("_")
            )
        for each, member in sorted(vars(thing).items()):
            if not each.startswith("_"):
                yield from (f"    {line}" for line in member_of(each, member))
    elif isinstance(thing, GenericAlias):  # Python 3.13 gives it a signature
        yield f"{name}(…)"
    elif callable(thing):
        yield f"{name}{shown(thing)}"
    else:
        yield f"{name}: {type(thing).__name__}"


def is_own(member: Any, module: ModuleType) -> bool:
    """Whether a module has something itself; the specifications of hooks stand in more than one."""
    return getattr(member, "__module__", "") == module.__name__ or hasattr(member, f"{PROJECT}_spec")


def written(kind: type, attribute: Any) -> str:
    """A type as it is written: whoever builds such an object first may have resolved it."""
    found = (inspect.get_annotations(base).get(attribute.name) for base in kind.__mro__)
    return str(next(filter(None, found), attribute.type))


def shown(function: Any) -> str:
    try:
        return re.sub(r" at 0x[0-9a-f]+", "", str(inspect.signature(function)))
    except ValueError:  # made in C
        return "(…)"


def member_of(name: str, member: Any) -> Iterator[str]:
    if isinstance(member, property):
        yield f"{name}: property"
    elif isinstance(member, classmethod | staticmethod):
        yield f"{name}{shown(member.__func__)}"
    elif inspect.isfunction(member):
        yield f"{name}{shown(member)}"


def test_no_public_signature_changes_unannounced() -> None:
    found = "\n".join(signatures()) + "\n"
    if os.environ.get("DOOR") == "write":
        SNAPSHOT.write_text(found)
    assert found == SNAPSHOT.read_text()


def test_every_hook_and_attribute_is_of_some_kind() -> None:
    hooks = {hook for face in plugin.FACES.values() for hook in face.hooks}
    specified = {name for name, each in vars(plugin.hookspecs).items() if hasattr(each, "notion_sync_spec")}
    assert hooks == specified
    assert all(each.doc for face in plugin.FACES.values() for each in face.attributes)


def test_everything_that_embedders_are_promised_can_be_imported() -> None:
    for name in notion_sync_core.__all__:
        assert getattr(notion_sync_core, name)
