"""JSON Schema of attrs classes: what their types, their checks and the texts below their attributes say.

Whoever reads it is an editor: it says no less than what types and the usual checks of attrs say. What only a check
of one's own knows stands in the attribute's metadata, ``metadata={"schema": {"pattern": "…"}}``.

Source: https://json-schema.org/draft/2020-12 (TOML has no null: an option that may be ``None`` is left out).
"""

from __future__ import annotations

import enum
import types
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin

import attrs

from notion_sync_core.config.keys import Key, keys_of, summary_of
from notion_sync_core.hints import is_path
from notion_sync_core.secret import Secret

Schema = dict[str, Any]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_REFERENCE = {"type": "string", "pattern": r"^(env|file|keyring):.*\S"}
_MAYBE_REFERENCE = {"type": "string", "pattern": r"^$|^(env|file|keyring):.*\S"}
_SIMPLE: dict[Any, Schema] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    Secret: _REFERENCE,
}
_BOUNDS = {">": "exclusiveMinimum", ">=": "minimum", "<": "exclusiveMaximum", "<=": "maximum"}


def table(kind: Any, more: Mapping[str, Schema] | None = None) -> Schema:
    """The schema of a table whose keys are the attributes of a class.

    :param more: keys that stand beside them; they go first.
    """
    described = {"description": said} if (said := summary_of(kind)) else {}
    properties = {key.name: of_key(key) for key in keys_of(kind)} | dict(more or {})
    return {"type": "object", **described, "additionalProperties": False, "properties": properties}


def of_key(key: Key) -> Schema:
    """The schema of one key, with its meaning and its default."""
    made = dict(_MAYBE_REFERENCE) if key.is_secret and key.hint is str else of_type(key.hint)
    for found in (_of_check(key.attribute.validator), key.attribute.metadata.get("schema", {})):
        made = _merged(made, found)
    if key.doc:
        made["description"] = key.doc
    if is_plain(key.default):
        made["default"] = key.default
    return made


def of_type(hint: Any) -> Schema:
    """The schema of a type; one that is not known may be anything."""
    origin, inner = get_origin(hint), get_args(hint)
    if is_path(hint):
        return {"type": "string", "pattern": r"^(?!.*\$\{[^}]*\})"}
    if hint in _SIMPLE:
        return dict(_SIMPLE[hint])
    if origin in (Union, types.UnionType):
        found = [of_type(each) for each in inner if each is not types.NoneType]
        return found[0] if len(found) == 1 else {"anyOf": found}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (list, tuple, set, frozenset):
        return {"type": "array", "items": of_type(inner[0]) if inner else {}}
    if origin is dict or hint is dict:
        values = of_type(inner[1]) if inner else {}
        return {"type": "object", **({"additionalProperties": values} if values else {})}
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return {"enum": [each.value for each in hint]}
    return table(hint) if attrs.has(hint) else {}


def _of_check(check: Any) -> Schema:
    """What the usual checks of attrs say; nothing of one that is not theirs."""
    made: Schema = {}
    if check is None:
        return made
    if options := getattr(check, "options", None):
        made["enum"] = list(options)
    if hasattr(check, "compare_op"):
        made[_BOUNDS[check.compare_op]] = check.bound
    if hasattr(check, "pattern"):
        made["pattern"] = f"^(?:{check.pattern.pattern})$"
    for name in ("member_validator", "validator"):
        inner = _of_check(getattr(check, name, None))
        if inner:
            made = _merged(made, {"items": inner} if name == "member_validator" else inner)
    for each in getattr(check, "_validators", ()):
        made = _merged(made, _of_check(each))
    return made


def _merged(one: Schema, other: Mapping[str, Any]) -> Schema:
    """Both; where they speak of parts, of those."""
    both = {key: _merged(one[key], other[key]) for key in ("items",) if key in one and key in other}
    return {**one, **other, **both}


def is_plain(value: Any) -> bool:
    """Whether JSON and TOML can say a value."""
    if isinstance(value, list):
        return all(map(is_plain, value))
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_plain(each) for key, each in value.items())
    return isinstance(value, str | int | float)
