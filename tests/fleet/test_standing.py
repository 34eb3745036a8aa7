"""How a fleet stands, and how files of jobs come to its desk: on a desk in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.desks import Bench, in_memory
from notion_sync_core.plugin import ConfigError
from notion_sync_fleet.applying import GONE, apply_all
from notion_sync_fleet.office import version_of
from notion_sync_fleet.standing import facts, known, lines


@pytest.fixture
def bench() -> Bench:
    return in_memory()


def test_what_is_parked_comes_first_with_what_is_to_be_done(bench: Bench) -> None:
    for name in ("a", "b", "c", "d"):
        bench.add(name, f"tenant {name}")
    turn = bench.claim("one")
    bench.desk.finish(turn, 4, "the token is not valid", "Make a new one.")
    running = bench.claim("two")
    bench.pass_time(90)
    found = facts(bench.desk, "", {"f00d": 17})
    assert found["counts"] == {"waiting": 2, "due": 2, "running": 1, "parked": 1}
    assert found["longest_lag_s"] == 90
    assert found["budgets"] == [{"name": "f00d", "taken": 17}]
    told = list(lines(found))
    assert told[0] == "1 running, 2 due (the longest for 90 s), 0 waiting for their time, 1 parked"
    assert told[1].split() == ["parked", turn.job, "tenant", turn.job, *["the", "token", "is", "not", "valid"]]
    assert told[2].strip() == "Make a new one."
    assert told[3].endswith(f"turn {running.fence} at two")
    assert told[4].endswith("never ran")
    assert told[-1].split() == ["budget", "f00d", "17", "requests", "taken"]


def test_jobs_of_one_tenant_alone(bench: Bench) -> None:
    bench.add("a", "acme")
    bench.add("b", "blue")
    assert [each["job"] for each in facts(bench.desk, "blue", {})["jobs"]] == ["b"]


def test_a_job_that_is_not_known_is_told_with_the_nearest(bench: Bench) -> None:
    bench.add("handbook")
    assert known(bench.desk, "handbook").id == "handbook"
    with pytest.raises(ConfigError, match="Did you mean 'handbook'"):
        known(bench.desk, "handbok")


def job(folder: Path, name: str, fleet: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.toml"
    given = fleet or 'token = "env:ACME"\n'
    path.write_text(f'[export]\nsinks = [{{use = "fs", path = "/mirrors/{name}"}}]\n[plugins.fleet]\n{given}')
    return path


def test_a_folder_says_which_jobs_there_are_and_a_file_says_nothing_of_others(bench: Bench, tmp_path: Path) -> None:
    jobs = tmp_path / "jobs"
    job(jobs, "a", 'tenant = "acme"\nevery = "15m"\nweight = 2\nmost = 1\ntoken = "env:ACME"\n')
    gone = job(jobs, "b")
    assert apply_all(bench.desk, [jobs], {}) == (["a", "b"], [])
    found = bench.job("a")
    assert (found.tenant, found.every_s, found.token) == ("acme", 900, "env:ACME")
    with bench.tables.transaction():
        tenant = bench.tables.tenant("acme")
        assert tenant is not None
        assert (tenant.weight, tenant.most) == (2, 1)
        assert bench.tables.config("a") == (jobs / "a.toml").read_text()
    gone.unlink()
    assert apply_all(bench.desk, [jobs / "a.toml"], {}) == (["a"], [])
    assert apply_all(bench.desk, [jobs], {}) == (["a"], ["b"])
    assert (bench.job("b").standing, bench.job("b").reason) == ("parked", GONE)
    assert apply_all(bench.desk, [jobs], {}) == (["a"], []), "it is parked already"
    job(jobs, "b")
    apply_all(bench.desk, [jobs], {})
    assert bench.job("b").standing == "waiting"


def test_files_that_cannot_be_told_apart_or_are_not_there_change_nothing(bench: Bench, tmp_path: Path) -> None:
    one, two = job(tmp_path / "one", "a"), job(tmp_path / "two", "a")
    with pytest.raises(ConfigError, match="two files"):
        apply_all(bench.desk, [one, two], {})
    with pytest.raises(ConfigError, match="is not there"):
        apply_all(bench.desk, [one, tmp_path / "three.toml"], {})
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="has no file"):
        apply_all(bench.desk, [one, tmp_path / "empty"], {})
    with pytest.raises(ConfigError, match="cannot be the name"):
        apply_all(bench.desk, [job(tmp_path / "one", "not a name")], {})
    with pytest.raises(ConfigError, match="needs a token"):
        apply_all(
            bench.desk, [job(tmp_path / "one", "b", 'tenant = "acme"\n')], {"NOTION_TOKEN": "ntn_of_this_machine"}
        )
    assert list(bench.tables.jobs()) == []


@pytest.mark.parametrize(
    ("older", "newer"), [("1.9.0", "1.10.0"), ("1.2", "1.2.1"), ("0.9", "1.0"), ("nightly", "0.1"), ("1.2", "1.3rc1")]
)
def test_of_two_versions_the_newer_is_the_higher(older: str, newer: str) -> None:
    assert version_of(older) < version_of(newer)
