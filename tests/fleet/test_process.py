"""The process of a turn: what it is told and given, what it leaves, and that it can always be ended."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import pytest

from notion_sync_core.plugin import ConfigError, SinkError
from notion_sync_fleet.given import ENOUGH
from notion_sync_fleet.process import LOG_FORMAT, Launcher, TurnProcess
from notion_sync_fleet.values import Turn

TURN = Turn("docs", "acme", 3, 2, 0.5)
CANARY = "canary-0f6d2e"
ECHO = """
import json, os, sys
task = sys.stdin.buffer.readline()
said = sys.stdin.buffer.readline()
with open("outcome.json", "w") as file:
    json.dump({"reason": json.dumps([task.decode(), said.decode(), dict(os.environ), sys.argv]), "remedy": ""}, file)
sys.exit(3)
"""
DEAF = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
with open("child", "w") as file:
    file.write(str(child.pid))
print(flush=True)
sys.stdin.readline()
child.wait()
"""


def launcher(tmp_path: Path, program: str, resolve: object = None) -> Launcher:
    return Launcher(
        "host=desk password=hunter22", "/vault", 3.0, resolve or (lambda _: CANARY),  # type: ignore[arg-type]
        {**os.environ, "ACME_TOKEN": CANARY, "AWS_REGION": "here", "NOTION_SYNC_DESK": "hunter22", LOG_FORMAT: "json"},
        tmp_path, (sys.executable, "-c", program),
    )  # fmt: skip


def begun(tmp_path: Path, program: str) -> TurnProcess:
    return launcher(tmp_path, program)(TURN, "env:ACME_TOKEN", "[export]\n", 7.5)


def test_it_is_told_everything_on_its_input_and_nothing_anywhere_else(tmp_path: Path) -> None:
    child = begun(tmp_path, ECHO)
    child.say(ENOUGH)
    assert child.process.wait(60) == child.ended() == 3
    task, said, environ, arguments = json.loads(child.outcome().reason)
    told = json.loads(task)
    assert (told["secrets"], told["desk"], told["config"]) == (
        {"NOTION_TOKEN": CANARY}, "host=desk password=hunter22", "[export]\n"
    )  # fmt: skip
    assert told["folder"] == str(child.folder)
    assert said == ENOUGH.decode()
    assert not [value for value in [*environ.values(), *arguments] if CANARY in value or "hunter22" in value]
    assert (environ["AWS_REGION"], environ[LOG_FORMAT]) == ("here", "json")
    child.clear()
    assert list(tmp_path.iterdir()) == []


def test_what_is_said_to_one_that_is_dead_is_no_error(tmp_path: Path) -> None:
    child = begun(tmp_path, "")
    child.process.wait(60)
    child.say(ENOUGH)
    child.stop()
    child.kill()
    assert child.ended() == 0
    assert child.outcome().reason == ""
    child.clear()


def test_one_that_does_not_listen_never_makes_the_worker_wait(tmp_path: Path) -> None:
    child = begun(tmp_path, "import signal; signal.pause()")
    for _ in range(20_000):
        child.say(b"1234567.123456\n")
    child.kill()
    assert child.process.wait(60) == -signal.SIGKILL
    child.clear()


def test_one_that_will_not_end_is_ended_with_all_that_it_began(tmp_path: Path) -> None:
    child = begun(tmp_path, DEAF)
    while not (child.folder / "child").exists() or not (child.folder / "child").read_text():
        assert child.ended() is None
    grandchild = os.pidfd_open(int((child.folder / "child").read_text()))
    try:
        child.stop()
        child.kill()
        assert child.process.wait(60) == -signal.SIGKILL
        with pytest.raises(ProcessLookupError):
            while True:
                signal.pidfd_send_signal(grandchild, 0)
    finally:
        os.close(grandchild)
    child.clear()


def test_without_its_secret_no_process_is_started(tmp_path: Path) -> None:
    def refuse(_: str) -> str:
        raise ConfigError("the environment variable ACME_TOKEN is not set")

    with pytest.raises(ConfigError):
        launcher(tmp_path, ECHO, refuse)(TURN, "env:ACME_TOKEN", "", 1.0)
    assert list(tmp_path.iterdir()) == []


def test_a_machine_without_room_is_no_fault_of_the_job(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="no folder"):
        launcher(tmp_path / "nowhere", ECHO)(TURN, "", "", 1.0)
    with pytest.raises(SinkError, match="no process"):
        Launcher("", "", 3.0, str, {}, tmp_path, (str(tmp_path / "nothing"),))(TURN, "", "", 1.0)
    assert list(tmp_path.iterdir()) == []
