"""One loader for the configuration tree.

Precedence: flag, ``--set``, environment, file, default; each value remembers where it came from, so
that an error and ``config show`` can say it.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
from attrs import define, field, frozen

from notion_sync_core.config.environment import said_by_environment
from notion_sync_core.config.renamed import RENAMED, Names, Renamed
from notion_sync_core.config.tree import SECTIONS, USUAL, Config, beside
from notion_sync_core.errors import ConfigError, NotionSyncError
from notion_sync_core.hints import is_list, is_path
from notion_sync_core.secret import SECRET_KEYS, is_reference
from notion_sync_core.structure import fitting, made_of, plugin_file, unknown, wrong
from notion_sync_core.watch.redact import Redactor

DEFAULT_FILE = Path("notion-sync.toml")
_CHOOSE_PLUGINS = ("export.source", "export.renderers", "export.sinks", "monitoring.listeners")
Mistakes = list[NotionSyncError]
"""Whoever wants to hear of all mistakes gives a list for them."""
_SETTING = "For example: --set performance.workers=4"


def load(
    file: Path | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    settings: Iterable[str] = (),
    flags: Mapping[str, Any] | None = None,
    use_default_file: bool = True,
    renamed: Mapping[str, Renamed] = RENAMED,
    said_by: str = "command line",
    installed: Callable[[], Iterable[str]] = tuple,
    mistakes: Mistakes | None = None,
) -> Config:
    """Read the configuration.

    :param file: ``None`` means ``notion-sync.toml`` if it exists here; that may name no address and no secret.
    :param settings: ``KEY=VALUE`` texts, dotted keys, values in TOML or plain text.
    :param flags: dotted keys with ready values; ``None`` values are ignored.
    :param use_default_file: whether ``file=None`` means that file.
    :param renamed: old names of keys.
    :param said_by: whose flags they are, for messages.
    :param installed: names of plugins, asked for only where a variable's name may mean several: it holds no hyphen.
    :param mistakes: takes what is wrong, but for a file that cannot be read; ``None``: the first mistake is raised.
    :raises ConfigError: naming file, key, what was found and what is expected.
    """
    draft = _Draft(Names(renamed), mistakes)
    named = file is not None
    if file is None and use_default_file and DEFAULT_FILE.exists():
        file = DEFAULT_FILE
    if file is not None:
        _put_file(draft, file, named=named)
    for name, text, key in said_by_environment(os.environ if environ is None else environ, draft.tell):
        meant = _of_plugin(key, draft, installed)
        draft.put(meant, text, Origin(f"environment variable {name}", is_text=True, is_private=True))
    for setting in settings:
        _put_setting(draft, setting)
    for key, value in (flags or {}).items():
        if value is not None:
            draft.put(key, value, Origin(said_by, is_text=True, is_ours=True))
    return _build(draft, file)


def _put_setting(draft: _Draft, setting: str) -> None:
    key, equals, text = setting.partition("=")
    if equals and key.strip():
        draft.put(key.strip(), text.strip(), Origin(f"--set {key.strip()}", is_text=True))
    else:
        draft.tell(ConfigError(f"--set {Redactor()(setting)!r}: expected KEY=VALUE", _SETTING))


def _put_file(draft: _Draft, file: Path, *, named: bool) -> None:
    # Many jobs have no file.
    from notion_sync_core.config.lines import line_of, lines_of
    from notion_sync_core.config.reading import read_toml

    read, text = read_toml(file)
    if not named:
        from notion_sync_core.config.unnamed import refuse_what_needs_a_name

        refuse_what_needs_a_name(read, file, USUAL)
    lines = lines_of(text)
    strange: set[str] = set()
    for section in read:
        try:
            _check_key([section], str(Origin(str(file), line_of(section, lines))))
        except ConfigError as error:
            draft.tell(error)
            strange.add(section)
    for key, value in _flatten({name: each for name, each in read.items() if name not in strange}):
        draft.put(key, _located(key, value, file), Origin(str(file), line_of(key, lines)))


def _of_plugin(key: str, draft: _Draft, installed: Callable[[], Iterable[str]]) -> str:
    """A key that a variable names, with the plugin's name as it is written: hyphens and capitals are lost in there."""
    section, _, rest = key.partition(".")
    name, dot, option = rest.partition(".")
    if section != "plugins" or not dot:
        return key
    known = {*_named(draft.tree), *installed()}
    like = sorted(each for each in known if each.replace("-", "_").lower() == name)
    return key if name in known or len(like) != 1 else f"plugins.{like[0]}.{option}"


def _named(tree: Mapping[str, Any]) -> Iterator[str]:
    """Names of plugins that a file says: of tables, and of entries in its lists."""
    if isinstance(tables := tree.get("plugins"), dict):
        yield from tables
    for section, _, name in (key.partition(".") for key in _CHOOSE_PLUGINS):
        found = tree.get(section, {})
        entries = found.get(name) if isinstance(found, dict) else None
        for entry in entries if isinstance(entries, list) else []:
            said = entry.get("name", entry.get("use")) if isinstance(entry, dict) else entry
            if isinstance(said, str):
                yield said


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
    line: int = 0
    """Of a file; 0: nobody knows."""
    is_text: bool = False
    """A value from there is text, whatever the key wants; a file has types of its own."""
    is_private: bool = False
    """Others do not read it: it may hold secrets."""
    is_ours: bool = False
    """It says keys by the names they have today."""

    def __str__(self) -> str:
        """Name and line."""
        return f"{self.name}, line {self.line}" if self.line else self.name


@define
class _Draft:
    """What was said so far; the last word counts."""

    names: Names
    mistakes: Mistakes | None = None
    """Takes what is wrong; ``None``: it is raised."""
    tree: dict[str, Any] = field(factory=dict)
    origins: dict[str, str] = field(factory=dict)
    texts: dict[str, str] = field(factory=dict)
    """Options of plugins as they were typed, where only the plugin can say what they are."""

    def tell(self, error: ConfigError) -> None:
        """Say that something is wrong.

        :raises ConfigError: nobody collects that.
        """
        if self.mistakes is None:
            raise error
        self.mistakes.append(error)

    def put(self, key: str, value: Any, origin: Origin) -> None:
        """Take a value; there may be no such key, or it must not be said there.

        :raises ConfigError: see :meth:`tell`.
        """
        try:
            self._put(key, value, origin)
        except ConfigError as error:
            self.tell(error)

    def _put(self, key: str, value: Any, origin: Origin) -> None:
        if not origin.is_ours:
            key = self.names.of(key, str(origin))
        parts = key.split(".")
        _refuse_secret(parts, value, origin)
        _check_key(parts, str(origin))
        self.texts.pop(key, None)
        if isinstance(value, str) and origin.is_text:
            if parts[0] == "plugins":
                self.texts[key] = value
            value = parse(value, _type_of(parts))
        node = self.tree
        for depth, part in enumerate(parts[:-1], 1):
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise wrong(".".join(parts[:depth]), node, "a table", self.origins)
        if _is_table(parts) and isinstance(value, dict) and not value:
            node.setdefault(parts[-1], {})
            return
        node[parts[-1]] = value
        self.origins[key] = str(origin)


def _is_table(parts: list[str]) -> bool:
    return len(parts) == 1 or (len(parts) == 2 and parts[0] == "plugins")


def _refuse_secret(parts: list[str], value: Any, origin: Origin) -> None:
    if parts[-1] in SECRET_KEYS and not origin.is_private and value != "" and not is_reference(value):
        instead = "" if parts[0] == "notion" else "Write where it is: env:NAME, file:PATH or keyring:NAME. "
        raise ConfigError(
            f"{origin}: {'.'.join(parts)} must not hold a secret: files and command lines are read by others",
            f"{instead}Put the token of Notion into the environment variable NOTION_TOKEN, or name a file with "
            "notion.token_file.",
        )


def _check_key(parts: list[str], origin: str) -> None:
    """Refuse a key that no section has."""
    known = [*SECTIONS, "plugins"]
    if parts[0] not in known:
        error = unknown(origin, parts[0], known, _elsewhere(parts[0]))
        raise ConfigError(error.message, f"{error.remedy} Options of a plugin stand in [plugins.NAME].")
    if parts[0] == "plugins":
        if len(parts) > 3:
            raise ConfigError(
                f"{origin}: unknown key {'.'.join(parts)!r}", "Options of a plugin are plugins.NAME.OPTION."
            )
        return
    names = [attribute.name for attribute in attrs.fields(SECTIONS[parts[0]])]
    if len(parts) > 2 or (len(parts) == 2 and parts[1] not in names):
        meant = "" if len(parts) > 2 else _elsewhere(parts[1])
        raise unknown(origin, ".".join(parts), [f"{parts[0]}.{name}" for name in names], meant)


def _elsewhere(name: str) -> str:
    """The key of that name in whatever section has one; empty if none has."""
    found = (section for section, kind in SECTIONS.items() if name in {each.name for each in attrs.fields(kind)})
    return next((f"{section}.{name}" for section in found), "")


def _type_of(parts: list[str]) -> Any:
    if parts[0] in SECTIONS and len(parts) == 2:
        return get_type_hints(SECTIONS[parts[0]], include_extras=True).get(parts[1])
    return None


def parse(text: str, wanted: Any) -> Any:
    """A text from outside the file as the type the key has; texts need no quotes."""
    kinds = [kind for kind in get_args(wanted) if kind is not NoneType]
    if len(kinds) == 1 and get_origin(wanted) in (Union, UnionType):
        wanted = kinds[0]
    if wanted is str or is_path(wanted):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        pass
    if wanted is bool and text.lower() in ("1", "yes", "on", "0", "no", "off"):
        return text.lower() in ("1", "yes", "on")
    if is_list(wanted):
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _located(key: str, value: Any, file: Path) -> Any:
    """A path in a section of the file, as it is from here."""
    kind = _type_of(key.split("."))
    if key in _CHOOSE_PLUGINS:
        return [_plugin(each, file) for each in value] if isinstance(value, list) else _plugin(value, file)
    if isinstance(value, list) and any(map(is_path, get_args(kind))):
        return [beside(file, each) if isinstance(each, str) else each for each in value]
    return beside(file, value) if isinstance(value, str) and is_path(kind) else value


def _plugin(entry: Any, file: Path) -> Any:
    """A plugin that is one file, ``FILE.py:Class``, as it is from here."""
    if isinstance(entry, dict) and "use" in entry:
        return {**entry, "use": _plugin(entry["use"], file)}
    return beside(file, entry) if isinstance(entry, str) and plugin_file(entry) else entry


def _section(draft: _Draft, kind: type, values: Mapping[str, Any], name: str) -> Any:
    ready, mistakes = fitting(kind, values, name, draft.origins)
    for each in mistakes:
        draft.tell(each)
    try:
        return made_of(kind, ready, name)
    except ConfigError as error:
        draft.tell(error)
        return kind()


def _tables(draft: _Draft) -> dict[str, dict[str, Any]]:
    """Options of plugins."""
    plugins = draft.tree.get("plugins", {})
    if not isinstance(plugins, dict):
        draft.tell(wrong("plugins", plugins, "a table for each plugin", draft.origins))
        return {}
    for name, options in plugins.items():
        if not isinstance(options, dict):
            draft.tell(wrong(f"plugins.{name}", options, "a table of its options", draft.origins))
    return {name: options for name, options in plugins.items() if isinstance(options, dict)}


def _build(draft: _Draft, file: Path | None) -> Config:
    tree, origins = draft.tree, draft.origins
    sections: dict[str, Any] = {}
    for name, section in SECTIONS.items():
        values = tree.get(name, {})
        if not isinstance(values, dict):
            draft.tell(wrong(name, values, "a table", origins))
            values = {}
        sections[name] = _section(draft, section, values, name)
    return Config(
        **sections,
        plugins=_tables(draft),
        origins=origins,
        file=file,
        texts=draft.texts,
        notices=tuple(draft.names.notices),
    )
