"""Exports in AsciiDoc, and what a converter that is not ours makes of them."""

from __future__ import annotations

import html
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from notion_sync_core.testing import Shelf, document
from notion_sync_core.testing.build import block, text

from conftest import Run
from notion_sync_asciidoc import AsciidocRenderer
from notion_sync_asciidoc.inline import escaped

HOSTILE = (
    "*b* _i_ `c` #m# +p+ ^s^ ~s~ 'q' \"q\" {asciidoctor-version} <b> & &amp; &#42; https://x.example a@b.example",
    "= Title",
    "== Title",
    ". item",
    "* item",
    "- item",
    "1. one",
    "a. one",
    "iv) four",
    "term:: what",
    "term;; what",
    "NOTE: this",
    ":attribute: value",
    "// comment",
    "----",
    "====",
    "|===",
    "[source]",
    "[[anchor]]",
    "<<ref>>",
    "'''",
    "include::/etc/hostname[]",
    "image::x.png[]",
    "link:x[y]",
    "ifdef::x[]",
    "a -- b ... (C) (R) (TM) -> <= =>",
    "+",
    "C++",
    "\\*not*",
    "kbd:[Q]",
    "pass:[<b>]",
    "$$x$$",
    "stem:[x]",
    "((index))",
    "footnote:[x]",
    "{empty}",
    "<1> callout",
    ",===",
    "!===",
)


def converted(text: str, folder: Path) -> str:
    """A text as Asciidoctor shows it, as HTML."""
    program = shutil.which("asciidoctor")
    if program is None:
        pytest.skip("asciidoctor is not installed: what a real converter reads is not looked at")
    (folder / "text.adoc").write_text(text, "utf-8")
    command = [program, "--failure-level=WARN", "--safe-mode=secure", "--no-header-footer", "--out-file=-", "text.adoc"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_export_has_a_page_and_a_table(notion_sync: Run, tmp_path: Path) -> None:
    notion_sync("export", "--renderer", "asciidoc", "--to", "out")
    handbook = (tmp_path / "out" / "Fernwood Bikes Handbook.adoc").read_text("utf-8")
    assert handbook.startswith("= Fernwood Bikes Handbook\n")
    tasks = (tmp_path / "out" / "Fernwood Bikes Handbook" / "Tasks.adoc").read_text("utf-8")
    assert "|===" in tasks
    assert "link:Tasks/" in tasks


def test_a_converter_reads_every_page_without_a_warning(notion_sync: Run, tmp_path: Path) -> None:
    notion_sync("export", "--renderer", "asciidoc", "--to", "out")
    pages = sorted((tmp_path / "out").rglob("*.adoc"))
    assert len(pages) > 20
    program = shutil.which("asciidoctor")
    if program is None:
        pytest.skip("asciidoctor is not installed: what a real converter reads is not looked at")
    command = [program, "--failure-level=WARN", "--safe-mode=secure", "--out-file=-", *map(str, pages)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_text_means_itself_whatever_it_looks_like(tmp_path: Path) -> None:
    shown = converted("\n\n".join(map(escaped, HOSTILE)), tmp_path)
    paragraphs = [html.unescape(each) for each in re.findall(r"<p>(.*?)</p>", shown, re.DOTALL)]
    assert paragraphs == list(HOSTILE)


def test_looks_and_lists_arrive(tmp_path: Path) -> None:
    draft = document(
        "Title",
        block("paragraph", ["A ", text("strong", bold=True, code=True), " word"]),
        block("bulleted_list_item", "one"),
        block("bulleted_list_item", "two"),
        block("to_do", "done", checked=True),
        block("callout", "Take care"),
    )
    with Shelf(tmp_path / "shelf", [draft]) as shelf:
        made = shelf.render(AsciidocRenderer(), draft.id)
    shown = converted(made.text, tmp_path)
    assert "<strong><code>strong</code></strong>" in shown
    assert shown.count("<li>") == 3
    assert "admonitionblock" in shown
