"""``python -m notion_sync_core`` is ``notion-sync``."""

from notion_sync_core.cli import main

if __name__ == "__main__":
    main()
