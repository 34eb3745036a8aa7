"""``notion-sync serve`` as a process: signals, what systemd hears, mistakes."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import pytest

from notion_sync_demo import Emulator, Fault, Workspace
from plugins.test_serve_parts import message, signed

pytestmark = pytest.mark.campaign  # what it runs others measure

SLOW_S = 12.0


class Process:
    """A process that serves one job, and what it said."""

    def __init__(self, folder: Path, server: Emulator, **environ: str) -> None:
        self.folder = folder
        self.file = folder / "job.toml"
        self.file.write_text(
            f'[export]\nsinks = [{{use = "fs", path = "out", fsync = false}}]\n[notion]\nbase_url = "{server.url}"\n'
            f'[performance]\nrequests = 0\nworkers = 1\n[deployment]\nstate_dir = "state"\nschedule = "every 1h"\n'
            'webhooks = true\n[monitoring]\naddress = "127.0.0.1:0"\n[plugins.serve]\njitter_s = 0\n'
        )
        self.log: IO[bytes] = (folder / "log").open("wb")
        words = ["notion_sync_core", "serve", "--config", str(self.file), "--json"]
        self.child = subprocess.Popen(
            [sys.executable, "-m", *words],
            stdout=subprocess.PIPE, stderr=self.log, env={**os.environ, "NOTION_TOKEN": server.token, **environ},
        )  # fmt: skip
        assert self.child.stdout is not None
        line = self.child.stdout.readline()
        assert line, self.said()
        self.host = json.loads(line)["url"].removeprefix("http://")

    def said(self) -> str:
        return (self.folder / "log").read_text()

    def ask(self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> tuple[int, str]:
        line = http.client.HTTPConnection(self.host, timeout=10)
        try:
            line.request("POST" if body is not None else "GET", path, body, headers or {})
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        finally:
            line.close()

    def job(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ask("/status.json")[1])["jobs"][0]
        return found

    def until(self, good: Any, within_s: float = 20.0) -> float:
        """Wait for something that other processes do; gives the seconds it took."""
        began = time.monotonic()
        while not good():
            assert time.monotonic() - began < within_s, self.said()
            time.sleep(0.05)
        return time.monotonic() - began

    def close(self) -> None:
        self.child.kill()
        self.child.communicate()
        self.log.close()

    def end(self, signum: int, within_s: float = 20.0) -> tuple[int, float]:
        began = time.monotonic()
        self.child.send_signal(signum)
        return self.child.wait(within_s), time.monotonic() - began


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    space = Workspace("Small", seed=3)
    top = space.add_page(None, "Top")
    for number in range(5):
        space.add_page(top, f"Page {number}")
    with Emulator(space) as server:
        yield server


@pytest.fixture
def process(tmp_path: Path, emulator: Emulator) -> Iterator[Process]:
    found = Process(tmp_path, emulator, NOTION_WEBHOOK_TOKEN="secret_hook_of_ours")
    yield found
    found.close()


def test_a_webhook_brings_its_page_within_seconds_and_sigterm_ends_with_0(process: Process, emulator: Emulator) -> None:
    process.until(lambda: process.job()["last_success"])
    page = next(each for each in emulator.workspace.pages if emulator.workspace.title(each) == "Page 3")
    with emulator.lock:
        emulator.workspace.rename(page, "Renamed")
        emulator.log.clear()
    now = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
    body = message(entity={"id": page, "type": "page"}, timestamp=now)
    headers = {"Content-Type": "application/json", "X-Notion-Signature": signed(body, "secret_hook_of_ours")}
    assert process.ask("/webhooks/notion", body, headers)[0] == 200
    process.until(lambda: (process.folder / "out/Top/Renamed.md").exists())
    assert not [path for path in emulator.log if "search" in path]
    code, seconds = process.end(signal.SIGTERM)
    assert code == 0
    assert seconds < 10
    said = process.said()
    assert "secret_hook_of_ours" not in said
    assert emulator.token not in said
    assert "Traceback" not in said


def test_a_new_configuration_is_loaded_by_sighup_and_a_bad_one_refused(process: Process) -> None:
    process.until(lambda: process.job()["last_success"])
    text = process.file.read_text()
    process.file.write_text(text.replace("every 1h", "every 2h"))
    process.child.send_signal(signal.SIGHUP)
    process.until(lambda: process.job()["schedule"] == "every 2h")
    process.file.write_text(text.replace("every 1h", "whenever"))
    process.child.send_signal(signal.SIGHUP)
    process.until(lambda: "the old one goes on" in process.said())
    assert process.ask("/readyz")[0] == 200
    assert process.job()["schedule"] == "every 2h"
    assert process.end(signal.SIGINT)[0] == 0


def test_a_run_that_waits_for_a_silent_server_is_left_behind_in_time_and_resumed(
    tmp_path: Path, emulator: Emulator
) -> None:
    emulator.faults.add(Fault("hang", path="/blocks/", seconds=SLOW_S, times=1))
    process = Process(tmp_path, emulator)
    process.until(lambda: process.job()["running"] and process.job()["running"]["requests"])
    code, seconds = process.end(signal.SIGTERM)
    assert code == 0
    assert seconds < 10
    emulator.faults.clear()
    again = Process(tmp_path, emulator)
    again.until(lambda: again.job()["last_success"])
    assert len(list((tmp_path / "out/Top").iterdir())) == 5
    assert again.end(signal.SIGTERM)[0] == 0
    process.close()
    again.close()


def test_the_second_signal_leaves_at_once(tmp_path: Path, emulator: Emulator) -> None:
    emulator.faults.add(Fault("hang", path="/blocks/", seconds=SLOW_S / 3, times=1))
    process = Process(tmp_path, emulator)
    process.until(lambda: process.job()["running"] and process.job()["running"]["requests"])
    process.child.send_signal(signal.SIGTERM)
    process.until(lambda: "stopping" in process.said())
    code, seconds = process.end(signal.SIGTERM)
    assert code == -signal.SIGTERM
    assert seconds < 2
    emulator.faults.clear()
    process.close()


def test_systemd_hears_of_start_life_and_end(tmp_path: Path, emulator: Emulator) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind(str(tmp_path / "notify"))
        heard.settimeout(10)
        process = Process(tmp_path, emulator, NOTIFY_SOCKET=str(tmp_path / "notify"), WATCHDOG_USEC="1000000")
        told: list[str] = []
        while told.count("WATCHDOG=1") < 3:
            told.append(heard.recv(1000).decode())
        assert "READY=1" in told
        assert any(line.startswith("STATUS=1 job") for line in told)
        assert process.end(signal.SIGTERM)[0] == 0
        while told[-1] != "STOPPING=1":
            told.append(heard.recv(1000).decode())
        process.close()


def test_the_handshakes_token_is_shown_to_the_operator(tmp_path: Path, emulator: Emulator) -> None:
    process = Process(tmp_path, emulator)
    body = json.dumps({"verification_token": "secret_handshake_123"}).encode()
    for _ in range(2):
        assert process.ask("/webhooks/notion", body, {"Content-Type": "application/json"})[0] == 200
    assert process.said().count("secret_handshake_123") == 1
    assert "NOTION_WEBHOOK_TOKEN=…" in process.said()
    assert process.end(signal.SIGTERM)[0] == 0
    process.close()


@pytest.mark.parametrize(
    ("setting", "code", "told"),
    [
        ("plugins.serve.parralel=1", 2, "Did you mean 'plugins.serve.parallel'?"),
        ("monitoring.token=env:NOT_THERE", 2, "NOT_THERE is not set"),
    ],
)
def test_a_mistake_ends_the_start_with_its_remedy(
    tmp_path: Path, emulator: Emulator, setting: str, code: int, told: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "notion_sync_core", "serve", "--set", setting],
        capture_output=True, text=True, cwd=tmp_path, env={**os.environ, "NOTION_TOKEN": emulator.token}, check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert emulator.counters.total == 0


def test_a_port_that_is_taken_is_told(tmp_path: Path, emulator: Emulator) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        environ = {**os.environ, "NOTION_TOKEN": emulator.token}
        done = subprocess.run(
            [sys.executable, "-m", "notion_sync_core", "serve", "--set", f"monitoring.address={address}"],
            capture_output=True, text=True, cwd=tmp_path, env=environ, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert "cannot be listened on" in done.stderr
