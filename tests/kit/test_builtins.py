"""Every built-in passes the exam that authors of other plugins have; sinks do so beside their own tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.examined import LARGEST, REPLACED
from kit.served import served_workspace, workspace_to_render
from notion_sync_console import ConsoleListener
from notion_sync_core.testing import check_listener, check_renderer, check_source, check_target
from notion_sync_demo import Emulator, Workspace
from notion_sync_html import HtmlRenderer
from notion_sync_json import JsonRenderer
from notion_sync_markdown import MarkdownRenderer
from notion_sync_metrics import MetricsListener
from notion_sync_notion import NotionSource
from notion_sync_notion.target import NotionTarget
from notion_sync_otel import OtelListener


@pytest.fixture(scope="module")
def notion() -> Iterator[Emulator]:
    """A service that does not change meanwhile."""
    with Emulator(served_workspace(), page_size=20) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def sample() -> Iterator[Emulator]:
    """The sample workspace."""
    with Emulator(workspace_to_render()) as emulator:
        yield emulator


def notion_source(_: Path, notion: Emulator) -> NotionSource:
    return NotionSource(notion.token, notion.url, comments=True, views=True)


def demo(_: Path, sample: Emulator) -> NotionSource:
    return NotionSource(sample.token, sample.url, comments=True, views=True)


@pytest.fixture(scope="module")
def empty() -> Iterator[Emulator]:
    """A service that takes writes."""
    with Emulator(Workspace("Empty", seed=3), largest_file=LARGEST) as emulator:
        yield emulator


test_the_notion_target_passes = check_target(
    lambda _, empty: NotionTarget(empty.token, empty.url),
    features={"children", "upload", "databases", "places", "columns", "views", "comments"},
    reads=lambda _, empty: NotionSource(empty.token, empty.url),
)
PAGES = {"content", "comments", "links", "asks"}
test_the_notion_source_passes = check_source(
    notion_source,
    features={
        *("ping", "workspace", "resolve", "revisit", "locate"),
        *("expand", "users", "synced", "assets", "comments"),
    },
    golden="golden/notion",
    replace=REPLACED,
)
test_the_json_renderer_passes = check_renderer(
    lambda _: JsonRenderer(),
    features={"content", "comments"},
    golden="golden/json",
    documents=demo,
    replace=REPLACED,
)
test_the_json_renderer_passes_with_rows = check_renderer(
    lambda _: JsonRenderer(rows=True), features={"content", "comments", "suffixes"}, golden="golden/rows"
)
test_the_html_renderer_passes = check_renderer(
    lambda _: HtmlRenderer(),
    features={*PAGES, "site", "neighbours"},
    golden="golden/html",
    documents=demo,
    replace=REPLACED,
)
test_the_markdown_renderer_passes = check_renderer(
    lambda _: MarkdownRenderer(),
    features={*PAGES, "suffixes"},
    golden="golden/markdown",
    documents=demo,
    replace=REPLACED,
)
test_it_passes_for_obsidian = pytest.mark.campaign(
    check_renderer(lambda _: MarkdownRenderer(dialect="obsidian"), features={"content", "comments", "asks", "suffixes"})
)
test_it_passes_for_docusaurus = pytest.mark.campaign(
    check_renderer(
        lambda _: MarkdownRenderer(dialect="docusaurus"), features={*PAGES, "suffixes", "site", "neighbours"}
    )
)
test_it_passes_for_mkdocs = pytest.mark.campaign(
    check_renderer(lambda _: MarkdownRenderer(dialect="mkdocs"), features={*PAGES, "suffixes", "site"})
)
test_it_passes_for_hugo = pytest.mark.campaign(
    check_renderer(lambda _: MarkdownRenderer(dialect="hugo"), features={*PAGES, "suffixes", "sections"})
)
test_it_passes_for_jekyll = pytest.mark.campaign(
    check_renderer(lambda _: MarkdownRenderer(dialect="jekyll"), features={*PAGES, "suffixes"})
)
test_the_console_passes = check_listener(lambda _: ConsoleListener())
test_the_console_passes_as_json = check_listener(lambda _: ConsoleListener(style="json"))
test_the_console_passes_with_a_bar = check_listener(lambda _: ConsoleListener(style="bar"))
test_metrics_pass = check_listener(
    lambda folder: MetricsListener(metrics_file=str(folder / "notion_sync.prom")),
    features={"exposition", "metrics_file"},
)
test_telemetry_passes = check_listener(lambda _: OtelListener())
