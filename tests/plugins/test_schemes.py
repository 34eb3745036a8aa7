"""What all renderers agree on."""

from __future__ import annotations

import pytest

from notion_sync_core.plugin import SAFE_SCHEMES
from notion_sync_html import markup, sanitise
from notion_sync_markdown import escape


@pytest.mark.parametrize("scheme", [*sorted(SAFE_SCHEMES), "javascript", "data", "vbscript", "file", "blob"])
def test_every_renderer_links_the_same_schemes(scheme: str) -> None:
    url = f"{scheme}:x" if scheme in ("mailto", "tel", "javascript", "data") else f"{scheme}://host.example/x"
    good = scheme in SAFE_SCHEMES
    assert (markup.web_address(url) is not None) == good
    assert (escape.url(url) is not None) == good
    assert ("href" in sanitise.sanitised(f'<a href="{url}">x</a>')) == good
