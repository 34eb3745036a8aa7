"""What is built holds all that the tree does: what is missing from a wheel fails for those alone who install one."""

from __future__ import annotations

import configparser
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCES = {"notion_sync_core": ROOT, **{each.name: each.parent for each in (ROOT / "plugins").glob("notion_sync_*")}}


def options() -> configparser.ConfigParser:
    read = configparser.ConfigParser()
    read.read(ROOT / "setup.cfg", "utf-8")
    return read


def packages() -> Iterator[str]:
    for name, root in SOURCES.items():
        for found in (root / name).rglob("__init__.py"):
            yield ".".join(found.parent.relative_to(root).parts)


def test_every_package_is_built() -> None:
    assert sorted(options()["options"]["packages"].split()) == sorted(packages())


def test_every_file_beside_the_code_is_built() -> None:
    patterns = [each.strip() for each in options()["options.package_data"]["*"].split(",")]
    for package in packages():
        root = SOURCES[package.partition(".")[0]]
        folder = root.joinpath(*package.split("."))
        own = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc"))
        for path in own:
            holder = next(parent for parent in path.parents if (parent / "__init__.py").exists())
            if holder == folder:
                assert any(fnmatch(str(path.relative_to(folder)), pattern) for pattern in patterns), path
