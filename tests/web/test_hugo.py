"""The hugo dialect in the real Hugo, as our documentation sets it up: ``make test-web``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from conftest import Bench
from plugins.hostile_reading import write_pages
from web.generators import (
    blog_in,
    broken,
    built,
    headings,
    lay_out,
    lost,
    marks,
    runs,
    shows_programs_as_text,
    unpublished,
    write_hostile_pages,
)

pytestmark = marks("hugo")


def build(folder: Path) -> Path:
    return built(folder, "hugo", "--quiet", into="public")


def test_a_blog_holds_the_published_posts_under_their_slugs_with_one_heading(tmp_path: Path) -> None:
    blog_in(tmp_path, "hugo.md")

    site = build(tmp_path / "site")

    assert unpublished(site) == []
    post = (site / "blog" / "round-wheels" / "index.html").read_text("utf-8")
    assert headings(post) == ["Round wheels"]
    assert '<h2 id="how-round">' in post
    assert "2 March 2026" in post
    assert 'href="/tags/bike-care/"' in post
    assert broken(site) == []
    pages = [path for path in site.rglob("*.html") if "tags" not in path.parts and "categories" not in path.parts]
    assert all(len(headings(path.read_text("utf-8"))) == 1 for path in pages)


def test_what_looks_like_a_program_to_hugo_stays_text(tmp_path: Path) -> None:
    blog_in(tmp_path, "hugo.md")

    site = build(tmp_path / "site")

    assert shows_programs_as_text(next(site.glob("blog/tricky*/index.html")))


def test_the_sample_workspace_builds_without_a_broken_link(bench: Bench, tmp_path: Path) -> None:
    flags = lay_out(tmp_path / "site", "hugo.md")
    bench.good("export", to=tmp_path / "site", **flags)

    site = build(tmp_path / "site")

    pages = list((tmp_path / "site" / "content").rglob("*.md"))
    assert len(list(site.rglob("index.html"))) >= len(pages)
    assert broken(site) == []


def test_nothing_of_a_hostile_workspace_runs(tmp_path: Path) -> None:
    lay_out(tmp_path, "hugo.md")
    hook: Any = tmp_path / "layouts" / "_default" / "_markup" / "render-link.html"
    hook.unlink()  # what they link to is nowhere
    (tmp_path / "content").mkdir()
    names = write_pages(tmp_path / "content", "hugo", range(1500))

    site = build(tmp_path)

    assert runs(site, names) == {}


def test_hostile_text_in_every_block_stays_text(tmp_path: Path) -> None:
    lay_out(tmp_path, "hugo.md")
    config = tmp_path / "hugo.toml"
    # Hugo makes other quotes and dashes of them: its own doing, and the reader's to switch off.
    config.write_text(config.read_text() + "[markup.goldmark.extensions]\n  typographer = false\n")
    (tmp_path / "content").mkdir()
    write_hostile_pages(tmp_path / "content", "hugo")

    site = build(tmp_path)

    assert lost(lambda number: (site / f"page{number}" / "index.html").read_text("utf-8")) == {}
