"""Writes artifacts below one folder: staged in a folder of their own, then renamed into place.

Every path is walked from the root's descriptor without following links, so nothing is written
outside the root, whatever a title or a planted symbolic link says.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import stat as stat_module
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, ClassVar
from urllib.parse import unquote

from attrs import Attribute, field, frozen

from notion_sync_core.plugin import Artifact, ConfigError, FilePath, LockedError, SinkError, Staged, Stat, hookimpl
from notion_sync_fs import beside, spelling
from notion_sync_fs.beside import Beside
from notion_sync_fs.explained import CANNOT_LOCK, check_names, explained
from notion_sync_fs.holder import holder_of
from notion_sync_fs.opened import FOLDER, Opened

PRIVATE = ".notion-sync"
"""Folder in the sink's root for what is ours: lock, staging, manifest."""
_OURS = (f"{PRIVATE}/lock", f"{PRIVATE}/staging")
_NO_FILE = (errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENXIO)
"""What opening says of links, folders, sockets and the like."""
_MOST_OPEN = 64
"""Staged files that are kept open until their bytes are on the disk."""
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def _is_named(_: object, _attribute: Attribute[Any], value: str) -> None:
    """An empty path would be the folder where the command happens to run."""
    if not str(value).strip():
        raise ValueError("a folder")


@frozen(eq=False)
class FileSystemSink:
    """A folder. Its attributes are the keys of ``[plugins.fs]``."""

    scheme: ClassVar[str] = "file"
    """``--to file:///folder`` leads here, as a mere path does."""

    path: FilePath = field(default="notion-export", validator=_is_named)
    """The folder; made if missing."""
    fsync: bool = True
    """Survive power cuts, not only crashes."""
    location: str = field(init=False)
    """Where this sink writes, for messages and for the identity of a job."""
    _state: Opened = field(init=False, repr=False)

    @classmethod
    def options_from_url(cls, url: str) -> dict[str, str]:
        """The options that ``file:///folder`` stands for.

        :raises ConfigError: it names another machine, or no folder.
        """
        scheme, _, place = url.partition("://")
        host, slash, path = place.partition("/")
        if scheme != cls.scheme or host not in ("", "localhost") or not path.strip("/"):
            raise ConfigError(
                f"{url!r} is no folder of this machine", "Write file:///folder, or the folder's path and nothing else."
            )
        return {"path": slash + unquote(path)}

    @location.default
    def _resolved(self) -> str:
        try:
            return str(Path(self.path).expanduser().resolve())
        except RuntimeError:
            raise ConfigError(
                f"the folder {self.path!r} begins with a home folder, and there is none: HOME is not set",
                "Write the whole path, or set HOME.",
            ) from None

    @_state.default
    def _closed(self) -> Opened:
        return Opened(self.location)

    @hookimpl
    def sink_open(self, run_id: str) -> None:
        """See the hook. The lock is advisory (``flock``): the kernel frees it when its holder dies.

        A disk that knows no locks is written all the same: the lock of the job keeps other runs of this machine out.
        """
        if self._state.lock >= 0:  # what it holds is given back when it is closed, and would be forgotten
            raise LockedError(f"a run writes to {self.location} already", "Wait until it has finished.")
        self.sink_attach(run_id)
        self._state.lock = handle = self._state.open_below(f"{PRIVATE}/lock", os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = holder_of(handle)
            self.sink_close()
            raise LockedError(f"another run writes to {self.location}{who}", "Wait until it has finished.") from None
        except OSError as error:
            if error.errno not in CANNOT_LOCK:
                raise SinkError(f"{self.location} cannot be locked: {error.strerror}", "Check the disk.") from error
            self._state.abilities.no_locks(error, self.location)
        with explained(self.location):
            self._clear_staging()

    @hookimpl
    def sink_attach(self, run_id: str) -> None:
        """See the hook."""
        check_names(self.location)
        with explained(self.location):
            self._make_root()
            self._state.root = os.open(self.location, FOLDER)
            self._state.staging = self._state.folder(f"{PRIVATE}/staging", make=True)
            self._state.prefix = f"{run_id}-{os.getpid()}"
            self._state.beside = Beside(self._state.staging, self._state.prefix, self._sync)

    def _make_root(self) -> None:
        root = Path(self.location)
        if root.is_dir():
            return
        try:
            root.mkdir(parents=True, exist_ok=True)
        except FileNotFoundError as error:
            # File systems that make nothing, such as /proc, say so in this way.
            raise SinkError(f"{self.location} cannot be made", "Choose another folder with --to.") from error
        except (FileExistsError, NotADirectoryError) as error:
            file = next((each for each in (root, *root.parents) if os.path.lexists(each)), root)
            raise SinkError(
                f"{self.location} cannot be made: {file} is no folder", "Choose another folder with --to."
            ) from error
        if self.fsync:
            # After a power cut a root that is gone looks like a disk that is not mounted.
            for folder in root.parents:
                with contextlib.suppress(OSError):
                    handle = os.open(folder, FOLDER)
                    try:
                        os.fsync(handle)
                    finally:
                        os.close(handle)

    @hookimpl
    def sink_look(self) -> None:
        """See the hook."""
        check_names(self.location)
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), explained(self.location):
            self._state.root = os.open(self.location, FOLDER)

    @hookimpl
    def sink_list(self) -> Iterator[str]:
        """See the hook."""
        if self._state.root < 0:
            return
        folders = [""]
        while folders:
            folder = folders.pop()
            with explained(f"{self.location}/{folder}"):
                entries = self._state.entries(folder)
            if entries is None:
                yield folder
                continue
            for name, is_folder in sorted(entries):
                path = f"{folder}/{name}".lstrip("/")
                if path in _OURS or name.startswith(beside.PREFIX):
                    continue
                if is_folder:
                    folders.append(path)
                else:
                    yield path

    @hookimpl
    def sink_close(self) -> None:
        """See the hook."""
        self._state.close()

    @hookimpl
    def sink_stage(self, artifact: Artifact) -> Staged:
        """See the hook."""
        token = f"{self._state.prefix}-{self._state.next_number()}"
        digest, size = hashlib.sha256(), 0
        with explained(f"{self.location}/{artifact.path}"), contextlib.ExitStack() as cleaning:
            handle = os.open(token, _NEW_FILE, 0o666, dir_fd=self._state.staging)
            cleaning.callback(self._unstage, token)
            with os.fdopen(handle, "wb") as file:
                for chunk in artifact.chunks:
                    digest.update(chunk)
                    size += file.write(chunk)
                file.flush()
                if self.fsync:
                    self._sync_later(file.fileno())
            cleaning.pop_all()
        return Staged(str(artifact.path), digest.hexdigest(), size, token)

    def _sync_later(self, handle: int) -> None:
        """Begin to write a file's bytes to the disk; the next flush waits for them.

        The file system then needs one commit of its journal for many files, not one for each.
        """
        # On Linux this starts the writing of what is dirty, and waits for nothing; other systems need not know it.
        with contextlib.suppress(AttributeError, OSError):
            os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
        if self._state.sync_later(os.dup(handle)) >= _MOST_OPEN:
            self._state.sync(self._sync)

    def _sync(self, handle: int) -> None:
        if self.fsync:
            self._state.abilities.sync(handle, self.location)

    @hookimpl
    def sink_commit(self, staged: Staged) -> Stat:
        """See the hook."""
        parent, name = self._state.inside(staged.path)
        if "/" in staged.token:
            raise SinkError(f"{staged.token!r} is not a staged file")
        with explained(f"{self.location}/{staged.path}"):
            folder = self._state.folder(parent, make=True)
            try:
                # Renaming keeps the modification time, so it is the stamp of the file in its place.
                found = os.stat(staged.token, dir_fd=self._state.staging, follow_symlinks=False)
                os.rename(staged.token, name, src_dir_fd=self._state.staging, dst_dir_fd=folder)
            except OSError as error:
                if error.errno != errno.EXDEV or self._state.beside is None:
                    raise
                found = self._state.beside.put(staged.token, parent, folder, name)
            finally:
                os.close(folder)
            self._state.touched.add(parent)
            self._state.names.clear()
        return Stat(found.st_size, str(found.st_mtime_ns))

    @hookimpl
    def sink_discard(self, staged: Staged) -> None:
        """See the hook."""
        self._unstage(staged.token)
        # An equal file may be there whose name nobody has synced yet.
        self._state.touched.add(staged.path.rpartition("/")[0])

    def _unstage(self, token: str) -> None:
        with contextlib.suppress(OSError):
            os.unlink(token, dir_fd=self._state.staging)

    @hookimpl
    def sink_flush(self) -> None:
        """See the hook."""
        with explained(self.location):
            self._state.sync(self._sync)
        touched = self._state.take_touched()
        if not self.fsync or not touched:
            return
        with explained(self.location):
            for folder in touched:
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                    self._fsync_folder(folder)
            self._sync(self._state.staging)

    @hookimpl
    def sink_stat(self, path: str) -> Stat | None:
        """See the hook."""
        parent, name = self._state.inside(path)
        with explained(f"{self.location}/{path}"):
            try:
                folder = self._state.folder(parent, make=False)
            except FileNotFoundError:
                return None
            except NotADirectoryError as error:
                return Stat(0, "", str(error.filename))
            try:
                found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:
                return None
            finally:
                os.close(folder)
        obstacle = "" if stat_module.S_ISREG(found.st_mode) else path
        return Stat(found.st_size, str(found.st_mtime_ns), obstacle)

    @hookimpl
    def sink_same(self, path: str, other: str) -> bool:
        """See the hook. The listings say it: two names may lead to one file under two numbers (FUSE)."""
        with explained(f"{self.location}/{path}"):
            return spelling.is_one(path, other, self._names_in)

    def _names_in(self, path: str) -> frozenset[str]:
        """What a folder holds, remembered until something is written."""
        if path not in self._state.names:
            folder = self._state.folder(path, make=False)
            try:
                self._state.names[path] = spelling.names_in(folder)
            finally:
                os.close(folder)
        return self._state.names[path]

    @hookimpl
    def sink_respell(self, path: str, other: str) -> None:
        """See the hook."""
        with explained(f"{self.location}/{other}"):
            for above, old, new, is_last in spelling.steps(path, other):
                folder = self._state.folder(above, make=False)
                try:
                    spelling.respell(folder, old, new, is_last=is_last)
                finally:
                    os.close(folder)
                self._state.touched.add(above)
            self._state.names.clear()

    @hookimpl
    def sink_read(self, path: str) -> Iterator[bytes]:
        """See the hook. A link or a folder in a file's place reads as the words that say so."""
        try:
            handle = self._state.open_below(path, os.O_RDONLY | os.O_NONBLOCK)
        except SinkError as error:
            # Anything else, such as no permission, must not look like somebody's edit.
            if isinstance(error.__cause__, OSError) and error.__cause__.errno not in _NO_FILE:
                raise
            yield b"not a regular file"
            return
        if not stat_module.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            yield b"not a regular file"
            return
        with os.fdopen(handle, "rb") as file:
            while chunk := self._read_some(file, path):
                yield chunk

    def _read_some(self, file: BinaryIO, path: str) -> bytes:
        with explained(f"{self.location}/{path}"):
            return file.read(1 << 20)

    @hookimpl
    def sink_delete(self, path: str) -> None:
        """See the hook."""
        parent, name = self._state.inside(path)
        with explained(f"{self.location}/{path}"):
            try:
                folder = self._state.folder(parent, make=False)
            except (FileNotFoundError, NotADirectoryError):
                return
            try:
                with contextlib.suppress(FileNotFoundError, IsADirectoryError):
                    os.unlink(name, dir_fd=folder)
            finally:
                os.close(folder)
            self._state.touched.add(parent)
            self._state.remove_empty(parent)

    def _fsync_folder(self, path: str) -> None:
        folder = self._state.folder(path, make=False)
        try:
            self._sync(folder)
        finally:
            os.close(folder)

    def _clear_staging(self) -> None:
        beside.clear(self._state.staging, lambda path: self._state.folder(path, make=False))
        for name in os.listdir(self._state.staging):  # noqa: PTH208 - a descriptor, not a path
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=self._state.staging)
