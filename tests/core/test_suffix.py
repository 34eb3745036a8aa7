"""The extension of a file is its name's, unless its bytes prove another."""

from __future__ import annotations

import pytest

from notion_sync_core.store.suffix import asset_suffix

PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(30)
ZIP = b"PK\x03\x04" + bytes(60)


@pytest.mark.parametrize(
    ("name", "head", "suffix"),
    [
        ("photo.png", PNG, ".png"),
        ("photo.PNG", PNG, ".png"),
        ("photo.jpeg", JPG, ".jpeg"),
        ("photo.jpg", PNG, ".png"),
        ("photo", PNG, ".png"),
        ("photo", JPG, ".jpg"),
        ("scan.png", b"%PDF-1.7\n" + bytes(30), ".pdf"),
        ("letter.docx", ZIP, ".docx"),
        ("songs.zip", ZIP, ".zip"),
        ("notes.txt", PNG, ".txt"),
        ("notes.txt", b"hello", ".txt"),
        ("page.png", b"<!DOCTYPE html><html><body>", ".html"),
        ("empty.png", b"", ".png"),
        ("unknown.png", b"what is this?", ".png"),
        ("nothing", b"what is this?", ""),
        ("evil.p/ng", b"", ""),
        ("evil.toolongtobeone", b"", ""),
        ("evil.phü", b"", ""),
    ],
)
def test_a_file_gets_the_extension_its_name_and_bytes_agree_on(name: str, head: bytes, suffix: str) -> None:
    assert asset_suffix(name, head) == suffix
