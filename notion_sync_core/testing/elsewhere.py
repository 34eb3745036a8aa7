"""A plugin in another process, made of its options as the rendering process makes it: what only one process knows,
such as the order of sets, the time zone or the current folder, must not matter there.

Run as ``python -m notion_sync_core.testing.elsewhere``, with an :class:`Errand` on stdin.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import pickle  # nosec B403 - between a test and the process it starts, over a pipe
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
from attrs import frozen

_ERRAND_S = 120.0
"""Seconds after which somebody in another process is taken to hang."""


@frozen
class Recipe:
    """How to make a plugin again, elsewhere."""

    module: str
    file: str
    """Where the module's source lies: a test module may not be importable by its name."""
    name: str
    options: bytes
    """Pickled: the options, or the plugin itself if it is no attrs class."""
    is_attrs: bool

    @classmethod
    def of(cls, plugin: Any) -> Recipe:
        """The recipe of a plugin.

        :raises TypeError: its options, or itself if it has none, cannot be sent to another process.
        """
        kind = type(plugin)
        module = sys.modules[kind.__module__]
        is_attrs = attrs.has(kind)
        content = _options(plugin) if is_attrs else vars(plugin)
        try:
            packed = pickle.dumps(content)
        except Exception as error:
            raise TypeError(f"the options of {kind.__name__} cannot be pickled: {error}") from error
        return cls(kind.__module__, getattr(module, "__file__", None) or "", kind.__qualname__, packed, is_attrs)

    def make(self) -> Any:
        """The plugin."""
        found: Any = self._module()
        for part in self.name.split("."):
            found = getattr(found, part)
        content = pickle.loads(self.options)  # noqa: S301 # nosec B301 - by the process that started this one
        if self.is_attrs:
            return found(**content)
        plugin = found.__new__(found)
        vars(plugin).update(content)
        return plugin

    def _module(self) -> Any:
        if self.module in sys.modules:
            return sys.modules[self.module]
        with contextlib.suppress(ImportError):
            return importlib.import_module(self.module)
        spec = importlib.util.spec_from_file_location(self.module, self.file)
        if spec is None or spec.loader is None:
            raise ImportError(f"{self.module} cannot be imported in another process, nor loaded from {self.file!r}")
        module = importlib.util.module_from_spec(spec)
        sys.modules[self.module] = module
        spec.loader.exec_module(module)
        return module


def _options(plugin: Any) -> dict[str, Any]:
    return {field.alias: getattr(plugin, field.name) for field in attrs.fields(type(plugin)) if field.init}


@frozen
class Errand:
    """What somebody in another process shall do: call a function of ours with a plugin, and answer with what it gives.

    :param function: of this package's ``testing`` room: ``module:name``.
    """

    function: str
    recipe: Recipe
    arguments: dict[str, Any]
    path: tuple[str, ...] = attrs.field(factory=lambda: tuple(sys.path))

    def command(self) -> list[str]:
        """How it is started."""
        return [sys.executable, "-m", __name__]

    def run(self, cwd: Path, environ: Mapping[str, str]) -> Any:
        """Have it done, from beginning to end.

        :param environ: put over this process's environment.
        :raises AssertionError: it failed; the message is what it said last.
        """
        done = subprocess.run(  # noqa: S603 - this package, in the same Python
            self.command(),
            input=pickle.dumps(self),
            capture_output=True,
            cwd=cwd,
            env=self.environ(environ),
            timeout=_ERRAND_S,
            check=False,
        )
        if done.returncode:
            said = done.stderr.decode(errors="replace").strip().splitlines()
            raise AssertionError(f"in another process it fails: {said[-1] if said else done.returncode}")
        return pickle.loads(done.stdout)  # noqa: S301 # nosec B301 - by the process that was started just now

    def environ(self, over: Mapping[str, str]) -> dict[str, str]:
        """An environment in which this package is found as it was found here."""
        home = str(Path(__file__).parents[2])
        return {
            **os.environ,
            **over,
            "PYTHONPATH": os.pathsep.join([home, *filter(None, [os.environ.get("PYTHONPATH")])]),
        }


def main() -> None:
    """Do what stdin says; the answer goes to stdout, and what the plugin prints to stderr."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    errand: Errand = pickle.load(sys.stdin.buffer)  # noqa: S301 # nosec B301 - by the process that started this one
    sys.path[:] = [*sys.path, *(each for each in errand.path if each not in sys.path)]
    module, _, name = errand.function.partition(":")
    function = getattr(importlib.import_module(module), name)
    with answers:
        pickle.dump(function(errand.recipe.make(), answers=answers, **errand.arguments), answers)


if __name__ == "__main__":
    # Pickle has to find the classes by the name of this module.
    importlib.import_module("notion_sync_core.testing.elsewhere").main()
