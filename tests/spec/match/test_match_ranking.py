"""Options of one patient: eligible before unknown before near misses, specific before general, open before full."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from kohort.errors import InputError
from kohort.match import Arm, Trial, match
from kohort.match.answers.capacity import Availability, Capacity
from kohort.match.answers.ranking import Option, Specificity, options, options_frame
from kohort.match.criteria import (
    And,
    CopyNumber,
    Criterion,
    Diagnosis,
    Fusion,
    Leaf,
    Msi,
    Mutation,
    Not,
    Or,
    PerformanceStatus,
    Range,
    Sex,
    Tmb,
    WildType,
)
from kohort.match.trials.protocol import ArmStatus
from tests.spec.match.match_people import TODAY, People

EXACT, CODON, ANY = Mutation("BRAF", protein_change="V600E"), Mutation("BRAF", codon=600), Mutation("BRAF")
SOLID = Diagnosis(lineage="solid")


@pytest.fixture
def people() -> People:
    """A woman with adenocarcinoma of the lung, BRAF p.V600E, ECOG 2; neither MSI nor burden are known."""
    found = People()
    found.panel("small", "BRAF")
    found.add("person", 1, sex_code="female")
    found.add("tumour", 1, oncotree_code="LUAD")
    found.add("finding", 1, kind="ecog", value_number=2)
    found.mutation(1, "BRAF", "p.V600E", test=found.tested(1, "small"), classification="Missense_Mutation")
    return found


def ranked(people: People, capacity: Capacity | None = None, **arms: Criterion | Arm) -> list[Option]:
    made = tuple(a if isinstance(a, Arm) else Arm(name, name, (), a) for name, a in arms.items())
    return list(options(match(Trial("T", "A trial", made), people.tables, TODAY), 1, capacity))


def names(found: list[Option]) -> list[str]:
    return [option.arm for option in found]


def test_eligible_stand_before_unknown_before_near_misses_and_the_excluded_are_left_out(people: People) -> None:
    """Two failing requirements are no option."""
    found = ranked(
        people,
        near=And(EXACT, Sex("male")),
        unknown=And(EXACT, Msi("MSI-H")),
        excluded=And(Sex("male"), Diagnosis("MEL")),
        eligible=SOLID,
    )
    assert [(option.arm, option.verdict) for option in found] == [
        ("eligible", "eligible"),
        ("unknown", "unknown"),
        ("near", "near miss"),
    ]


def test_among_the_unknown_the_fewest_missing_facts_come_first(people: People) -> None:
    """One fact to find out before two, however specific; alternatives count by the shorter."""
    found = ranked(
        people,
        two=And(EXACT, Msi("MSI-H"), Tmb(Range.parse(">=10"))),
        one=And(SOLID, Or(Msi("MSI-H"), And(Tmb(Range.parse(">=10")), WildType("KRAS")))),
        never=And(EXACT, Msi("MSI-H"), Msi("MSS")),
    )
    assert names(found) == ["one", "two", "never"]
    assert [len(option.missing) for option in found] == [1, 2, 0]
    assert found[0].sentence == "Unknown. Needed: microsatellite test: microsatellite status MSI-H."
    assert found[-1].sentence == "Unknown. Needed: nothing that could be found."


def test_among_near_misses_those_that_can_change_come_first(people: People) -> None:
    """A performance status may improve."""
    found = ranked(people, sex=And(EXACT, Sex("male")), status=And(ANY, PerformanceStatus(Range.parse("<=1"))))
    assert names(found) == ["status", "sex"]
    assert found[0].sentence == "Near miss. ECOG performance status <=1: 2, 1 ECOG from the limit."


def test_the_specific_stand_before_the_general(people: People) -> None:
    """The protein change before the codon before any mutation before none; then the narrower tumour type."""
    found = ranked(
        people,
        solid=SOLID,
        any=And(ANY, SOLID),
        codon=And(CODON, SOLID),
        exact=And(EXACT, SOLID),
        exact_lung=And(EXACT, Diagnosis(tissue="Lung")),
        exact_nsclc=And(EXACT, Diagnosis("NSCLC")),
        exact_luad=And(EXACT, Diagnosis("LUAD")),
    )
    assert names(found) == ["exact_luad", "exact_nsclc", "exact_lung", "exact", "codon", "any", "solid"]


@pytest.mark.parametrize(
    ("leaf", "level"),
    [
        (EXACT, 0),
        (Fusion("ALK", "EML4"), 0),
        (CODON, 1),
        (Mutation("BRAF", exon=15), 2),
        (Fusion("ALK"), 2),
        (CopyNumber("ERBB2", "amplification"), 2),
        (ANY, 3),
        (Msi("MSI-H"), 4),
        (WildType("KRAS"), 4),
        (Sex("female"), 5),
    ],
)
def test_how_specific_a_criterion_is(leaf: Leaf, level: int) -> None:
    """From 0, an exact alteration, to 5, none."""
    assert Specificity.of([leaf]).alteration == level


def test_only_what_the_patient_meets_makes_an_arm_specific(people: People) -> None:
    """Of alternatives the one that holds counts, and exclusions do not."""
    found = ranked(
        people,
        other=And(Or(Mutation("KRAS", protein_change="G12C"), ANY), Diagnosis("LUAD")),
        excluding=And(ANY, Not(Mutation("BRAF", protein_change="V600K")), SOLID),
    )
    assert [(option.arm, option.specificity) for option in found] == [
        ("other", Specificity(3, 0, 1)),
        ("excluding", Specificity(3, 3, found[1].specificity.breadth)),
    ]


def test_open_stands_before_suspended_before_closed(people: People) -> None:
    """The sentence says what is not open."""
    statuses: tuple[ArmStatus, ...] = ("closed", "suspended", "open")
    arms = {status: Arm(status, status, (), EXACT, status=status) for status in statuses}
    found = ranked(people, None, **arms)
    assert names(found) == ["open", "suspended", "closed"]
    assert [option.sentence for option in found] == [
        "Eligible.",
        "Eligible, the arm is suspended.",
        "Eligible, the arm is closed.",
    ]


@dataclass(frozen=True)
class Places:
    """Places by arm."""

    known: dict[str, Availability]

    def availability(self, trial_id: str, arm_id: str) -> Availability | None:
        """The places of an arm of trial T."""
        return self.known.get(arm_id) if trial_id == "T" else None


def test_among_equals_those_with_most_places_come_first(people: People) -> None:
    """Without a limit, many, few, none until the interim, none."""
    places = Places(
        {
            "full": Availability("full", 0, "no place: the cohort is full"),
            "waiting": Availability("waiting for the interim", 0, "no place until the interim"),
            "few": Availability("stage 1", 2, "2 places left in stage 1"),
            "many": Availability("stage 2", 9, "9 places left in stage 2"),
            "free": Availability("open", None, "open"),
        }
    )
    found = ranked(people, places, **dict.fromkeys(("full", "waiting", "few", "many", "free"), EXACT))
    assert names(found) == ["free", "many", "few", "waiting", "full"]
    assert found[3].sentence == "Eligible, no place until the interim."
    frame = options_frame(found)
    assert frame.select("arm", "state", "places").row(2) == ("few", "stage 1", 2)


def test_a_closed_trial_closes_its_arms(people: People) -> None:
    """Whatever the arm itself says."""
    closed = Trial("T", "A trial", (Arm("A", "Arm", (), EXACT),), status="closed")
    (option,) = options(match(closed, people.tables, TODAY), 1)
    assert option.status == "closed"


def test_a_patient_who_is_not_there_has_no_options(people: People) -> None:
    """An error, not an empty list."""
    with pytest.raises(InputError, match="not in this population"):
        options(match(Trial("T", "A trial", (Arm("A", "Arm", (), EXACT),)), people.tables, TODAY), 2)
