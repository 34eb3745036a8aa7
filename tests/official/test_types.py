"""All that the official types allow is shown in each format, or stands in the list of what is not, with the reason.

The types are those of ``@notionhq/client``; ``make test-types`` makes a JSON Schema of them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from official.shapes import UNION, Leaf, Shape, Shapes, put
from official.showing import DOCUMENTS, FORMATS, joined, shown, the_line, the_object
from plugins.reading_rows import joined as joined_text
from plugins.reading_rows import restored

_TYPES = os.environ.get("NOTION_SYNC_TYPES", "")
pytestmark = [
    pytest.mark.official,
    pytest.mark.skipif(not _TYPES, reason="needs the schema that `make test-types` makes"),
]

LIST = Path(__file__).parents[2] / "docs" / "not-shown.md"
_SAME = ("default_background",)
"""Other words for what the first value says."""
_LINE = re.compile(r"\| (`[^|]+`) \| ([^|]+) \| [^|]{8,} \|")
_CASES = [(kind, format) for kind, formats in FORMATS.items() for format in formats]


@cache
def definitions() -> dict[str, Any]:
    found = json.loads(Path(_TYPES).read_text())["definitions"]
    assert isinstance(found, dict)
    return found


def not_shown() -> list[tuple[list[str], set[str]]]:
    """Each line of the list: patterns of fields, and the formats in which they are on purpose not shown."""
    lines = _LINE.findall(LIST.read_text())
    return [(re.findall(r"`([^`]+)`", patterns), set(re.split(", | and ", formats))) for patterns, formats in lines]


def shapes_of(kind: str) -> Iterator[Shape]:
    """Values of a kind of object with all members of all unions."""
    shapes = Shapes(definitions())
    for member in shapes.options({"$ref": f"#/definitions/{DOCUMENTS[kind][0]}"}):
        for shape in shapes.of_schema(member):
            joined(shape.value)
            yield shape


@cache
def hidden(kind: str, format: str) -> dict[str, str]:
    """Names of the fields of which the format shows nothing, each with an example."""
    lost: dict[str, str] = {}
    for shape in shapes_of(kind):
        text = shown(kind, format, shape.value)
        for leaf in new_leaves(shape):
            name = f"{kind}.{leaf.name}"
            if name not in lost and not is_shown(kind, format, shape.value, leaf, text):
                lost[name] = repr(leaf.value)
    return lost


def new_leaves(shape: Shape) -> Iterator[Leaf]:
    """What no earlier value of the same definition had."""
    where = tuple(part for part in shape.choice[0] if part != UNION) if shape.choice else ()
    return (leaf for leaf in shape.leaves if leaf.path[: len(where)] == where)


def is_shown(kind: str, format: str, value: Any, leaf: Leaf, text: str) -> bool:
    """Whether each other value in its place looks different."""
    others = [other for other in leaf.others if other not in (leaf.value, *_SAME)]
    looks = [text, *(shown(kind, format, put(value, leaf.path, other)) for other in others)]
    return len(set(looks)) == len(looks)


@pytest.mark.parametrize(("kind", "format"), _CASES)
def test_every_field_is_shown_or_on_the_list(kind: str, format: str) -> None:
    excused = [pattern for patterns, formats in not_shown() if format in formats for pattern in patterns]
    silent = {
        name: example
        for name, example in hidden(kind, format).items()
        if not any(fnmatchcase(name, pattern) for pattern in excused)
    }
    assert not silent, "\n".join(f"{name}: {example}" for name, example in silent.items())


def test_the_list_names_nothing_that_is_shown() -> None:
    names: dict[str, list[str]] = {}
    for kind, format in _CASES:
        names.setdefault(format, []).extend(hidden(kind, format))
    shown_though = [
        f"{pattern} is shown in {format}"
        for patterns, formats in not_shown()
        for pattern in patterns
        for format in formats
        if not any(fnmatchcase(name, pattern) for name in names[format])
    ]
    assert not shown_though, "\n".join(shown_though)


def test_json_lines_hold_every_value_of_a_row() -> None:
    for shape in shapes_of("row"):
        line, about = the_line(shape.value)
        for name, value in shape.value["properties"].items():
            assert joined_text(restored(line, about, name)) == joined_text(value)


@pytest.mark.parametrize("kind", [kind for kind in DOCUMENTS if kind != "row"])
def test_json_holds_every_value(kind: str) -> None:
    for shape in shapes_of(kind):
        assert the_object(kind, shape.value) == shape.value


@pytest.mark.parametrize(("format", "title"), [("Markdown", "\n# Database\n"), ("HTML", ">Database</h1>")])
def test_no_view_whatever_it_says_keeps_a_database_from_being_shown(format: str, title: str) -> None:
    for shape in shapes_of("view"):
        assert title in shown("view", format, shape.value)
