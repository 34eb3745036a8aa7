"""What is built holds all that the tree does: what is missing from a wheel fails for those alone who install one."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLUGINS = [each for each in (ROOT / "plugins").glob("notion_sync_*") if each.suffix != ".egg-info"]
SOURCES = {"notion_sync_core": ROOT, **{each.name: each.parent for each in PLUGINS}}


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


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built from a copy so that nothing of it is left here."""
    place = tmp_path_factory.mktemp("wheel")
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "notion_sync_core", "plugins"):
        if (ROOT / name).is_dir():
            left = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(ROOT / name, place / "tree" / name, ignore=left)
        else:
            (place / "tree").mkdir(exist_ok=True)
            shutil.copy2(ROOT / name, place / "tree" / name)
    command = ["pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", place, place / "tree"]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    [built] = place.glob("*.whl")
    return built


def test_a_wheel_holds_each_file_of_each_package_and_no_other(wheel: Path) -> None:
    there = {
        path.relative_to(root).as_posix()
        for name, root in SOURCES.items()
        for path in (root / name).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    names = set(zipfile.ZipFile(wheel).namelist())
    own = {name for name in names if ".dist-info/" in name}
    assert names - own == there
    assert {name.partition("/")[2] for name in own} >= {"METADATA", "entry_points.txt", "licenses/LICENSE"}


def test_an_installed_wheel_exports_the_demo(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "installed"
    install = ["pip", "install", "--quiet", "--no-deps", "--no-index", "--target", place, wheel]
    subprocess.run([sys.executable, "-m", *install], check=True, capture_output=True)
    # The folder comes before the tree that is installed for work on it.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    environ["PYTHONPATH"] = str(place)  # what is measured there is gone when figures are made
    where = [
        sys.executable,
        "-c",
        "import notion_sync_core, notion_sync_fs as fs; print(notion_sync_core.__file__, fs.__file__)",
    ]
    found = subprocess.run(where, env=environ, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.split()
    assert all(Path(each).is_relative_to(place) for each in found)

    command = [place / "bin" / "notion-sync", "demo", "--to", tmp_path / "out"]
    done = subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "out").rglob("*.md"))) > 10
