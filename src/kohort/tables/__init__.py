"""The standard tables: twelve clinical, four of control, each declared once."""

from kohort.tables.clinical import CLINICAL, HEADER
from kohort.tables.control import CONTROL
from kohort.tables.frames import HasTables, MemoryTables, TableSet, empty, frame_of, tables_of
from kohort.tables.model import Check, Column, Table
from kohort.tables.registry import TABLES, table
from kohort.tables.validate import Rule, Violation, rules, violations

__all__ = [
    "CLINICAL",
    "CONTROL",
    "HEADER",
    "TABLES",
    "Check",
    "Column",
    "HasTables",
    "MemoryTables",
    "Rule",
    "Table",
    "TableSet",
    "Violation",
    "empty",
    "frame_of",
    "rules",
    "table",
    "tables_of",
    "violations",
]
