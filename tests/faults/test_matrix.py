"""Every kind of fault has one defined outcome, wherever and whenever it strikes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faults.matrix import KINDS, Cell, Matrix, cells, outcomes, some
from notion_sync_demo import Emulator, Workspace


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    with Emulator(Workspace(), page_size=5) as emulator:
        yield Matrix(emulator, tmp_path_factory.mktemp("matrix"))


def test_the_matrix_has_all_kinds_endpoints_and_positions() -> None:
    assert len(KINDS) == len(set(KINDS)) == 34
    assert len(cells()) == 34 * 3 * 3 * 2 - 5 * 3 * 2
    chosen = some(5)
    assert {cell.kind for cell in chosen} == set(KINDS)
    assert len({(cell.endpoint, cell.position, cell.for_good) for cell in chosen}) >= 16


@pytest.mark.parametrize("cell", some(5), ids=str)
def test_a_fault_ends_as_it_should(matrix: Matrix, cell: Cell) -> None:
    assert matrix.play(cell) in outcomes(cell)


@pytest.mark.chaos
@pytest.mark.parametrize("cell", cells(), ids=str)
def test_each_fault_everywhere_ends_as_it_should(matrix: Matrix, cell: Cell) -> None:
    assert matrix.play(cell) in outcomes(cell)
