"""Plugins without a package: ``titles.py:TitlesRenderer`` in place of a plugin's name.

Only a command line or a configuration that somebody named says so; no file is looked for.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
from pathlib import Path
from typing import Any

from attrs import frozen

from notion_sync_core.errors import ConfigError, PluginError
from notion_sync_core.structure import plugin_file

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@frozen
class OneFile:
    """A class in a file."""

    file: Path
    attribute: str

    @property
    def name(self) -> str:
        """What the plugin is called: ``titles_renderer`` for ``TitlesRenderer``."""
        return _WORDS.sub("_", self.attribute).lower()

    @property
    def version(self) -> str:
        """A hash of the file: once it is edited, all that it made is made again.

        :raises ConfigError: it cannot be read.
        """
        return hashlib.sha256(self._source()).hexdigest()[:12]

    def _source(self) -> bytes:
        try:
            return self.file.read_bytes()
        except OSError as error:
            raise ConfigError(
                f"the plugin {self.file}:{self.attribute} cannot be read: {error.strerror}",
                "Write FILE.py:Class with the path of the file, from here or, in a configuration file, from there.",
            ) from None

    def load(self) -> Any:
        """The class; a file is run once a process for each of its contents.

        :raises ConfigError: the file cannot be read, or there is no such class in it.
        :raises PluginError: it cannot be run.
        """
        where = self.file.absolute()
        module_name = f"_one_file_{hashlib.sha256(bytes(where)).hexdigest()[:12]}_{self.version}"
        module = sys.modules.get(module_name) or self._run(where, module_name)
        try:
            return getattr(module, self.attribute)
        except AttributeError:
            raise ConfigError(
                f"{self.file} has no {self.attribute}", f"Classes in it: {', '.join(_classes(module)) or 'none'}."
            ) from None

    def _run(self, where: Path, module_name: str) -> Any:
        spec = importlib.util.spec_from_file_location(module_name, where)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        # What the types of its options are is looked up here.
        sys.modules[module_name] = module
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            del sys.modules[module_name]
            raise PluginError(
                f"the plugin {self.file}:{self.attribute} cannot be loaded: {type(error).__name__}: {error}",
                "Correct the file. It is run alone: what it imports must be installed.",
            ) from error
        return module


def one_file(written: str) -> OneFile | None:
    """What ``FILE.py:Class`` means; ``None`` if it is something else, such as the name of an installed plugin."""
    found = plugin_file(written)
    if found is None:
        return None
    file, attribute = found
    return OneFile(Path(file).expanduser() if file.startswith("~/") else Path(file), attribute)


def called(use: str) -> str:
    """What a plugin is called where nobody gave it a name: as it is installed, or like its class."""
    found = one_file(use)
    return found.name if found else use


def _classes(module: Any) -> list[str]:
    return [
        name for name, each in vars(module).items() if isinstance(each, type) and each.__module__ == module.__name__
    ]
