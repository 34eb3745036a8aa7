"""The exams as tests: one node of pytest for each check."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core.testing.examine import DECLARED, Into, NotApplicable, fresh, paper

Test = Callable[..., None]


def check_source(make: Callable[..., Any], *, features: Iterable[str] = ()) -> Test:
    """The exam of sources, to be assigned in a test module; see :func:`check_sink`.

    :param make: builds the source; each time for the same service, which holds at least one page and does not change
        meanwhile.
    """
    return _suite("sources", make, features)


def check_renderer(make: Callable[..., Any], *, features: Iterable[str] = ()) -> Test:
    """The exam of renderers, to be assigned in a test module; see :func:`check_sink`."""
    return _suite("renderers", make, features)


def check_sink(make: Callable[..., Any], *, features: Iterable[str] = ()) -> Test:
    """The exam of sinks, to be assigned in a test module::

        test_my_sink = check_sink(lambda folder: MySink(path=str(folder / "out")), features={"list"})

    :param make: builds the sink at a place of its own in the folder it is given; a second call with the same folder
        builds a second one at the same place. Further arguments are fixtures: ``lambda folder, bucket: …``.
    :param features: what the plugin has of ``Paper.features``; checks of others
        are skipped, and listed as such.
    :raises ValueError: there is no feature of that name.
    """
    return _suite("sinks", make, features)


def check_listener(make: Callable[..., Any], *, features: Iterable[str] = ()) -> Test:
    """The exam of listeners, to be assigned in a test module; see :func:`check_sink`."""
    return _suite("listeners", make, features)


def check_target(make: Callable[..., Any], *, into: str = "", features: Iterable[str] = ()) -> Test:
    """The exam of targets, to be assigned in a test module; see :func:`check_sink`.

    :param make: builds the target; each time for the same service, to which nobody else writes meanwhile.
    :param into: the id of a page below which the exam writes pages of its own, which stay; ``""``: at the top.
    """
    return _suite("targets", make, features, into)


def _suite(kind: str, make: Callable[..., Any], features: Iterable[str], into: str = "") -> Test:
    asked = paper(kind)
    said = asked.known(features)
    fixtures = list(inspect.signature(make).parameters)[1:]

    def test(check: str, tmp_path: Path, **given: Any) -> None:
        def make_given(folder: Path) -> Any:
            return make(folder, **given)

        make_here = Into(make_given, into)

        if check == DECLARED:
            asked.declared(said, make_here, tmp_path)
            return
        found = asked.checks[check]
        if why := asked.skips(found, said):
            pytest.skip(why)
        try:
            asked.ask(found, make_here, fresh(tmp_path, check))
        except NotApplicable as reason:
            pytest.skip(str(reason))

    kinds = inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = ["check", "tmp_path", *fixtures]
    test.__signature__ = inspect.Signature([inspect.Parameter(name, kinds) for name in names])  # type: ignore[attr-defined]
    test.__doc__ = f"The exam of {kind}."
    made: Test = pytest.mark.parametrize("check", [DECLARED, *asked.checks])(test)
    return made
