"""A folder of Markdown notes as a source: nothing of it comes from Notion."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from attrs import frozen
from notion_sync_core.plugin import (
    Asset,
    FilePath,
    Found,
    Gate,
    Kind,
    Listing,
    MissingError,
    Piece,
    Ref,
    SkippableError,
    Unusable,
    Workspace,
    hookimpl,
    utc_of,
)

from notion_sync_notes.blocks import Content, Tree, read
from notion_sync_notes.folder import Folder, Note

_PAGE = 100
"""Blocks of one listing."""
_CHUNK = 1 << 20


@frozen(eq=False)
class NotesSource:
    """Markdown notes in a folder; a note's folder, of the same name beside it, holds the notes inside it.

    Its attributes are the keys of ``[plugins.notes]``.
    """

    path: FilePath = "notes"
    """The folder."""

    api_version = "1.0"
    version = "1"

    @property
    def identity(self) -> str:
        """What it reads, among all it could."""
        return str(Path(self.path).absolute())

    @hookimpl
    def source_workspace(self, gate: Gate) -> Workspace:
        """A folder is a workspace: another one is never written over its copy."""
        return Workspace(id=self.identity, name=Path(self.path).name)

    @hookimpl
    def source_discover(self, roots: tuple[str, ...], gate: Gate) -> Iterator[Ref | Unusable]:
        """Every note; with roots given, those and what is inside them."""
        chosen = set(roots)
        for note in gate(self._folder.notes):  # each after the one it is inside
            if not roots or note.id in chosen or note.parent_id in chosen:
                chosen.add(note.id)
                yield gate(note.ref)

    @hookimpl
    def source_fetch(self, object_id: str, kind: Kind, gate: Gate) -> list[Ref | Unusable]:
        """One note, by its id."""
        return [gate(gate(self._folder.note, object_id).ref)]

    @hookimpl
    def source_read(self, ref: Ref, gate: Gate) -> Iterator[Piece]:
        """The blocks of a note, listing by listing, those inside others too; then what it refers to."""
        read_at = utc_of(time.time())
        note = gate(self._folder.note, ref.id)
        folder = self._folder
        content = read(gate(note.text), note.id, lambda href: _meant(href, note, folder))
        children = tuple((each.id, _PAGES, each.title) for each in gate(folder.inside, note))
        yield from _listings(ref.id, content)
        yield Found(
            children=children,
            links=frozenset(content.links),
            assets=tuple(self._asset(file, ref.id) for file in content.files),
            read_at=read_at,
        )

    @hookimpl
    def source_download(self, asset: Asset, out: BinaryIO, gate: Gate) -> str:
        """The bytes of a picture or another file beside the notes; what it is its name says."""
        gate(self._copy, Path(asset.url), out)
        return ""

    @property
    def _folder(self) -> Folder:
        return Folder(Path(self.path))

    def _asset(self, file: str, note_id: str) -> Asset:
        return Asset(file, file, Path(file).name, note_id, "page")

    def _copy(self, file: Path, out: BinaryIO) -> None:
        self._folder.check(file)
        out.seek(0)
        out.truncate()
        try:
            with file.open("rb") as content:
                while chunk := content.read(_CHUNK):
                    out.write(chunk)
        except FileNotFoundError:
            raise SkippableError(f"{file} is gone") from None


_PAGES: Kind = "page"


def _listings(parent: str, content: Content) -> Iterator[Listing]:
    """What is in a block, at most a hundred of it at once; then what is in each of those."""
    waiting: list[tuple[str, list[Tree]]] = [(parent, content.trees)]
    while waiting:
        above, trees = waiting.pop()
        for index in range(0, max(len(trees), 1), _PAGE):
            some = [each.block for each in trees[index : index + _PAGE]]
            yield Listing(above, index // _PAGE, {"results": some, "has_more": index + _PAGE < len(trees)})
        waiting += [(each.block["id"], each.inside) for each in trees if each.inside]


def _meant(href: str, note: Note, folder: Folder) -> tuple[str, str]:
    """What an address in a note leads to: the id of a note, or a file beside it; both empty: neither."""
    parts = urlsplit(href)
    if parts.scheme or parts.netloc or not parts.path:
        return "", ""
    file = Path(note.file.parent, unquote(parts.path))
    try:
        folder.check(file)
    except MissingError:
        return "", ""
    if file.suffix.lower() == ".md":
        return (folder.id_of(file), "") if file.is_file() else ("", "")
    return "", str(file.resolve()) if file.is_file() else ""
