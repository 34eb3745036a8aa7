"""The exam of sinks is examined: a good sink passes, and each check finds the fault that it is there for."""

# ruff: noqa: E501 - pieces of source stand in one line each
from __future__ import annotations

from pathlib import Path

import pytest

from kit import reference_sink
from kit.mutated import mutated
from notion_sync_core.testing import Golden, check_sink, exam, paper

GOLDEN = "golden/reference_sink"
test_a_good_sink_passes = check_sink(
    reference_sink.make, features=reference_sink.FEATURES, golden=GOLDEN, looks=reference_sink.looks
)

STAGED = "        return Staged(str(artifact.path), digest.hexdigest(), size, token)\n"
WROTE = "(self.staging / staged.token).replace(place)"
STAMP = 'f"{found.st_mtime_ns} {found.st_ino}"'
CLEARS = "        for left in self.staging.iterdir():\n            left.unlink()\n"
LOCKS = "fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)"
CLOSES = "            os.close(self._lock)\n            self._lock = NOTHING\n"
IN_PLACE = "place.write_bytes((self.staging / staged.token).read_bytes()), (self.staging / staged.token).unlink()"
FAILED = "            (self.staging / token).unlink()\n            raise\n"
READS = "while chunk := file.read(PIECE):\n                yield chunk"
OUTSIDE = '        if {"", ".", ".."} & set(path.split("/")):\n'
MAKES = 'def make(folder: Path) -> FolderSink:\n    return FolderSink(str(folder / "out"))\n'
TORN = """
class TornSink(FolderSink):
    \"\"\"Shows half a file until somebody has read it, however fast he or it is.\"\"\"

    reads = 0

    @hookimpl
    def sink_read(self, path: str) -> Iterator[bytes]:
        yield from super().sink_read(path)
        TornSink.reads += 1

    @hookimpl
    def sink_commit(self, staged: Staged) -> Stat | None:
        if TornSink.reads:
            self._inside(staged.path).write_bytes(b"half")
            seen = TornSink.reads
            while TornSink.reads < seen + 2:
                os.sched_yield()
        return super().sink_commit(staged)


def make(folder: Path) -> FolderSink:
    return TornSink(str(folder / "out"))
"""
MUTANTS = [
    ("staging_shows_nothing", STAGED, f"        self._inside(str(artifact.path)).touch()\n{STAGED}"),
    ("staging_replaces_nothing", STAGED, f"        self._inside(str(artifact.path)).unlink(missing_ok=True)\n{STAGED}"),
    ("a_staged_file_knows_its_hash_and_size", "digest.hexdigest(), size,", "digest.hexdigest(), size or 1,"),
    ("committing_shows_the_whole_file", "file.write(chunk)", "file.seek(0), file.write(chunk)"),
    ("committing_replaces_what_was_there", WROTE, f"place.exists() or {WROTE}"),
    ("a_stamp_changes_with_the_file", STAMP, '"always"'),
    ("a_stamp_stays_with_the_file", STAMP, 'f"{os.urandom(4)}"'),
    (
        "asking_changes_nothing",
        "        if not os.path.lexists(place):\n",
        "        place.parent.mkdir(parents=True, exist_ok=True)\n        if not os.path.lexists(place):\n",
    ),
    ("commit_and_stat_agree", "return self._stat(staged.path)", 'return Stat(1, "new")'),
    ("discarding_leaves_nothing", "(self.staging / staged.token).unlink(missing_ok=True)", "pass"),
    ("any_path_comes_back", "return Path(self.path, path)", 'return Path(self.path, path.replace("%20", " "))'),
    (
        "an_empty_file_is_a_file",
        "if found is None:\n            raise",
        "if not found or not found.size:\n            raise",
    ),
    ("a_large_file_comes_back_in_pieces", READS, "yield file.read()"),
    ("nothing_leaves_the_root", OUTSIDE, '        if path.startswith("/") or path in ("", ".."):\n'),
    (
        "reading_never_leaves_the_root",
        "        place = self._inside(path)\n        found = self._stat(path)\n        if found is None:\n            raise",
        "        place, found = Path(self.path, path), Stat(1, '')\n        if not place.exists():\n            raise",
    ),
    ("others_may_read_what_is_written", WROTE, f"(self.staging / staged.token).chmod(0o600), {WROTE}"),
    ("a_path_has_one_spelling", OUTSIDE, '        if {"", ".."} & set(path.split("/")):\n'),
    ("a_link_is_never_followed", "above.is_symlink() or above.is_file()", "above.is_file()"),
    (
        "a_token_is_a_handle_of_its_own",
        'if "/" in staged.token or not staged.token:',
        "if Path(staged.token).is_absolute() or not (self.staging / staged.token).exists() and not place.touch():",
    ),
    ("an_error_while_staging_comes_through", FAILED, "            raise\n"),
    ("threads_stage_at_once", "uuid.uuid4().hex", "str(id(self))"),
    ("a_reader_sees_the_old_file_or_the_new_one", MAKES, TORN),
    ("whoever_reads_keeps_what_he_began", WROTE, IN_PLACE),
    (
        "the_last_commit_wins",
        "        place.unlink()\n",
        "        place.rename(place.with_name(place.name + '~')) if place.read_bytes() != b'five' else None\n",
    ),
    ("a_deletion_is_known_at_once", "        place.unlink()\n", "        self.later = [place]\n"),
    (
        "deleting_nothing_is_fine",
        "        if found is None or found.obstacle:\n            return\n        place.unlink()",
        "        place.unlink()",
    ),
    (
        "neighbours_outlive_a_deletion",
        "        place.unlink()\n",
        "        [each.unlink() for each in place.parent.glob(place.name + '*')]\n",
    ),
    ("folders_go_with_their_last_file", "                above.rmdir()", "                pass"),
    (
        "it_does_what_a_plain_dictionary_does",
        "        place.unlink()\n",
        "        place.unlink() if b'3.' not in place.read_bytes() else None\n",
    ),
    (
        "what_was_committed_is_there_in_the_next_run",
        "            os.close(self._lock)\n",
        "            os.close(self._lock)\n            [each.unlink() for each in Path(self.path).glob('*.md')]\n",
    ),
    ("a_new_run_clears_what_an_old_one_staged", CLEARS, ""),
    (
        "a_killed_run_leaves_nothing_half",
        CLEARS,
        "        if run_id != 'after':\n            [left.unlink() for left in self.staging.iterdir()]\n",
    ),
    ("two_runs_do_not_write_at_once", LOCKS, "pass"),
    (
        "the_one_locked_out_disturbs_nothing",
        "            os.close(lock)\n            raise",
        "            os.close(lock)\n            [each.unlink() for each in self.staging.iterdir()]\n            raise",
    ),
    (
        "a_place_that_is_not_there_is_made",
        "self.staging.mkdir(parents=True, exist_ok=True)",
        "self.staging.mkdir(parents=Path(self.path).parent.is_dir(), exist_ok=True)",
    ),
    ("closing_frees_the_lock", CLOSES, "            Path(self.path).is_dir()\n"),
    (
        "opened_twice_it_is_closed_once",
        "            os.close(lock)\n            raise",
        "            self._lock = lock\n            self.sink_close()\n            raise",
    ),
    ("it_closes_whatever_happened", "if self._lock != NOTHING:", "if self.path:"),
    (
        "it_gives_everything_back",
        "        place = self._inside(path)\n        for above",
        "        self.kept = [*getattr(self, 'kept', ()), os.dup(1)]\n        place = self._inside(path)\n        for above",
    ),
    ("flushing_is_harmless", '"""Nothing waits."""', "[each.touch() for each in Path(self.path).rglob('*.md')]"),
    ("the_same_place_has_the_same_name", 'return f"folder:{self.path}"', 'return f"folder:{self.path}{id(self)}"'),
    ("another_place_has_another_name", 'return f"folder:{self.path}"', 'return "folder"'),
    (
        "spellings_are_told_apart",
        "return self._inside(path).samefile(self._inside(other))",
        "return path.lower() == other.lower()",
    ),
    (
        "same_is_about_spellings_only",
        "return self._inside(path).samefile(self._inside(other))",
        "return self._inside(path).read_bytes() == self._inside(other).read_bytes()",
    ),
    (
        "a_file_can_be_spelt_anew",
        "            if self._inside(path)",
        "            [each.unlink() for each in self._inside(path).parent.iterdir()]\n            if self._inside(path)",
    ),
    (
        "a_second_process_can_stage",
        '"""Nothing is needed: every staged file has a name that no other has."""',
        "[left.unlink() for left in self.staging.iterdir()]",
    ),
    (
        "attaching_takes_no_lock",
        '"""Nothing is needed: every staged file has a name that no other has."""',
        "self.sink_open(run_id) if 'later' in run_id else None",
    ),
    (
        "a_look_needs_no_lock",
        '    def sink_look(self) -> None:\n        """Nothing is needed."""',
        '    def sink_look(self) -> None:\n        self.sink_open("look")',
    ),
    (
        "a_look_makes_nothing",
        '    def sink_look(self) -> None:\n        """Nothing is needed."""',
        "    def sink_look(self) -> None:\n        Path(self.path).mkdir()",
    ),
    ("the_list_is_complete", "if found.is_file() and not path", 'if found.is_file() and "é" not in path and not path'),
    (
        "the_list_shows_no_lock_and_no_staging",
        'not path.startswith(f"{OURS}/")',
        'not path.startswith(f"{OURS}/staging")',
    ),
    (
        "obstacles_are_named",
        "return in_the_way(above.relative_to(self.path).as_posix())",
        "return in_the_way(path + path)",
    ),
    ("urls_lead_to_it", " or not parts.path[1:]", ""),
    ("a_url_gives_options", 'return {"path": parts.path}', 'return {"path": "/place"}'),
    ("no_temporary_file_is_left", CLOSES, f"{CLOSES}            import tempfile\n            tempfile.mkstemp()\n"),
    ("what_it_leaves_is_as_it_was_kept", 'OURS = ".ours"', 'OURS = ".mine"'),
    ("it_shows_no_secret", 'default="swordfish", repr=False', 'default="swordfish", repr=True'),
]


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("check", "old", "new"), MUTANTS, ids=[check for check, *_ in MUTANTS])
def test_a_check_finds_the_fault_that_it_is_there_for(check: str, old: str, new: str, tmp_path: Path) -> None:
    broken = mutated("reference_sink", old, new, tmp_path)
    golden = Golden(Path(__file__).parent / GOLDEN)
    (outcome,) = exam(
        "sinks", broken.make, broken.FEATURES, only={check}, folder=tmp_path, golden=golden, looks=broken.looks
    )
    assert outcome.status == "failed", outcome
    assert paper("sinks").checks[check].reason in outcome.message


def test_every_check_has_a_fault_to_find() -> None:
    assert sorted(check for check, *_ in MUTANTS) == sorted(paper("sinks").checks)
