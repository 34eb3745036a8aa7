"""Measures how long one long text takes, whatever is repeated in it: none may take a second.

make bench-text               200,000 characters of each unit, in each dialect of the Markdown renderer
make bench-text TEXT=20000    fewer
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from notion_sync_core.model import Json
from notion_sync_markdown import MarkdownRenderer
from notion_sync_markdown.dialects import DIALECTS
from plugins.rendering import MemoryDocument, MemorySite, block, ref, span, table
from units import UNITS, repeated

MOST_S = 1.0
MOST_GROWTH = 2.3
"""From half the length, where that takes long enough to be measured."""
MEASURABLE_S = 0.1


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


def seconds(renderer: MarkdownRenderer, document: MemoryDocument) -> float:
    """CPU time of one file."""
    begun = time.process_time()
    for artifact in renderer.render_document(document, MemorySite()):
        for _ in artifact.chunks:
            pass
    return time.process_time() - begun


def measure(dialect: str, length: int) -> Iterator[tuple[float, float, str]]:
    """Seconds and growth of each unit in each place."""
    renderer = MarkdownRenderer(dialect=dialect, math=True)
    for name, unit in UNITS.items():
        if "\ud800" <= unit[0] <= "\udfff":
            continue
        halves = dict(documents(repeated(name, length // 2)))
        for place, document in documents(repeated(name, length)):
            took = seconds(renderer, document)
            growth = took / seconds(renderer, halves[place]) if took > MEASURABLE_S else 0.0
            yield took, growth, f"{dialect}, {place}: {name}"


def main() -> None:
    """Measure, print the slowest, and end with 1 if any is too slow."""
    given = argparse.ArgumentParser()
    given.add_argument("length", type=int, nargs="?", default=200_000)
    length = given.parse_args().length
    bad = 0
    for dialect in DIALECTS:
        found = sorted(measure(dialect, length), reverse=True)
        for took, growth, what in found[:5]:
            print(f"{took:6.2f} s  × {growth:.1f}  {what}", flush=True)
        bad += sum(took > MOST_S or growth > MOST_GROWTH for took, growth, _ in found)
        print(f"{dialect}: {len(found)} texts of {length:,} characters", flush=True)
    raise SystemExit(1 if bad else 0)


if __name__ == "__main__":
    main()
