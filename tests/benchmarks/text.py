"""Measures how long one long text takes, whatever is repeated in it: none may take a second.

make bench-text                200,000 characters of each unit: in each dialect of Markdown, HTML, JSON, redaction
make bench-text TEXT=20000     fewer
make bench-text TEXT="200000 --only html redaction"
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from notion_sync_core.model import Artifact, Json
from notion_sync_core.watch.redact import Redactor
from notion_sync_html import HtmlRenderer
from notion_sync_json import JsonRenderer
from notion_sync_markdown import MarkdownRenderer
from notion_sync_markdown.dialects import DIALECTS
from plugins.rendering import MemoryDocument, MemorySite, block, ref, span, table
from units import UNITS, repeated

MOST_S = 1.0
MOST_GROWTH = 2.3
"""From half the length, where that takes long enough to be measured."""
MEASURABLE_S = 0.1
LOOKS = 3
"""How often a suspect is looked at: other work on the machine slows one look, a square slows all of them."""


def documents(text: str) -> Iterator[tuple[str, MemoryDocument]]:
    """One document for each place that a text may have."""
    places: dict[str, Json] = {
        "paragraph": block("paragraph", text),
        "bold": block("paragraph", [span(text, bold=True)]),
        "link": block("paragraph", [span(text, f"https://a.b/{text}")]),
        "inline code": block("paragraph", [span(text, code=True)]),
        "callout": block("callout", [span(text), span(text, code=True)]),
        "heading": block("heading_1", text),
        "code": block("code", text, language="python", caption=[]),
        "formula": block("equation", expression=text),
        "inline formula": block("paragraph", [{"type": "equation", "plain_text": text}]),
        "bookmark": block("bookmark", url=f"https://a.b/{text}", caption=[span(text)]),
        "table": table([text, "b"]),
    }
    for place, raw in places.items():
        yield place, MemoryDocument([raw])
    yield "title", MemoryDocument([], ref(text))
    yield "property", MemoryDocument([], raw={"properties": {"x": {"type": "rich_text", "rich_text": [span(text)]}}})


def drain(artifacts: Iterable[Artifact]) -> None:
    """Make all bytes of some files."""
    for artifact in artifacts:
        for _ in artifact.chunks:
            pass


Renderer = MarkdownRenderer | HtmlRenderer | JsonRenderer
Work = Callable[[], object]
Works = Callable[[str], Iterable[tuple[str, Work]]]


def rendering(renderer: Renderer, text: str) -> Iterator[tuple[str, Work]]:
    """A file for each place."""
    for place, document in documents(text):
        yield place, partial(_render, renderer, document)


def _render(renderer: Renderer, document: MemoryDocument) -> None:
    drain(renderer.render_document(document, MemorySite()))


def redaction(text: str) -> Iterator[tuple[str, Work]]:
    """What happens to a text on its way to logs and reports."""
    redact = Redactor(["ntn_secret"])
    yield "text", partial(redact, text)
    yield "tree", partial(redact.tree, {"a": [text], text: "b"})
    yield "short", partial(redact.short, text, 500)


def seconds(work: Work) -> float:
    """CPU time of one call, without what is left over from others (as :mod:`timeit` measures)."""
    gc.collect()
    gc.disable()
    begun = time.process_time()
    work()
    took = time.process_time() - begun
    gc.enable()
    return took


def measure(whose: str, works: Works, length: int) -> Iterator[tuple[float, float, str]]:
    """Seconds and growth of each unit in each place."""
    for name, unit in UNITS.items():
        if "\ud800" <= unit[0] <= "\udfff":
            continue
        halves = dict(works(repeated(name, length // 2)))
        for place, work in works(repeated(name, length)):
            yield *_looked_at(work, halves[place]), f"{whose}, {place}: {name}"


def _looked_at(work: Work, half: Work) -> tuple[float, float]:
    """Seconds, and growth from half the length, by the quickest of as many looks as it takes to clear a suspect."""
    took, took_half = seconds(work), 0.0
    for _ in range(LOOKS):
        if took <= MEASURABLE_S:
            return took, 0.0
        took_half = min(took_half or took, seconds(half))
        if not too_slow(took, took / took_half):
            break
        took = min(took, seconds(work))
    return took, took / took_half


def too_slow(took: float, growth: float) -> bool:
    """Beyond a second, or more than linear."""
    return took > MOST_S or growth > MOST_GROWTH


MEASURED: dict[str, Works] = {
    **{dialect: partial(rendering, MarkdownRenderer(dialect=dialect, math=True)) for dialect in DIALECTS},
    "html": partial(rendering, HtmlRenderer()),
    "json": partial(rendering, JsonRenderer()),
    "redaction": redaction,
}


def main() -> None:
    """Measure, print the slowest, and end with 1 if any is too slow."""
    given = argparse.ArgumentParser()
    given.add_argument("length", type=int, nargs="?", default=200_000)
    given.add_argument("--only", nargs="*", choices=MEASURED, default=list(MEASURED))
    asked = given.parse_args()
    bad = 0
    for whose in asked.only:
        found = sorted(measure(whose, MEASURED[whose], asked.length), reverse=True)
        slow = [one for one in found if too_slow(*one[:2])]
        for took, growth, what in [*found[:5], *(one for one in slow if one not in found[:5])]:
            print(f"{took:6.2f} s  × {growth:.1f}  {what}", flush=True)
        bad += len(slow)
        print(f"{whose}: {len(found)} texts of {asked.length:,} characters, {len(UNITS)} units", flush=True)
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
