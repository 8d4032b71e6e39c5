"""JSON Schema (2020-12) of Kohort's YAML, for editors: completion, hover texts and checks while typing."""

from __future__ import annotations

from typing import Any

from kohort.match.trials.declared import COHORT, DESIGN, KINDS, TRIAL, Field, FieldType, Kind

__all__ = ["json_schema"]

_RANGE = r"^\s*(>=|<=|==|=|>|<|≥|≤).*\d\s*$"

_TYPES: dict[FieldType, dict[str, Any]] = {
    "text": {"type": ["string", "number"]},
    "texts": {
        "anyOf": [
            {"type": ["string", "number"]},
            {"type": "array", "items": {"type": ["string", "number"]}, "minItems": 1},
        ]
    },
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "truth": {"type": "boolean"},
    "range": {"type": "string", "pattern": _RANGE, "examples": [">=18", ">=18, <65"]},
    "criteria": {"type": "array", "items": {"$ref": "#/$defs/criterion"}, "minItems": 1},
    "design": {"$ref": "#/$defs/design"},
    "cohorts": {"type": "array", "items": {"$ref": "#/$defs/cohort"}, "minItems": 1},
}


def json_schema() -> dict[str, Any]:
    """The schema of one trial, generated from the declarations that the reader uses."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Kohort trial",
        "description": "A trial of treatment cohorts in Kohort's YAML.",
        **_mapping(TRIAL),
        "$defs": {"criterion": _criterion(), "cohort": _mapping(COHORT), "design": _mapping(DESIGN)},
    }


def _mapping(fields: tuple[Field, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.name: _field(field) for field in fields},
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def _field(field: Field) -> dict[str, Any]:
    described = {"description": field.words}
    return described | ({"enum": list(field.choices)} if field.choices else _TYPES[field.type])


def _criterion() -> dict[str, Any]:
    parts = _TYPES["criteria"]
    joined: dict[str, Any] = {
        "all": {"description": "All of these hold.", **parts},
        "any": {"description": "At least one of these holds.", **parts},
        "not": {"description": "This does not hold.", "$ref": "#/$defs/criterion"},
        "at_least": {
            "description": "At least n of these hold.",
            "type": "object",
            "properties": {"n": {"type": "integer", "minimum": 1}, "of": parts},
            "required": ["n", "of"],
            "additionalProperties": False,
        },
    }
    return {
        "type": "object",
        "properties": joined | {kind.key: _leaf(kind) for kind in KINDS},
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
    }


def _leaf(kind: Kind) -> dict[str, Any]:
    described = {"description": kind.words}
    if not kind.fields:
        return described | {"const": True}
    if not kind.short:
        return described | _mapping(kind.fields)
    short = next(field for field in kind.fields if field.name == kind.short)
    return described | {"anyOf": [_field(short), _mapping(kind.fields)]}
