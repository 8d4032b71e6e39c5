"""Commands. They ask the rooms and show the answers; no rule of its own lives here."""

from kohort.cli.app import app, main

__all__ = ["app", "main"]
