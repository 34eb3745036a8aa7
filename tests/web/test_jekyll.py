"""The jekyll dialect in the real Jekyll, as our documentation sets it up: ``make test-web``."""

from __future__ import annotations

from pathlib import Path

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

pytestmark = marks("jekyll")


def build(folder: Path) -> Path:
    return built(folder, "jekyll", "build", "--quiet", "--trace", into="_site")


def test_a_blog_holds_the_published_posts_under_their_slugs_with_one_heading(tmp_path: Path) -> None:
    blog_in(tmp_path, "jekyll.md")
    assert (tmp_path / "site" / "_posts" / "2026-03-02-round-wheels.md").is_file()

    site = build(tmp_path / "site")

    assert unpublished(site) == []
    post = (site / "2026" / "round-wheels" / "index.html").read_text("utf-8")
    assert headings(post) == ["Round wheels"]
    assert '<h2 id="how-round">' in post
    assert '<span class="tag">bike care</span>' in post
    assert broken(site) == []
    assert all(len(headings(path.read_text("utf-8"))) == 1 for path in site.rglob("*.html"))
    home = (site / "index.html").read_text("utf-8")
    assert headings(home) == ["My blog"]
    assert 'href="/2026/round-wheels/"' in home


def test_what_looks_like_a_program_to_jekyll_stays_text(tmp_path: Path) -> None:
    blog_in(tmp_path, "jekyll.md")

    site = build(tmp_path / "site")

    assert shows_programs_as_text(next(site.glob("2026/tricky*/index.html")))


def test_the_sample_workspace_builds_without_a_broken_link(bench: Bench, tmp_path: Path) -> None:
    flags = lay_out(tmp_path / "site", "jekyll.md")
    bench.good("export", to=tmp_path / "site", **flags)

    site = build(tmp_path / "site")

    # Jekyll leaves out what begins with "_"; one row is called "con", which Windows keeps for itself.
    assert [each for each in broken(site) if not each.endswith("_con.md")] == []


def test_nothing_of_a_hostile_workspace_runs(tmp_path: Path) -> None:
    lay_out(tmp_path, "jekyll.md")
    names = write_pages(tmp_path, "jekyll", range(1500))

    site = build(tmp_path)

    assert runs(site, names) == {}


def test_hostile_text_in_every_block_stays_text(tmp_path: Path) -> None:
    lay_out(tmp_path, "jekyll.md")
    config = tmp_path / "_config.yml"
    # Jekyll makes other quotes of them: its own doing, and the reader's to switch off.
    config.write_text(config.read_text() + 'kramdown: {smart_quotes: "apos,apos,quot,quot"}\n')
    write_hostile_pages(tmp_path, "jekyll")

    site = build(tmp_path)

    assert lost(lambda number: (site / f"page{number}" / "index.html").read_text("utf-8")) == {}
