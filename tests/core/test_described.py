"""What is written below attributes is what ``help()`` and the reference show of them."""

from __future__ import annotations

import inspect
import json
import pydoc
from pathlib import Path
from typing import Any

import attrs
import pytest
from attrs import field, frozen

import notion_sync_core
from notion_sync_core import plugin, report, testing
from notion_sync_core.described import show_in_help, texts_of

PUBLIC = [(home, name) for home in (notion_sync_core, plugin, testing) for name in home.__all__]
SCHEMA = Path(notion_sync_core.__file__).parent / "report.schema.json"


@frozen
class Shelf:
    """For books."""

    height: float
    """In metres."""
    boards: list[str] = field(factory=list)


def test_help_shows_what_is_written_below_an_attribute() -> None:
    assert "In metres." not in pydoc.render_doc(Shelf, renderer=pydoc.plaintext)
    show_in_help([Shelf, len, 3])
    assert "height\n |      In metres." in pydoc.render_doc(Shelf, renderer=pydoc.plaintext)
    assert inspect.getdoc(Shelf.height) == "In metres."  # type: ignore[arg-type]
    assert not inspect.getdoc(Shelf.boards)  # type: ignore[arg-type]


def test_a_class_that_help_explains_is_as_it_was() -> None:
    show_in_help([Shelf])

    @frozen
    class Bookcase(Shelf):
        width: float = 1.0

    assert attrs.asdict(Bookcase(2.0)) == {"height": 2.0, "boards": [], "width": 1.0}
    with pytest.raises(AttributeError):
        object.__setattr__(Bookcase(2.0), "depth", 1)


@pytest.mark.parametrize("name", ["Ref", "Staged", "RunStarted", "Metric"])
def test_help_of_a_class_of_the_door_shows_each_text(name: str) -> None:
    kind: Any = getattr(plugin, name)
    shown = " ".join(pydoc.render_doc(kind, renderer=pydoc.plaintext).replace("|", " ").split())
    assert texts_of(kind)
    assert all(text in shown for text in texts_of(kind).values() if "|" not in text)


def test_help_of_the_type_of_paths_says_what_a_path_may_be() -> None:
    shown = " ".join(pydoc.render_doc(plugin.FilePath, renderer=pydoc.plaintext).split())
    assert "relative path in a configuration file is relative to that file" in shown


@pytest.mark.parametrize(("home", "name"), PUBLIC, ids=lambda each: getattr(each, "__name__", str(each)))
def test_every_public_name_is_described(home: Any, name: str) -> None:
    found = getattr(home, name)
    if not (inspect.isclass(found) or inspect.isfunction(found) or inspect.ismodule(found)):
        return  # values are described where they are made
    assert inspect.getdoc(found), name
    for member, value in vars(found).items() if inspect.isclass(found) else ():
        whole = value.__func__ if isinstance(value, staticmethod | classmethod) else value
        if not member.startswith("_") and (inspect.isfunction(whole) or isinstance(whole, property)):
            assert inspect.getdoc(whole) or inspect.getdoc(getattr(found, member)), f"{name}.{member}"


def described(schema: Any, kind: Any) -> dict[str, tuple[str, str]]:
    """What a schema and a class say of each field that both have."""
    fields = {name: part.get("description", "") for name, part in schema["properties"].items()}
    texts = {name: texts_of(kind).get(name, "").replace("``", "`") for name in fields}
    return {name: (fields[name], texts[name]) for name in fields if name != "schema"}


def test_the_schema_of_a_report_says_what_its_class_says() -> None:
    schema = json.loads(SCHEMA.read_text("utf-8"))
    parts = {
        "objects": report.Objects,
        "artifacts": report.Artifacts,
        "assets": report.Assets,
        "requests": report.Requests,
    }
    for told, meant in [
        *described(schema, report.Report).values(),
        *(pair for name, kind in parts.items() for pair in described(schema["properties"][name], kind).values()),
    ]:
        assert told == meant != ""
