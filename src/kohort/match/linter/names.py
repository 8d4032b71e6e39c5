"""Checks of names: genes, drugs, drug classes that the tables in use do not hold."""

from __future__ import annotations

import difflib
import functools
from collections.abc import Iterable, Iterator

from kohort.codes import drugs, genes
from kohort.match.criteria.logic import Leaf, leaves
from kohort.match.criteria.vocabulary import is_known_drug, is_known_drug_class, is_known_gene
from kohort.match.linter.findings import finding
from kohort.match.trials.problems import Problem
from kohort.match.trials.protocol import Arm, Trial

__all__ = ["unknown_names"]


def unknown_names(trial: Trial) -> Iterator[Problem]:
    """``unknown-gene``, ``unknown-drug`` and ``unknown-drug-class``; each name once, where it stands first."""
    first: dict[tuple[str, str], Arm] = {}
    for arm in trial.arms:
        doubts = [doubt for leaf in leaves(trial.criteria_of(arm)) for doubt in _doubts(leaf)]
        for doubt in [*doubts, *(("drug", drug) for drug in arm.drugs if not is_known_drug(drug))]:
            first.setdefault(doubt, arm)
    for (kind, name), arm in first.items():
        what = f"the {kind} {name!r} is not in the table in use."
        yield finding(f"unknown-{kind.replace(' ', '-')}", "warning", (trial, arm), what, _suggestion(kind, name))


def _doubts(leaf: Leaf) -> Iterator[tuple[str, str]]:
    for gene in (getattr(leaf, "gene", None), getattr(leaf, "partner", None)):
        if gene is not None and gene not in {"any", "intergenic"} and not is_known_gene(gene):
            yield "gene", gene
    for treated in (leaf, *(getattr(leaf, end, None) for end in ("first", "then"))):
        drug, drug_class = getattr(treated, "drug", None), getattr(treated, "drug_class", None)
        if drug is not None and not is_known_drug(drug):
            yield "drug", drug
        if drug_class is not None and not is_known_drug_class(drug_class):
            yield "drug class", drug_class


@functools.cache
def _suggestion(kind: str, name: str) -> str:
    if kind == "gene":
        shared = genes.candidates(name)
        if shared:
            return f"Several genes are called so: {', '.join(gene.symbol for gene in shared)}. Name one."
        return _nearest(name, genes.symbols())
    if kind == "drug":
        return _nearest(name, (drug.name for drug in drugs.all_drugs()))
    return _nearest(name, {word.casefold() for drug in drugs.all_drugs() for word in drug.classes})


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=2, cutoff=0.7)
    return f"Did you mean {' or '.join(map(repr, near))}?" if near else "Check its spelling."
