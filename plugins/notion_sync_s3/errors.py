"""What an answer of the store, or none, means for the run: repeat, refuse to go on, and the remedy.

Codes: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. No message holds a
credential or a signature, whatever the store's answer repeats.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from notion_sync_core.plugin import NotAuthorisedError, NotionSyncError, RetryableError, SinkError, UnreachableError

_CREDENTIALS = (
    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE (the option profile), or run where a role "
    "gives credentials; then run the same command again."
)
_AGAIN = "Run the same command again: it goes on where it was."
_PERMISSIONS = (
    "The key needs s3:ListBucket, s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload here: "
    "see docs/s3.md."
)
_BAD_KEY = {
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidToken",
    "InvalidClientTokenId",
    "TokenRefreshRequired",
    "RequestExpired",
}
_NOT_ALLOWED = {"AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "403", "NotSignedUp"}
_SLOW_DOWN = {"SlowDown", "Throttling", "ThrottlingException", "TooManyRequests", "RequestLimitExceeded", "429"}
_AGAIN_CODES = {
    "RequestTimeout",
    "BadDigest",
    "IncompleteBody",
    "InternalError",
    "ServiceUnavailable",
    "ConditionalRequestConflict",
    "OperationAborted",
    "XAmzContentSHA256Mismatch",
    "500",
    "502",
    "503",
    "504",
}
_ELSEWHERE = {
    "PermanentRedirect",
    "TemporaryRedirect",
    "AuthorizationHeaderMalformed",
    "IllegalLocationConstraintException",
    "301",
    "307",
}
_FULL = {"QuotaExceeded", "InsufficientStorage", "XMinioStorageFull", "ServiceQuotaExceeded", "507"}
_SECRETS = re.compile(
    r"(?:AKIA|ASIA)[A-Z0-9]{12,}|(?:X-Amz-(?:Signature|Credential|Security-Token)|Signature|AWSAccessKeyId)=[^&\s\"'<]+"
)


class Refused(SinkError):
    """The store answered, and the answer is no."""

    def __init__(self, message: str, remedy: str, code: str, status: int) -> None:
        super().__init__(message, remedy)
        self.code = code
        self.status = status


class NoAnswer(RetryableError):
    """The store did not answer, or not in a way that can be understood."""


def explain(error: Exception, place: str, now: float) -> NotionSyncError | None:
    """What an exception of the client means; ``None``: it is none of the client's.

    :param place: the sink's location, for messages.
    :param now: seconds since the epoch, to tell how wrong the clock is.
    """
    from botocore import exceptions as boto
    from botocore.parsers import ResponseParserError

    if isinstance(error, boto.ClientError):
        return _answer(error.response, place, now)
    if isinstance(error, boto.SSLError):
        return UnreachableError(
            f"{place}: no secure connection: {clean(error)}", "Check endpoint_url, the certificate and the proxy."
        )
    credentials = (
        boto.NoCredentialsError,
        boto.PartialCredentialsError,
        boto.CredentialRetrievalError,
        boto.ProfileNotFound,
        boto.TokenRetrievalError,
        boto.UnauthorizedSSOTokenError,
        boto.SSOTokenLoadError,
    )
    if isinstance(error, credentials):
        return NotAuthorisedError(f"{place}: no credentials: {clean(error)}", _CREDENTIALS)
    transport = (boto.HTTPClientError, boto.ConnectionError, boto.IncompleteReadError, ResponseParserError)
    if isinstance(error, transport):
        return NoAnswer(f"{place}: {clean(error)}")
    if isinstance(error, boto.BotoCoreError):
        return SinkError(f"{place}: {clean(error)}", "Check the options of [plugins.s3].")
    return None


def clean(error: object) -> str:
    """One line of an error's text, without anything secret."""
    text = " ".join(_SECRETS.sub("…", str(error)).split())
    return text if len(text) <= 300 else f"{text[:299]}…"


def code_error(code: str, message: str, place: str) -> NotionSyncError:
    """What one entry of a list of errors means (``DeleteObjects`` answers with such a list)."""
    return _answer({"Error": {"Code": code, "Message": message}}, place, 0.0)


def _answer(response: Mapping[str, Any], place: str, now: float) -> NotionSyncError:
    details = response.get("Error", {})
    meta = response.get("ResponseMetadata", {})
    headers: Mapping[str, str] = meta.get("HTTPHeaders", {})
    status = int(meta.get("HTTPStatusCode", 0))
    code = str(details.get("Code") or status)
    said = f"{place}: {code}: {clean(details.get('Message') or 'no reason given')}"
    if code in _SLOW_DOWN or status == 429:
        return RetryableError(said, retry_after=_seconds(headers.get("retry-after", "")), throttled=True)
    if code in _AGAIN_CODES or (status >= 500 and status not in (501, 507)):
        return RetryableError(said, retry_after=_seconds(headers.get("retry-after", "")))
    if code == "RequestTimeTooSkewed":
        return Refused(f"{said} ({_skew(headers, now)})", "Set this machine's clock (NTP).", code, status)
    if code in _BAD_KEY:
        return NotAuthorisedError(said, _CREDENTIALS)
    if code.startswith("KMS."):
        return Refused(said, "Check kms_key_id, and that the credentials may use that key.", code, status)
    if code in _NOT_ALLOWED or status == 403:
        return NotAuthorisedError(said, _PERMISSIONS)
    return Refused(said, _remedy(code, status, details, headers), code, status)


def _remedy(code: str, status: int, details: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    if code == "NoSuchBucket":
        return "Make the bucket first, or correct its name; with another store than AWS, set endpoint_url."
    if code in _ELSEWHERE:
        region = details.get("Region") or headers.get("x-amz-bucket-region")
        return f"The bucket is in another region: set region{f' = {region!r}' if region else ''}."
    if code in _FULL or status == 507:
        return f"Free some space in the store, then r{_AGAIN[1:]}"
    if code == "InvalidObjectState":
        return "The object was archived: restore it, or end the lifecycle rule that archives this prefix."
    return "Look up this code in the store's documentation, and check the options of [plugins.s3]."


def _seconds(text: str) -> float | None:
    return float(text) if text.isdigit() else None


def _skew(headers: Mapping[str, str], now: float) -> str:
    try:
        server = parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        return "the store did not tell its time"
    return f"this machine's clock is {abs(now - server):.0f} s {'ahead' if now > server else 'behind'}"
