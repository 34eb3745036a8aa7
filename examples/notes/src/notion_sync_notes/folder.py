"""The notes of a folder: which there are, and what each is called."""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from attrs import frozen
from notion_sync_core.plugin import FatalError, MissingError, Parent, Ref, SkippableError, clean, one_line, utc_of

_NAMES = uuid.UUID("6f1f9c1e-70f5-4d0c-9a55-2a6e2d5b7f10")
"""Ids are made of this and of paths: the same note has the same id in each run."""
_TITLE = re.compile(r"\A\s*# +(.+?) *#* *$", re.MULTILINE)


@frozen
class Note:
    """A file."""

    file: Path
    id: str
    parent_id: str
    """Of the note that it is inside; empty: of none."""

    @property
    def title(self) -> str:
        """Its first heading, or the name of the file."""
        try:
            found = _TITLE.search(self.text())
        except SkippableError:
            found = None
        return one_line(clean(found[1] if found else self.file.stem)).strip()

    def text(self) -> str:
        """What stands in it.

        :raises MissingError: it is gone.
        :raises SkippableError: it is no text.
        """
        try:
            return self.file.read_text("utf-8")
        except FileNotFoundError:
            raise MissingError(f"{self.file} is gone") from None
        except UnicodeDecodeError:
            raise SkippableError(f"{self.file} is no text in UTF-8", "Save it in UTF-8.") from None

    def ref(self) -> Ref:
        """What is known of it without reading it whole."""
        try:
            changed = utc_of(self.file.stat().st_mtime)
        except FileNotFoundError:
            raise MissingError(f"{self.file} is gone") from None
        # When a file was made, no system tells alike: of two that want one name the first by id has it.
        parent = Parent("page_id", self.parent_id) if self.parent_id else Parent()
        title = self.title
        raw = {
            "object": "page",
            "id": self.id,
            "created_time": changed,
            "last_edited_time": changed,
            "url": self.file.absolute().as_uri(),
            "properties": {"title": {"id": "title", "type": "title", "title": _rich(title)}},
        }
        return Ref(self.id, "page", title, parent, changed, changed, self.file.absolute().as_uri(), raw=raw)


def _rich(text: str) -> list[dict[str, object]]:
    return [{"type": "text", "text": {"content": text}, "plain_text": text}] if text else []


@frozen
class Folder:
    """Notes below a folder."""

    path: Path

    def notes(self) -> list[Note]:
        """Every note, each after the one it is inside.

        :raises FatalError: there is no such folder.
        """
        if not self.path.is_dir():
            raise FatalError(f"{self.path} is no folder", "Name one: --set plugins.notes.path=FOLDER")
        files = [file for file in self.path.rglob("*.md") if file.is_file() and not _is_hidden(file, self.path)]
        return [self._note(file) for file in sorted(files, key=lambda file: (len(file.parts), file))]

    def note(self, note_id: str) -> Note:
        """The note with that id.

        :raises MissingError: there is none.
        """
        found = next((each for each in self.notes() if each.id == note_id), None)
        if found is None:
            raise MissingError(f"no note in {self.path} has the id {note_id}")
        return found

    def inside(self, note: Note) -> list[Note]:
        """The notes directly inside one, by name."""
        return [each for each in self.notes() if each.parent_id == note.id]

    def check(self, file: Path) -> None:
        """Make sure that a file is one of this folder: a note must not publish what lies elsewhere.

        :raises MissingError: it is not, or a link leads it out.
        """
        if not file.resolve().is_relative_to(self.path.resolve()):
            raise MissingError(f"{file} is not in {self.path}")

    def id_of(self, file: Path) -> str:
        """The id of the note in a file."""
        return str(uuid.uuid5(_NAMES, file.resolve().relative_to(self.path.resolve()).as_posix()))

    def _note(self, file: Path) -> Note:
        """A note is inside the nearest folder's note that there is."""
        folders = (folder for folder in file.parents if self.path in folder.parents)
        holders = (folder.with_name(f"{folder.name}.md") for folder in folders)
        holder = next((each for each in holders if each.is_file()), None)
        return Note(file, self.id_of(file), self.id_of(holder) if holder else "")


def _is_hidden(file: Path, root: Path) -> bool:
    return any(part.startswith(".") for part in file.relative_to(root).parts)
