"""A bad plugin is named, and takes nothing from the others: their files are those of a run without it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conftest import Bench, tree
from notion_sync_core import plugins
from notion_sync_core.errors import Exit
from notion_sync_core.report import Report
from notion_sync_demo import Emulator

HEAD = """
import os, sys, time, itertools
from attrs import frozen
from notion_sync_core.plugin import hookimpl
from notion_sync_core.model import Artifact

class Good:
    format = "bad"
    suffix = ".bad"
    folder = "bad"

    @hookimpl
    def render_document(self, document, site):
        return [Artifact(site.path(self.suffix), [b"good"], "text/plain")]

"""
RENDERERS: dict[str, tuple[str, str]] = {
    "raises when called": ("raise RuntimeError('oh')", "bad failed in render_document: RuntimeError: oh"),
    "leaves the program": ("sys.exit(0)", "bad failed in render_document: SystemExit"),
    "eats memory": ("return [Artifact(site.path('.bad'), [bytes(1 << 50)], 'x')]", "MemoryError"),
    "gives nothing": ("return None", "bad failed in render_document: TypeError"),
    "gives texts": ("return ['text']", "bad failed in render_document: TypeError: it gives str"),
    "gives text chunks": ("return [Artifact(site.path('.bad'), ['text'], 'x')]", "is str instead of bytes"),
    "raises in a chunk": (
        "return [Artifact(site.path('.bad'), (1 / 0 for _ in 'x'), 'x')]",
        "bad failed in render_document: ZeroDivisionError",
    ),
    "has a full disk of its own": (
        "import errno\n"
        "        def chunks():\n"
        "            raise OSError(errno.ENOSPC, 'full')\n"
        "            yield b''\n"
        "        return [Artifact(site.path('.bad'), chunks(), 'x')]",
        "bad failed in render_document: OSError",
    ),
    "writes outside": ("return [Artifact('../escaped.txt', [b'x'], 'x')]", "must stay inside the sink"),
    "writes among our files": (
        "return [Artifact('.notion-sync/manifest.jsonl', [b'x'], 'x')]",
        "among our own files",
    ),
    "gives all one file": ("return [Artifact('bad/same.txt', [document.ref.id.encode()], 'x')]", "'bad/same.txt'"),
    "takes others' files": (
        "return [Artifact(str(site.path('.md')).replace('bad/', 'markdown/', 1), [b'x'], 'x')]",
        "outside its folder",
    ),
}
HARMLESS: dict[str, str] = {
    "changes what it is shown": (
        "document.raw.clear()\n"
        "        for block in document.blocks():\n"
        "            block.raw.clear()\n"
        "        return []"
    ),
    "never gives the same": "return [Artifact(site.path('.bad'), [os.urandom(9)], 'x')]",
    "is slow": "time.sleep(0.02); return []",
}


class Package:
    """Somebody else's distribution, with one bad plugin in it."""

    def __init__(self, bench: Bench, folder: Path) -> None:
        self.bench = bench
        self.folder = folder
        self.info = folder / "elsewhere-1.2.dist-info"
        self.info.mkdir(parents=True)
        (self.info / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.2\n")
        (self.info / "entry_points.txt").write_text(
            "[notion_sync.renderers]\nbad = elsewhere:Bad\n[notion_sync.listeners]\nbad = elsewhere:Bad\n"
            "[notion_sync.sinks]\nbad = elsewhere:Bad\n"
        )

    def write(self, code: str) -> None:
        (self.folder / "elsewhere.py").write_text(HEAD + code)

    def renderer(self, body: str) -> None:
        self.write(f"class Bad(Good):\n    @hookimpl\n    def render_document(self, document, site):\n        {body}\n")

    def here(self, to: str = "out", renderers: tuple[str, ...] = ("bad", "markdown"), **flags: Any) -> Report:
        """A run in this process, which is faster."""
        found: dict[str, Any] = {}
        exec((self.folder / "elsewhere.py").read_text(), found)
        whole = plugins.load_class
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                plugins, "load_class", lambda kind, name: found["Bad"] if name == "bad" else whole(kind, name)
            )
            return self.bench.run(
                to=self.bench.folder / to, state=f"state-{to}", export__renderers=list(renderers), **flags
            )

    def run(self, *arguments: str, to: str = "out", renderers: tuple[str, ...] = ("bad", "markdown")) -> Any:
        return subprocess.run(
            [
                *(sys.executable, "-m", "notion_sync_core", "sync", "--to", to, "--progress", "none", "--json"),
                *(argument for name in renderers for argument in ("--renderer", name)),
                *arguments,
            ],
            env={
                **os.environ,
                "PYTHONPATH": str(self.folder),
                "NOTION_TOKEN": self.bench.emulator.token,
                "NOTION_SYNC_NOTION__BASE_URL": self.bench.emulator.url,
                "NOTION_SYNC_DEPLOYMENT__STATE_DIR": str(self.bench.folder / f"state-{to}"),
                "NOTION_SYNC_PERFORMANCE__REQUESTS": "0",
            },
            cwd=self.bench.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.fixture
def package(bench: Bench, tmp_path: Path) -> Package:
    return Package(bench, tmp_path / "site")


def others(folder: Path) -> dict[str, bytes]:
    """Files that are not the bad plugin's."""
    return {name: content for name, content in tree(folder).items() if not name.startswith(("bad", ".notion-sync"))}


@pytest.fixture
def expected(package: Package, bench: Bench) -> dict[str, bytes]:
    """What others write beside a plugin that does no harm."""
    package.write("class Bad(Good): pass\n")
    assert package.here(to="calm").exit_code == 0
    found = others(bench.folder / "calm")
    assert any(name.startswith("markdown/") for name in found)
    return found


def test_a_renderer_that_fails_in_whatever_way_takes_nothing_from_the_others(
    package: Package, bench: Bench, expected: dict[str, bytes]
) -> None:
    for number, (what, (body, words)) in enumerate(RENDERERS.items()):
        package.renderer(body)
        report = package.here(to=f"out{number}")
        assert report.exit_code == Exit.PARTIAL, (what, report.error)
        assert words in " ".join(item["error"] for item in report.failures), (what, report.failures[:1])
        assert others(bench.folder / f"out{number}") == expected, what
        assert not list(bench.folder.rglob("escaped.txt"))
    # The plugin is mended: the next run makes good what is missing.
    package.write("class Bad(Good): pass\n")
    assert package.here(to="out0").exit_code == 0
    assert others(bench.folder / "out0") == expected
    assert list((bench.folder / "out0" / "bad").rglob("*.bad"))


def test_a_renderer_that_is_odd_but_gives_files_does_no_harm(
    package: Package, bench: Bench, expected: dict[str, bytes]
) -> None:
    for number, (what, body) in enumerate(HARMLESS.items()):
        package.renderer(body)
        report = package.here(to=f"odd{number}")
        assert report.exit_code == 0, (what, report.error, report.failures[:1])
        assert others(bench.folder / f"odd{number}") == expected, what


STARTERS = {
    "raises at import": ("raise RuntimeError('oh')", "cannot be imported: RuntimeError: oh"),
    "fails an assertion at import": ("assert False, 'oh'", "cannot be imported: AssertionError"),
    "leaves at import": ("sys.exit(0)", "cannot be imported: SystemExit"),
    "raises when it is made": (
        "class Bad(Good):\n    def __init__(self): raise RuntimeError('oh')",
        "cannot be made: RuntimeError: oh",
    ),
    "raises in its attrs": (
        "@frozen(eq=False)\nclass Bad(Good):\n    def __attrs_post_init__(self): raise KeyError('oh')",
        "cannot be made: KeyError",
    ),
    "has a hook of another form": (
        "class Bad(Good):\n    @hookimpl\n    def render_document(self, document, site, colour): return []",
        "colour",
    ),
    "is made for another version": ("class Bad(Good):\n    api_version = 99", "version 99 of the plugin interface"),
    "is no renderer": ("Bad = 42", "implements none of render_document"),
}


@pytest.mark.parametrize("what", STARTERS)
def test_a_plugin_that_cannot_be_used_is_named_before_anything_is_asked(
    package: Package, bench: Bench, what: str
) -> None:
    code, words = STARTERS[what]
    package.write(code + "\n")
    done = package.run()
    assert done.returncode == Exit.PLUGIN, done.stderr
    assert words in done.stderr
    assert "bad" in done.stderr
    assert "Traceback" not in done.stderr
    assert bench.requests() == 0


def test_a_renderer_that_hangs_is_named_and_the_next_run_goes_on(
    package: Package, bench: Bench, expected: dict[str, bytes]
) -> None:
    package.renderer("time.sleep(1000)")
    done = package.run("--set", "performance.plugin_timeout_s=0.5")
    assert done.returncode == Exit.PLUGIN
    assert "plugin bad hangs in render_document: no answer in 0.5 s" in done.stderr
    package.write("class Bad(Good): pass\n")
    assert package.run().returncode == 0
    assert others(bench.out) == expected


def test_a_renderer_that_hangs_in_the_second_process_is_named_too(tmp_path: Path) -> None:
    from notion_sync_demo import generate

    with Emulator(generate(410, seed=3)) as emulator:
        package = Package(Bench(emulator, tmp_path), tmp_path / "site")
        package.renderer("time.sleep(1000)")
        done = package.run("--set", "performance.plugin_timeout_s=0.5")
        assert done.returncode == Exit.PLUGIN
        assert "hangs in render_document" in done.stderr


def test_a_listener_that_fails_in_whatever_way_harms_nobody(
    package: Package, bench: Bench, expected: dict[str, bytes]
) -> None:
    mine = {name: content for name, content in expected.items() if name.startswith("markdown/")}
    for number, body in enumerate(["raise RuntimeError('oh')", "sys.exit(3)", "event.__dict__.clear()", "return 42"]):
        package.write(f"class Bad(Good):\n    @hookimpl\n    def on_event(self, event):\n        {body}\n")
        report = package.here(to=f"out{number}", renderers=("markdown", "json"), monitoring__listeners=["bad"])
        assert report.exit_code == 0, (body, report.error)
        found = others(bench.folder / f"out{number}")
        assert {name: content for name, content in found.items() if name.startswith("markdown/")} == mine


def test_a_listener_that_hangs_is_named(package: Package) -> None:
    package.write("class Bad(Good):\n    @hookimpl\n    def on_event(self, event):\n        time.sleep(1000)\n")
    listeners = ("--set", 'monitoring.listeners=["bad"]', "--set", "performance.plugin_timeout_s=0.5")
    done = package.run(*listeners, renderers=("markdown",))
    assert done.returncode == Exit.PLUGIN
    assert "plugin bad hangs in on_event" in done.stderr
