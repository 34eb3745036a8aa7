"""One walk for all renderers: every block once, in order, however deep, and only what the document holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attrs import define, field
from hypothesis import given
from hypothesis import strategies as st

from notion_sync_core.content.walk import MEETING_SECTION, TAB_ITEM, Depth, Step, shown_as, walk
from notion_sync_core.model import Block, Json, Ref

KINDS = ("paragraph", "toggle", "tab", "table", "synced_block", "child_page", "meeting_notes", "unknown_yet")
Tree = list[tuple[str, "Tree"]]  # a type of block and what is in it


@define
class Paper:
    """A document made of a tree of types; its ids count in document order."""

    tree: Tree
    under: dict[str, list[Block]] = field(factory=dict)
    asked: list[str] = field(factory=list)
    raw: Json = field(factory=dict)
    source_version: str = ""

    def __attrs_post_init__(self) -> None:
        self.under[""] = []
        self.under[""] = self._listed(self.tree)

    def _listed(self, tree: Tree) -> list[Block]:
        blocks = []
        for kind, inside in tree:
            block_id = f"{len(self.under)}"
            self.under[block_id] = []
            blocks.append(Block({"id": block_id, "type": kind, "has_children": bool(inside), kind: {}}))
            self.under[block_id] = self._listed(inside)
        return blocks

    @property
    def ref(self) -> Ref:
        raise NotImplementedError

    def blocks(self) -> Iterator[Block]:
        return iter(self.under[""])

    def children(self, block: Block) -> Iterator[Block]:
        self.asked.append(block.id)
        source = block.payload.get("synced_from")
        named = block.payload.get("children")
        if isinstance(named, dict) and not block.has_children:
            return iter([each for found in named.values() for each in self.under.get(found, ())])
        return iter(self.under[source["block_id"] if source else block.id])

    def comments(self, block_id: str) -> list[Json]:
        raise NotImplementedError

    def data_sources(self) -> list[Json]:
        raise NotImplementedError

    def rows(self, data_source_id: str) -> Iterator[Any]:
        raise NotImplementedError


TREES: st.SearchStrategy[Tree] = st.recursive(
    st.builds(list),
    lambda inside: st.lists(st.tuples(st.sampled_from(KINDS), inside), max_size=4),
    max_leaves=30,
)


def told(paper: Paper, **how: Any) -> list[tuple[Step, Block]]:
    warnings: list[str] = []
    steps = list(walk(paper, warnings.append, **how))
    assert not warnings
    return steps


@given(TREES)
def test_every_block_of_the_document_is_met_once_and_in_order(tree: Tree) -> None:
    paper = Paper(tree)
    met = [block.id for step, block in told(paper) if step is not Step.CLOSE]
    pages = [block.id for inside in paper.under.values() for block in inside if block.type == "child_page"]
    inside_others = {each.id for page in pages for each in everything(paper, page)}
    assert met == [key for key in paper.under if key and key not in inside_others]


def everything(paper: Paper, block_id: str) -> Iterator[Block]:
    for block in paper.under[block_id]:
        yield block
        yield from everything(paper, block.id)


@given(TREES, st.integers(1, 4), st.integers(0, 4))
def test_what_opens_closes_and_never_deeper_than_asked(tree: Tree, most_blocks: int, most_levels: int) -> None:
    depth = Depth(most_blocks, most_levels, {"toggle": 1, TAB_ITEM: 2})
    paper = Paper(tree)
    opened: list[Block] = []
    for step, block in told(paper, depth=depth):
        if step is Step.OPEN:
            opened.append(block)
            parents = ["", *(each.type for each in opened)]
            shown = [shown_as(each, parent) for each, parent in zip(opened, parents, strict=False)]
            assert len(opened) <= most_blocks
            assert sum(depth.weights.get(kind, 0) for kind in shown) <= most_levels
        elif step is Step.CLOSE:
            assert opened.pop() == block
    assert not opened


@given(TREES)
def test_a_limit_loses_nothing(tree: Tree) -> None:
    unlimited = [block.id for step, block in told(Paper(tree)) if step is not Step.CLOSE]
    flat = [block.id for step, block in told(Paper(tree), depth=Depth(1)) if step is not Step.CLOSE]
    assert flat == unlimited


@given(TREES)
def test_a_type_taken_whole_is_a_leaf_whose_children_nobody_asked_for(tree: Tree) -> None:
    paper = Paper(tree)
    steps = told(paper, whole=("table", "toggle"))
    assert all(step is Step.LEAF for step, block in steps if block.type in ("table", "toggle"))
    assert not {block.id for _, block in steps if block.type in ("table", "toggle")} & set(paper.asked)


def test_children_are_asked_for_when_it_is_their_turn() -> None:
    paper = Paper([("toggle", [("paragraph", [])]), ("toggle", [("paragraph", [])])])
    steps = walk(paper, str)
    first = [next(steps)[1].id for _ in range(3)]
    assert first == ["1", "2", "1"]
    assert paper.asked == ["1"]
    assert [block.id for _, block in steps] == ["3", "4", "3"]
    assert paper.asked == ["1", "3"]


def test_ten_thousand_levels_need_no_recursion() -> None:
    block = Block({"id": "1", "type": "toggle", "has_children": True})

    class Endless(Paper):
        def children(self, block: Block) -> Iterator[Block]:
            return iter([block])

    paper = Endless([])
    paper.under[""] = [block]
    steps = walk(paper, str)
    assert all(next(steps)[0] is Step.OPEN for _ in range(10_000))


def test_a_synced_block_inside_itself_is_a_leaf_and_told() -> None:
    paper = Paper([])
    copy = {"synced_from": {"block_id": "original"}}
    paper.under = {
        "": [Block({"id": "original", "type": "synced_block", "has_children": True, "synced_block": {}})],
        "original": [Block({"id": "copy", "type": "synced_block", "has_children": True, "synced_block": copy})],
    }
    warnings: list[str] = []
    steps = [(step.value, block.id) for step, block in walk(paper, warnings.append)]
    assert steps == [("open", "original"), ("leaf", "copy"), ("close", "original")]
    assert warnings == ["a synced block contains itself (copy)"]


def test_the_same_synced_block_twice_beside_itself_is_shown_twice() -> None:
    paper = Paper([])
    copies = [
        Block({"id": name, "type": "synced_block", "synced_block": {"synced_from": {"block_id": "original"}}})
        for name in ("first", "second")
    ]
    paper.under = {"": copies, "original": [Block({"id": "text", "type": "paragraph"})]}
    assert [block.id for step, block in told(paper) if step is Step.LEAF] == ["text", "text"]


def test_the_parts_of_a_meeting_come_labelled_in_the_order_of_the_app() -> None:
    parts = {"transcript_block_id": "said", "summary_block_id": "short", "notes_block_id": None}
    meeting = Block({"id": "m", "type": "meeting_notes", "meeting_notes": {"children": parts}})
    paper = Paper([])
    paper.under = {
        "": [meeting],
        "short": [Block({"id": "s", "type": "paragraph"})],
        "said": [Block({"id": "t", "type": "paragraph"})],
    }
    labelled = [block for step, block in told(paper) if step is Step.OPEN]
    assert [block.payload.get("title") for block in labelled] == [None, "Summary", "Transcript"]
    assert {block.type for block in labelled[1:]} == {MEETING_SECTION}
    assert [block.id for step, block in told(paper, sections=False)] == ["m", "t", "s", "m"]
