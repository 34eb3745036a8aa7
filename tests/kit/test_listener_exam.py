"""The exam of listeners is examined: a good one passes, and each check finds the fault that it is there for."""

# ruff: noqa: E501 - pieces of source stand in one line each
from __future__ import annotations

from pathlib import Path

import pytest

from kit import reference_listener
from kit.mutated import mutated
from notion_sync_core.testing import check_listener, exam, paper

test_a_good_listener_passes = check_listener(reference_listener.make, features=reference_listener.FEATURES)

FIRST = "        match event:\n"
COUNT = "self._counts[sample] = self._counts.get(sample, 0) + 1"
LOCKED = "        with self._lock:\n            self._count(f'events"
WRITES = "            self._write(event.job)"
TELLS = '*(f"{name} {count}" for name, count in samples),'
KIND = "        kind = type(event).__name__\n"
SAMPLES = "            samples = sorted(self._counts.items())"
MUTANTS = [
    ("it_takes_every_event", FIRST, f"{KIND}        event.title if kind == 'RequestsBegan' else None\n{FIRST}"),
    ("it_takes_odd_values", FIRST, f"{KIND}        1 / event.bytes if kind == 'MemoryMeasured' else None\n{FIRST}"),
    ("it_takes_any_order", FIRST, f"        assert self._runs or not isinstance(event, RunFinished)\n{FIRST}"),
    ("it_passes_over_what_it_does_not_know", FIRST, f"        import notion_sync_core.plugin as door\n        getattr(door, type(event).__name__)\n{FIRST}"),
    ("it_takes_fields_that_come_later", FIRST, f"        import attrs\n        if isinstance(event, RunStarted):\n            (_, _, _, _) = attrs.astuple(event)\n{FIRST}"),
    ("it_changes_no_event", WRITES, f"            event.report.clear()\n{WRITES}"),
    ("it_answers_nothing", "    @hookimpl\n    def on_event(self, event: Event) -> None:\n", "    @hookimpl\n    def on_event(self, event):\n        self._see(event)\n        return True\n\n    def _see(self, event):\n"),
    ("threads_may_tell_it_at_once", LOCKED, f"        if self._lock.locked():\n            raise RuntimeError('two at once')\n{LOCKED.replace('        with self._lock:', '        with self._lock:' + chr(10) + '            sum(range(5000))')}"),
    ("it_holds_nobody_up", FIRST, f"        import time\n        enough = time.thread_time() + 0.02\n        while time.thread_time() < enough:\n            pass\n{FIRST}"),
    ("it_never_sleeps", FIRST, f"        import time\n        time.sleep(0.001)\n{FIRST}"),
    ("it_calls_nobody_while_it_is_told", WRITES, f"            import contextlib, socket\n            with contextlib.suppress(OSError), socket.socket() as one:\n                one.connect(('127.0.0.1', 9))\n{WRITES}"),
    ("it_does_not_keep_what_it_saw", FIRST, f"        self._counts[repr(event)] = 1\n{FIRST}"),
    ("one_run_follows_another", "        self._runs += 1\n", "        self._runs += 1\n        assert self._runs == 1\n"),
    ("instances_share_nothing", "_counts: dict[str, int] = field(factory=dict, init=False, repr=False)", "_counts: dict[str, int] = field(default={}, init=False, repr=False)"),
    ("it_leaves_stdout_alone", "file=sys.stderr", "file=sys.stdout"),
    ("titles_do_not_steer_the_terminal", "one_line(title, 200)", "title"),
    ("it_tells_no_secret", 'default="swordfish", repr=False', 'default="swordfish"'),
    ("an_exposition_is_whole", '"\\n".join([*lines, ""]).encode())', '"\\n".join([*lines, ""]))'),
    ("an_exposition_can_be_read", "            if seconds <= float(bound):", "            if seconds >= float(bound):"),
    ("counts_count_on", COUNT, "self._counts[sample] = self._counts.get(sample, 0) + (self._counts.get(sample, 0) < 9)"),
    ("an_exposition_follows_what_happened", SAMPLES, "            samples = sorted(self._counts.items())[:0]"),
    ("an_exposition_may_be_asked_on_any_thread", "    def exposition(self) -> Exposition:\n", "    def exposition(self) -> Exposition:\n        assert threading.current_thread() is threading.main_thread()\n"),
    ("what_is_called_as_ours_is_measured_as_ours", TELLS, f"{TELLS} '# TYPE notion_sync_runs_total counter', 'notion_sync_runs_total{{job_id=\"job\",outcome=\"ok\"}} 7',"),
    ("a_file_of_another_job_is_no_beginning", 'not text.startswith(f"# job {job}\\n") or ', ""),
    ("a_damaged_file_stops_nothing", ' or not text.endswith("\\n")', ""),
    ("whoever_is_locked_out_leaves_the_file_alone", "and self._runs:", ":"),
    ("the_file_goes_on", "        if self._runs > 1 or not place.exists():", "        if self._runs:"),
    ("the_file_is_there_after_a_run", "Path(beside.name).replace(place)", "place.write_bytes(Path(beside.name).read_bytes())"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "old", "new"), MUTANTS, ids=[check for check, *_ in MUTANTS])
def test_a_check_finds_the_fault_that_it_is_there_for(check: str, old: str, new: str, tmp_path: Path) -> None:
    broken = mutated("reference_listener", old, new, tmp_path)
    (outcome,) = exam("listeners", broken.make, broken.FEATURES, only={check}, folder=tmp_path)
    assert outcome.status == "failed", outcome
    assert paper("listeners").checks[check].reason in outcome.message


def test_every_check_has_a_fault_to_find() -> None:
    assert sorted(check for check, *_ in MUTANTS) == sorted(paper("listeners").checks)
