"""The file system sink: a folder of files, each complete or absent under its name."""

from notion_sync_fs.sink import FileSystemSink

__all__ = ["FileSystemSink"]
