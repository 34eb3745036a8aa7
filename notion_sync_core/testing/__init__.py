"""For authors of plugins: the exams that every built-in passes, and what a plugin's own tests need.

- *Exams*: :func:`check_source`, :func:`check_renderer`, :func:`check_sink`, :func:`check_listener` and
  :func:`check_target` give tests for pytest; :func:`exam` gives outcomes without it.
- *Documents*: :func:`document` and :func:`database` make what a renderer is given, and :class:`Shelf` renders them;
  :mod:`~notion_sync_core.testing.build` has what they are made of, :mod:`~notion_sync_core.testing.strategies` makes
  any of them (for hypothesis).
- *Fakes*: time, a gate, a sink in memory, a source of pages in memory, events.

Fixtures come with pytest by themselves: ``document``, ``fake_clock``, ``emulator``, ``run_job``.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from notion_sync_core.testing.clock import FakeClock
    from notion_sync_core.testing.drafts import Draft, database, document
    from notion_sync_core.testing.examine import DECLARED, Check, Feature, Outcome, exam, paper
    from notion_sync_core.testing.fakes import FakeCatalog, FakeGate, MemorySink, MemorySource
    from notion_sync_core.testing.gallery import showcase
    from notion_sync_core.testing.golden import Golden
    from notion_sync_core.testing.shelf import Rendered, Shelf
    from notion_sync_core.testing.suites import check_listener, check_renderer, check_sink, check_source, check_target

_HOMES = {
    "clock": ("FakeClock",),
    "examine": ("DECLARED", "Check", "Feature", "Outcome", "exam", "paper"),
    "fakes": ("FakeCatalog", "FakeGate", "MemorySink", "MemorySource"),
    "drafts": ("Draft", "database", "document"),
    "golden": ("Golden",),
    "shelf": ("Rendered", "Shelf"),
    "gallery": ("showcase",),
    "suites": ("check_listener", "check_renderer", "check_sink", "check_source", "check_target"),
}
__all__ = [
    "DECLARED",
    "Check",
    "Draft",
    "FakeCatalog",
    "FakeClock",
    "FakeGate",
    "Feature",
    "Golden",
    "MemorySink",
    "MemorySource",
    "Outcome",
    "Rendered",
    "Shelf",
    "check_listener",
    "check_renderer",
    "check_sink",
    "check_source",
    "check_target",
    "database",
    "document",
    "exam",
    "paper",
    "showcase",
]


def __getattr__(name: str) -> object:
    """Load the public names when they are first used: pytest imports this room in every suite of its environment."""
    home = next((home for home, names in _HOMES.items() if name in names), "")
    if not home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{home}"), name)
