"""Checks of what is written, where reading has already put another name in its place: aliases, earlier codes.

Criteria hold approved symbols and current codes from birth, so the files are read once more, as plain documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kohort.codes import genes, oncotree
from kohort.errors import InputError, UserError
from kohort.match.criteria.vocabulary import approved_gene
from kohort.match.linter.findings import cut, listed
from kohort.match.linter.residues import Residues, known_residues
from kohort.match.linter.rules import known
from kohort.match.trials.ctml.keys import operator_of
from kohort.match.trials.documents import documents
from kohort.match.trials.located import Located
from kohort.match.trials.problems import Problem, Severity

__all__ = ["written_names"]

_WITH_GENE = ("mutation", "wild_type", "copy_number", "fusion")


@dataclass(frozen=True, slots=True)
class _Doubt:
    """Something odd at one place.

    Attributes:
        place: where.
        rule: name of the rule.
        severity: how bad it is.
        what: what is odd.
        remedy: what to do.
    """

    place: Located
    rule: str
    severity: Severity
    what: str
    remedy: str


def written_names(path: Path, observed: Residues) -> Iterator[Problem]:
    """``alias-gene``, ``former-diagnosis``, ``x-as-stop``, and of CTML wildcards' residues and ``duplicate-path``.

    What is odd in the same way at several places is told once. A file that cannot be read gives nothing here:
    reading the trials has said so.

    Args:
        path: the file.
        observed: residues by a site's variants.
    """
    told: dict[tuple[str, str], list[_Doubt]] = {}
    try:
        for document in documents(path):
            for doubt in () if isinstance(document, InputError) else _walk(document, observed):
                told.setdefault((doubt.rule, doubt.what), []).append(doubt)
    except InputError:
        return
    for first, *others in told.values():
        also = f" So also on line {listed(str(one.place.line) for one in others)}." if others else ""
        yield Problem(first.severity, first.place.error(first.what + also, first.remedy), known(first.rule))


def _walk(place: Located, observed: Residues) -> Iterator[_Doubt]:
    if isinstance(place.value, list):
        for item in place.value:
            yield from _walk(item, observed)
    if not isinstance(place.value, dict):
        return
    for key, value in place.value.items():
        if key in _WITH_GENE:
            yield from _genes(value)
            yield from _stops(value)
        elif key == "genomic":
            yield from _wildcards(value, observed)
        elif key == "diagnosis":
            yield from _diagnoses(value)
        elif operator_of(key) == "or":
            yield from _repeated(value)
        yield from _walk(value, observed)


def _genes(place: Located) -> Iterator[_Doubt]:
    ends = place.value.values() if isinstance(place.value, dict) else [place]
    named = {"gene", "partner"}
    for value in ends:
        if isinstance(place.value, dict) and value.key.rpartition(".")[2] not in named:
            continue
        matched = genes.table().match(value.written) if value.written else None
        if matched is not None and matched[1] != "approved":
            sort = {"previous": "a former symbol", "alias": "another name"}[matched[1]]
            what = f"{value.written!r} is {sort} of the gene {matched[0].symbol}."
            yield _Doubt(value, "alias-gene", "note", what, f"Write {matched[0].symbol}.")


def _diagnoses(place: Located) -> Iterator[_Doubt]:
    value = place.value.get("code") if isinstance(place.value, dict) else place
    code = value.written.strip() if value is not None else ""
    now = oncotree.tree().former.get(code) or oncotree.tree().former.get(code.upper())
    if value is not None and now is not None and oncotree.node(code.upper()) is None:
        what = f"the OncoTree code {code!r} is of an earlier release; it is now {now}."
        yield _Doubt(value, "former-diagnosis", "note", what, f"Write {now}.")


def _stops(place: Located) -> Iterator[_Doubt]:
    """``p.G12X``: X stands for a stop, but is often written for any residue."""
    fields = place.value if isinstance(place.value, dict) else {}
    change = fields.get("protein_change")
    text = "" if change is None else change.written.strip().lstrip("!").removeprefix("p.")
    if change is None or not (text[:1].isalpha() and text[1:-1].isdigit() and text[-1:] == "X"):
        return
    gene, number = _gene(fields.get("gene")), int(text[1:-1])
    if number in known_residues().get(gene, {}) and known_residues()[gene][number].substitutions:
        what = f"{gene} p.{text} is read as a stop at residue {number}."
        yield _Doubt(change, "x-as-stop", "warning", what, f"If any residue is meant, ask for codon {number}.")


def _wildcards(place: Located, observed: Residues) -> Iterator[_Doubt]:
    """``wildcard_protein_change``: the criterion keeps the number only, so the residue is checked here."""
    fields = place.value if isinstance(place.value, dict) else {}
    wildcard = fields.get("wildcard_protein_change")
    text = "" if wildcard is None else wildcard.written.strip().lstrip("!").removeprefix("p.")
    if wildcard is None or not (text[:1].isalpha() and text[1:].isdigit()):
        return
    gene, number = _gene(fields.get("hugo_symbol")), int(text[1:])
    known = [at[number] for at in (known_residues().get(gene, {}), observed.get(gene, {})) if number in at]
    if known and not any(text[0].upper() in at.residues for at in known):
        what = f"{gene} p.{text} cannot be: residue {number} is {' or '.join(known[0].residues)}."
        yield _Doubt(wildcard, "impossible-residue", "warning", what, "Check the gene, the residue and the number.")


def _repeated(place: Located) -> Iterator[_Doubt]:
    """Equal items under an ``or`` of CTML, which reading takes once."""
    items = [item for item in place.value if isinstance(item.value, dict)] if isinstance(place.value, list) else []
    seen: set[str] = set()
    for item in items:
        text = _canonical(item)
        if text in seen:
            what = f"the alternative {cut(text)} was stated before."
            yield _Doubt(item, "duplicate-path", "warning", what, "Keep one of them.")
        seen.add(text)


def _canonical(place: Located) -> str:
    """A value as one line, its keys in the order of their letters."""
    if isinstance(place.value, dict):
        return "{" + ", ".join(f"{key}: {_canonical(place.value[key])}" for key in sorted(place.value)) + "}"
    if isinstance(place.value, list):
        return "[" + ", ".join(map(_canonical, place.value)) + "]"
    return place.written


def _gene(place: Located | None) -> str:
    try:
        return "" if place is None else approved_gene(place.written.lstrip("!"))
    except UserError:
        return ""
