"""Missing facts: which would decide for one patient, which test would open most places, and in which order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import polars as pl
import pytest

from kohort.match import Arm, Matches, Population, Trial, default_protocol, match, read_trials
from kohort.match.answers.minimal import MinimalFacts, minimal_facts
from kohort.match.answers.missing import missing_by_arm, plan_of_tests, ranking_of_facts
from kohort.match.answers.outcomes import answers
from kohort.match.criteria import (
    And,
    AtLeast,
    CopyNumber,
    Criterion,
    Diagnosis,
    FreeText,
    Leaf,
    Msi,
    Mutation,
    Not,
    Or,
    PerformanceStatus,
    Range,
    Receptor,
    Sex,
    Stage,
    Tmb,
    WildType,
)
from kohort.match.engine.evaluation import leaf_truth
from kohort.store import Site
from kohort.tables import TableSet, frame_of, table
from tests.spec.match.match_people import TODAY, People
from tests.support import SHARED, needs_shared

V600E, V600K = (Mutation("BRAF", protein_change=change) for change in ("V600E", "V600K"))
HIGH_BURDEN = Tmb(Range.parse(">=10"))


def trial(*criteria: Criterion) -> Trial:
    return Trial("T", "A trial", tuple(Arm(f"A{i + 1}", f"Arm {i + 1}", (), one) for i, one in enumerate(criteria)))


def of_a_stranger(criterion: Criterion) -> MinimalFacts:
    """The missing facts of a patient of whom nothing is known."""
    people = People()
    people.add("person", 1)
    return minimal_facts(criterion, people.population, 1, TODAY)


def sets(found: MinimalFacts, name: str) -> list[list[str]]:
    return [[getattr(one, "words", "") for one in each] for each in getattr(found, name)]


def test_all_facts_that_matter_decide_whatever_they_turn_out_to_be() -> None:
    """Each of them could leave the verdict open, so none can be spared; a fact that is known is not among them."""
    people = People()
    people.add("person", 1, sex_code="female")
    found = minimal_facts(And(Sex("female"), V600E, Msi("MSI-H")), people.population, 1, TODAY)
    assert found.verdict is None
    assert sets(found, "decide") == [["mutation test of BRAF", "microsatellite test"]]


def test_the_findings_that_make_eligible_are_named_with_the_answer_that_is_wished() -> None:
    """Alternatives are sets of their own; an exclusion wishes for a no."""
    found = of_a_stranger(And(Or(V600E, HIGH_BURDEN), Not(Msi("MSS"))))
    assert sets(found, "open") == [
        ["mutation test of BRAF: BRAF p.V600E", "microsatellite test: not microsatellite status MSS"],
        [
            "mutational burden: tumour mutational burden >=10 per Mb",
            "microsatellite test: not microsatellite status MSS",
        ],
    ]
    assert found.fewest == 2


def test_the_findings_that_exclude_are_named_too() -> None:
    """One requirement that fails is enough; of two alternatives both have to fail."""
    found = of_a_stranger(And(Or(V600E, HIGH_BURDEN), Sex("female")))
    assert sets(found, "close") == [
        ["sex: not sex female"],
        ["mutation test of BRAF: not BRAF p.V600E", "mutational burden: not tumour mutational burden >=10 per Mb"],
    ]


def test_at_least_n_of_opens_with_any_n() -> None:
    """Two of three: three pairs open, three pairs exclude."""
    found = of_a_stranger(AtLeast(2, V600E, HIGH_BURDEN, Sex("female")))
    assert [len(one) for one in found.open] == [2, 2, 2]
    assert [len(one) for one in found.close] == [2, 2, 2]


def test_answers_of_one_fact_that_cannot_occur_together_are_left_out() -> None:
    """Nobody is MSI-H and MSS: nothing opens this arm, and the test alone decides, whatever else is missing."""
    found = of_a_stranger(And(Msi("MSI-H"), Msi("MSS"), V600E))
    assert found.open == ()
    assert sets(found, "decide") == [["microsatellite test"]]


def test_a_finding_that_another_implies_is_not_asked_for() -> None:
    """p.V600E is a substitution at codon 600, and a gene that has it is not wild type."""
    found = of_a_stranger(And(V600E, Mutation("BRAF", codon=600), Not(WildType("BRAF"))))
    assert sets(found, "open") == [["mutation test of BRAF: BRAF p.V600E"]]
    wider = of_a_stranger(Or(V600E, Mutation("BRAF", codon=600)))
    assert sets(wider, "open") == [["mutation test of BRAF: BRAF substitution at codon 600"]]


def test_what_no_test_gives_is_marked() -> None:
    """A condition in words is for a person to judge."""
    found = of_a_stranger(And(FreeText("fit for surgery"), V600E))
    judged, tested = found.open[0]
    assert (judged.for_people, tested.for_people) == (True, False)
    assert any(
        line.endswith("“fit for surgery” (a person has to say); mutation test of BRAF: BRAF p.V600E.")
        for line in found.lines()
    )


def test_a_known_verdict_needs_nothing() -> None:
    """Neither the eligible nor the excluded have anything to find out."""
    people = People()
    people.add("person", 1, sex_code="female")
    for criterion, verdict in ((Sex("female"), True), (And(Sex("male"), V600E), False)):
        assert minimal_facts(criterion, people.population, 1, TODAY) == MinimalFacts(verdict)


def test_too_many_sets_are_said_to_be_incomplete() -> None:
    """Five of twelve genes open in 792 ways, of which not all are listed."""
    found = of_a_stranger(AtLeast(5, *(Mutation(f"GENE{i}") for i in range(12))))
    assert not found.is_complete
    assert len(found.decide) == 1
    assert list(found.lines())[-1] == "There are more sets than are listed here."


@pytest.mark.parametrize(
    ("leaves", "number"),
    [
        ((Msi("MSI-H"), Msi("MSI-L"), Msi("MSS")), 4),
        ((Sex("female"), Sex("male")), 2),
        ((Receptor("ER", "positive"), Receptor("ER", "negative")), 2),
        ((WildType("BRAF"), Mutation("BRAF")), 2),
        ((V600E, V600K), 4),
        ((V600E, Mutation("BRAF", codon=600), WildType("BRAF")), 4),
        ((CopyNumber("ERBB2", "amplification"), CopyNumber("ERBB2", "loss")), 3),
        ((Tmb(Range.parse("<5")), Tmb(Range.parse(">=5, <10")), HIGH_BURDEN), 3),
        ((PerformanceStatus(Range.parse("<=1")), PerformanceStatus(Range.parse(">=2"))), 2),
        ((Diagnosis("LUAD"), Diagnosis("NSCLC")), 3),
        ((Stage(("IVA",)), Stage(("IV",)), Stage(("III",))), 6),
    ],
)
def test_criteria_of_one_fact_answer_together(leaves: tuple[Any, ...], number: int) -> None:
    """How many joint answers they can have: a burden is below 5, between, or at least 10, and never two of these."""
    found = answers(leaves)
    assert found is not None
    assert len(found) == number


@pytest.fixture
def people() -> People:
    """Six patients: 1 to 4 lack a BRAF test, 3 to 6 lack the microsatellite status; all are women."""
    found = People()
    found.panel("small", "BRAF")
    for person in range(1, 7):
        found.add("person", person, sex_code="female")
    for person in (5, 6):
        found.mutation(
            person, "BRAF", "p.V600E", test=found.tested(person, "small"), classification="Missense_Mutation"
        )
    for person in (1, 2):
        found.add("finding", person, kind="msi", value_code="MSI-H")
    return found


@pytest.fixture
def matches(people: People) -> Matches:
    """One arm asks for both facts, one for BRAF alone, one for the status or a high burden."""
    return match(trial(And(V600E, Msi("MSI-H")), V600E, Or(Msi("MSI-H"), HIGH_BURDEN)), people.tables, TODAY)


def test_the_ranking_says_which_single_test_settles_and_opens_most_places(matches: Matches) -> None:
    """A place is a patient and an arm.

    The test of BRAF settles the first arm for 1 and 2 (for 3 and 4 the status is missing too), the second for 1 to
    4. The status settles the first arm for 5 and 6; in the third, a status other than MSI-H leaves the burden open.
    """
    ranking = ranking_of_facts(matches)
    columns = ["fact", "arms", "lacking", "unknown", "would_settle", "persons_settled", "could_open", "persons_opened"]
    assert ranking.select(columns).rows() == [
        ("mutation test of BRAF", 2, 4, 8, 6, 4, 6, 4),
        ("microsatellite test", 2, 4, 8, 2, 2, 6, 4),
        ("mutational burden", 1, 4, 4, 0, 0, 4, 4),
    ]


def test_a_plan_names_the_best_next_fact_given_that_the_earlier_are_known(matches: Matches) -> None:
    """With BRAF known, the status settles the first arm for 3 and 4 as well; then the burden settles the third."""
    plan = plan_of_tests(matches, 3)
    assert plan.select("step", "fact", "would_settle", "settled_so_far", "still_unknown").rows() == [
        (1, "mutation test of BRAF", 6, 6, 8),
        (2, "microsatellite test", 4, 10, 4),
        (3, "mutational burden", 4, 14, 0),
    ]


def test_a_plan_ends_when_no_fact_is_missing(matches: Matches) -> None:
    """More steps than facts give no more rows."""
    assert plan_of_tests(matches, 10).height == 3


def test_what_people_judge_can_be_taken_as_judged(people: People) -> None:
    """A condition in words keeps every verdict unknown; beside it, the test settles all the same."""
    asked = match(trial(And(FreeText("fit"), V600E)), people.tables, TODAY)
    plain = ranking_of_facts(asked)
    assert plain.select("fact", "for_people", "would_settle").rows() == [
        ("judgement by a person of fit", True, 2),
        ("mutation test of BRAF", False, 0),
    ]
    assert ranking_of_facts(asked, people_judge=True).select("fact", "would_settle").rows() == [
        ("mutation test of BRAF", 4)
    ]
    assert plan_of_tests(asked, 5, people_judge=True)["fact"].to_list() == ["mutation test of BRAF"]


def test_arms_that_take_nobody_can_be_left_out(people: People) -> None:
    """A closed arm has no places to open."""
    closed = Trial("T", "A trial", (Arm("A", "Arm", (), V600E, status="closed"),))
    found = match(closed, people.tables, TODAY)
    assert ranking_of_facts(found).height == 1
    assert ranking_of_facts(found, only_open=True).is_empty()
    assert plan_of_tests(found, 1, only_open=True).is_empty()


def test_the_same_is_told_arm_by_arm(matches: Matches) -> None:
    """The most decisive fact first, within each arm."""
    assert missing_by_arm(matches).rows() == [
        ("T", "A1", "mutation test of BRAF", 4, 2, 2),
        ("T", "A1", "microsatellite test", 4, 2, 2),
        ("T", "A2", "mutation test of BRAF", 4, 4, 4),
        ("T", "A3", "microsatellite test", 4, 0, 4),
        ("T", "A3", "mutational burden", 4, 0, 4),
    ]


def test_facts_with_very_many_outcomes_never_settle_a_place_too_many(people: People) -> None:
    """Nine exons and codon 600 in each have more joint answers than are tried; 5 and 6 are of unknown exon."""
    exons = [Mutation("BRAF", exon=exon) for exon in range(1, 10)]
    tied = [And(exon, Not(Mutation("BRAF", exon=exon.exon, codon=600))) for exon in exons]
    found = ranking_of_facts(match(trial(Or(*tied, And(exons[0], HIGH_BURDEN))), people.tables, TODAY))
    told = found.row(by_predicate=pl.col("fact") == "mutation test of BRAF", named=True)
    assert (told["unknown"], told["would_settle"], told["could_open"]) == (6, 0, 6)


def test_in_the_closed_world_no_fact_is_missing(people: People) -> None:
    """Every verdict is known."""
    assert ranking_of_facts(match(trial(V600E), people.tables, TODAY, closed_world=True)).is_empty()


class WithRows:
    """Tables with further rows."""

    def __init__(self, tables: TableSet, rows: dict[str, list[dict[str, Any]]]) -> None:
        self._tables = tables
        self._more = {name: frame_of(table(name), given) for name, given in rows.items()}

    def frame(self, name: str, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows of the tables, then the further ones."""
        frame = self._tables.frame(name, columns)
        more = self._more.get(name)
        return frame if more is None else pl.concat([frame, more.select(frame.columns)])


def entered(persons: list[int], fact: str, result: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """A result of a fact for persons, as rows; a test of a gene covers this gene alone."""
    if not fact.startswith("copy-number"):
        return {"finding": [{"person": person, "id": -person, **result} for person in persons]}
    gene = fact.rsplit(maxsplit=1)[-1]
    test = {"specimen": 1, "assay": "copy_number", "coverage": "panel", "panel": "one gene"}
    tests = [{"person": person, "id": -person, **test} for person in persons]
    called = {"class": "cnv", "gene": gene, **result}
    variants = [{"person": person, "id": -person, "test": -person, **called} for person in persons]
    return {"test": tests, "variant": variants, "code": [{"system": "panel/one gene", "code": gene}]}


@pytest.mark.realdata
@needs_shared
@pytest.mark.parametrize(
    ("protocol", "leaf", "results"),
    [
        ("cohorts", CopyNumber("ERBB2", "amplification"), [{"copies": 2}, {"copies": 0}]),
        ("cohorts", Msi("MSI-H"), [{"kind": "msi", "value_code": status} for status in ("MSI-H", "MSS")]),
        ("cohorts", Tmb(Range.parse(">=16")), [{"kind": "tmb", "value_number": number} for number in (40.0, 1.0)]),
        ("CAPTUR", CopyNumber("ERBB2", "amplification"), [{"copies": 2}, {"copies": 0}]),
    ],
)
def test_real_patients_removing_the_unknowns_that_the_ranking_names_settles_exactly_those(
    tcga: Site, protocol: str, leaf: Leaf, results: list[dict[str, Any]]
) -> None:
    """Of 34 cohorts the three facts that settle most in 10,513 patients, of CAPTUR the first: each result is entered.

    The verdicts that become known with every result are as many as the ranking said, of as many patients.
    """
    day = date(2017, 1, 1)
    captur = SHARED / "trials" / "NCT03297606_CAPTUR_Trial_v7.json"
    asked = [default_protocol()] if protocol == "cohorts" else read_trials(captur)[0]
    before = match(asked, tcga, day)
    ranking, fact = ranking_of_facts(before), leaf.fact.words
    lacking = before.population.persons[leaf_truth(leaf, before.population, day).is_unknown].tolist()
    assert fact in ranking["fact"].head(3).to_list()
    told = ranking.row(by_predicate=pl.col("fact") == fact, named=True)
    unknown = before.verdicts("unknown").select("arm", "person")
    settled, opened = unknown, []
    for result in results:
        rows = entered(lacking, fact, result)
        after = match(asked, Population.of(WithRows(tcga.tables, rows), known_by=day), day)
        settled = settled.join(after.verdicts("eligible", "ineligible"), on=["arm", "person"], how="semi")
        opened.append(unknown.join(after.eligible(), on=["arm", "person"], how="semi"))
    assert settled.height == told["would_settle"] > 6000
    assert settled["person"].n_unique() == told["persons_settled"]
    assert pl.concat(opened).unique().height == told["could_open"]


@pytest.fixture(scope="module")
def tcga(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The real patients."""
    made = Site.create(tmp_path_factory.mktemp("tcga") / "site", name="TCGA", country="NO")
    made.ingest([SHARED / "tcga"])
    return made
