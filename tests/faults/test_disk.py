"""Whatever the disk says, at whatever call: old files stay whole, exit 6 with a remedy, and the next run goes on."""

from __future__ import annotations

import copy
import errno
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import diskcache
import pytest

from conftest import Bench, tree
from faults.matrix import Matrix, make_space
from notion_sync_core.cli.doctor import examine
from notion_sync_core.errors import Exit
from notion_sync_core.mirror.sqlite_file import connect
from notion_sync_core.state import database as state_module
from notion_sync_core.watch.health import Registry
from notion_sync_demo import Emulator, Workspace

ERRORS = (errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO, errno.EMFILE)
CALLS = (
    "open",
    "rename",
    "replace",
    "mkdir",
    "fsync",
    "unlink",
    "stat",
    "dup",
    "pwrite",
    "ftruncate",
    "listdir",
    "rmdir",
)
OURS = ("notion_sync_core", "notion_sync_fs", "tempfile.py", "pathlib.py")
STANDARD = ("tempfile.py", "pathlib.py")


class Disk:
    """Counts the calls of the file layer, and lets one of them fail."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.calls: list[str] = []
        self.fail_at: int | None = None
        self.error = 0
        self.folder = str(folder)
        for name in CALLS:
            monkeypatch.setattr(os, name, self._wrap(name, getattr(os, name)))

    def _wrap(self, name: str, whole: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            site = self._site(name, arguments)
            if site:
                self.calls.append(site)
                if self.fail_at is not None and len(self.calls) == self.fail_at + 1:
                    raise OSError(self.error, os.strerror(self.error))
            return whole(*arguments, **named)

        return call

    def _site(self, name: str, arguments: tuple[Any, ...]) -> str:
        """Where the call stands, if it is about our files."""
        frame = sys._getframe(2)
        file = frame.f_code.co_filename
        if not any(each in file for each in OURS):
            return ""
        if any(each in file for each in STANDARD) and not str(arguments[0] if arguments else "").startswith(
            self.folder
        ):
            return ""
        return f"{Path(file).name}:{frame.f_lineno} {name}"


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    with Emulator(Workspace(), page_size=5) as emulator:
        yield Matrix(emulator, tmp_path_factory.mktemp("disk"))


def restore(matrix: Matrix) -> None:
    for name in ("state", "out"):
        shutil.rmtree(matrix.bench.folder / name)
        shutil.copytree(matrix._saved / name, matrix.bench.folder / name)
    matrix._serve(copy.deepcopy(matrix._changed))


def expect_whole(matrix: Matrix) -> None:
    """Every file is as it was, or as it should be; none is in between, none is gone."""
    found = tree(matrix.bench.out)
    assert set(matrix.old) <= set(found)
    for name, content in found.items():
        if "manifest" not in name and "/staging/" not in name:
            assert content in (matrix.old.get(name), matrix.new.get(name)), f"{name} is torn"


def expect_6_or_nothing(matrix: Matrix, run: Callable[[], Any]) -> bool:
    """Whether the run noticed; if it did it says what to do, and nothing is torn."""
    report = run()
    expect_whole(matrix)
    if report.error is None:
        return False
    assert report.exit_code == Exit.SINK, report.error
    assert report.error.remedy
    return True


def recover(matrix: Matrix) -> None:
    matrix.good()
    assert tree(matrix.bench.out) == matrix.new


def cells(calls: list[str], only: int | None) -> list[tuple[int, int]]:
    """(number of the call, error): every call with one error, or each place in the code once with any."""
    if only is not None:
        return [(at, only) for at in range(len(calls))]
    # The middle one of each place's calls: the first ones fall into the beginning of the run, the last into its end.
    places: dict[str, list[int]] = {}
    for at, site in enumerate(calls):
        places.setdefault(site, []).append(at)
    chosen = sorted(each[len(each) // 2] for each in places.values())
    return [(at, ERRORS[number % len(ERRORS)]) for number, at in enumerate(chosen)]


def run_once(matrix: Matrix, disk: Disk) -> Any:
    """One run with a disk that fails; a call that it did not make must not fail for whoever looks afterwards."""
    try:
        return matrix.sync()
    finally:
        disk.fail_at = None


def play(matrix: Matrix, monkeypatch: pytest.MonkeyPatch, only: int | None = None) -> int:
    """Let each call fail in turn; returns in how many cells the run stopped."""
    restore(matrix)
    with monkeypatch.context() as patch:
        disk = Disk(patch, matrix.bench.folder)
        matrix.good()
    sites = disk.calls
    assert len(set(sites)) > 15, sorted(set(sites))
    stopped = 0
    for at, error in cells(sites, only):
        restore(matrix)
        with monkeypatch.context() as patch:
            disk = Disk(patch, matrix.bench.folder)
            disk.fail_at, disk.error = at, error
            try:
                stopped += expect_6_or_nothing(matrix, partial(run_once, matrix, disk))
            except BaseException as raised:
                raise AssertionError(f"{errno.errorcode[error]} at {sites[at]} (call {at}): {raised!r}") from raised
        recover(matrix)
    return stopped


def test_each_place_that_touches_the_disk_may_fail(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    assert play(matrix, monkeypatch) > 10


@pytest.mark.chaos
@pytest.mark.parametrize("error", ERRORS, ids=errno.errorcode.get)
def test_each_call_may_fail_with_each_error(matrix: Matrix, monkeypatch: pytest.MonkeyPatch, error: int) -> None:
    assert play(matrix, monkeypatch, only=error) > 50


def database_error(code: int, text: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(text)
    error.sqlite_errorcode = code
    return error


TROUBLES = [
    (sqlite3.SQLITE_FULL, "database or disk is full"),
    (sqlite3.SQLITE_IOERR, "disk I/O error"),
    (sqlite3.SQLITE_READONLY, "attempt to write a readonly database"),
    (sqlite3.SQLITE_CANTOPEN, "unable to open database file"),
]


@pytest.mark.parametrize(("code", "text"), TROUBLES)
def test_the_state_s_database_may_fail_at_any_statement(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch, code: int, text: str
) -> None:
    def connecting(path: Path, **named: Any) -> sqlite3.Connection:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Failing))
            return connect(path, **named)

    for nth in (0, 3, 8, 40, 200, 700):

        class Failing(sqlite3.Connection):
            left = nth

            def _count(self) -> None:
                Failing.left -= 1
                if Failing.left < 0:
                    raise database_error(code, text)

            def execute(self, *given: Any) -> Any:
                self._count()
                return super().execute(*given)

            def executemany(self, *given: Any) -> Any:
                self._count()
                return super().executemany(*given)

        restore(matrix)
        with monkeypatch.context() as patch:
            patch.setattr(state_module, "connect", connecting)
            assert expect_6_or_nothing(matrix, matrix.sync), f"statement {nth} failed and nobody noticed"
        recover(matrix)


@pytest.mark.parametrize("operation", ["set", "get"])
def test_the_mirror_s_database_may_fail_at_any_call(
    matrix: Matrix, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    whole = getattr(diskcache.Cache, operation)
    for nth, (code, text) in zip((0, 2, 9, 25), TROUBLES, strict=True):
        left = [nth]

        def failing(self: Any, *given: Any, left: Any = left, code: int = code, text: str = text, **named: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise database_error(code, text)
            return whole(self, *given, **named)

        restore(matrix)
        with monkeypatch.context() as patch:
            patch.setattr(diskcache.Cache, operation, failing)
            assert expect_6_or_nothing(matrix, matrix.sync)
        recover(matrix)


def test_a_full_disk_under_an_asset_is_no_broken_network(matrix: Matrix, monkeypatch: pytest.MonkeyPatch) -> None:
    import notion_sync_core.mirror.mirror as mirror_module

    def full(self: Any, chunk: bytes) -> int:
        with mirror_module.explained("the mirror"):
            raise OSError(errno.ENOSPC, "No space left on device")

    restore(matrix)
    with monkeypatch.context() as patch:
        patch.setattr(mirror_module._Explaining, "write", full)
        report = matrix.sync()
    assert report.exit_code == Exit.SINK
    assert "Free some space" in report.error.remedy
    recover(matrix)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 40 KiB at first."""
    place = tmp_path / "small"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40k", "tmpfs", place], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("mounting a small disk needs root")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.mark.parametrize("only_the_sink", [False, True])
def test_a_disk_that_is_really_full_stops_the_run_and_space_lets_it_go_on(
    small_disk: Path, tmp_path: Path, *, only_the_sink: bool
) -> None:
    with Emulator(make_space(), page_size=5) as emulator:
        bench = Bench(emulator, tmp_path if only_the_sink else small_disk)
        bench.out = small_disk / "out"
        expected = tree_elsewhere(emulator, tmp_path)
        told = set()
        sizes = range(40, 1000, 20) if only_the_sink else (400, 2000, *range(3000, 6000, 100), 50_000)
        for size in sizes:
            subprocess.run(["mount", "-o", f"remount,size={size}k", "tmpfs", small_disk], check=True)
            report = bench.run("sync")
            if report.error is None:
                break
            assert report.exit_code == Exit.SINK, report.error
            assert "Free some space" in report.error.remedy
            for name, content in tree(bench.out).items():
                if not name.startswith(".notion-sync"):
                    assert content == expected[name], f"{name} is torn at {size} KiB"
            told.add(report.error.message)
        assert told
        assert tree(bench.out) == expected


def tree_elsewhere(emulator: Emulator, folder: Path) -> dict[str, bytes]:
    calm = Bench(emulator, folder / "calm")
    calm.good()
    return tree(calm.out)


def test_hardly_any_space_is_told_by_the_run_and_by_doctor(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from notion_sync_core.mirror import disk

    monkeypatch.setattr(
        disk.shutil, "disk_usage", lambda path: SimpleNamespace(total=1000 << 20, free=49 << 20, used=0)
    )
    report = bench.good()
    assert any("nearly full: 49 MiB free" in item["message"] for item in report.warnings)
    registry = Registry()
    examine(bench.job(), registry)
    assert [check.verdict for check in registry.checks if check.name == "disk"] == ["warn"]
    monkeypatch.setattr(
        disk.shutil, "disk_usage", lambda path: SimpleNamespace(total=1000 << 20, free=51 << 20, used=0)
    )
    assert bench.good().warnings == []
