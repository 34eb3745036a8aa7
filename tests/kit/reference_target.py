"""A target as small as one can be that has every feature, in one file: what the exam of targets is examined with."""

from __future__ import annotations

import json
import shutil
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from attrs import define, field

from notion_sync_core.plugin import Changes, Gate, Json, Limits, Made, MissingError, New, SkippableError, hookimpl

KINDS = frozenset({"paragraph", "toggle", "file", "table", "table_row"})
LIMITS = Limits(
    KINDS,
    frozenset({"page", "row", "database", "data_source", "view", "comment"}),
    frozenset({"page"}),
    array=5,
    levels=2,
    blocks=20,
    text=50,
    file_bytes=1000,
    lists=frozenset({"columns", "views", "comments"}),
)


def said(items: Any) -> str:
    """Rich text as it is in requests, without its looks."""
    return "".join(item["text"]["content"] for item in items)


@define(eq=False)
class OneFileTarget:
    """Objects and blocks in a JSON file, which stands for a service."""

    path: str
    token: str = field(default="swordfish", repr=False)
    _line: Any = field(default=None, init=False, repr=False)

    @hookimpl
    def target_open(self, into: str, gate: Gate) -> Limits:
        self._line = socket.socket()
        if into and into not in gate(self._load):
            raise MissingError(f"there is no page {into}")
        return LIMITS

    @hookimpl
    def target_create(self, new: New, gate: Gate) -> Made:
        return gate.once(self._create, new)

    @hookimpl
    def target_append(self, container: str, blocks: list[Json], after: str, gate: Gate) -> list[str]:
        return gate.once(self._append, container, blocks, after)

    @hookimpl
    def target_update(self, object_id: str, changes: Changes, gate: Gate) -> None:
        gate(self._update, object_id, changes)

    @hookimpl
    def target_upload(self, path: Path, name: str, gate: Gate) -> str:
        own = str(uuid.uuid4())
        gate(shutil.copy, path, Path(self.path, own))
        return own

    @hookimpl
    def target_children(self, container: str, kind: str, gate: Gate) -> Iterator[Made]:
        held = gate(self._load)
        if container not in held:
            raise MissingError(f"there is no {container}")
        if kind in LIMITS.lists:
            for own, said_of in held[container].get(kind, {}).items():
                yield Made(own, kind.removesuffix("s"), *said_of)
            return
        for own in held[container]["children"]:
            yield Made(own, held[own]["kind"], held[own]["title"])

    @hookimpl
    def target_close(self) -> None:
        if self._line is not None:
            self._line.close()

    # -- the service

    def _load(self) -> dict[str, Any]:
        place = Path(self.path, "store.json")
        if not place.exists():
            return {"": {"kind": "top", "title": "", "children": []}}
        found: dict[str, Any] = json.loads(place.read_text("utf-8"))
        return found

    def _save(self, held: dict[str, Any]) -> None:
        Path(self.path, "store.json").write_text(json.dumps(held), "utf-8")

    def _create(self, new: New) -> Made:
        held = self._load()
        if new.parent not in held:
            raise MissingError(f"there is no {new.parent}")
        if new.kind in ("view", "comment"):
            return self._beside(held, new)
        columns = held[new.parent].get("names")
        if new.kind == "row" and not new.properties.keys() <= set(columns):
            raise SkippableError("there is no such column")
        own = self._put(held, new.parent, new.kind, said(new.title), new.after)
        self._add(held, own, list(new.blocks), "", 1)
        sources: tuple[str, ...] = ()
        if new.kind == "database":
            sources = (self._put(held, own, "data_source", said(new.title), ""),)
            held[sources[0]]["names"] = list(new.properties)
            held[sources[0]]["columns"] = {f"{sources[0]} {name}": [name] for name in new.properties}
            held[own]["views"] = {str(uuid.uuid4()): ["Default"]}
        self._save(held)
        return Made(own, new.kind, said(new.title), sources)

    def _beside(self, held: dict[str, Any], new: New) -> Made:
        own = str(uuid.uuid4())
        discussion = new.properties.get("discussion_id") or own if new.kind == "comment" else ""
        more = [(), discussion] if discussion else []
        held[new.parent].setdefault(f"{new.kind}s", {})[own] = [said(new.title), *more]
        self._save(held)
        return Made(own, new.kind, said(new.title), discussion=discussion)

    def _append(self, container: str, blocks: list[Json], after: str) -> list[str]:
        held = self._load()
        if container not in held:
            raise MissingError(f"there is no {container}")
        ids = self._add(held, container, blocks, after, 1)
        self._save(held)
        return ids

    def _add(self, held: dict[str, Any], container: str, blocks: list[Json], after: str, level: int) -> list[str]:
        if len(blocks) > LIMITS.array or (blocks and level > LIMITS.levels):
            raise SkippableError("too many blocks, or too deep")
        ids: list[str] = []
        for block in blocks:
            kind = block["type"]
            payload = block[kind]
            self._check(kind, payload)
            title = said(payload.get("rich_text", []))
            after = self._put(held, container, "block", title, after if ids or after else "")
            ids.append(after)
            self._add(held, after, payload.get("children", []), "", level + 1)
        return ids

    def _check(self, kind: str, payload: Json) -> None:
        if kind not in KINDS or len(said(payload.get("rich_text", []))) > LIMITS.text:
            raise SkippableError(f"a block of type {kind} cannot be held")
        if "file_upload" in payload and not Path(self.path, payload["file_upload"]["id"]).exists():
            raise SkippableError("there is no such file")

    @staticmethod
    def _put(held: dict[str, Any], parent: str, kind: str, title: str, after: str) -> str:
        own = str(uuid.uuid4())
        held[own] = {"kind": kind, "title": title, "children": []}
        order = held[parent]["children"]
        place = 0 if after == parent else order.index(after) + 1 if after else len(order)
        order.insert(place, own)
        return own

    def _update(self, object_id: str, changes: Changes) -> None:
        held = self._load()
        if changes.is_gone:
            for each in held.values():
                each.get("views", {}).pop(object_id, None)
        if changes.title is not None:
            held[object_id]["title"] = said(changes.title)
        for payload in (changes.block or {}).values():
            held[object_id]["title"] = said(payload["rich_text"])
        self._save(held)


FEATURES = {"children", "upload", "databases", "places", "columns", "views", "comments"}


def make(folder: Path) -> OneFileTarget:
    """A target in that folder."""
    return OneFileTarget(str(folder))
