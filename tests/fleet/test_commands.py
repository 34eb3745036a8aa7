"""The commands of a fleet, as a person types them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attrs import define, field

from conftest import tree
from fleet.desks import ADDRESS, needs_postgres
from notion_sync_core import Stop
from notion_sync_demo import Emulator, sample_workspace
from notion_sync_fleet.connection import Connection
from shell import Shell

TOKEN = "ntn_canary0000000000000000000000"


@define
class Typed:
    """Somebody at a command line, with the file of a fleet."""

    shell: Shell
    workers: list[subprocess.Popen[str]] = field(factory=list)

    def file(self, name: str, text: str) -> Path:
        path = self.shell.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def job(self, name: str, fleet: str = "", more: str = "") -> Path:
        out = self.shell.folder / "out" / name
        return self.file(
            f"jobs/{name}.toml",
            f'[export]\nsinks = [{{use = "fs", path = "{out}", fsync = false}}]\n'
            f'[notion]\nbase_url = "{self.shell.environ["NOTION_SYNC_NOTION__BASE_URL"]}"\n'
            f'[performance]\nrequests = 0\n{more}[plugins.fleet]\ntoken = "env:ACME_TOKEN"\n{fleet}',
        )

    def __call__(self, *arguments: str, code: int = 0, **environ: str | None) -> str:
        given = {"FLEET_DESK": ADDRESS, "ACME_TOKEN": TOKEN, "NOTION_TOKEN": None, **environ}
        done = self.shell("fleet", *arguments, "--config", "fleet.toml", **given)
        assert done.returncode == code, done.stdout + done.stderr
        assert TOKEN not in done.stdout + done.stderr
        return done.stdout + done.stderr

    def status(self) -> dict[str, Any]:
        found = json.loads(self("status", "--json"))
        return {**found, "jobs": {each["job"]: each for each in found["jobs"]}}

    def worker(self) -> subprocess.Popen[str]:
        given = {**self.shell.environ, "FLEET_DESK": ADDRESS, "ACME_TOKEN": TOKEN}
        given.pop("NOTION_TOKEN")
        command = [sys.executable, "-m", "notion_sync_core", "fleet", "worker", "--json", "--config", "fleet.toml"]
        process = subprocess.Popen(
            command, cwd=self.shell.folder, env=given, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        self.workers.append(process)
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["slots"] == 2
        return process


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with Emulator(sample_workspace(), token=TOKEN) as found:
        yield found


@pytest.fixture
def typed(emulator: Emulator, tmp_path: Path) -> Iterator[Typed]:
    """In an empty folder, with the file of a fleet."""
    found = Typed(Shell(tmp_path, emulator))
    found.file(
        "fleet.toml",
        f'[plugins.fleet]\ndesk = "env:FLEET_DESK"\nvault = "{tmp_path / "vault"}"\nslots = 2\nlease_s = 5\n',
    )
    yield found
    for process in found.workers:  # of a test that failed
        process.kill()


@pytest.fixture
def desk(typed: Typed) -> Typed:
    """The same, with an empty desk."""
    with closing(Connection(ADDRESS)) as connection, connection.transaction() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS notion_sync_fleet CASCADE")
    assert "format 2" in typed("init")
    return typed


# -- mistakes, without a desk


def test_a_fleet_that_has_no_desk_says_how_to_name_one(typed: Typed) -> None:
    typed.file("fleet.toml", "")
    assert 'plugins.fleet.desk = "env:NOTION_SYNC_DESK"' in typed("status", code=2)


def test_the_address_itself_is_refused_and_not_repeated(typed: Typed) -> None:
    typed.file("fleet.toml", '[plugins.fleet]\ndesk = "host=x password=hunter22"\n')
    said = typed("status", code=2)
    assert "where the address is, not what it is" in said
    assert "hunter22" not in said


def test_a_variable_that_is_not_set_is_named(typed: Typed) -> None:
    assert "FLEET_DESK is not set" in typed("status", code=2, FLEET_DESK=None)


def test_a_desk_that_is_away_ends_with_7_and_shows_no_password(typed: Typed) -> None:
    said = typed("status", code=7, FLEET_DESK="host=/nowhere user=fleet password=hunter22")
    assert "the desk does not answer" in said
    assert "hunter22" not in said


def test_a_key_that_is_misspelt_is_told_with_the_nearest(typed: Typed) -> None:
    typed.file("fleet.toml", '[plugins.fleet]\ndesk = "env:FLEET_DESK"\nslot = 3\n')
    assert "slots" in typed("status", code=2)


@pytest.mark.parametrize("json_", [True, False])
def test_an_error_is_json_for_programs(typed: Typed, json_: bool) -> None:
    typed.file("fleet.toml", "")
    done = typed.shell("fleet", "status", "--config", "fleet.toml", *(["--json"] if json_ else []))
    assert (json.loads(done.stdout)["error"]["exit"] if json_ else done.stdout) == (2 if json_ else "")


# -- on a desk


@needs_postgres
def test_without_tables_the_remedy_is_a_command(desk: Typed) -> None:
    with closing(Connection(ADDRESS)) as connection, connection.transaction() as cursor:
        cursor.execute("DROP SCHEMA notion_sync_fleet CASCADE")
    assert "notion-sync fleet init" in desk("status", code=10)


@needs_postgres
def test_jobs_are_applied_parked_and_released(desk: Typed) -> None:
    desk.job("docs", 'tenant = "acme"\nevery = "15m"\n')
    desk.job("wiki", 'tenant = "zeta"\n')
    assert "2 jobs applied." in desk("apply", "jobs")
    assert desk.status()["counts"] == {"waiting": 2, "due": 2, "running": 0, "parked": 0}
    assert "Did you mean 'docs'?" in desk("park", "doc", code=2)
    desk("park", "docs", "--reason", "its bucket moves")
    assert "its bucket moves" in desk("status")
    assert "is parked: its bucket moves" in desk("run", "docs", code=2)
    desk("release", "docs")
    desk("run", "docs")
    (desk.shell.folder / "jobs" / "wiki.toml").unlink()
    assert "1 job applied, parked: wiki." in desk("apply", "jobs")
    desk.job("wiki")
    assert desk.status()["jobs"]["wiki"]["standing"] == "parked"
    desk("apply", "jobs/docs.toml")
    desk("apply", "jobs")
    assert desk.status()["jobs"]["wiki"]["standing"] == "waiting"
    desk("park", "wiki")
    desk("apply", "jobs")
    assert desk.status()["jobs"]["wiki"]["standing"] == "parked", "a person said so"


@needs_postgres
@pytest.mark.parametrize(
    ("fleet", "more", "said"),
    [
        ('tenant = "a/b"\n', "", "plugins.fleet.tenant"),
        ('every = "3s"\n', "", "15m, 1h or 1d"),
        ("", '[history]\nstore = "s3://other/place"\n', "history.store"),
        ("", "[export.unknown]\n", "unknown"),
    ],
)
def test_a_file_that_cannot_be_used_changes_nothing(desk: Typed, fleet: str, more: str, said: str) -> None:
    desk.job("a")
    desk.job("b", fleet, more)
    assert said in desk("apply", "jobs", code=2)
    assert desk.status()["jobs"] == {}


@needs_postgres
@pytest.mark.parametrize("sinks", ['sinks = [{use = "fs", path = "out"}]', ""])
def test_a_place_that_goes_with_the_turn_is_refused(desk: Typed, sinks: str) -> None:
    desk.file("jobs/a.toml", f'[export]\n{sinks}\n[plugins.fleet]\ntoken = "env:ACME_TOKEN"\n')
    assert "no place that all workers see" in desk("apply", "jobs", code=2)


@needs_postgres
@pytest.mark.parametrize("token", ["keyring:acme", "file:acme.txt"])
def test_a_token_that_other_machines_do_not_have_is_refused(desk: Typed, token: str) -> None:
    desk.file("jobs/a.toml", f'[plugins.fleet]\ntoken = "{token}"\n')
    assert "which other machines do not have" in desk("apply", "jobs", code=2)


@needs_postgres
def test_a_worker_needs_its_vault(desk: Typed) -> None:
    (desk.shell.folder / "vault").rmdir()
    assert "the vault is not there" in desk("worker", code=6)


@needs_postgres
def test_a_worker_that_is_killed_leaves_its_job_to_another_and_one_that_is_told_to_stop_ends_well(
    desk: Typed, emulator: Emulator
) -> None:
    desk.job("docs")
    desk("apply", "jobs")
    emulator.latency_s = 5  # it will not be done soon
    one = desk.worker()
    clock = Stop()
    while emulator.counters.total < 2:
        clock.wait(0.1)
    two = desk.worker()
    os.kill(one.pid, signal.SIGKILL)
    emulator.latency_s = 0
    one.communicate()
    while desk.status()["jobs"]["docs"]["exit"] != 0:
        assert two.poll() is None
        clock.wait(0.1)
    found = desk.status()["jobs"]["docs"]
    assert (found["generation"], found["died"], found["standing"]) == (2, 0, "waiting")
    two.send_signal(signal.SIGTERM)
    _, log = two.communicate(timeout=60)
    assert two.returncode == 0
    assert TOKEN not in log
    desk("sweep")
    done = desk.shell("export", "--to", "fresh", NOTION_TOKEN=TOKEN)
    assert done.returncode == 0, done.stderr
    assert tree(desk.shell.folder / "out" / "docs") == tree(desk.shell.folder / "fresh")
