"""The types that keys of a configuration and options of plugins may have: which, in words, and what of others.

TOML has texts, numbers, truth values, lists and tables; a command line has texts. An option is of a type that these can
say for certain, so that a value is either right or refused with what is expected.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Iterator, Sequence, Set
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs

from notion_sync_core.secret import Secret

FilePath = Annotated[str, "path"]
"""The type of an option that is a path: ``~`` is the home folder, and a relative one in a configuration file is
relative to that file. Variables such as ``${HOME}`` are refused: a folder of that name is never what was meant."""
FilePath.__doc__ = """The type of an option that is a path, in place of ``pathlib.Path``; the plugin gets a text.

``~`` is the home folder, and a relative path in a configuration file is relative to that file. Variables such as
``${HOME}`` are refused: a folder of that name is never what was meant. An attribute of this type is an option like any
other: ``path: FilePath = "out"``.
"""
PluginEntry = str | dict[str, Any]
"""A plugin's name, or a table: ``{use = "s3", name = "offsite", bucket = "b"}``.

A sink may also be a URL, ``s3://bucket/prefix``, or a table with ``url`` in place of ``use``.
"""

SCALARS: dict[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Secret: "reference to a secret",
}
_PLURALS = {
    "name or table": "names or tables",
    "text": "texts",
    "whole number": "whole numbers",
    "number": "numbers",
    "path": "paths",
    "reference to a secret": "references to secrets",
    "table": "tables",
}
_LISTS = (list, tuple, set, frozenset, Sequence, Set)
PERMITTED = (
    "str, int, float, bool, FilePath, Secret, Literal and Enum with texts or whole numbers, Any; list, tuple, set, "
    "frozenset and Sequence of these; dict[str, …]; attrs classes; and unions of these with each other and None"
)
"""For messages and docs."""


def is_path(hint: Any) -> bool:
    """Whether options of this type are paths."""
    return hint is FilePath


def is_list(hint: Any) -> bool:
    """Whether values of this type are lists in a file."""
    return hint in _LISTS or get_origin(hint) in _LISTS


def is_union(hint: Any) -> bool:
    """Whether values may be of several types; entries of plugins have rules of their own."""
    return hint != PluginEntry and get_origin(hint) in (Union, types.UnionType)


def is_enum(hint: Any) -> bool:
    """Whether it has members, which a file says by their values."""
    return isinstance(hint, type) and issubclass(hint, enum.Enum)


def arms(hint: Any) -> list[Any]:
    """The types of a union but ``None``; of another type that itself."""
    return [each for each in get_args(hint) if each is not types.NoneType] if is_union(hint) else [hint]


def items(hint: Any) -> Any:
    """The type of what a list has; ``Any`` if it does not say. Of a tuple of a fixed length see :func:`fixed`."""
    inner = get_args(hint)
    return inner[0] if inner else Any


def fixed(hint: Any) -> tuple[Any, ...]:
    """The types of the places of a tuple that has a fixed length; of everything else none."""
    inner = get_args(hint)
    return inner if get_origin(hint) is tuple and Ellipsis not in inner else ()


def type_in_words(hint: Any) -> str:
    """A type as people say it: ``list of texts``."""
    if is_path(hint):
        return "path"
    if hint in SCALARS:
        return SCALARS[hint]
    if hint == PluginEntry:
        return "name or table"
    if is_union(hint):
        return " or ".join(map(type_in_words, arms(hint)))
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(map(repr, get_args(hint)))
    if is_enum(hint):
        return "one of " + ", ".join(repr(each.value) for each in hint)
    if places := fixed(hint):
        return f"list of {len(places)}: {', '.join(map(type_in_words, places))}"
    if is_list(hint):
        said = type_in_words(items(hint))
        said = said.replace("one of ", "any of ", 1) if said.startswith("one of ") else _PLURALS.get(said, said)
        return "list" if items(hint) is Any else f"list of {said}"
    return "table" if hint is dict or get_origin(hint) is dict or attrs.has(hint) else "any value"


def strange(hint: Any) -> Iterator[str]:
    """What in a type no option may have, as remarks; nothing if all is well."""
    if hint is Any or hint in SCALARS or is_path(hint) or hint == PluginEntry or hint in (*_LISTS, dict):
        return
    origin, inner = get_origin(hint), get_args(hint)
    if is_union(hint):
        yield from (remark for each in arms(hint) for remark in strange(each))
    elif origin is Literal or is_enum(hint):
        values = inner if origin is Literal else tuple(each.value for each in hint)
        yield from (f"{each!r} is no text and no whole number" for each in values if type(each) not in (str, int, bool))
    elif origin in _LISTS:
        yield from (remark for each in inner if each is not Ellipsis for remark in strange(each))
    elif origin is dict:
        yield from [] if inner[0] is str else [f"{_named(hint)} has keys that are no texts"]
        yield from strange(inner[1])
    elif isinstance(hint, type) and attrs.has(hint):
        hints = get_type_hints(hint, include_extras=True)
        yield from (remark for each in attrs.fields(hint) if each.init for remark in strange(hints[each.name]))
    else:
        yield f"{_named(hint)}: write FilePath" if hint is Path else _named(hint)


def _named(hint: Any) -> str:
    return getattr(hint, "__qualname__", "") if isinstance(hint, type) and not get_args(hint) else str(hint)
