"""What somebody uploaded is shown only by types that cannot run anything; all else is saved."""

from __future__ import annotations

import pytest

from notion_sync_s3.media import shown_as

UPLOAD = "assets/ab/abcd.x"
UNKNOWN = "application/octet-stream"


@pytest.mark.parametrize(
    ("media_type", "shown"),
    [
        ("image/png", ("image/png", "")),
        ("IMAGE/PNG", ("image/png", "")),
        ("video/mp4; codecs=x", ("video/mp4", "")),
        ("application/pdf", ("application/pdf", "")),
        ("text/plain", ("text/plain; charset=utf-8", "")),
        ("text/plain; charset=utf-7", ("text/plain; charset=utf-8", "")),
        ("image/svg+xml", ("image/svg+xml", "attachment")),
        ("application/zip", ("application/zip", "attachment")),
        ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (UNKNOWN, "attachment")),
        ("text/html", (UNKNOWN, "attachment")),
        ("Text/HTML; charset=utf-8", (UNKNOWN, "attachment")),
        (" text/html", (UNKNOWN, "attachment")),
        ("application/rss+xml", (UNKNOWN, "attachment")),
        ("application/atom+xml", (UNKNOWN, "attachment")),
        ("audio/x+xml", (UNKNOWN, "attachment")),
        ("text/xsl", (UNKNOWN, "attachment")),
        ("text/javascript", (UNKNOWN, "attachment")),
        ("message/rfc822", (UNKNOWN, "attachment")),
        ("multipart/x-mixed-replace", (UNKNOWN, "attachment")),
        ("text/html\r\nX-Other: y", (UNKNOWN, "attachment")),
        ("", (UNKNOWN, "attachment")),
    ],
)
def test_an_upload_is_shown_only_if_its_type_cannot_run(media_type: str, shown: tuple[str, str]) -> None:
    assert shown_as(UPLOAD, media_type) == shown


@pytest.mark.parametrize("path", ["page.html", "assets/notion-sync/style.css", "html/page.html"])
def test_what_renderers_made_keeps_its_type(path: str) -> None:
    assert shown_as(path, "text/html") == ("text/html; charset=utf-8", "")
    assert shown_as(path, "") == (UNKNOWN, "")
