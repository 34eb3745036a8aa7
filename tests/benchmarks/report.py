"""Writes docs/benchmarks.md with its plots, as SVG that looks the same each time the figures are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams.update({"svg.hashsalt": "notion-sync", "font.size": 10, "axes.spines.top": False})

import matplotlib.pyplot as plt  # noqa: E402
from page import renewed  # noqa: E402

DOCS = Path(__file__).parents[2] / "docs"


def write(results: list[Any], table: list[str], stages: list[str], lines: list[str], exponent: float | None) -> None:
    """Write what was measured into the page, and its plots."""
    if exponent is not None:
        lines = [*lines, f"The time of a full export grows with the number of pages to the power of {exponent:.2f}."]
    page = DOCS / "benchmarks.md"
    page.write_text(renewed(page.read_text("utf-8"), table, stages, lines), "utf-8")
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
