"""MatchMiner patient documents: clinical, genomic and prior treatments, as JSON or CSV."""

from kohort.sources.matchminer.delivery import open_delivery, recognises

__all__ = ["open_delivery", "recognises"]
