"""Checks of sources: what listings show, and what is asked for by its id."""

from __future__ import annotations

import contextlib

from notion_sync_core.errors import FatalError, Interrupted, MissingError, SkippableError
from notion_sync_core.model import Ref, Unusable, Workspace
from notion_sync_core.testing.examine import secrets_of
from notion_sync_core.testing.fakes import FakeCatalog
from notion_sync_core.testing.held import held, settled
from notion_sync_core.testing.source_bench import ABSENT, MANY, PAPER, SourceBench, bare, fit, left, outside_calls

check = PAPER.check


@check()
def it_shows_pages(bench: SourceBench) -> None:
    """The service that the exam is given holds at least one page, and discovery shows it: a source that shows nothing
    would make a sync delete everything.
    """
    assert bench.pages(), "it shows nothing"


@check()
def references_are_well_formed(bench: SourceBench) -> None:
    """Each reference has an id, a known kind, texts without halves of characters, and times in UTC; an object is of
    one kind. What is odd is given as ``Unusable``, with a reason. Anything else fails its object.
    """
    for ref in bench.refs():
        assert ref.id, "a reference has no id"
        assert ref.created_time <= ref.last_edited_time, f"{ref.title!r} was edited before it was made"
        assert ref.raw is None or ref.raw.get("id", ref.id) == ref.id, f"{ref.title!r} comes with another's object"


@check()
def listings_show_the_same_twice(bench: SourceBench) -> None:
    """Asked again, by the same instance or another, it shows the same objects with the same titles, parents and times.
    What is missing once is looked up one by one, and what a changed time says is read again.
    """
    first = {bare(ref) for ref in bench.refs()}
    one = bench.source()
    for words in ("again", "once more"):
        shown = {bare(ref) for ref in bench.refs(one)}
        assert not (first - shown), f"asked {words}, it does not show {min(first - shown)}"
        assert not (shown - first), f"asked {words}, it shows {min(shown - first)} too"


@check()
def a_listing_can_be_left(bench: SourceBench) -> None:
    """A run that stops leaves a listing in its middle: that raises nothing, and the source goes on and closes."""
    source = bench.source()
    for _ in range(2):
        left(source.hooks.call("source_discover", roots=(), catalog=FakeCatalog(), gate=bench.gate))
    assert {bare(ref) for ref in bench.refs(source)}, "after a listing that was left it shows nothing"
    source.close()


@check()
def what_is_listed_can_be_asked_for(bench: SourceBench) -> None:
    """``source_fetch`` gives an object that a listing showed, by its id, with the API object, and says the same of it:
    a run asks so for what it misses.
    """
    source = bench.source()
    for ref in [*bench.pages()[:MANY], *(each for each in bench.refs() if each.kind == "data_source")][: 2 * MANY]:
        found = [fit(each) for each in source.fetch(ref.id, ref.kind, bench.gate)]
        own = next((each for each in found if each is not None and each.id == ref.id), None)
        assert own is not None, f"{ref.id} was asked for, and something else comes"
        assert own.raw is not None, f"{ref.id} was asked for by its id, and comes without its object"
        assert bare(own) == bare(ref), f"{ref.id} is {bare(ref)} in a listing, and {bare(own)} by its id"
        assert own.created_time == ref.created_time, f"{ref.id} was made at two times"


@check()
def what_is_absent_is_missing(bench: SourceBench) -> None:
    """An id that the service does not know raises :class:`MissingError`, or gives nothing. Any other error would be
    told as a failure in every run, and an object made of nothing would be exported.
    """
    source = bench.source()
    for kind in ("page", "database"):
        try:
            found = list(source.fetch(ABSENT, kind, bench.gate))
        except MissingError as error:
            assert error.message, "what is missing is not said"
            continue
        usable = [each for each in found if not (isinstance(each, Unusable) and each.missing)]
        assert not usable, f"{ABSENT} does not exist, and {usable[0]!r:.80} comes"


@check()
def a_root_is_shown_with_its_object(bench: SourceBench) -> None:
    """With roots given discovery shows each of them, whatever else it shows."""
    roots = tuple(ref.id for ref in bench.pages()[:MANY])
    shown = [fit(each) for each in bench.source().discover(roots, FakeCatalog(), bench.gate)]
    ids = {ref.id for ref in shown if ref is not None}
    missing = set(roots) - ids
    assert not missing, f"{min(missing, default='')} was given as a root, and is not shown"


@check()
def an_absent_root_is_told(bench: SourceBench) -> None:
    """A root that does not exist raises an error, is given as ``Unusable`` or shows nothing; it never stands for an
    object, and never for everything.
    """
    try:
        shown = list(bench.source().discover((ABSENT,), FakeCatalog(), bench.gate))
    except (SkippableError, FatalError):
        return
    assert not [each for each in shown if isinstance(each, Ref)], f"the root {ABSENT} does not exist, and shows objects"


@check()
def calls_go_through_the_gate(bench: SourceBench) -> None:
    """Whatever leaves the process goes through ``gate(call, …)``: listing, looking up, reading. What goes around it is
    neither paced nor repeated, and the service locks the token out.
    """
    source = bench.source()
    with outside_calls(bench.gate) as seen:
        refs = bench.refs(source)
        for ref in [each for each in refs if each.kind != "data_source"][:MANY]:
            list(source.fetch(ref.id, ref.kind, bench.gate))
            bench.pieces(source, bench.whole(source, ref))
        with contextlib.suppress(SkippableError):
            list(source.fetch(ABSENT, "page", bench.gate))
        for hook, ask in (("source_ping", source.ping), ("source_workspace", source.workspace)):
            if source.hooks.implements(hook):
                ask(bench.gate)
    assert not seen, f"{len(seen)} calls leave the process around the gate, such as {seen[0]} of a socket"


@check()
def what_the_gate_raises_comes_through(bench: SourceBench) -> None:
    """When a call fails for good, discovery raises it, wherever in the listing that happens: one that is cut short and
    says nothing looks like a workspace from which everything was deleted.
    """
    source, gate = bench.source(), bench.gate
    list(source.discover((), FakeCatalog(), gate))
    calls = gate.calls
    for after in range(min(calls, 3)):
        gate.fail(FatalError("the exam ends this call"), after)
        try:
            shown = list(bench.source().discover((), FakeCatalog(), gate))
        except FatalError:
            continue
        finally:
            gate.fails = None
        raise AssertionError(
            f"its call number {after + 1} failed, and it shows {len(shown)} objects as if nothing were"
        )


@check()
def a_stop_comes_through(bench: SourceBench) -> None:
    """A run that is told to stop raises :class:`Interrupted` in the next call: no source keeps that to itself."""
    source, gate = bench.source(), bench.gate
    refs = bench.pages()
    whole = bench.whole(source, refs[0])
    for words, ask in (
        ("listing", lambda: list(source.discover((), FakeCatalog(), gate))),
        ("looking up", lambda: list(source.fetch(refs[0].id, refs[0].kind, gate))),
        ("reading", lambda: list(source.read(whole, FakeCatalog(), gate))),
    ):
        before = gate.calls
        gate.fail(Interrupted(15))
        try:
            ask()
        except Interrupted:
            continue
        finally:
            gate.fails = None
        assert gate.calls == before, f"{words}, it was told to stop, and goes on"


@check()
def it_closes_whatever_happened(bench: SourceBench) -> None:
    """Closing works on a source that was asked nothing, twice, and after an error: it is called on every way out."""
    unused = bench.source()
    unused.close()
    unused.close()
    used = bench.source()
    bench.refs(used)
    with contextlib.suppress(SkippableError):
        list(used.fetch(ABSENT, "page", bench.gate))
    used.close()
    used.close()


@check()
def it_gives_back_what_it_took(bench: SourceBench) -> None:
    """After closing, nothing of the process is held: no connection stays open, no thread goes on. A process that serves
    runs jobs for months.
    """
    first = bench.whole(bench.source(), bench.pages()[0])

    def a_run() -> None:
        source = bench.source()
        list(source.discover((), FakeCatalog(), bench.gate))
        bench.pieces(source, first)
        left(source.read(first, FakeCatalog(), bench.gate))
        source.close()

    a_run()
    before = held()
    for _ in range(3):
        a_run()
    after = settled(before)
    assert after[0] <= before[0], f"after three runs {after[0] - before[0]} more files or connections are open"
    assert after[1] <= before[1], f"after three runs {after[1] - before[1]} more threads are there"


@check()
def it_says_who_it_is(bench: SourceBench) -> None:
    """``host``, ``version``, ``identity`` and ``budget`` are the same for two instances made alike: with another one
    everything is read again. None of them, nor the ``repr``, holds a token.
    """
    one, two = bench.source(), bench.source()
    for name in ("host", "version", "identity", "budget"):
        assert getattr(one, name) == getattr(two, name), f"two instances made alike have two attributes {name}"
    for name, secret in secrets_of(one.plugin):
        for shown in (repr(one.plugin), one.host, one.version, one.identity):
            assert secret not in shown, f"what it says of itself shows {name}"


@check("ping")
def it_answers_a_ping(bench: SourceBench) -> None:
    """``source_ping`` gives one line for people, by one call through the gate."""
    source = bench.source()
    said, calls = source.ping(bench.gate), bench.gate.calls
    assert said.strip(), "it says nothing"
    assert "\n" not in said, "it says more than a line"
    assert calls <= 1, f"a ping takes {calls} calls"


@check("workspace")
def a_workspace_stays_the_same(bench: SourceBench) -> None:
    """``source_workspace`` gives the same :class:`Workspace` each time, with an id or a name. A run that meets another
    one than before changes nothing: one that changes by itself would stop every run.
    """
    one, two = (bench.source().workspace(bench.gate) for _ in range(2))
    assert isinstance(one, Workspace), "it gives no Workspace"
    assert one.id or one.name, "a workspace has neither id nor name"
    assert one == two, "asked twice, it shows two workspaces"


@check("resolve")
def a_page_stands_for_itself(bench: SourceBench) -> None:
    """``source_resolve`` gives the id of an object that discovery shows: a page stands for itself, and of what the
    service does not know nothing is said, or that it is missing.
    """
    source = bench.source()
    for ref in bench.pages()[:MANY]:
        found = source.resolve(ref.id, bench.gate)
        assert found == ref.id, f"the {ref.kind} {ref.id} stands for {found!r}"
    try:
        found = source.resolve(ABSENT, bench.gate)
    except SkippableError:
        return
    assert found in ("", ABSENT), f"{ABSENT} does not exist, and stands for {found!r}"


@check("revisit")
def a_revisit_shows_what_is_known(bench: SourceBench) -> None:
    """What ``source_revisit`` shows is as discovery shows it, and asked for nothing it shows nothing: it saves the
    requests of looking objects up one by one.
    """
    refs = {ref.id: ref for ref in bench.refs()}
    catalog = FakeCatalog(None, {ref.id: ref.last_edited_time for ref in refs.values()})
    source = bench.source()
    for shown in source.revisit(catalog, bench.gate):
        ref = fit(shown)
        if ref is not None and ref.id in refs and not ref.left_out:
            assert bare(ref) == bare(refs[ref.id]), f"{ref.title!r} is another when it is shown again"
    before = bench.gate.calls
    assert not list(source.revisit(FakeCatalog(), bench.gate)), "nothing is awaited, and it shows something"
    assert bench.gate.calls == before, "nothing is awaited, and it asks the service"


@check("expand")
def rows_say_where_they_stand(bench: SourceBench) -> None:
    """``source_expand`` shows pages, each in the data source that was asked for or in its database."""
    source = bench.source()
    for ref in [each for each in bench.refs() if each.kind == "data_source"]:
        for shown in source.expand(ref, FakeCatalog(), bench.gate):
            row = fit(shown)
            if row is None or row.left_out or row.kind != "page":
                continue
            assert row.parent.id in (ref.id, ref.parent.id), f"the row {row.title!r} of {ref.title!r} stands elsewhere"


@check("users")
def users_have_ids(bench: SourceBench) -> None:
    """``source_users`` gives objects with an id, each once: names are kept by them, for wherever one is mentioned."""
    shown = list(bench.source().users(bench.gate))
    for user in shown:
        assert isinstance(user, dict), f"a user is no object: {user!r:.60}"
        assert isinstance(user.get("id"), str), f"a user has no id: {user!r:.60}"
    assert len({user["id"] for user in shown}) == len(shown), "a user is listed twice"
