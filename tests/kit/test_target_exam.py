"""The exam of targets is examined: a good one passes, and each check finds the fault that it is there for."""

# ruff: noqa: E501 - pieces of source stand in one line each
from __future__ import annotations

from pathlib import Path

import pytest

from kit import reference_target
from kit.mutated import mutated
from notion_sync_core.testing import check_target, exam, paper

test_a_good_target_passes = check_target(reference_target.make, features=reference_target.FEATURES)

CREATE = "        return gate.once(self._create, new)\n"
APPEND = "        return gate.once(self._append, container, blocks, after)\n"
PUT = "        place = 0 if after == parent else order.index(after) + 1 if after else len(order)\n"
OWN = '        held[own] = {"kind": kind, "title": title, "children": []}\n'
COPY = "        gate(shutil.copy, path, Path(self.path, own))\n"
MUTANTS = [
    ("it_says_what_it_takes", "    array=5,\n", "    array=25,\n"),
    ("a_place_that_is_absent_is_refused", "        if into and into not in gate(self._load):\n", "        if not into and into not in gate(self._load):\n"),
    ("what_is_made_is_there", "        return Made(own, new.kind, said(new.title), sources)", "        return Made(new.parent, new.kind, said(new.title), sources)"),
    ("titles_stay_what_they_are", '    return "".join(item["text"]["content"] for item in items)', '    return "".join(item["text"]["content"] for item in items).strip()'),
    ("pages_of_one_title_are_two", OWN, f'{OWN}        own = next((each for each in held[parent]["children"] if held[each]["title"] == title), own)\n'),
    ("blocks_keep_their_order", PUT, "        place = 0 if after == parent else order.index(after) + 1 if after else 0\n"),
    ("blocks_stand_first_where_that_is_asked", PUT, "        place = len(order) if after in ('', parent) else order.index(after) + 1\n"),
    ("blocks_stand_after_the_one_that_is_named", "self._put(held, container, \"block\", title, after if ids or after else \"\")", "self._put(held, container, \"block\", title, \"\")"),
    ("ids_are_those_of_the_new_blocks", "        self._save(held)\n        return ids\n", "        self._save(held)\n        return held[container][\"children\"][-len(ids):]\n"),
    ("blocks_go_into_blocks", "        ids = self._add(held, container, blocks, after, 1)\n", "        container = container if held[container][\"kind\"] != \"block\" else next(iter(held))\n        ids = self._add(held, container, blocks, after, 1)\n"),
    ("it_takes_as_much_as_it_says", 'len(said(payload.get("rich_text", []))) > LIMITS.text', 'len(said(payload.get("rich_text", []))) >= LIMITS.text'),
    ("what_is_too_much_is_refused_whole", "        if len(blocks) > LIMITS.array or (blocks and level > LIMITS.levels):\n", "        if (blocks and level > LIMITS.levels):\n"),
    ("it_holds_each_type_that_it_names", "        if kind not in KINDS or", '        if kind not in KINDS - {"toggle"} or'),
    ("a_page_stands_where_it_is_told", "said(new.title), new.after)", 'said(new.title), "")'),
    ("a_database_has_columns_and_rows", '            held[sources[0]]["names"] = list(new.properties)\n', '            held[sources[0]]["names"] = []\n'),
    ("columns_are_listed_with_their_ids", '{f"{sources[0]} {name}": [name] for name', '{f"{sources[0]} {name}": [""] for name'),
    ("views_are_made_found_and_taken_away", "        if changes.is_gone:\n", "        if changes.is_gone and changes.title:\n"),
    ("comments_stand_where_they_are_told", '        discussion = new.properties.get("discussion_id") or own if', "        discussion = own if"),
    ("a_change_may_be_repeated", "            held[object_id][\"title\"] = said(changes.title)\n", "            held[object_id][\"title\"] += said(changes.title)\n"),
    ("a_file_is_shown_as_often_as_wanted", '        if kind not in KINDS or', '        if "file_upload" in payload:\n            Path(self.path, payload["file_upload"]["id"]).unlink(missing_ok=True)\n        if kind not in KINDS or'),
    ("an_upload_that_there_is_not_is_refused", 'not Path(self.path, payload["file_upload"]["id"]).exists()', "False"),
    ("nothing_else_is_touched", "            held[object_id][\"title\"] = said(payload[\"rich_text\"])\n", "            for each in held.values():\n                if each[\"kind\"] == \"block\":\n                    each[\"title\"] = said(payload[\"rich_text\"])\n"),
    ("a_second_instance_goes_on", '        place = Path(self.path, "store.json")\n', '        place = Path(self.path, "store.json")\n        if self._line is None or not hasattr(self, "token"):\n            self.token = "again"\n        if getattr(type(self), "last", None) not in (None, id(self)):\n            place.unlink(missing_ok=True)\n        type(self).last = id(self)\n'),
    ("it_gives_back_what_it_took", "            self._line.close()\n", "            LINES.append(self._line)\n"),
    ("it_tells_no_secret", 'default="swordfish", repr=False', 'default="swordfish"'),
    ("a_write_is_one_request_sent_once", APPEND, "        ids = []\n        for block in blocks:\n            ids += gate.once(self._append, container, [block], ids[-1] if ids else after)\n        return ids\n"),
    ("nothing_leaves_beside_the_gate", "        gate(self._update, object_id, changes)\n", "        import contextlib\n        with contextlib.suppress(OSError):\n            self._line.connect((\"127.0.0.1\", 9))\n        gate(self._update, object_id, changes)\n"),
    ("a_lost_answer_is_a_doubt_and_the_page_is_found", CREATE, "        return gate(self._create, new)\n"),
    ("a_lost_answer_is_a_doubt_and_the_blocks_are_found", APPEND, "        return gate(self._append, container, blocks, after)\n"),
    ("a_lost_request_leaves_nothing", CREATE, "        try:\n            return gate.once(self._create, new)\n        except Exception:\n            self._create(new)\n            raise\n"),
    ("a_lost_answer_is_a_doubt_and_rows_are_found", CREATE, "        return gate(self._create, new) if new.kind == 'row' else gate.once(self._create, new)\n"),
    ("a_file_arrives_though_an_answer_is_lost", COPY, "        gate.once(shutil.copy, path, Path(self.path, own))\n"),
    ("whoever_stops_it_is_heard", APPEND, "        try:\n            return gate.once(self._append, container, blocks, after)\n        except Exception as error:\n            raise SkippableError(str(error)) from error\n"),
    ("a_refusal_is_no_doubt", APPEND, "        from notion_sync_core.plugin import DoubtError\n        try:\n            return gate.once(self._append, container, blocks, after)\n        except SkippableError as error:\n            raise DoubtError(str(error)) from error\n"),
]  # fmt: skip


@pytest.mark.parametrize(("check", "old", "new"), MUTANTS, ids=[check for check, *_ in MUTANTS])
def test_a_check_finds_the_fault_that_it_is_there_for(check: str, old: str, new: str, tmp_path: Path) -> None:
    broken = mutated("reference_target", old, new, tmp_path)
    broken.LINES = []  # type: ignore[attr-defined]
    (outcome,) = exam("targets", broken.make, broken.FEATURES, only={check}, folder=tmp_path)
    for line in broken.LINES:
        line.close()
    assert outcome.status == "failed", outcome
    assert paper("targets").checks[check].reason in outcome.message


def test_every_check_has_a_fault_to_find() -> None:
    assert sorted(check for check, *_ in MUTANTS) == sorted(paper("targets").checks)
