"""Only text with an encoding reaches the state; what a plugin gives instead is named, and is no damaged state."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.errors import Exit, NotionSyncError, PluginError, StateError
from notion_sync_core.mirror.mirror import Mirror
from notion_sync_core.model import Asset, Comments, Found, Listing, Parent, Ref, Unusable
from notion_sync_core.stages import border
from notion_sync_core.stages.plan import Plan
from notion_sync_core.state import State
from notion_sync_core.state.database import Database
from notion_sync_core.status import Status

BORN, EDITED = "2026-01-01T00:00:00.000Z", "2026-01-02T03:04:05.678Z"
GOOD = Ref("a", "page", "Title", Parent("page_id", "b"), BORN, EDITED, raw={"id": "a"})
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
FIELDS = ("id", "kind", "title", "parent", "created_time", "last_edited_time", "url", "left_out", "raw")
ANYTHING: Any = st.one_of(
    *(st.none(), st.integers(), st.floats(), st.binary(max_size=3), st.lists(st.integers(), max_size=2)),
    *(st.text(st.characters() | st.just("\ud83d"), max_size=4), st.dictionaries(st.text(max_size=2), st.none())),
    st.datetimes().map(lambda time: time.isoformat()),
    st.builds(Parent, st.one_of(st.none(), st.integers(), st.text(max_size=3)), st.one_of(st.none(), st.integers())),
)


def test_a_good_reference_is_admitted_as_it_is() -> None:
    assert border.admitted(GOOD, "mine") is GOOD


@given(st.sampled_from(FIELDS), ANYTHING)
def test_whatever_stands_in_a_reference_the_state_can_hold_what_is_admitted(field: str, value: Any) -> None:
    found = border.admitted(evolve(GOOD, **{field: value}), "mine")
    if isinstance(found, Unusable):
        assert "plugin mine" in found.reason
        assert found.remedy
    for text in (found.id, found.title, *(() if isinstance(found, Unusable) else (found.url, found.parent.type))):
        text.encode()
    if isinstance(found, Ref) and not found.left_out:
        assert all(re.fullmatch(TIME, time) for time in (found.created_time, found.last_edited_time))


def test_half_a_surrogate_pair_in_a_title_is_replaced() -> None:
    found = border.admitted(evolve(GOOD, title="a\ud83d"), "mine")
    assert isinstance(found, Ref)
    assert found.title == "a�"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        *((EDITED, EDITED), ("2026-01-02T03:04:05.678+00:00", EDITED), ("2026-01-02T04:04:05.678999+01:00", EDITED)),
        *(("2026-01-02", "2026-01-02T00:00:00.000Z"), ("2026-01-01T23:30:00-01:00", "2026-01-02T00:30:00.000Z")),
        *(("2024-02-29T00:00:00.000Z", "2024-02-29T00:00:00.000Z"), ("2026-01-02T03:04:05.678", EDITED)),
    ],
)
def test_times_are_kept_in_the_one_form_whose_order_is_that_of_time(given: str, kept: str) -> None:
    found = border.admitted(evolve(GOOD, created_time=given, last_edited_time=given), "mine")
    assert isinstance(found, Ref)
    assert (found.created_time, found.last_edited_time) == (kept, kept)


@pytest.mark.parametrize("title", ["Title", "a\ud83d"])
def test_what_is_left_out_needs_no_times(title: str) -> None:
    shown = evolve(GOOD, title=title, created_time="", last_edited_time="", left_out="it is a template")
    found = border.admitted(shown, "mine")
    assert isinstance(found, Ref)
    assert found.left_out


@pytest.mark.parametrize(
    "time",
    ["", "yesterday", "2026-13-40", "2026-02-30T00:00:00.000Z", "25:00", "0001-01-01T00:00:00+09:00", "now\ud83d"],
)
@pytest.mark.parametrize("field", ["created_time", "last_edited_time"])
def test_a_time_that_is_none_names_the_plugin_and_the_object(field: str, time: str) -> None:
    found = border.admitted(evolve(GOOD, **{field: time}), "mine")
    assert isinstance(found, Unusable)
    assert (found.id, found.title) == ("a", "Title")
    assert found.reason == f"plugin mine shows 'Title' (a) with a {field} that is no time: {time!r}"


def test_a_reference_of_the_wrong_type_names_the_plugin_and_the_object() -> None:
    found = border.admitted(evolve(GOOD, url=7), "mine")
    assert isinstance(found, Unusable)
    assert (found.id, found.title) == ("a", "Title")
    assert found.reason == "plugin mine shows 'Title' (a) with a url of the wrong type: int"


@pytest.mark.parametrize(
    "shown",
    [
        Unusable(7),
        Unusable("x", id=[]),
        Unusable("\ud83d"),
        Unusable("x", kind=[]),
        None,
        7,
        "page",
        {"id": "a"},
        evolve(GOOD, id=""),
        evolve(GOOD, id="\ud83d"),
    ],
)
def test_what_has_no_usable_id_is_a_failure_of_the_listing(shown: Any) -> None:
    found = border.admitted(shown, "mine")
    assert isinstance(found, Unusable)
    assert found.id == ""


@pytest.mark.parametrize(
    "piece",
    [
        *(None, "text", Found(links=frozenset({7})), Found(links=frozenset({"\ud83d"})), Found(read_at=None)),
        *(Found(children=((None, "page", ""),)), Found(children=(("a", "page", 7),)), Found(originals=(None,))),
        *(Found(anchors=frozenset({("a", 7)})), Found(synced_from=(("a", []),)), Found(raw=[])),
        *(Found(assets=(Asset(7, "x"),)), Found(assets=(None,)), Listing("a", 0, []), Listing(None, 0, {})),
        *(Comments("\ud83d", 0, {}), Listing("a", "0", {})),
    ],
)
def test_a_piece_that_the_state_cannot_hold_fails_its_document_alone(piece: Any) -> None:
    with pytest.raises(PluginError, match="plugin mine"):
        border.checked(piece, "mine")


def test_users_without_an_id_are_passed_over(tmp_path: Path) -> None:
    state, mirror = State(tmp_path / "state.sqlite"), Mirror(tmp_path / "mirror")
    odd: Any = ({"id": "u", "name": "Anna"}, {"id": None}, {"id": {"x": 1}}, {}, None, "x", {"id": "\ud83d"})
    Plan(state, mirror).add_users(Found(users=odd))
    assert state.findings.has_user("u")
    state.close()
    mirror.close()


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        ("INSERT INTO users VALUES (?)", ({},)),
        ("INSERT INTO users VALUES (?)", (None,)),
        ("INSERT INTO users VALUES (?)", ()),
    ],
)
def test_a_value_that_the_state_cannot_hold_is_no_damage(tmp_path: Path, sql: str, values: tuple[Any, ...]) -> None:
    state = Database(tmp_path / "state.sqlite")
    with pytest.raises(NotionSyncError) as caught:
        state.execute(sql, values)
    assert not isinstance(caught.value, StateError)
    assert caught.value.exit_code == Exit.UNEXPECTED
    assert "The state is whole, keep it." in caught.value.remedy
    assert "Move" not in str(caught.value)
    state.execute("INSERT INTO users VALUES ('u')")
    state.close()


def test_a_file_that_is_no_database_is_still_called_damaged(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"no database" * 500)
    with pytest.raises(StateError, match="damaged"):
        State(tmp_path / "state.sqlite")


def test_a_data_source_that_failed_once_is_read_again_when_it_is_shown(tmp_path: Path) -> None:
    state, mirror = State(tmp_path / "state.sqlite"), Mirror(tmp_path / "mirror")
    source = evolve(GOOD, kind="data_source")
    state.begin_run()
    Plan(state, mirror).see(source)
    state.objects.fail("a", "it could not be had", "")
    state.begin_run()
    Plan(state, mirror).see(source)
    found = state.objects.find("a")
    assert found is not None
    assert found.status is Status.READ
    state.close()
    mirror.close()
