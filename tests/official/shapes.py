"""Values of a JSON Schema: every member of every union, every value of every enumeration, every optional field."""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator
from itertools import count
from typing import Any

from attrs import define, field

Schema = dict[str, Any]
Path = tuple[str | int, ...]
Choices = dict[Path, int]

_DEEPEST = 24
UNION = "|"
"""In the path of a choice: which member of a union."""


@define
class Leaf:
    """A value that holds no others, and where it is."""

    path: Path
    value: Any
    others: list[Any]
    """Values that could stand in its place: all of an enumeration, else one more of its kind."""

    @property
    def name(self) -> str:
        """The path as people write it; which item of a list it is does not matter."""
        return dotted(self.path)


@define
class Shape:
    """One value, and the choice that it is there for; none for the first of its definition."""

    value: Any
    choices: Choices
    choice: tuple[Path, int] | None = None
    leaves: list[Leaf] = field(factory=list)


def dotted(path: Path) -> str:
    return ".".join(str(part) for part in path if not isinstance(part, int) and part != UNION)


class Shapes:
    """Makes values of the definitions of one schema."""

    def __init__(self, definitions: dict[str, Schema]) -> None:
        self._definitions = definitions
        self._numbers = count(1)

    def of(self, definition: str) -> Iterator[Shape]:
        """The first value, and one more for each choice that no value has made yet."""
        yield from self.of_schema({"$ref": f"#/definitions/{definition}"})

    def of_schema(self, schema: Schema) -> Iterator[Shape]:
        """See :meth:`of`."""
        todo: list[tuple[Choices, tuple[Path, int] | None]] = [({}, None)]
        known: set[Path] = set()
        while todo:
            choices, choice = todo.pop(0)
            made = _Making(self, choices)
            value = made.value(schema, ())
            yield Shape(value, choices, choice, made.leaves)
            for path, options in made.points.items():
                if path in known:
                    continue
                known.add(path)
                todo += [({**choices, path: option}, (path, option)) for option in range(1, options)]

    def resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._definitions[schema["$ref"].rpartition("/")[2]]
        return schema

    def options(self, schema: Schema) -> list[Schema]:
        """The members of a union, those of unions within it as well; nothing comes last."""
        schema = self.resolved(schema)
        if "anyOf" not in schema:
            return [schema]
        found = [option for each in schema["anyOf"] for option in self.options(each)]
        return sorted(found, key=lambda option: option.get("type") == "null")

    def number(self) -> int:
        return next(self._numbers)


@define
class _Making:
    """One value on its way."""

    shapes: Shapes
    choices: Choices
    points: dict[Path, int] = field(factory=dict)
    leaves: list[Leaf] = field(factory=list)

    def value(self, schema: Schema, path: Path) -> Any:
        schema = self.shapes.resolved(schema)
        assert len(path) < _DEEPEST, path
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._leaf(path, *schema["enum"])
        if "anyOf" in schema:
            options = self.shapes.options(schema)
            return self.value(options[self._choose((*path, UNION), len(options))], path)
        kinds = schema.get("type")
        if isinstance(kinds, list):
            # The first that is not null: absence is tried as well, as the last choice.
            kinds = sorted(kinds, key=lambda kind: kind == "null")
            return self._of_kind(kinds[self._choose(path, len(kinds))], schema, path)
        return self._of_kind(kinds, schema, path)

    def _choose(self, path: Path, options: int) -> int:
        self.points[path] = options
        return self.choices.get(path, 0)

    def _of_kind(self, kind: Any, schema: Schema, path: Path) -> Any:
        if kind == "object":
            return self._object(schema, path)
        if kind == "array":
            return self._array(schema, path)
        if kind == "null":
            return None
        if kind == "boolean":
            return self._leaf(path, True, False)
        if kind in ("number", "integer"):
            return self._leaf(path, *numbers_for(str(path[-1]), self.shapes.number()))
        key = next(str(part) for part in reversed(path) if isinstance(part, str))
        return self._leaf(path, text_for(key, self.shapes.number()), text_for(key, self.shapes.number()))

    def _leaf(self, path: Path, value: Any, *others: Any) -> Any:
        self.leaves.append(Leaf(path, value, list(others)))
        return value

    def _object(self, schema: Schema, path: Path) -> Any:
        made = {name: self.value(each, (*path, name)) for name, each in schema.get("properties", {}).items()}
        rest = schema.get("additionalProperties")
        if isinstance(rest, dict) and rest.get("type") != "not" and ("anyOf" in rest or "$ref" in rest):
            options = self.shapes.options(rest)
            for number, option in enumerate(options):
                name = kind_of(self.shapes.resolved(option)) or f"p{number}"
                name = name if name not in made else f"{name}{number}"
                made[name] = self.value(option, (*path, name))
        return made

    def _array(self, schema: Schema, path: Path) -> list[Any]:
        """One item for each member of the union that its items are."""
        options = self.shapes.options(schema["items"])
        return [
            self.value(option, (*path, kind_of(self.shapes.resolved(option)) or "item", number))
            for number, option in enumerate(options)
        ]


def kind_of(schema: Schema) -> str:
    """What the ``type`` of an object of this schema says."""
    found = schema.get("properties", {}).get("type", {})
    kind = str(found.get("const", ""))
    if kind == "mention":
        inner = schema["properties"]["mention"]
        return f"mention of {inner['properties']['type']['const']}" if "properties" in inner else kind
    return kind


def numbers_for(key: str, number: int) -> tuple[float, float]:
    """Two numbers such as a field of that name holds."""
    if key == "width_ratio":
        return 0.25, 0.75
    return (number, number + 1) if key.endswith(("index", "width")) else (number + 0.25, number + 0.75)


def text_for(key: str, number: int) -> str:
    """A text such as a field of that name holds; another number, another text."""
    if key in ("id", "emoji_id") or key.endswith("_id"):
        return str(uuid.UUID(int=(0x10000000_0000_4000_8000_000000000000 | number)))
    if key in ("start", "end", "start_time", "end_time", "created_time", "last_edited_time", "expiry_time"):
        return f"2{number % 900 + 100:03}-03-{number % 27 + 1:02}T10:{number % 60:02}:00.000Z"
    if key in ("url", "href", "public_url", "icon_url", "thumbnail_url", "iframe_url", "avatar_url"):
        return f"https://example.org/{key}{number}"
    if key == "time_zone":
        return ("Europe/Paris", "Asia/Tokyo", "America/Lima", "Africa/Lagos")[number % 4]
    if key == "emoji":
        return chr(0x1F400 + number % 60)
    return f"{key.replace('_', '')}{number}"


def put(value: Any, path: Path, new: Any) -> Any:
    """A copy of the value with something else at that place."""
    made = copy.deepcopy(value)
    at = made
    steps = list(_steps(path))
    for step in steps[:-1]:
        at = at[step]
    at[steps[-1]] = new
    return made


def _steps(path: Path) -> Iterator[str | int]:
    """The path without the names that items of lists were given."""
    for number, step in enumerate(path):
        if number + 1 < len(path) and isinstance(path[number + 1], int):
            continue
        yield step
