"""Checks of listeners: the file of metrics that collectors read, from one process to the next."""

from __future__ import annotations

import itertools
from pathlib import Path

from notion_sync_core.plugins.listener import Listener
from notion_sync_core.testing.events import a_locked_out_run, a_run
from notion_sync_core.testing.examine import same
from notion_sync_core.testing.listener_bench import PAPER, ListenerBench
from notion_sync_core.testing.listener_numbers import without_job
from notion_sync_core.testing.samples import Labels, is_counter, parsed

check = PAPER.check


@check("metrics_file")
def the_file_goes_on(bench: ListenerBench) -> None:
    """A new process with the same file counts on from what is in it: the runs of a schedule are processes of their own,
    and a counter that begins anew with each says nothing. What is no number of this listener is left alone.
    """
    seen = []
    for run in range(1, 4):
        listener = bench.listener()
        bench.tell(listener, a_run(3, run=run))
        body = Path(listener.plugin.metrics_file).read_bytes()
        seen.append({key: value for key, value in parsed(body).items() if is_counter(key[0])})
    for before, after in itertools.pairwise(seen):
        for (name, labels), value in before.items():
            now = after.get((name, labels), 0.0)
            assert now >= value, f"in the next process {name}{dict(labels)} is {now:g}, and was {value:g}"
    counts = [{key: value for key, value in each.items() if _is_count(key[0])} for each in seen]
    assert any(counts[0].values()), "a run counts nothing"
    for (name, labels), value in counts[0].items():
        said = [each.get((name, labels), 0.0) for each in counts]
        wanted = [value, 2 * value, 3 * value]
        assert said == wanted, f"of three equal runs, each a process, {name}{dict(labels)} counts {said}, not {wanted}"


@check("metrics_file")
def a_file_of_another_job_is_no_beginning(bench: ListenerBench) -> None:
    """A file that another job has left, or is given by mistake, is begun anew: what one job did is not another's."""
    bench.tell(bench.listener(), a_run(3, job="one"))
    other = bench.listener()
    bench.tell(other, a_run(3, job="another"))
    found = _counts_in(other)
    alone = bench.listener()
    Path(alone.plugin.metrics_file).unlink()
    bench.tell(alone, a_run(3, job="another"))
    assert found == _counts_in(alone), "what another job did is counted on"


@check("metrics_file")
def a_damaged_file_stops_nothing(bench: ListenerBench) -> None:
    """A file that is cut off, as a full disk or a copy may leave it, is one to go on from or to begin anew: the run is
    told like any other, and leaves a file that is whole.
    """
    first = bench.listener()
    place = Path(first.plugin.metrics_file)
    bench.tell(first, a_run(3))
    whole = place.read_bytes()
    for tenths in (0, 3, 5, 7, 9):
        place.write_bytes(whole[: len(whole) * tenths // 10])
        listener = bench.listener()
        bench.tell(listener, a_run(3, run=2))
        assert any(_counts_in(listener).values()), f"of a file that was cut off at {tenths} tenths it counts nothing on"


@check("metrics_file")
def whoever_is_locked_out_leaves_the_file_alone(bench: ListenerBench) -> None:
    """A run that finds another one at work ends at once, and the file is that other's: what it keeps there is not
    replaced by numbers of a moment ago.
    """
    bench.tell(bench.listener(), a_run(3))
    late = bench.listener()
    place = Path(late.plugin.metrics_file)
    place.with_name("kept").write_bytes(place.read_bytes())
    bench.tell(late, a_locked_out_run())
    assert same(place.read_bytes(), place.with_name("kept").read_bytes()), "a run that was locked out writes the file"


def _counts_in(listener: Listener) -> dict[tuple[str, Labels], float]:
    """What the file of a listener says of how often something was."""
    told = parsed(Path(listener.plugin.metrics_file).read_bytes())
    plain = {(name, without_job(labels)): value for (name, labels), value in told.items() if _is_count(name)}
    return {key: value for key, value in plain.items() if value}


@check("metrics_file")
def the_file_is_there_after_a_run(bench: ListenerBench) -> None:
    """When a run has ended the file holds what was measured, whole, and without a temporary file beside it."""
    listener = bench.listener()
    place = Path(listener.plugin.metrics_file)
    before = set(place.parent.iterdir())
    bench.tell(listener, a_run())
    assert place.is_file(), f"after a run there is no {place.name}"
    assert place.stat().st_size, f"after a run {place.name} is empty"
    strays = sorted(each.name for each in set(place.parent.iterdir()) - before - {place})
    assert not strays, f"it leaves {strays[0]} beside its file"


def _is_count(name: str) -> bool:
    return name.endswith(("_total", "_count", "_bucket")) and not name.endswith("_seconds_total")
