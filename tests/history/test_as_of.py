"""The workspace as it was after any run is byte for byte what stood there then, whatever people did between."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from conftest import Bench
from embedding.test_changes import Author
from faults.campaign import CHAOS
from history.as_it_was import as_of, files
from notion_sync_demo import Emulator, Workspace
from pipeline.test_site_follows import Place

RUNS = 50 if CHAOS else 12
FORMATS = {"export.renderers": ["markdown", "html", "json"], "export.comments": True, "export.max_delete": 1.0}


@pytest.mark.parametrize("seed", range(3 if CHAOS else 1))
def test_the_tree_after_each_run_can_be_had_again(tmp_path: Path, seed: int) -> None:
    author = Author(Workspace(seed=seed), seed)
    trees: list[dict[str, bytes]] = []
    with Emulator(author.space) as emulator:
        bench = Bench(emulator, tmp_path)
        for _ in range(RUNS):
            bench.good(**FORMATS)
            trees.append(files(bench.out))
            author.act()
    for number, expected in enumerate(trees, 1):
        found = as_of(bench, str(number), f"run-{number}", **FORMATS)
        wrong = sorted(path for path in {*found, *expected} if found.get(path) != expected.get(path))
        assert not wrong, (seed, number, wrong)


@pytest.mark.campaign
def test_so_can_the_site_with_all_that_its_pages_show_of_others(tmp_path: Path) -> None:
    place, rng = Place(tmp_path), random.Random(7)
    html = {"export.renderers": ["html"]}
    trees: list[dict[str, bytes]] = []
    with place.emulator:
        for _ in range(RUNS // 2):
            place.bench.good(**html)
            trees.append(files(place.bench.out))
            for _ in range(4):
                place.edit(rng)
    for number, expected in enumerate(trees, 1):
        found = as_of(place.bench, str(number), f"run-{number}", **html)
        assert sorted(path for path in {*found, *expected} if found.get(path) != expected.get(path)) == [], number
