"""Why faults of built-ins survive their exam: what somebody found who looked."""

# ruff: noqa: E501 - lines of source stand here as they are
from __future__ import annotations

from kit.faults import Site, sites, source_of

_REASONS: dict[tuple[str, str, str], str] = {
    (
        "notion_sync_fs.opened",
        "above = self.folder(parent, make=False)",
        "constant False changed",
    ): "equivalent: the folder above one that is there is there",
    (
        "notion_sync_fs.opened",
        "handle = self.folder(folder, make=False)",
        "constant False changed",
    ): "equivalent: the folder was listed a moment ago",
    (
        "notion_sync_fs.opened",
        "if handle >= 0:",
        "constant 0 changed",
    ): "equivalent: a descriptor is never 0",
    (
        "notion_sync_fs.opened",
        'if name in ("", ".", "..") or path.startswith("/"):',
        "constant '' changed",
    ): "equivalent: the system refuses such a name itself",
    (
        "notion_sync_fs.opened",
        'if name in ("", ".", "..") or path.startswith("/"):',
        "constant '.' changed",
    ): "equivalent: the system refuses such a name itself",
    (
        "notion_sync_fs.opened",
        'if name in ("", ".", "..") or path.startswith("/"):',
        "constant '..' changed",
    ): "equivalent: the system refuses such a name itself",
    (
        "notion_sync_fs.opened",
        'if part in ("", ".", ".."):',
        "constant '' changed",
    ): "equivalent: the system refuses such a name itself",
    (
        "notion_sync_fs.opened",
        "if self.root < 0:",
        "constant 0 changed",
    ): "equivalent: a descriptor is never 0",
    (
        "notion_sync_fs.opened",
        "return os.open(name, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666, dir_fd=folder)",
        "constant 438 changed",
    ): "equivalent: who may read the lock's file matters to nobody",
    (
        "notion_sync_fs.opened",
        "self._number += 1",
        "constant 1 changed",
    ): "equivalent: numbers tell files apart, whichever they are",
    (
        "notion_sync_fs.opened",
        "self._number = 0",
        "constant 0 changed",
    ): "equivalent: numbers tell files apart, whichever they are",
    (
        "notion_sync_fs.opened",
        'self.prefix = ""',
        "constant '' changed",
    ): "equivalent: it is set before it is used",
    (
        "notion_sync_fs.opened",
        'self.prefix = ""',
        "left out: self.prefix = ''",
    ): "equivalent: it is set before it is used",
    (
        "notion_sync_fs.sink",
        "_MOST_OPEN = 64",
        "constant 64 changed",
    ): "equivalent: so many files may wait for the disk, and any number will do",
    (
        "notion_sync_fs.sink",
        "beside.clear(self._state.staging, lambda path: self._state.folder(path, make=False))",
        "constant False changed",
    ): "for its own tests: another disk below the root",
    (
        "notion_sync_fs.sink",
        "beside.clear(self._state.staging, lambda path: self._state.folder(path, make=False))",
        "left out: beside.clear(self._state.staging, lambda path: self._state.f",
    ): "for its own tests: another disk below the root",
    (
        "notion_sync_fs.sink",
        "check_names(self.location)",
        "left out: check_names(self.location)",
    ): "for its own tests: a system whose names are no UTF-8",
    (
        "notion_sync_fs.sink",
        "folder = self._state.folder(above, make=False)",
        "constant False changed",
    ): "equivalent: the folder is there: both names lead to something",
    (
        "notion_sync_fs.sink",
        "folder = self._state.folder(parent, make=False)",
        "constant False changed",
    ): "equivalent: a folder that was made is removed as empty at once",
    (
        "notion_sync_fs.sink",
        "folder = self._state.folder(path, make=False)",
        "constant False changed",
    ): "equivalent: the folder is there: both names lead to something",
    (
        "notion_sync_fs.sink",
        "found = os.stat(staged.token, dir_fd=self._state.staging, follow_symlinks=False)",
        "constant False changed",
    ): "equivalent: what it staged is no link",
    (
        "notion_sync_fs.sink",
        'if scheme != cls.scheme or host not in ("", "localhost") or not path.strip("/"):',
        "constant '/' changed",
    ): "equivalent: a path of tildes and slashes alone is nobody's folder",
    (
        "notion_sync_fs.sink",
        'if scheme != cls.scheme or host not in ("", "localhost") or not path.strip("/"):',
        "constant 'localhost' changed",
    ): "for its own tests: file://localhost/… is another spelling of file:///…",
    (
        "notion_sync_fs.sink",
        "if self._state.lock >= 0:  # what it holds is given back when it is closed, and would be forgotten",
        "constant 0 changed",
    ): "equivalent: a descriptor is never 0",
    (
        "notion_sync_fs.sink",
        "if self._state.root < 0:",
        "constant 0 changed",
    ): "equivalent: a descriptor is never 0",
    (
        "notion_sync_fs.sink",
        "raise",
        "left out: raise",
    ): "for its own tests: what lies on another disk is copied, and what stands in the way is refused there as well",
    (
        "notion_sync_fs.sink",
        'return Stat(0, "", str(error.filename))',
        "constant '' changed",
    ): "equivalent: nobody asks for the stamp of an obstacle",
    (
        "notion_sync_fs.sink",
        'return Stat(0, "", str(error.filename))',
        "constant 0 changed",
    ): "equivalent: nobody asks how large an obstacle is",
    (
        "notion_sync_fs.sink",
        "return Stat(found.st_size, str(found.st_mtime_ns))",
        "result forgotten: return Stat(found.st_size, str(found.st_mtime_ns))",
    ): "equivalent: the contract lets a commit tell nothing",
    (
        "notion_sync_fs.sink",
        "root.mkdir(parents=True, exist_ok=True)",
        "constant True changed",
    ): "equivalent: the place is made by two runs at one instant, or not",
    (
        "notion_sync_fs.sink",
        "self._state.names.clear()",
        "left out: self._state.names.clear()",
    ): "equivalent: the commit that follows forgets the names as well",
    (
        "notion_sync_fs.sink",
        'self._state.prefix = f"{run_id}-{os.getpid()}"',
        "constant '-' changed",
    ): "equivalent: names of staged files are its own affair",
    (
        "notion_sync_fs.sink",
        "self.sink_close()",
        "left out: self.sink_close()",
    ): "equivalent: whoever is locked out is closed by the run as well",
    (
        "notion_sync_fs.sink",
        'token = f"{self._state.prefix}-{self._state.next_number()}"',
        "constant '-' changed",
    ): "equivalent: names of staged files are its own affair",
    (
        "notion_sync_json.renderer",
        'separator = b","',
        "left out: separator = b','",
    ): "for its own tests: a block that says it has something inside, and has nothing",
    (
        "notion_sync_metrics.numbers",
        "age.add_sample(age.name, self._with_job({}), value)",
        "left out: age.add_sample(age.name, self._with_job({}), value)",
    ): "for its own tests: which of our metrics there must be is said by the page on metrics",
    (
        "notion_sync_metrics.numbers",
        'jobs = {sample.labels.get(JOB, "") for family in families for sample in family.samples} - {""}',
        "constant '' changed",
    ): "equivalent: numbers without a job are of none, under whatever name",
    (
        "notion_sync_metrics.numbers",
        "return False",
        "constant False changed",
    ): "for its own tests: whether a warning is logged",
    (
        "notion_sync_metrics.numbers",
        'self.measuring.job = job or next(iter(jobs), "")',
        "left out: self.measuring.job = job or next(iter(jobs), '')",
    ): "for its own tests: a run tells its job when it begins",
    (
        "notion_sync_metrics.text_file",
        'beside = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")',
        "constant '.' changed",
    ): "equivalent: how the file is called until it is renamed",
    (
        "notion_sync_metrics.text_file",
        "if not self._numbers.resume(text, job):",
        "condition negated",
    ): "for its own tests: whether a warning is logged",
    (
        "notion_sync_metrics.text_file",
        "self._fails = False",
        "constant False changed",
    ): "for its own tests: how often a full disk is told",
    (
        "notion_sync_metrics.text_file",
        'text = self.path.read_text("utf-8", "replace")',
        "constant 'utf-8' changed",
    ): "equivalent: Python takes both for the same",
    (
        "notion_sync_notion.target",
        'most = fields(bot.get("workspace_limits")).get("max_file_upload_size_in_bytes")',
        "constant 'workspace_limits' changed",
    ): "for its own tests: where the service says how large a file may be",
    (
        "notion_sync_notion.uploads",
        '_OTHER_NAMES = {"audio/x-wav": "audio/wav", "audio/x-aiff": "audio/aiff", "image/vnd.microsoft.icon": "image/x-icon"}',
        "constant 'audio/wav' changed",
    ): "for its own tests: which types of files Notion takes",
    (
        "notion_sync_notion.uploads",
        "part = form(called, media_type, file.read(PART if parts > 1 else size), number if parts > 1 else None)",
        "comparison turned",
    ): "for its own tests: a file of more than 20 MB",
    (
        "notion_sync_notion.uploads",
        "return _OTHER_NAMES.get(found, found)",
        "result forgotten: return _OTHER_NAMES.get(found, found)",
    ): "for its own tests: which types of files Notion takes",
    (
        "notion_sync_notion.uploads",
        'return order if parts == 1 else {**order, "mode": "multi_part", "number_of_parts": parts}',
        "constant 'multi_part' changed",
    ): "for its own tests: a file of more than 20 MB",
    (
        "notion_sync_notion.decode",
        'if value.get("type") == "file" and is_signed(hosted_file(value)):',
        "constant 'file' changed",
    ): "for its own tests: a hosted file that does not say until when its address is good",
    (
        "notion_sync_notion.decode",
        '_take_signature(value["file"], signed)',
        "left out: _take_signature(value['file'], signed)",
    ): "for its own tests: a hosted file that does not say until when its address is good",
    (
        "notion_sync_notion.decode",
        'kind = raw.get("object", "page")',
        "constant 'page' changed",
    ): "equivalent: what is no database counts as a page, whatever it is called",
    (
        "notion_sync_notion.decode",
        '_is_hyphenated = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch  # as the API writes each',
        "constant '[0-9a-f]{8}(?:-[0-9a-f]{4}){3 changed",
    ): "equivalent: what does not look so is taken apart, with the same result",
    (
        "notion_sync_notion.decode",
        'return "properties" in raw and (raw.get("object") != "data_source" or parent_of(raw).id is not None)',
        "constant 'data_source' changed",
    ): "for its own tests: a data source that does not say which database it is of",
    (
        "notion_sync_notion.decode",
        'if isinstance(payload, dict) and payload.get("type", "file") == "file" and isinstance(payload.get("file"), dict):',
        "constant 'type' changed",
    ): "equivalent: only what is of the type file has a file",
    (
        "notion_sync_notion.source",
        "start = 0",
        "constant 0 changed",
    ): "equivalent: places are compared with each other, whichever number they begin with",
    (
        "notion_sync_notion.source",
        'holders: dict[str, str] = dict.fromkeys(todo, "")',
        "constant '' changed",
    ): "equivalent: no block has either for its id",
    (
        "notion_sync_notion.source",
        "if wanted:",
        "condition negated",
    ): "for its own tests: users are listed while documents are read",
    (
        "notion_sync_notion.source",
        "self._users_listed.clear()",
        "left out: self._users_listed.clear()",
    ): "for its own tests: users are listed while documents are read",
    (
        "notion_sync_notion.source",
        "self._users_listed.set()",
        "left out: self._users_listed.set()",
    ): "for its own tests: users are listed while documents are read",
    (
        "notion_sync_notion.source",
        "lists.begin(block_ids[number + 1 :])",
        "constant 1 changed",
    ): "equivalent: how far is read ahead changes no answer",
    (
        "notion_sync_notion.decode",
        'return "it is in Notion\'s trash" if (raw.get("archived") if trash is None else trash) is True else ""',
        "constant 'archived' changed",
    ): "for its own tests: versions of the API that know no in_trash",
    (
        "notion_sync_s3.sink",
        'given = self.endpoint_url or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""',
        "constant '' changed",
    ): "for its own tests: AWS itself, whose address nobody gives",
    (
        "notion_sync_s3.store",
        "for number, offset in enumerate(range(0, upload.size, length), 1):",
        "constant 1 changed",
    ): "equivalent: parts are put together by their numbers, whichever they are",
    (
        "notion_sync_s3.store",
        "return True",
        "result forgotten: return True",
    ): "equivalent: who does not know that a lock was free looks whose it is",
    (
        "notion_sync_html.renderer",
        "found = (id_from_url(self.home) or normalise_id(self.home)) if self.home else None",
        "and for or",
    ): "for its own tests: a home that somebody names",
    (
        "notion_sync_html.renderer",
        "return found",
        "result forgotten: return found",
    ): "for its own tests: a home that somebody names",
    (
        "notion_sync_markdown.blocks",
        'return context.dialect.item(context.marker or "-", context.anchored(block, text), inner)',
        "constant '-' changed",
    ): "equivalent: every item of a list has its marker",
    (
        "notion_sync_markdown.blocks",
        'return context.dialect.item(context.marker or "-", f"{box(block)} {text}", inner)',
        "constant '-' changed",
    ): "equivalent: every item of a list has its marker",
    (
        "notion_sync_markdown.blocks",
        "text = context.pen.block(block, in_item=True)",
        "constant True changed",
    ): "for its own tests: a dialect in which an element may not stand around a whole text",
    (
        "notion_sync_notion.decode",
        'if value.get("type") == "file" and is_signed(hosted_file(value)):',
        "and for or",
    ): "for its own tests: a hosted file whose address has no signature",
    (
        "notion_sync_notion.source",
        'return catalog.knows(usable_id(raw.get("id")) or "") or catalog.knows(decode.parent_of(raw).id or "")',
        "constant '' changed",
    ): "equivalent: no object has either for its id",
    (
        "notion_sync_s3.sink",
        "stack.callback(here.store.close)",
        "left out: stack.callback(here.store.close)",
    ): "for its own tests: a store that keeps connections open",
    (
        "notion_sync_s3.sink",
        "quieten()",
        "left out: quieten()",
    ): "for its own tests: what boto3 logs",
    (
        "notion_sync_metrics.numbers",
        'self.measuring.job = job or next(iter(jobs), "")',
        "constant '' changed",
    ): "for its own tests: a run tells its job when it begins",
    (
        "notion_sync_json.renderer",
        'files |= hosted_files({"": value})',
        "constant '' changed",
    ): "equivalent: whatever holds the value is not looked at",
    (
        "notion_sync_markdown.blocks",
        "text = context.pen.inline([bold(item) for item in block.rich_text], one_line=True)",
        "constant True changed",
    ): "for its own tests: a dialect without line breaks of its own",
    (
        "notion_sync_markdown.blocks",
        "text = context.pen.block(block, one_line=True)",
        "constant True changed",
    ): "for its own tests: a dialect without line breaks of its own",
    (
        "notion_sync_markdown.blocks",
        'return context.pen.summary(block.rich_text, block.payload.get("color", ""))',
        "constant '' changed",
    ): "for its own tests: a block that does not say its colour",
    (
        "notion_sync_s3.sink",
        'place = f"s3://{self.bucket}/{clean_prefix(self.prefix)}".rstrip("/")',
        "constant '/' changed",
    ): "equivalent: neither a bucket nor a prefix ends with a tilde",
    (
        "notion_sync_s3.sink",
        'stack.callback(setattr, here, "is_writing", False)',
        "constant False changed",
    ): "equivalent: each upload looks at the lock as well",
    (
        "notion_sync_s3.sink",
        "here.is_writing = True",
        "constant True changed",
    ): "equivalent: each upload looks at the lock as well",
    (
        "notion_sync_s3.sink",
        "self.is_writing = False",
        "left out: self.is_writing = False",
    ): "equivalent: whoever opens sets it",
    (
        "notion_sync_s3.sink",
        'given = self.endpoint_url or os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""',
        "constant 'AWS_ENDPOINT_URL' changed",
    ): "for its own tests: where the address of a store is looked for",
    (
        "notion_sync_s3.sink",
        'asked = {"ServerSideEncryption": self.encryption, "SSEKMSKeyId": self.kms_key_id}',
        "constant 'SSEKMSKeyId' changed",
    ): "for its own tests: a key of one's own",
    (
        "notion_sync_s3.store",
        'for item in answer.get("Errors", ()):',
        "constant 'Errors' changed",
    ): "for its own tests: a store that refuses to delete",
    (
        "notion_sync_s3.store",
        "return hashlib.md5(usedforsecurity=False)",
        "constant False changed",
    ): "equivalent: it says what the digest is for",
    (
        "notion_sync_s3.store",
        "file.seek(offset)",
        "left out: file.seek(offset)",
    ): "equivalent: parts are read one after the other",
    (
        "notion_sync_s3.store",
        "DELETE_BATCH = 1000",
        "constant 1000 changed",
    ): "for its own tests: how many keys a request takes",
}
"""By module, the line as it stands there, and the fault: what moved in its file is still the same. What is equivalent
behaves as it should; the rest only the plugin's own tests can know.
"""


def reason(site: Site) -> str:
    """Why that fault survives; ``""``: nobody has looked."""
    line = source_of(site.module).splitlines()[site.line - 1].strip()
    return _REASONS.get((site.module, line, site.what), "")


def outdated() -> list[str]:
    """Reasons for faults that can be put nowhere any more."""
    here = set[tuple[str, str, str]]()
    for module in sorted({module for module, _, _ in _REASONS}):
        lines = [each.strip() for each in source_of(module).splitlines()]
        here |= {(module, lines[site.line - 1], site.what) for site in sites(module)}
    return [": ".join(each) for each in sorted(_REASONS.keys() - here)]
