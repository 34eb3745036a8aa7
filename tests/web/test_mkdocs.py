"""The mkdocs dialect in the real MkDocs: ``make test-web``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from notion_sync_demo import Emulator, generate
from notion_sync_markdown import navigation
from plugins.hostile_reading import running, write_pages
from plugins.markdown_reading import text_of_html
from web.generators import headings, lay_out

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


@pytest.mark.parametrize("theme", ["mkdocs", "material"])
def test_our_example_builds_in_strict_mode_with_a_home_page_and_each_page_once(
    bench: Any, tmp_path: Path, theme: str
) -> None:
    if theme == "material":
        pytest.importorskip("material")
    flags = lay_out(tmp_path, "mkdocs.md")
    bench.good("export", to=tmp_path / "docs", **flags)
    config = tmp_path / "mkdocs.yml"
    features = "\n  features: [navigation.indexes]" if theme == "material" else ""
    config.write_text(config.read_text().replace("name: mkdocs", f"name: {theme}{features}"))

    done = subprocess.run([MKDOCS, "build", "--quiet", "--strict"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]

    site = tmp_path / "site"
    assert headings((site / "index.html").read_text("utf-8")) == ["Handbook"]
    pages = [path for path in site.rglob("index.html") if path.parent != site]
    assert len(pages) > 20
    assert {len(headings(path.read_text("utf-8"))) for path in pages} == {1}
    nav = yaml.safe_load((tmp_path / "docs/.notion-sync/mkdocs-nav.yml").read_text("utf-8"))["nav"]
    listed = list(leaves(nav))
    written = {path.relative_to(tmp_path / "docs").as_posix() for path in (tmp_path / "docs").rglob("*.md")}
    assert sorted(listed) == sorted(written)
    if theme == "material":
        page = (site / "Fernwood Bikes Handbook" / "Workshop" / "Safety" / "index.html").read_text("utf-8")
        sidebar = page[page.index("md-nav--primary") : page.index('class="md-content"')]
        assert len(re.findall(r">\s*Workshop\s*<", sidebar)) <= 2  # the link, and the heading of its list


def leaves(nav: Any) -> Iterator[str]:
    """The files that a navigation names."""
    for each in nav if isinstance(nav, list) else nav.values():
        if isinstance(each, str):
            yield each
        else:
            yield from leaves(each)
