"""What embedders rely on, as type checkers see it: mypy (`make types`) and pyright (`make test-recipes`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, assert_type

from notion_sync_core import (
    Event,
    Gone,
    Job,
    NotionSyncError,
    OpenSite,
    Report,
    Section,
    SiteDocument,
    Stop,
    Table,
)
from notion_sync_core.inspection import Inspection
from notion_sync_core.preview import Preview


def hear(event: Event) -> None:
    """A listener may give anything, or nothing."""


def runs(stop: Stop) -> None:
    """Jobs and their runs."""
    job = Job.of(
        source="notion", token="t", to=["backup", Path("other")], renderers=["markdown"], workers=4, assets=False
    )
    assert_type(job, Job)
    assert_type(Job.load("notion-sync.toml"), Job)
    assert_type(
        job.export(on_event=hear, stop=stop, full=True, max_requests=3, max_duration_s=1.5, strict=True), Report
    )
    assert_type(job.sync(on_event=print), Report)
    assert_type(job.render(), Report)
    assert_type(job.plan(), Preview)
    assert_type(job.check(read_data=True), Inspection)
    assert_type(job.sync().objects.read, int)
    assert_type(stop.requested, int)


async def awaited(job: Job, stop: Stop) -> None:
    """The same, awaited."""
    assert_type(await job.aexport(on_event=hear, stop=stop, full=True), Report)
    assert_type(await job.async_(max_requests=3), Report)
    assert_type(await job.aplan(), Preview)


def reads(job: Job, cursor: str | None) -> None:
    """What was read."""
    with job.open(as_of=3) as past, job.open(as_of="2026-11-01") as earlier:
        assert_type((past, earlier), tuple[OpenSite, OpenSite])
    with job.open() as site:
        assert_type(site, OpenSite)
        assert_type(site.cursor, str)
        assert_type(site.deleted_since(site.cursor), Iterator[Gone])
        assert_type(site.document("id"), SiteDocument | None)
        for document in site.documents(changed_since=cursor):
            assert_type(document, SiteDocument)
            assert_type(document.text(), str)
            assert_type(document.markdown(), str)
            assert_type(document.path, str)
            assert_type(document.properties, dict[str, Any])
            assert_type(document.sections(max_chars=500), Iterator[Section])
            assert_type(document.table(), Table)
            assert_type(document.table().rows, Iterator[dict[str, Any]])
            assert_type([section.headings for section in document.sections()], list[tuple[str, ...]])


def fails(job: Job) -> Report | None:
    """Errors carry a report."""
    try:
        return job.export()
    except NotionSyncError as error:
        assert_type(error.message, str)
        found: Report | None = error.report
        return found


def refused(job: Job) -> None:
    """What a checker has to find: each line is marked as wrong, and one that is not is an error itself."""
    job.export(ful=True)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    job.export(max_requests="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Job.of(naming="nicely")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Job.of(worker=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
