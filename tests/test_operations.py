"""The guides of operations say what is so: commands parse; messages, keys, metrics, alerts and figures exist."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest
import yaml

from code_blocks import lines_of
from conftest import Bench
from notion_sync_core.config import Config
from notion_sync_core.config.tree import SECTIONS
from notion_sync_core.state.migrations import FORMAT, OLDEST
from notion_sync_core.watch.metrics import METRICS, PREFIX

ROOT = Path(__file__).parent.parent
GUIDES = sorted((ROOT / "docs" / "operations").glob("*.md"))
RUNBOOKS = ROOT / "docs" / "operations" / "runbooks.md"
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yml"
SUFFIXES = ("_bucket", "_sum", "_count")

each_guide = pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)


@each_guide
def test_every_guide_is_on_the_page_for_operators(guide: Path) -> None:
    assert f"(../operations/{guide.name})" in (ROOT / "docs" / "how-to" / "operator.md").read_text("utf-8")


@each_guide
def test_every_key_that_a_guide_names_is_a_setting(guide: Path) -> None:
    attrs.resolve_types(Config)
    known = {f"{name}.{key.name}" for name, kind in SECTIONS.items() for key in attrs.fields_dict(kind).values()}
    named = re.findall(rf"\b((?:{'|'.join(SECTIONS)})\.[a-z_]+)\b", guide.read_text("utf-8"))
    assert {key for key in named if not key.endswith((".toml", ".so", ".com", ".md"))} <= known


@each_guide
def test_every_metric_that_a_guide_names_is_measured(guide: Path) -> None:
    for name in re.findall(rf"\b{PREFIX}[a-z_]+\b", guide.read_text("utf-8")):
        if not name.startswith(("notion_sync_core", "notion_sync_data")):
            assert name.removeprefix(PREFIX) in METRICS, name


# -- alerts and runbooks


def alerts() -> dict[str, str]:
    """Where the runbook of each alert is said to be."""
    groups = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    rules = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    return {rule["alert"]: rule["annotations"]["runbook_url"] for rule in rules}


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    headings = re.findall(r"^## (NotionSync\w+)$", RUNBOOKS.read_text("utf-8"), re.M)
    assert sorted(headings) == sorted(alerts())


def test_every_alert_says_where_its_runbook_is() -> None:
    for name, address in alerts().items():
        path, _, fragment = address.partition("#")
        assert (ROOT / path).resolve() == RUNBOOKS, address
        assert fragment == name.lower()


def test_every_alert_is_in_the_list_of_what_to_watch() -> None:
    listed = re.findall(
        r"^\| \[(\w+)\]\(runbooks\.md#(\w+)\)", (RUNBOOKS.parent / "monitoring.md").read_text("utf-8"), re.M
    )
    assert sorted(name for name, _ in listed) == sorted(alerts())
    assert all(name.lower() == fragment for name, fragment in listed)


def test_every_runbook_says_what_it_means_how_to_see_it_what_to_do_and_when_it_is_over() -> None:
    for section in re.split(r"^## ", RUNBOOKS.read_text("utf-8"), flags=re.M)[1:]:
        parts = re.findall(r"^\*\*(Meaning|See it|Do|Over)", section, re.M)
        assert parts == ["Meaning", "See it", "Do", "Over"], section.partition("\n")[0]


# -- messages


def texts() -> Iterator[str]:
    """Every text in the source; what is filled in stands as …"""
    for root in (ROOT / "notion_sync_core", ROOT / "plugins"):
        for path in root.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield node.value
                elif isinstance(node, ast.JoinedStr):
                    parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
                    yield "".join(map(str, parts))


def messages() -> list[str]:
    text = (ROOT / "docs" / "operations" / "troubleshooting.md").read_text("utf-8")
    tables = text.partition("## It does not begin")[2].partition("## A file is not as I expect")[0]
    return re.findall(r"^\| `([^`]+)` \|", tables, re.M)


def test_every_message_that_is_explained_is_one_of_the_source() -> None:
    source = "\n".join(texts())
    explained = [message for message in messages() if not message.startswith("waiting 41 s")]
    assert len(explained) > 30
    for message in explained:
        # Numbers and names are filled in by other means too: each piece between them must be there.
        for piece in message.split("…"):
            assert piece.strip(" :") in source, message


@pytest.mark.skipif(not shutil.which("jq"), reason="jq is missing (Debian: jq)")
def test_a_backup_is_compared_with_its_manifest_by_tools_of_others(bench: Bench) -> None:
    bench.good("export", to=bench.folder / "restored", export__renderers=["markdown", "html"])
    section = (ROOT / "docs/operations/backup-and-recovery.md").read_text("utf-8").partition("## Is the backup good")[2]
    block = section.partition("\n## ")[0].replace("\\\n", " ")
    lines = "\n".join(lines_of(block))
    typed = ["bash", "-eo", "pipefail", "-c", lines]

    well = subprocess.run(typed, cwd=bench.folder, capture_output=True, text=True)
    rotten = bench.folder / "restored" / "markdown" / "Fernwood Bikes Handbook.md"
    rotten.write_bytes(rotten.read_bytes()[:-1])
    found = subprocess.run(typed, cwd=bench.folder, capture_output=True, text=True)

    assert (well.returncode, well.stdout, well.stderr) == (0, "", "")
    assert found.returncode == 1
    assert "markdown/Fernwood Bikes Handbook.md: FAILED" in found.stdout


# -- formats and figures


def test_the_guide_to_upgrades_names_the_formats_that_are_carried_over() -> None:
    text = (ROOT / "docs" / "operations" / "upgrade.md").read_text("utf-8")
    assert f"Formats {OLDEST} to {FORMAT} exist" in text


def measured() -> dict[tuple[str, str, str], list[str]]:
    """Rows of the benchmarks by scenario, run and pages."""
    rows = re.findall(r"^\| (.+) \|$", (ROOT / "docs" / "benchmarks.md").read_text("utf-8"), re.M)
    cells = [row.split(" | ") for row in rows]
    return {(row[0], row[1], row[2]): row for row in cells if len(row) == 11}


def test_the_figures_of_capacity_are_those_of_the_benchmarks() -> None:
    text = (ROOT / "docs" / "operations" / "capacity.md").read_text("utf-8")
    known = measured()
    for run, row in (("export", "first export"), ("unchanged sync", "sync, nothing changed")):
        requests = [known["no latency", run, pages][5] for pages in ("1,000", "10,000", "100,000")]
        (said,) = re.findall(rf"^\| {row} \| .* \| (\S+) \| (\S+) \| (\S+) \|$", text.partition("## Time")[0], re.M)
        assert list(said) == requests
    memory = re.findall(r"^\| ([\d,]+|one page of 100,000 blocks) \| (\d+) MB \|$", text, re.M)
    assert len(memory) == 5
    for pages, megabytes in memory:
        scenario = {"180": "small"}.get(pages, pages if pages.startswith("one page") else "no latency")
        assert known[scenario, "export", pages if pages[0].isdigit() else "1"][9] == megabytes
