"""Checks of sinks: one run after the other, one beside the other, and one that was killed."""

from __future__ import annotations

import pickle  # nosec B403 - between a test and the process it starts, over a pipe
import shutil
import subprocess
from contextlib import suppress

from notion_sync_core.errors import LockedError
from notion_sync_core.testing.elsewhere import Errand, Recipe
from notion_sync_core.testing.examine import NotApplicable, refused
from notion_sync_core.testing.held import held
from notion_sync_core.testing.sink_bench import (
    AWKWARD,
    PAPER,
    REFUSALS,
    SinkBench,
    is_missing,
    put,
    put_all,
    read,
    stage,
    stat,
    version,
)

check = PAPER.check
_MANY = 1_010
"""More than a thousand, which many stores tell at once."""
_VERSIONS = 12
_SIZE = 1 << 16


@check()
def what_was_committed_is_there_in_the_next_run(bench: SinkBench) -> None:
    """After closing and opening again, by a new instance, every committed file is there with its bytes, and every
    deleted one is not.
    """
    with bench.opened() as sink:
        put_all(sink, "kept.md", "a/kept.md", "deleted.md")
        sink.delete("deleted.md")
        sink.flush()
    with bench.opened("second") as sink:
        for path in ("kept.md", "a/kept.md"):
            assert read(sink, path) == path.encode(), f"{path} is not what the last run committed"
        is_missing(sink, "deleted.md")


@check()
def a_new_run_clears_what_an_old_one_staged(bench: SinkBench) -> None:
    """What a run staged and never committed is gone when the next one opens: it cannot be committed any more, and no
    byte of it stays on the disk. Each crash would otherwise leave its files there for ever.
    """
    marker = b"staged by a dead run of the exam of sinks"
    with bench.opened() as sink:
        put_all(sink, "page.md")
        old = stage(sink, "staged.md", [marker])
    with bench.opened("second") as sink:
        is_missing(sink, "staged.md")
        assert not bench.files_with(marker), "what a run staged that is over still lies on the disk"
        with refused("committing what an earlier run staged", *REFUSALS):
            sink.commit(old)
            sink.flush()
        is_missing(sink, "staged.md")
        assert read(sink, "page.md") == b"page.md", "clearing what was staged took a file"


@check()
def a_killed_run_leaves_nothing_half(bench: SinkBench) -> None:
    """A process that is killed while it writes (``kill -9``, in another process of this exam) leaves each file whole:
    the old one or the new. The next run opens, or is told who holds the lock and until when; what the dead one had
    staged is gone then.
    """
    try:
        recipe = Recipe.of(bench.sink().plugin)
    except TypeError as error:
        raise NotApplicable(str(error)) from error
    order = {"run_id": "killed", "versions": _VERSIONS, "size": _SIZE}
    errand = Errand(f"{SinkBench.__module__}:write_until_killed", recipe, order)
    seen = _killed(errand)
    if b"!" not in seen:
        raise AssertionError("in another process, built from its options, it does not write")
    sink = bench.sink()
    try:
        sink.open("after")
    except LockedError as error:
        assert error.message, "who is locked out by a dead run is told nothing"
        assert error.remedy, "who is locked out by a dead run is not told what to do"
        return
    wanted = version(_VERSIONS - 1, _SIZE)
    assert read(sink, "killed.bin") == wanted, "what was flushed before a kill is not there"
    is_missing(sink, "never-committed.bin")
    assert not bench.files_with(b"left by the dead"), "what a killed run had staged still lies on the disk"


def _killed(errand: Errand) -> bytes:
    """Start it, end it when it says that it waits, and give what it said."""
    with subprocess.Popen(  # noqa: S603 - this package, in the same Python
        errand.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=errand.environ({}), bufsize=0
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(pickle.dumps(errand))
        said = b""
        while b"!" not in said and (more := process.stdout.read(64)):
            said += more
        process.kill()
    return said


@check()
def two_runs_do_not_write_at_once(bench: SinkBench) -> None:
    """Whoever opens what is open already gets :class:`LockedError`, each time, with a message and with what to do.
    Two writers would delete each other's files.
    """
    with bench.opened() as sink:
        other = bench.sink()
        for _ in range(2):
            try:
                other.open("second")
            except LockedError as error:
                assert error.message, "who is locked out is not told why"
                assert error.remedy, "who is locked out is not told what to do"
            else:
                raise AssertionError("two runs can hold one sink open")
        put_all(sink, "still.md")
        assert read(sink, "still.md") == b"still.md", "the one who came too late disturbed the first"


@check()
def the_one_locked_out_disturbs_nothing(bench: SinkBench) -> None:
    """A second run that is refused, and closes, frees nothing and clears nothing: what the first had staged can still
    be committed, and a third is refused as well.
    """
    with bench.opened() as sink:
        staged = stage(sink, "staged.md", [b"staged"])
        for run_id in ("second", "third"):
            other = bench.sink()
            with refused("opening what another run holds open", LockedError):
                other.open(run_id)
            other.close()
        sink.commit(staged)
        sink.flush()
        assert read(sink, "staged.md") == b"staged", "a run that was locked out took what another had staged"


@check()
def closing_frees_the_lock(bench: SinkBench) -> None:
    """After closing, another instance opens at once, and the same one too: a run that ends keeps nobody waiting."""
    one, two = bench.sink(), bench.sink()
    for sink in (one, two, one):
        sink.open("run")
        put_all(sink, "page.md")
        sink.close()


@check()
def opened_twice_it_is_closed_once(bench: SinkBench) -> None:
    """An open sink that is opened again may refuse with :class:`LockedError`; closed then, it keeps nobody waiting: a
    lock that is forgotten is held as long as the process lives.
    """
    one, two = bench.sink(), bench.sink()
    one.open("first")
    with suppress(LockedError):
        one.open("again")
    one.close()
    try:
        two.open("second")
    except LockedError as error:
        raise AssertionError("opened twice and closed, it still keeps others out") from error
    put_all(two, "page.md")
    two.close()


@check()
def it_closes_whatever_happened(bench: SinkBench) -> None:
    """Closing works on a sink that was never opened, that has work waiting, that was closed before, and after an
    error: it is called on every way out.
    """
    sink = bench.sink()
    sink.close()
    sink.open("first")
    put(sink, "open.md")
    stage(sink, "staged.md")
    sink.close()
    sink.close()
    sink.open("second")
    put_all(sink, "kept.md")
    with refused("staging outside", *REFUSALS):
        stage(sink, "../x")
    sink.close()
    sink.open("third")
    assert read(sink, "kept.md") == b"kept.md", "a sink that was opened again lost a file"


@check()
def a_place_that_is_not_there_is_made(bench: SinkBench) -> None:
    """``sink_open`` makes the place where it writes, with all that it stands in: people name a folder that they do not
    have yet, and somebody may have removed it since the last run.
    """
    sink = bench.sink()
    shutil.rmtree(bench.folder)
    sink.open("first")
    put_all(sink, "page.md")
    assert read(sink, "page.md") == b"page.md", "what was written to a place that had to be made is not there"


@check()
def it_gives_everything_back(bench: SinkBench) -> None:
    """After closing, nothing of the process is held: no file stays open, no thread goes on. A process that serves runs
    jobs for months.
    """

    def a_run(run_id: str) -> None:
        sink = bench.sink()
        sink.open(run_id)
        put_all(sink, "a/one.md", "a/b/two.md")
        sink.discard(stage(sink, "dropped.md"))
        sink.same("a/one.md", "a/one.md")
        for path in ("a/one.md", "never/there.md", "a/one.md/below.md"):
            stat(sink, path)
        list(sink.list() if sink.lists else ())
        with refused("staging outside", *REFUSALS):
            stage(sink, "../x")
        read(sink, "a/one.md")
        sink.respell("a/one.md", "a/One.md")
        sink.delete("a/b/two.md")
        sink.flush()
        stage(sink, "cut short.md")
        sink.close()

    before = after = held()
    for attempt in range(6):  # a pool of connections grows to its bound; what leaks grows with each four runs
        before = held()
        for number in range(4):
            a_run(f"run{attempt}-{number}")
        after = held()
        if attempt and after[0] <= before[0] and after[1] <= before[1]:
            return
    assert after[0] <= before[0], f"after four runs {after[0] - before[0]} more files are open"
    assert after[1] <= before[1], f"after four runs {after[1] - before[1]} more threads are there"


@check()
def flushing_is_harmless(bench: SinkBench) -> None:
    """A flush with nothing to do, and a second one, change nothing that ``stat`` or ``read`` tell."""
    with bench.opened() as sink:
        sink.flush()
        put_all(sink, "page.md", "a/page.md")
        before = [(stat(sink, path), read(sink, path)) for path in ("page.md", "a/page.md")]
        sink.flush()
        sink.flush()
        after = [(stat(sink, path), read(sink, path)) for path in ("page.md", "a/page.md")]
        assert after == before, "a flush changed what is there"


@check("attach")
def a_second_process_can_stage(bench: SinkBench) -> None:
    """Large runs render in two processes. What an attached instance staged is committed by the open one, also after
    the attached one was closed.
    """
    with bench.opened() as sink:
        here = stage(sink, "here.md", [b"here"])
        helper = bench.sink()
        helper.attach("first.0")
        there = stage(helper, "there.md", [b"there"])
        helper.flush()
        helper.close()
        sink.commit(there)
        sink.commit(here)
        sink.flush()
        assert read(sink, "there.md") == b"there", "what an attached instance staged is lost"
        assert read(sink, "here.md") == b"here", "attaching cleared what the open one had staged"


@check("attach")
def attaching_takes_no_lock(bench: SinkBench) -> None:
    """An attached instance neither takes the lock nor frees it: the run it works for holds it."""
    with bench.opened():
        helper = bench.sink()
        helper.attach("first.0")
        helper.close()
        with refused("opening what another run holds open", LockedError):
            bench.sink().open("second")
    helper = bench.sink()
    helper.attach("later.0")
    with bench.opened("third"):
        helper.close()


@check("look")
def a_look_needs_no_lock(bench: SinkBench) -> None:
    """``check`` and ``status`` look while a run writes: they see what is committed, and keep nobody out."""
    with bench.opened() as sink:
        put_all(sink, "looked/at.md")
        other = bench.sink()
        other.look()
        assert read(other, "looked/at.md") == b"looked/at.md", "a look does not see what is there"
        assert stat(other, "looked/at.md") == stat(sink, "looked/at.md"), "a look tells another stat"
        is_missing(other, "never.md")
        other.close()
        put_all(sink, "later.md")
    looking = bench.sink()
    looking.look()
    with bench.opened("second"):
        assert read(looking, "later.md") == b"later.md", "a look that goes on does not see what is there"


@check("look")
def a_look_makes_nothing(bench: SinkBench) -> None:
    """A place that is not there yet is empty, and stays as it is: whoever only asks must not make folders."""
    before = sorted(bench.folder.rglob("*"))
    sink = bench.sink()
    sink.look()
    is_missing(sink, "page.md")
    if sink.lists:
        assert list(sink.list()) == [], "a place that is not there lists something"
    sink.close()
    assert sorted(bench.folder.rglob("*")) == before, "looking at a place that is not there made something"


@check("list")
def the_list_is_complete(bench: SinkBench) -> None:
    """Every committed path is listed once, as it was written, and nothing that was deleted or only staged; also where
    there are more than a store tells at once, which the next run has to ask for.
    """
    many = [f"many/{number % 7}/{number}.md" for number in range(_MANY)]
    with bench.opened() as sink:
        put_all(sink, *many, *AWKWARD, "deleted.md")
        sink.delete("deleted.md")
        stage(sink, "staged.md")
        sink.flush()
        found = list(sink.list())
        assert len(found) == len(set(found)), "a path is listed twice"
        missing = {*many, *AWKWARD} - set(found)
        assert not missing, f"{len(missing)} paths are not listed, such as {min(missing)!r}"
        assert not {"deleted.md", "staged.md"} & set(found), "what is not there is listed"
    with bench.opened("second") as sink:
        assert sorted(sink.list()) == sorted(found), "the next run lists something else"


@check("list")
def the_list_shows_no_lock_and_no_staging(bench: SinkBench) -> None:
    """The sink's own files are not listed: ``check`` would call them strangers, and somebody would delete them."""
    with bench.opened() as sink:
        put_all(sink, "page.md", ".notion-sync/manifest.jsonl")
        stage(sink, "staged.md", [b"staged"])
        assert sorted(sink.list()) == [".notion-sync/manifest.jsonl", "page.md"], "its own files are listed"
