"""Where restores are tried: a workspace as originals, another one behind the emulator, both compared without ids."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import define, field

from notion_sync_core.model import Json, Parent, Ref, fields, plain_text
from notion_sync_core.plugins.build import Spec, build
from notion_sync_core.plugins.target import Target
from notion_sync_core.restore.originals import Stored
from notion_sync_core.restore.running import Restoring
from notion_sync_core.testing import FakeClock, FakeGate
from notion_sync_demo import Emulator, Workspace
from notion_sync_demo.workspace import FILE_URL
from notion_sync_notion.target import NotionTarget


@define
class OfWorkspace:
    """A workspace of the emulator as originals, without requests."""

    space: Workspace
    folder: Path = field(factory=lambda: Path(tempfile.mkdtemp()))

    def refs(self) -> Iterator[Ref]:
        tops = [each for each in self.space.pages if self._holder(each) is None]
        tops += [each for each in self.space.databases if self._holder(each) is None]
        for top in tops:
            yield from self._below(top)

    def _below(self, object_id: str) -> Iterator[Ref]:
        found = self.ref(object_id)
        if found is not None:
            yield found
            for inner in self.inside(object_id):
                yield from self._below(inner.id)

    def ref(self, object_id: str) -> Ref | None:
        space = self.space
        for kind, known in (("page", space.pages), ("database", space.databases), ("data_source", space.data_sources)):
            raw = known.get(object_id)
            if raw is not None and not raw.get("in_trash") and object_id not in space.views:
                parent = raw["parent"]
                title = space.title(object_id) if kind == "page" else plain_text(raw["title"])
                where = Parent(parent["type"], parent.get(parent["type"]))
                return Ref(object_id, kind, title, where, raw["created_time"], raw["last_edited_time"])  # type: ignore[arg-type]
        return None

    def _holder(self, object_id: str) -> str | None:
        raw = self.space.pages.get(object_id) or self.space.databases.get(object_id) or {}
        parent = raw["parent"]
        found = parent.get(parent["type"]) if parent["type"] != "workspace" else None
        while found in self.space.blocks and found not in self.space.pages:
            parent = self.space.blocks[found]["parent"]
            found = parent[parent["type"]]
        return str(found) if found else None

    def inside(self, object_id: str) -> Iterator[Ref]:
        space = self.space
        if object_id in space.databases:
            ids = [each["id"] for each in space.databases[object_id]["data_sources"]]
        elif object_id in space.data_sources:
            ids = [row["id"] for row in space.rows(object_id)]
        else:
            ids = list(self._children(object_id))
        yield from filter(None, map(self.ref, ids))

    def _children(self, parent: str) -> Iterator[str]:
        for block in self.space.children(parent):
            if block["type"] in ("child_page", "child_database"):
                yield block["id"]
            elif not (block["type"] == "synced_block" and block["synced_block"]["synced_from"]):
                yield from self._children(block["id"])

    def object(self, object_id: str) -> Json | None:
        space = self.space
        return space.pages.get(object_id) or space.databases.get(object_id) or space.data_sources.get(object_id)

    def blocks(self, parent_id: str) -> Iterator[Json]:
        yield from self.space.children(parent_id)

    def comments(self, block_id: str) -> Iterator[Json]:
        yield from self.space.comments.get(block_id, [])

    def file(self, document_id: str, holder: Json) -> Stored | None:
        url = fields(holder.get("file")).get("url")
        found = self.space.files.get(str(url).removeprefix(FILE_URL))
        if found is None:
            return None
        digest = hashlib.sha256(found[0]).hexdigest()
        path = self.folder / digest
        path.write_bytes(found[0])
        return Stored(path, digest, len(found[0]), str(holder.get("name") or str(url).rpartition("/")[2]))


@define
class Bench:
    """One source, one emulator with an empty page that everything is restored to."""

    source: Workspace
    folder: Path
    into_itself: bool = False
    """What is restored goes where it was read."""
    server: Emulator = field(init=False)
    home: str = field(init=False)
    clock: FakeClock = field(factory=FakeClock)
    restores: list[Restoring] = field(factory=list)

    @server.default
    def _server(self) -> Emulator:
        space = self.source if self.into_itself else Workspace("Target", seed=77)
        space.users.update(self.source.users)
        return Emulator(space, largest_file=1 << 30)

    @home.default
    def _home(self) -> str:
        return self.server.workspace.add_page(None, "Home")

    def __enter__(self) -> Bench:
        self.server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        for each in self.restores:
            each.target.close()
        self.server.close()

    @property
    def space(self) -> Workspace:
        return self.server.workspace

    def target(self) -> Target:
        plugin = NotionTarget(self.server.token, self.server.url, timeout_s=5.0)
        built = build(Spec("targets", "notion", "notion", {}, plugin=plugin))
        return Target(built.name, built.plugin, built.hooks)

    def restoring(self, gate: FakeGate | None = None, **more: Any) -> Restoring:
        found = Restoring(
            OfWorkspace(self.source), self.target(), gate or FakeGate(self.clock), self.clock,
            more.pop("into", self.home), **more,
        )  # fmt: skip
        self.restores.append(found)
        return found

    @property
    def journal(self) -> Path:
        return self.folder / "journal.sqlite"


def canonical(space: Workspace, tops: list[str]) -> list[Any]:
    """What a workspace holds below some pages and databases, without ids, times and authors."""
    labels: dict[str, str] = {}
    for top in tops:
        _label(space, top, labels)
    return [_shown(space, top, labels) for top in tops]


def _label(space: Workspace, object_id: str, labels: dict[str, str]) -> None:
    labels[object_id] = f"#{len(labels)}"
    if object_id in space.databases:
        for each in space.databases[object_id]["data_sources"]:
            _label(space, each["id"], labels)
    elif object_id in space.data_sources:
        for row in _rows(space, object_id):
            _label(space, row["id"], labels)
    else:
        for block in space.children(object_id):
            copied = block["type"] == "synced_block" and block["synced_block"]["synced_from"]
            if not copied:
                _label(space, block["id"], labels)


def _rows(space: Workspace, source: str) -> list[Json]:
    """Rows in an order that follows from what they hold."""

    def key(row: Json) -> tuple[str, str]:
        hours = row["properties"].get("Hours", {}).get("number")
        return space.title(row["id"]), str(hours)

    return sorted(space.all_rows(source), key=key)


def _shown(space: Workspace, object_id: str, labels: dict[str, str]) -> Any:
    if object_id in space.databases:
        raw = space.databases[object_id]
        sources = [_shown(space, each["id"], labels) for each in raw["data_sources"]]
        return {"database": _clean(space, {key: raw[key] for key in _DATABASE}, labels), "sources": sources}
    if object_id in space.data_sources:
        raw = space.data_sources[object_id]
        rows = _rows(space, object_id)
        columns = {name: _column(space, prop, labels) for name, prop in sorted(raw["properties"].items())}
        title = plain_text(raw["title"])
        return {"title": title, "columns": columns, "rows": [_shown(space, row["id"], labels) for row in rows]}
    raw = space.pages[object_id]
    values = {name: _value(space, prop, labels) for name, prop in sorted(raw["properties"].items())}
    looks = _clean(space, {"icon": raw["icon"], "cover": raw["cover"]}, labels)
    return {"values": values, **looks, "blocks": _blocks(space, object_id, labels)}


_DATABASE = ("title", "description", "icon", "cover", "is_inline")
_COMPUTED = ("created_time", "created_by", "last_edited_time", "last_edited_by", "formula", "rollup", "unique_id")


def _blocks(space: Workspace, parent: str, labels: dict[str, str]) -> list[Any]:
    found = []
    for block in space.children(parent):
        kind = block["type"]
        if kind in ("child_page", "child_database"):
            found.append(_shown(space, block["id"], labels))
            continue
        copied = kind == "synced_block" and block[kind]["synced_from"]
        inner = [] if copied else _blocks(space, block["id"], labels)
        found.append([kind, _clean(space, block[kind], labels), inner])
    return found


def _column(space: Workspace, prop: Json, labels: dict[str, str]) -> Any:
    kind = prop["type"]
    config = dict(prop[kind])
    for key in ("database_id", "groups"):
        config.pop(key, None)
    if "options" in config:
        config["options"] = [(each["name"], each["color"]) for each in config["options"]]
    for key in [key for key in config if key.endswith("_property_id")]:
        del config[key]
    config.get("dual_property", {}).pop("synced_property_id", None)
    return [kind, _clean(space, config, labels)]


def _value(space: Workspace, prop: Json, labels: dict[str, str]) -> Any:
    kind = prop["type"]
    if kind in _COMPUTED:
        return kind
    payload = prop[kind]
    if kind in ("select", "status"):
        return payload and payload["name"]
    if kind == "multi_select":
        return [each["name"] for each in payload]
    if kind == "people":
        return [each["id"] for each in payload]
    return _clean(space, payload, labels)


def _clean(space: Workspace, value: Any, labels: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_clean(space, each, labels) for each in value]
    if isinstance(value, str):
        found = space.files.get(value.removeprefix(FILE_URL))
        if found is not None:
            return hashlib.sha256(found[0]).hexdigest()
        for known, label in labels.items():
            value = value.replace(known.replace("-", ""), label)
        return labels.get(value, value.replace("https://www.notion.so/#", "/#"))
    if not isinstance(value, dict):
        return value
    if value.get("object") == "user":
        return value["id"]
    dropped = ("plain_text", "href", "expiry_time")
    kept = {key: each for key, each in value.items() if key not in dropped and each not in (None, False, "default")}
    return {key: _clean(space, each, labels) for key, each in kept.items() if not (key == "annotations" and not each)}


def digest(found: Any) -> str:
    """A short name of a large content."""
    return hashlib.sha256(repr(found).encode()).hexdigest()


def first_difference(one: Any, other: Any, where: str = "") -> str:
    """Where two contents differ first, in few words; empty: nowhere."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted({*one, *other}, key=str):
            if key not in one or key not in other:
                side = "first" if key in one else "second"
                return f"{where}.{key}: only in the {side}: {one.get(key, other.get(key))!r:.300}"
            if found := first_difference(one[key], other[key], f"{where}.{key}"):
                return found
        return ""
    if isinstance(one, list) and isinstance(other, list):
        for number, pair in enumerate(zip(one, other, strict=False)):
            if found := first_difference(*pair, f"{where}[{number}]"):
                return found
        return (
            ""
            if len(one) == len(other)
            else f"{where}: {len(one)} and {len(other)} items: {(one[len(other) :] or other[len(one) :])!r:.300}"
        )
    return "" if one == other else f"{where}: {one!r:.300} and {other!r:.300}"
