"""Databases as bases of Obsidian: https://help.obsidian.md/bases/syntax"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from posixpath import dirname, join, normpath
from typing import Any

from notion_sync_core.plugin import (
    Artifact,
    Document,
    Json,
    Site,
    TableView,
    fields,
    per_source,
    plain_text,
    properties,
    properties_of,
    views_of,
)
from notion_sync_markdown import yaml_writer
from notion_sync_markdown.csv_files import sources_of

SUFFIX = ".base"
_TYPES: Mapping[str, str] = {"gallery": "cards", "list": "list"}
"""What Obsidian calls a type of view; all others are tables there."""
_MOST_FOLDERS = 50


def artifacts(document: Document, site: Site) -> Iterator[Artifact]:
    """A base for each data source."""
    sources = sources_of(document)
    given = per_source([(str(source["id"]), plain_text(source.get("title"))) for source in sources], SUFFIX)
    for source, suffix in zip(sources, given, strict=True):
        text = yaml_writer.dump(_base(document, source, site))
        yield Artifact(site.path(suffix), [text.encode("utf-8", "replace")], "text/yaml")


def _base(document: Document, source: Json, site: Site) -> dict[str, Any]:
    title = properties.title_key(properties_of(source))
    folders = [{"or": [_call("file", "inFolder", each) for each in _folders(document, source, site)]}]
    # What stands in rows lies in these folders as well, and has no such property.
    is_row = [f"!{_note(title)}.isEmpty()"] if title is not None else []
    views = [view for view in views_of(source) if view.has_rows]
    made = [_view(view, title) for view in views]
    if all("filters" in each for each in made):
        columns = tuple(properties.ordered(properties_of(source)))
        made.append(_view(TableView("", "All rows" if made else "Table", "table", columns), title))
    return {"filters": {"and": [*folders, *is_row]}, "views": made}


def _folders(document: Document, source: Json, site: Site) -> list[str]:
    """Where the files of the rows lie, from the vault's root."""
    own = site.path("")
    here = str(own.parent)
    found: dict[str, None] = {}
    for row in document.rows(source["id"]):
        target = site.target(row.ref.id)
        if target is not None and target.href:
            found[normpath(dirname(join(here, target.href)))] = None
        if len(found) >= _MOST_FOLDERS:
            break
    return ["/" if each == "." else each for each in found] or [str(own)]


def _view(view: TableView, title: str | None) -> dict[str, Any]:
    made: dict[str, Any] = {"type": _TYPES.get(view.type, "table"), "name": view.name}
    condition = None if view.filter is None else _condition(view.filter)
    if condition is not None:
        made["filters"] = condition if isinstance(condition, dict) else {"and": [condition]}
    if view.grouping is not None:
        descending = view.grouping.order == "descending"
        made["groupBy"] = {"property": _property(view.grouping.by, title), "direction": "DESC" if descending else "ASC"}
    made["order"] = [_property(name, title) for name in view.columns]
    if view.sorts:
        made["sort"] = [
            {
                "property": _STAMPS[sort.by] if sort.is_stamp else _property(sort.by, title),
                "direction": "DESC" if sort.descending else "ASC",
            }
            for sort in view.sorts
        ]
    return made


_STAMPS: Mapping[str, str] = {"created_time": "file.ctime", "last_edited_time": "file.mtime"}


def _property(name: str, title: str | None) -> str:
    """The title is the file's name, which is a link."""
    return "file.name" if name == title else f"note.{name}"


def _note(name: str) -> str:
    return f"note[{_quoted(name)}]"


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _call(of: str, name: str, value: Any) -> str:
    return f"{of}.{name}({_quoted(value)})"


# -- filters


def _condition(raw: Json) -> Any:
    """A filter in the words of Obsidian; ``None`` if it has none for it: then all rows are shown."""
    for key in ("and", "or"):
        if key in raw:
            inner = [_condition(each) for each in raw[key]]
            return None if not inner or None in inner else {key: inner}
    name = raw.get("property")
    kinds = [key for key in raw if key in _KINDS]
    tests = fields(raw.get(kinds[0])) if len(kinds) == 1 else {}
    if not name or len(tests) != 1:
        return None
    ((test, wanted),) = tests.items()
    write = _KINDS[kinds[0]].get(test)
    return None if write is None else write(_note(str(name)), wanted)


_Write = Callable[[str, Any], Any]
"""Makes a condition, or several together, of a property and a value; ``None``: there are no words for it."""


def _compared(sign: str) -> _Write:
    return lambda note, wanted: f"{note} {sign} {_quoted(wanted)}" if isinstance(wanted, str | int | float) else None


def _among(sign: str, together: str) -> _Write:
    """Compared with one value, or with each of several."""
    one = _compared(sign)

    def write(note: str, wanted: Any) -> Any:
        if not isinstance(wanted, list):
            return one(note, wanted)
        each = [one(note, value) for value in wanted]
        return None if not each or None in each else {together: each}

    return write


def _dated(sign: str) -> _Write:
    """A day or a time; what is no text is none."""
    return lambda note, wanted: (
        f"{note} {sign} date({_quoted(wanted)})" if isinstance(wanted, str) and wanted[:1].isdigit() else None
    )


def _holds(*, negated: bool = False) -> _Write:
    mark = "!" if negated else ""
    return lambda note, wanted: f"{mark}{_call(note, 'contains', wanted)}" if isinstance(wanted, str) else None


_EMPTY: Mapping[str, _Write] = {
    "is_empty": lambda note, _: f"{note}.isEmpty()",
    "is_not_empty": lambda note, _: f"!{note}.isEmpty()",
}
_EQUAL: Mapping[str, _Write] = {"equals": _among("==", "or"), "does_not_equal": _among("!=", "and")}
_CONTAIN: Mapping[str, _Write] = {"contains": _holds(), "does_not_contain": _holds(negated=True)}
_KINDS: Mapping[str, Mapping[str, _Write]] = {
    **{kind: {**_EMPTY, **_EQUAL, **_CONTAIN} for kind in ("rich_text", "url", "email", "phone_number")},
    **{kind: {**_EMPTY, **_EQUAL} for kind in ("select", "status", "checkbox")},
    "multi_select": {**_EMPTY, **_CONTAIN},
    "number": {
        **_EMPTY,
        **_EQUAL,
        "greater_than": _compared(">"),
        "less_than": _compared("<"),
        "greater_than_or_equal_to": _compared(">="),
        "less_than_or_equal_to": _compared("<="),
    },
    "date": {
        **_EMPTY,
        "equals": _dated("=="),
        "before": _dated("<"),
        "after": _dated(">"),
        "on_or_before": _dated("<="),
        "on_or_after": _dated(">="),
    },
}
