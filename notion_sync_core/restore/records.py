"""What a restore's journal holds: documents and what became of them, containers, writes that are under way."""

from __future__ import annotations

from enum import IntEnum

from attrs import frozen

HOME = "home"
"""In the place of a parent: where everything is restored to."""


class Step(IntEnum):
    """How far a document is."""

    PLANNED = 0
    MADE = 1
    """It is there; some of its content may be missing."""
    WHOLE = 2
    FAILED = 3


@frozen
class Entry:
    """One document that is to be restored."""

    id: str
    """The id that it had."""
    kind: str
    """``page``, ``row``, ``database`` or ``data_source``, as it is to be made."""
    parent: str
    """The id of the document that it stands in, as it was; :data:`HOME`: it stands where everything goes."""
    is_direct: bool = True
    """It stands right on its page, not in a block of it."""
    holds: bool = False
    """Documents stand in it."""
    new: str = ""
    """The id that it has now."""
    step: Step = Step.PLANNED
    later: str = ""
    """Names of values that wait for others, as a JSON array; the title by ``""``."""
    ordinal: int = 0
    """Its place in the order of the tree."""


@frozen
class Container:
    """A page or block whose content is written in several requests."""

    key: str
    """The id that it had."""
    document: str
    """The document that it stands in, by the id that it had."""
    id: str
    """The id that it has now; ``""``: it has to be asked for, of the columns of a list of columns."""
    kind: str
    """Its type; ``page`` for a document."""
    lists: str
    """Ids of what has its content, in their order, with spaces between."""
    width: int = 0
    """Cells of a row, of a table; of a column its place among the columns, from 0."""
    written: int = 0
    """How many of the blocks in it, as they were, are written or passed."""
    last: str = ""
    """The block that the next one stands after; ``""``: there is none that is known."""
    children: int = 0
    """How many blocks and documents stand right in it now."""


@frozen
class Write:
    """A write that was begun, and of which no answer is on record."""

    key: str
    container: str
    kind: str
    """What is made; ``block`` for an append."""
    title: str = ""
    after: str = ""
    before: int = 0
    """How many children the container had."""
    count: int = 1
    """How many there are to be."""
    is_exact: bool = True
    """The title is what the target will say, word for word: it mentions nobody."""
    detail: str = ""
    """What is to be put on record when it is there, as JSON."""


@frozen
class Note:
    """What could not be restored as it was, in words."""

    document: str
    words: str


@frozen
class Failure:
    """A document that could not be restored."""

    id: str
    error: str
    remedy: str
