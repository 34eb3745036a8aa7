"""One loader for the configuration tree.

Precedence: flag, ``--set``, environment, file, default; each value remembers where it came from, so
that an error and ``config show`` can say it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, get_args, get_type_hints

import attrs
from attrs import frozen

from notion_sync_core.config.tree import SECTIONS, USUAL, Config, beside
from notion_sync_core.errors import ConfigError
from notion_sync_core.secret import is_reference
from notion_sync_core.structure import is_path, structure, unknown, wrong

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
            from notion_sync_core.config.unnamed import refuse_what_needs_a_name

            refuse_what_needs_a_name(read, file, USUAL)
        for key, value in _flatten(read):
            _put(tree, origins, key, _located(key, value, file), Origin(str(file)))
    for name, text, key in _from_environment(os.environ if environ is None else environ):
        _put(tree, origins, key, text, Origin(f"environment variable {name}", is_text=True, is_private=True))
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key.strip():
            raise ConfigError(f"--set {setting!r}: expected KEY=VALUE", "For example: --set performance.workers=4")
        _put(tree, origins, key.strip(), text.strip(), Origin(f"--set {key.strip()}", is_text=True))
    for key, value in (flags or {}).items():
        if value is not None:
            _put(tree, origins, key, value, Origin("command line", is_text=True))
    return _build(tree, origins, file)


def _from_environment(environ: Mapping[str, str]) -> Iterable[tuple[str, str, str]]:
    """Variables that set a key: name, value, dotted key."""
    for name, text in sorted(environ.items()):
        if name.startswith(PREFIX) and "__" in name:
            yield name, text, name[len(PREFIX) :].lower().replace("__", ".")


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
    if parts[-1] in _SECRETS and not origin.is_private and not is_reference(value):
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
        raise unknown(origin, parts[0], known)
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
        raise unknown(origin, ".".join(parts), [f"{parts[0]}.{name}" for name in names])


def _type_of(parts: list[str]) -> Any:
    if parts[0] in SECTIONS and len(parts) == 2:
        return get_type_hints(SECTIONS[parts[0]], include_extras=True).get(parts[1])
    return None


def _parse(text: str, wanted: Any) -> Any:
    """A text from outside the file as the type the key has; texts need no quotes."""
    if wanted is str or is_path(wanted):
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


def _located(key: str, value: Any, file: Path) -> Any:
    """A path in a section of the file, as it is from here."""
    kind = _type_of(key.split("."))
    if isinstance(value, list) and any(map(is_path, get_args(kind))):
        return [beside(file, each) if isinstance(each, str) else each for each in value]
    return beside(file, value) if isinstance(value, str) and is_path(kind) else value


def _build(tree: dict[str, Any], origins: dict[str, str], file: Path | None) -> Config:
    sections: dict[str, Any] = {}
    for name, section in SECTIONS.items():
        values = tree.get(name, {})
        if not isinstance(values, dict):
            raise wrong(name, values, "a table", origins)
        sections[name] = structure(section, values, name, origins)
    plugins = tree.get("plugins", {})
    if not isinstance(plugins, dict) or not all(isinstance(value, dict) for value in plugins.values()):
        misplaced = next((f"plugins.{name}" for name in plugins if not isinstance(plugins[name], dict)), "plugins")
        raise wrong(misplaced, plugins, "a table for each plugin", origins)
    return Config(**sections, plugins=plugins, origins=origins, file=file)


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
    return "[secret]" if key in _SECRETS and value and not is_reference(value) else value
