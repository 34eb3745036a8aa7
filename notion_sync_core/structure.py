"""Makes attrs classes of plain values, strictly: a configuration's sections and the options of plugins."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import attrs
import cattrs

from notion_sync_core.errors import ConfigError
from notion_sync_core.secret import SECRET_KEYS, Secret, is_reference
from notion_sync_core.watch.redact import Redactor

FilePath = Annotated[str, "path"]
"""The type of an option that is a path: ``~`` is the home folder, and a relative one in a configuration file is
relative to that file. Variables such as ``${HOME}`` are refused: a folder of that name is never what was meant."""
PluginEntry = str | dict[str, Any]
"""A plugin's name, or a table: ``{use = "s3", name = "offsite", bucket = "b"}``.

A sink may also be a URL, ``s3://bucket/prefix``, or a table with ``url`` in place of ``use``.
"""


_PLUGIN_FILE = re.compile(r"(?P<file>.+\.py):(?P<attribute>[^\W\d]\w*)")


def plugin_file(written: str) -> tuple[str, str] | None:
    """The file and the class of a plugin without a package, which is written ``FILE.py:Class``; else ``None``."""
    found = _PLUGIN_FILE.fullmatch(written)
    return (found["file"], found["attribute"]) if found else None


def shown(**schema: Any) -> dict[str, Any]:
    """Metadata of an attribute whose own check cannot be read: the same in words of JSON Schema."""
    return {"schema": schema}


_ATTRS_BOUND = re.compile(r"(Length of )?'\w+' must be (.+): .+")
"""What attrs says of a number or a length that is out of bounds."""
_BOUNDS = {">": "above", ">=": "of at least", "<": "below", "<=": "of at most"}
_VARIABLE = re.compile(r"\$\{[^}]*\}|(?:(?<=/)|^)\$[A-Za-z_]\w*|%[A-Za-z_]\w*%")


Resolve = Callable[[str], Secret]
"""Finds what a reference refers to; a ``ValueError`` says that it is none."""


_WHERE = "and must say where it is, not what it is"
_REFERENCES = "Write a reference: env:NAME, file:PATH or keyring:NAME."


def structure(
    kind: type, values: Mapping[str, Any], prefix: str, origins: Mapping[str, str], resolve: Resolve | None = None
) -> Any:
    """Build an attrs class from plain values.

    :param prefix: dotted path of these values, for messages.
    :param resolve: finds secrets; ``None``: there are none.
    :raises ConfigError: naming the first value that does not fit.
    """
    made = _converter()
    made.register_structure_hook(Secret, lambda value, _: _secret(value, resolve))
    hints = get_type_hints(kind, include_extras=True)
    fields = {attribute.name: attribute for attribute in attrs.fields(kind) if attribute.init}
    strange = [key for key in values if key not in fields]
    if strange:
        origin = origins.get(f"{prefix}.{strange[0]}", "configuration")
        raise unknown(origin, f"{prefix}.{strange[0]}", [f"{prefix}.{name}" for name in fields])
    ready: dict[str, Any] = {}
    for key, value in values.items():
        attribute = fields[key]
        try:
            _expect_its_kind(hints[key], value)
            ready[key] = made.structure(value, hints[key])
            if attribute.validator is not None:
                attribute.validator(None, attribute, ready[key])
        except _NoReferenceError:
            origin = origins.get(f"{prefix}.{key}", "configuration")
            raise ConfigError(f"{origin}: {prefix}.{key} is a secret, {_WHERE}", _REFERENCES) from None
        except ConfigError as error:
            raise ConfigError(f"{prefix}.{key}: {error.message}", error.remedy) from None
        except (ValueError, TypeError, cattrs.BaseValidationError) as error:
            expected = _expected(hints[key], error)
            raise wrong(f"{prefix}.{key}", value, expected, origins, attribute.default) from None
    try:
        return kind(**ready)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"{prefix}: {_said(error)}", "Run `notion-sync config show` to see every value and its origin."
        ) from None


def _expect_its_kind(hint: Any, value: Any) -> None:
    """A text is no list of its letters, and no table either."""
    for kind, text in ((list, "texts"), (dict, "a table")):
        if getattr(hint, "__origin__", None) is kind and not isinstance(value, kind):
            raise ValueError(text)


def _converter() -> cattrs.Converter:
    """Strict: wrong types are errors, not conversions."""
    made = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)

    def strict(kind: type, text: str) -> Any:
        def structure(value: Any, _: Any) -> Any:
            accepted = (int, float) if kind is float else (kind,)
            if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
                raise ValueError(text)
            if isinstance(value, float) and not math.isfinite(value):
                raise ValueError("a finite number")
            return kind(value)

        return structure

    for kind, text in ((str, "a text"), (int, "a whole number"), (float, "a number"), (bool, "true or false")):
        made.register_structure_hook(kind, strict(kind, text))
    made.register_structure_hook(PluginEntry, _plugin_entry)
    made.register_structure_hook_func(lambda kind: kind is FilePath, _file_path)
    made.register_structure_hook_func(_is_of_a_few, _one_of)
    made.register_structure_hook_func(lambda kind: kind is Any, lambda value, _: value)
    return made


def _is_of_a_few(hint: Any) -> bool:
    return get_origin(hint) is Literal


def _one_of(value: Any, hint: Any) -> Any:
    """What cattrs raises for other values differs from release to release."""
    if not any(type(value) is type(each) and value == each for each in get_args(hint)):
        raise ValueError("one of " + ", ".join(map(repr, get_args(hint))))
    return value


class _NoReferenceError(Exception):
    """An option that holds a secret says something else; what it says may be the secret, and is not shown."""


def _secret(value: Any, resolve: Resolve | None) -> Secret:
    if isinstance(value, Secret):
        return value
    if resolve is None or not is_reference(value):
        raise _NoReferenceError
    return resolve(value)


def _plugin_entry(value: Any, _: Any) -> PluginEntry:
    if isinstance(value, str) and value:
        return value
    if isinstance(value, dict) and isinstance(value.get("use", value.get("url")), str):
        name = value.get("name", "its own")
        if isinstance(name, str) and name:
            return value
    raise ValueError('plugin names, or tables like {use = "fs", path = "out"}')


def _file_path(value: Any, _: Any) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("a path")
    if found := _VARIABLE.search(value):
        raise ValueError(f"a path without variables: {found[0]} is not replaced here; write it out, or begin with ~/")
    try:
        return str(Path(value).expanduser()) if value.startswith("~") else value
    except RuntimeError:
        if value.startswith("~/") or value == "~":
            return value  # whoever uses it says what that means
        raise ValueError(f"a path: the home folder of {value.partition('/')[0]} is not known") from None


def is_path(hint: Any) -> bool:
    """Whether options of this type are paths."""
    return hint is FilePath


def _expected(hint: Any, error: Exception) -> str:
    if getattr(hint, "__origin__", None) is Literal:
        return "one of " + ", ".join(map(repr, hint.__args__))
    said = _said(error)
    inner = {"a text": "texts", "a whole number": "whole numbers"}.get(said, said)
    if getattr(hint, "__origin__", None) is dict and inner != said:
        return f"a table of {inner}"
    if getattr(hint, "__origin__", None) is list:
        return f"a list of {inner}".replace("a list of one of", "a list of any of")
    return said


def _said(error: Exception) -> str:
    """What an error says of a value; attrs' own checks give their insides along."""
    said = str(error.args[0]) if error.args else type(error).__name__
    if len(error.args) > 2 and isinstance(error.args[2], Collection) and not isinstance(error.args[2], str):
        return "one of " + ", ".join(map(repr, error.args[2]))
    found = _ATTRS_BOUND.fullmatch(said)
    if not found:
        return said
    sign, _, bound = found[2].partition(" ")
    return f"a {'length' if found[1] else 'number'} {_BOUNDS.get(sign, sign)} {bound}"


def wrong(
    key: str, found: Any, expected: str, origins: Mapping[str, str], default: object = attrs.NOTHING
) -> ConfigError:
    """The error of a value that does not fit.

    :param key: dotted.
    :param default: of that key, if it has a plain one.
    """
    origin = origins.get(key, "configuration")
    plain = isinstance(default, str | int | float)
    return ConfigError(
        Redactor()(f"{origin}: {key} is {_written(found)}, expected {expected}"),
        f"Correct it, or leave it out: the default is {_written(default)}."
        if plain
        else "Correct it, or leave it out.",
    )


def _written(value: object) -> str:
    """A value, nearly as a file says it; what stands under the name of a secret is not shown."""
    return repr(value).lower() if isinstance(value, bool) else repr(_bare(value))


def _bare(value: object) -> object:
    if isinstance(value, dict):
        return {key: "[secret]" if key in SECRET_KEYS else _bare(each) for key, each in value.items()}
    return [_bare(each) for each in value] if isinstance(value, list) else value


def unknown(origin: str, found: str, known: list[str], meant: str = "") -> ConfigError:
    """The error of a key that nobody knows, with the one that may be meant.

    :param known: keys of one table, dotted.
    :param meant: that one; empty: the nearest of those known.
    """
    table, _, name = found.rpartition(".")
    names = {each.rpartition(".")[2].lower(): each for each in known}
    near = meant or _nearest(name.lower(), names, 0.6) or _nearest(found, {each: each for each in known}, 0.9)
    remedy = f"Did you mean {near!r}? " if near else ""
    if table and all(each.startswith(f"{table}.") for each in known):
        known, where = [each.removeprefix(f"{table}.") for each in known], f" in {table}"
    else:
        where = ""
    return ConfigError(f"{origin}: unknown key {found!r}", f"{remedy}Known{where}: {', '.join(sorted(known))}.")


def _nearest(name: str, known: Mapping[str, str], least: float) -> str:
    return next((known[each] for each in difflib.get_close_matches(name, known, 1, least)), "")
