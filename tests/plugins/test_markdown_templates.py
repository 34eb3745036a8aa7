"""Somebody's own look: templates in place of ours, file by file."""

from __future__ import annotations

import importlib.resources
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from notion_sync_core.errors import ConfigError, SkippableError
from notion_sync_core.model import Json
from notion_sync_core.structure import structure
from notion_sync_markdown import MarkdownRenderer
from notion_sync_markdown.writers import WRITERS
from plugins.markdown_reading import DIALECTS, rendered
from plugins.markdown_samples import COMMENTS, SAMPLES, SECTIONS, site
from plugins.rendering import PAGE_ID, MemoryDocument, block, content, ref, span
from plugins.test_markdown_database import ROWS, source

ORIGINALS = Path(str(importlib.resources.files(MarkdownRenderer.template_package) / "templates"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def page(folder: Path, *nested: Json, **options: Any) -> str:
    return rendered(*nested, site=site(), options={"templates": str(folder), **options})


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", SAMPLES)
def test_a_copy_of_the_originals_gives_the_same_bytes(tmp_path: Path, name: str, dialect: str) -> None:
    shutil.copytree(ORIGINALS, tmp_path, dirs_exist_ok=True)
    given: Json = {
        "listings": SECTIONS,
        "discussions": {PAGE_ID: COMMENTS},
        "raw": {"properties": ROWS[0].raw["properties"]},
    }

    ours = rendered(*SAMPLES[name], site=site(), options={"dialect": dialect}, **given)
    theirs = rendered(*SAMPLES[name], site=site(), options={"dialect": dialect, "templates": str(tmp_path)}, **given)

    assert theirs == ours


def test_a_copy_of_the_originals_gives_the_same_database() -> None:
    document = MemoryDocument([], ref("Tasks", "database"), {}, [source("Tasks")], {"source1": ROWS})

    ours = [content(made) for made in MarkdownRenderer().render_document(document, site())]
    theirs = [content(made) for made in MarkdownRenderer(templates=str(ORIGINALS)).render_document(document, site())]

    assert theirs == ours


def test_there_is_an_original_for_every_type() -> None:
    shipped = {path.name.removesuffix(".md.j2") for path in (ORIGINALS / "blocks").iterdir()}

    assert shipped == set(WRITERS) - {"meeting_section", "table_row"}


def test_one_file_changes_one_type(folder: Path) -> None:
    (folder / "blocks").mkdir()
    (folder / "blocks" / "callout.md.j2").write_text("::: {{ kind }}\n{{ stack(text, inner) }}\n:::\n")

    made = page(folder, block("callout", "mine"), block("paragraph", "yours"))

    assert made == "# Page\n\n::: note\nmine\n:::\n\nyours\n"


def test_a_page_template_sees_the_properties(folder: Path) -> None:
    (folder / "page.md.j2").write_text(
        "{{ properties.Age }} {{ title }} {{ url }}{% for part in body %}{{ part }}{% endfor %}"
    )

    made = rendered(
        block("paragraph", "text"), options={"templates": str(folder)}, raw={"properties": ROWS[0].raw["properties"]}
    )

    assert made.startswith("-4 Page https://app.notion.com/p/")
    assert made.endswith("\n\ntext\n")


def test_what_a_page_says_is_never_a_template(folder: Path) -> None:
    shutil.copytree(ORIGINALS, folder, dirs_exist_ok=True)
    hostile = "{{ 7 * 7 }} {% raw %} {{ block.__class__ }}"

    made = rendered(block("paragraph", hostile), ref=ref(hostile), options={"templates": str(folder)})

    assert made.count("7 \\* 7") == 2
    assert "49" not in made


def test_a_type_nobody_knows_can_have_a_template(folder: Path) -> None:
    (folder / "blocks").mkdir()
    (folder / "blocks" / "hologram.md.j2").write_text("{{ escape(block.hologram.title) }}\n")

    assert page(folder, block("hologram", title="a*b")) == "# Page\n\na\\*b\n"


def test_a_broken_template_is_named_with_its_line(folder: Path) -> None:
    (folder / "page.md.j2").write_text("fine\n{% if %}\n")

    with pytest.raises(ConfigError, match=r"page\.md\.j2:2: "):
        MarkdownRenderer(templates=str(folder))


@pytest.mark.parametrize(
    "wrong", ["{{ nothing }}", "{{ 1 / 0 }}", "{{ block.__class__.__mro__ }}", "{{ block.clear() }}"]
)
def test_a_template_that_fails_skips_the_page_and_names_the_line(folder: Path, wrong: str) -> None:
    (folder / "blocks").mkdir()
    (folder / "blocks" / "paragraph.md.j2").write_text(f"line one\n{wrong}\n")

    with pytest.raises(SkippableError, match=r"paragraph\.md\.j2:2: ") as caught:
        page(folder, block("paragraph", "x"))

    assert "delete it" in caught.value.remedy


def test_a_folder_that_is_missing_is_a_wrong_option(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is not a folder"):
        structure(MarkdownRenderer, {"templates": str(tmp_path / "none")}, "plugins.markdown", {})


def test_a_template_that_is_no_text_is_named(folder: Path) -> None:
    (folder / "page.md.j2").write_bytes(b"\xff\xfe")

    with pytest.raises(ConfigError, match=r"page\.md\.j2"):
        MarkdownRenderer(templates=str(folder))


def test_a_template_can_include_another(folder: Path) -> None:
    (folder / "blocks").mkdir()
    (folder / "shared.md.j2").write_text("shared {{ text }}")
    (folder / "blocks" / "paragraph.md.j2").write_text('{% include "shared.md.j2" %}\n')

    assert page(folder, block("paragraph", "x")).endswith("shared x\n")


def test_long_pages_stream_through_a_template(folder: Path) -> None:
    shutil.copy(ORIGINALS / "page.md.j2", folder)
    document = MemoryDocument([block("paragraph", [span("x" * 1000)])] * 1000)
    artifact = next(iter(MarkdownRenderer(templates=str(folder)).render_document(document, site())))

    assert len(list(artifact.chunks)) > 10


def test_nobody_waits_for_jinja_without_templates() -> None:
    import subprocess

    code = "import notion_sync_markdown as m, sys; m.MarkdownRenderer(); sys.exit('jinja2' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
