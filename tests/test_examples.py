"""What the documentation shows is done: each page is a story, told in an empty folder from its top to its end.

Blocks of ``sh`` are typed, those of ``python`` run, those of ``toml`` are configurations that the program takes and
that the rest of the page works with. What cannot run here says why in a comment above it (``not run here``), and what
a block takes for granted is said so too (``given``). The workspace is the sample one, served by the emulator.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import yaml
from moto.server import ThreadedMotoServer

from code_blocks import Code, blocks_in
from notion_sync_core import Job
from notion_sync_core.config.tree import SECTIONS
from notion_sync_demo import Emulator, sample_workspace

pytestmark = pytest.mark.campaign  # what it runs others measure

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
ELSEWHERE = (ROOT / "docs" / "recipes", ROOT / "docs" / "embedding.md")
"""Pages that are tried with the libraries they name, in environments of their own (``make test-recipes``), and the one
whose programs run in ``embedding/test_page.py``."""
HERE = [page for page in PAGES if not {page, *page.parents} & {*ELSEWHERE}]
TOKEN = "ntn_…"
"""Stands in the documentation for the reader's own."""
HARMLESS = {"notion-sync", "python", "export", "cd", "mv", "cp", "mkdir", "ls", "cat", "git", "grep", "jq", "find"}
"""Commands that are typed here: whoever runs the tests asked for no other, nor for what lies outside of a folder."""


def refuse_harm(lines: str) -> None:
    """Make sure that lines may be typed on any machine.

    :raises AssertionError: they may not; so a comment has to say that, and why.
    """
    bare = re.sub(r"\s#\s.*", "", lines.replace("\\\n", " "), flags=re.M)
    for line in filter(str.strip, bare.splitlines()):
        word = line.split()[0]
        if word not in HARMLESS and not word.startswith("#"):
            raise AssertionError(f"{word} is not typed here: say so above it (not run here: why)")
        if re.search(r"(?:^|[\s=>]|file:)[/~]", line):
            raise AssertionError(f"it leaves the folder: {line}")


class Reader:
    """Somebody who does what a page says, in an empty folder."""

    def __init__(self, folder: Path, server: Emulator, bucket: str) -> None:
        self._server = server
        self._after = folder.parent / "after"
        self._where = folder.parent / "where"
        self.folder = folder
        binaries = Path(sys.executable).parent
        self.environ = {
            "HOME": str(folder.parent / "home"),
            "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
            "NOTION_TOKEN": server.token,
            "NOTION_SYNC_NOTION__BASE_URL": server.url,
            "NOTION_SYNC_PERFORMANCE__REQUESTS": "0",
            "AWS_ENDPOINT_URL": bucket,
            "LANG": "C.UTF-8",
            "PYTHONWARNINGS": "error",
        }

    def do(self, block: Code) -> None:
        """Do what a block says."""
        if block.given:
            self._type(block.given)
        if block.file:
            self._write(block.file, block.text)
        match block.language:
            case "sh":
                refuse_harm(block.text)
                self._type(block.text)
            case "python":
                self._run("python", "-c", block.text)
            case "toml":
                self._configure(block)
            case "json":
                json.loads(block.text)
            case "yaml":
                assert list(yaml.safe_load_all(block.text))

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def _type(self, lines: str) -> None:
        kept = f"env -0 > {self._after}; pwd > {self._where}"
        self._run("bash", "-euo", "pipefail", "-c", f"{lines.replace(TOKEN, self._server.token)}\n{kept}")
        after = self._after.read_text("utf-8").split("\0")
        self.environ = dict(line.split("=", 1) for line in after if "=" in line)
        self.folder = Path(self._where.read_text("utf-8").rstrip("\n"))

    def _run(self, *words: str) -> None:
        done = subprocess.run(words, cwd=self.folder, env=self.environ, capture_output=True, text=True, timeout=120)
        if done.returncode:
            raise AssertionError(f"{done.returncode}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}")

    def _configure(self, block: Code) -> None:
        """Take it for the page's configuration, if it is one."""
        tables = tomllib.loads(block.text)
        if not block.file and set(tables) <= {*SECTIONS, "plugins"}:
            self._write("notion-sync.toml", block.text)
        for name in [block.file] if block.file else ["notion-sync.toml"]:
            if set(tables) <= {*SECTIONS, "plugins"}:
                Job.load(self.folder / name, environ={**self.environ, "NOTION_TOKEN": self._server.token}).sinks()


@pytest.fixture(scope="module")
def served() -> Iterator[Emulator]:
    with Emulator(sample_workspace()) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """The address of a store with the bucket that the documentation writes to."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    client = boto3.client(
        "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id="k", aws_secret_access_key="s"
    )
    client.create_bucket(Bucket="my-bucket")
    client.close()
    yield address
    server.stop()


def stories() -> list[Path]:
    """The pages in which something can be done."""
    return [page for page in HERE if any(not each.why_not for each in blocks_in(page))]


@pytest.mark.parametrize("page", stories(), ids=lambda page: str(page.relative_to(ROOT)))
def test_what_a_page_shows_works(page: Path, served: Emulator, bucket: str, tmp_path: Path) -> None:
    folder = tmp_path / "here"
    folder.mkdir()
    (tmp_path / "home").mkdir()
    reader = Reader(folder, served, bucket)
    for block in blocks_in(page):
        if not block.why_not:
            try:
                reader.do(block)
            except Exception as error:
                raise AssertionError(f"{page}:{block.line}: {error}") from None


def test_most_of_what_is_shown_is_done() -> None:
    found = [block for page in HERE for block in blocks_in(page) if block.language in ("sh", "python", "toml")]
    done = [block for block in found if not block.why_not]
    assert len(done) > 80
