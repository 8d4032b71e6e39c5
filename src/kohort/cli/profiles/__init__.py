"""The commands of the room `profile`."""

from kohort.cli.profiles.app import app

__all__ = ["app"]
