"""What every event is."""

from __future__ import annotations

from attrs import asdict, astuple, frozen

VERSION = 1
"""Of their form as JSON, one object a line: it grows when a field changes its meaning, not when one is added."""


@frozen(eq=False, repr=False)
class Event:
    """Base of all events: values, equal where kind and fields are.

    How they compare and show is said once here: made for each of some forty kinds it would cost each start.
    """

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return astuple(self, recurse=False) == astuple(other, recurse=False)

    def __hash__(self) -> int:
        return hash((type(self), astuple(self, recurse=False)))

    def __repr__(self) -> str:
        values = asdict(self, recurse=False).items()
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in values)})"
