"""The mkdocs dialect in the real MkDocs: ``make test-web``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from notion_sync_demo import Emulator, generate
from notion_sync_markdown import navigation
from plugins.hostile_reading import running, write_pages
from plugins.markdown_reading import text_of_html

MKDOCS = shutil.which("mkdocs", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}") or ""

pytestmark = [pytest.mark.web, pytest.mark.skipif(not MKDOCS, reason="mkdocs is not installed (make test-web)")]


def build(folder: Path, docs: Path, strict: bool = True) -> Path:
    """A site of what lies in ``docs``, with nothing but what our file says."""
    config = folder / "mkdocs.yml"
    config.write_text(
        f"INHERIT: {docs.name}/.notion-sync/mkdocs-nav.yml\nsite_name: Test\ndocs_dir: {docs.name}\n"
        "use_directory_urls: false\nvalidation: {links: {anchors: warn}}\n"
    )
    done = subprocess.run(
        [MKDOCS, "build", "--quiet", *["--strict"] * strict], cwd=folder, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return folder / "site"


def test_the_sample_workspace_builds_in_strict_mode(bench, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    bench.good(export__renderers=[{"use": "markdown", "dialect": "mkdocs"}])

    site = build(tmp_path, bench.out)

    pages = {path.relative_to(bench.out).with_suffix(".html") for path in bench.out.rglob("*.md")}
    assert {path for path in pages if not (site / path).is_file()} == set()
    manual = next(site.rglob("Repair manual.html")).read_text("utf-8")
    assert '<details class="note">' not in manual
    assert '<div class="admonition' in manual
    assert re.search(r"Always.*let the air out.*before", text_of_html(manual))
    home = (site / "Fernwood Bikes Handbook.html").read_text("utf-8")
    assert "People" in home


def test_a_generated_workspace_builds_in_strict_mode(tmp_path: Path) -> None:
    from conftest import Bench

    with Emulator(generate(60, seed=5)) as emulator:
        bench = Bench(emulator, tmp_path)
        bench.good(export__renderers=[{"use": "markdown", "dialect": "mkdocs", "metadata": ["id", "url", "created"]}])

        build(tmp_path, bench.out)


def test_nothing_of_a_hostile_workspace_is_in_the_site(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    (docs / ".notion-sync").mkdir(parents=True)
    names = write_pages(docs, "mkdocs", range(150))
    (docs / ".notion-sync" / "mkdocs-nav.yml").write_text("".join(navigation.mkdocs(iter(()))).partition("nav:")[0])

    site = build(tmp_path, docs, strict=False)

    for name in names:
        page = (site / f"{name}.html").read_text("utf-8")
        assert running(page[page.index('role="main"') : page.index("<footer")]) == [], name
