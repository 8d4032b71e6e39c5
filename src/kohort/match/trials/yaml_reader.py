"""Trials in Kohort's YAML: one document, one trial."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from kohort.errors import InputError, UserError
from kohort.match.criteria.logic import And, AtLeast, Criterion, Leaf, Not, Or, leaves
from kohort.match.criteria.ranges import Range
from kohort.match.criteria.vocabulary import is_known_drug, is_known_drug_class, is_known_gene
from kohort.match.trials.declared import COHORT, DESIGN, FORMAT, KINDS, TRIAL, Field, FieldType
from kohort.match.trials.documents import Located
from kohort.match.trials.problems import Problem
from kohort.match.trials.protocol import Design, TreatmentCohort, Trial

__all__ = ["read_criterion", "read_trial"]

_KINDS = {kind.key: kind for kind in KINDS}
_CONNECTIVES = ("all", "any", "not", "at_least")


def read_trial(document: Located) -> tuple[Trial | None, list[Problem]]:
    """The trial of a document, and what is wrong or odd about it: all errors at once, None with them.

    Raises:
        InputError: the document, or a part of it outside of its cohorts, cannot be read.
    """
    problems: list[Problem] = []
    return _trial(document, problems), problems


def _trial(document: Located, problems: list[Problem]) -> Trial | None:
    """The trial of a document; None if problems of its cohorts were added."""
    found = document.mapping()
    if "format" not in found:
        remedy = f"Begin a trial in Kohort's YAML with 'format: {FORMAT}'; one in CTML has a treatment_list."
        raise document.error("this is no trial.", remedy)
    values = _fields(document, TRIAL)
    listed: list[Located] = values.pop("cohorts")
    shared = {name: values.pop(name) for name in ("design", "endpoint") if name in values}
    values.pop("format")
    cohorts: list[TreatmentCohort] = []
    for item in listed:
        try:
            cohorts.append(_cohort(item, shared))
        except InputError as error:
            problems.append(Problem("error", error))
    if len(cohorts) < len(listed):
        return None
    trial = _made(document, Trial, arms=tuple(cohorts), file=document.path.name, **values)
    problems.extend(_warnings(document, trial, listed))
    return trial


def _cohort(item: Located, shared: dict[str, Any]) -> TreatmentCohort:
    values = shared | _fields(item, COHORT)
    if "design" not in values:
        raise item.error("neither the cohort nor the trial gives a design.", "Give r1, n1, r, n, p0 and p1.")
    return _made(item, TreatmentCohort, path=item.key, line=item.line, **values)


def _fields(place: Located, fields: tuple[Field, ...]) -> dict[str, Any]:
    """The values of a mapping by declaration; InputError for an unknown or missing key and a wrong value."""
    found = place.mapping()
    declared = {field.name: field for field in fields}
    for name, value in found.items():
        if name not in declared:
            raise value.error(f"there is no key {name!r} here.", _did_you_mean(name, declared))
    lacking = [field for field in fields if field.required and field.name not in found]
    if lacking:
        raise place.error(f"the key {lacking[0].name!r} is missing.", f"Add it: {lacking[0].words}")
    return {name: _value(value, declared[name]) for name, value in found.items()}


def _value(place: Located, field: Field) -> Any:
    """One value as its declaration wants it."""
    return _READERS[field.type](place, field)


def _criteria(place: Located, _field: Field) -> And:
    return And(*map(read_criterion, _filled(place)))


def _design(place: Located, _field: Field) -> Design:
    return _made(place, Design, **_fields(place, DESIGN))


def _cohorts(place: Located, _field: Field) -> list[Located]:
    return _filled(place)


def _texts(place: Located, _field: Field) -> tuple[str, ...]:
    return tuple(_text(item) for item in (_filled(place) if isinstance(place.value, list) else [place]))


def _choice(place: Located, field: Field) -> str:
    text = _text(place)
    if field.choices and text not in field.choices:
        raise place.error(f"{text!r} is not allowed here.", f"Use {' or '.join(field.choices)}.")
    return text


def _scalar(place: Located, field: Field) -> Any:
    wanted: dict[str, tuple[tuple[type, ...], str]] = {
        "integer": ((int,), "a whole number"),
        "number": ((int, float), "a number"),
        "truth": ((bool,), "true or false"),
    }
    types, words = wanted[field.type]
    is_truth = isinstance(place.value, bool)
    if not isinstance(place.value, types) or is_truth != (field.type == "truth"):
        raise place.error(f"this is not {words}.", f"Write {words}, without quotation marks.")
    return place.value


def _text(place: Located) -> str:
    if place.value is None or isinstance(place.value, (dict, list, bool)) or not place.written.strip():
        raise place.error("a text is expected here.", "Write a text, in quotation marks if it is true or false.")
    return place.written.strip()


def _range(place: Located, _field: Field) -> Range:
    if isinstance(place.value, (dict, list)) or place.value is None:
        raise place.error("a range is expected here.", "Write it like '>=18' or '>=18, <65'.")
    return _made(place, Range.parse, place.written)


def _filled(place: Located) -> list[Located]:
    items = place.items()
    if not items:
        raise place.error("this list is empty.", "Fill it, or leave the key out.")
    return items


_READERS: dict[FieldType, Callable[[Located, Field], Any]] = {
    "text": _choice,
    "texts": _texts,
    "integer": _scalar,
    "number": _scalar,
    "truth": _scalar,
    "range": _range,
    "criteria": _criteria,
    "design": _design,
    "cohorts": _cohorts,
}


def read_criterion(place: Located) -> Criterion:
    """One criterion: a mapping with one key, a connective or a kind of leaf.

    Raises:
        InputError: it is none; the message names file, line and key.
    """
    found = place.mapping()
    if len(found) != 1:
        raise place.error(f"one criterion has one key, this has {len(found)}.", "Write each criterion as its own item.")
    ((name, value),) = found.items()
    match name:
        case "all":
            return And(*map(read_criterion, _filled(value)))
        case "any":
            return Or(*map(read_criterion, _filled(value)))
        case "not":
            return Not(read_criterion(value))
        case "at_least":
            return _at_least(value)
    if name not in _KINDS:
        raise value.error(f"there is no criterion {name!r}.", _did_you_mean(name, (*_CONNECTIVES, *_KINDS)))
    return _leaf(name, value)


def _at_least(place: Located) -> AtLeast:
    fields = (
        Field("n", "integer", "How many.", required=True),
        Field("of", "criteria", "The criteria.", required=True),
    )
    values = _fields(place, fields)
    return _made(place, AtLeast, values["n"], *values["of"].parts)


def _leaf(name: str, place: Located) -> Criterion:
    kind = _KINDS[name]
    if not kind.fields:
        if place.value is not True:
            raise place.error(f"{name} takes no value but true.", f"Write '{name}: true', or put it under not.")
        return kind.make()
    if isinstance(place.value, dict):
        return _made(place, kind.make, **_fields(place, kind.fields))
    if not kind.short:
        names = ", ".join(field.name for field in kind.fields)
        raise place.error(f"{name} needs keys of its own.", f"Give {names}.")
    short = next(field for field in kind.fields if field.name == kind.short)
    return _made(place, kind.make, **{short.name: _value(place, short)})


def _made(place: Located, make: Any, *values: Any, **named: Any) -> Any:
    """What ``make`` returns; its complaint about a value becomes one about this place."""
    try:
        return make(*values, **named)
    except UserError as error:
        raise place.error(error.what, error.remedy) from error


def _did_you_mean(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(name, names, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Use one of {', '.join(names)}."


def _warnings(document: Located, trial: Trial, listed: list[Located]) -> Iterator[Problem]:
    """Names that the tables in use do not hold: such a criterion may never be met."""
    for place, cohort in [(document, None), *zip(listed, trial.arms, strict=True)]:
        criteria = trial.criteria if cohort is None else cohort.criteria
        doubts = [doubt for leaf in leaves(criteria or And()) for doubt in _doubts(leaf)]
        if cohort is not None:
            doubts += [("drug", drug) for drug in cohort.drugs if not is_known_drug(drug)]
        for kind, name in dict.fromkeys(doubts):
            error = place.error(f"the {kind} {name!r} is not in the table in use.", "Check its spelling.")
            yield Problem("warning", error, f"unknown-{kind.replace(' ', '-')}")


def _doubts(leaf: Leaf) -> Iterator[tuple[str, str]]:
    for gene in (getattr(leaf, "gene", None), getattr(leaf, "partner", None)):
        if gene not in {None, "any", "intergenic"} and not is_known_gene(str(gene)):
            yield "gene", str(gene)
    for asked in (leaf, getattr(leaf, "first", None), getattr(leaf, "then", None)):
        drug, drug_class = getattr(asked, "drug", None), getattr(asked, "drug_class", None)
        if drug is not None and not is_known_drug(drug):
            yield "drug", drug
        if drug_class is not None and not is_known_drug_class(drug_class):
            yield "drug class", drug_class
