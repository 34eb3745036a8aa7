"""Checks of targets: each write is sent once, and one whose answer was lost can be looked for."""

from __future__ import annotations

from collections.abc import Callable

from notion_sync_core.errors import DoubtError, FatalError, Interrupted, SkippableError
from notion_sync_core.model import Json
from notion_sync_core.plugins.target import Target
from notion_sync_core.testing.examine import refused
from notion_sync_core.testing.source_bench import outside_calls
from notion_sync_core.testing.target_bench import ABSENT, PAPER, TargetBench, paragraph, text
from notion_sync_core.writing import Changes, New


@PAPER.check()
def a_write_is_one_request_sent_once(bench: TargetBench) -> None:
    """The gate repeats what goes through ``gate(call)``: a write that was done and not answered would be done twice.
    So each goes through ``gate.once(call)``, one request each."""
    target, _, home = bench.begun()
    before = bench.gate.writes
    target.create(New("page", home, text("A page"), blocks=(paragraph("a"),)), bench.gate)
    assert bench.gate.writes - before == 1, f"a page took {bench.gate.writes - before} writes"
    target.append(home, [paragraph("b"), paragraph("c")], "", bench.gate)
    assert bench.gate.writes - before == 2, "blocks of one request took another number of writes than one"


@PAPER.check()
def nothing_leaves_beside_the_gate(bench: TargetBench) -> None:
    """The gate keeps the budget, waits while the service asks for it and stops when the user says so: a call that goes
    past it does none of that."""
    with outside_calls(bench.gate) as seen:
        target, _, home = bench.begun()
        made = target.create(New("page", home, text("A page")), bench.gate)
        target.append(made.id, [paragraph("a")], "", bench.gate)
        target.update(made.id, Changes("page", title=text("Other")), bench.gate)
    assert not seen, f"{len(seen)} calls left beside the gate"


@PAPER.check("children")
def a_lost_answer_is_a_doubt_and_the_page_is_found(bench: TargetBench) -> None:
    """A page whose answer was lost is looked for by its title before it is made again: the doubt reaches the caller,
    and the page stands in its parent once."""
    target, _, home = bench.begun()
    bench.gate.lose("answers")
    with refused("a lost answer", DoubtError):
        target.create(New("page", home, text("Lost")), bench.gate)
    bench.gate.lose("")
    assert bench.said(target, home) == ["Lost"], f"there are {len(bench.said(target, home))} of it"


@PAPER.check("children")
def a_lost_answer_is_a_doubt_and_the_blocks_are_found(bench: TargetBench) -> None:
    """Blocks whose answer was lost stand where they would stand, once: whoever looks there knows that they arrived."""
    target, _, home = bench.begun()
    first, _ = target.append(home, [paragraph("a"), paragraph("d")], "", bench.gate)
    bench.gate.lose("answers")
    with refused("a lost answer", DoubtError):
        target.append(home, [paragraph("b"), paragraph("c")], first, bench.gate)
    bench.gate.lose("")
    assert bench.said(target, home) == ["a", "b", "c", "d"]


@PAPER.check("children")
def a_lost_request_leaves_nothing(bench: TargetBench) -> None:
    """A request that never arrived looks like one whose answer was lost, and is told apart by looking: nothing of it
    is there, so it may be sent again."""
    target, _, home = bench.begun()
    bench.gate.lose("requests")
    for write in _writes(target, home, bench):
        with refused("a lost request", DoubtError):
            write()
    bench.gate.lose("")
    assert not bench.shown(target, home)
    target.create(New("page", home, text("Lost")), bench.gate)
    assert bench.said(target, home) == ["Lost"]


@PAPER.check("databases")
def a_lost_answer_is_a_doubt_and_rows_are_found(bench: TargetBench) -> None:
    """A database, and a row, whose answers were lost stand once where they belong, with their titles."""
    target, _, home = bench.begun()
    columns: Json = {"Name": {"title": {}}}
    bench.gate.lose("answers")
    with refused("a lost answer", DoubtError):
        target.create(New("database", home, text("Tasks"), columns), bench.gate)
    bench.gate.lose("")
    (database,) = bench.shown(target, home)
    (source,) = bench.shown(target, database.id, "database")
    bench.gate.lose("answers")
    with refused("a lost answer", DoubtError):
        target.create(New("row", source.id, text("A row")), bench.gate)
    bench.gate.lose("")
    assert (database.title, bench.said(target, source.id, "data_source")) == ("Tasks", ["A row"])


@PAPER.check("upload")
def a_file_arrives_though_an_answer_is_lost(bench: TargetBench) -> None:
    """An upload that nobody shows is harmless: when one of its answers is lost, it is begun again until a file is
    there."""
    target, _, home = bench.holding("file")
    real, lost = bench.gate.once, iter([True, False, True])

    def once_in_a_while(call: Callable[..., object], *args: object, **kwargs: object) -> object:
        result = real(call, *args, **kwargs)
        if next(lost, False):
            raise DoubtError("no answer: it may have been done all the same")
        return result

    bench.gate.once = once_in_a_while  # type: ignore[method-assign, assignment]
    uploaded = target.upload(bench.file(), "notes.txt", bench.gate)
    bench.gate.once = real  # type: ignore[method-assign]
    source = {"type": "file_upload", "file_upload": {"id": uploaded}}
    target.append(home, [{"type": "file", "file": source}], "", bench.gate)


@PAPER.check()
def whoever_stops_it_is_heard(bench: TargetBench) -> None:
    """A user stops a restore, or the budget ends: what the gate raises reaches the caller as it is, and is no answer of
    the service."""
    target, _, home = bench.begun()
    for error in (Interrupted(2), FatalError("the end")):
        bench.gate.fail(error)
        for write in _writes(target, home, bench):
            try:
                write()
            except FatalError as seen:
                assert seen is error, f"it became {type(seen).__name__}: {seen.message}"
            else:
                raise AssertionError(f"{type(error).__name__} was swallowed")
    bench.gate.fails = None


@PAPER.check()
def a_refusal_is_no_doubt(bench: TargetBench) -> None:
    """What the service understood and refused was not done: it is told as such, for a doubt costs looking, and what is
    refused once is refused again."""
    target, _, _ = bench.begun()
    for write in _writes(target, ABSENT, bench):
        try:
            write()
        except DoubtError as error:
            raise AssertionError("a refusal is told as a doubt") from error
        except SkippableError:
            continue
        raise AssertionError("it writes into a page that there is not")


def _writes(target: Target, home: str, bench: TargetBench) -> tuple[Callable[[], object], ...]:
    """A write of each kind."""
    return (
        lambda: target.create(New("page", home, text("Lost")), bench.gate),
        lambda: target.append(home, [paragraph("lost")], "", bench.gate),
    )
