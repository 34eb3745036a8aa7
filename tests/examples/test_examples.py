"""Outside packages: each is built, installed where nothing else of it is, passes its own tests and the types."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/pyproject.toml"))
DOORS = ("notion_sync_core.plugin", "notion_sync_core.testing", "notion_sync_demo")

pytestmark = pytest.mark.campaign


def named(example: Path) -> str:
    return example.name


@pytest.fixture(scope="module", params=EXAMPLES, ids=named)
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    """A copy of the package's folder, and where it is installed; nothing is fetched."""
    place = tmp_path_factory.mktemp(request.param.name)
    copy = shutil.copytree(request.param, place / "package", ignore=shutil.ignore_patterns("build", "*.egg-info", ".*"))
    site = place / "site"
    run(copy, site, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
        "--disable-pip-version-check", "--target", str(site), ".")  # fmt: skip
    shutil.rmtree(copy / "src")  # from here on only what was installed is there
    yield copy, site


def run(folder: Path, site: Path, *arguments: str) -> str:
    path = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "MYPYPATH": os.pathsep.join(map(str, (ROOT, ROOT / "plugins", site)))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]
    return done.stdout


def test_it_passes_its_tests_where_it_is_installed(installed: tuple[Path, Path]) -> None:
    copy, site = installed
    said = run(copy, site, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    assert re.search(r"[1-9]\d* passed", said), said
    assert "failed" not in said


def test_it_is_listed_as_good_with_all_its_options_explained(installed: tuple[Path, Path]) -> None:
    copy, site = installed
    import json

    project = tomllib.loads((copy / "pyproject.toml").read_text("utf-8"))["project"]
    (points,) = project["entry-points"].values()
    for name in points:
        found = json.loads(run(copy, site, "-m", "notion_sync_core", "plugins", "list", "--all", "--json"))
        (mine,) = [each for each in found if each["name"] == name]
        assert (mine["state"], mine["distribution"]) == ("good", project["name"]), mine
        (about,) = json.loads(run(copy, site, "-m", "notion_sync_core", "plugins", "info", name, "--json"))
        assert about["api_version"] == "1.0"
        assert about["hooks"]
        assert all(option["meaning"] for option in about["options"])


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_its_types_are_whole(example: Path) -> None:
    run(example, example / "src", "-m", "mypy", "--follow-imports=silent", "--cache-dir", os.devnull)


@pytest.mark.parametrize("example", EXAMPLES, ids=named)
def test_it_uses_public_names_only(example: Path) -> None:
    for path in example.rglob("*.py"):
        used = set(
            re.findall(r"^\s*(?:from|import) (notion_sync_(?:core|demo)\S*)", path.read_text("utf-8"), re.MULTILINE)
        )
        assert all(each.startswith(DOORS) for each in used), f"{path.name} imports {used}"


def test_what_they_need_is_in_the_development_extra() -> None:
    """Nothing is fetched where they are tested."""
    import importlib.metadata

    for example in EXAMPLES:
        project = tomllib.loads((example / "pyproject.toml").read_text("utf-8"))["project"]
        for requirement in project["dependencies"]:
            assert importlib.metadata.version(re.split(r"[^\w.-]", requirement, maxsplit=1)[0]), requirement
