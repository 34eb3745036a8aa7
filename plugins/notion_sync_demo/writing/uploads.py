"""Files on their way in: made, sent in one part or many, completed, attached; what is not attached in time expires.

https://developers.notion.com/guides/data-apis/working-with-files-and-media
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from attrs import define, field

from notion_sync_demo.build import Json
from notion_sync_demo.exchange import Part, Request, not_found
from notion_sync_demo.shapes import minute
from notion_sync_demo.workspace import Workspace
from notion_sync_demo.writing import refusals
from notion_sync_demo.writing.refusals import a_string, an_id, invalid, words

EXPIRES_S = 3600.0
MOST_IN_ONE_PART = 20 << 20
LEAST_IN_A_PART = 5 << 20
MOST_PARTS = 1000
LONGEST_NAME = 900
"""Bytes."""
TAKEN = words(
    "aac adts mid midi mp3 mpga m4a m4b mp4 oga ogg wav wma pdf json txt doc dot docx dotx xls xlt xla xlsx "
    "xltx ppt pot pps ppa pptx potx gif heic jpeg jpg png svg tif tiff webp ico amv asf wmv avi f4v flv gifv "
    "m4v mkv webm mov qt mpeg htm html csv"
)
"""Endings of names that are taken."""


@define
class Upload:
    """One file on its way in."""

    id: str
    mode: str
    name: str
    media_type: str
    expected: int
    made: float
    expires: float | None
    status: str = "pending"
    parts: dict[int, bytes] = field(factory=dict)
    key: str = ""
    """Where the workspace keeps it, once it is attached."""


class Uploads:
    """The uploads of one connection.

    :param most: bytes of the largest file that the workspace takes.
    """

    def __init__(self, space: Workspace, clock: Callable[[], float], url: Callable[[], str], most: int) -> None:
        self._space = space
        self._clock = clock
        self._url = url
        self.most = most
        self._known: dict[str, Upload] = {}

    def create(self, request: Request) -> Json:
        """``POST /file_uploads``"""
        body = request.body
        refusals.only(body, ("mode", "filename", "content_type", "number_of_parts", "external_url"), "body")
        mode = refusals.one_of(
            body.get("mode", "single_part"), ("single_part", "multi_part", "external_url"), "body.mode"
        )
        if mode == "external_url":
            raise invalid("Importing from an external URL is not emulated.")
        name = str(body.get("filename") or "")
        self._check_name(name, required=mode == "multi_part")
        parts = body.get("number_of_parts", 1)
        if mode == "multi_part" and (not isinstance(parts, int) or not 1 <= parts <= MOST_PARTS):
            raise refusals.wrong("body.number_of_parts", f"between 1 and {MOST_PARTS}", parts)
        now = self._clock()
        made = Upload(
            self._space.new_id(), mode, name, str(body.get("content_type") or ""), parts, now, now + EXPIRES_S
        )
        self._known[made.id] = made
        return self._shown(made)

    def retrieve(self, _: Request, upload_id: str) -> Json:
        """``GET /file_uploads/{id}``"""
        return self._shown(self._find(upload_id))

    def send(self, request: Request, upload_id: str) -> Json:
        """``POST /file_uploads/{id}/send``, a form."""
        upload = self._find(upload_id)
        if upload.status != "pending":
            raise invalid(f"File upload {upload.id} is not in a `pending` status: it is {upload.status}.")
        part = request.body.get("file")
        if not isinstance(part, Part):
            raise refusals.wrong("body.file", "defined")
        number = self._number(upload, request.body.get("part_number"))
        self._check_part(upload, part, number)
        upload.name = upload.name or part.name
        upload.media_type = upload.media_type or part.media_type
        upload.parts[number] = part.content
        if upload.mode == "single_part":
            upload.status = "uploaded"
        return self._shown(upload)

    def complete(self, _: Request, upload_id: str) -> Json:
        """``POST /file_uploads/{id}/complete``"""
        upload = self._find(upload_id)
        missing = [number for number in range(1, upload.expected + 1) if number not in upload.parts]
        if upload.mode != "multi_part" or upload.status != "pending" or missing:
            raise invalid(f"File upload {upload.id} cannot be completed: {len(missing)} parts are missing.")
        short = [number for number in range(1, upload.expected) if len(upload.parts[number]) < LEAST_IN_A_PART]
        if short:
            raise invalid(f"Part {short[0]} is smaller than {LEAST_IN_A_PART} bytes.")
        upload.status = "uploaded"
        return self._shown(upload)

    def attach(self, raw: Any, where: str) -> Json:
        """A file object for what refers to an upload; the first time, it stops to expire."""
        upload_id = an_id(refusals.an_object(raw, where).get("id"), f"{where}.id")
        upload = self._find(upload_id)
        if upload.status != "uploaded":
            raise invalid(f"File upload {upload.id} is not in an `uploaded` status: it is {upload.status}.")
        if not upload.key:
            content = b"".join(upload.parts[number] for number in sorted(upload.parts))
            made = self._space.add_file(upload.name, content, upload.media_type)
            upload.key, upload.expires = made["file"]["url"], None
        return {"type": "file", "file": {"url": upload.key, "expiry_time": None}}

    def name_of(self, upload_id: str) -> str:
        """What an upload's file is called."""
        return self._find(upload_id).name

    def _find(self, upload_id: str) -> Upload:
        upload = self._known.get(an_id(upload_id, "path.file_upload_id"))
        if upload is None:
            raise not_found("file_upload", upload_id)
        if upload.expires is not None and self._clock() >= upload.expires:
            upload.status = "expired"
        return upload

    @staticmethod
    def _check_name(name: str, *, required: bool) -> None:
        if required and not name:
            raise refusals.wrong("body.filename", "defined")
        if len(name.encode()) > LONGEST_NAME:
            raise refusals.wrong("body.filename.length", f"≤ `{LONGEST_NAME}`", len(name.encode()))
        if name and name.rpartition(".")[2].lower() not in TAKEN:
            raise invalid(f"File extension of {name} is not supported.")

    @staticmethod
    def _number(upload: Upload, given: Any) -> int:
        if upload.mode == "single_part":
            return 1
        number = int(a_string(given, "body.part_number")) if str(given).isdecimal() else 0
        if not 1 <= number <= upload.expected:
            raise refusals.wrong("body.part_number", f"between 1 and {upload.expected}", given)
        return number

    def _check_part(self, upload: Upload, part: Part, number: int) -> None:
        others = sum(len(content) for other, content in upload.parts.items() if other != number)
        if len(part.content) > MOST_IN_ONE_PART or others + len(part.content) > self.most:
            raise invalid(f"The file is larger than what is taken: {self.most} bytes, {MOST_IN_ONE_PART} in a part.")
        if upload.media_type and part.media_type != upload.media_type:
            raise invalid(
                f"Provided `content_type` {upload.media_type} does not match that of the part: {part.media_type}."
            )

    def _shown(self, upload: Upload) -> Json:
        whole = upload.status == "uploaded"
        size = sum(map(len, upload.parts.values()))
        found: Json = {
            "object": "file_upload",
            "id": upload.id,
            "created_time": minute(upload.made),
            "created_by": {"id": self._space.bot_id, "type": "bot"},
            "last_edited_time": minute(upload.made),
            "expiry_time": minute(upload.expires) if upload.expires is not None else None,
            "upload_url": f"{self._url()}/v1/file_uploads/{upload.id}/send",
            "in_trash": False,
            "status": upload.status,
            "filename": upload.name or None,
            "content_type": upload.media_type or None,
            "content_length": size if upload.parts else None,
        }
        if whole:
            del found["upload_url"]
        if upload.mode == "multi_part":
            found["number_of_parts"] = {"total": upload.expected, "sent": len(upload.parts)}
            found["complete_url"] = f"{self._url()}/v1/file_uploads/{upload.id}/complete"
        return found
