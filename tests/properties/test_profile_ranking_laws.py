"""Laws of ranking: stronger or nearer evidence lowers no place, rows on the gene change nothing, rules are told.

The two laws of order are checked on every combination of what the rules see in a row, and on drawn frames for what
rows do to each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import product

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kohort.profile.knowledge.levels import STRENGTHS
from kohort.profile.knowledge.pack import DIRECTIONS
from kohort.profile.matching.tumours import TUMOUR_RELATIONS
from kohort.profile.ranking.amp import amp
from kohort.profile.ranking.best import best
from kohort.profile.ranking.dnpm import dnpm
from kohort.profile.ranking.escat import escat
from kohort.profile.ranking.jurisdiction import JURISDICTIONS
from kohort.profile.ranking.oncokb_like import oncokb_like
from kohort.profile.ranking.ranks import TIERS, rank
from kohort.profile.ranking.seen import Rank, Seen
from tests.spec.profile.evidence_rows import evidence

Row = Mapping[str, object]
SCALES = tuple(TIERS)
LEVEL_SYSTEMS = [
    ("CIViC", "B"),
    ("Cohort", "positive"),
    *(("ESCAT draft", level) for level in ("I-A", "I-C", "II-B", "III-A", "IV-B", "V")),
    *(("OncoKB", level) for level in ("1", "3A", "3B", "R1", "Dx1")),
]


@st.composite
def rows(draw: st.DrawFn) -> dict[str, object]:
    """One row of evidence on one of two alterations and drugs."""
    evidence_type = draw(st.sampled_from(sorted(DIRECTIONS)))
    system, level = draw(st.sampled_from(LEVEL_SYSTEMS))
    return {
        "evidence_type": evidence_type,
        "direction": draw(st.sampled_from([*DIRECTIONS[evidence_type], "unclear"])),
        "strength": draw(st.sampled_from(STRENGTHS)),
        "level_system": system,
        "level": level,
        "match_level": draw(st.sampled_from(["exact", "equivalent", "codon", "exon", "domain", "class", "gene"])),
        "tumour_relation": draw(st.sampled_from(TUMOUR_RELATIONS)),
        "open_condition": draw(st.sampled_from([None, None, None, "TP53 was not tested"])),
        "jurisdiction": draw(st.sampled_from(["US", "EU", "US;EU", "NO", "international"])),
        "drugs": draw(st.sampled_from(["dabrafenib", "vemurafenib"])),
        "alteration": draw(st.sampled_from(["p.V600E", "p.V600K"])),
        "source_id": draw(st.sampled_from(["PMID:1", "PMID:2", "PMID:2; PMID:3", "label"])),
    }


JUDGES: dict[str, Callable[[Seen], Rank]] = {"tier": amp, "escat": escat, "oncokb_like": oncokb_like, "dnpm": dnpm}


def all_seen() -> Iterator[Seen]:
    """Every combination that may carry a place; benign is left out, as there stronger is lower."""
    said = [(kind, way) for kind, ways in DIRECTIONS.items() for way in ways if way != "benign"]
    flags = list(product((False, True), repeat=3))
    for (kind, way), (system, level), flag in product(said, LEVEL_SYSTEMS, flags):
        yield Seen(kind, way, STRENGTHS[-1], system, level, "exact", TUMOUR_RELATIONS[-1], False, *flag)


def steps(scale: str, seen: list[Seen]) -> list[int]:
    values = [JUDGES[scale](each).value for each in seen]
    return [len(TIERS[scale]) if value is None else TIERS[scale].index(value) for value in values]


@pytest.mark.parametrize("scale", SCALES)
def test_a_place_rises_with_strength_and_with_nearness_in_every_combination(scale: str) -> None:
    """Along each of the two orders, all else equal, no step goes down."""
    for seen in all_seen():
        for relation in TUMOUR_RELATIONS:
            by_strength = steps(scale, [replace(seen, relation=relation, strength=word) for word in STRENGTHS])
            assert by_strength == sorted(by_strength)
        for strength in STRENGTHS:
            by_relation = steps(scale, [replace(seen, strength=strength, relation=word) for word in TUMOUR_RELATIONS])
            assert by_relation == sorted(by_relation)


def place(found: pl.DataFrame, scale: str, row: int = 0) -> int:
    """How good the place of a row is, 0 best; none is worst."""
    value = found[scale][row]
    return len(TIERS[scale]) if value is None else TIERS[scale].index(value.split(" ")[0])


def no_worse(before: pl.DataFrame, after: pl.DataFrame, scale: str) -> bool:
    return all(place(after, scale, row) <= place(before, scale, row) for row in range(before.height))


several = st.lists(rows(), min_size=1, max_size=5)
few = settings(max_examples=20, deadline=None)


@few
@given(several, st.data())
def test_stronger_evidence_never_lowers_a_place(found: list[dict[str, object]], data: st.DataObject) -> None:
    """A stronger study lowers neither its own row nor another, on any scale.

    Left out: benign, where stronger means lower; and the OncoKB-like scale across R2, which stands last though it is
    no less sure than 4.
    """
    assume(found[0]["direction"] != "benign")
    weaker = STRENGTHS.index(str(found[0]["strength"]))
    stronger = STRENGTHS[data.draw(st.integers(0, weaker))]
    before, after = rank(evidence(*found)), rank(evidence(found[0] | {"strength": stronger}, *found[1:]))
    assert all(no_worse(before, after, scale) for scale in SCALES)


@few
@given(several, st.data())
def test_a_nearer_tumour_type_never_lowers_a_place(found: list[dict[str, object]], data: st.DataObject) -> None:
    """Evidence of the patient's own tumour type is worth at least what it is worth elsewhere."""
    far = TUMOUR_RELATIONS.index(str(found[0]["tumour_relation"]))
    nearer = TUMOUR_RELATIONS[data.draw(st.integers(0, far))]
    before, after = rank(evidence(*found)), rank(evidence(found[0] | {"tumour_relation": nearer}, *found[1:]))
    assert all(no_worse(before, after, scale) for scale in SCALES)


@few
@given(several, st.lists(rows(), max_size=3))
def test_rows_on_the_whole_gene_change_no_place(found: list[dict[str, object]], genes: list[dict[str, object]]) -> None:
    """What is known of the gene adds nothing to what is known of the alteration."""
    alone = rank(evidence(*found))
    beside = rank(evidence(*found, *(row | {"match_level": "gene"} for row in genes)))
    for scale in SCALES:
        grades = [frame[scale].str.split(" ").list.first().head(len(found)).to_list() for frame in (alone, beside)]
        assert grades[0] == grades[1]
    assert beside.tail(len(genes))["tier"].is_in(["III"]).all()


@few
@given(several)
def test_every_row_has_a_rule_on_every_scale(found: list[dict[str, object]]) -> None:
    """A place without its rule cannot be argued with; a row without a place says why it has none."""
    placed = rank(evidence(*found))
    rules = placed.select("tier_rule", "escat_rule", "oncokb_rule", "dnpm_rule")
    assert rules.null_count().sum_horizontal().item() == 0
    assert (placed["escat"].is_null() == placed["escat_status"].is_null()).all()


@few
@given(several)
def test_a_barred_row_is_never_above_tier_iii(found: list[dict[str, object]]) -> None:
    """The whole gene, an open condition, and an unclear direction."""
    placed = rank(evidence(*found)).filter(
        (pl.col("match_level") == "gene") | pl.col("open_condition").is_not_null() | (pl.col("direction") == "unclear")
    )
    assert placed["tier"].is_in(["III"]).all()
    assert placed.select("escat", "oncokb_like", "dnpm").null_count().sum_horizontal().sum() == 3 * placed.height


@few
@given(several)
def test_the_order_of_the_rows_does_not_matter(found: list[dict[str, object]]) -> None:
    """Each row has the same places wherever it stands."""
    given_rows = evidence(*found)
    assert rank(given_rows.reverse()).reverse().equals(rank(given_rows))


@few
@given(several)
def test_the_best_of_a_group_is_the_best_of_its_rows(found: list[dict[str, object]]) -> None:
    """No row of a group stands above the one that ``best`` names, and every group has one."""
    placed = rank(evidence(*found))
    key = ["alteration", "evidence_type", "drugs", "direction"]
    named = best(placed)
    assert named.height == placed.select(key).unique().height
    for row in named.iter_rows(named=True):
        group = placed.filter(pl.all_horizontal(pl.col(name) == row[name] for name in key))
        least = min(place(group, "tier", number) for number in range(group.height))
        assert place(pl.DataFrame({"tier": [row["tier"]]}, schema={"tier": pl.String}), "tier") == least


@few
@given(several)
def test_an_approval_is_never_a_no_without_a_decision(found: list[dict[str, object]]) -> None:
    """Labels among the evidence give yes or unknown; Norway follows the EU."""
    placed = rank(evidence(*found))
    for column in (*JURISDICTIONS.values(), "reimbursed_no"):
        assert placed[column].is_in(["yes", "unknown"]).all()
    assert placed.filter(pl.col("approved_eu") == "yes")["approved_no"].is_in(["yes"]).all()
    assert (
        placed.filter(~pl.col("tumour_relation").is_in(["exact", "descendant", "any"]))["approved_us"]
        .is_in(["unknown"])
        .all()
    )
