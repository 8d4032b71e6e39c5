"""Kohort: an open platform for precision cancer medicine in small patient groups."""

__version__ = "0.1.0"
