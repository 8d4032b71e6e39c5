"""What a change does to its gene: known changes first, then the rule of the gene's role, else not known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kohort.codes import genes
from kohort.errors import IntegrityError
from kohort.profile import normalise
from kohort.profile.alterations import function
from kohort.profile.alterations.function import effect, known_functions, possible_effects
from kohort.profile.matching.patterns import exon_ranges
from tests.support import SHARED, needs_shared


def does(gene: str, change: str | None, classification: str | None = None, exon: int | None = None) -> str | None:
    return effect(normalise(change, gene, classification=classification), exon)


def may(gene: str, change: str | None, classification: str | None = None, exon: int | None = None) -> str:
    return " ".join(sorted(possible_effects(normalise(change, gene, classification=classification), exon)))


@pytest.mark.parametrize(
    ("gene", "change"),
    [("BRAF", "p.Val600Glu"), ("KRAS", "G12C"), ("PIK3CA", "p.H1047R"), ("AKT1", "E17K"), ("MTOR", "p.S2215Y")],
)
def test_a_known_hotspot_of_an_oncogene_activates_it(gene: str, change: str) -> None:
    """In any notation."""
    assert does(gene, change) == "activating"


@pytest.mark.parametrize("change", ["p.G12A", "p.G12F", "p.G12Y"])
def test_a_residue_stands_for_its_substitution_by_any_other(change: str) -> None:
    """Recurrence was counted by residue."""
    assert does("KRAS", change) == "activating"


@pytest.mark.parametrize("change", ["p.G12*", "p.G12fs", "p.V12A"])
def test_a_residue_stands_for_nothing_else(change: str) -> None:
    """A stop or frameshift there is none, and another reference residue is another place."""
    assert does("KRAS", change) != "activating"


@pytest.mark.parametrize(
    ("gene", "change"),
    [
        ("EGFR", "p.E746_A750del"),
        ("EGFR", "p.L747_A750delinsP"),
        ("EGFR", "p.D770_N771insSVD"),
        ("EGFR", "p.A763_Y764insFQEA"),
        ("ERBB2", "p.Y772_A775dup"),
        ("ERBB2", "p.G776delinsVC"),
        ("KIT", "p.W557_K558del"),
        ("KIT", "p.A502_Y503dup"),
        ("FLT3", "ITD"),
        ("FLT3", "p.599_600insDFREYEY"),
        ("PDGFRA", "p.D842_H845del"),
        ("CTNNB1", "p.S45del"),
    ],
)
def test_changes_in_frame_count_where_their_exon_or_stretch_is_known(gene: str, change: str) -> None:
    """Exon 19 deletions, exon 20 insertions, the juxtamembrane duplications and their like."""
    assert does(gene, change) == "activating"


def test_a_replacement_is_a_deletion_if_residues_are_lost() -> None:
    """As many residues as before are neither a deletion nor an insertion."""
    assert does("EGFR", "p.L747_A750delinsP") == "activating"
    assert does("EGFR", "p.L747_A750delinsPPPP") is None


@pytest.mark.parametrize(
    ("change", "classification"),
    [
        ("p.R342*", None),
        ("p.P151fs", None),
        ("p.X125_splice", None),
        ("p.T125=", "Splice_Site"),
        (None, "Splice_Site"),
        ("p.M1V", None),
        (None, "Nonsense_Mutation"),
    ],
)
def test_a_truncation_inactivates_a_suppressor(change: str | None, classification: str | None) -> None:
    """Nonsense, frameshift, splice site and lost start; the classification speaks where the change is blank."""
    assert does("TP53", change, classification) == "inactivating"


def test_a_truncation_does_not_activate_an_oncogene() -> None:
    """Whether it harms the protein is not known: the answer is known only in part."""
    assert does("BRAF", "p.Q636*") is None
    assert may("BRAF", "p.Q636*") == "inactivating neutral"


@pytest.mark.parametrize(
    ("gene", "change"),
    [("CSF3R", "p.Q741*"), ("CALR", "p.L367fs*46"), ("PPM1D", "p.R552*"), ("NOTCH1", "p.P2514fs"), ("SRC", "p.Q531*")],
)
def test_known_truncations_activate(gene: str, change: str) -> None:
    """Where the lost end of the protein held it back."""
    assert does(gene, change) == "activating"


@pytest.mark.parametrize(
    ("change", "classification", "exon"),
    [
        ("p.X1010_splice", None, None),
        ("p.X1028_splice", None, None),
        ("p.D1010N", None, None),
        (None, "Splice_Site", 14),
    ],
)
def test_skipping_of_met_exon_14_activates(change: str | None, classification: str | None, exon: int | None) -> None:
    """By the residue, on either transcript, or by the exon where the source gives no residue."""
    assert does("MET", change, classification, exon) == "activating"


def test_a_splice_variant_of_met_that_lies_nowhere_may_be_that_one() -> None:
    """Neither residue nor exon: unknown; in another exon: a truncation like any other."""
    assert may("MET", None, "Splice_Site") == "activating inactivating neutral"
    assert may("MET", None, "Splice_Site", 3) == "inactivating neutral"


def test_the_narrowest_fact_decides() -> None:
    """BRCA2 is a suppressor, its end may be lost, and one stop there is a harmless polymorphism."""
    assert does("BRCA2", "p.S1982fs") == "inactivating"
    assert does("BRCA2", "p.E3342*") is None
    assert does("BRCA2", "p.K3326*") == "neutral"


def test_a_gene_of_both_roles_leaves_a_truncation_open() -> None:
    """EZH2 is activated in lymphoma and lost in myeloid disease."""
    assert does("EZH2", "p.Y646N") == "activating"
    assert may("EZH2", "p.R288*") == "activating inactivating neutral"


def test_an_altered_protein_does_something_in_any_case() -> None:
    """SF3B1 K700E changes splicing: it is not neutral, and neither plainly up nor down."""
    assert may("SF3B1", "p.K700E") == "activating inactivating"


@pytest.mark.parametrize(
    ("gene", "change"), [("TP53", "p.N29D"), ("BRAF", "p.S605N"), ("ZNF99", "p.R10*"), ("BRAF", "?"), ("BRAF", None)]
)
def test_everything_else_is_not_known(gene: str, change: str | None) -> None:
    """A change of unknown significance, a gene outside the table, a text that cannot be read."""
    assert does(gene, change) is None
    assert may(gene, change) == "activating inactivating neutral"


def test_a_silent_change_is_neutral() -> None:
    """Of any gene."""
    assert does("ZNF99", "p.R10=") == "neutral"


def test_of_alternatives_any_may_be_the_case() -> None:
    """Known only if all of them agree."""
    assert does("KRAS", "p.G12D/V") == "activating"
    assert does("BRAF", "p.S605N/R") is None


def test_the_table_can_be_read_and_names_a_source_for_every_row() -> None:
    """Approved symbols only; an exon is known by its residues; a date is a year."""
    table = known_functions()
    assert len(table) >= 200
    for gene, known in table.items():
        resolved = genes.resolve(gene)
        assert resolved is not None
        assert resolved.symbol == gene
        assert all(source and date.isdigit() for source, date in known.sources)
        for fact in known.facts:
            assert fact.exon is None or (gene, fact.exon) in exon_ranges()


@pytest.mark.parametrize(
    "row", [["BRAF", "driver", "", "", "", ""], ["BRAF", "oncogene", "activating", "V600E?", "", ""]]
)
def test_a_damaged_table_is_an_error_of_kohort(monkeypatch: pytest.MonkeyPatch, row: list[str]) -> None:
    """A role or a change that cannot be read is named."""
    monkeypatch.setattr(function, "own_table", lambda _name: iter([row]))
    known_functions.cache_clear()
    with pytest.raises(IntegrityError, match="BRAF"):
        known_functions()
    known_functions.cache_clear()


@pytest.mark.realdata
@needs_shared
def test_the_table_knows_every_gene_whose_function_a_real_trial_asks() -> None:
    """CAPTUR (NCT03297606) asks for activating and inactivating mutations of 27 genes."""
    trials = [json.loads(path.read_text("utf-8")) for path in sorted((SHARED / "trials").glob("NCT*.json"))]
    asked = {node["hugo_symbol"] for node in nodes(trials) if "molecular_function" in node and is_mutation(node)}
    assert len(asked) == 27
    assert asked <= known_functions().keys()


def nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from nodes(part)


def is_mutation(node: dict[str, Any]) -> bool:
    return node.get("variant_category") == "Mutation"
