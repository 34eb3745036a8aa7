"""One loader for the configuration tree.

Precedence: flag, ``--set``, environment, file, default; each value remembers where it came from, so
that an error and ``config show`` can say it.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal, get_type_hints

import attrs
import cattrs
from attrs import frozen

from notion_sync_core.config.tree import SECTIONS, USUAL, Config, PluginEntry
from notion_sync_core.config.unnamed import refuse_what_needs_a_name
from notion_sync_core.errors import ConfigError
from notion_sync_core.watch.redact import Redactor

DEFAULT_FILE = Path("notion-sync.toml")
PREFIX = "NOTION_SYNC_"
_SECRETS = {"token", "password", "secret", "api_key", "secret_key"}


def load(
    file: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    settings: Iterable[str] = (),
    flags: Mapping[str, Any] | None = None,
    use_default_file: bool = True,
) -> Config:
    """Read the configuration.

    :param file: ``None`` means ``notion-sync.toml`` if it exists here; that may name no address and no secret.
    :param settings: ``KEY=VALUE`` texts, dotted keys, values in TOML or plain text.
    :param flags: dotted keys with ready values; ``None`` values are ignored.
    :param use_default_file: whether ``file=None`` means that file.
    :raises ConfigError: naming file, key, what was found and what is expected.
    """
    tree: dict[str, Any] = {}
    origins: dict[str, str] = {}
    named = file is not None
    if file is None and use_default_file and DEFAULT_FILE.exists():
        file = DEFAULT_FILE
    if file is not None:
        read = _read_toml(file)
        if not named:
            refuse_what_needs_a_name(read, file, USUAL)
        for key, value in _flatten(read):
            _put(tree, origins, key, value, Origin(str(file)))
    for name, text in sorted((os.environ if environ is None else environ).items()):
        if name.startswith(PREFIX) and "__" in name:
            key = name[len(PREFIX) :].lower().replace("__", ".")
            _put(tree, origins, key, text, Origin(f"environment variable {name}", is_text=True, is_private=True))
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"--set {setting!r}: expected KEY=VALUE", "For example: --set performance.workers=4")
        _put(tree, origins, key.strip(), text.strip(), Origin(f"--set {key.strip()}", is_text=True))
    for key, value in (flags or {}).items():
        if value is not None:
            _put(tree, origins, key, value, Origin("command line", is_text=True))
    return _build(tree, origins)


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"configuration file {file} does not exist", "Check --config.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file} is not valid TOML: {error}", "Correct that line.") from None
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}", "Check the path and its permissions.") from None


def _flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterable[tuple[str, Any]]:
    for key, value in tree.items():
        path = f"{prefix}{key}"
        depth = path.count(".")
        if isinstance(value, dict) and (depth == 0 or (depth == 1 and path.startswith("plugins."))):
            if not value:
                yield path, {}
            yield from _flatten(value, f"{path}.")
        else:
            yield path, value


@frozen
class Origin:
    """Where a value was said."""

    name: str
    """For people."""
    is_text: bool = False
    """A value from there is text, whatever the key wants; a file has types of its own."""
    is_private: bool = False
    """Others do not read it: it may hold secrets."""

    def __str__(self) -> str:
        """The name."""
        return self.name


def _put(tree: dict[str, Any], origins: dict[str, str], key: str, value: Any, origin: Origin) -> None:
    parts = key.split(".")
    if parts[-1] in _SECRETS and not origin.is_private:
        raise ConfigError(
            f"{origin}: {key} must not hold a secret: files and command lines are read by others",
            "Put the token into the environment variable NOTION_TOKEN, or name a file with notion.token_file.",
        )
    _check_key(parts, origin.name)
    if isinstance(value, str) and origin.is_text:
        value = _parse(value, _type_of(parts))
    node = tree
    for part in parts[:-1]:
        node = node.setdefault(part, {})
    if value == {} and len(parts) <= 2 and parts[-1] not in ("roots",):
        node.setdefault(parts[-1], {})
        return
    node[parts[-1]] = value
    origins[key] = origin.name


def _check_key(parts: list[str], origin: str) -> None:
    """Refuse a key that no section has."""
    known = [*SECTIONS, "plugins"]
    if parts[0] not in known:
        raise _unknown(origin, parts[0], known)
    if parts[0] == "plugins":
        if len(parts) == 1:
            return
        if len(parts) > 3:
            raise ConfigError(
                f"{origin}: unknown key {'.'.join(parts)!r}", "Options of a plugin are plugins.NAME.OPTION."
            )
        return
    names = [attribute.name for attribute in attrs.fields(SECTIONS[parts[0]])]
    if len(parts) == 1:
        return
    if len(parts) > 2 or parts[1] not in names:
        raise _unknown(origin, ".".join(parts), [f"{parts[0]}.{name}" for name in names])


def _unknown(origin: str, found: str, known: list[str]) -> ConfigError:
    near = difflib.get_close_matches(found, known, 1, 0.6)
    remedy = f"Did you mean {near[0]!r}? " if near else ""
    return ConfigError(f"{origin}: unknown key {found!r}", f"{remedy}Known: {', '.join(sorted(known))}.")


def _type_of(parts: list[str]) -> Any:
    if parts[0] in SECTIONS and len(parts) == 2:
        return get_type_hints(SECTIONS[parts[0]])[parts[1]]
    return None


def _parse(text: str, wanted: Any) -> Any:
    """A text from outside the file as the type the key has; texts need no quotes."""
    if wanted is str:
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        pass
    if wanted is bool and text.lower() in ("1", "yes", "on", "0", "no", "off"):
        return text.lower() in ("1", "yes", "on")
    if wanted is not None and getattr(wanted, "__origin__", None) is list:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def converter() -> cattrs.Converter:
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


def _plugin_entry(value: Any, _: Any) -> PluginEntry:
    if isinstance(value, str) and value:
        return value
    if isinstance(value, dict) and isinstance(value.get("use", value.get("url")), str):
        return value
    raise ValueError('plugin names, or tables like {use = "fs", path = "out"}')


def _build(tree: dict[str, Any], origins: dict[str, str]) -> Config:
    sections: dict[str, Any] = {}
    for name, section in SECTIONS.items():
        values = tree.get(name, {})
        if not isinstance(values, dict):
            raise _wrong(name, values, "a table", origins)
        sections[name] = structure(section, values, name, origins)
    plugins = tree.get("plugins", {})
    if not isinstance(plugins, dict) or not all(isinstance(value, dict) for value in plugins.values()):
        wrong = next((f"plugins.{name}" for name in plugins if not isinstance(plugins[name], dict)), "plugins")
        raise _wrong(wrong, plugins, "a table for each plugin", origins)
    return Config(**sections, plugins=plugins, origins=origins)


def structure(kind: type, values: Mapping[str, Any], prefix: str, origins: Mapping[str, str]) -> Any:
    """Build an attrs class from plain values.

    :param prefix: dotted path of these values, for messages.
    :raises ConfigError: naming the first value that does not fit.
    """
    made = converter()
    hints = get_type_hints(kind)
    fields = {attribute.name: attribute for attribute in attrs.fields(kind) if attribute.init}
    unknown = [key for key in values if key not in fields]
    if unknown:
        origin = origins.get(f"{prefix}.{unknown[0]}", "configuration")
        raise _unknown(origin, f"{prefix}.{unknown[0]}", [f"{prefix}.{name}" for name in fields])
    ready: dict[str, Any] = {}
    for key, value in values.items():
        attribute = fields[key]
        try:
            if getattr(hints[key], "__origin__", None) is list and not isinstance(value, list):
                raise ValueError("texts")  # a text is no list of its letters
            ready[key] = made.structure(value, hints[key])
            if attribute.validator is not None:
                attribute.validator(None, attribute, ready[key])
        except (ValueError, TypeError, cattrs.BaseValidationError) as error:
            raise _wrong(f"{prefix}.{key}", value, _expected(hints[key], error), origins) from None
    try:
        return kind(**ready)
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"{prefix}: {error}", "Run `notion-sync config show` to see every value and its origin."
        ) from None


def _expected(hint: Any, error: Exception) -> str:
    if getattr(hint, "__origin__", None) is Literal:
        return "one of " + ", ".join(map(repr, hint.__args__))
    if getattr(hint, "__origin__", None) is list:
        return f"a list of {_inner(error)}"
    return str(error)


def _inner(error: Exception) -> str:
    text = str(error)
    return {"a text": "texts", "a whole number": "whole numbers"}.get(text, text if len(text) < 80 else "values")


def _wrong(key: str, found: Any, expected: str, origins: Mapping[str, str]) -> ConfigError:
    origin = origins.get(key, "configuration")
    return ConfigError(
        Redactor()(f"{origin}: {key} is {found!r}, expected {expected}"),
        "`notion-sync config show` lists every key with its value.",
    )


def flatten(config: Config) -> list[tuple[str, Any, str]]:
    """Every key with its value and origin, in the order of the sections."""
    rows = []
    for name in SECTIONS:
        section = getattr(config, name)
        for attribute in attrs.fields(type(section)):
            key = f"{name}.{attribute.name}"
            rows.append((key, getattr(section, attribute.name), config.origins.get(key, "default")))
    for name, options in config.plugins.items():
        rows += [
            (f"plugins.{name}.{key}", _shown(key, value), config.origins.get(f"plugins.{name}.{key}", "configuration"))
            for key, value in options.items()
        ]
    return rows


def _shown(key: str, value: Any) -> Any:
    """A value as it may be shown: what a key calls a secret is none to print."""
    return "[secret]" if key in _SECRETS and value else value
