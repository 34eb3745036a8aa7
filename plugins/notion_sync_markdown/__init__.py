"""The Markdown renderer: CommonMark and GitHub's extensions, with CSV for databases."""

from notion_sync_markdown.renderer import MarkdownRenderer

__all__ = ["MarkdownRenderer"]
