"""What is documented for the day after a loss brings back the same bytes."""

from __future__ import annotations

import pytest

from drill import DRILLS, LIMIT_S, Drilled, documented, drills

pytestmark = pytest.mark.campaign  # what it runs others measure


@pytest.fixture(scope="module")
def drilled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Drilled]:
    """All drills, in one place, one after another."""
    return {each.name: each for each in drills(24, tmp_path_factory.mktemp("drill"))}


@pytest.mark.parametrize("name", DRILLS)
def test_a_documented_recovery_ends_with_the_same_bytes(name: str, drilled: dict[str, Drilled]) -> None:
    assert drilled[name].difference == ""
    assert drilled[name].seconds < LIMIT_S
    assert drilled[name].files >= 24
    assert drilled[name].commands == len(documented(name)) > 0
