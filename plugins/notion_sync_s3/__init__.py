"""The S3 sink: a prefix in a bucket of S3 or of a store that speaks its protocol."""

from notion_sync_s3.sink import S3Sink

__all__ = ["S3Sink"]
