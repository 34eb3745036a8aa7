"""What the attributes of an attrs class are as keys of a configuration: name, type, default and meaning.

The meaning of a key is the text below its attribute, so that a class says everything once: for the reference, the
schema, ``config show`` and ``plugins info``.
"""

from __future__ import annotations

import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import frozen

from notion_sync_core.described import texts_of
from notion_sync_core.errors import PluginError
from notion_sync_core.secret import SECRET_KEYS, Secret
from notion_sync_core.structure import PluginEntry, is_path

_SIMPLE = {str: "text", int: "whole number", float: "number", bool: "true or false", Secret: "reference to a secret"}


@frozen(eq=False)
class Key:
    """One key."""

    name: str
    hint: Any
    """Its type, as the class says it."""
    default: Any
    """A plain value, or ``attrs.NOTHING``: it must be given, or is made of other keys."""
    attribute: attrs.Attribute[Any]
    owner: type
    """The class whose key it is."""

    @property
    def doc(self) -> str:
        """One paragraph; empty if nobody wrote one. The source is looked at when somebody asks: runs never do."""
        return texts_of(self.owner).get(self.name, "")

    @property
    def is_secret(self) -> bool:
        """Whether it may only say where a secret is, never what it is."""
        return self.name in SECRET_KEYS or Secret in (self.hint, *get_args(self.hint))


def keys_of(kind: Any) -> list[Key]:
    """The keys that an attrs class has, in its order; none of another class.

    :raises PluginError: a type that is written there cannot be found.
    """
    if not attrs.has(kind):
        return []
    try:
        hints = get_type_hints(kind, include_extras=True)
    except (NameError, TypeError) as error:
        raise PluginError(f"the options of {kind.__qualname__} cannot be understood: {error}") from error
    return [
        Key(each.name, hints[each.name], _default(each), each, kind)
        for each in attrs.fields(kind)
        if each.init and not each.name.startswith("_")
    ]


def summary_of(kind: Any) -> str:
    """The first paragraph of what is written about a class or function."""
    import inspect

    return " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split())


def _default(attribute: attrs.Attribute[Any]) -> Any:
    found: Any = attribute.default
    if isinstance(found, attrs.Factory):  # type: ignore[arg-type]
        return attrs.NOTHING if found.takes_self else found.factory()
    return found


def type_in_words(hint: Any) -> str:
    """A type as people say it: ``list of texts``."""
    if is_path(hint):
        return "path"
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    origin, inner = get_origin(hint), get_args(hint)
    if hint == PluginEntry:
        return "name or table"
    if origin in (Union, types.UnionType):
        return " or ".join(type_in_words(each) for each in inner if each is not types.NoneType)
    if origin is Literal:
        return "one of " + ", ".join(map(repr, inner))
    if origin in (list, tuple, set, frozenset) and inner:
        plural = {"name or table": "names or tables", "text": "texts", "whole number": "whole numbers", "path": "paths"}
        said = type_in_words(inner[0])
        return f"list of {plural.get(said, said)}"
    return "table" if origin is dict or attrs.has(hint) else "any value"
