"""The fixture ``emulator``: a whole Notion on loopback, for the tests of plugins. Nothing is imported until it is asked
for: pytest loads this module in every suite of its environment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from notion_sync_demo.emulator import Emulator


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """The sample workspace, served: real HTTP, with counters and faults."""
    from notion_sync_demo.emulator import Emulator
    from notion_sync_demo.sample import sample_workspace

    with Emulator(sample_workspace()) as server:
        yield server
