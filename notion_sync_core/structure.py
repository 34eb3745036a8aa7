"""Makes attrs classes of plain values, strictly: a configuration's sections and the options of plugins."""

from __future__ import annotations

import difflib
import functools
import math
import re
from collections.abc import Callable, Collection, Mapping, Set
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import attrs
import cattrs

from notion_sync_core.errors import ConfigError
from notion_sync_core.hints import FilePath, PluginEntry, arms, fixed, is_enum, is_list, is_union, items, type_in_words
from notion_sync_core.secret import SECRET_KEYS, Secret, is_reference
from notion_sync_core.watch.redact import Redactor

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
    :raises ConfigError: naming the first value that does not fit; the further ones are its ``others``.
    """
    ready, mistakes = fitting(kind, values, prefix, origins, resolve)
    if mistakes:
        mistakes[0].others = tuple(mistakes[1:])
        raise mistakes[0]
    return made_of(kind, ready, prefix)


def fitting(
    kind: type, values: Mapping[str, Any], prefix: str, origins: Mapping[str, str], resolve: Resolve | None = None
) -> tuple[dict[str, Any], list[ConfigError]]:
    """The values that fit attributes of a class, and what is wrong with the others; see :func:`structure`."""
    hints = _hints(kind)
    made = _converter_of(resolve) if any(map(_has_secret, hints.values())) else _converter()
    fields = {each.name: each for each in attrs.fields(kind) if each.init and not each.name.startswith("_")}
    names = [f"{prefix}.{name}" for name in fields]
    strange = [f"{prefix}.{key}" for key in values if key not in fields]
    mistakes = [unknown(origins.get(key, "configuration"), key, names) for key in strange]
    ready: dict[str, Any] = {}
    for key in (key for key in values if key in fields):
        try:
            ready[key] = _fitted(made, fields[key], values[key], hints[key], f"{prefix}.{key}", origins)
        except ConfigError as error:
            mistakes.append(error)
    missing = [name for name, each in fields.items() if each.default is attrs.NOTHING and name not in values]
    return ready, mistakes + [_missing(f"{prefix}.{name}", hints[name]) for name in missing]


def _fitted(
    made: cattrs.Converter, attribute: attrs.Attribute[Any], value: Any, hint: Any, key: str, origins: Mapping[str, str]
) -> Any:
    try:
        fitted = made.structure(value, hint)
        if attribute.validator is not None:
            attribute.validator(None, attribute, fitted)
    except _NoReferenceError:
        origin = origins.get(key, "configuration")
        raise ConfigError(f"{origin}: {key} is a secret, {_WHERE}", _REFERENCES) from None
    except ConfigError as error:
        raise ConfigError(f"{key}: {error.message}", error.remedy) from None
    except (ValueError, TypeError, cattrs.BaseValidationError) as error:
        raise wrong(key, value, _expected(hint, error), origins, attribute.default) from None
    return fitted


def made_of(kind: type, ready: Mapping[str, Any], prefix: str) -> Any:
    """An attrs class, of values that fit.

    :raises ConfigError: they do not go together.
    """
    try:
        return kind(**ready)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"{prefix}: {_said(error)}", "Run `notion-sync config show` to see every value and its origin."
        ) from None


def _missing(key: str, hint: Any) -> ConfigError:
    """The error of an option that has no default and is not given."""
    table, _, name = key.rpartition(".")
    return ConfigError(
        f"{key} must be given, a {type_in_words(hint)}".replace(", a one of", ", one of").replace(", a any", ", any"),
        f"Write it into the configuration: [{table}] {name} = …; or give it by --set {key}=….",
    )


@functools.lru_cache(256)
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _has_secret(hint: Any) -> bool:
    return hint is Secret or any(map(_has_secret, get_args(hint)))


@functools.cache
def _converter() -> cattrs.Converter:
    """The one for whatever holds no secret: nothing is registered with it any more."""
    return _strict()


def _converter_of(resolve: Resolve | None) -> cattrs.Converter:
    """One that finds secrets."""
    made = _strict()
    made.register_structure_hook(Secret, lambda value, _: _secret(value, resolve))
    return made


def _strict() -> cattrs.Converter:
    """Wrong types are errors, not conversions."""
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
    made.register_structure_hook_func(is_enum, _member)
    made.register_structure_hook_func(is_list, lambda value, hint: _listed(made, value, hint))
    made.register_structure_hook_func(_is_table, lambda value, hint: _table(made, value, hint))
    made.register_structure_hook_func(is_union, lambda value, hint: _any_of(made, value, hint))
    made.register_structure_hook_func(lambda kind: kind is Any, lambda value, _: value)
    return made


def _is_of_a_few(hint: Any) -> bool:
    return get_origin(hint) is Literal


def _one_of(value: Any, hint: Any) -> Any:
    """What cattrs raises for other values differs from release to release."""
    if not any(type(value) is type(each) and value == each for each in get_args(hint)):
        raise ValueError("one of " + ", ".join(map(repr, get_args(hint))))
    return value


def _member(value: Any, hint: Any) -> Any:
    """A member of an enumeration, by its value."""
    for each in hint:
        if each is value or (type(each.value) is type(value) and each.value == value):
            return each
    raise ValueError(type_in_words(hint))


def _listed(made: cattrs.Converter, value: Any, hint: Any) -> Any:
    """A list, of whatever class the type says; a text is no list of its letters."""
    places, said = fixed(hint), f"a {type_in_words(hint)}"
    if not isinstance(value, list | tuple | Set) or (places and len(value) != len(places)):
        raise ValueError(said)
    wanted = places or [items(hint)] * len(value)
    found = [_within(made, each, one, said if places else "") for each, one in zip(value, wanted, strict=True)]
    origin = get_origin(hint) or hint
    if origin in (set, frozenset, Set):
        return set(found) if origin is set else frozenset(found)
    return found if origin is list else tuple(found)


def _is_table(hint: Any) -> bool:
    return hint is dict or get_origin(hint) is dict


def _table(made: cattrs.Converter, value: Any, hint: Any) -> Any:
    inner = (get_args(hint) or (str, Any))[1]
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise ValueError("a table")
    return {key: _within(made, each, inner, kind="table") for key, each in value.items()}


def _within(made: cattrs.Converter, value: Any, hint: Any, said: str = "", *, kind: str = "list") -> Any:
    """A part of a value; where it does not fit, it is said of the whole.

    :param said: what the whole is; empty: all its parts are of this type.
    """
    try:
        return made.structure(value, hint)
    except (ValueError, TypeError, cattrs.BaseValidationError) as error:
        part = _PLURALS.get(_said(error), _said(error))
        raise ValueError(said or f"a {kind} of {part}".replace(" of one of", " of any of")) from None


def _any_of(made: cattrs.Converter, value: Any, hint: Any) -> Any:
    """The first type of a union that a value is of."""
    if value is None and len(arms(hint)) < len(get_args(hint)):
        return None
    if len(arms(hint)) == 1:
        return made.structure(value, arms(hint)[0])
    for each in arms(hint):
        try:
            return made.structure(value, each)
        except (ValueError, TypeError, cattrs.BaseValidationError):
            continue
    raise ValueError(f"a {type_in_words(hint)}")


_PLURALS = {"a text": "texts", "a whole number": "whole numbers", "a number": "numbers"}


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


def _expected(hint: Any, error: Exception) -> str:
    """What a check of attrs says of a list it says of one of its items."""
    said = _said(error)
    if is_list(hint) and not said.startswith(("a list", "a length")):
        return f"a list of {said}".replace("a list of one of", "a list of any of")
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
