"""Makes attrs classes of plain values, strictly: a configuration's sections and the options of plugins."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_type_hints

import attrs
import cattrs

from notion_sync_core.errors import ConfigError
from notion_sync_core.secret import Secret, is_reference
from notion_sync_core.watch.redact import Redactor

PluginEntry = str | dict[str, Any]
"""A plugin's name, or a table: ``{use = "s3", name = "offsite", bucket = "b"}``.

A sink may also be a URL, ``s3://bucket/prefix``, or a table with ``url`` in place of ``use``.
"""


Resolve = Callable[[str], Secret]
"""Finds what a reference refers to; a ``ValueError`` says that it is none."""


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
    hints = get_type_hints(kind)
    fields = {attribute.name: attribute for attribute in attrs.fields(kind) if attribute.init}
    strange = [key for key in values if key not in fields]
    if strange:
        origin = origins.get(f"{prefix}.{strange[0]}", "configuration")
        raise unknown(origin, f"{prefix}.{strange[0]}", [f"{prefix}.{name}" for name in fields])
    ready: dict[str, Any] = {}
    for key, value in values.items():
        attribute = fields[key]
        try:
            if getattr(hints[key], "__origin__", None) is list and not isinstance(value, list):
                raise ValueError("texts")  # a text is no list of its letters
            ready[key] = made.structure(value, hints[key])
            if attribute.validator is not None:
                attribute.validator(None, attribute, ready[key])
        except _NoReferenceError:
            raise ConfigError(
                f"{origins.get(f'{prefix}.{key}', 'configuration')}: {prefix}.{key} is a secret, "
                "and must say where it is, not what it is",
                "Write a reference: env:NAME, file:PATH or keyring:NAME.",
            ) from None
        except ConfigError as error:
            raise ConfigError(f"{prefix}.{key}: {error.message}", error.remedy) from None
        except (ValueError, TypeError, cattrs.BaseValidationError) as error:
            raise wrong(f"{prefix}.{key}", value, _expected(hints[key], error), origins) from None
    try:
        return kind(**ready)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"{prefix}: {error}", "Run `notion-sync config show` to see every value and its origin."
        ) from None


def _converter() -> cattrs.Converter:
    """Strict: wrong types are errors, not conversions."""
    made = cattrs.Converter(forbid_extra_keys=True, detailed_validation=False)

    def strict(kind: type, text: str) -> Any:
        def structure(value: Any, _: Any) -> Any:
            accepted = (int, float) if kind is float else (kind,)
            if not isinstance(value, accepted) or (isinstance(value, bool) and kind is not bool):
                raise ValueError(text)
            return kind(value)

        return structure

    for kind, text in ((str, "a text"), (int, "a whole number"), (float, "a number"), (bool, "true or false")):
        made.register_structure_hook(kind, strict(kind, text))
    made.register_structure_hook(PluginEntry, _plugin_entry)
    made.register_structure_hook_func(lambda kind: kind is Any, lambda value, _: value)
    return made


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
        return value
    raise ValueError('plugin names, or tables like {use = "fs", path = "out"}')


def _expected(hint: Any, error: Exception) -> str:
    if getattr(hint, "__origin__", None) is Literal:
        return "one of " + ", ".join(map(repr, hint.__args__))
    if getattr(hint, "__origin__", None) is list:
        return f"a list of {_inner(error)}"
    return str(error)


def _inner(error: Exception) -> str:
    text = str(error)
    return {"a text": "texts", "a whole number": "whole numbers"}.get(text, text if len(text) < 80 else "values")


def wrong(key: str, found: Any, expected: str, origins: Mapping[str, str]) -> ConfigError:
    """The error of a value that does not fit.

    :param key: dotted.
    """
    origin = origins.get(key, "configuration")
    return ConfigError(
        Redactor()(f"{origin}: {key} is {found!r}, expected {expected}"),
        "`notion-sync config show` lists every key with its value.",
    )


def unknown(origin: str, found: str, known: list[str]) -> ConfigError:
    """The error of a key that nobody knows, with the one that may be meant."""
    near = difflib.get_close_matches(found, known, 1, 0.6)
    remedy = f"Did you mean {near[0]!r}? " if near else ""
    return ConfigError(f"{origin}: unknown key {found!r}", f"{remedy}Known: {', '.join(sorted(known))}.")
