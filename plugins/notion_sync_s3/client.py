"""The one place that imports boto3, and only when a sink is opened."""

from __future__ import annotations

from typing import Any

from notion_sync_core.plugin import SinkError, __version__
from notion_sync_s3.errors import explain


def make_client(
    *,
    place: str,
    profile: str,
    region: str,
    endpoint_url: str,
    addressing: str,
    timeout_s: float,
    connections: int,
) -> Any:
    """A client of S3 that tries each request once: repeating is the gate's work.

    Credentials come from boto3's own chain: environment, profile, container, instance.

    :raises SinkError: boto3 is not installed, or does not understand an option.
    :raises NotAuthorisedError: the profile does not exist.
    """
    try:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
    except ImportError as error:
        raise SinkError(f"the sink s3 needs boto3, which cannot be imported: {error}", "pip install boto3") from error
    config = Config(
        retries={"mode": "standard", "total_max_attempts": 1},
        connect_timeout=min(5.0, timeout_s),
        read_timeout=timeout_s,
        max_pool_connections=connections,
        s3={"addressing_style": addressing},
        # Stores other than AWS know Content-MD5, which we send, but not always the newer checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        user_agent_extra=f"notion-sync/{__version__}",
    )
    try:
        session = boto3.session.Session(profile_name=profile or None, region_name=region or None)
        return session.client("s3", endpoint_url=endpoint_url or None, config=config)
    except (BotoCoreError, ValueError) as error:
        known = explain(error, place, 0.0)
        raise known or SinkError(f"{place}: {error}", "Check the options of [plugins.s3].") from error


def quieten() -> None:
    """Keep boto3's debug log, which holds signatures, out of ours."""
    import logging

    for noisy in ("boto3", "botocore", "s3transfer", "urllib3"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, logging.getLogger(noisy).level))
