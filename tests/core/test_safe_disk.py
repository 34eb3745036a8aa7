"""Rows planted in the mirror's database run no code and reach no file outside."""

from __future__ import annotations

import pickle
import sqlite3
from pathlib import Path
from typing import Any

import diskcache
import pytest

from notion_sync_core.errors import StateError
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.mirror.safe_disk import SafeDisk

LARGE = b"x" * 100_000


class Bomb:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return (Path.touch, (self.path,))


@pytest.fixture
def cache(tmp_path: Path) -> diskcache.Cache:
    with diskcache.Cache(str(tmp_path / "cache"), disk=SafeDisk) as cache:
        yield cache


def plant(cache: diskcache.Cache, **columns: Any) -> None:
    with sqlite3.connect(Path(cache.directory) / "cache.db") as database:
        for name, value in columns.items():
            database.execute(f"UPDATE Cache SET {name} = ?", (value,))
    database.close()


def test_a_planted_pickle_is_refused_and_never_run(cache: diskcache.Cache, tmp_path: Path) -> None:
    cache["key"] = b"value"
    plant(cache, mode=4, value=pickle.dumps(Bomb(tmp_path / "boom")))
    with pytest.raises(StateError, match="mirror"):
        cache.get("key")
    assert not (tmp_path / "boom").exists()


def test_a_planted_pickled_key_is_refused_and_never_run(cache: diskcache.Cache, tmp_path: Path) -> None:
    cache["key"] = b"value"
    plant(cache, key=pickle.dumps(Bomb(tmp_path / "boom")), raw=0)
    with pytest.raises(StateError):
        list(cache)
    assert not (tmp_path / "boom").exists()


@pytest.mark.parametrize("name", ["../../secret", "/etc/passwd", "ab/../../secret", "ab/cd/../../../secret"])
def test_a_planted_file_name_is_neither_read_nor_removed(cache: diskcache.Cache, tmp_path: Path, name: str) -> None:
    secret = tmp_path / "secret"
    secret.write_text("keep me")
    cache["key"] = LARGE
    plant(cache, filename=name)
    with pytest.raises(StateError):
        cache.get("key")
    with pytest.raises(StateError):
        cache.delete("key")
    assert secret.read_text() == "keep me"


def test_a_link_that_leaves_the_folder_is_not_followed(cache: diskcache.Cache, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / ("0" * 28 + ".val")).write_bytes(b"secret")
    cache["key"] = LARGE
    (Path(cache.directory) / "aa").mkdir(exist_ok=True)  # the large value may lie there
    (Path(cache.directory) / "aa" / "bb").symlink_to(tmp_path / "outside")
    plant(cache, filename="aa/bb/" + "0" * 28 + ".val")
    with pytest.raises(StateError, match="link"):
        cache.get("key")


def test_only_text_keys_and_bytes_values_go_in(cache: diskcache.Cache) -> None:
    with pytest.raises(TypeError):
        cache[1] = b"value"
    with pytest.raises(TypeError):
        cache["key"] = {"a": 1}
    cache["key"] = b"value"
    plant(cache, value="text")
    with pytest.raises(StateError):
        cache.get("key")


def test_large_values_come_back_whole(cache: diskcache.Cache) -> None:
    cache["key"] = LARGE
    assert cache["key"] == LARGE
    del cache["key"]
    assert "key" not in cache


def test_a_mirror_that_is_no_database_says_what_to_delete(tmp_path: Path) -> None:
    (tmp_path / "mirror" / "listings").mkdir(parents=True)
    (tmp_path / "mirror" / "listings" / "cache.db").write_bytes(b"not a database" * 100)
    with pytest.raises(StateError) as raised:
        Mirror(tmp_path / "mirror")
    assert "Delete that folder" in raised.value.remedy


def test_a_blob_is_named_by_its_hash_and_nothing_else(tmp_path: Path) -> None:
    mirror = Mirror(tmp_path)
    with mirror.receive() as receiver:
        receiver.file.write(b"hello")
        digest, size = receiver.keep()
    assert (mirror.blob(digest).read_bytes(), size) == (b"hello", 5)
    with pytest.raises(StateError):
        mirror.blob("../../etc/passwd")
    with mirror.receive() as receiver:
        receiver.file.write(b"half")
    assert [path.name for path in tmp_path.glob("blobs/tmp-*")] == []
    mirror.close()
