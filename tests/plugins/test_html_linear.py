"""Nothing that a page can hold makes it take time that grows with the square of its length."""

from __future__ import annotations

import gc
import itertools
import sys
from collections.abc import Callable, Mapping
from functools import partial

import pytest

from notion_sync_core.model import Json
from notion_sync_html import HtmlRenderer, code, maths
from notion_sync_html.sanitise import sanitised
from notion_sync_json import JsonRenderer
from plugins.html_rendering import body
from plugins.rendering import MemoryDocument, MemorySite, block, ref, span
from units import UNITS, repeated

pytestmark = pytest.mark.campaign

SIZE = 400
RENDERERS = {"html": HtmlRenderer(), "json": JsonRenderer()}


def rich(text: str) -> list[Json]:
    """As the API cuts it: 2,000 characters an item."""
    return [span(text[start : start + 2000]) for start in range(0, len(text), 2000)]


PLACES: Mapping[str, Callable[[str], MemoryDocument]] = {
    "a paragraph": lambda text: MemoryDocument([block("paragraph", rich(text))]),
    "a heading": lambda text: MemoryDocument([block("heading_1", rich(text))]),
    "a title": lambda text: MemoryDocument(ref=ref(text)),
    "code": lambda text: MemoryDocument([block("code", rich(text), language="gherkin")]),
    "formulas": lambda text: MemoryDocument(
        [block("equation", expression=f"{start} {text[start : start + 100]}") for start in range(0, len(text), 100)]
    ),
    "an address": lambda text: MemoryDocument([block("paragraph", [span("x", f"https://a.invalid/{text}")])]),
    "a bookmark": lambda text: MemoryDocument([block("bookmark", url=text)]),
    "a file": lambda text: MemoryDocument([block("file", type="file", name=text, file={"url": f"https://a/{text}"})]),
}


def calls(work: Callable[[], object]) -> int:
    """How many functions were called, ours and those of the interpreter."""
    count = itertools.count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code, "SECONDS", 1e9)  # counting takes long, and how long is up to the machine
        gc.disable()  # nor does it count what others left lying about
        sys.setprofile(lambda *_: next(count) and None)
        try:
            work()
        finally:
            sys.setprofile(None)
            gc.enable()
    return next(count)


def rendered(format: str, document: MemoryDocument) -> None:
    maths._mathml.cache_clear()
    for artifact in RENDERERS[format].render_document(document, MemorySite()):
        for _ in artifact.chunks:
            pass


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("format", RENDERERS)
def test_twice_the_text_is_at_most_twice_the_work(format: str, place: str) -> None:
    others = place in ("code", "formulas")  # libraries do the work, and counting it takes long
    for name in list(UNITS)[:: 8 if others else 1]:
        if format == "json" and name == "half a pair":  # the source lets no such text in
            continue
        small, large = (PLACES[place](repeated(name, size)) for size in (SIZE, 2 * SIZE))
        rendered(format, small)  # what is loaded once is not counted
        before = calls(partial(rendered, format, small))
        assert calls(partial(rendered, format, large)) <= 2.3 * before, name


def test_code_that_a_lexer_would_look_at_again_and_again_is_shown_without_colours() -> None:
    assert code.highlighted("Feature: a", "gherkin") is not None
    assert code.highlighted(" " * 12_000, "gherkin") is None
    assert code.highlighted("Feature: a" + "\n" * (code.LONGEST_BLANK + 1) + "b", "gherkin") is None
    assert code.highlighted("a " * code.LONGEST, "python") is None


def test_code_that_takes_its_lexer_too_long_is_shown_without_colours() -> None:
    steps = itertools.count(step=code.SECONDS / 10)
    assert code.highlighted("a = 1\n" * 100, "python", lambda: next(steps)) is None
    assert next(steps) < 2 * code.SECONDS

    shown = body(block("code", "x" * (code.LONGEST + 1), language="python"))
    assert "x" * (code.LONGEST + 1) in shown
    assert "<span" not in shown


def test_a_chain_of_synced_blocks_is_followed_in_one_pass() -> None:
    def chain(length: int) -> MemoryDocument:
        links = {
            str(n): [{**block("synced_block", synced_from={"block_id": str(n + 1)}), "id": f"copy{n}"}]
            for n in range(length)
        }
        links[str(length)] = []
        return MemoryDocument(links["0"], listings=links)

    rendered("json", chain(400))
    assert calls(lambda: rendered("json", chain(800))) <= 2.3 * calls(lambda: rendered("json", chain(400)))


@pytest.mark.parametrize("name", UNITS)
def test_html_of_a_plugin_of_any_unit_is_sanitised(name: str) -> None:
    assert "<script" not in sanitised(repeated(name, SIZE))


def test_an_index_over_long_titles_is_made_in_one_pass() -> None:
    from plugins.html_attacks import entries

    def index(size: int) -> Callable[[], object]:
        def work() -> None:
            for artifact in HtmlRenderer().render_site(entries("<" * size, ["", ""])):
                for _ in artifact.chunks:
                    pass

        return work

    index(SIZE)()
    assert calls(index(2 * SIZE)) <= 2.3 * calls(index(SIZE))
