"""A job in a program: made in words of Python, stopped, awaited, beside others; nothing but the job has state."""

from __future__ import annotations

import ast
import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

import notion_sync_core
from notion_sync_core import ConfigError, Event, Interrupted, Job, LimitReached, NotionSyncError, StateError, Stop
from notion_sync_core.events import ObjectRead, ObjectWritten, RunFinished
from notion_sync_core.plugin import Artifact, Document, Site, hookimpl
from notion_sync_demo import Emulator, sample_workspace
from notion_sync_fs import FileSystemSink
from notion_sync_notion import NotionSource

PACKAGE = Path(notion_sync_core.__file__).parent


@frozen(eq=False)
class Titles:
    """Each document as its title."""

    mark: str = "*"
    format: str = "titles"
    suffix: str = ".title"

    @hookimpl
    def render_document(self, document: Document, site: Site) -> Iterator[Artifact]:
        yield Artifact(site.path(self.suffix), [f"{self.mark} {document.ref.title}".encode()], "text/plain")


class Hears:
    """Counts what it is told."""

    def __init__(self) -> None:
        self.heard: list[Event] = []

    @hookimpl
    def on_event(self, event: Event) -> None:
        self.heard.append(event)


@pytest.fixture
def facts(server: Emulator, tmp_path: Path) -> dict[str, Any]:
    return {
        "token": server.token,
        "base_url": server.url,
        "to": [tmp_path / "out"],
        "state_dir": tmp_path / "state",
        "requests": 0,
    }


def test_a_job_needs_no_file_and_gives_a_report(facts: dict[str, Any], tmp_path: Path) -> None:
    seen: list[Event] = []
    report = Job.of(**facts).export(on_event=seen.append)
    assert report.status == "complete" and report.objects.read == 41
    assert sum(isinstance(each, ObjectRead) for each in seen) == 41
    assert isinstance(seen[-1], RunFinished)
    assert (tmp_path / "out" / "Fernwood Bikes Handbook.md").is_file()
    assert Job.of(**facts).sync().objects.unchanged == 41


def test_variables_of_the_command_line_do_not_reach_into_it(
    facts: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NOTION_SYNC_EXPORT__RENDERERS", "json")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notion-sync.toml").write_text('[export]\nrenderers = ["html"]\n')
    assert Job.of(**facts).config.export.renderers == ["markdown"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"assetss": True}, "Job.of: unknown key 'assetss'"),
        ({"naming": "nicely"}, "export.naming"),
        ({"renderers": "markdown"}, "renderers is no list"),
        ({"renderers": ["markdwon"]}, "no renderer named 'markdwon'"),
        ({"source": {"use": "notion"}}, "a source is a name or the plugin itself"),
        ({"to": ["S3://bucket"]}, "looks like a URL"),
        ({"plugins": {"markdown": {"no_such": 1}}}, "plugins.markdown.no_such"),
    ],
)
def test_what_is_said_wrongly_is_named(facts: dict[str, Any], wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Job.of(**{**facts, **wrong}).export()
    assert said in caught.value.message


def test_plugins_may_be_given_themselves(server: Emulator, facts: dict[str, Any], tmp_path: Path) -> None:
    hears = Hears()
    job = Job.of(
        **{
            **facts,
            "source": NotionSource(token=server.token, base_url=server.url),
            "to": [FileSystemSink(path=str(tmp_path / "mine"))],
            "renderers": [Titles(), {"use": Titles("+"), "name": "plus"}, "markdown"],
            "listeners": [hears],
            "render_processes": 1,
        }
    )
    assert job.export().status == "complete"
    assert (tmp_path / "mine" / "Titles" / "Fernwood Bikes Handbook.title").read_text() == "* Fernwood Bikes Handbook"
    assert (tmp_path / "mine" / "plus" / "Fernwood Bikes Handbook.title").read_text() == "+ Fernwood Bikes Handbook"
    assert (tmp_path / "mine" / "markdown" / "Fernwood Bikes Handbook.md").is_file()
    assert sum(isinstance(each, ObjectWritten) for each in hears.heard) == 41
    assert job.sync().artifacts.written == 0
    with job.open() as site:
        assert next(site.documents()).render("html").startswith("<!")


def test_another_value_of_a_given_renderer_makes_its_files_again(facts: dict[str, Any], tmp_path: Path) -> None:
    for mark, written in (("*", 41), ("*", 0), ("!", 41)):
        report = Job.of(**{**facts, "renderers": [Titles(mark)]}).sync()
        assert (report.artifacts.written >= written > 0) or report.artifacts.written == written
    assert (tmp_path / "out" / "Fernwood Bikes Handbook.title").read_text().startswith("!")


def test_plan_and_check_go_the_same_way(server: Emulator, facts: dict[str, Any], tmp_path: Path) -> None:
    job = Job.of(**facts)
    assert len(job.plan().changes) == 41
    with pytest.raises(StateError, match="nothing was written"):
        job.check()
    with pytest.raises(StateError, match="read nothing yet"), job.open():
        pass
    job.sync()
    (tmp_path / "out" / "Fernwood Bikes Handbook.md").unlink()
    assert [each.kind for each in job.check().findings] == ["missing"]
    assert job.check(repair_from_mirror=True).findings == []
    assert job.render().artifacts.unchanged > 40
    assert job.plan().unchanged == 41


# -- stopping


def test_an_error_carries_the_report_so_far(facts: dict[str, Any]) -> None:
    with pytest.raises(LimitReached) as caught:
        Job.of(**facts).export(max_requests=12)
    report = caught.value.report
    assert report.status == "interrupted" and report.requests.total == 12
    assert Job.of(**facts).export().status == "complete"


def test_a_stop_from_another_thread_ends_a_run_and_the_next_goes_on(server: Emulator, facts: dict[str, Any]) -> None:
    stop, read = Stop(), threading.Event()
    helper = threading.Thread(target=lambda: (read.wait(30), stop.request()))
    helper.start()

    def hear(event: Event) -> None:
        if isinstance(event, ObjectRead):
            read.set()

    server.latency_s = 0.02
    with pytest.raises(Interrupted) as caught:
        Job.of(**facts, workers=1).export(stop=stop, on_event=hear)
    helper.join()
    server.latency_s = 0.0
    done = caught.value.report.objects.read
    assert 0 < done < 41
    report = Job.of(**facts).export()
    assert report.status == "complete" and report.objects.read <= 41 - done + 1


def test_a_stop_that_was_asked_before_lets_nothing_begin(server: Emulator, facts: dict[str, Any]) -> None:
    stop = Stop()
    stop.set()
    with pytest.raises(Interrupted):
        Job.of(**facts).export(stop=stop)
    assert server.counters.endpoints["blocks"] == 0


def test_a_stop_wakes_everybody_who_waits_and_those_within() -> None:
    stop, awake = Stop(), []
    with stop.within() as inner, stop.within() as other:
        threads = [threading.Thread(target=lambda each=each: awake.append(each.wait(30))) for each in (stop, inner) * 3]
        for thread in threads:
            thread.start()
        other.request(15)
        assert (inner.requested, stop.requested) == (0, 0)
        stop.request(15)
        for thread in threads:
            thread.join(30)
        assert len(awake) == 6 and inner.requested == 15
    with stop.within() as late:
        assert late.requested == 15


def test_a_handler_may_ask_while_the_same_thread_waits() -> None:
    stop = Stop()
    before = signal.signal(signal.SIGUSR1, lambda *_: stop.request())
    try:
        here = threading.get_ident()
        threading.Timer(0.1, lambda: signal.pthread_kill(here, signal.SIGUSR1)).start()
        stop.wait(30)
        assert stop.requested == 2
    finally:
        signal.signal(signal.SIGUSR1, before)


# -- awaiting


def test_events_come_on_the_loop_before_the_task_goes_on(facts: dict[str, Any]) -> None:
    heard: list[tuple[Event, bool]] = []

    async def go() -> None:
        here = threading.get_ident()
        report = await Job.of(**facts).aexport(
            on_event=lambda event: heard.append((event, threading.get_ident() == here))
        )
        assert report.status == "complete"
        assert isinstance(heard[-1][0], RunFinished)
        assert all(on_loop for _, on_loop in heard)
        assert (await Job.of(**facts).aplan()).unchanged == 41
        assert not (await Job.of(**facts).acheck()).damaged
        assert (await Job.of(**facts).arender()).status == "complete"

    asyncio.run(go())


def test_a_cancelled_task_ends_when_the_run_has_given_everything_back(
    server: Emulator, facts: dict[str, Any], tmp_path: Path
) -> None:
    server.latency_s = 0.02
    before = own_threads()

    async def go() -> None:
        job, read = Job.of(**facts), asyncio.Event()
        task = asyncio.create_task(job.async_(on_event=lambda event: isinstance(event, ObjectRead) and read.set()))
        await asyncio.wait_for(read.wait(), 60)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()  # whoever is impatient gains nothing
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert isinstance(caught.value.__cause__, Interrupted)
        assert caught.value.__cause__.report.status == "interrupted"
        assert own_threads() == before
        server.latency_s = 0.0
        assert (await job.async_()).status == "complete"  # the lock is free, and the work goes on
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await job.async_(full=True)

    asyncio.run(go())
    assert own_threads() == before


def own_threads() -> set[str]:
    """Threads that are not the emulator's."""
    return {each.name for each in threading.enumerate() if "process_request" not in each.name}


def test_one_stop_ends_two_awaited_jobs_and_cancelling_one_leaves_the_other(
    server: Emulator, facts: dict[str, Any], tmp_path: Path
) -> None:
    other = {**facts, "to": [tmp_path / "other"], "state_dir": tmp_path / "other-state"}

    async def go() -> None:
        stop = Stop()
        server.latency_s = 0.02
        one = asyncio.create_task(Job.of(**facts).aexport(stop=stop))
        two = asyncio.create_task(Job.of(**other).aexport(stop=stop))
        await asyncio.sleep(0.2)
        one.cancel()
        server.latency_s = 0.0
        with pytest.raises(asyncio.CancelledError):
            await one
        assert (await two).status == "complete"
        stop.request()
        for again in (facts, other):
            with pytest.raises(Interrupted):
                await Job.of(**again).aexport(stop=stop)

    asyncio.run(go())


# -- beside others


def test_two_jobs_run_at_once_in_threads_and_do_not_mix(tmp_path: Path) -> None:
    other = sample_workspace()
    for page in list(other.pages)[:3]:
        other.rename(page, f"Other {other.title(page)}")
    reports: dict[str, Any] = {}
    with Emulator(sample_workspace()) as one, Emulator(other) as two:

        def go(name: str, server: Emulator) -> None:
            heard: list[Event] = []
            job = Job.of(
                token=server.token, base_url=server.url, to=[tmp_path / name], state_dir=tmp_path / "state", requests=0
            )
            reports[name] = (
                job.sync(on_event=heard.append),
                {each.title for each in heard if isinstance(each, ObjectRead)},
            )
            with job.open() as site:
                reports[f"{name} titles"] = {each.title for each in site.documents()}

        threads = [threading.Thread(target=go, args=pair) for pair in (("one", one), ("two", two))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for name in ("one", "two"):
        report, titles = reports[name]
        assert report.status == "complete" and report.objects.read == 41
        assert titles == reports[f"{name} titles"]
        assert any(each.startswith("Other ") for each in titles) is (name == "two")


def test_nothing_but_the_command_line_prints_handles_signals_or_leaves() -> None:
    wrong = []
    for path in PACKAGE.rglob("*.py"):
        if path.relative_to(PACKAGE).parts[0] in ("cli", "__main__.py", "testing"):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if called in ("print", "sys.exit", "exit", "os._exit", "signal.signal"):
                wrong.append(f"{path.relative_to(PACKAGE)}: {called}")
    # A process of ours, started to render; and patience, which only the command line asks for.
    allowed = {"stages/render_process.py", "stages/patience.py", "watch/events_file.py"}
    assert [each for each in wrong if each.partition(":")[0] not in allowed] == []


def test_no_module_of_the_core_has_state_that_a_run_changes(tmp_path: Path) -> None:
    code = """
import sys, types
import notion_sync_core
from notion_sync_core import Job
import notion_sync_core.pipeline, notion_sync_core.opened.site, notion_sync_core.preview, notion_sync_core.inspection
from notion_sync_demo import Emulator, sample_workspace

def state():
    return {
        f"{name}.{key}": repr(value)
        for name, module in sys.modules.items() if name.startswith("notion_sync_core")
        for key, value in vars(module).items()
        if isinstance(value, (list, dict, set, bytearray)) and not key.startswith("__")
    }

with Emulator(sample_workspace()) as server:
    def go(name):
        job = Job.of(token=server.token, base_url=server.url, to=[name], state_dir=name + "-state", requests=0)
        job.sync(); job.plan(); job.check(); job.render()
        with job.open() as site:
            for document in site.documents():
                document.markdown(), document.text(), document.tables()
    go("a")
    before = state()
    go("b")
    after = state()
assert before.keys() == after.keys()
assert [key for key in before if before[key] != after[key]] == []
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_run_outside_the_main_thread_leaves_signals_alone(facts: dict[str, Any]) -> None:
    before = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)]
    Job.of(**facts).sync()
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM)] == before


def test_public_names_are_there_and_say_what_they_are() -> None:
    for name in notion_sync_core.__all__:
        found = getattr(notion_sync_core, name)
        assert name == "__version__" or found.__doc__ or name == "Event", name
    assert "Job" in dir(notion_sync_core)
    with pytest.raises(AttributeError, match="no attribute 'Jop'"):
        _ = notion_sync_core.Jop
    assert issubclass(notion_sync_core.CursorError, StateError) and issubclass(StateError, NotionSyncError)
