"""The exam of sources is examined: a good one passes, and each check finds the fault that it is there for."""

# ruff: noqa: E501 - pieces of source stand in one line each
from __future__ import annotations

from pathlib import Path

import pytest

from kit import reference_source
from kit.mutated import mutated
from notion_sync_core.testing import Golden, check_source, exam, paper

GOLDEN = "golden/reference_source"
REPLACED = {r"127\.0\.0\.1:\d+": "HOST"}
test_a_good_source_passes = check_source(
    reference_source.make, features=reference_source.FEATURES, golden=GOLDEN, replace=REPLACED
)

SEARCH = '        for raw in gate(self._get, "search"):\n            yield self._ref(raw)\n\n    @hookimpl\n    def source_resolve'
FETCH = 'return [self._ref(gate(self._get, f"objects/{object_id}"))]'
MISSING = '            raise MissingError(f"the service does not know {path}") from None'
READ_ANSWER = '                answer = gate(self._get, f"blocks/{own}/{index}")\n'
LISTED = "                yield Listing(own, index, answer)\n"
FOUND = "yield Found(tuple(children), assets=tuple(assets), raw=raw, read_at=WHEN)"
RAW = "        raw = ref.raw or {}\n"
CLOSE = "        self._seen.clear()\n"


def searching(new: str) -> str:
    """The hook that lists, with something else in the place of its loop."""
    return SEARCH.replace('        for raw in gate(self._get, "search"):\n            yield self._ref(raw)\n', new)


MUTANTS = [
    ("it_shows_pages", SEARCH, searching('        yield from ()\n')),
    ("references_are_well_formed", "parent, *times, raw=raw)", "parent, times[0], '2026-01-02T04:04:05+01:00', raw=raw)"),
    ("listings_show_the_same_twice", SEARCH, searching('        self._seen[str(len(self._seen))] = {}\n        for raw in gate(self._get, "search")[len(self._seen) > 1 :]:\n            yield self._ref(raw)\n')),
    ("a_listing_can_be_left", SEARCH, searching('        try:\n            for raw in gate(self._get, "search"):\n                yield self._ref(raw)\n        except GeneratorExit:\n            raise RuntimeError("left") from None\n')),
    ("what_is_listed_can_be_asked_for", FETCH, 'return [self._ref(gate(self._get, f"objects/{PAGE if object_id == CHILD else object_id}"))]'),
    ("what_is_absent_is_missing", MISSING, "            return OBJECTS[PAGE]"),
    ("a_root_is_shown_with_its_object", "            for root in roots:\n", "            for root in roots[:1]:\n"),
    ("an_absent_root_is_told", "        if roots:\n", "        if OBJECTS.keys() & set(roots):\n"),
    ("calls_go_through_the_gate", FETCH, 'return [self._ref(self._get(f"objects/{object_id}"))]'),
    ("what_the_gate_raises_comes_through", SEARCH, searching('        from notion_sync_core.plugin import FatalError\n        try:\n            found = gate(self._get, "search")\n        except FatalError:\n            return\n        yield from map(self._ref, found)\n')),
    ("a_stop_comes_through", FETCH, f"from notion_sync_core.plugin import FatalError\n        try:\n            {FETCH}\n        except FatalError:\n            return []"),
    ("it_closes_whatever_happened", CLOSE, "        self._seen.clear()\n        del self._opener\n"),
    ("it_gives_back_what_it_took", CLOSE, "        self._seen['kept'] = {'of': __import__('os').dup(1)}\n"),
    ("it_says_who_it_is", 'default="swordfish", repr=False', 'default="swordfish"'),
    ("it_answers_a_ping", 'return f"{len(gate(self._get, \'search\'))} objects"', 'return ""'),
    ("a_workspace_stays_the_same", 'Workspace("examined", "Examined")', 'Workspace(str(id(self)), "Examined")'),
    ("a_page_stands_for_itself", 'return root if root in OBJECTS else ""', "return PAGE"),
    ("a_revisit_shows_what_is_known", "        if catalog.awaited():\n", "        if gate:\n"),
    ("rows_say_where_they_stand", '        for raw in gate(self._get, f"rows/{ref.id}"):\n            yield self._ref(raw)\n', '        for raw in gate(self._get, f"rows/{ref.id}"):\n            yield self._ref({**raw, "parent": PAGE})\n'),
    ("users_have_ids", 'yield from gate(self._get, "users")', 'yield from gate(self._get, "users") * 2'),
    ("every_page_has_its_blocks", LISTED, f"                if answer['results']:\n    {LISTED}"),
    ("lists_count_up_and_end", LISTED, "                yield Listing(own, index, {**answer, 'has_more': False})\n"),
    ("what_is_inside_a_block_is_read", 'waiting.append(block["id"])', "pass"),
    ("each_block_comes_once", '                yield Listing(own, index, answer)\n', '                yield Listing(own, index, {**answer, "results": answer["results"] * 2})\n'),
    ("blocks_are_as_the_api_gives_them", READ_ANSWER, READ_ANSWER + '                [block.pop(block["type"]) for block in answer["results"] if block["type"] == "paragraph"]\n'),
    ("reading_twice_gives_the_same", READ_ANSWER, READ_ANSWER + '                answer["at"] = self._seen[str(len(self._seen))] = len(self._seen)\n'),
    ("threads_may_read_at_once", RAW, f"{RAW}        me = threading.get_ident()\n        if self._seen.setdefault('thread', {{'of': me}})['of'] != me:\n            ref = self._ref(OBJECTS[PAGE])\n"),
    ("reading_changes_no_reference", RAW, f"{RAW}        raw['read'] = True\n"),
    ("no_reading_begins_in_the_future", FOUND, FOUND.replace("WHEN", "'2999-01-01T00:00:00.000Z'")),
    ("what_was_found_is_said", FOUND, FOUND.replace("tuple(children)", "()")),
    ("children_can_be_asked_for", FETCH, 'return [self._ref(gate(self._get, f"objects/{PAGE if object_id == DATABASE else object_id}"))]'),
    ("an_error_in_the_middle_comes_through", READ_ANSWER, '                from notion_sync_core.plugin import FatalError\n                try:\n                    answer = gate(self._get, f"blocks/{own}/{index}")\n                except FatalError:\n                    answer = {"results": [], "has_more": False}\n'),
    ("a_reading_can_be_left", RAW, f"{RAW}        if self._seen.setdefault(ref.id, {{}}):\n            raise RuntimeError('it is being read')\n        self._seen[ref.id] = {{'read': 1}}\n"),
    ("an_absent_page_is_not_read", "        yield from self._read(ref.id, raw, gate)", "        yield from self._read(ref.id if ref.id in OBJECTS else PAGE, raw, gate)"),
    ("nothing_read_holds_a_secret", READ_ANSWER, READ_ANSWER + '                answer["asked_by"] = self.token\n'),
    ("comments_are_lists", "yield Comments(top, 0,", "yield Comments(USER, 0,"),
    ("an_absent_synced_block_is_skipped", "yield from self._read(block_id, None, gate)", "yield from self._read(block_id if block_id in LISTS else PAGE, None, gate)"),
    ("an_absent_block_is_nowhere", 'holder = next(holders, "")', "holder = next(holders, PAGE)"),
    ("files_have_keys_that_stay", "assets.append(Asset(key, f", "assets.append(Asset(f'{key}?signature=1', f"),
    ("files_come_whole_each_time", "out.write(answer.read())", "out.write(answer.read()[len(self._seen) :]); self._seen[str(len(self._seen))] = {}"),
    ("an_expired_address_is_renewed", "gate(self._fetch, asset.key, out)", "gate(self._fetch, asset.url, out) if asset.url != asset.key else None"),
    ("what_it_shows_is_as_it_was_kept", "return Workspace(\"examined\", \"Examined\")", "return Workspace(\"examined\", \"\")"),
    ("databases_have_their_sources", "for each in raw[\"data_sources\"]]", "for each in raw[\"data_sources\"][1:]]"),
]  # fmt: skip


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("check", "old", "new"), MUTANTS, ids=[check for check, *_ in MUTANTS])
def test_a_check_finds_the_fault_that_it_is_there_for(check: str, old: str, new: str, tmp_path: Path) -> None:
    broken = mutated("reference_source", old, new, tmp_path)
    golden = Golden(Path(__file__).parent / GOLDEN, replace=REPLACED)
    (outcome,) = exam("sources", broken.make, broken.FEATURES, only={check}, folder=tmp_path, golden=golden)
    assert outcome.status == "failed", outcome
    assert paper("sources").checks[check].reason in outcome.message


def test_every_check_has_a_fault_to_find() -> None:
    assert sorted(check for check, *_ in MUTANTS) == sorted(paper("sources").checks)
