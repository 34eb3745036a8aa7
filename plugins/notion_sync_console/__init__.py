"""The console listener: live progress for people, plain lines for logs, JSON lines for programs."""

from notion_sync_console.listener import ConsoleListener

__all__ = ["ConsoleListener"]
