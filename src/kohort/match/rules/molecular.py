"""How molecular criteria are decided: rows of the gene say yes, coverage turns their absence into a no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from kohort.match.criteria.logic import Leaf
from kohort.match.criteria.molecular import (
    CALLS,
    CopyNumber,
    Fusion,
    Mmr,
    Msi,
    Mutation,
    Rearrangement,
    Signature,
    Tmb,
    WildType,
)
from kohort.match.criteria.ranges import bounds
from kohort.match.criteria.vocabulary import CODING_SILENT, VARIANT_CLASSES, is_change, protein_change
from kohort.match.engine.truth import Mask
from kohort.match.people.columns import Coded, approved_genes, floats
from kohort.match.people.population import Population
from kohort.match.rules.functions import functions
from kohort.match.rules.rows import Evidence, Rows

__all__ = ["RULES"]

_SPLICE = ("Splice_Site", "Splice_Region")
_REPAIR = {
    "deficient": "deficient",
    "proficient": "proficient",
    "MSI-H": "deficient",
    "MSI-L": "proficient",
    "MSS": "proficient",
}
"""Results that say how mismatch repair works; every other result is void."""


def mutation(leaf: Mutation, population: Population, as_of: date) -> Evidence:
    """A small variant, from the gene's rows and its coverage."""
    variants = population.mutations
    rows = variants.place(leaf.gene)
    classes = variants.texts["classification"][rows]
    if leaf.classes:
        wanted = classes.among(leaf.classes)
        parts = [(wanted, ~wanted & classes.among(VARIANT_CLASSES))]
    else:
        silent = classes.among(CODING_SILENT)
        parts = [(~silent, silent)]
    changes = variants.texts["hgvs_p"][rows]
    if leaf.protein_change is not None:
        parts.append(_changes(leaf.protein_change, leaf.gene, changes, classes))
    if leaf.codon is not None:
        parts.append(_codons(leaf, changes, classes))
    if leaf.exon is not None:
        exon = variants.numbers["exon"][rows]
        parts.append((exon == leaf.exon, (exon != leaf.exon) & ~np.isnan(exon)))
    if leaf.function is not None:
        parts.append(functions(leaf.function, leaf.gene, changes, classes, variants.numbers["exon"][rows]))
    true = np.logical_and.reduce([part[0] for part in parts])
    false = np.logical_or.reduce([part[1] for part in parts])
    # Another mutation of the gene is no answer to whether this one is there: coverage is.
    seen = Rows.judged("variant", variants.at[rows], variants.id[rows], true, false).kept(~false)
    return _gene_evidence((seen,), population, (leaf.gene,), "mutation")


def wild_type(leaf: WildType, population: Population, as_of: date) -> Evidence:
    """The opposite of any mutation."""
    found = mutation(Mutation(leaf.gene), population, as_of)
    return Evidence(found.rows, found.absent, negated=True, grounds=found.grounds)


def copy_number(leaf: CopyNumber, population: Population, as_of: date) -> Evidence:
    """A copy-number call; any call of the gene is a measurement."""
    calls = population.copy_numbers
    rows = calls.place(leaf.gene)
    copies = calls.numbers["copies"][rows]
    known = ~np.isnan(copies)
    wanted = known & (copies != 0 if leaf.call is None else copies == CALLS[leaf.call])
    other = known & ~wanted
    measured = Rows.judged("variant", calls.at[rows], calls.id[rows], wanted, other)
    return _gene_evidence((measured,), population, (leaf.gene,), "copy_number")


def fusion(leaf: Fusion, population: Population, as_of: date) -> Evidence:
    """A fusion, whichever end is named first."""
    found = population.rearrangements
    left, right = (approved_genes(Coded.of(found[name])) for name in ("gene", "partner"))
    genes = (leaf.gene,) if leaf.partner is None else (leaf.gene, leaf.partner)
    one, two = left.among(genes), right.among(genes)
    named, same = ~left.is_null & ~right.is_null, _same(left, right)
    if leaf.partner is None:
        called = Coded.of(found["class"]).among(("fusion",))
        true = (one | two) & np.where(named, ~same, called)
    else:
        true = one & two & ~same
    # Both ends known: a fusion with another gene, or a rearrangement within one gene, is none of these.
    rows = Rows.statements("variant", found, true, named & ~true)
    about = one | two | _unnamed(found)
    return _gene_evidence((rows.kept(about & ~rows.false),), population, genes, "structural_variant")


def rearrangement(leaf: Rearrangement, population: Population, as_of: date) -> Evidence:
    """A structural variant of any sort, whichever end is named first."""
    found = population.rearrangements
    blank = {name: found[name].is_null().to_numpy() for name in ("gene", "partner")}
    ends = {name: approved_genes(Coded.of(found[name])) for name in blank}
    ways = [
        _joined(leaf, ends[one], ends[other], blank[other]) for one, other in (("gene", "partner"), ("partner", "gene"))
    ]
    true, unclear = (ways[0][i] | ways[1][i] for i in (0, 1))
    unclear |= _unnamed(found)
    rows = Rows.statements("variant", found, true, ~(true | unclear))
    return _gene_evidence((rows.kept(~rows.false),), population, leaf.genes, "structural_variant")


def _unnamed(found: pl.DataFrame) -> Mask:
    """Rearrangements whose report names no gene that can be read: it may be any."""
    return (found["gene"].is_null() & found["partner"].is_null()).to_numpy()


def mmr(leaf: Mmr, population: Population, as_of: date) -> Evidence:
    """Mismatch repair, from immunohistochemistry and from microsatellites."""

    def judge(result: str) -> bool | None:
        read = _REPAIR.get(result)
        return None if read is None else read == leaf.status

    stained = population.findings["ihc"].filter(pl.col("code_code") == "MMR")
    findings, tests = population.findings["msi"], population.tests.drop_nulls("msi")
    return Evidence(
        (
            Rows.results("finding", stained, *Coded.of(stained["value_code"]).judged(judge)),
            Rows.results("finding", findings, *Coded.of(findings["value_code"]).judged(judge)),
            Rows.results("test", tests, *Coded.of(tests["msi"]).judged(judge)),
        )
    )


def signature(leaf: Signature, population: Population, as_of: date) -> Evidence:
    """A mutational signature, as reported; one that nobody reported on is unknown."""
    found = population.signatures.filter(pl.col("code_code") == leaf.name)
    result = Coded.of(found["value_code"])
    wanted, other = ("present", "absent") if leaf.present else ("absent", "present")
    return Evidence((Rows.results("finding", found, result.among((wanted,)), result.among((other,))),))


def msi(leaf: Msi, population: Population, as_of: date) -> Evidence:
    """Microsatellite status, from findings and tests."""

    def judge(status: str) -> bool | None:
        return None if status == "indeterminate" else status == leaf.status

    findings, tests = population.findings["msi"], population.tests.drop_nulls("msi")
    return Evidence(
        (
            Rows.results("finding", findings, *Coded.of(findings["value_code"]).judged(judge)),
            Rows.results("test", tests, *Coded.of(tests["msi"]).judged(judge)),
        )
    )


def tmb(leaf: Tmb, population: Population, as_of: date) -> Evidence:
    """Tumour mutational burden, from findings and tests."""
    findings = population.findings["tmb"].drop_nulls("value_number")
    tests = population.tests.drop_nulls("tmb")
    signs = findings["comparator"].to_numpy()
    reported = leaf.per_mb.decide(*bounds(floats(findings["value_number"]), signs))
    value = floats(tests["tmb"])
    return Evidence(
        (
            Rows.statements("finding", findings, *reported),
            Rows.results("test", tests, *leaf.per_mb.decide(value, value)),
        )
    )


def _gene_evidence(rows: tuple[Rows, ...], population: Population, genes: tuple[str, ...], assay: str) -> Evidence:
    """Rows of genes, with their absence a no wherever one of the genes was covered."""
    coverage = population.coverage
    covered = np.bitwise_or.reduce([coverage.covered(gene, assay) for gene in genes])

    def grounds() -> tuple[Rows, ...]:
        return tuple(coverage.grounds(gene, assay) for gene in genes)

    return Evidence(rows, covered, grounds=grounds)


def _changes(wanted: str, gene: str, changes: Coded, classes: Coded) -> tuple[Mask, Mask]:
    true, false = changes.judged(lambda written: is_change(wanted, written, gene))
    return true, false if wanted.endswith("_splice") else false | _unwritten_splice(changes, classes)


def _codons(leaf: Mutation, changes: Coded, classes: Coded) -> tuple[Mask, Mask]:
    def judge(text: str) -> bool | None:
        seen = protein_change(text, leaf.gene)
        return None if seen is None else seen.kind == "missense" and seen.position == leaf.codon

    true, false = changes.judged(judge)
    return true, false | _unwritten_splice(changes, classes)


def _unwritten_splice(changes: Coded, classes: Coded) -> Mask:
    """Splice variants without a protein change: whatever they do, they substitute no residue."""
    return changes.is_null & classes.among(_SPLICE)


def _joined(leaf: Rearrangement, one: Coded, other: Coded, blank: Mask) -> tuple[Mask, Mask]:
    """Rows that fit with ``one`` as the leaf's gene, and rows that may fit.

    A blank end is read as a place between genes where that is asked for, and as a gene that was not named where a
    gene is: a blank excludes nothing.
    """
    here, nameless = one.among((str(leaf.gene),)), other.is_null
    match leaf.partner:
        case None:
            return here, np.zeros_like(here)
        case "any":
            return here & ~nameless, here & nameless
        case "intergenic":
            return here & blank, here & nameless
        case partner:
            return here & other.among((partner,)), one.among(leaf.genes) & nameless


def _same(left: Coded, right: Coded) -> Mask:
    names = [*left.values, ""]
    places = {name: place for place, name in enumerate(right.values)}
    partner = np.array([places.get(name, -2) for name in names], dtype=np.int32)
    return partner[left.codes] == right.codes


RULES: dict[type[Leaf], Callable[[Any, Population, date], Evidence]] = {
    Mutation: mutation,
    WildType: wild_type,
    CopyNumber: copy_number,
    Fusion: fusion,
    Mmr: mmr,
    Msi: msi,
    Rearrangement: rearrangement,
    Signature: signature,
    Tmb: tmb,
}
"""The rule for each kind of leaf of this module."""
