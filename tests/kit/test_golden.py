"""Golden files: what is kept, what a difference looks like, and how they are written anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve

from kit import reference_renderer, reference_source
from kit.mutated import mutated
from notion_sync_core.testing import Golden, document, exam, showcase
from notion_sync_core.testing.build import block, every_kind
from notion_sync_core.testing.examine import Outcome

pytest_plugins = ("pytester",)
RENDERS, SHOWS = "what_it_makes_is_as_it_was_kept", "what_it_shows_is_as_it_was_kept"
MODULE = """
from kit.reference_renderer import FEATURES, make
from notion_sync_core.testing import check_renderer, document

test_mine = check_renderer(make, features=FEATURES, golden="golden", documents=[document("Page {title}")])
"""


@pytest.fixture
def golden(tmp_path: Path) -> Golden:
    """Two files that are kept."""
    made = Golden(tmp_path / "kept", renews=True)
    made.compare({"a.txt": b"one\ntwo\nthree\n", "in/b.bin": b"\xff\x00"}, {"a.txt": "text/plain"})
    return evolve(made, renews=False)


def told(golden: Golden, made: dict[str, bytes], notes: dict[str, str]) -> str:
    """What is said of a difference."""
    with pytest.raises(AssertionError) as failure:
        golden.compare(made, notes)
    return str(failure.value)


SAME = {"a.txt": b"one\ntwo\nthree\n", "in/b.bin": b"\xff\x00"}
NOTES = {"a.txt": "text/plain"}


def test_what_is_made_as_it_was_kept_passes(golden: Golden) -> None:
    assert golden.compare(SAME, NOTES) == ""


def test_a_difference_is_shown_by_its_lines(golden: Golden) -> None:
    said = told(golden, SAME | {"a.txt": b"one\n2\nthree\n"}, NOTES)
    assert "1 golden file is not what is made now" in said
    assert "    from line 2, 1 lines kept and 1 made:\n    - two\n    + 2\n" in said
    assert "pytest --update-golden" in said


def test_of_a_long_line_the_part_that_differs_is_shown(golden: Golden) -> None:
    line = b"x" * 10_000
    evolve(golden, renews=True).compare({"a.txt": line + b"old" + line}, {})
    said = told(golden, {"a.txt": line + b"new" + line}, {})
    assert "xold" in said
    assert "xnew" in said
    assert len(said) < 1_000


def test_white_space_that_differs_is_seen(golden: Golden) -> None:
    assert "+ two \\n".removesuffix("\\n") in told(golden, SAME | {"a.txt": b"one\ntwo \nthree\n"}, NOTES)
    assert r"two\r" in told(golden, SAME | {"a.txt": b"one\r\ntwo\r\nthree\n"}, NOTES)


def test_files_that_come_and_go_are_named(golden: Golden) -> None:
    said = told(golden, {"a.txt": SAME["a.txt"], "c.txt": b""}, NOTES)
    assert "c.txt: was not made before" in said
    assert "in/b.bin: is not made any more" in said


def test_what_is_no_text_is_told_by_its_bytes(golden: Golden) -> None:
    said = told(golden, SAME | {"in/b.bin": b"\xff\x01\x02"}, NOTES)
    assert "2 bytes were kept, 3 are made; byte 1 is the first that differs" in said


def test_another_media_type_is_a_difference(golden: Golden) -> None:
    assert "- a.txt  text/plain" in told(golden, SAME, {"a.txt": "text/html"})


def test_a_warning_is_a_difference(golden: Golden) -> None:
    assert "+ (page) 1  warns: odd" in told(golden, SAME, {**NOTES, "(page) 1": "warns: odd"})


def test_where_nothing_is_kept_yet_it_is_said_how(tmp_path: Path) -> None:
    assert "`pytest --update-golden` writes them" in told(Golden(tmp_path / "none"), SAME, NOTES)


def test_what_is_another_each_time_is_replaced(golden: Golden) -> None:
    made = {"a.txt": b"one\nport 4711\nthree\n", "in/b.bin": b"\xff\x00"}
    assert evolve(golden, replace={r"port \d+": "two"}).compare(made, NOTES) == ""


def test_written_anew_they_hold_what_is_made_and_nothing_else(golden: Golden) -> None:
    said = evolve(golden, renews=True).compare({"c.txt": b"c"}, {})
    assert said.endswith("4 of 2 are new, changed or gone")
    assert sorted(golden.kept()) == ["", "c.txt"]


@pytest.mark.parametrize("name", ["notes.txt", "index.txt"])
def test_a_folder_of_something_else_is_left_alone(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("mine")
    assert "golden files" in told(Golden(tmp_path, renews=True), SAME, NOTES)
    assert [each.name for each in tmp_path.iterdir()] == [name]


def one(kind: str, reference: object, check: str, folder: Path, golden: Golden | None) -> Outcome:
    """How the check of golden files ended."""
    make, features = reference.make, reference.FEATURES  # type: ignore[attr-defined]
    (outcome,) = exam(kind, make, features, only={check}, folder=folder, golden=golden)
    return outcome


@pytest.mark.parametrize(
    ("kind", "reference", "check"),
    [("renderers", reference_renderer, RENDERS), ("sources", reference_source, SHOWS)],
    ids=["renderers", "sources"],
)
def test_an_exam_without_them_says_how_they_are_given(kind: str, reference: object, check: str, tmp_path: Path) -> None:
    outcome = one(kind, reference, check, tmp_path, None)
    assert (outcome.status, "golden=FOLDER" in outcome.message) == ("skipped", True)


def test_a_renderer_is_held_to_the_documents_of_a_source(tmp_path: Path) -> None:
    golden = Golden(tmp_path / "kept", reference_source.make, renews=True)
    assert one("renderers", reference_renderer, RENDERS, tmp_path, golden).status == "skipped"
    assert one("renderers", reference_renderer, RENDERS, tmp_path, evolve(golden, renews=False)).status == "passed"
    assert b"line 2" in golden.kept()["Page/_index.html"]
    assert golden.kept()["Page/Database/_index.rows.txt"] == b"Row\n"


def test_what_a_renderer_says_of_itself_is_kept(tmp_path: Path) -> None:
    golden = Golden(Path(__file__).parent / "golden" / "reference_renderer")
    other = mutated("reference_renderer", 'format = "plain"', 'format = "plane"', tmp_path)
    outcome = one("renderers", other, RENDERS, tmp_path, golden)
    assert "+ (renderer)  format 'plane'" in outcome.message


def test_what_no_listing_shows_is_examined_as_well(tmp_path: Path) -> None:
    hidden = ('each["id"] != ROW]', 'each["id"] not in (ROW, DATABASE, SOURCE)]')
    good = mutated("reference_source", *hidden, tmp_path)
    golden = Golden(tmp_path / "kept", replace={r"127\.0\.0\.1:\d+": "HOST"}, renews=True)
    assert one("sources", good, SHOWS, tmp_path, golden).status == "skipped"
    shown = {path for path in golden.kept() if path.startswith(("database-", "page-"))}
    assert shown == {f"page-{own}.jsonl" for own in (good.PAGE, good.CHILD, good.ROW)} | {
        f"database-{good.DATABASE}.jsonl"
    }


def test_fewer_calls_for_what_was_known_are_a_difference(tmp_path: Path) -> None:
    golden = Golden(tmp_path / "kept", reference_source.make, renews=True)
    one("sources", reference_source, SHOWS, tmp_path, golden)
    early = mutated("reference_source", "if catalog.awaited():", "if catalog.awaited() > 1:", tmp_path)
    assert "of the latest 1" in one("sources", early, SHOWS, tmp_path, evolve(golden, renews=False)).message


def test_a_renderer_that_fails_is_kept_as_that(tmp_path: Path) -> None:
    golden = Golden(tmp_path / "kept", [document("Page", block("paragraph", "x", comes=1))], renews=True)
    (outcome,) = exam("renderers", lambda _: Failing(), None, only={RENDERS}, folder=tmp_path, golden=golden)
    assert outcome.status == "skipped"
    assert "fails: " in golden.kept()[""].decode()


class Failing(reference_renderer.PlainRenderer):
    """Cannot render anything."""

    def _page(self, *_: object) -> None:  # type: ignore[override]
        raise ValueError("on\na line")


def test_the_documents_of_the_kit_have_each_kind_of_block() -> None:
    shown = {raw.get("type") for draft in showcase() for raw in draft.blocks}
    assert {raw["type"] for raw in every_kind()} <= shown
    assert showcase() == showcase()


@pytest.fixture
def suite(pytester: pytest.Pytester) -> Callable[..., pytest.RunResult]:
    """Runs the check of golden files in a module of its own."""

    def run(title: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(test_mine=MODULE.replace("{title}", title))
        # In this process it would take modules of the kit away with it, and leave others half known.
        pytester.makepyprojecttoml(f"[tool.pytest.ini_options]\npythonpath = {str(Path(__file__).parents[1])!r}")
        return pytester.runpytest_subprocess("-p", "no:randomly", "-k", RENDERS, "-rs", *options)

    return run


def test_pytest_compares_them_and_writes_them_anew(
    suite: Callable[..., pytest.RunResult], pytester: pytest.Pytester
) -> None:
    suite("one").assert_outcomes(failed=1, deselected=41)
    written = suite("one", "--update-golden")
    written.assert_outcomes(skipped=1, deselected=41)
    written.stdout.fnmatch_lines(["*golden files were written to */golden: * are new, changed or gone"])
    assert (pytester.path / "golden" / "files" / "Page one.html").is_file()
    suite("one").assert_outcomes(passed=1, deselected=41)
    suite("two").assert_outcomes(failed=1, deselected=41)
