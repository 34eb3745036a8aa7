"""What is shipped for Prometheus and Grafana names what there is, and fires when it should."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from monitoring.promql import RULE_TESTS, RULES, alerts, dashboard, named, queries
from notion_sync_core import events
from notion_sync_core.testing.clock import FakeClock
from notion_sync_core.watch.metrics import METRICS
from notion_sync_metrics.numbers import Numbers

EXPECTED = {
    *("NotionSyncNoSuccess", "NotionSyncPartialRuns", "NotionSyncLag", "NotionSyncRateLimited"),
    *("NotionSyncBreakerOpen", "NotionSyncRetries", "NotionSyncCheckpointStale", "NotionSyncGuardTripped"),
    *("NotionSyncTokenRefused", "NotionSyncDiskLow", "NotionSyncPluginErrors", "NotionSyncDown"),
}
ROWS = ["Health", "Speed", "Latency", "Sinks", "Queues", "Plugins"]
NOT_SHOWN = {
    *("run_info", "passes_total", "checkpoints_total", "pages_total"),
    *("sync_lag_seconds", "checkpoint_age_seconds", "asset_bytes_total", "component_state"),
}
"""What is for people who ask; docs/metrics.md explains it."""

promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is missing (Debian: prometheus); make test-monitoring brings it"
)


def test_the_alerts_are_those_that_are_promised() -> None:
    assert alerts().keys() == EXPECTED


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_alert_says_how_bad_it_is_what_it_is_and_what_to_do(name: str) -> None:
    rule = alerts()[name]
    assert rule["labels"]["severity"] in ("critical", "warning")
    assert {"summary", "description", "runbook_url"} == rule["annotations"].keys()
    assert rule["annotations"]["runbook_url"].endswith(f"runbooks.md#{name.lower()}")
    assert named(rule["expr"]) <= METRICS.keys()


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_alert_has_a_unit_test_in_which_it_fires_and_ones_in_which_it_does_not(name: str) -> None:
    looks = [look for test in yaml.safe_load(RULE_TESTS.read_text())["tests"] for look in test["alert_rule_test"]]
    fired = {bool(look["exp_alerts"]) for look in looks if look["alertname"] == name}
    assert fired == {True, False}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_an_alert_stands_in_the_documentation_with_its_severity(name: str) -> None:
    text = (Path(__file__).parent.parent.parent / "docs" / "metrics.md").read_text()
    assert re.search(rf"^\| {name} \|.*\| {alerts()[name]['labels']['severity']} \|$", text, re.M)


def test_the_dashboard_has_its_rows_in_order_and_no_panel_lies_on_another() -> None:
    panels = dashboard()["panels"]
    rows = [panel["title"] for panel in panels if panel["type"] == "row"]
    assert [row.partition(" ")[0].strip(",") for row in rows] == ROWS
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {(x + place["x"], y + place["y"]) for x in range(place["w"]) for y in range(place["h"])}
        assert not taken & cells, panel["title"]
        assert place["x"] + place["w"] <= 24
        taken |= cells


@pytest.mark.parametrize("name", queries())
def test_a_query_names_what_there_is_and_asks_for_the_jobs_that_were_chosen(name: str) -> None:
    query = queries()[name]
    assert named(query) <= METRICS.keys()
    assert query.count("{") == query.count('{job_id=~"$job_id"') > 0
    variables = {variable["name"] for variable in dashboard()["templating"]["list"]}
    assert variables >= set(re.findall(r"\$([a-z]\w*)", query))


def test_every_metric_is_shown_or_said_to_be_for_people_who_ask() -> None:
    used = set[str]().union(*map(named, queries().values()), *(named(rule["expr"]) for rule in alerts().values()))
    assert METRICS.keys() - used - {"build_info"} == NOT_SHOWN


@promtool
def test_promtool_takes_the_rules_and_their_unit_tests_pass() -> None:
    for words in (["check", "rules", RULES.name], ["test", "rules", RULE_TESTS.name]):
        done = subprocess.run(["promtool", *words], cwd=RULES.parent, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "SUCCESS" in done.stdout


@promtool
def test_promtool_finds_nothing_to_say_against_the_metrics() -> None:
    numbers = Numbers(FakeClock())
    numbers.measuring(events.RunStarted("job", "sync", 0))
    numbers.measuring(events.SinkWrote("fs", 1, 0.1, True, 1))
    done = subprocess.run(["promtool", "check", "metrics"], input=numbers.exposition().body, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
