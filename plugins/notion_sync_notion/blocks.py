"""What the blocks of one listing contain, found in one pass over them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from attrs import define, field

from notion_sync_core.plugin import (
    Asset,
    Found,
    Json,
    Kind,
    fields,
    fragment_from_url,
    id_from_url,
    normalise_id,
    objects,
)
from notion_sync_notion import people
from notion_sync_notion.decode import external_file, file_name, hosted_file, text, usable_id

NOT_CONTAINERS = {"child_page", "child_database", "unsupported", "link_to_page"}
"""Their children, if any, are not theirs to show, or asking for them fails."""
MEETINGS = ("meeting_notes", "transcription")


Place = tuple[int, ...]
"""Where a block stands: its number among its siblings, after its parent's place."""
Container = tuple[str, Place]


@define
class Contents:
    """Collects what a document's blocks turn up."""

    children: list[tuple[Place, str, Kind, str]] = field(factory=list)
    """Each with its place in the document: listings do not come in the document's order."""
    links: set[str] = field(factory=set)
    anchors: set[tuple[str, str]] = field(factory=set)
    assets: list[Asset] = field(factory=list)
    synced_from: list[tuple[str, str]] = field(factory=list)
    originals: list[str] = field(factory=list)
    people: set[str] = field(factory=set)
    """Ids of people whose names are not shown."""
    warnings: list[str] = field(factory=list)
    may_refuse: set[str] = field(factory=set)
    """Blocks whose children may not be readable yet."""
    no_comments: bool = False
    """The token may not read comments."""
    external: bool = False
    """Files that lie elsewhere count as well."""
    _place: Place = ()

    def usable(self, results: Any) -> list[Json]:
        """The blocks of one answer that have an id; what stands in others cannot be asked for."""
        found = []
        for raw in results if isinstance(results, list) else ():
            if isinstance(raw, dict) and usable_id(raw.get("id")):
                found.append(raw)
            elif not isinstance(raw, dict) or raw.get("has_children"):
                self.warnings.append("a block has no usable id: what stands in it is missing")
        return found

    def open_circles(self, blocks: Iterable[Json], holders: set[str]) -> None:
        """Take the children from blocks that would stand in themselves: whoever writes them would never end.

        :param holders: the ids of all that stands around these blocks.
        """
        for block in blocks:
            payload = fields(block.get(text(block.get("type"))))
            sections = payload.get("children")
            if block["id"] in holders or (sections and holders.intersection(map(usable_id, fields(sections).values()))):
                block["has_children"] = False
                payload.pop("children", None)
                self.warnings.append(f"a block contains itself ({block['id']}): it is shown without its content")

    def scan(
        self, blocks: Iterable[Json], signed: dict[str, str], within: Place = (), start: int = 0
    ) -> list[Container]:
        """Take in the blocks of one listing.

        :param signed: fresh addresses of hosted files.
        :param within: the place of the block whose children these are.
        :param start: how many children came before in earlier answers.
        :returns: what children have to be read of, in order.
        """
        containers: list[Container] = []
        for number, block in enumerate(blocks, start):
            self._place = (*within, number)
            kind = block.get("type")
            if not isinstance(kind, str):
                kind = ""
            payload = block.get(kind)
            if not isinstance(payload, dict):
                payload = {}
            self._links(payload)
            special = _SPECIAL.get(kind)
            if special is not None and special(self, block, payload, containers):
                continue
            self._asset(block, payload, signed)
            if block.get("has_children") and kind not in NOT_CONTAINERS:
                containers.append((block["id"], self._place))
        return containers

    def found(self, **rest: Any) -> Found:
        """All of it."""
        return Found(
            children=tuple(child for _, *child in sorted(self.children)),  # type: ignore[misc]
            links=frozenset(self.links),
            anchors=frozenset(self.anchors),
            assets=tuple(self.assets),
            synced_from=tuple(self.synced_from),
            originals=tuple(self.originals),
            warnings=tuple(self.warnings),
            **rest,
        )

    def comments(self, comments: Iterable[Json], signed: dict[str, str]) -> None:
        """Take in one answer of a list of comments."""
        for comment in comments:
            items = comment.get("rich_text")
            self.rich_text(items if isinstance(items, list) else ())
            if not fields(comment.get("display_name")).get("resolved_name"):
                self.people.update(people.nameless([comment.get("created_by")]))
            for attachment in objects(comment.get("attachments")):
                url = hosted_file(attachment)
                if url and usable_id(comment.get("id")):
                    self.assets.append(Asset(url, signed.get(url, url), file_name(url), comment["id"], "comment"))

    def _links(self, payload: Json) -> None:
        for key in ("rich_text", "text", "caption", "title"):
            items = payload.get(key)
            if isinstance(items, list):
                self.rich_text(items)
        cells = payload.get("cells")
        if isinstance(cells, list):
            for cell in cells:
                self.rich_text(cell if isinstance(cell, list) else ())

    def rich_text(self, items: Iterable[Any]) -> None:
        """Note the objects a text mentions or links to."""
        for item in items:
            if not isinstance(item, dict):
                continue
            if item.get("type") == "mention":
                mention = fields(item.get("mention"))
                kind = mention.get("type")
                if kind == "user":
                    self.people.update(people.of_text([item]))
                if kind in ("page", "database"):
                    self._link(fields(mention.get(kind)).get("id"))
            if item.get("href"):
                self._link(item["href"])

    def _link(self, address: Any) -> None:
        found = id_from_url(address) if isinstance(address, str) else None
        if found:
            self.links.add(found)
            block = fragment_from_url(address)
            if block and block != found.replace("-", ""):  # a page is no block of itself
                self.anchors.add((found, block))

    def _asset(self, block: Json, payload: Json, signed: dict[str, str]) -> None:
        for holder, name in ((payload, payload.get("name")), (payload.get("icon"), "icon")):
            url = hosted_file(holder)
            if url:
                name = text(name) or file_name(url)
                self.assets.append(Asset(url, signed.get(url, url), name, block["id"], "block"))
            elif self.external and (url := external_file(holder)) and _is_a_file(block, url):
                self.assets.append(Asset(url, url, text(name) or file_name(url), block["id"], "block", external=True))

    def _child(self, block: Json, payload: Json, _: list[Container]) -> bool:
        kind: Kind = "page" if block["type"] == "child_page" else "database"
        child = normalise_id(block["id"]) or block["id"]
        title = payload.get("title")
        self.children.append((self._place, child, kind, title if isinstance(title, str) else ""))
        return True

    def _synced(self, block: Json, payload: Json, containers: list[Container]) -> bool:
        source = payload.get("synced_from")
        original = usable_id(source.get("block_id")) if isinstance(source, dict) else None
        if original:
            self.synced_from.append((original, block["id"]))
        else:
            self.originals.append(block["id"])
            if block.get("has_children"):
                containers.append((block["id"], self._place))
        return True

    def _meeting(self, block: Json, payload: Json, containers: list[Container]) -> bool:
        attendees = fields(payload.get("calendar_event")).get("attendees")
        self.people.update(filter(None, map(usable_id, attendees if isinstance(attendees, list) else ())))
        ids = [each for each in fields(payload.get("children")).values() if usable_id(each)]
        if payload.get("status") not in (None, "", "notes_ready"):
            # Before the notes are ready there is nothing to read, and asking may be refused.
            self.may_refuse.update((block["id"], *ids))
        if block.get("has_children"):
            # What is no section; these are named by their ids, and read by them.
            containers.append((block["id"], (*self._place, len(ids))))
        containers += [(found, (*self._place, number)) for number, found in enumerate(ids)]
        return True

    def _link_to_page(self, _: Json, payload: Json, __: list[Container]) -> bool:
        for key in ("page_id", "database_id"):
            self._link(payload.get(key))
        return True


def around(parent: str, holders: dict[str, str]) -> set[str]:
    """A block with all that stands around it.

    :param holders: in what each block stands; ``""``: in nothing.
    """
    found: set[str] = set()
    while parent and parent not in found:
        found.add(parent)
        parent = holders.get(parent, "")
    return found


def _is_a_file(block: Json, url: str) -> bool:
    """An external video is mostly the page of a player, not a film."""
    return block.get("type") != "video" or bool(_FILM.search(url))


_FILM = re.compile(r"(?i)\.(mp4|m4v|mov|webm|ogv|mkv|avi)(\?|#|$)")
_SPECIAL = {
    "child_page": Contents._child,
    "child_database": Contents._child,
    "synced_block": Contents._synced,
    "link_to_page": Contents._link_to_page,
    **dict.fromkeys(MEETINGS, Contents._meeting),
}
