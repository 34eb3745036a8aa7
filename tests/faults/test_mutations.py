"""One odd object, whatever is odd about it, is exported or named, and takes no other along."""

from __future__ import annotations

import shutil

import pytest

from faults.campaign import quick_folder
from faults.mutation import Campaign
from faults.odd_space import shown_by, workspace

pytestmark = pytest.mark.campaign

IN_MAKE_TEST, IN_CHAOS, A_BATCH = 300, 5_000, 50


def play(numbers: range) -> int:
    """Rounds over the project's own workspace; gives how many objects were mutated."""
    with quick_folder() as folder:
        campaign = Campaign(shown_by(workspace()), folder)
        return sum(len(campaign.round(number, shutil.rmtree).done) for number in numbers)


@pytest.mark.parametrize("first", range(0, IN_MAKE_TEST, A_BATCH))
def test_odd_objects_are_exported_or_named_and_all_others_untouched(first: int) -> None:
    assert play(range(first, first + A_BATCH)) > A_BATCH


@pytest.mark.chaos
@pytest.mark.parametrize("first", range(IN_MAKE_TEST, IN_CHAOS, A_BATCH))
def test_thousands_of_odd_objects_are_exported_or_named(first: int) -> None:
    assert play(range(first, first + A_BATCH)) > A_BATCH
