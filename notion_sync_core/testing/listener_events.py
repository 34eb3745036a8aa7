"""Checks of listeners: they look, never touch."""

from __future__ import annotations

import contextlib
import copy
import io
import random
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock

import attrs
from attrs import frozen

from notion_sync_core.events import Event, ObjectRead, RunFinished
from notion_sync_core.testing.events import HOSTILE, KINDS_OF_EVENTS, a_run, event, every_event, odd_events
from notion_sync_core.testing.examine import secrets_of, switching_often
from notion_sync_core.testing.listener_bench import PAPER, ListenerBench, measured

_MANY = 200
_MOST_S = 5e-3
"""Seconds of this thread's CPU that one event may cost on average: a run publishes some ten for each page."""
_MOST_KEPT = 256 << 10
"""Bytes that a listener may keep of six thousand events."""

check = PAPER.check


@check()
def it_takes_every_event(bench: ListenerBench) -> None:
    """Every class of event can be told, with ordinary values, and nothing is raised. An exception is logged and harms
    nobody else, but what was to be told is lost.
    """
    listener = bench.listener()
    for each in every_event():
        try:
            bench.tell(listener, [each])
        except Exception as error:
            raise AssertionError(f"it fails at {type(each).__name__}: {error}") from error


@check()
def it_takes_odd_values(bench: ListenerBench) -> None:
    """Titles are empty, huge or hostile, numbers are nothing or beyond all measure: no event is refused for that."""
    listener = bench.listener()
    bench.tell(listener, a_run())
    for each in odd_events():
        try:
            bench.tell(listener, [each])
        except Exception as error:
            raise AssertionError(f"it fails at an odd {type(each).__name__}: {error}") from error


@check()
def it_takes_any_order(bench: ListenerBench) -> None:
    """Events come in any order: a run that fails early has no stages, two runs overlap, and what a listener has not
    seen the beginning of may end.
    """
    for seed in range(12):
        listener = bench.listener()
        happened = [*every_event(), *a_run(), *a_run(2, run=2)]
        random.Random(seed).shuffle(happened)
        bench.tell(listener, happened)


@check()
def it_passes_over_what_it_does_not_know(bench: ListenerBench) -> None:
    """A later version publishes events that do not exist yet: a listener takes those it knows, and lets others go."""

    @frozen(eq=False, repr=False)
    class ComesLater(Event):
        """Nobody knows it."""

        text: str = "later"

    listener = bench.listener()
    bench.tell(listener, [ComesLater(), *a_run(), ComesLater()])


@check()
def it_takes_fields_that_come_later(bench: ListenerBench) -> None:
    """New fields are added at the end of an event: a listener reads fields by their names, and does not count them."""
    listener = bench.listener()
    for kind in KINDS_OF_EVENTS:
        base = event(kind)
        later = attrs.make_class(
            kind.__name__, {"added": attrs.field(default="new")}, bases=(kind,), frozen=True, eq=False
        )
        values = {field.name: getattr(base, field.name) for field in attrs.fields(kind)}
        bench.tell(listener, [later(**values)])


@check()
def it_changes_no_event(bench: ListenerBench) -> None:
    """Events are shared by all listeners: none of them changes one, nor the report inside it."""
    listener = bench.listener()
    for each in [*every_event(), *a_run()]:
        before = copy.deepcopy(attrs.asdict(each))
        bench.tell(listener, [each])
        assert attrs.asdict(each) == before, f"it changed an event: {type(each).__name__}"


@check()
def it_answers_nothing(bench: ListenerBench) -> None:
    """``on_event`` gives nothing back. Nobody reads an answer; one that is given was meant to have an effect."""
    listener = bench.listener()
    with contextlib.redirect_stdout(bench.printed), contextlib.redirect_stderr(bench.told):
        for each in every_event():
            given = listener.hooks.call("on_event", event=each)
            assert given in (None, []), f"it answers {type(each).__name__} with {given!r:.80}"


@check()
def threads_may_tell_it_at_once(bench: ListenerBench) -> None:
    """Workers publish from their own threads, at the same time: a listener neither fails nor waits for itself."""
    listener = bench.listener()
    bench.tell(listener, a_run(1))
    done = threading.Barrier(4)

    def publish(run: int) -> None:
        done.wait(20)
        for each in [*a_run(60, run), *every_event()]:
            listener(each)

    with (
        contextlib.redirect_stdout(bench.printed),
        contextlib.redirect_stderr(bench.told),
        switching_often(),
        ThreadPoolExecutor(4) as pool,
    ):
        for finished in [pool.submit(publish, run) for run in range(4)]:
            finished.result(60)


@check()
def it_holds_nobody_up(bench: ListenerBench) -> None:
    """Events are told one after the other, on the thread that works: a listener that computes for milliseconds at each
    makes a run of a hundred thousand pages hours longer.
    """
    listener = bench.listener()
    bench.tell(listener, a_run())
    happened = list(a_run(_MANY))
    began = time.thread_time()
    for number, each in enumerate(happened, 1):
        bench.tell(listener, [each])
        spent = time.thread_time() - began
        assert spent < _MOST_S * max(number, _MANY), f"{number} events cost {spent:.1f} s of computing"


@check()
def it_never_sleeps(bench: ListenerBench) -> None:
    """It does not wait while it is told something: what has to wait is done on a thread of its own."""
    here = threading.get_ident()
    sleep = time.sleep

    def watched(seconds: float) -> None:
        if threading.get_ident() == here:
            raise AssertionError(f"it sleeps for {seconds} s while it is told something")
        sleep(seconds)

    with mock.patch("time.sleep", watched):
        bench.tell(bench.listener(), [*a_run(), *every_event()])


@check()
def it_calls_nobody_while_it_is_told(bench: ListenerBench) -> None:
    """It opens no connection on the thread that tells it: a service that does not answer would stop the run."""
    here = threading.get_ident()
    connect: Callable[..., Any] = socket.socket.connect

    def watched(found: socket.socket, address: Any) -> Any:
        if threading.get_ident() == here:
            raise AssertionError(f"it connects to {address} while it is told something")
        return connect(found, address)

    with mock.patch.object(socket.socket, "connect", watched):
        bench.tell(bench.listener(), [*a_run(), *every_event()])


@check()
def it_does_not_keep_what_it_saw(bench: ListenerBench) -> None:
    """A process that serves sees millions of events: a listener may count them, but must not keep them."""
    bench.printed, bench.told = _Counting(), _Counting()
    listener = bench.listener()
    bench.tell(listener, a_run(200, run=1))
    tracemalloc.start()
    try:
        for run in range(2, 5):
            bench.tell(listener, a_run(400, run=run))
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert kept < _MOST_KEPT, f"after six thousand events it keeps {kept >> 10} KiB of them"


class _Counting(io.StringIO):
    """Takes any text, and keeps none: what a listener prints is not what it keeps."""

    def write(self, text: str) -> int:
        return len(text)


@check()
def one_run_follows_another(bench: ListenerBench) -> None:
    """The same listener sees all runs of a job, also those that failed or were cut short: the next begins anew."""
    listener = bench.listener()
    for run in range(1, 5):
        happened = list(a_run(3, run=run))
        bench.tell(listener, happened if run % 2 else happened[:-4])
        bench.tell(listener, [event(RunFinished, status="failed", run_id=f"run{run}")])


@check()
def instances_share_nothing(bench: ListenerBench) -> None:
    """Two jobs in one process have two listeners: what one sees is not told by the other."""
    one, two = bench.listener(), bench.listener()
    before = measured(two)
    bench.tell(one, a_run(7))
    assert measured(two) == before, "what one instance was told shows in another"
    bench.tell(two, a_run(2))


@check()
def it_leaves_stdout_alone(bench: ListenerBench) -> None:
    """Nothing is printed on stdout: with ``--json`` the report stands there alone, and programs read it."""
    bench.tell(bench.listener(), [*a_run(), *every_event()])
    assert not bench.printed.getvalue(), f"it prints on stdout: {bench.printed.getvalue()!r:.80}"


@check()
def titles_do_not_steer_the_terminal(bench: ListenerBench) -> None:
    """What it prints of a title holds no control characters: one could clear the screen, or fake a line."""
    bench.tell(bench.listener(), [*a_run(), *odd_events(), event(ObjectRead, title=HOSTILE)])
    for char in ("\x1b[2J", "\x07", "\x00", "\u202e"):
        assert char not in bench.told.getvalue() + bench.printed.getvalue(), f"it prints {char!r} as it came"


@check()
def it_tells_no_secret(bench: ListenerBench) -> None:
    """Neither its ``repr`` nor what it prints holds a password, token or key of its options."""
    listener = bench.listener()
    bench.tell(listener, [*a_run(), *every_event()])
    shown = repr(listener.plugin) + bench.told.getvalue() + bench.printed.getvalue()
    for name, secret in secrets_of(listener.plugin):
        assert secret not in shown, f"it shows {name}"
