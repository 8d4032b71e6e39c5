"""Small odds of the answers of matching: limits that are reached, kinds that are rarely asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kohort.match import Arm, Trial, match
from kohort.match.answers.changes import changes, snapshot
from kohort.match.answers.gaps import ArmGaps
from kohort.match.answers.minimal import minimal_facts, openings
from kohort.match.answers.near import near_misses
from kohort.match.answers.outcomes import answers, can_be
from kohort.match.answers.ranking import Specificity, options
from kohort.match.answers.readings import distance
from kohort.match.criteria import (
    Age,
    And,
    AtLeast,
    CopyNumber,
    Criterion,
    Histology,
    Leaf,
    Metastatic,
    Mmr,
    Msi,
    Mutation,
    Not,
    Or,
    PerformanceStatus,
    PriorTherapy,
    Range,
    Receptor,
    Sex,
    Signature,
    Stage,
    Tmb,
    WildType,
)
from kohort.match.engine.evaluation import leaf_truth
from tests.spec.match.match_people import TODAY, People

GENES = [f"GENE{i}" for i in range(20)]


def a_woman(**columns: Any) -> People:
    people = People()
    people.add("person", 1, sex_code="female", **columns)
    return people


def trial(criterion: Criterion) -> Trial:
    return Trial("T", "A trial", (Arm("A", "Arm", (), criterion),))


def exons(number: int) -> list[Criterion]:
    """Criteria of one gene that are tied to each other, so that they cannot be taken as one."""
    each = [Mutation("BRAF", exon=exon) for exon in range(1, number + 1)]
    return [Or(exon, And(Mutation("BRAF", exon=exon.exon, codon=600), Msi("MSI-H"))) for exon in each]


def test_a_fact_with_too_many_answers_is_named_and_the_sets_are_said_to_be_incomplete() -> None:
    found = minimal_facts(And(*exons(9)), a_woman().population, 1, TODAY)
    assert not found.is_complete
    assert [{fact.words for fact in one} for one in found.decide] == [{"mutation test of BRAF", "microsatellite test"}]


def test_more_spare_facts_than_can_be_tried_give_all_of_them() -> None:
    """Each contradiction alone decides; of seventeen facts that are each enough, no choice is made."""
    contradictions = [And(Mutation(gene), WildType(gene)) for gene in GENES[:17]]
    found = minimal_facts(And(*contradictions), a_woman().population, 1, TODAY)
    assert not found.is_complete
    assert len(found.decide[0]) == 17
    few = minimal_facts(And(*contradictions[:3]), a_woman().population, 1, TODAY)
    assert few.is_complete
    assert [len(one) for one in few.decide] == [1, 1, 1]


def test_many_facts_shared_by_many_parts_end_in_time() -> None:
    """Every pair of twenty genes, one of each: the answers that are followed up are bounded."""
    pairs = [AtLeast(1, Mutation(a), WildType(b)) for a in GENES for b in GENES if a < b]
    found = minimal_facts(And(*pairs), a_woman().population, 1, TODAY)
    assert len(found.decide) == 1
    assert len(found.decide[0]) == 20


def test_the_sets_are_told_in_lines() -> None:
    """What decides, what opens, what excludes."""
    found = minimal_facts(Msi("MSI-H"), a_woman().population, 1, TODAY)
    assert list(found.lines()) == [
        "Decided by: microsatellite test.",
        "Eligible with: microsatellite test: microsatellite status MSI-H.",
        "Excluded by: microsatellite test: not microsatellite status MSI-H.",
    ]


def test_a_known_verdict_has_no_openings() -> None:
    population = a_woman().population
    assert openings(Sex("female"), population, 0, TODAY) == ()
    assert len(openings(Msi("MSI-H"), population, 0, TODAY)) == 1


def test_facts_together_may_have_too_many_outcomes_to_be_tried() -> None:
    """Ten genes with two outcomes each: taken as free, which loses nothing here."""
    tree = And(*(Or(Mutation(gene), CopyNumber(gene, "amplification")) for gene in GENES[:10]))
    population = a_woman().population
    gaps = ArmGaps(tree, lambda one: leaf_truth(one, population, TODAY), 1)
    assert gaps.effect([name for name in gaps.facts if name.startswith("mutation")]).opened.tolist() == [1]
    assert gaps.effect([name for name in gaps.facts if name.startswith("mutation")]).settled.tolist() == [0]
    assert gaps.effect(gaps.facts).settled.tolist() == [1]
    assert gaps.effect(["nothing of this arm"]).settled.tolist() == [0]
    negated = ArmGaps(Not(tree), lambda one: leaf_truth(one, population, TODAY), 1)
    assert negated.effect([name for name in negated.facts if name.startswith("mutation")]).opened.tolist() == [0]


@pytest.mark.parametrize(
    ("leaves", "number"),
    [
        ((Mmr("deficient"), Mmr("proficient")), 2),
        ((Signature("POLE"), Signature("POLE", present=False)), 2),
        ((Mutation("BRAF", function="activating"), Mutation("BRAF", function="pathogenic")), 3),
        ((Mutation("BRAF", classes=("Silent",)), Mutation("BRAF")), 4),
        ((Mutation("BRAF", classes=("Silent",)), WildType("BRAF")), 4),
        ((Mutation("BRAF", classes=("truncating",)), Mutation("BRAF", classes=("Nonsense_Mutation",))), 3),
        ((PriorTherapy(drug="erlotinib"), PriorTherapy(drug_class="EGFR inhibitor")), 3),
        ((PriorTherapy(drug="imatinib"), PriorTherapy(drug_class="EGFR inhibitor")), 4),
        ((Age(Range.parse(">=18")), Age(Range.parse("<18"))), 2),
        ((Receptor("ER", "positive"), Metastatic()), 4),
        ((CopyNumber("MET", "amplification"), CopyNumber("MET")), 3),
    ],
)
def test_what_answers_say_about_each_other(leaves: tuple[Leaf, ...], number: int) -> None:
    found = answers(leaves)
    assert found is not None
    assert len(found) == number


def test_answers_agree_with_what_is_known_and_are_not_listed_without_end() -> None:
    v600e, codon = Mutation("BRAF", protein_change="V600E"), Mutation("BRAF", codon=600)
    assert answers((v600e,), known=((codon, False),)) == [(False,)]
    assert answers((Msi("MSI-L"), Msi("MSS")), known=((Msi("MSI-H"), True),)) == [(False, False)]
    assert answers(tuple(Mutation("BRAF", exon=exon) for exon in range(1, 10))) is None
    assert not can_be([(Sex("female"), True), (Sex("female"), False)])
    low, middle, high = (Tmb(Range.parse(text)) for text in ("<5", ">=5, <10", ">=10"))
    assert not can_be([(low, False), (middle, False), (high, False)])
    assert can_be([(low, False), (middle, False)])


def test_distances_to_limits() -> None:
    """Inside a range the way out, outside of it the way in; none where there is no other side."""
    numbers = np.array([7.0, 12.0])
    assert distance(Range.parse(">=10"), numbers, numbers, inside=False)[0] == 3
    assert distance(Range.parse(">5, <20"), numbers, numbers, inside=True).tolist() == [2, 7]
    assert distance(Range.parse("<=5"), numbers, numbers, inside=False).tolist() == [2, 7]


def test_an_exclusion_by_age_recovers_only_if_age_leads_out_of_it() -> None:
    """Under 18 is left with time, at least 65 is not; a performance status can go either way."""
    people = a_woman(birth=TODAY.replace(year=2016), birth_precision=3)
    people.add("person", 2, birth=TODAY.replace(year=1950), birth_precision=3)
    people.add("finding", 1, kind="ecog", value_number=0)
    asked = (Age(Range.parse("<18")), Age(Range.parse(">=65")), PerformanceStatus(Range.parse("==0")))
    found = [near_misses(match(trial(Not(one)), people.tables, TODAY)).row(0, named=True) for one in asked]
    assert [row["recoverable"] for row in found] == [True, False, True]


def test_what_rows_of_other_tables_say() -> None:
    """Stage, specimen, a burden and a mismatch repair that stand in the test."""
    people = a_woman()
    staged = people.add("stage", 1, stage_group="IIIA", m="M0")
    tested = people.tested(1, tmb=4.0, msi="MSS")
    asked = {
        Stage(("IV",)): ("IIIA, M0", None),
        Metastatic(): ("IIIA, M0", None),
        Tmb(Range.parse(">=10")): ("4.0", 6.0),
        Mmr("deficient"): ("MSS", None),
        Msi("MSI-H"): ("MSS", None),
    }
    for leaf, expected in asked.items():
        (row,) = near_misses(match(trial(leaf), people.tables, TODAY)).to_dicts()
        assert (row["found"], row["short_by"]) == expected
        table, row_id = ("stage", staged) if isinstance(leaf, Stage | Metastatic) else ("test", tested)
        assert row["rows"] == [{"table": table, "id": row_id}]


def test_the_options_of_a_sample_are_its_own() -> None:
    """One sample has the mutation, the other misses by it."""
    people = a_woman()
    people.panel("small", "BRAF")
    one, two = (people.add("specimen", 1) for _ in range(2))
    tests = [people.tested(1, "small", specimen=sample) for sample in (one, two)]
    people.mutation(1, "BRAF", "p.V600E", test=tests[0], classification="Missense_Mutation")
    found = match(trial(And(Mutation("BRAF"), Sex("female"))), people.tables, TODAY, unit="sample")
    assert [options(found, 1, sample=sample)[0].verdict for sample in (one, two)] == ["eligible", "near miss"]
    unknown = match(trial(Msi("MSI-H")), people.tables, TODAY, unit="sample")
    assert options(unknown, 1, sample=two)[0].missing[0].fact.words == "microsatellite test"
    assert minimal_facts(Msi("MSI-H"), unknown.population, 1, TODAY, sample=two).verdict is None


def test_a_histology_is_as_specific_as_a_tumour_type() -> None:
    assert Specificity.of([Histology(morphology=("8140/3",))]) == Specificity(5, 0, 1)


def test_an_arm_that_asks_nothing_and_a_site_without_patients_have_snapshots() -> None:
    """Everybody is eligible; nobody is."""
    people, nobody = a_woman(), People()
    first, second = (snapshot(match(trial(And()), one.tables, TODAY)) for one in (people, nobody))
    assert first.rows["verdict"].to_list() == ["eligible"]
    assert changes(first, second)["why"].to_list() == ["person"]
    asked = [snapshot(match(trial(Sex("female")), one.tables, TODAY)) for one in (nobody, people)]
    assert changes(*asked)["change"].to_list() == ["new"]
