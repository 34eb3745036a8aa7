"""The log: made from events, with stable names and fields, without titles, and without repeating itself."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from conftest import Bench
from events_reference import kinds
from notion_sync_core import events
from notion_sync_core.pipeline import Options, run
from notion_sync_core.testing import FakeClock
from notion_sync_core.watch import journal
from notion_sync_core.watch.folding import MOST, WINDOW_S, FoldingHandler
from notion_sync_core.watch.journal import LOGGER, TOLD, heard, name_of
from notion_sync_core.watch.logs import FIELDS, JsonFormatter, RedactingFormatter
from notion_sync_core.watch.redact import Redactor
from notion_sync_demo import Fault
from pipeline.test_sync import page_id

DOCS = Path(__file__).parent.parent.parent / "docs" / "logs.md"


class Kept(logging.Handler):
    """Keeps records, and each as its line of JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(JsonFormatter().format(record)) for record in self.records]


@pytest.fixture
def kept() -> Iterator[Kept]:
    handler, logger = Kept(), logging.getLogger(LOGGER)
    logger.addHandler(handler)
    before = logger.level
    logger.setLevel(logging.INFO)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(before)


SOME: dict[Any, Any] = {int: 3, float: 1.5, bool: True, str: "text", int | None: 3}


def some(kind: type[events.Event]) -> events.Event:
    """An event with something in each field that has no default."""
    attrs.resolve_types(kind)
    fields = [each for each in attrs.fields(kind) if each.default is attrs.NOTHING]
    return kind(**{each.name: SOME.get(each.type, ("a/b.md",)) for each in fields})


def test_every_event_that_is_logged_has_a_name_in_the_documentation() -> None:
    text = DOCS.read_text("utf-8")
    told = set(re.findall(r"^\| `([a-z_]+)` \| (?:debug|info|warning|error)", text, flags=re.MULTILINE))
    assert told == {name_of(kind) for kind in TOLD} | {"listener_failed", "plugin_hangs", "log"}
    rows = {name.strip("`") for name in re.findall(r"^\| (`[a-z_.]+`) \|", text, flags=re.MULTILINE)}
    assert {*FIELDS, "ts", "level", "logger", "event", "msg", "worker"} <= rows
    assert {"error.type", "error.message", "error.stack"} <= rows


def test_what_is_not_logged_is_so_often_or_told_by_something_else() -> None:
    silent = {kind.__name__ for kind in kinds()} - {kind.__name__ for kind in TOLD}
    assert silent == {
        *("ObjectDiscovered", "ObjectUnchanged", "AssetDownloaded", "StageStarted", "RequestsBegan"),
        *("QueueMeasured", "MemoryMeasured", "DiskMeasured", "BudgetMeasured", "PluginCalled", "RunScheduled"),
    }


@pytest.mark.parametrize("kind", TOLD, ids=name_of)
def test_the_level_in_the_documentation_is_the_one_of_the_line(kind: type[events.Event]) -> None:
    event = some(kind)
    level, message, extra = journal._LINES[kind](event, lambda text, *_: text)
    row = re.search(rf"^\| `{name_of(kind)}` \| ([^|]+) \|", DOCS.read_text("utf-8"), flags=re.MULTILINE)
    assert row is not None
    assert logging.getLevelName(level).lower() in row[1]
    assert message
    assert set(extra) <= {*FIELDS, "error_type", "error_message"}
    if row[1].strip() == "debug":
        logging.getLogger(LOGGER).setLevel(logging.INFO)
        assert kind not in heard() or kind is events.PluginFailed


def test_a_run_is_one_line_that_says_all(bench: Bench, kept: Kept) -> None:
    report = run(bench.job(), Options(mode="sync"))
    [line] = [each for each in kept.lines if each["event"] == "run_finished"]
    assert line["msg"].startswith(f"run complete in {report.seconds:.1f} s; objects: {report.objects.read} read, ")
    assert f"{report.artifacts.written} written" in line["msg"]
    assert f"{report.requests.total} requests" in line["msg"]
    assert (line["job"], line["status"], line["level"]) == (report.job, "complete", "info")
    assert line["bytes"] == report.artifacts.bytes
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["ts"])
    assert line["worker"] == "MainThread"
    assert len(line["run_id"]) == 12


def test_a_page_that_fails_is_one_warning_with_its_id_and_no_title(bench: Bench, kept: Kept) -> None:
    page = page_id(bench, "Safety")
    bench.emulator.faults.add(Fault("500", path=f"/v1/blocks/{page}/children"))
    job = bench.job(performance__max_attempts=2)
    run(job, Options(mode="sync"), clock=FakeClock())
    [line] = [each for each in kept.lines if each["event"] == "object_failed"]
    assert (line["level"], line["page_id"], line["attempt"]) == ("warning", page, 2)
    assert line["error"]["type"] == "RetryableError"
    assert line["request_id"]
    tries = [each for each in kept.lines if each["event"] == "request_failed"]
    assert [(each["level"], each["attempt"], each["status"]) for each in tries] == [
        ("info", 1, 500), ("warning", 2, 500),
    ]  # fmt: skip


@pytest.mark.parametrize("titles", [False, True])
def test_titles_and_paths_stand_in_the_log_only_if_they_may(bench: Bench, kept: Kept, titles: bool) -> None:
    logging.getLogger(LOGGER).setLevel(logging.DEBUG)
    flags = {"monitoring__log_titles": titles}
    page = page_id(bench, "Safety")
    bench.space.rename(page, "Xanadu quite secret")
    bench.emulator.faults.add(Fault("404", path="/files/.*bell.wav"))
    run(bench.job(**flags), Options(mode="sync"))
    edited = next(path for path in bench.out.rglob("*Xanadu*") if path.is_file())
    edited.write_text("edited")
    bench.space.rename(page, "Xanadu is moved")
    run(bench.job(**flags), Options(mode="sync"))
    bench.emulator.faults.add(Fault("400", path=f"/v1/blocks/{page}/children"))
    run(bench.job(**flags), Options(mode="sync", full=True))
    text = "\n".join(map(str, kept.lines))
    assert ("Xanadu" in text) is titles
    assert ("bell.wav" in text) is titles
    assert {"warned", "object_failed", "object_written", "object_moved"} <= {each["event"] for each in kept.lines}


def test_no_line_has_a_secret_whatever_field_it_stands_in() -> None:
    record = logging.LogRecord("n", logging.INFO, "f", 1, "%s", ("ntn_canary1234",), None)
    record.__dict__ |= {"plugin": "ntn_canary1234", "error_message": "a ntn_canary1234", "event": "x"}
    line = RedactingFormatter(JsonFormatter(), Redactor()).format(record)
    assert "canary" not in line
    assert json.loads(line)["plugin"] == "[token]"


# -- repeats


class Folded:
    def __init__(self) -> None:
        self.clock, self.kept = FakeClock(), Kept()
        self.handler = FoldingHandler(self.kept, self.clock)

    def say(self, message: str, times: int = 1, level: int = logging.WARNING, event: str = "") -> None:
        for number in range(times):
            record = logging.LogRecord("n", level, "f", 1, message, (number,), None)
            if event:
                record.event = event
            self.handler.handle(record)

    @property
    def said(self) -> list[str]:
        return [record.getMessage() for record in self.kept.records]


def test_what_is_said_again_and_again_is_counted() -> None:
    folded = Folded()
    folded.say("page %s failed", MOST + 874, event="object_failed")
    assert len(folded.said) == MOST
    folded.clock.sleep(WINDOW_S)
    folded.say("something else %s")
    assert folded.said[-2:] == ["874 more of these (object_failed)", "something else 0"]
    folded.say("page %s failed", 1, event="object_failed")
    assert folded.said[-1] == "page 0 failed", "a new minute begins"


def test_what_was_counted_is_told_at_the_end() -> None:
    folded = Folded()
    folded.say("again %s", MOST + 2)
    folded.handler.flush()
    assert folded.said[-1] == f"2 more of these: again {MOST + 1}"
    folded.handler.close()
    assert len(folded.said) == MOST + 1


def test_other_events_levels_and_debug_lines_are_not_held_back() -> None:
    folded = Folded()
    folded.say("a %s", MOST + 5, event="one")
    folded.say("a %s", 3, event="two")
    folded.say("a %s", 2, level=logging.ERROR, event="one")
    folded.say("a %s", 3 * MOST, level=logging.DEBUG)
    assert len(folded.said) == MOST + 3 + 2 + 3 * MOST
