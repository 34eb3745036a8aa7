"""A synced block whose page is not shared is shown wherever any of its copies can be read."""

from __future__ import annotations

import pytest

from conftest import Bench
from notion_sync_demo.build import bare, block

COPIES = 11


def borrow(bench: Bench, unreadable: int) -> None:
    """Pages with copies of one block, of which only the last ones can be listed."""
    space = bench.space
    hidden = space.add_page(None, "Not shared")
    inside = [block("paragraph", "borrowed words"), block("toggle", "more", [block("paragraph", "inside")])]
    original = space.append(hidden, [bare("synced_block", inside, synced_from=None)])[0]
    copies = []
    for number in range(COPIES):
        page = space.add_page(None, f"Borrower {number}")
        copies += space.append(page, [bare("synced_block", synced_from={"type": "block_id", "block_id": original})])
    space.unshared |= {hidden, original, *sorted(copies)[:unreadable]}


def shown(bench: Bench) -> list[bool]:
    files = [bench.out / f"Borrower {number}.md" for number in range(COPIES)]
    return ["borrowed words" in file.read_text() and "inside" in file.read_text() for file in files]


@pytest.mark.parametrize("unreadable", [0, 1, COPIES - 1])
def test_one_copy_that_can_be_read_is_enough_for_all(bench: Bench, unreadable: int) -> None:
    borrow(bench, unreadable)
    assert not bench.good().warnings
    assert shown(bench) == [True] * COPIES
    again = bench.requests()
    bench.good()
    assert bench.requests() - again < 20, "nobody asks again for what was found"


def test_a_block_that_no_copy_shows_is_told_and_leaves_a_placeholder(bench: Bench) -> None:
    borrow(bench, COPIES)
    assert any("synced block's original cannot be read" in each["message"] for each in bench.good().warnings)
    assert shown(bench) == [False] * COPIES
    assert all("not shared" in (bench.out / f"Borrower {number}.md").read_text() for number in range(COPIES))
