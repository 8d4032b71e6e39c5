"""The values of many leaves for one patient, with what does not differ between patients kept.

- A leaf about genes in which a patient has no rows hangs on the tests alone: its value is kept by what the tests are.
- A leaf about genes with rows is kept by those rows and the tests.
- Any other leaf is kept by the rows of the tables that its kind reads.

Each value comes from the rules of `kohort.match.engine.evaluation`; here is only decided which need not be asked again.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence, Set
from datetime import date

import numpy as np

from kohort.match.criteria.clinical import Age, Diagnosis, Sex
from kohort.match.criteria.logic import Leaf
from kohort.match.criteria.molecular import CopyNumber, Fusion, Mutation, Rearrangement, WildType
from kohort.match.criteria.vocabulary import is_change, protein_change
from kohort.match.engine.evaluation import evidence
from kohort.match.engine.program import Values
from kohort.match.people.one import REARRANGED, SMALL, OnePatient, Row
from kohort.tables.clinical import HEADER

__all__ = ["PatientLeaves"]

_CLASSES: dict[type[Leaf], tuple[str, ...]] = {
    Mutation: SMALL,
    WildType: SMALL,
    CopyNumber: ("cnv",),
    Fusion: REARRANGED,
    Rearrangement: REARRANGED,
}
"""Leaves about genes, and the classes of variants that they read."""

_READS: dict[type[Leaf], dict[str, tuple[str, ...]]] = {
    Diagnosis: {"tumour": ("kind", "oncotree_code")},
    Sex: {"person": ("sex_code",)},
}
"""What some kinds read; of the others all rows but variants are taken to count."""

_APART = {"variant", "code"}

_HEADER = frozenset(column.name for column in HEADER) - {"id"}
"""Columns that no rule of those leaves reads. Ids stay: rows refer to each other by them."""

_MOST = 500_000
"""Values that are kept; a service that runs for months meets ever new patients, and must not grow with them."""

Memo = dict[tuple[int, Hashable], int]


class PatientLeaves:
    """A list of leaves, ready to be evaluated for one patient after another.

    Args:
        leaves: the leaves, in the order of the values.
        as_of: the day of matching.
    """

    def __init__(self, leaves: Sequence[Leaf], as_of: date) -> None:
        self._leaves = leaves
        self._as_of = as_of
        self._memo: Memo = {}
        self._untouched: dict[Hashable, Values] = {}
        self._about: dict[tuple[tuple[str, ...], str], list[int]] = {}
        self._of_genes: list[int] = []
        self._rearranged: list[int] = []
        self._by_kind: dict[type[Leaf], list[int]] = {}
        for place, leaf in enumerate(leaves):
            classes = _CLASSES.get(type(leaf))
            if classes is None:
                self._by_kind.setdefault(type(leaf), []).append(place)
                continue
            self._of_genes.append(place)
            self._rearranged += [place] if classes == REARRANGED else []
            for gene in genes_of(leaf):
                self._about.setdefault((classes, gene), []).append(place)

    def values(self, patient: OnePatient) -> Values:
        """The values of all leaves for one patient."""
        if len(self._memo) > _MOST or len(self._untouched) * len(self._leaves) > _MOST * 16:
            self._memo.clear()
            self._untouched.clear()
        tests = _tests(patient)
        if tests not in self._untouched:
            self._untouched[tests] = self._without_variants(patient)
        found = self._untouched[tests].copy()
        for classes in (SMALL, ("cnv",), REARRANGED):
            for gene, rows in patient.genes_of(classes).items():
                about = self._about.get((classes, gene), ())
                places = [place for place in about if not all(_is_no_such(self._leaves[place], row) for row in rows)]
                if places:
                    self._fill(found, places, patient, (tests, _contents(rows, {"id", "test"})))
        if patient.has_unnamed_rearrangement:
            self._fill(found, self._rearranged, patient, None)
        for kind, places in self._by_kind.items():
            self._fill(found, places, patient, None if kind is Age else _read(kind, patient))
        return found

    def _without_variants(self, patient: OnePatient) -> Values:
        """The values of a patient with these tests in whom nothing was found."""
        found = np.zeros(len(self._leaves), dtype=np.int8)
        rows = {
            "person": patient.rows["person"],
            "test": patient.rows.get("test", ()),
            "variant": [row for row in patient.variants if row.get("class") == "not_assessed"],
        }
        self._fill(found, self._of_genes, OnePatient(rows, patient.panels, None), None)
        return found

    def _fill(self, found: Values, places: Iterable[int], patient: OnePatient, key: Hashable) -> None:
        """Write the values of some leaves; those that are known under ``key`` are not worked out again."""
        for place in places:
            value = None if key is None else self._memo.get((place, key))
            if value is None:
                truth = evidence(self._leaves[place], patient, self._as_of).truth(1)
                value = int(truth.true[0]) - int(truth.false[0])
                if key is not None:
                    self._memo[place, key] = value
            found[place] = value


def _is_no_such(leaf: Leaf, row: Row) -> bool:
    """True if a row is legible and another change than the leaf asks for: then it says no more than no row."""
    if not isinstance(leaf, Mutation) or row.get("hgvs_p") is None:
        return False
    if leaf.protein_change is not None:
        return is_change(leaf.protein_change, row["hgvs_p"], leaf.gene) is False
    seen = protein_change(row["hgvs_p"], leaf.gene) if leaf.codon is not None else None
    return seen is not None and seen.position != leaf.codon


def genes_of(leaf: Leaf) -> list[str]:
    """The genes that a leaf names."""
    named = (getattr(leaf, "gene", None), getattr(leaf, "partner", None))
    return [gene for gene in dict.fromkeys(named) if gene is not None and gene not in {"any", "intergenic"}]


def _tests(patient: OnePatient) -> Hashable:
    """All of the tests that coverage hangs on."""
    gaps: dict[int, set[str]] = {}
    for row in patient.variants:
        if row.get("class") == "not_assessed":
            gaps.setdefault(row["test"], set()).add(row.get("gene") or "")
    named = ("assay", "panel", "coverage", "quality")
    return frozenset(
        (*(test.get(name) for name in named), frozenset(gaps.get(test["id"], ())))
        for test in patient.rows.get("test", ())
    )


def _contents(rows: Iterable[Row], beside: Set[str] = frozenset()) -> Hashable:
    """What rows say, apart from their ids, where they came from, and some columns."""
    left_out = _HEADER | beside
    return frozenset(
        frozenset((name, value) for name, value in row.items() if name not in left_out and value is not None)
        for row in rows
    )


def _read(kind: type[Leaf], patient: OnePatient) -> Hashable:
    reads = _READS.get(kind)
    if reads is None:
        return tuple((table, _contents(rows)) for table, rows in patient.rows.items() if table not in _APART and rows)
    return tuple(
        frozenset(tuple(row.get(name) for name in names) for row in patient.rows.get(table, ()))
        for table, names in reads.items()
    )
