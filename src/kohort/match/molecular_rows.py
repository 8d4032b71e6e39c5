"""How molecular criteria are decided: rows of the gene say yes, coverage turns their absence into a no."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from kohort.match.clinical_rows import evidence
from kohort.match.columns import Coded, approved_genes, floats
from kohort.match.molecular import CALLS, CopyNumber, Fusion, Msi, Mutation, Tmb, WildType
from kohort.match.population import Population
from kohort.match.ranges import bounds
from kohort.match.rows import Evidence, Rows
from kohort.match.truth import Mask
from kohort.match.vocabulary import CODING_SILENT, is_same_change, protein_change

__all__: list[str] = []

_SPLICE = ("Splice_Site", "Splice_Region")


@evidence.register
def _mutation(leaf: Mutation, population: Population, as_of: date) -> Evidence:
    variants = population.mutations
    rows = variants.place(leaf.gene)
    classes = variants.text("classification", rows)
    if leaf.classes:
        wanted = classes.among(leaf.classes)
        parts = [(wanted, ~wanted & ~classes.is_null)]
    else:
        silent = classes.among(CODING_SILENT)
        parts = [(~silent, silent)]
    changes = variants.text("hgvs_p", rows)
    if leaf.protein_change is not None:
        parts.append(_changes(leaf, changes, classes))
    if leaf.codon is not None:
        parts.append(_codons(leaf, changes, classes))
    if leaf.exon is not None:
        exon = variants.number("exon", rows)
        parts.append((exon == leaf.exon, (exon != leaf.exon) & ~np.isnan(exon)))
    true = np.logical_and.reduce([part[0] for part in parts])
    false = np.logical_or.reduce([part[1] for part in parts])
    # Another mutation of the gene is no answer to whether this one is there: coverage is.
    seen = Rows.of("variant", variants.at[rows], variants.id[rows], (true, false)).kept(~false)
    return _gene_evidence((seen,), population, (leaf.gene,), "mutation")


@evidence.register
def _wild_type(leaf: WildType, population: Population, as_of: date) -> Evidence:
    found = evidence(Mutation(leaf.gene), population, as_of)
    return Evidence(found.rows, found.absent, negated=True, grounds=found.grounds)


@evidence.register
def _copy_number(leaf: CopyNumber, population: Population, as_of: date) -> Evidence:
    calls = population.copy_numbers
    rows = calls.place(leaf.gene)
    copies = calls.number("copies", rows)
    wanted = copies == CALLS[leaf.call]
    measured = Rows.of("variant", calls.at[rows], calls.id[rows], (wanted, ~wanted & ~np.isnan(copies)))
    return _gene_evidence((measured,), population, (leaf.gene,), "copy_number")


@evidence.register
def _fusion(leaf: Fusion, population: Population, as_of: date) -> Evidence:
    found = population.rearrangements
    left, right = (approved_genes(Coded.of(found[name])) for name in ("gene", "partner"))
    if leaf.partner is None:
        here = (left.among((leaf.gene,)), right.among((leaf.gene,)))
        concerns = here[0] | here[1]
        # Both ends in one gene: a rearrangement within it, no fusion.
        true = (here[0] ^ here[1]) & ~left.is_null & ~right.is_null
        false = here[0] & here[1]
    else:
        pair = (leaf.gene, leaf.partner)
        one, two = left.among(pair), right.among(pair)
        concerns = one | two
        # The other end named and not the partner, or both ends in one gene.
        false = (one ^ two) & ~left.is_null & ~right.is_null | (one & two & _same(left, right))
        true = one & two & ~false
    called = Coded.of(found["class"]).among(("fusion",))
    if leaf.partner is None:
        true |= concerns & (left.is_null | right.is_null) & called
    rows = Rows.of("variant", found["at"].to_numpy(), found["id"].to_numpy(), (true, false))
    genes = (leaf.gene,) if leaf.partner is None else (leaf.gene, leaf.partner)
    return _gene_evidence((rows.kept(concerns & ~false),), population, genes, "structural_variant")


@evidence.register
def _msi(leaf: Msi, population: Population, as_of: date) -> Evidence:
    def judge(status: str) -> bool | None:
        return None if status == "indeterminate" else status == leaf.status

    findings, tests = population.findings["msi"], population.tests.drop_nulls("msi")
    return Evidence(
        (
            _results("finding", findings, *Coded.of(findings["value_code"]).judged(judge)),
            _results("test", tests, *Coded.of(tests["msi"]).judged(judge)),
        )
    )


@evidence.register
def _tmb(leaf: Tmb, population: Population, as_of: date) -> Evidence:
    findings = population.findings["tmb"].drop_nulls("value_number")
    tests = population.tests.drop_nulls("tmb")
    signs = findings["comparator"].to_numpy()
    reported = leaf.per_mb.decide(*bounds(floats(findings["value_number"]), signs))
    value = floats(tests["tmb"])
    return Evidence(
        (
            Rows.of("finding", findings["at"].to_numpy(), findings["id"].to_numpy(), reported),
            _results("test", tests, *leaf.per_mb.decide(value, value)),
        )
    )


def _gene_evidence(
    rows: tuple[Rows, ...], population: Population, genes: tuple[str, ...], assay: str
) -> Evidence:
    """Rows of genes, with their absence a no wherever one of the genes was covered."""
    coverage = population.coverage
    covered = np.logical_or.reduce([coverage.covered(gene, assay) for gene in genes])

    def grounds(at: int):  # noqa: ANN202
        return tuple(dict.fromkeys(ref for gene in genes for ref in coverage.grounds(at, gene, assay)))

    return Evidence(rows, covered, grounds=grounds)


def _changes(leaf: Mutation, changes: Coded, classes: Coded) -> tuple[Mask, Mask]:
    wanted = protein_change(leaf.protein_change or "", leaf.gene)
    if wanted is None:
        raise ValueError("a mutation leaf holds a protein change that can be read")

    def judge(text: str) -> bool | None:
        seen = protein_change(text, leaf.gene)
        return None if seen is None else is_same_change(wanted, seen)

    true, false = changes.judged(judge)
    return true, false | (_unwritten_splice(changes, classes) if wanted.kind != "splice" else np.zeros_like(false))


def _codons(leaf: Mutation, changes: Coded, classes: Coded) -> tuple[Mask, Mask]:
    def judge(text: str) -> bool | None:
        seen = protein_change(text, leaf.gene)
        return None if seen is None else seen.kind == "missense" and seen.position == leaf.codon

    true, false = changes.judged(judge)
    return true, false | _unwritten_splice(changes, classes)


def _unwritten_splice(changes: Coded, classes: Coded) -> Mask:
    """Splice variants without a protein change: whatever they do, they substitute no residue."""
    return changes.is_null & classes.among(_SPLICE)


def _same(left: Coded, right: Coded) -> Mask:
    names = [*left.values, ""]
    places = {name: place for place, name in enumerate(right.values)}
    partner = np.array([places.get(name, -2) for name in names], dtype=np.int32)
    return partner[left.codes] == right.codes


def _results(table: str, frame: pl.DataFrame, true: Mask, false: Mask) -> Rows:
    """Results of a test: one that says neither is void, as if the test had not been made."""
    void = np.ones(len(true), dtype=np.bool_)
    return Rows.of(table, frame["at"].to_numpy(), frame["id"].to_numpy(), (true, false), void=void)
