"""A recipe as a reader has it: its code blocks in an empty folder, and a configuration beside them."""

from __future__ import annotations

import importlib
import re
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from notion_sync_demo import Emulator, sample_workspace

PAGES = Path(__file__).parents[2] / "docs" / "recipes"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"# (\w+\.py)\n")


class Recipe:
    """The code of one page."""

    def __init__(self, name: str, folder: Path, emulator: Emulator) -> None:
        self.emulator = emulator
        self.folder = folder
        self.blocks: list[str] = BLOCK.findall((PAGES / f"{name}.md").read_text("utf-8"))
        assert self.blocks
        for block in self.blocks:
            if named := NAMED.match(block):
                (folder / named[1]).write_text(block, "utf-8")

    def module(self, name: str) -> ModuleType:
        """A block as a module."""
        return importlib.import_module(name)

    def run(self, name: str) -> dict[str, Any]:
        """A block as a script."""
        return runpy.run_path(str(self.folder / f"{name}.py"))


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(sample_workspace()) as emulator:
        yield emulator


@pytest.fixture
def recipe(
    request: pytest.FixtureRequest, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Recipe]:
    """The page that the test's module is named after."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("NOTION_TOKEN", emulator.token)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    Path("notion-sync.toml").write_text(
        f'''[notion]
base_url = "{emulator.url}"

[performance]
requests = 0

[export]
sinks = [{{use = "fs", path = "{tmp_path / "backup"}"}}]

[deployment]
state_dir = "{tmp_path / "state"}"
'''
    )
    before = set(sys.modules)
    name = Path(request.path).stem.removeprefix("test_").replace("_", "-")
    yield Recipe(name, tmp_path, emulator)
    for module in set(sys.modules) - before:
        if str(getattr(sys.modules[module], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[module]
