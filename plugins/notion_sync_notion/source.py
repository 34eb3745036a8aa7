"""The source plugin: what the core asks, answered by Notion's API."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, BinaryIO

from attrs import evolve, field, frozen

from notion_sync_core.plugin import (
    Asset,
    Catalog,
    Comments,
    Gate,
    Json,
    Kind,
    Listing,
    MissingError,
    Piece,
    Ref,
    RetryableError,
    SkippableError,
    Unusable,
    Workspace,
    fields,
    hookimpl,
    objects,
    properties_of,
    utc_of,
)
from notion_sync_notion import decode, people
from notion_sync_notion.ahead import Ahead, children_of, comments_on
from notion_sync_notion.blocks import Container, Contents, Place, around
from notion_sync_notion.client import Answer, Client, ExpiredError
from notion_sync_notion.decode import usable_id
from notion_sync_notion.external import External
from notion_sync_notion.fetch import target
from notion_sync_notion.listing import ends_early, get_pages, query, search
from notion_sync_notion.lookups import Lookups
from notion_sync_notion.properties import completed
from notion_sync_notion.shown import Judge
from notion_sync_notion.signed import Signed
from notion_sync_notion.whole import complete

API_VERSION = "2026-03-11"
_OVERLAP_S = 600
"""Listings may show an edit that late."""
_WORTH = 4
"""Objects that a search has to save a request for, on average, to be worth its own."""
_BY_ROOTS = "Name the pages and databases to export (export.roots): what stands in them is found without search."


@frozen(eq=False)
class NotionSource:
    """Notion's public API as a source. Its attributes are the keys of ``[notion]``."""

    token: str = field(repr=False)
    """From the environment, a file or the keyring; never from the configuration file."""
    base_url: str = "https://api.notion.com"
    """The API's address; ``/v1`` is added."""
    version: str = API_VERSION
    """Sent as ``Notion-Version``."""
    timeout_s: float = 60.0
    """Seconds without any byte before a request is given up and repeated."""
    archived: bool = False
    """Rows that were archived in Notion are exported as well."""
    comments: bool = False
    """Open comments are read as well: one more request for each block. Set by ``export.comments``."""
    fetch_external: bool = False
    """Files that lie elsewhere are fetched as well. Set by ``export.fetch_external``."""
    views: bool = False
    """The views of databases are read as well: one more request for each database and each view, in every run. Set by
    ``export.views``."""
    _client: Client = field(init=False, repr=False)
    _external: External = field(init=False, repr=False)
    _signed: Signed = field(init=False, factory=Signed, repr=False)
    _lookups: Lookups = field(init=False, repr=False)
    _users_listed: threading.Event = field(init=False, factory=threading.Event, repr=False)
    """Not set while the users are listed."""
    _users_shown: set[str] = field(init=False, factory=set, repr=False)

    def __attrs_post_init__(self) -> None:
        """No list of users is under way."""
        self._users_listed.set()

    @_client.default
    def _make_client(self) -> Client:
        return Client(self.base_url, self.token, self.version, self.timeout_s)

    @_lookups.default
    def _make_lookups(self) -> Lookups:
        return Lookups(self._client, self._signed, archived=self.archived, views=self.views)

    @_external.default
    def _make_external(self) -> External:
        return External(self.timeout_s)

    @property
    def host(self) -> str:
        """The API's host, for messages."""
        return self._client.host

    @property
    def clock_skew_s(self) -> float | None:
        """By the ``Date`` of its answers, which counts whole seconds."""
        return self._client.skew

    @property
    def budget(self) -> str:
        """Requests are counted for a token at a host."""
        return f"{self.host} {self.token}"

    @hookimpl
    def source_close(self) -> None:
        """See the hook."""
        self._client.close()
        self._external.close()

    @hookimpl
    def source_ping(self, gate: Gate) -> str:
        """See the hook."""
        answer = gate(self._client.get, "users/me")
        bot = answer.raw.get("bot") or {}
        return str(bot.get("workspace_name") or answer.raw.get("name") or "connected")

    @hookimpl
    def source_workspace(self, gate: Gate) -> Workspace | None:
        """See the hook."""
        try:
            raw = gate(self._client.get, "users/me").raw
        except SkippableError:
            return None
        bot = fields(raw.get("bot"))
        names = (bot.get("workspace_id"), bot.get("workspace_name"), raw.get("id"))
        return Workspace(*map(decode.text, names))

    # -- discovery

    @hookimpl
    def source_discover(self, roots: tuple[str, ...], gate: Gate) -> Iterator[Ref | Unusable]:
        """See the hook: search, or the roots themselves."""
        if roots:
            for root in roots:
                yield from self._lookups.root(root, gate)
            return
        seen: set[str] = set()
        judge = self._judge("search", gate)
        answer: Answer | None = None
        try:
            for answer in search(self._client, gate, "descending"):
                yield from self._listed(answer, judge, seen)
        except (SkippableError, RetryableError):
            if answer is None:
                raise
            # Search loses its cursor near 11,000 results: the other end shows the rest.
            yield from self._search_from_the_end(gate, judge, seen)
        else:
            if len(seen) >= 9_900 or (answer is not None and ends_early(answer.raw)):
                yield from self._search_from_the_end(gate, judge, seen)

    @hookimpl
    def source_revisit(self, catalog: Catalog, gate: Gate) -> Iterator[Ref | Unusable]:
        """See the hook: search shows a hundred objects a request, but those outside the roots too."""
        awaited = catalog.awaited()
        most = awaited // _WORTH
        seen: set[str] = set()
        if not most:
            return
        judge = self._judge("search", gate, wanted=lambda raw: _is_of(raw, catalog))
        for answer in search(self._client, gate, "descending", most):
            for ref in self._listed(answer, judge, seen):
                if isinstance(ref, Unusable) and not ref.id:
                    continue  # nobody can tell whether it stands below a root
                row = isinstance(ref, Ref) and ref.parent.type == "data_source_id"
                awaited -= ref.kind == "page" and not row
                yield ref
            if awaited <= 0:
                return

    def _judge(self, where: str, gate: Gate, **more: Any) -> Judge:
        home = partial(self._lookups.placed, gate=gate)
        return Judge(where, partial(self._lookups.look_up, gate=gate), self.archived, home=home, **more)

    def _search_from_the_end(self, gate: Gate, judge: Judge, seen: set[str]) -> Iterator[Ref | Unusable]:
        own: set[str] = set()
        answer: Answer | None = None
        for answer in search(self._client, gate, "ascending"):
            before = len(seen)
            yield from self._listed(answer, judge, seen)
            ids = {str(raw.get("id")) for raw in objects(answer.raw.get("results"))}
            # Nothing new: the two ends have met, unless this list only repeats itself.
            if len(seen) == before and not ids <= own:
                return
            own |= ids
        if answer is not None and ends_early(answer.raw):
            yield Unusable("search ends early from both ends: what lies between was not listed", remedy=_BY_ROOTS)

    def _listed(self, answer: Answer, judge: Judge, seen: set[str]) -> Iterator[Ref | Unusable]:
        """The objects of one answer that were not seen before."""
        self._signed.remember(answer)
        return judge.objects(answer, seen)

    @hookimpl
    def source_expand(self, ref: Ref, catalog: Catalog, gate: Gate) -> Iterator[Ref | Unusable]:
        """See the hook: all rows, or those edited lately if the rest is accounted for."""
        since = catalog.since
        unseen = catalog.unseen(ref.id)
        changes_only = since is not None and unseen <= 1
        seen: set[str] = set()
        edited = _earlier(since) if changes_only and since else None
        judge = self._judge(f"the data source {ref.title!r}", gate, within=ref.id)
        for archived in (False, True)[: 1 + self.archived]:
            for answer in query(self._client, gate, ref.id, edited, archived=archived):
                yield from self._listed(answer, judge, seen)
        yield from self._templates(ref, {row for row in catalog.unread(ref.id) if row not in seen}, gate)

    def _templates(self, ref: Ref, strangers: set[str], gate: Gate) -> Iterator[Ref]:
        """Search shows row templates as if they were rows; only their own listing tells."""
        if not strangers:
            return
        try:
            answers = list(get_pages(self._client, gate, f"data_sources/{ref.id}/templates"))
        except (SkippableError, RetryableError):
            return  # a row too many is better than a listing that fails
        found = {usable_id(item.get("id")) for answer in answers for item in objects(answer.raw.get("templates"))}
        for template in sorted(strangers & found):
            yield Ref(template, "page", "", ref.parent, "", "", left_out="it is a template for new rows", for_good=True)

    @hookimpl
    def source_users(self, gate: Gate) -> Iterator[Json]:
        """See the hook; not allowed without the user capability, nor for personal tokens."""
        self._users_listed.clear()
        try:
            for answer in get_pages(self._client, gate, "users"):
                for user in objects(answer.raw.get("results")):
                    if found := usable_id(user.get("id")):
                        self._users_shown.add(found)
                        yield user
        except SkippableError:
            return
        finally:
            self._users_listed.set()

    @hookimpl
    def source_resolve(self, root: str, gate: Gate) -> str:
        """See the hook."""
        return self._lookups.resolve(root, gate)

    @hookimpl
    def source_fetch(self, object_id: str, kind: Kind, gate: Gate) -> list[Ref | Unusable]:
        """See the hook."""
        return self._lookups.fetch(object_id, kind, gate)

    @hookimpl
    def source_locate(self, block_id: str, gate: Gate) -> str:
        """See the hook."""
        return self._lookups.locate(block_id, gate)

    # -- reading

    @hookimpl
    def source_read(self, ref: Ref, catalog: Catalog, gate: Gate) -> Iterator[Piece]:
        """See the hook: the block tree, level by level, and the properties to their end."""
        raw = ref.raw or {}
        read_at = utc_of(self._client.server_time())
        contents = Contents(external=self.fetch_external)
        self._scan_object(raw, contents)
        if ref.kind == "database":
            contents.children += _data_sources(raw)
            yield contents.found(raw=raw, read_at=read_at)
            return
        if self.comments:
            yield from self._comments([ref.id], contents, Ahead(self._client, gate, comments_on), gate)
        yield from self._read_tree([ref.id], contents, gate)
        whole = completed(raw, self._client, gate, contents.warnings)
        self._link_properties(whole, contents)
        contents.people.update(people.of_properties(whole))
        yield contents.found(raw=whole, users=self._users(contents.people, catalog, gate), read_at=read_at)

    @hookimpl
    def source_read_children(self, block_id: str, catalog: Catalog, gate: Gate) -> Iterator[Piece]:
        """See the hook."""
        contents = Contents(external=self.fetch_external)
        yield from self._read_tree([block_id], contents, gate)
        yield contents.found(users=self._users(contents.people, catalog, gate))

    def _read_tree(self, todo: list[str], contents: Contents, gate: Gate) -> Iterator[Piece]:
        holders: dict[str, str] = dict.fromkeys(todo, "")
        waiting: list[Container] = [(parent, ()) for parent in todo]
        lists = Ahead(self._client, gate, children_of)
        comments = Ahead(self._client, gate, comments_on)
        with lists, comments:
            while waiting:
                parent, place = waiting.pop()
                lists.begin(each for each, _ in reversed(waiting))
                start = 0
                known: set[str] = set()
                for index, answer in enumerate(self._children(parent, contents, lists)):
                    signed = decode.normalise(answer.raw) if answer.signed else {}
                    answer.raw.pop("request_id", None)
                    signed |= complete(answer.raw, "blocks", self._client, gate, contents)
                    blocks = contents.usable(answer.raw.get("results"))
                    blocks = self._new_only(blocks, answer, index, known)
                    found = contents.scan(blocks, signed, place, start)
                    fresh = [each for each in found if each[0] not in holders]
                    if len(fresh) < len(found):
                        contents.open_circles(blocks, around(parent, holders))
                    holders.update((child, parent) for child, _ in fresh)
                    waiting += fresh
                    start += len(blocks)
                    yield Listing(parent, index, answer.raw)
                    if self.comments:
                        yield from self._comments([block["id"] for block in blocks], contents, comments, gate)

    @staticmethod
    def _new_only(blocks: list[Json], answer: Answer, index: int, known: set[str]) -> list[Json]:
        """A list that is edited while it is paged, or starts over, shows blocks twice: the first time counts."""
        if index or answer.raw.get("has_more"):
            fresh = [block for block in blocks if block["id"] not in known]
            known.update(block["id"] for block in fresh)
            if len(fresh) < len(blocks):
                answer.raw["results"] = blocks = fresh
        return blocks

    @staticmethod
    def _children(parent: str, contents: Contents, lists: Ahead) -> Iterator[Answer]:
        try:
            yield from lists.pages(parent)
        except SkippableError:
            if parent not in contents.may_refuse:
                raise

    def _comments(self, block_ids: list[str], contents: Contents, lists: Ahead, gate: Gate) -> Iterator[Piece]:
        """The open discussions of blocks or a page; without the capability there are none to see."""
        for number, block_id in enumerate(block_ids):
            if contents.no_comments:
                return
            lists.begin(block_ids[number + 1 :])
            try:
                for index, answer in enumerate(lists.pages(block_id)):
                    signed = decode.normalise(answer.raw) if answer.signed else {}
                    answer.raw.pop("request_id", None)
                    signed |= complete(answer.raw, "comments", self._client, gate, contents)
                    contents.comments(objects(answer.raw.get("results")), signed)
                    yield Comments(block_id, index, answer.raw)
            except MissingError as error:
                contents.no_comments = True
                contents.warnings.append(f"comments cannot be read: {error.message}")

    def _scan_object(self, raw: Json, contents: Contents) -> None:
        for asset in decode.object_assets(raw, external=self.fetch_external):
            contents.assets.append(evolve(asset, url=self._signed.of(asset.key)))
        for items in (raw.get("title"), raw.get("description")):
            if isinstance(items, list):
                contents.rich_text(items)

    @staticmethod
    def _link_properties(whole: Json, contents: Contents) -> None:
        """What properties refer to, also beyond where a page cuts them off."""
        for value in properties_of(whole).values():
            kind = decode.text(value.get("type"))
            items = value.get(kind) if kind else None
            if not isinstance(items, list):
                continue
            if kind == "relation":
                contents.links.update(filter(None, (usable_id(item.get("id")) for item in objects(items))))
            elif kind in ("title", "rich_text"):
                contents.rich_text(items)

    def _users(self, wanted: set[str], catalog: Catalog, gate: Gate) -> tuple[Json, ...]:
        """Names of people that a document shows as mere ids; guests are in no list."""
        if wanted:
            # Documents are read while the users are still listed: who is in the list need not be asked for.
            self._users_listed.wait(self.timeout_s)
        return tuple(people.named(wanted - self._users_shown, catalog, self._client, gate))

    # -- files

    @hookimpl
    def source_download(self, asset: Asset, out: BinaryIO, gate: Gate) -> str:
        """See the hook. An address that expired is renewed by reading its block or page again."""
        host = gate.host(target(asset.url).netloc)
        if asset.external:
            return host(self._external.download, asset.url, out)
        if asset.url != asset.key:
            try:
                return host(self._client.download, asset.url, out)
            except ExpiredError:
                pass
        return host(self._client.download, self._renewed(asset, gate), out)

    def _renewed(self, asset: Asset, gate: Gate) -> str:
        answer = gate(self._client.get, f"{asset.holder_type}s/{asset.holder_id}")
        signed: dict[str, Any] = decode.normalise(answer.raw)
        if asset.key not in signed:
            raise SkippableError("the file is no longer where it was", "It may have been replaced in Notion just now.")
        return str(signed[asset.key])


def _is_of(raw: Json, catalog: Catalog) -> bool:
    """Whether earlier runs know this object, or what it stands in."""
    return catalog.knows(usable_id(raw.get("id")) or "") or catalog.knows(decode.parent_of(raw).id or "")


def _data_sources(raw: Json) -> list[tuple[Place, str, Kind, str]]:
    """The data sources of a database.

    :raises SkippableError: one of them cannot be asked for: the database would lack its rows.
    """
    found: list[tuple[Place, str, Kind, str]] = []
    sources = raw.get("data_sources")
    for number, item in enumerate(sources if isinstance(sources, list) else ()):
        source = usable_id(item.get("id")) if isinstance(item, dict) else None
        if source is None:
            raise SkippableError("it shows a data source without a usable id: its rows cannot be asked for")
        found.append(((number,), source, "data_source", decode.text(item.get("name"))))
    return found


def _earlier(since: str) -> str | None:
    """Some time before; ``None`` if it is none: then everything is listed."""
    try:
        return utc_of(datetime.fromisoformat(since).timestamp() - _OVERLAP_S)
    except (ValueError, OverflowError):
        return None
