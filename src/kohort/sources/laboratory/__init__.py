"""Files as a molecular laboratory sends them: one module a layout, and the delivery that holds them together."""

from kohort.sources.laboratory.delivery import open_delivery, recognises

__all__ = ["open_delivery", "recognises"]
