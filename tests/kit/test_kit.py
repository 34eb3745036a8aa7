"""What the kit promises beside its checks: enough of them, all told, features that must fit, fixtures, builders."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from kit import (
    checks_page,
    examined,
    faults,
    mutants,
    reference_listener,
    reference_renderer,
    reference_sink,
    survivors,
)
from notion_sync_core.model import Block, Ref
from notion_sync_core.stages import border
from notion_sync_core.testing import (
    DECLARED,
    FakeClock,
    FakeGate,
    MemorySink,
    MemorySource,
    check_sink,
    database,
    exam,
    paper,
)
from notion_sync_core.testing import document as make_document
from notion_sync_core.testing.build import block, every_kind, rich, schema, value
from notion_sync_core.testing.events import KINDS_OF_EVENTS, every_event, odd_events
from notion_sync_core.testing.examine import KINDS
from notion_sync_core.testing.strategies import blocks, refs, rich_texts
from notion_sync_json import JsonRenderer

LEAST = {"sources": 20, "renderers": 15, "sinks": 30, "listeners": 8, "targets": 12}


@pytest.mark.parametrize("kind", KINDS)
def test_each_exam_has_enough_checks_and_each_says_why(kind: str) -> None:
    checks = paper(kind).checks.values()
    assert len(checks) >= LEAST[kind]
    for check in checks:
        assert len(check.reason.split()) >= 12, f"{check.name} says too little"
        assert check.feature in ("", *paper(kind).features)


def test_the_documentation_lists_every_check_of_today() -> None:
    text = checks_page.PAGE.read_text("utf-8")
    assert checks_page.renewed(text) == text, "run `python tests/kit/checks_page.py`"


@pytest.mark.parametrize("wrong", ["sauces", "", "command"])
def test_a_kind_that_does_not_exist_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="sources, renderers, sinks, listeners, targets"):
        paper(wrong)


def test_a_feature_that_does_not_exist_is_refused_when_the_test_is_made() -> None:
    with pytest.raises(ValueError, match="sinks have no feature 'lists'; there are: attach, look, list"):
        check_sink(reference_sink.make, features={"lists"})


def test_what_is_declared_and_lacking_fails_and_so_does_what_is_there_and_not_declared(tmp_path: Path) -> None:
    (lacking,) = exam("sinks", lambda _: MemorySink(), {"list", "look"}, only={DECLARED}, folder=tmp_path)
    assert lacking.status == "failed"
    assert "declares, but lacks, the feature 'look'" in lacking.message
    (hidden,) = exam("sinks", lambda _: MemorySink(), (), only={DECLARED}, folder=tmp_path)
    assert hidden.status == "failed"
    assert "has, but does not declare, the feature 'list'" in hidden.message


def test_what_is_not_declared_is_skipped_and_says_so(tmp_path: Path) -> None:
    (outcome,) = exam("sinks", lambda _: MemorySink(), {"list"}, only={"a_look_needs_no_lock"}, folder=tmp_path)
    assert outcome.status == "skipped"
    assert "not asked without the feature 'look'" in outcome.message


def test_without_features_whatever_a_plugin_has_is_examined(tmp_path: Path) -> None:
    outcomes = exam("listener", reference_listener.make, folder=tmp_path)
    assert {outcome.status for outcome in outcomes} == {"passed"}
    assert [outcome.name for outcome in outcomes] == [DECLARED, *paper("listeners").checks]


def test_what_is_no_plugin_fails_each_check_with_words(tmp_path: Path) -> None:
    outcomes = exam("sources", lambda _: object(), (), folder=tmp_path)
    assert {outcome.status for outcome in outcomes} == {"failed", "skipped"}
    assert "it does not implement source_discover" in outcomes[1].message


def test_a_plugin_that_cannot_be_made_fails_and_nothing_else_happens(tmp_path: Path) -> None:
    def never(_: Path) -> Any:
        raise RuntimeError("no such option")

    outcomes = exam("renderers", never, (), folder=tmp_path)
    assert {outcome.status for outcome in outcomes} == {"failed", "skipped"}
    assert "RuntimeError: no such option" in outcomes[1].message


def elsewhere(folder: Path, source: str, *arguments: str) -> str:
    """What pytest says of somebody else's tests, where warnings are errors."""
    place = folder / "test_theirs.py"
    place.write_text(textwrap.dedent(source))
    command = [sys.executable, "-W", "error", "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run([*command, str(place)], capture_output=True, text=True, cwd=folder, check=False)
    return done.stdout + done.stderr


def test_one_check_is_one_node_with_its_own_name(tmp_path: Path) -> None:
    said = elsewhere(
        tmp_path,
        """
        from notion_sync_core.testing import MemorySink, check_listener, check_sink
        import pytest

        @pytest.fixture
        def place():
            return {}

        test_mine = check_sink(lambda folder, place: MemorySink(place, str(folder)), features={"list"})
        """,
        *("-rs", "-k", "the_list_is_complete or a_look or two_runs"),
    )
    assert "1 failed, 1 passed, 2 skipped" in said, said
    assert "test_mine[two_runs_do_not_write_at_once]" in said
    assert "not asked without the feature 'look'" in said
    assert "Two writers would delete each other's files" in said


def test_the_plugin_of_pytest_costs_other_suites_nothing(tmp_path: Path) -> None:
    said = elsewhere(
        tmp_path,
        """
        import sys

        def test_nothing_of_ours_is_imported():
            heavy = {"cattrs", "requests", "orjson", "stevedore", "diskcache"}
            ours = {name for name in sys.modules if name.startswith("notion_sync")}
            assert ours <= {
                "notion_sync_core", "notion_sync_core._version", "notion_sync_core.testing",
                "notion_sync_core.testing.pytest_plugin", "notion_sync_demo", "notion_sync_demo.pytest_plugin",
            }, ours
            assert not heavy & set(sys.modules)
        """,
    )
    assert "1 passed" in said, said
    assert "warning" not in said, said


def test_the_fixture_document_gives_what_a_renderer_is_given(document: Callable[..., Any]) -> None:
    made = document("A title", block("paragraph", "some text"), suffix=".json")
    (artifact,) = JsonRenderer().render_document(made.document, made.site)
    assert str(artifact.path) == "A title.json"
    assert b"some text" in b"".join(artifact.chunks)
    assert made.warnings == []


def test_the_fixture_render_goes_the_way_of_a_run(render: Callable[..., Any]) -> None:
    page = make_document("Page", *every_kind())
    made = render(JsonRenderer(), page, make_document("Another"))
    assert made.error == ""
    assert list(made.files) == ["Page.json"]


def test_the_fixture_run_job_reads_the_emulator(run_job: Any, emulator: Any) -> None:
    report = run_job("export", export__renderers=["json"])
    assert report.status == "complete", report.failures
    assert "Fernwood Bikes Handbook.json" in run_job.files()
    assert emulator.counters.total > 30
    assert any(type(each).__name__ == "RunFinished" for each in run_job.events)
    assert run_job("sync", export__renderers=["json"]).objects.read == 0


def test_the_fixture_fake_clock_waits_for_nobody(fake_clock: FakeClock) -> None:
    before = fake_clock.now()
    fake_clock.sleep(3600)
    assert fake_clock.now() - before == 3600


def test_a_gate_can_be_told_to_fail() -> None:
    gate = FakeGate()
    gate.fail(ValueError("now"), after=1)
    assert gate(len, "abc") == 3
    with pytest.raises(ValueError, match="now"):
        gate(len, "abc")
    gate.fails = None
    assert gate(len, "abcd") == 4
    assert gate.calls == 3


def test_a_database_has_its_rows(render: Callable[..., Any]) -> None:
    tasks = database("Tasks", {"Name": schema("Name", "title")}, [{"Name": value("title", "Name", rich("First"))}])
    made = render(JsonRenderer(rows=True), tasks)
    assert sorted(made.files) == ["Tasks.json", "Tasks.jsonl", "Tasks.schema.json"]
    assert b"First" in made.files["Tasks.jsonl"]


def test_a_source_in_memory_passes_the_exam_of_sources(tmp_path: Path) -> None:
    page = make_document("Page").ref
    outcomes = exam("sources", lambda _: MemorySource([page]), (), folder=tmp_path)
    assert not [outcome for outcome in outcomes if outcome.status == "failed"]


def test_a_sink_in_memory_fails_where_it_forgets(tmp_path: Path) -> None:
    outcomes = exam("sinks", lambda _: MemorySink(), {"list"}, folder=tmp_path)
    failed = {outcome.name for outcome in outcomes if outcome.status == "failed"}
    assert "two_runs_do_not_write_at_once" in failed, "each instance is a place of its own"
    assert "staging_shows_nothing" not in failed


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(blocks(), rich_texts(), refs())
def test_strategies_make_what_the_core_takes(raw: dict[str, Any], items: list[dict[str, Any]], ref: Ref) -> None:
    assert Block(raw).type == raw["type"]
    assert all(isinstance(item["plain_text"], str) for item in items)
    assert border.admitted(ref, "mine") is ref


def test_there_are_events_of_every_kind() -> None:
    assert {type(each) for each in every_event()} == set(KINDS_OF_EVENTS)
    assert {type(each) for each in odd_events()} == set(KINDS_OF_EVENTS)
    assert len(KINDS_OF_EVENTS) >= 30


def test_faults_change_the_source_and_the_rules_leave_out_what_nobody_sees() -> None:
    found = faults.sites("notion_sync_json.renderer")
    original = faults.faulty(found[0])
    assert len(found) > 40
    assert len({faults.faulty(site) for site in found}) > 40
    assert original
    sink = faults.sites("notion_sync_fs.sink")
    assert not any("fsync" in site.what or "sync(" in site.what for site in sink), "only a power cut shows it"
    assert not any("notion-export" in site.what for site in sink), "a default is the plugin's own choice"
    assert not any("constant 20 changed" in site.what for site in sink), "any size of pieces will do"
    assert any("listdir" in site.what or "unlink" in site.what for site in sink)
    assert not any("left out: raise" in site.what and "constant" in site.what for site in found)
    store = [site.what for site in faults.sites("notion_sync_s3.store")]
    assert not any("TypeVar" in what for what in store), "types are for readers"
    assert "result forgotten: return True" in store
    assert "result forgotten: return False" not in store, "nothing is as false as no"
    options = [site.what for site in faults.sites("notion_sync_s3.sink")]
    assert "constant 'aws:kms:dsse' changed" not in options, "what an option may be is the plugin's own choice"


def test_a_condition_that_only_ever_goes_one_way_is_reached_by_no_fault() -> None:
    source = "if a:\n    b()\nelse:\n    c()\nwhile (\n    d\n    and e\n):\n    f()\ng()\n"
    assert examined.one_way(source, {(1, 2), (1, 4), (5, 9), (9, 5), (7, 10)}) == set()
    assert examined.one_way(source, {(1, 2), (5, 9), (9, 5), (7, 10)}) == {1}
    assert examined.one_way(source, {(1, 4), (5, 6), (6, 7), (7, 9)}) == {1, 5, 6, 7}
    assert examined.one_way(source, set()) == set(), "what does not run at all is told by its lines"


def test_a_constant_that_only_unreached_lines_use_is_reached_by_no_fault() -> None:
    source = "_A = {\n 1: 2}\n_B = 3\nC = 4\ndef f(x=_B):\n  if x:\n    return (C,\n      _A)\n"
    assert examined.idle(source, {1, 3, 4, 5, 6}) == {1, 2}
    assert examined.idle(source, {1, 3, 4, 5, 6, 7}) == set()
    assert examined.idle(source, {1, 3, 4}) == {1, 2, 3}, "the others are anybody's"


def test_reasons_why_faults_survive_are_of_faults_that_there_are() -> None:
    assert survivors.outdated() == []


def test_one_fault_is_tried_in_a_process_of_its_own() -> None:
    done = subprocess.run(
        [sys.executable, mutants.__file__, "--fault", _first_return("notion_sync_metrics.listener")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "it tells nothing" in done.stdout or "gives no Exposition" in done.stdout, done.stdout


def _first_return(module: str) -> str:
    wanted = "result forgotten: return self._numbers.exposition()"
    return f"{module}:{[site.what for site in faults.sites(module)].index(wanted)}"


def test_a_renderer_that_is_good_says_so_without_pytest(tmp_path: Path) -> None:
    names = {"it_says_what_it_makes", "it_shows_no_secret"}
    outcomes = exam("renderers", reference_renderer.make, reference_renderer.FEATURES, only=names, folder=tmp_path)
    assert [outcome.status for outcome in outcomes] == ["passed", "passed"]
