"""What every event is."""

from __future__ import annotations

from attrs import frozen

VERSION = 1
"""Of their form as JSON, one object a line: it grows when a field changes its meaning, not when one is added."""


@frozen
class Event:
    """Base of all events."""
