"""Checks of sinks: what places and files are called, and what stands in the way."""

from __future__ import annotations

from notion_sync_core.config.places import scheme_of
from notion_sync_core.errors import ConfigError, SinkError
from notion_sync_core.testing.examine import refused, secrets_of
from notion_sync_core.testing.sink_bench import PAPER, SinkBench, is_missing, put, put_all, read, stat

check = PAPER.check


@check()
def the_same_place_has_the_same_name(bench: SinkBench) -> None:
    """``location`` says where it writes: the same for two instances at one place, open or not, and something."""
    sink = bench.sink()
    where = sink.plugin.location
    assert where.strip(), "the attribute location is empty"
    assert bench.sink().plugin.location == where, "two sinks at one place have two locations"
    sink.open("first")
    assert sink.plugin.location == where, "opening a sink changes its location"


@check()
def another_place_has_another_name(bench: SinkBench) -> None:
    """Sinks at two places have two locations: a job is known by them, and would take one for the other."""
    where = bench.sink().location
    other = bench.elsewhere()
    assert str(other.location) != where, f"two places are both called {where}"


@check()
def spellings_are_told_apart(bench: SinkBench) -> None:
    """Whether ``Page.md`` and ``page.md`` are one file depends on the storage. What was written under one of them must
    not go when the other is deleted, so the sink knows which it is.
    """
    with bench.opened() as sink:
        for one, two in (("Page.md", "page.md"), ("Spelt/Page.md", "spelt/page.md")):  # later ones are no news of old
            put(sink, one, b"one")
            sink.flush()
            put(sink, two, b"two")
            sink.flush()
            is_one = read(sink, one) == b"two"
            assert sink.same(one, two) == is_one, f"it does not know whether {one} and {two} are one file"
        if is_one:
            return
        sink.delete(one)
        sink.flush()
        is_missing(sink, one)
        assert read(sink, two) == b"two", "deleting one spelling took the other"


@check("same")
def same_is_about_spellings_only(bench: SinkBench) -> None:
    """Two paths that differ in more than case or Unicode form are two files, whatever they hold."""
    with bench.opened() as sink:
        put(sink, "one.md", b"equal")
        put(sink, "a/one.md", b"equal")
        put(sink, "two.md", b"equal")
        sink.flush()
        for other in ("two.md", "a/one.md"):
            assert not sink.same("one.md", other), f"one.md and {other} are two files, and it says one"
        assert sink.same("one.md", "one.md"), "a path is not the same as itself"


@check("respell")
def a_file_can_be_spelt_anew(bench: SinkBench) -> None:
    """After ``sink_respell`` and the commit that follows it, the new bytes stand under the new spelling, and what lies
    beside them in the folder is untouched.
    """
    one, two = "Spelt/Page.md", "spelt/page.md"
    with bench.opened() as sink:
        put_all(sink, one, "Spelt/Beside.md")
        sink.respell(one, two)
        put(sink, two, b"two")
        sink.flush()
        assert read(sink, two) == b"two", "a file that was spelt anew is not there"
        beside = [read(sink, path) for path in ("spelt/Beside.md", "Spelt/Beside.md") if stat(sink, path) is not None]
        assert b"Spelt/Beside.md" in beside, "spelling a file anew took the one beside it"


@check("obstacle")
def obstacles_are_named(bench: SinkBench) -> None:
    """Where a folder stands in a file's place, or a file where a folder above it belongs, ``stat`` names it, and what
    stands there is neither written over nor deleted.
    """
    with bench.opened() as sink:
        put_all(sink, "a/b.md")
        for path, obstacle in (("a", "a"), ("a/b.md/c.md", "a/b.md"), ("a/b.md/c/d.md", "a/b.md")):
            found = stat(sink, path)
            assert found is not None, f"nothing is said of what stands in the way of {path}"
            assert found.obstacle == obstacle, f"in the way of {path} stands {obstacle}, it says {found.obstacle!r}"
            with refused(f"committing to {path}", SinkError):
                put(sink, path)
                sink.flush()
            sink.delete(path)
        clear = stat(sink, "a/b.md")
        assert clear is not None, "a file in the way is gone"
        assert not clear.obstacle, "a file is called an obstacle to itself"
        assert read(sink, "a/b.md") == b"a/b.md", "what stood in the way was changed"


@check("url")
def urls_lead_to_it(bench: SinkBench) -> None:
    """A sink with a ``scheme`` has ``options_from_url``, and refuses what is no URL of its own with
    :class:`ConfigError`: ``--to`` finds a sink by the scheme alone, and a typing error must not become a folder.
    """
    kind = type(bench.sink().plugin)
    assert isinstance(kind.scheme, str), "scheme is a text"
    assert kind.scheme, "scheme says something"
    assert kind.scheme == kind.scheme.lower(), "schemes are lower case"
    assert _is_a_scheme(kind.scheme), f"--to takes no URL that begins with {kind.scheme}://"
    for wrong in ("nonsense://x/y", f"{kind.scheme}://", f"{kind.scheme}:///", f"{kind.scheme}:x", kind.scheme, ""):
        with refused(f"the URL {wrong!r}", ConfigError):
            kind.options_from_url(wrong)


def _is_a_scheme(text: str) -> bool:
    try:
        return scheme_of(f"{text}://place/one") == text
    except ConfigError:
        return False


@check("url")
def a_url_gives_options(bench: SinkBench) -> None:
    """``options_from_url`` gives options that the class takes, and two URLs give two places: ``scheme://place/one`` and
    ``scheme://place/two``, or, where it wants a path of this machine, ``scheme:///one`` and ``scheme:///two``.
    """
    kind = type(bench.sink().plugin)
    for host in ("",) if kind.scheme == "file" else ("place", ""):
        try:
            one, two = (kind.options_from_url(f"{kind.scheme}://{host}/{name}") for name in ("one", "two"))
        except ConfigError:
            continue
        assert isinstance(one, dict), "options are a dictionary"
        assert all(isinstance(name, str) for name in one), "options have names"
        assert one != two, "two URLs give the same options"
        assert kind(**one).location != kind(**two).location, "two URLs lead to one place"
        return
    raise AssertionError(f"neither {kind.scheme}://place/one nor {kind.scheme}:///one is taken")


@check()
def it_shows_no_secret(bench: SinkBench) -> None:
    """Neither ``repr`` nor ``location`` holds a password, token or key: both stand in messages and logs."""
    sink = bench.sink()
    for name, secret in secrets_of(sink.plugin):
        assert secret not in repr(sink.plugin), f"its repr shows {name}"
        assert secret not in sink.location, f"its location shows {name}"
