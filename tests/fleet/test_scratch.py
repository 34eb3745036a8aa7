"""What turns leave on a machine goes, however their worker ended; what is somebody else's stays."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from notion_sync_core.plugin import SinkError
from notion_sync_fleet.scratch import scratch

KILLED = """
import os, sys
from pathlib import Path
from notion_sync_fleet.scratch import scratch
with scratch(Path(sys.argv[1])) as folder:
    (folder / "turn").mkdir()
    (folder / "turn" / "page").write_text("content of a tenant")
    print(flush=True)
    sys.stdin.read()
    os._exit(9)
"""


def test_a_folder_goes_with_its_worker_and_is_nobody_elses(tmp_path: Path) -> None:
    with scratch(tmp_path) as folder:
        assert folder.stat().st_mode & 0o777 == 0o700
        (folder / "page").write_text("content")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_worker_left_goes_when_the_next_one_begins_and_not_before(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()
    (left,) = tmp_path.iterdir()
    with scratch(tmp_path):
        assert (left / "turn" / "page").exists(), "it is alive"
    process.stdin.close()
    assert process.wait(60) == 9
    process.stdout.close()
    assert left.exists()
    with scratch(tmp_path) as folder:
        assert list(tmp_path.iterdir()) == [folder]


def test_what_is_not_whole_or_a_link_is_left_alone(tmp_path: Path) -> None:
    begun = tmp_path / "notion-sync-worker-begun"
    begun.mkdir()
    other = tmp_path / "other"
    other.mkdir()
    (other / "lock").touch()
    (tmp_path / "notion-sync-worker-link").mkdir()
    os.symlink(other / "lock", tmp_path / "notion-sync-worker-link" / "lock")
    with scratch(tmp_path):
        assert begun.exists()
    assert (other / "lock").exists()


def test_without_room_the_worker_does_not_begin(tmp_path: Path) -> None:
    with pytest.raises(SinkError, match="no folder can be made"), scratch(tmp_path / "nowhere"):
        raise AssertionError("it began")
