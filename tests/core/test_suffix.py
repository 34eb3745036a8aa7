"""The extension of a file is its name's, unless its bytes prove another; what would run gets one that nothing runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.mirror.suffix import HEAD, INERT, SVG, asset_suffix
from uploads import ALSO_OPENED, RUNNING

PNG = b"\x89PNG\r\n\x1a\n" + bytes(50)
JPG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(30)
ZIP = b"PK\x03\x04" + bytes(60)
DRAWING = b'<?xml version="1.0"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "a">\n<!-- a --><svg width="1">'


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
        ("notes.txt", b"a < b, <html> and <script> in a sentence", ".txt"),
        ("love.txt", b"<3 you all", ".txt"),
        ("program.ts", b"const a = 1", ".ts"),
        ("page.png", b"<!DOCTYPE html><html><body>", ".html.bin"),
        ("notes.txt", b"<!DOCTYPE html><html><body>", ".txt.bin"),
        ("page.html", b"", ".html.bin"),
        ("page.php", b"no markup", ".php.bin"),
        ("drawing.svg", b"", SVG),
        ("drawing.svg", DRAWING, SVG),
        ("drawing.png", DRAWING, SVG),
        ("drawing", DRAWING.decode().encode("utf-16"), SVG),
        ("drawing.xml", DRAWING, ".xml.bin"),
        ("page", b"<!DOCTYPE html><svg>", ".html.bin"),
        ("disk.img", bytes(HEAD), ".img"),
        ("blank.txt", b"\n" * 10, ".txt"),
        ("blank.txt", b"\n" * HEAD, ".txt.bin"),
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


@pytest.mark.parametrize("name", RUNNING)
def test_a_file_that_a_browser_would_run_gets_an_extension_that_it_does_not_run(name: str) -> None:
    assert asset_suffix(name, RUNNING[name][:HEAD]).endswith(INERT)


@pytest.mark.parametrize("name", ALSO_OPENED)
def test_a_file_that_no_browser_runs_keeps_its_extension(name: str) -> None:
    assert asset_suffix(name, ALSO_OPENED[name][:HEAD]) == name[name.rindex(".") :]


@given(
    st.text("ab.", max_size=8),
    st.binary(max_size=8).map(lambda junk: bytes(byte for byte in junk if byte <= 0x20)),
    st.sampled_from([b"<html", b"<!--", b"<?xml", b"</p>", b"<svg", b"<B>"]),
    st.binary(max_size=20),
    st.sampled_from(["", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]),
)
def test_markup_after_anything_that_browsers_skip_never_runs(
    name: str, blanks: bytes, markup: bytes, rest: bytes, encoding: str
) -> None:
    head = blanks + markup + rest
    if encoding:
        head = head.decode("latin-1").encode(encoding)
    assert asset_suffix(name, head).endswith(INERT)
