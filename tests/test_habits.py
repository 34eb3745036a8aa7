"""What those who work on the project rely on: files for tools are valid, commands in guides exist, releases work."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
FORGE = ROOT / ".github"
VALIDATED = {
    "vendor.github-workflows": sorted((FORGE / "workflows").glob("*.yml")),
    "vendor.dependabot": [FORGE / "dependabot.yml"],
    "vendor.github-issue-forms": [FORGE / "ISSUE_TEMPLATE" / "bug.yml", FORGE / "ISSUE_TEMPLATE" / "wish.yml"],
    "vendor.github-issue-config": [FORGE / "ISSUE_TEMPLATE" / "config.yml"],
}
NOT_INSTALLED = {"web", "deploy-checks"}
"""Extras for targets that bring what they need themselves."""


def tool(name: str, *arguments: str | Path, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run([BIN / name, *arguments], cwd=cwd, capture_output=True, text=True)


def test_decisions_are_numbered_without_a_gap_one_a_file() -> None:
    pages = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [int(page.name.partition("-")[0]) for page in pages]
    assert numbers == list(range(1, len(pages) + 1))
    for number, page in zip(numbers, pages, strict=True):
        assert re.findall(r"^# (\d+)\. ", page.read_text("utf-8"), re.MULTILINE) == [str(number)], page.name


@pytest.mark.parametrize("schema", VALIDATED)
def test_files_for_the_forge_are_valid(schema: str) -> None:
    done = tool("check-jsonschema", "--builtin-schema", schema, *VALIDATED[schema])
    assert done.returncode == 0, done.stdout


def test_workflows_give_nobody_more_rights_than_their_jobs_need() -> None:
    done = tool("zizmor", "--offline", "--no-progress", "--quiet", ".github")
    assert done.returncode == 0, done.stdout


def test_each_hook_before_a_commit_calls_a_tool_of_the_environment() -> None:
    done = tool("pre-commit", "validate-config")
    assert done.returncode == 0, done.stdout
    [own] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    assert own["repo"] == "local"  # no host is asked
    for hook in own["hooks"]:
        assert (BIN / Path(hook["entry"].split()[0]).name).exists(), hook["id"]


def test_a_commit_with_a_mistake_in_style_is_stopped_before_it_is_made(tmp_path: Path) -> None:
    here = repository(tmp_path, ".pre-commit-config.yaml", "pyproject.toml")
    (here / ".venv").mkdir()
    (here / ".venv" / "bin").symlink_to(BIN)
    (here / "odd.py").write_text("import os\nimport sys\nprint( sys.path )\n")
    git(here, "add", "odd.py")

    done = tool("pre-commit", "run", "ruff-check", cwd=here)

    assert done.returncode == 1, done.stdout + done.stderr
    assert "odd.py:3:1" in done.stdout


def setup() -> configparser.ConfigParser:
    read = configparser.ConfigParser()
    read.read(ROOT / "setup.cfg", "utf-8")
    return read


def test_the_constraints_name_a_release_of_each_dependency_that_will_do() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    held = dict(line.split("==") for line in lines if not line.startswith("#"))
    assert sorted(held) == list(held)
    options = setup()
    wanted = [options["options"]["install_requires"]]
    wanted += [text for extra, text in options["options.extras_require"].items() if extra not in NOT_INSTALLED]
    for line in filter(None, "\n".join(wanted).splitlines()):
        each = Requirement(line)
        name = canonicalize_name(each.name)
        assert name in held, f"{name}: run `make constraints`"
        assert each.specifier.contains(held[name], prereleases=True), f"{each} is not {held[name]}"


def test_each_piece_of_news_has_a_name_that_puts_it_into_the_changelog(tmp_path: Path) -> None:
    fragments = [path for path in (ROOT / "changelog.d").iterdir() if path.name != "README.md"]
    for path in fragments:
        assert re.fullmatch(r"(\+[\w-]+|\d+)\.(added|changed|fixed|removed|security)\.md", path.name), path.name
    done = tool("towncrier", "build", "--draft", "--version", "999.0.0")
    assert done.returncode == 0, done.stderr
    for path in fragments:
        assert path.read_text("utf-8").split("\n")[0].strip() in done.stdout, path.name


def test_what_is_called_not_dead_is_there_at_all() -> None:
    sources = [path for root in ("notion_sync_core", "plugins") for path in (ROOT / root).rglob("*.py")]
    words = set(re.findall(r"\w+", "\n".join(path.read_text("utf-8") for path in sources)))
    for line in (ROOT / "tests" / "not_dead.py").read_text("utf-8").splitlines():
        if found := re.match(r"(?:_\.)?(\w+)(?:  #|$)", line):
            assert found[1] in words, f"{found[1]} is gone from the code"


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md", "docs/releasing.md"])
def test_targets_and_tools_that_a_guide_names_exist(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    rules = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {
        word
        for words in re.findall(r"\bmake((?: [a-z][a-z-]+)+)(?=`|$|  |;)", text, re.MULTILINE)
        for word in words.split()
    }
    assert named
    assert named <= rules, named - rules
    for command in re.findall(r"\.venv/bin/([\w-]+)", text):
        assert (BIN / command).exists() or command == "notion-sync", command


def test_tox_does_what_make_does() -> None:
    told = configparser.ConfigParser()
    told.read(ROOT / "tox.ini", "utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8").replace("$(BIN)/", "")
    for name in ("testenv:lint", "testenv:types"):
        for command in filter(None, told[name]["commands"].splitlines()):
            assert f"\t{command}\n" in makefile, command
    assert "$(WHOLLY_HERE)" in makefile
    [marks] = re.findall(r"^WHOLLY_HERE := (.*)$", makefile, re.MULTILINE)
    assert f'-m "{marks}"' in told["testenv"]["commands"]


# -- releases


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org", "-c", "commit.gpgsign=false")
    return subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True).stdout


def repository(folder: Path, *names: str) -> Path:
    """A repository with some files of this one, all committed."""
    here = folder / "clone"
    for name in names:
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
        copy(ROOT / name, here / name)  # type: ignore[operator]
    git(folder, "init", "--quiet", "--initial-branch=main", str(here))
    git(here, "add", ".")
    git(here, "commit", "--quiet", "--message=Begin")
    return here


def release(here: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    who = {
        f"GIT_{role}_{what}": "somebody@example.org" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    return subprocess.run(
        ["tools/release.sh", *arguments],
        cwd=here,
        env={**os.environ, **who, "PYTHON": sys.executable},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    names = ("tools", "changelog.d", "CHANGELOG.md", "pyproject.toml", "notion_sync_core/_version.py")
    here = repository(tmp_path, *names)
    (here / "changelog.d" / "+odd.fixed.md").write_text("What was odd is even.\n")
    git(here, "add", ".")
    git(here, "commit", "--quiet", "--message=Mend")
    return here


@pytest.mark.parametrize("version", ["0.1.0", "1.2.0"])
def test_a_release_is_prepared_as_one_commit_with_all_the_news(clone: Path, version: str) -> None:
    done = release(clone, "prepare", version)

    assert done.returncode == 0, done.stderr + done.stdout
    assert f'"{version}"' in (clone / "notion_sync_core" / "_version.py").read_text()
    section = (clone / "CHANGELOG.md").read_text().partition(f"## {version} (")[2].partition("\n## ")[0]
    fixed = section.partition("### Fixed\n")[2].partition("\n### ")[0]
    assert "\n- What was odd is even." in fixed  # beside what else was, by the fragments of today
    # What was written before there were fragments belongs to the first release.
    assert ("The first whole pipeline" in section) is (version == "0.1.0")
    assert f"{version} (unreleased)" not in (clone / "CHANGELOG.md").read_text()
    assert [path.name for path in (clone / "changelog.d").iterdir()] == ["README.md"]
    assert git(clone, "status", "--porcelain") == ""
    assert git(clone, "log", "-1", "--format=%s") == f"Release {version}\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("prepare", "next"), "'next' is no version"),
        (("prepare", "1.2.0"), "not committed"),
        (("prepare", "1.0.0"), "v1.0.0 is there already"),
        (("build", "1.2.0"), "prepare it first"),
        (("tag", "1.2.0"), "the version in notion_sync_core/_version.py is 0.1.0"),
        (("tag", "0.1.0"), "it was not built and tried"),
        (("publish", "1.2.0"), "step by step"),
        (("prepare",), "step by step"),
    ],
)
def test_a_release_that_is_not_ready_is_refused_and_nothing_changes(
    clone: Path, arguments: tuple[str, ...], said: str
) -> None:
    git(clone, "tag", "v1.0.0")
    if said == "not committed":
        (clone / "CHANGELOG.md").write_text("other")
    before = git(clone, "log", "-1", "--format=%H") + git(clone, "status", "--porcelain")

    done = release(clone, *arguments)

    assert done.returncode != 0
    assert said in done.stderr
    assert git(clone, "log", "-1", "--format=%H") + git(clone, "status", "--porcelain") == before
