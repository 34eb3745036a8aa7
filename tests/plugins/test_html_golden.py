"""What each type of block looks like in HTML, file by file.

``RENEW_GOLDEN=1 pytest tests/plugins/test_html_golden.py`` writes the files anew: read the difference before you
commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from notion_sync_html.look import FAMILIES
from plugins.html_rendering import body, render
from plugins.html_samples import SAMPLES, SECTIONS, sample_database, sample_row, sample_site

GOLDEN = Path(__file__).parent.parent / "golden" / "html"
RENEW = bool(os.environ.get("RENEW_GOLDEN"))
TEMPLATES = Path(__file__).parents[2] / "plugins" / "notion_sync_html" / "templates" / "blocks"


def check(name: str, html: str) -> None:
    path = GOLDEN / f"{name}.html"
    if RENEW:
        path.write_text(html, "utf-8")
    assert html == path.read_text("utf-8"), "if that is right: see the top of this file"


@pytest.mark.parametrize("kind", SAMPLES)
def test_a_block_becomes_html(kind: str) -> None:
    site = sample_site()

    check(kind, body(*SAMPLES[kind], site=site, listings=SECTIONS))

    assert len(site.warnings) == (kind == "unknown")


def test_a_database_becomes_a_page() -> None:
    check("_database", render(sample_database(), sample_site(stem="Tasks")))


def test_a_row_becomes_a_page_with_its_properties() -> None:
    check("_row", render(sample_row(), sample_site()))


def test_every_template_is_seen_in_a_golden_file() -> None:
    names = {path.name.removesuffix(".html.j2") for path in TEMPLATES.iterdir()}

    assert names - set(SAMPLES) == {*FAMILIES.values(), "column", "tab_item"} - set(SAMPLES)


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {*SAMPLES, "_database", "_row"}
