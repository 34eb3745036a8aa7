"""The exam of renderers is examined: a good one passes, and each check finds the fault that it is there for."""

# ruff: noqa: E501 - pieces of source stand in one line each
from __future__ import annotations

from pathlib import Path

import pytest

from kit import reference_renderer
from kit.mutated import mutated
from notion_sync_core.testing import Golden, check_renderer, exam, paper

GOLDEN = "golden/reference_renderer"
test_a_good_renderer_passes = check_renderer(
    reference_renderer.make, features=reference_renderer.FEATURES, golden=GOLDEN
)

TITLE = 'yield f"<title>{_escaped(document.ref.title)}</title>".encode()'
TEXT = '[document.ref.title.encode()], "text/plain")'
BLOCK = '        shown = "".join('
WALK = "        for step, block in walk(document, site.warn):\n            if step is not Step.CLOSE:\n                yield self._block(block, site).encode()\n"
LINES = 'lines = (f"{entry.path} {entry.title}\\n".encode() for entry in tree.entries())'
NO_BLOCK = "        return None\n\n\ndef _said"
MUTANTS = [
    ("it_says_what_it_makes", 'suffix = ".html"', 'suffix = "html"'),
    ("every_document_has_its_file", "        yield Artifact(site.path(self.suffix), self._page", "        if next(document.blocks(), None): yield Artifact(site.path(self.suffix), self._page"),
    ("every_file_has_a_declared_name", 'return [".rows.txt"] if sources else []', 'return [".lines.txt"] if sources else []'),
    ("it_stays_in_its_folder", 'yield Artifact(site.path(".txt"),', 'yield Artifact(site.path(".txt").name,'),
    ("the_same_bytes_twice", TITLE, f"yield str(id(document)).encode()\n        {TITLE}"),
    ("the_same_bytes_in_another_process", TITLE, f"yield repr({{'one', 'two', 'three', 'four', 'five'}}).encode()\n        {TITLE}"),
    ("it_is_pure", TITLE, f"import time; time.time()\n        {TITLE}"),
    ("it_remembers_no_other_document", TITLE, f"self.password += 'x'; yield str(len(self.password)).encode()\n        {TITLE}"),
    ("media_types_are_said", TEXT, '[document.ref.title.encode("utf-16")], "text/plain")'),
    ("suffixes_are_told_before", 'return [".rows.txt"] if sources else []', 'return [source.title for source in sources] or [".rows.txt"]'),
    ("suffixes_are_used", 'suffixes = (".txt",)', 'suffixes = (".txt", ".never")'),
    ("sections_have_their_name", "        yield Artifact(site.path(self.suffix), self._page(", "        yield Artifact(str(site.path(self.suffix)).replace('/_index', '/index'), self._page("),
    ("it_shows_no_secret", 'default="swordfish", repr=False', 'default="swordfish"'),
    ("every_kind_of_block_is_taken", BLOCK, f"        assert block.type != 'breadcrumb'\n{BLOCK}"),
    ("unknown_blocks_are_taken", BLOCK, f"        block.raw[block.type]\n{BLOCK}"),
    ("an_unknown_block_leaves_a_trace", "if claimed is not None:\n            return claimed", "if claimed is not None or block.type == 'comes_later':\n            return claimed or ''"),
    ("any_title_is_taken", TITLE, f"document.ref.title.encode('cp1252', 'strict') if len(document.ref.title) > 300 else document.ref.title[0]\n        {TITLE}"),
    ("odd_objects_are_taken", 'return plain_text(value.get(str(value.get("type"))))', 'return plain_text(value[value["type"]])'),
    ("databases_are_taken", 'for source in document.data_sources():\n', 'for source in [document.data_sources()[0]] if document.ref.kind == "database" else []:\n'),
    ("every_text_is_there_in_order", "if step is not Step.CLOSE:", "if step is not Step.OPEN:"),
    ("what_says_that_it_is_json_can_be_read", '[document.ref.title.encode()], "text/plain")', '[b"[1,]"], "application/json")'),
    ("comments_are_shown", "for said in document.comments(block.id):", "for said in document.comments(block.id)[1:]:"),
    ("long_lists_are_whole", WALK, WALK.replace("walk(document, site.warn)", "__import__('itertools').islice(walk(document, site.warn), 150)")),
    ("texts_of_all_blocks_are_there", "[*block.rich_text, *block.caption, *_cells(block)]", "[*block.rich_text, *_cells(block)]"),
    ("a_large_document_streams", "self._page(document, site), ", "[b''.join(self._page(document, site))], "),
    ("deep_nesting_is_taken", TITLE, f"def deep(block):\n            return sum(map(deep, document.children(block)))\n        sum(map(deep, document.blocks()))\n        {TITLE}"),
    ("any_document_renders", BLOCK, f"        assert len(block.rich_text) < 3 or block.type != 'toggle'\n{BLOCK}"),
    ("what_runs_in_a_browser_is_escaped", "return html.escape(str(text))", "return str(text).replace('<', '&lt;')"),
    ("addresses_that_run_are_no_links", 'href.startswith("https:")', "href"),
    ("it_answers_only_for_what_it_knows", 'if format == "html" and block', "if block"),
    ("blocks_it_takes_are_safe", 'return f"<pre>{_escaped(plain_text(block.rich_text))}</pre>"', 'return f"<pre>{plain_text(block.rich_text)}</pre>"'),
    ("blocks_it_takes_are_safe_in_markdown", NO_BLOCK, f'        if format == "markdown" and block.type == "code":\n            return f"```\\n{{plain_text(block.rich_text)}}\\n```"\n{NO_BLOCK}'),
    ("links_follow_the_layout", '{_escaped(target.href)}">', '{_escaped(target.href.rpartition("/")[2])}">'),
    ("links_lead_out_where_nothing_is", "            return f'<a href=\"{_escaped(href)}\">{_escaped(text)}</a>'\n", "            return _escaped(text)\n"),
    ("titles_of_others_are_todays", "            return _escaped(target.title)\n", "            return _escaped(text)\n"),
    ("plugins_may_take_blocks_over", "            return claimed\n", "            pass\n"),
    ("files_about_all_are_pure", LINES, f"{LINES}; self.password += 'x'; lines = (self.password.encode(), *lines)"),
    ("files_about_all_follow_the_tree", LINES, "lines = [b'all']"),
    ("what_it_asks_of_neighbours_is_said", "shows_neighbours = True", "shows_neighbours = False"),
    ("what_it_makes_is_as_it_was_kept", 'yield f"<nav>{', 'yield f"<nav >{'),
    ("neighbours_are_shown", "for sibling in site.siblings():", "for sibling in site.siblings()[:0]:"),
]  # fmt: skip
WITHOUT = {"what_it_asks_of_neighbours_is_said": {"neighbours"}}
"""What a faulty one does not declare, so that its fault is not found by the check of features."""


@pytest.mark.parametrize(("check", "old", "new"), MUTANTS, ids=[check for check, *_ in MUTANTS])
def test_a_check_finds_the_fault_that_it_is_there_for(check: str, old: str, new: str, tmp_path: Path) -> None:
    broken = mutated("reference_renderer", old, new, tmp_path)
    features = broken.FEATURES - WITHOUT.get(check, set())
    golden = Golden(Path(__file__).parent / GOLDEN)
    (outcome,) = exam("renderers", broken.make, features, only={check}, folder=tmp_path, golden=golden)
    assert outcome.status == "failed", outcome
    assert paper("renderers").checks[check].reason in outcome.message


def test_every_check_has_a_fault_to_find() -> None:
    assert sorted(check for check, *_ in MUTANTS) == sorted(paper("renderers").checks)
