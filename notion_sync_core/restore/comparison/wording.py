"""How things differ, in plain words."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

from notion_sync_core.content.walk import OTHER_DOCUMENTS
from notion_sync_core.model import Block
from notion_sync_core.restore.comparison.canonical import is_nothing

SHOWN = 80
"""Characters of a value in a message."""
_BEFORE = 20
"""Of them before what differs."""


def says(block: Block) -> str:
    """What a block says, to follow what is said of it."""
    title = block.payload.get("title") if block.type in OTHER_DOCUMENTS else ""
    text = "".join(str(item.get("plain_text") or "") for item in block.rich_text) or str(title or "")
    return f": {text[:SHOWN]!r}" if text else ""


def how(was: Any, is_: Any, path: str = "") -> str:
    """How two values differ, at the first place where they do."""
    if isinstance(was, dict) and isinstance(is_, dict):
        for key in [*was, *(each for each in is_ if each not in was)]:
            if was.get(key) != is_.get(key):
                named = str(key).removeprefix("is_").replace("_", " ")
                return how(was.get(key), is_.get(key), f"{path} {named}" if path else named)
    if isinstance(was, list) and isinstance(is_, list):
        for one, other in zip(was, is_, strict=False):
            if one != other:
                return how(one, other, path)
        if len(was) != len(is_):
            return f"{path or 'it'} had {len(was)} parts and has {len(is_)}"
    subject = f"{path} was" if path else "it was"
    return f"{subject} {_short(was, is_)} and is {_short(is_, was)}"


def _short(value: Any, other: Any) -> str:
    """A value in words; of a long text the part where it differs from the other."""
    text, against = _plain(value), _plain(other)
    if is_nothing(value):
        return "nothing"
    start = max(_alike(text, against) - _BEFORE, 0) if len(text) > SHOWN else 0
    cut = text[start : start + SHOWN]
    shown = repr(cut) if isinstance(value, str) else cut
    return f"{'…' if start else ''}{shown}{'…' if start + SHOWN < len(text) else ''}"


def _alike(text: str, other: str) -> int:
    """How many characters two texts begin with that are the same."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(text, other, strict=False)))


def _plain(value: Any) -> str:
    """The words in a value."""
    if isinstance(value, list):
        # A run of text is its look and its words.
        is_run = len(value) == 2 and isinstance(value[0], list) and isinstance(value[1], str)
        return repr(value[1]) if is_run and value[1] else ", ".join(map(_plain, value))
    if isinstance(value, dict):
        return ", ".join(_plain(each) for each in value.values())
    return value if isinstance(value, str) else str(value)
