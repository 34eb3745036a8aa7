"""The guards stand exactly where the documentation says: one more is too many, as many as agreed is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from foreign import Desk, Notes, note
from notion_sync_core.errors import Exit

GONE = "it is in the trash"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def notes(total: int, trashed: int = 0, absent: int = 0) -> type[Notes]:
    """So many notes, the first of them in the trash or nowhere."""
    names = [f"note{number:03}" for number in range(total)]
    refs = [note(name, left_out=GONE if number < trashed else "") for number, name in enumerate(names)]
    return type("Some", (Notes,), {"refs": tuple(refs[absent:])})


@pytest.mark.parametrize(
    ("total", "share", "most"),
    [(12, 0.0, 10), (12, 0.25, 10), (60, 0.25, 15), (44, 0.25, 11), (12, 1.0, 12)],
    ids=lambda value: str(value),
)
def test_as_many_may_be_deleted_as_agreed_and_not_one_more(desk: Desk, total: int, share: float, most: int) -> None:
    assert desk.run(notes(total)).exit_code == 0
    if most < total:
        refused = desk.run(notes(total, trashed=most + 1), export__max_delete=share)
        assert refused.exit_code == Exit.GUARD
        assert f"would delete {most + 1} of {total} objects" in str(refused.error)
        assert len(desk.files()) == total
        assert desk.run(notes(total)).exit_code == 0
    agreed = desk.run(notes(total, trashed=most), export__max_delete=share)
    assert agreed.exit_code == 0, agreed.error
    assert len(desk.files()) == total - most


@pytest.mark.parametrize(("total", "share", "most"), [(12, 0.0, 10), (12, 0.25, 10), (60, 0.25, 15)])
def test_as_many_may_be_missing_as_agreed_and_not_one_more(desk: Desk, total: int, share: float, most: int) -> None:
    assert desk.run(notes(total)).exit_code == 0
    refused = desk.run(notes(total, absent=most + 1), export__max_delete=share)
    assert refused.exit_code == Exit.GUARD
    assert f"{most + 1} objects that were readable now are not" in str(refused.error)
    agreed = desk.run(notes(total, absent=most), export__max_delete=share)
    assert agreed.exit_code == 0, agreed.error
    assert len(agreed.unreadable) == most
    assert len(desk.files()) == total, "their copies are kept"


@pytest.mark.parametrize(("total", "exit_code"), [(9, Exit.COMPLETE), (10, Exit.GUARD)])
def test_a_sink_that_lost_all_of_at_most_ten_files_is_filled_again(desk: Desk, total: int, exit_code: Exit) -> None:
    assert desk.run(notes(total)).exit_code == 0  # and the manifest is a file as well
    shutil.rmtree(desk.out)
    assert desk.run(notes(total)).exit_code == exit_code
    assert len(desk.files()) == (total if exit_code == 0 else 0)
