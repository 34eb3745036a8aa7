"""Fixtures for the tests of plugins. pytest loads this module in every suite of its environment, so it imports nothing
that one of them does not ask for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from notion_sync_core.testing.clock import FakeClock
    from notion_sync_core.testing.jobs import RunJob
    from notion_sync_core.testing.opened import Opened
    from notion_sync_core.testing.shelf import Rendered


def pytest_addoption(parser: pytest.Parser) -> None:
    """Golden files can be written anew."""
    parser.getgroup("notion-sync").addoption(
        "--update-golden",
        action="store_true",
        help="write golden files of exams (check_renderer(…, golden=FOLDER)) anew instead of comparing with them",
    )


@pytest.fixture
def fake_clock() -> FakeClock:
    """Time that passes only when somebody sleeps."""
    from notion_sync_core.testing.clock import FakeClock

    return FakeClock()


@pytest.fixture
def document(tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Makes a document with its site, as ``render_document`` gets them: ``document("Title", block(…), …)``.

    The arguments are those of :func:`notion_sync_core.testing.document`; ``suffix`` is that of the renderer.
    """
    from notion_sync_core.testing.opened import Opener

    opener = Opener(tmp_path / "documents")
    try:
        yield opener
    finally:
        opener.close()


@pytest.fixture
def render(tmp_path: Path) -> Callable[..., Rendered]:
    """Renders documents on the way that a run takes: ``render(MyRenderer(), draft, …)`` gives the files of the first.

    Documents are made by :func:`notion_sync_core.testing.document` and :func:`~notion_sync_core.testing.database`.
    """

    def made(plugin: object, *drafts: Any, beside: tuple[object, ...] = ()) -> Rendered:
        from notion_sync_core.testing.examine import fresh
        from notion_sync_core.testing.shelf import Shelf

        with Shelf(fresh(tmp_path, "shelf"), drafts) as shelf:
            return shelf.render(plugin, drafts[0].id, *beside)

    return made


@pytest.fixture
def run_job(tmp_path: Path, request: pytest.FixtureRequest) -> RunJob:
    """Runs a job whose state and files lie in this test's folder: ``run_job("sync", export__renderers=["mine"])``.

    Keys of the configuration are written with two underscores for the dot. Unless ``export__source`` says another
    source, it reads the sample workspace of the fixture ``emulator``.
    """
    from notion_sync_core.testing.jobs import RunJob

    return RunJob(tmp_path, lambda: request.getfixturevalue("emulator"))
