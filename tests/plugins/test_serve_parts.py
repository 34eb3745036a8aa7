"""Parts of ``serve`` that need no process: when a job is due, hints, webhooks, what systemd hears, metrics."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notion_sync_core.schedule import Schedule
from notion_sync_serve.exposition import joined
from notion_sync_serve.guard import Guard
from notion_sync_serve.hints import BURST, LONGEST_OF_BURST_S, LONGEST_S, MANY, QUIET_S, Hints
from notion_sync_serve.notify import Notifier
from notion_sync_serve.timetable import Timetable
from notion_sync_serve.webhooks import OLDEST_S, REMEMBERED, Webhooks

NOW = 1_800_000_000.0
PAGE = "0ee0bcb4-d34b-467c-a075-ce105ea9abb1"
SECRET = "secret_of_the_subscription"


def table(schedule: str = "every 10m", chance: float = 0.0) -> Timetable:
    return Timetable(Schedule(schedule), 30.0, lambda: chance)


# -- when a job is due


def test_a_job_that_never_ran_is_due_at_once_and_then_by_its_schedule() -> None:
    times = table()
    times.begin(None, NOW)
    assert times.tick(NOW, running=False) == 0
    assert times.tick(NOW + 1, running=False) is None
    assert times.due == NOW + 600


def test_what_was_due_while_the_process_was_down_is_made_up_for_once() -> None:
    times = table()
    times.begin(NOW - 3001, NOW)
    assert times.tick(NOW, running=False) == 4  # and the one that begins now
    assert times.missed == 4
    assert times.due == NOW + 600


def test_a_restart_does_not_run_what_is_not_due() -> None:
    times = table()
    times.begin(NOW - 60, NOW)
    assert times.tick(NOW, running=False) is None
    assert times.due == NOW + 540


def test_a_run_that_is_due_during_a_run_comes_once_after_it() -> None:
    times = table()
    times.begin(None, NOW)
    times.tick(NOW, running=False)
    assert times.tick(NOW + 600, running=True) is None
    assert times.tick(NOW + 1200, running=True) is None
    assert times.missed == 2
    assert times.tick(NOW + 1300, running=False) == 0
    assert times.tick(NOW + 1301, running=False) is None


def test_a_run_begins_later_by_chance_but_never_by_more_than_a_tenth_of_the_period() -> None:
    times = table("every 1m", chance=1.0)
    times.begin(None, NOW)
    times.tick(NOW, running=False)
    assert times.due == NOW + 66


def test_another_schedule_loses_no_run_that_is_due_or_owed() -> None:
    times = table("every 1d")
    times.begin(None, NOW)
    times.tick(NOW, running=False)
    times.change(Schedule("every 10m"), 0.0, NOW + 5)
    assert times.due == NOW + 605
    times.tick(NOW + 605, running=True)
    times.change(Schedule("every 1d"), 0.0, NOW + 606)
    assert times.tick(NOW + 700, running=False) == 0


@given(
    st.sampled_from(["every 10m", "*/7 * * * *", "every 90s"]),
    st.lists(st.tuples(st.floats(0.1, 2000), st.booleans()), min_size=1, max_size=40),
)
def test_no_run_is_lost_and_none_begins_during_another(schedule: str, steps: list[tuple[float, bool]]) -> None:
    times = table(schedule)
    times.begin(None, NOW)
    now, owed = NOW, False
    for pause, running in steps:
        due = now >= times.due
        found = times.tick(now, running=running)
        owed = owed or due
        assert (found is not None) == (owed and not running)
        owed = owed and running
        assert times.due > now
        now += pause


# -- hints


def test_hints_wait_until_it_is_quiet_and_a_few_never_long() -> None:
    hints = Hints()
    assert hints.due() is None
    hints.add("a", "page", 10.0)
    assert hints.due() == 10.0 + QUIET_S
    for step in range(10):
        hints.add("a", "page", 10.5 + step / 2)
    assert hints.due() == 10.0 + LONGEST_S
    assert hints.take() == {"a": "page"}
    assert hints.due() is None


@given(st.lists(st.tuples(st.sampled_from([f"id{n}" for n in range(300)]), st.floats(0, 0.05)), min_size=1))
def test_a_burst_becomes_one_run_of_each_object_once_or_of_everything(steps: list[tuple[str, float]]) -> None:
    hints, now = Hints(), 0.0
    for name, pause in steps:
        now += pause
        hints.add(name, "page", now)
    due = hints.due()
    assert due is not None
    assert due <= (LONGEST_OF_BURST_S if len(steps) > BURST else LONGEST_S)
    names = {name for name, _ in steps}
    taken = hints.take()
    assert taken == dict.fromkeys(names, "page") if len(names) <= MANY else taken is None
    assert len(hints) == 0


# -- webhooks


def message(**changes: Any) -> bytes:
    when = datetime.fromtimestamp(NOW, UTC).isoformat()
    entity = {"id": PAGE.replace("-", ""), "type": "page"}
    return json.dumps(
        {"id": "e1", "timestamp": when, "type": "page.content_updated", "entity": entity} | changes
    ).encode()


def signed(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def webhooks(token: str = SECRET) -> tuple[Webhooks, list[str]]:
    shown: list[str] = []
    return Webhooks(token, shown.append, lambda: NOW), shown


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, (PAGE, "page")),
        ({"type": "database.schema_updated", "entity": {"id": PAGE, "type": "database"}}, (PAGE, "database")),
        (
            {"type": "comment.created", "entity": {"id": "x", "type": "comment"}, "data": {"page_id": PAGE}},
            (PAGE, "page"),
        ),
        (
            {
                "type": "view.updated",
                "entity": {"id": "x", "type": "view"},
                "data": {"parent": {"id": PAGE, "type": "database"}},
            },
            (PAGE, "database"),
        ),
        ({"type": "page.locked"}, ("", "page")),
        ({"entity": {"id": "../../etc", "type": "page"}}, ("", "page")),
        ({"entity": []}, ("", "page")),
        ({"timestamp": "yesterday"}, ("", "page")),
        ({"timestamp": datetime.fromtimestamp(NOW - OLDEST_S, UTC).isoformat()}, ("", "page")),
        ({"timestamp": datetime.fromtimestamp(NOW + 3600, UTC).isoformat()}, ("", "page")),
    ],
)
def test_a_message_names_the_object_that_changed_or_has_no_effect(
    changes: dict[str, Any], expected: tuple[str, str]
) -> None:
    body = message(**changes)
    verdict = webhooks()[0].judge(body, signed(body))
    assert (verdict.status, verdict.object_id, verdict.kind) == (200, *expected)


@pytest.mark.parametrize("signature", ["", "sha256=", signed(message(), "another"), signed(message(id="e2")), "é"])
def test_a_wrong_signature_is_refused(signature: str) -> None:
    assert webhooks()[0].judge(message(), signature).status == 401


def test_the_signature_is_over_the_bytes_as_they_came() -> None:
    body = b" " + message().replace(b": ", b" :  ")
    assert webhooks()[0].judge(body, signed(body)).object_id == PAGE


def test_a_message_that_came_before_has_no_effect_and_memory_is_bounded() -> None:
    judge = webhooks()[0]
    assert judge.judge(message(), signed(message())).object_id
    again = judge.judge(message(), signed(message()))
    assert (again.status, again.object_id) == (200, "")
    for number in range(REMEMBERED + 5):
        body = message(id=f"n{number}")
        judge.judge(body, signed(body))
    assert len(judge._seen) == REMEMBERED


@settings(max_examples=40)
@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text(max_size=5), st.lists).map(lambda x: json.dumps(x).encode())
)
def test_no_body_is_more_than_refused(body: bytes) -> None:
    assert webhooks()[0].judge(body, signed(body)).status in (200, 400)
    assert webhooks("")[0].judge(body, "").status == 401


def test_the_token_of_a_handshake_is_shown_once_while_none_is_set() -> None:
    judge, shown = webhooks("")
    for token in (
        "secret_one_12345",
        "secret_one_12345",
        "secret_two_12345",
        "bad\ntoken",
        *map("flood_{:09}".format, range(9)),
    ):
        judge.judge(json.dumps({"verification_token": token}).encode(), "")
    assert shown == ["secret_one_12345", "secret_two_12345", "flood_000000000"]
    assert judge.judge(message(), signed(message())).status == 401
    judge, shown = webhooks()
    assert judge.judge(b'{"verification_token": "secret_one_12345"}', "").status == 401
    assert shown == []


# -- who may look


def request(host: str = "127.0.0.1:8787", **more: str) -> dict[str, str]:
    return {"HTTP_HOST": host, **{f"HTTP_{name}": value for name, value in more.items()}}


def test_without_a_token_only_names_of_this_machine_are_answered() -> None:
    guard = Guard("")
    for host in ("127.0.0.1:8787", "localhost", "[::1]:80", "LOCALHOST:1"):
        assert guard.refusal(request(host)) is None
    for host in ("evil.example", "127.0.0.1.evil.example", "", "[::1", "evil@127.0.0.1.example:1"):
        assert guard.refusal(request(host)) is not None


def test_with_a_token_it_is_wanted_from_everybody() -> None:
    guard = Guard("let me in")
    assert guard.refusal(request()) is not None
    assert guard.refusal(request(AUTHORIZATION="Bearer let me out")) is not None
    assert guard.refusal(request(AUTHORIZATION="Basic !!!")) is not None
    assert guard.refusal(request("anywhere", AUTHORIZATION="Bearer let me in")) is None
    assert guard.refusal(request("anywhere", AUTHORIZATION="Basic OmxldCBtZSBpbg==")) is None


def test_a_form_must_come_from_the_page_itself() -> None:
    guard = Guard("")
    good = request(ORIGIN="http://127.0.0.1:8787", SEC_FETCH_SITE="same-origin")
    assert guard.is_ours(good, "a", guard.form_token("a"))
    assert not guard.is_ours(good, "a", guard.form_token("b"))
    assert not guard.is_ours(good, "a", "")
    assert not guard.is_ours(request(), "a", guard.form_token("a"))
    for origin in ("https://evil.example", "null", "http://[", "http://127.0.0.1:9"):
        assert not guard.is_ours(request(ORIGIN=origin), "a", guard.form_token("a"))
    assert not guard.is_ours({**good, "HTTP_SEC_FETCH_SITE": "cross-site"}, "a", guard.form_token("a"))


# -- what systemd hears


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_what_the_process_does(tmp_path: Path, abstract: bool) -> None:
    name = f"@notion-sync-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as heard:
        heard.bind("\0" + name[1:] if abstract else name)
        heard.settimeout(5)
        notifier = Notifier({"NOTIFY_SOCKET": name, "WATCHDOG_USEC": "20000000", "WATCHDOG_PID": str(os.getpid())})
        assert notifier.watchdog_s == 20
        notifier.ready()
        notifier.beat()
        notifier.status("one\njob")
        notifier.status("one\njob")
        notifier.reloading()
        notifier.stopping()
        told = [heard.recv(1000).decode() for _ in range(5)]
    assert told[:3] == ["READY=1", "WATCHDOG=1", "STATUS=one job"]
    assert told[3].startswith("RELOADING=1\nMONOTONIC_USEC=")
    assert told[4] == "STOPPING=1"


@pytest.mark.parametrize(
    "environ", [{}, {"NOTIFY_SOCKET": "/nowhere/at/all"}, {"WATCHDOG_USEC": "x"}, {"WATCHDOG_PID": "1"}]
)
def test_without_systemd_nothing_happens(environ: dict[str, str]) -> None:
    notifier = Notifier(environ)
    notifier.ready()
    notifier.beat()
    assert notifier.watchdog_s == 0


# -- metrics


def test_metrics_of_several_jobs_stand_together_and_nothing_twice() -> None:
    text = '# HELP runs Runs.\n# TYPE runs counter\nruns_total{{job="{0}"}} {1}\n# TYPE up gauge\nup 1\n'
    assert joined([text.format("a", 1), text.format("b", 2)]) == (
        '# HELP runs Runs.\n# TYPE runs counter\nruns_total{job="a"} 1\nruns_total{job="b"} 2\n# TYPE up gauge\nup 1\n'
    )


def test_every_event_of_the_log_stands_in_the_documentation_and_the_other_way_round() -> None:
    root = Path(__file__).parents[2]
    code = "".join(path.read_text() for path in (root / "plugins/notion_sync_serve").glob("*.py"))
    told = set(re.findall(r'"(serve_[a-z_]+)"', code))
    assert told == set(re.findall(r"`(serve_[a-z_]+)`", (root / "docs/serve.md").read_text()))
