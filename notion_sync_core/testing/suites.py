"""The exams as tests: one node of pytest for each check."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from notion_sync_core.testing.drafts import Draft
from notion_sync_core.testing.examine import DECLARED, Given, NotApplicable, fresh, paper
from notion_sync_core.testing.golden import UPDATE, Golden

Test = Callable[..., None]


def check_source(
    make: Callable[..., Any],
    *,
    features: Iterable[str] = (),
    golden: str | Path = "",
    replace: Mapping[str, str] | None = None,
) -> Test:
    """The exam of sources, to be assigned in a test module; see :func:`check_sink`.

    :param make: builds the source; each time for the same service, which holds at least one page and does not change
        meanwhile.
    :param golden: a folder of golden files, from the test module's own: all that the source shows and reads.
        ``pytest --update-golden`` writes them.
    :param replace: patterns (:mod:`re`) of what is another each time, such as a test server's port, and what is kept in
        its place: ``{r"127\\.0\\.0\\.1:\\d+": "HOST"}``.
    """
    return _suite("sources", make, features, _Besides(golden, replace=replace or {}))


def check_renderer(
    make: Callable[..., Any],
    *,
    features: Iterable[str] = (),
    golden: str | Path = "",
    documents: Iterable[Draft] | Callable[..., Any] = (),
    replace: Mapping[str, str] | None = None,
) -> Test:
    """The exam of renderers, to be assigned in a test module; see :func:`check_sink`.

    :param golden: a folder of golden files, from the test module's own: what the renderer makes of some documents.
        ``pytest --update-golden`` writes them.
    :param documents: more of these, beside those that come with the kit, which have each kind of block and of property:
        a list, or what makes a source that shows them, whose further arguments are fixtures.
    :param replace: as for :func:`check_source`.
    """
    return _suite("renderers", make, features, _Besides(golden, documents, replace or {}))


def check_sink(
    make: Callable[..., Any],
    *,
    features: Iterable[str] = (),
    golden: str | Path = "",
    looks: Callable[..., Any] | None = None,
    replace: Mapping[str, str] | None = None,
) -> Test:
    """The exam of sinks, to be assigned in a test module::

        test_my_sink = check_sink(lambda folder: MySink(path=str(folder / "out")), features={"list"})

    :param make: builds the sink at a place of its own in the folder it is given; a second call with the same folder
        builds a second one at the same place. Further arguments are fixtures: ``lambda folder, bucket: …``.
    :param features: what the plugin has of ``Paper.features``; checks of others
        are skipped, and listed as such.
    :param golden: a folder of golden files, from the test module's own: what a run leaves at the place.
        ``pytest --update-golden`` writes them.
    :param looks: shows what lies at the place of a folder, from outside, without the sink: gives of each thing its
        name, what is said of it besides, such as its media type, and its content. Further arguments are fixtures.
    :param replace: as for :func:`check_source`.
    :raises ValueError: there is no feature of that name.
    """
    return _suite("sinks", make, features, _Besides(golden, replace=replace or {}, looks=looks))


def check_listener(make: Callable[..., Any], *, features: Iterable[str] = ()) -> Test:
    """The exam of listeners, to be assigned in a test module; see :func:`check_sink`."""
    return _suite("listeners", make, features)


def check_target(
    make: Callable[..., Any],
    *,
    into: str = "",
    features: Iterable[str] = (),
    reads: Callable[..., Any] | None = None,
) -> Test:
    """The exam of targets, to be assigned in a test module; see :func:`check_sink`.

    :param make: builds the target; each time for the same service, to which nobody else writes meanwhile.
    :param into: the id of a page below which the exam writes pages of its own, which stay; ``""``: at the top.
    :param reads: builds a source that shows what was written, of a folder and fixtures like ``make``: every field that
        was sent is compared with what is read. Without one titles and texts are, as the target shows them.
    """
    return _suite("targets", make, features, _Besides(into=into, reads=reads))


@frozen
class _Besides:
    """What a test module gives an exam besides the plugin."""

    folder: str | Path = ""
    """Of golden files, from the module's own."""
    documents: Iterable[Draft] | Callable[..., Any] = ()
    replace: Mapping[str, str] = {}
    into: str = ""
    reads: Callable[..., Any] | None = None
    looks: Callable[..., Any] | None = None

    def fixtures(self) -> list[str]:
        """What its sources and looks are made of."""
        return [name for make in (self.documents, self.reads, self.looks) if callable(make) for name in _fixtures(make)]

    def given(self, make: Callable[[Path], Any], request: pytest.FixtureRequest, values: Mapping[str, Any]) -> Given:
        """The plugin of a test, with what is given besides.

        :param values: of fixtures.
        """
        documents = _filled(self.documents, values) if callable(self.documents) else self.documents
        reads, looks = (None if each is None else _filled(each, values) for each in (self.reads, self.looks))
        renews = bool(request.config.getoption(UPDATE, False))
        place = request.path.parent / self.folder
        golden = Golden(place, documents, self.replace, renews) if self.folder else None
        return Given(make, self.into, reads, golden, looks)


def _filled(make: Callable[..., Any], values: Mapping[str, Any]) -> Callable[[Path], Any]:
    """A maker with its fixtures."""
    return partial(make, **{name: values[name] for name in _fixtures(make)})


def _fixtures(make: Callable[..., Any]) -> list[str]:
    return list(inspect.signature(make).parameters)[1:]


def _suite(kind: str, make: Callable[..., Any], features: Iterable[str], besides: _Besides | None = None) -> Test:
    asked = paper(kind)
    said = asked.known(features)
    more = besides or _Besides()

    def test(check: str, tmp_path: Path, request: pytest.FixtureRequest, **given: Any) -> None:
        make_here = more.given(_filled(make, given), request, given)
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
    names = dict.fromkeys(["check", "tmp_path", "request", *_fixtures(make), *more.fixtures()])
    test.__signature__ = inspect.Signature([inspect.Parameter(name, kinds) for name in names])  # type: ignore[attr-defined]
    test.__doc__ = f"The exam of {kind}."
    made: Test = pytest.mark.parametrize("check", [DECLARED, *asked.checks])(test)
    return made
