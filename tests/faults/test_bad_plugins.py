"""A bad plugin is named, and takes nothing from the others: their files are those of a run without it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Bench, tree
from notion_sync_core import pipeline
from notion_sync_core.errors import Exit
from notion_sync_core.plugins import build as building
from notion_sync_core.plugins.find import Available
from notion_sync_core.report import Report
from notion_sync_demo import Emulator, generate, sample_workspace

HEAD = """
import os, sys, time, itertools, re
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


_COMMAND = "from notion_sync_core import cli, pipeline; pipeline.MANY = {}; cli.main()"


class Package:
    """Somebody else's distribution, with one bad plugin in it."""

    many = pipeline.MANY
    """From how many documents on there is a second process."""

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
        find, load = building.find, building.load
        here = Available("renderers", "bad", "elsewhere", "1.2", "elsewhere:Bad")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(building, "find", lambda kind, name: here if name == "bad" else find(kind, name))
            patch.setattr(building, "load", lambda plugin: found["Bad"] if plugin is here else load(plugin))
            return self.bench.run(
                to=self.bench.folder / to, state=f"state-{to}", export__renderers=list(renderers), **flags
            )

    def run(self, *arguments: str, to: str = "out", renderers: tuple[str, ...] = ("bad", "markdown")) -> Any:
        running = self.start(*arguments, to=to, renderers=renderers)
        out, err = running.communicate(timeout=60)
        return subprocess.CompletedProcess([], running.returncode, out, err)

    def start(self, *arguments: str, to: str = "out", renderers: tuple[str, ...] = ("bad", "markdown")) -> Any:
        return subprocess.Popen(
            [
                *(sys.executable, "-c", _COMMAND.format(self.many)),
                *("sync", "--to", to, "--progress", "none", "--json"),
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
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


@pytest.fixture
def package(bench: Bench, tmp_path: Path) -> Package:
    return Package(bench, tmp_path / "site")


def others(folder: Path) -> dict[str, bytes]:
    """Files that are not the bad plugin's."""
    return {name: content for name, content in tree(folder).items() if not name.startswith(("bad", ".notion-sync"))}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What others write beside a plugin that does no harm."""
    folder = tmp_path_factory.mktemp("calm")
    with Emulator(sample_workspace()) as emulator:
        package = Package(Bench(emulator, folder), folder / "site")
        package.write("class Bad(Good): pass\n")
        assert package.here().exit_code == 0
    found = others(folder / "out")
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


SLOW = {
    "sleeps for ever": "time.sleep(1000)",
    "loops for ever": "while True: pass",
    "is in a regular expression that holds all threads": "re.match(r'(a+)+$', 'a' * 60 + 'b')",
    "sleeps in a chunk": "return [Artifact(site.path('.bad'), (time.sleep(1000) or b'' for _ in 'x'), 'x')]",
    "gives chunks for ever": "return [Artifact(site.path('.bad'), itertools.repeat(b'x', 1 << 40), 'x')]",
    "catches what it can": "\n".join(
        (
            "while True:",
            "            try:",
            "                time.sleep(1000)",
            "            except Exception:",
            "                pass",
        )
    ),
    "catches all of it once": "\n".join(
        ("try:", "            time.sleep(1000)", "        except:", "            time.sleep(1000)")
    ),
}
HANDBOOK = "Fernwood Bikes Handbook"


@pytest.mark.parametrize("what", SLOW)
def test_a_document_that_is_too_slow_to_render_fails_alone(
    package: Package, bench: Bench, expected: dict[str, bytes], what: str
) -> None:
    good = "return Good.render_document(self, document, site)"
    package.renderer(f"if document.ref.title != {HANDBOOK!r}: {good}\n        {SLOW[what]}")
    done = package.run("--set", "performance.plugin_timeout_s=0.5")
    assert done.returncode == Exit.PARTIAL, done.stderr
    (failure,) = json.loads(done.stdout)["failures"]
    assert failure["title"] == HANDBOOK
    assert "the renderer bad was not done after 0.5 s" in failure["error"]
    assert "raise performance.plugin_timeout_s" in failure["remedy"]
    assert others(bench.out) == expected
    assert len(list((bench.out / "bad").rglob("*.bad"))) > 10
    package.write("class Bad(Good): pass\n")
    assert package.run().returncode == 0
    assert others(bench.out) == expected


def test_a_renderer_that_always_hangs_has_ever_less_time(
    package: Package, bench: Bench, expected: dict[str, bytes]
) -> None:
    package.renderer("time.sleep(1000)")
    done = package.run("--set", "performance.render_timeout_s=0.5")
    assert done.returncode == Exit.PARTIAL, done.stderr
    said = Counter(item["error"].partition(" of work")[0] for item in json.loads(done.stdout)["failures"])
    assert said["the renderer bad gave nothing for 0.5 s"] == 1
    assert said["the renderer bad gave nothing for 0.25 s"] == 1
    assert said["the renderer bad gave nothing for 0.00781 s"] > 5
    assert others(bench.out) == expected


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Emulator(generate(100, seed=3)) as emulator:
        bench = Bench(emulator, tmp_path_factory.mktemp("large"))
        bench.good("export", to=bench.folder / "calm", state="state-calm")
        yield bench


FATAL = {
    "in a regular expression": (SLOW["is in a regular expression that holds all threads"], "was not done after 0.5 s"),
    "by the end of its process": ("os._exit(9)", "the rendering process ended with status 9"),
}


@pytest.mark.parametrize("how", FATAL)
def test_a_document_that_is_lost_in_the_second_process_fails_alone(large: Bench, tmp_path: Path, how: str) -> None:
    body, words = FATAL[how]
    calm = (large.folder / "calm" / ".notion-sync" / "manifest.jsonl").read_text().splitlines()
    lost = json.loads(calm[7])["id"]
    bench = Bench(large.emulator, tmp_path)
    package = Package(bench, tmp_path / "site")
    package.many = 50
    package.renderer(
        f"if 'render_process' in sys.argv[0] and document.ref.id == {lost!r}: {body}\n"
        "        return Good.render_document(self, document, site)"
    )
    done = package.run("--set", "performance.plugin_timeout_s=0.5")
    assert done.returncode == Exit.PARTIAL, done.stderr
    (failure,) = json.loads(done.stdout)["failures"]
    assert failure["id"] == lost
    assert words in failure["error"]
    made = {path.stem for path in (bench.out / "bad").rglob("*.bad")}
    assert len(made) > 80
    package.write("class Bad(Good): pass\n")
    assert package.run().returncode == 0


@pytest.mark.parametrize(
    ("what", "signum"), [*((what, signal.SIGTERM) for what in SLOW), ("loops for ever", signal.SIGINT)]
)
def test_a_signal_is_obeyed_while_a_document_is_rendered(
    package: Package, bench: Bench, expected: dict[str, bytes], what: str, signum: int
) -> None:
    body = SLOW[what]
    package.renderer(f"open({str(bench.folder / 'begun')!r}, 'w').close()\n        {body}")
    running = package.start()
    while not (bench.folder / "begun").exists():
        assert running.poll() is None
        time.sleep(0.05)
    time.sleep(0.2)
    running.send_signal(signum)
    out, _ = running.communicate(timeout=30)
    assert running.returncode == 128 + signum
    assert json.loads(out)["status"] == "interrupted"
    package.write("class Bad(Good): pass\n")
    assert package.run().returncode == 0
    assert others(bench.out) == expected


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
