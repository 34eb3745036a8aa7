"""Originals in memory: copies of others, with other ids and with changes."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from attrs import define, evolve, field, frozen

from notion_sync_core.content.files import hosted_files
from notion_sync_core.model import Json, Ref
from notion_sync_core.restore.originals import Originals, Stored

_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}")


@define
class Memory:
    """See :class:`~notion_sync_core.restore.originals.Originals`."""

    all: list[Ref] = field(factory=list)
    within: dict[str, list[str]] = field(factory=dict)
    raws: dict[str, Json] = field(factory=dict)
    lists: dict[str, list[Json]] = field(factory=dict)
    talks: dict[str, list[Json]] = field(factory=dict)
    files: dict[str, Stored] = field(factory=dict)

    @classmethod
    def of(cls, other: Originals) -> Memory:
        """A copy of everything."""
        made = cls(list(other.refs()))
        for ref in made.all:
            made.within[ref.id] = [each.id for each in other.inside(ref.id)]
            made.raws[ref.id] = other.object(ref.id) or {}
            made._take_comments(other, ref.id)
            if ref.kind == "page":
                made._take_blocks(other, ref.id, ref.id)
            made._take_files(other, ref.id, made.raws[ref.id])
        return made

    def _take_comments(self, other: Originals, about: str) -> None:
        if found := list(other.comments(about)):
            self.talks[about] = found

    def _take_blocks(self, other: Originals, page: str, parent: str) -> None:
        self.lists[parent] = list(other.blocks(parent))
        for raw in self.lists[parent]:
            self._take_comments(other, raw["id"])
            self._take_files(other, page, raw)
            if raw["type"] not in ("child_page", "child_database") and raw["id"] not in self.lists:
                self._take_blocks(other, page, raw["id"])

    def _take_files(self, other: Originals, page: str, value: Any) -> None:
        if isinstance(value, dict) and isinstance(value.get("file"), dict):
            found = other.file(page, value)
            if found is not None:
                self.files[value["file"]["url"]] = found
        for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            self._take_files(other, page, each)

    def with_files(self) -> Memory:
        """With bytes for each hosted file; what they are follows from their address."""
        raws = [*self.raws.values(), *(raw for blocks in self.lists.values() for raw in blocks)]
        for address in [each for raw in raws for each in hosted_files(raw)]:
            sha256 = hashlib.sha256(address.encode()).hexdigest()
            self.files[address] = Stored(Path(sha256), sha256, len(address), "")
        return self

    def refs(self) -> Iterator[Ref]:
        return iter(self.all)

    def ref(self, object_id: str) -> Ref | None:
        return next((each for each in self.all if each.id == object_id), None)

    def inside(self, object_id: str) -> Iterator[Ref]:
        found = (self.ref(each) for each in self.within.get(object_id, ()))
        return (each for each in found if each is not None)

    def object(self, object_id: str) -> Json | None:
        return self.raws.get(object_id)

    def blocks(self, parent_id: str) -> Iterator[Json]:
        return iter(self.lists.get(parent_id, ()))

    def comments(self, block_id: str) -> Iterator[Json]:
        return iter(self.talks.get(block_id, ()))

    def file(self, document_id: str, holder: Json) -> Stored | None:
        return self.files.get(holder["file"]["url"])

    def anew(self) -> tuple[Memory, Became]:
        """The same with other ids, as if it had been restored; signatures, times and names of people differ too."""
        ids = set(self.raws)
        for parent, blocks in self.lists.items():
            ids |= {parent, *(raw["id"] for raw in blocks)}
        new = {each: str(uuid.uuid5(uuid.NAMESPACE_URL, each)) for each in ids}

        def put(found: re.Match[str]) -> str:
            hyphened = str(uuid.UUID(found[0]))
            other = new.get(hyphened, hyphened)
            return other if "-" in found[0] else other.replace("-", "")

        def renamed(value: Any) -> Any:
            if isinstance(value, str):
                return _ID.sub(put, value)
            if isinstance(value, list):
                return [renamed(each) for each in value]
            if not isinstance(value, dict):
                return value
            # What people have written stays what it is, whatever it looks like.
            return {key: each if key in ("content", "plain_text") else renamed(each) for key, each in value.items()}

        def aged(value: Any) -> Any:
            if isinstance(value, list):
                return [aged(each) for each in value]
            if not isinstance(value, dict):
                return value
            later = {"last_edited_time": "2030-01-01T00:00:00.000Z", "created_time": "2030-01-01T00:00:00.000Z"}
            return {key: later[key] if key in later and each else aged(each) for key, each in value.items()}

        made = Memory(
            [evolve(ref, id=new[ref.id]) for ref in self.all],
            {new[key]: [new[each] for each in inside] for key, inside in self.within.items()},
            {new[key]: aged(renamed(raw)) for key, raw in self.raws.items()},
            {new[key]: aged(renamed(blocks)) for key, blocks in self.lists.items()},
            {new[key]: aged(renamed(talks)) for key, talks in self.talks.items()},
            {renamed(key): stored for key, stored in self.files.items()},
        )
        return made, Became(new, {value: key for key, value in new.items()})


@frozen
class Became:
    """See :class:`~notion_sync_core.restore.comparison.compare.Became`."""

    to_new: dict[str, str] = field(factory=dict)
    to_old: dict[str, str] = field(factory=dict)
    told: dict[str, list[str]] = field(factory=dict)

    def new(self, old_id: str) -> str:
        return self.to_new.get(old_id, "")

    def old(self, new_id: str) -> str:
        return self.to_old.get(new_id, "")

    def notes(self, old_id: str) -> Collection[str]:
        return self.told.get(old_id, [])

    def without(self, *old: str) -> Became:
        """Of these nobody was told what became of them."""
        gone = {self.to_new[each] for each in old}
        return Became(
            {key: each for key, each in self.to_new.items() if key not in old},
            {key: each for key, each in self.to_old.items() if key not in gone},
            self.told,
        )
