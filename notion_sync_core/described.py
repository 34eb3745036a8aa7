"""The texts below the attributes of classes, for whoever asks: ``help()``, the schema, ``config show``, the reference.

Python throws these texts away, so they are read from the source when somebody asks; without the source there are none.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ast


class _Slots(dict[str, str]):
    """The slots of a class by name, each with its text: what ``help()`` shows beside an attribute."""

    def __init__(self, kind: type, names: Iterable[str]) -> None:
        super().__init__(dict.fromkeys(names, ""))
        self._kind = kind

    def __getitem__(self, name: str) -> str:
        return texts_of(self._kind).get(name, "") or super().__getitem__(name)


def show_in_help(classes: Iterable[object]) -> None:
    """Make ``help()`` show the texts below the attributes of those of these that are classes with slots.

    Python looks for the texts of slots in ``__slots__``, if that is a mapping. It costs a start next to nothing: no
    source is read before somebody asks.
    """
    for kind in classes:
        if isinstance(kind, type) and isinstance(slots := kind.__dict__.get("__slots__"), tuple):
            kind.__slots__ = _Slots(kind, slots)  # type: ignore[attr-defined]


@cache
def texts_of(kind: type) -> Mapping[str, str]:
    """The text below each attribute, in one line; those of a class that others derive from are theirs as well."""
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        found.update(_texts(base))
    return found


def _texts(kind: type) -> Iterator[tuple[str, str]]:
    import ast

    for node, following in itertools.pairwise(_body(kind)):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and isinstance(following, ast.Expr):
            text = following.value
            if isinstance(text, ast.Constant) and isinstance(text.value, str):
                yield node.target.id, " ".join(text.value.split())


def _body(kind: type) -> list[ast.stmt]:
    """The statements of a class; none where its source is not installed."""
    import ast

    try:
        body: list[ast.stmt] = _parsed(kind.__module__).body
    except (KeyError, OSError, TypeError, SyntaxError):
        return []
    for name in kind.__qualname__.split("."):
        named = (node for node in body if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name)
        body = next((node.body for node in named), [])
    return body


@cache
def _parsed(module: str) -> ast.Module:
    import ast
    import inspect

    return ast.parse(inspect.getsource(sys.modules[module]))
