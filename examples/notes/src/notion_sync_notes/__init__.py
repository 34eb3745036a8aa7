"""Pages from a folder of texts."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from attrs import field, frozen
from notion_sync_core.plugin import (
    FatalError,
    FilePath,
    Found,
    Gate,
    Json,
    Listing,
    MissingError,
    Parent,
    Piece,
    Ref,
    SkippableError,
    Unusable,
    clean,
    hookimpl,
    one_line,
    utc_of,
)

_NAMES = uuid.UUID("1262fbdb-c18d-5d43-b3bb-74e34c6053c4")
"""Ids are made of this and of names: the same file has the same id in each run."""
_MOST = 2000
"""Characters of one piece of text, as in Notion."""
_PAGE = 100
"""Blocks of one listing."""


@frozen(eq=False)
class NotesSource:
    """Pages from a folder of texts.

    Its attributes are the keys of ``[plugins.notes]``.
    """

    path: FilePath = field(default="notes")
    """The folder: each file ``*.txt`` in it is a page, each paragraph in a file a block."""

    api_version = "1.0"
    version = "1"

    @property
    def identity(self) -> str:
        """What it reads, among all it could."""
        return str(Path(self.path).absolute())

    @hookimpl
    def source_discover(self, roots: tuple[str, ...], gate: Gate) -> Iterator[Ref | Unusable]:
        """Every page; with roots given those alone."""
        for file in gate(self._files):
            if not roots or _id_of(file) in roots:
                yield gate(_ref, file)

    @hookimpl
    def source_fetch(self, object_id: str, gate: Gate) -> list[Ref | Unusable]:
        """One page, by its id."""
        return [gate(_ref, gate(self._file, object_id))]

    @hookimpl
    def source_read(self, ref: Ref, gate: Gate) -> Iterator[Piece]:
        """Its paragraphs, at most a hundred a listing; then what was found besides: nothing."""
        text = gate(_text, gate(self._file, ref.id))
        read_at = utc_of(time.time())
        blocks = [_paragraph(ref.id, number, each) for number, each in enumerate(_paragraphs(text))]
        for index in range(0, max(len(blocks), 1), _PAGE):
            some = blocks[index : index + _PAGE]
            yield Listing(ref.id, index // _PAGE, {"results": some, "has_more": index + _PAGE < len(blocks)})
        yield Found(read_at=read_at)

    def _files(self) -> list[Path]:
        folder = Path(self.path)
        if not folder.is_dir():
            raise FatalError(f"{folder} is no folder", "Name one in the option path.")
        return sorted(file for file in folder.glob("*.txt") if file.is_file())

    def _file(self, object_id: str) -> Path:
        for file in self._files():
            if _id_of(file) == object_id:
                return file
        raise MissingError(f"no file in {self.path} has the id {object_id}")


def _id_of(file: Path) -> str:
    return str(uuid.uuid5(_NAMES, file.name))


def _ref(file: Path) -> Ref:
    try:
        # When a file was made no system tells alike; what names it is as old as its id.
        edited = utc_of(file.stat().st_mtime)
    except FileNotFoundError:
        raise MissingError(f"{file} is gone") from None
    title, object_id = one_line(clean(file.stem)), _id_of(file)
    raw = {"object": "page", "id": object_id, "last_edited_time": edited}
    return Ref(object_id, "page", title, Parent(), edited, edited, file.absolute().as_uri(), raw=raw)


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        raise MissingError(f"{file} is gone") from None
    except UnicodeDecodeError:
        raise SkippableError(f"{file} is no text in UTF-8", "Save it in UTF-8.") from None


def _paragraphs(text: str) -> list[str]:
    return [each.strip() for each in clean(text).split("\n\n") if each.strip()]


def _paragraph(page_id: str, number: int, text: str) -> Json:
    """A block as the API of Notion has it: renderers know no other."""
    pieces = [text[start : start + _MOST] for start in range(0, len(text), _MOST)]
    rich_text = [{"type": "text", "text": {"content": each}, "plain_text": each} for each in pieces]
    block_id = str(uuid.uuid5(uuid.UUID(page_id), str(number)))
    return {
        "object": "block",
        "id": block_id,
        "type": "paragraph",
        "has_children": False,
        "paragraph": {"rich_text": rich_text, "color": "default"},
    }
