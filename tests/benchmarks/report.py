"""Writes docs/benchmarks.md with its plots, as SVG that looks the same each time the figures are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams.update({"svg.hashsalt": "notion-sync", "font.size": 10, "axes.spines.top": False})

import matplotlib.pyplot as plt  # noqa: E402

DOCS = Path(__file__).parents[2] / "docs"
_TEXT = """# Benchmarks

Measured by `make bench` on two cores. The server is a process of its own that sends prepared bytes: it is hardly
measured. A *typical* page has 30 blocks on average (log-normal); 30 % of the pages have nested blocks, 5 % tables, one
in six a file; a third are rows of databases with ten properties. Everything is on: Markdown, front matter, links,
assets, CSV, state.

- *÷ least*: requests against the least that a complete export needs (searches, queries, databases, one listing per 100
  children of whatever has any, users once). For an unchanged sync it is the bound: N/100, data sources, 10, and one
  for each object that no listing returns.
- *CPU s* and *MB* are of all our processes together, start-up included.
- The rate limit's window is shortened from 60 s to 6 s where the table says so.

{table}

CPU seconds for a thousand pages, by stage (*start*: until the first request; *write*: lay out, render and write):

{stages}

{lines}

![Seconds against pages](benchmarks-time.svg)

![Peak memory against pages](benchmarks-memory.svg)

Repeat it with `make bench`, or `make bench BENCH=--all` for 100,000 pages; `make bench BENCH=--write` writes this page.
`make bench-check` compares requests, written bytes, memory and instructions (where valgrind is installed) with the
recorded figures, and fails if one is worse; `make test` runs it.
"""


def write(results: list[Any], table: list[str], stages: list[str], lines: list[str], exponent: float | None) -> None:
    """Write the page and its plots."""
    if exponent is not None:
        lines = [*lines, f"The time of a full export grows with the number of pages to the power of {exponent:.2f}."]
    text = _TEXT.format(
        table="\n".join(table), stages="\n".join(stages), lines="\n".join(f"- {line}" for line in lines)
    )
    (DOCS / "benchmarks.md").write_text(text)
    _plot(results, "seconds", "seconds", "benchmarks-time.svg")
    _plot(results, "peak_mb", "peak memory (MB)", "benchmarks-memory.svg")


def _plot(results: list[Any], field: str, label: str, name: str) -> None:
    figure, axes = plt.subplots(figsize=(6, 3.4))
    for run in ("export", "unchanged sync"):
        points = sorted(
            (each.pages, getattr(each, field))
            for each in results
            if each.run == run and each.scenario in ("small", "no latency")
        )
        axes.plot(*zip(*points, strict=True), marker="o", label=run)
    axes.set(xscale="log", xlabel="pages", ylabel=label)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(DOCS / name, metadata={"Date": None})
    plt.close(figure)
