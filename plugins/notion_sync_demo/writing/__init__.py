"""Writes: what the emulator takes, refuses and makes of them. https://developers.notion.com/reference, 2026-03-11."""
