"""What a source shows and reads, as text that can be kept beside its tests."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

import attrs
import orjson

from notion_sync_core.errors import NotionSyncError
from notion_sync_core.model import Asset, Found, Json, Listing, Piece, Ref, Unusable, objects
from notion_sync_core.plugins.source import Source
from notion_sync_core.testing.examine import NotApplicable
from notion_sync_core.testing.fakes import FakeCatalog
from notion_sync_core.testing.source_bench import ABSENT, MANY, PAPER, SourceBench, blocks_of, found_in

check = PAPER.check
_LONGEST_NAME = 120
_MOST_AGAIN = 100
"""Objects that are shown again."""
_SORTED = orjson.OPT_SORT_KEYS


@check()
def what_it_shows_is_as_it_was_kept(bench: SourceBench) -> None:
    """Whoever gives the exam golden files has everything compared that the source shows of its service, byte for byte:
    references, documents, comments, files, users, and what it answers to each question of a run. No other check knows
    what is right: a title of a wrong field, a lost link, a row that is not listed.
    """
    source = bench.source()
    if bench.golden is None:
        raise NotApplicable("no golden files are given: check_source(…, golden=FOLDER)")
    made = {path: "".join(f"{line}\n" for line in lines).encode() for path, lines in _shown(source, bench).items()}
    if said := bench.golden.compare(made, {}):
        raise NotApplicable(said)


def _shown(source: Source, bench: SourceBench) -> dict[str, list[str]]:
    """Lines of JSON by the name of a file: one for each document, ``listing``, and ``answers``."""
    listed: list[Ref | Unusable] = list(source.discover((), FakeCatalog(), bench.gate))
    files = {"listing.jsonl": list(_listing(listed, source, bench))}
    shown = {ref.id: ref for ref in bench.refs()}
    readings: list[tuple[Ref, list[Piece]]] = []
    for whole, pieces, calls in bench.walk(source):
        readings.append((whole, pieces))
        name = f"{whole.kind}-{quote(whole.id, safe='')[:_LONGEST_NAME]}.jsonl"
        files[name] = [*_reading(pieces, whole.raw), _line({"calls": calls})]
    refs = sorted(({ref.id: ref for ref, _ in readings} | shown).values(), key=lambda ref: ref.id)
    readings.sort(key=lambda read: read[0].id)
    answers = _Answers(source, bench, [each.id for each in listed if isinstance(each, Unusable) and each.id])
    files["answers.jsonl"] = [
        *answers.about_the_service(refs),
        *answers.about_objects(refs),
        *answers.about_strangers(_strangers(refs, readings)),
        *answers.inside(readings),
    ]
    return files


def _strangers(refs: list[Ref], readings: list[tuple[Ref, list[Piece]]]) -> list[str]:
    """What documents lead to and nothing shows: somebody may name it as a root."""
    known = {ref.id for ref in refs}
    for _, pieces in readings:
        known.update(raw["id"] for raw in blocks_of(pieces) if raw.get("id"))
    linked = {each for _, pieces in readings for each in found_in(pieces).links}
    return sorted(linked - known)[: 2 * MANY]


def _listing(listed: list[Ref | Unusable], source: Source, bench: SourceBench) -> Iterator[str]:
    """All that listings show, in their order, what is left out or cannot be used included; then the rows."""
    sources: dict[str, Ref] = {}
    for shown in listed:
        yield _line(_whole(shown))
        if isinstance(shown, Ref) and shown.kind == "data_source":
            sources[shown.id] = shown
    for ref in sources.values():
        yield _line({"rows of": ref.id})
        yield from (_line(_whole(shown)) for shown in source.expand(ref, FakeCatalog(), bench.gate))


def _reading(pieces: Iterable[Piece], listed: Json | None) -> Iterator[str]:
    """A reading: its title, then a line for each block and each comment below its list, and what was found."""
    for piece in pieces:
        if isinstance(piece, Found):
            yield _line({"found": _found(piece, listed)})
            continue
        about = {"listing": piece.parent_id} if isinstance(piece, Listing) else {"comments": piece.block_id}
        yield _line(
            {**about, "index": piece.index, **{name: of for name, of in piece.raw.items() if name != "results"}}
        )
        yield from map(_line, objects(piece.raw.get("results")))


def _found(found: Found, listed: Json | None) -> Json:
    """What was found; the time is that of the reading, an address may be signed, and an object that is as it was listed
    need not be told twice.
    """
    told = {field.name: getattr(found, field.name) for field in attrs.fields(Found)}
    told |= {name: sorted(told[name]) for name in ("links", "anchors", "synced_from", "originals")}
    told |= {
        "assets": [_asset(asset) for asset in found.assets],
        "raw": "as listed" if found.raw == listed else found.raw,
    }
    told["read_at"] = bool(found.read_at)
    return told


def _asset(asset: Asset) -> Json:
    return {name: of for name, of in attrs.asdict(asset).items() if name != "url"}


def _whole(shown: Ref | Unusable) -> Json:
    return attrs.asdict(shown)


def _line(of: Any) -> str:
    return orjson.dumps(of, option=_SORTED).decode()


class _Answers:
    """What a source answers to the questions of a run, one line each."""

    def __init__(self, source: Source, bench: SourceBench, unusable: list[str]) -> None:
        self._source = source
        self._unusable = unusable
        self._gate = bench.gate

    def about_the_service(self, refs: list[Ref]) -> Iterator[str]:
        """Who it is, who else is there, and what it shows to a run that knows something already."""
        source, gate = self._source, self._gate
        about = {name: getattr(source, name) for name in ("host", "version", "identity")}
        yield _line({**about, "budget": bool(source.budget), "clock": source.clock_skew_s is not None})
        yield self._answer("source_ping", (), lambda: source.ping(gate))
        yield self._answer("source_workspace", (), lambda: attrs.asdict(source.workspace(gate)))
        yield self._answer("source_users", (), lambda: list(source.users(gate)))
        yield self._answer("source_revisit", (f"of {len(refs)}",), partial(self._seen_again, refs))
        yield from self._lately(refs)
        databases = [ref for ref in refs if ref.kind == "database"]
        for ref in [*refs[:MANY], *databases[:MANY]]:
            yield self._answer("source_discover", (ref.id,), partial(self._discovered, ref))
        for ref in refs:
            if ref.kind == "data_source":
                for words, catalog in _catalogs(refs, ref):
                    yield self._answer("source_expand", (ref.id, words), partial(self._rows, ref, catalog))

    def _lately(self, refs: list[Ref]) -> Iterator[str]:
        """How many of those edited last are shown again, however many they are: it is their number that decides when
        a source asks no further.
        """
        lately = sorted(refs, key=lambda ref: (ref.last_edited_time, ref.id), reverse=True)[:_MOST_AGAIN]
        for count in range(1, len(lately) + 1):
            yield self._answer("source_revisit", (f"of the latest {count}",), partial(self._shown, lately[:count]))

    def _shown(self, known: list[Ref]) -> int:
        return len(self._seen_again(known))

    def _discovered(self, root: Ref) -> list[str]:
        return _ids(self._source.discover((root.id,), FakeCatalog(), self._gate))

    def _seen_again(self, known: list[Ref]) -> list[str]:
        """Asked by a run that knows these, and once read what cannot be used any more."""
        others = sum(ref.kind != "page" or ref.parent.type == "data_source_id" for ref in known)
        times = dict.fromkeys(self._unusable, "") | _times(known)
        return _ids(self._source.revisit(FakeCatalog(None, times, others), self._gate))

    def _rows(self, ref: Ref, catalog: FakeCatalog) -> list[str]:
        return _ids(self._source.expand(ref, catalog, self._gate))

    def about_objects(self, refs: list[Ref]) -> Iterator[str]:
        """What each of them is by its id, and by its address."""
        listed = {ref.id: ref for ref in refs}
        for ref in refs:
            yield self._answer("source_fetch", (ref.id,), partial(self._fetched, ref, listed))
            for root in filter(None, (ref.id, ref.url)):
                yield self._answer("source_resolve", (root,), partial(self._source.resolve, root, self._gate))

    def about_strangers(self, ids: list[str]) -> Iterator[str]:
        """What each of them is, which nothing shows."""
        for own in ids:
            yield self._answer("source_fetch", (own,), partial(self._stranger, own))
            yield self._answer("source_resolve", (own,), partial(self._source.resolve, own, self._gate))

    def _stranger(self, own: str) -> list[Json]:
        return [_whole(each) for each in self._source.fetch(own, "page", self._gate)]

    def _fetched(self, ref: Ref, listed: dict[str, Ref]) -> list[Json]:
        return [_fetched(each, listed.get(each.id)) for each in self._source.fetch(ref.id, ref.kind, self._gate)]

    def inside(self, readings: list[tuple[Ref, list[Piece]]]) -> Iterator[str]:
        """What is said of blocks and files."""
        source, gate = self._source, self._gate
        for ref, pieces in readings:
            for raw in blocks_of(pieces)[-1:]:
                yield self._answer("source_locate", (raw["id"],), partial(source.locate, raw["id"], gate))
            found = found_in(pieces)
            for original in found.originals:
                yield self._answer("source_read_children", (original,), partial(self._original, original))
            for asset in found.assets:
                yield self._answer("source_download", (ref.id, asset.key), partial(self._file, asset))

    def _original(self, block_id: str) -> list[str]:
        return list(_reading(self._source.read_children(block_id, FakeCatalog(), self._gate), None))

    def _answer(self, hook: str, about: tuple[str, ...], ask: Callable[[], Any]) -> str:
        """A question with its answer, or the kind of error in its place, and how many calls it took: they are what a
        service counts.
        """
        if not self._source.hooks.implements(hook):
            return _line([hook, *about, "is not there"])
        before = self._gate.calls
        try:
            answer = ask()
        except NotionSyncError as error:
            answer = type(error).__name__
        return _line([hook, *about, answer, {"calls": self._gate.calls - before}])

    def _file(self, asset: Asset) -> Json:
        out = io.BytesIO()
        media_type = self._source.download(asset, out, self._gate)
        content = out.getvalue()
        return {"type": media_type, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _times(refs: Iterable[Ref]) -> dict[str, str]:
    return {ref.id: ref.last_edited_time for ref in refs}


def _catalogs(refs: list[Ref], source: Ref) -> Iterator[tuple[str, FakeCatalog]]:
    """What a run may know when it asks for rows: those up to some time; it misses some; it met strangers."""
    rows = [ref for ref in refs if ref.parent.id == source.id]
    times = sorted({ref.last_edited_time for ref in rows})
    moments = list(dict.fromkeys([*times[:1], *times[len(times) // 2 :][:1], *times[-1:]]))
    for since in moments:
        yield f"since {since}", FakeCatalog(since, _times(refs))
    for missed in (1, 2):
        yield f"missing {missed}", FakeCatalog("2999-01-01T00:00:00.000Z", _times(refs), missed=missed)
    yield "strangers", FakeCatalog(strangers=[*(ref.id for ref in rows), ABSENT])


def _ids(shown: Iterable[Ref | Unusable]) -> list[str]:
    return sorted(f"{each.id} {'unusable' if isinstance(each, Unusable) else each.left_out}".rstrip() for each in shown)


def _fetched(shown: Ref | Unusable, listed: Ref | None) -> Json:
    """What came by its id, in short where a listing said the same."""
    if listed is not None and shown == listed and isinstance(shown, Ref):
        return {"id": shown.id, "raw": "as listed" if shown.raw == listed.raw else shown.raw}
    return _whole(shown)
