"""The main loop of ``serve``: real runs against the emulator, at moments that a fake clock gives."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from notion_sync_core.plugin import ConfigError, Event, HealthChanged, NotAuthorisedError, PluginError
from notion_sync_core.testing import FakeClock
from notion_sync_demo import Emulator, Fault, Workspace
from notion_sync_serve import deployment
from notion_sync_serve.notify import Notifier
from notion_sync_serve.overview import overview
from notion_sync_serve.server import Server
from notion_sync_serve.service import Service
from notion_sync_serve.worker import Worker

FILE = """
[export]
sinks = [{{use = "fs", path = "out-{name}", fsync = false}}]
[notion]
base_url = "{url}"
[performance]
requests = 0
max_attempts = 1
[deployment]
state_dir = "state"
schedule = "every 10m"
"""


def inline(work: Callable[[], None]) -> None:
    work()


class Place:
    """A folder with a configuration of some jobs, and a service over it whose runs last as long as the test wants."""

    def __init__(self, folder: Path, server: Emulator) -> None:
        self.folder, self.server = folder, server
        self.clock = FakeClock(1_900_000_000.0)
        self.held: list[Callable[[], None]] = []
        self.holds = False
        self.main('jobs = ["jobs/"]')
        (folder / "jobs").mkdir()

    def main(self, jobs: str, more: str = "") -> None:
        (self.folder / "main.toml").write_text(f"[deployment]\n{jobs}\n{more}\n")

    def write(self, name: str, *changes: tuple[str, str], folder: str = "jobs") -> None:
        text = FILE.format(name=name, url=self.server.url)
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        (self.folder / folder / f"{name}.toml").write_text(text)

    def load(self) -> deployment.Deployment:
        return deployment.load(self.folder / "main.toml")

    def service(self) -> Service:
        return Service(
            self.load(), self.load, self.clock, Notifier({}), launch=self._launch, aside=inline, chance=lambda: 0.0
        )

    def _launch(self, work: Callable[[], None]) -> threading.Thread | None:
        if self.holds:
            self.held.append(work)
        else:
            work()
        return None

    def written(self) -> set[str]:
        return {path.name for path in self.folder.glob("jobs/out-*") if any(path.rglob("*.md"))}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    space = Workspace("Small", seed=3)
    top = space.add_page(None, "Top")
    space.add_page(top, "Below")
    with Emulator(space) as server:
        monkeypatch.setenv("NOTION_TOKEN", server.token)
        found = Place(tmp_path, server)
        found.write("a")
        found.write("b")
        yield found  # type: ignore[misc]


def statuses(service: Service) -> dict[str, str]:
    return {check.name: check.status for check in service.all_checks()}


def test_every_job_runs_at_once_and_again_when_its_period_is_over(place: Place) -> None:
    service = place.service()
    service.tick()
    assert place.written() == {"out-a", "out-b"}
    assert set(statuses(service).values()) == {"pass"}
    place.clock.time += 599
    service.tick()
    assert [worker.runs for worker in service.workers.values()] == [1, 1]
    place.clock.time += 2
    service.tick()
    assert [worker.runs for worker in service.workers.values()] == [2, 2]


def test_no_more_jobs_run_at_once_than_may_and_none_with_itself(place: Place) -> None:
    place.main('jobs = ["jobs/"]', "[plugins.serve]\nparallel = 1")
    place.holds = True
    service = place.service()
    for _ in range(3):
        service.tick()
        assert len(place.held) == 1
    place.clock.time += 1300
    service.tick()
    assert len(place.held) == 1
    place.held.pop()()
    service.tick()
    assert len(place.held) == 1
    running = next(worker for worker in service.workers.values() if worker.running)
    place.held.pop()()
    assert running.runs == 1
    service.tick()
    assert sum(worker.timetable.missed for worker in service.workers.values()) > 0


def test_a_hint_reads_its_page_alone_and_the_next_schedule_reads_the_rest(place: Place) -> None:
    service = place.service()
    service.tick()
    space = place.server.workspace
    top, below = space.pages
    space.rename(below, "Told")
    space.add_page(top, "Not told")
    place.server.log.clear()
    service.hint(below, "page")
    service.tick()
    assert [worker.runs for worker in service.workers.values()] == [1, 1], "it waits until a burst is over"
    place.clock.time += 1.1
    service.tick()
    assert (place.folder / "jobs/out-a/Top/Told.md").exists()
    assert not (place.folder / "jobs/out-a/Top/Not told.md").exists()
    assert not [path for path in place.server.log if "search" in path]
    place.clock.time += 600
    service.tick()
    assert {path.name for path in (place.folder / "jobs/out-a/Top").iterdir()} == {"Told.md", "Not told.md"}


def test_a_hint_about_another_workspace_is_none(place: Place) -> None:
    service = place.service()
    service.tick()
    page = next(iter(place.server.workspace.pages))
    service.hint(page, "page", "00000000-0000-4000-8000-000000000000")
    assert [len(worker.hints) for worker in service.workers.values()] == [0, 0]
    service.hint(page, "page", place.server.workspace.id)
    assert [len(worker.hints) for worker in service.workers.values()] == [1, 1]


def test_a_job_that_does_not_end_well_for_three_periods_fails_by_name_and_the_process_stays_ready(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = place.service()
    service.tick()
    place.server.faults.add(Fault("400", path="search"))
    told: list[Event] = []
    monkeypatch.setattr(Worker, "hear", lambda _, event: told.append(event))
    for period in range(1, 5):
        place.clock.time += 605
        service.tick()
        found = statuses(service)
        assert found["job a"] == ("fail" if period > 2 else "warn")
        assert "fail" not in {check.status for check in service.ready_checks()}
    assert any(isinstance(event, HealthChanged) and event.check == "job a" for event in told)
    place.server.faults.clear()
    place.clock.time += 605
    service.tick()
    assert statuses(service)["job a"] == "pass"


def test_a_good_new_configuration_is_taken_over_without_losing_a_run(place: Place) -> None:
    place.holds = True
    service = place.service()
    service.tick()
    assert len(place.held) == 2
    (place.folder / "jobs/b.toml").unlink()
    place.write("a", ("every 10m", "every 20m"))
    place.write("c")
    service.reload()
    service.tick()
    service.tick()
    assert set(service.workers) == {"a", "c"}
    assert len(place.held) == 2, "what runs goes on, and there is no room for c yet"
    for work in place.held:
        work()
    place.held.clear()
    place.holds = False
    service.tick()
    service.tick()
    assert place.written() == {"out-a", "out-b", "out-c"}
    assert service.workers["a"].timetable.schedule.text == "every 20m"
    assert not service.refused
    assert not service._leaving


def test_a_job_that_leaves_and_comes_back_during_its_run_is_the_same(place: Place) -> None:
    place.holds = True
    service = place.service()
    service.tick()
    worker = service.workers["b"]
    text = (place.folder / "jobs/b.toml").read_text()
    (place.folder / "jobs/b.toml").unlink()
    service.reload()
    service.tick()
    service.tick()
    assert "b" not in service.workers
    (place.folder / "jobs/b.toml").write_text(text.replace("every 10m", "every 30m"))
    service.reload()
    service.tick()
    service.tick()
    assert service.workers["b"] is worker
    for work in place.held:
        work()
    service.tick()
    assert worker.entry.schedule.text == "every 30m"
    assert (worker.runs, worker.is_leaving) == (1, False)


def test_what_is_fixed_at_the_start_is_told_when_it_changes(
    place: Place, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOOK", "let me look")
    service = place.service()
    place.main('jobs = ["jobs/"]\nwebhooks = true', '[monitoring]\naddress = "127.0.0.1:0"\ntoken = "env:LOOK"')
    service.reload()
    service.tick()
    service.tick()
    told = [record.getMessage() for record in caplog.records if "restart" in record.getMessage()]
    assert [line.split()[0] for line in told] == ["monitoring.address", "monitoring.token", "deployment.webhooks"]
    assert "let me look" not in caplog.text


def test_a_bad_new_configuration_is_refused_and_told_and_the_old_one_goes_on(place: Place) -> None:
    service = place.service()
    service.tick()
    place.write("a", ("every 10m", "every now and then"))
    service.reload()
    service.tick()
    service.tick()
    assert "deployment.schedule is 'every now and then'" in service.refused
    assert statuses(service)["configuration"] == "warn"
    place.clock.time += 601
    service.tick()
    assert [worker.runs for worker in service.workers.values()] == [2, 2]
    place.write("a")
    service.reload()
    service.tick()
    service.tick()
    assert statuses(service)["configuration"] == "pass"


def test_a_restart_goes_by_what_the_state_remembers(place: Place) -> None:
    place.service().tick()
    again = place.service()
    worker = again.workers["a"]
    assert worker.last_success is not None
    assert worker.problem == ""
    assert worker.timetable.due > place.clock.now() or worker.timetable.due == place.clock.now()


def test_a_person_may_ask_for_a_run(place: Place) -> None:
    service = place.service()
    service.tick()
    assert not service.ask("nobody")
    assert service.ask("b")
    service.tick()
    assert [worker.runs for worker in service.workers.values()] == [1, 2]


def test_while_it_stops_nothing_begins(place: Place) -> None:
    service = place.service()
    service.stop(15)
    service.run()
    assert place.written() == set()
    assert statuses(service)["draining"] == "fail"
    assert not service.ask("a")


def test_the_overview_tells_of_runs_progress_and_failures(place: Place) -> None:
    place.holds = True
    service = place.service()
    service.tick()
    told = {job["name"]: job for job in overview(service)["jobs"]}
    assert told["a"]["running"]["why"] == "schedule"
    place.server.faults.add(Fault("400", path="/blocks/"))
    for work in place.held:
        work()
    told = {job["name"]: job for job in overview(service)["jobs"]}
    assert told["a"]["running"] is None
    assert told["a"]["failed"] == 2
    assert told["a"]["failures"][0]["remedy"]
    assert told["a"]["last_runs"][0]["status"] == "partial"
    assert "2 objects failed" in told["a"]["problem"]


@pytest.mark.parametrize(
    ("files", "main", "told"),
    [
        ({"a": ("out-a", "out-b")}, "", "a and b have one place"),
        ({}, 'jobs = ["jobs/", "more/a.toml"]', "two files give a job called 'a'"),
        ({}, 'jobs = ["nothing.toml"]', "which is not there"),
        ({}, 'jobs = ["empty/"]', "has no file *.toml"),
        ({"a": ("[deployment]", '[deployment]\njobs = ["x.toml"]')}, "", "a file that is a job itself"),
        ({}, 'jobs = ["jobs/"]\n[monitoring]\naddress = "0.0.0.0:0"', "can be reached by others"),
        ({}, 'jobs = ["jobs/"]\n[plugins.serve]\nactions = true', "plugins.serve.token is not set"),
        ({}, 'jobs = ["jobs/"]\n[plugins.serve]\nparallel = 0', "plugins.serve.parallel is 0"),
        ({"a": ("[deployment]", '[plugins.serve]\nmode = "wish"\n[deployment]')}, "", "plugins.serve.mode is 'wish'"),
    ],
)
def test_jobs_that_cannot_be_served_together_are_told_before_anything_runs(
    place: Place, files: dict[str, tuple[str, str]], main: str, told: str
) -> None:
    (place.folder / "more").mkdir()
    (place.folder / "empty").mkdir()
    place.write("a", folder="more")
    for name, change in files.items():
        place.write(name, change)
    if main:
        place.main(main)
    with pytest.raises(ConfigError) as caught:
        place.load()
    assert told in caught.value.message


def test_what_a_library_is_needed_for_is_told_with_its_name(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "waitress.server", None)
    with pytest.raises(PluginError) as caught:
        Server(lambda *_: [], "127.0.0.1:0")
    assert "pip install waitress" in caught.value.remedy
    monkeypatch.setitem(sys.modules, "cronsim", None)
    place.write("a", ("every 10m", "0 6 * * *"))
    with pytest.raises(ConfigError) as told:
        place.load()
    assert "pip install cronsim" in told.value.remedy


def test_a_job_without_a_token_ends_the_start(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTION_TOKEN")
    with pytest.raises(NotAuthorisedError):
        place.load()


def test_metrics_tell_how_often_the_schedule_lets_a_job_run(place: Place) -> None:
    def interval(service: Service) -> float:
        [listener] = service.workers["a"].entry.job.listeners()
        [line] = [
            each for each in listener.plugin.exposition().body.decode().splitlines() if "run_interval_seconds{" in each
        ]
        return float(line.rpartition(" ")[2])

    place.write("a", ("every 10m", "every 20m"))
    path = place.folder / "jobs/a.toml"
    path.write_text(path.read_text() + '\n[monitoring]\nlisteners = ["metrics"]\n')
    service = place.service()
    service.tick()
    assert interval(service) == 1200
    path.write_text(path.read_text().replace("every 20m", "every 30m"))
    service.reload()
    for _ in range(3):
        service.tick()
        place.clock.time += 1200
    assert interval(service) == 1800
