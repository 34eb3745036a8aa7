"""A secret that a plugin was given is in no file, message, log, report or state, whatever the plugin does with it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Bench

pytestmark = pytest.mark.campaign  # what it runs others measure

KEY = "CANARY-of-the-plugin"
PLUGIN = """
import hashlib, logging
from attrs import frozen
from notion_sync_core.plugin import Artifact, Secret, SkippableError, hookimpl

@frozen(eq=False)
class Sealed:
    password: Secret
    folder: str = ""
    format = "sealed"
    suffix = ".txt"

    @hookimpl
    def render_document(self, document, site):
        value = self.password.reveal()
        logging.getLogger("sealed").warning("with %s", value)
        site.warn(f"with {value}")
        if document.ref.title == "Safety":
            raise RuntimeError(f"cannot use {value}")
        return [Artifact(site.path(self.suffix), [hashlib.sha256(value.encode()).hexdigest().encode()], "text/plain")]

@frozen(eq=False)
class Loud:
    key: Secret

    @hookimpl
    def on_event(self, event):
        raise RuntimeError(self.key.reveal())
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    place = tmp_path / "site"
    info = place / "sealed-1.2.dist-info"
    info.mkdir(parents=True)
    (place / "sealed.py").write_text(PLUGIN)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: sealed\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(
        "[notion_sync.renderers]\nsealed = sealed:Sealed\n[notion_sync.listeners]\nloud = sealed:Loud\n"
    )
    return place


CONFIGURED = """
[export]
renderers = ["sealed"]
[plugins.sealed]
password = "env:SEALED"
[plugins.loud]
key = "env:SEALED"
[monitoring]
listeners = ["loud"]
"""


def notion_sync(
    bench: Bench, package: Path, *arguments: str, text: str = CONFIGURED, file: str = "job.toml"
) -> subprocess.CompletedProcess[bytes]:
    (bench.folder / file).parent.mkdir(exist_ok=True)
    (bench.folder / file).write_text(text)
    return subprocess.run(
        [sys.executable, "-m", "notion_sync_core", *arguments, "--config", file],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(package), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "NOTION_TOKEN": bench.emulator.token,
            "NOTION_SYNC_NOTION__BASE_URL": bench.emulator.url,
            "NOTION_SYNC_DEPLOYMENT__STATE_DIR": str(bench.folder / "state"),
            "NOTION_SYNC_PERFORMANCE__REQUESTS": "0",
            "SEALED": KEY,
        },
        cwd=bench.folder,
        capture_output=True,
        check=False,
    )


def test_a_plugin_s_secret_is_used_and_seen_nowhere(bench: Bench, package: Path) -> None:
    done = notion_sync(bench, package, "sync", "--to", "out", "--json", "-vv")
    assert done.returncode == 3, done.stderr.decode()[-2000:]
    assert b"cannot use [secret]" in done.stdout
    others = [
        notion_sync(bench, package, *words)
        for words in (
            ("config", "show"),
            ("status", "--to", "out"),
            ("check", "--to", "out", "--json"),
            ("plugins", "list"),
        )
    ]
    assert b'"env:SEALED"' in others[0].stdout
    for each in (done, *others):
        assert KEY.encode() not in each.stdout + each.stderr
    assert len(list(bench.out.rglob("*.txt"))) > 20
    for path in bench.folder.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


@pytest.mark.parametrize(
    "text",
    [
        f'[plugins.loud]\nkey = "{KEY}"\n',
        f'[monitoring]\nlisteners = [{{use = "loud", name = "mine"}}]\n[plugins.mine]\nkey = "{KEY}"\n',
        f'[monitoring]\nlisteners = [{{use = "loud", key = "{KEY}"}}]\n',
    ],
)
def test_what_was_wrongly_written_for_a_secret_is_not_shown(bench: Bench, package: Path, text: str) -> None:
    for words in (["show"], ["show", "--json"]):
        done = notion_sync(bench, package, "config", *words, text=text)
        assert done.returncode == 0, done.stderr
        assert b"[secret]" in done.stdout
        assert KEY.encode() not in done.stdout + done.stderr
    done = notion_sync(bench, package, "config", "check", text=text)
    assert (done.returncode, KEY.encode() in done.stderr) == (0 if text.startswith("[plugins") else 2, False)


def test_a_secret_in_a_file_is_named_relative_to_the_configuration(bench: Bench, package: Path) -> None:
    (bench.folder / "etc").mkdir()
    (bench.folder / "etc" / "key").write_text(KEY)
    (bench.folder / "etc" / "key").chmod(0o600)
    text = CONFIGURED.replace("env:SEALED", "file:key")
    done = notion_sync(bench, package, "sync", "--to", "out", text=text, file="etc/job.toml")
    assert done.returncode == 3, done.stderr.decode()[-2000:]
    assert KEY.encode() not in done.stdout + done.stderr
    assert len(list(bench.out.rglob("*.txt"))) > 20
