"""What an answer of the API says is hosted, and what a person typed into it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_notion import decode

SIGN = "?x-id=GetObject&X-Amz-Date=20260101&X-Amz-Signature={}"
HOSTED = "https://prod-files-secure.s3.us-west-2.amazonaws.com/space/a%20b.png"


def file(signature: str = "one", expires: str | None = "2026-01-01T01:00:00.000Z") -> Any:
    return {"type": "file", "file": {"url": HOSTED + SIGN.format(signature), "expiry_time": expires}}


@pytest.mark.parametrize("expires", ["2026-01-01T01:00:00.000Z", None])
def test_a_file_object_gives_the_signed_address_for_the_bare_one(expires: str | None) -> None:
    raw = {"icon": file(expires=expires), "results": [{"type": "image", "image": file(expires=expires)}]}
    assert decode.normalise(raw) == {HOSTED: HOSTED + SIGN.format("one")}
    assert raw["icon"] == {"type": "file", "file": {"url": HOSTED, "expiry_time": None}}
    assert raw["results"] == [{"type": "image", "image": raw["icon"]}]


def test_an_attachment_of_a_comment_has_no_type_but_an_expiry_time() -> None:
    raw = {"attachments": [{"category": "image", "file": file()["file"]}]}
    assert decode.normalise(raw) == {HOSTED: HOSTED + SIGN.format("one")}
    assert decode.hosted_file(raw["attachments"][0]) == HOSTED


@pytest.mark.parametrize("kind", ["external", "emoji", "custom_emoji", "url", "", None])
def test_a_file_beside_another_type_is_not_hosted(kind: str | None) -> None:
    assert decode.hosted_file({**file(), "type": kind}) is None


def test_a_typed_address_is_never_hosted_and_loses_only_what_signs_it() -> None:
    typed = "https://typed.example/a?q=1" + SIGN.format("one").replace("?", "&") + "#part"
    raw: Any = {
        "bookmark": {"url": typed},
        "rich_text": [{"href": typed, "plain_text": typed, "text": {"content": typed, "link": {"url": typed}}}],
        "link_mention": {"href": typed, "icon_url": typed, "thumbnail_url": typed, "iframe_url": typed},
        "icon": {"type": "external", "external": {"url": typed}},
        "properties": {name: {"type": "url", "url": typed} for name in ("url", "file", "type", "expiry_time")},
        "emoji": {"type": "custom_emoji", "custom_emoji": {"name": "x", "url": typed}},
    }
    assert decode.normalise(raw) == {}
    kept = "https://typed.example/a?q=1&x-id=GetObject#part"
    assert raw["bookmark"]["url"] == raw["icon"]["external"]["url"] == raw["properties"]["file"]["url"] == kept
    assert set(raw["link_mention"].values()) == {kept}
    assert raw["rich_text"][0]["text"] == {"content": typed, "link": {"url": kept}}


@pytest.mark.parametrize(
    "url",
    [
        *("https://x.example/?q=X-Amz-Signature=1", "https://x.example/X-Amz-Signature=1", "https://x.example/?a=1"),
        *("https://x.example/#?X-Amz-Signature=1", "http://[", "", "https://x.example/?X-Amz-Date=1", "\ud800"),
    ],
)
def test_an_address_that_only_speaks_of_signatures_stays_as_it_is(url: str) -> None:
    raw = {"url": url}
    assert decode.normalise(raw) == {}
    assert raw == {"url": url}


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://x.example/a/b%20c.png?d=/e.txt#/f", "b c.png"),
        *((each, "") for each in ("https://x.example", "https://x.example/", "", "http://[", "x.png", "mailto:a/b")),
        ("http://[/odd.png", "odd.png"),
    ],
)
def test_a_file_has_the_name_its_address_ends_with(url: str, name: str) -> None:
    assert decode.file_name(url) == name


_URLS = st.text("htps:/?#&=[]@.aX-mzSignature1\ud800 ") | st.just("http://[?X-Amz-Signature=1")
_JSON = st.recursive(
    st.none() | st.integers() | _URLS,
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["url", "href", "type", "file", "expiry_time", "icon", "x"]), inner)
    ),
)


@given(_JSON)
def test_any_answer_reads_the_same_the_second_time(raw: Any) -> None:
    decode.normalise(raw)
    again = copy.deepcopy(raw)
    decode.normalise(again)
    assert again == raw
