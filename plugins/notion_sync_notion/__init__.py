"""The Notion source: reads a workspace through Notion's public API.

https://developers.notion.com/reference
"""

from notion_sync_notion.source import NotionSource

__all__ = ["NotionSource"]
