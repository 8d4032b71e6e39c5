"""Persons or samples: what is matched, and what counts for a sample.

MatchMiner's engine matches samples; a tumour board asks about persons. Both are the same rules over other units.
"""

from __future__ import annotations

import pytest

from kohort.errors import InputError
from kohort.match import Arm, Matches, Population, Trial, match
from kohort.match.criteria import And, Criterion, Diagnosis, Mutation, Not, Receptor, Sex
from kohort.match.people.units import Unit
from tests.spec.match.match_people import TODAY, People


class TwoTumours(People):
    """Person 1 with a lung and a breast tumour, a specimen of each, both tested; person 2 without a specimen."""

    def __init__(self) -> None:
        super().__init__()
        self.panel("small", "BRAF", "EGFR")
        self.add("person", 1, sex_code="female")
        self.add("person", 2, sex_code="female")
        self.lung = self.add("tumour", 1, kind="primary", oncotree_code="LUAD")
        self.breast = self.add("tumour", 1, kind="primary", oncotree_code="IDC")
        self.first = self.add("specimen", 1, tumour=self.lung)
        self.second = self.add("specimen", 1, tumour=self.breast)
        test = self.tested(1, "small", specimen=self.first)
        self.tested(1, "small", specimen=self.second)
        self.mutation(1, "BRAF", "p.V600E", test=test, classification="Missense_Mutation")


@pytest.fixture
def people() -> TwoTumours:
    return TwoTumours()


def verdicts(people: People, asked: Criterion, unit: Unit = "sample") -> dict[tuple[int, int], str]:
    trial = Trial("T", "", (Arm("A", "", (), asked),))
    rows = match(trial, people.tables, TODAY, unit=unit).verdicts()
    return {(row["person"], row.get("sample", 0)): row["verdict"] for row in rows.iter_rows(named=True)}


def test_each_sample_has_a_verdict_and_a_person_without_one_too(people: TwoTumours) -> None:
    """Three rows: two samples of person 1, and person 2, who has none (sample 0)."""
    found = verdicts(people, Sex("female"))
    assert found == {(1, people.first): "eligible", (1, people.second): "eligible", (2, 0): "eligible"}


def test_an_alteration_counts_for_the_sample_it_was_found_in(people: TwoTumours) -> None:
    """The other sample was tested and is negative; for the person as a whole the alteration is there."""
    found = verdicts(people, Mutation("BRAF"))
    assert found[1, people.first] == "eligible"
    assert found[1, people.second] == "ineligible"
    assert found[2, 0] == "unknown"
    assert verdicts(people, Mutation("BRAF"), "person") == {(1, 0): "eligible", (2, 0): "unknown"}


def test_a_diagnosis_counts_for_the_samples_of_its_tumour(people: TwoTumours) -> None:
    """A breast tumour with a BRAF mutation does not come about by adding up two tumours of one person."""
    both = And(Diagnosis("IDC"), Mutation("BRAF"))
    assert verdicts(people, both, "person")[1, 0] == "eligible"
    assert set(verdicts(people, both).values()) == {"ineligible", "unknown"}
    assert verdicts(people, Not(Diagnosis("LUAD")))[1, people.second] == "eligible"


def test_a_finding_that_names_no_specimen_counts_for_all_samples_of_the_person(people: TwoTumours) -> None:
    """One that names a specimen counts for it alone."""
    people.add("finding", 1, kind="ihc", code_code="ER", value_code="positive")
    people.add("finding", 1, kind="ihc", code_code="HER2", value_code="positive", specimen=people.second)
    first, second = people.first, people.second
    er, her2 = (verdicts(people, Receptor(marker, "positive")) for marker in ("ER", "HER2"))
    assert (er[1, first], er[1, second]) == ("eligible", "eligible")
    assert (her2[1, first], her2[1, second]) == ("unknown", "eligible")


def test_a_metastasis_belongs_to_the_samples_of_its_primary(people: TwoTumours) -> None:
    """A recurrence or metastasis that names no primary may be that of any."""
    people.add("tumour", 1, kind="metastasis", parent=people.lung, oncotree_code="SCLC")
    people.add("tumour", 1, kind="metastasis", oncotree_code="MEL")
    first, second = people.first, people.second
    own, anybodys = verdicts(people, Diagnosis("SCLC")), verdicts(people, Diagnosis("MEL"))
    assert (own[1, first], own[1, second]) == ("eligible", "ineligible")
    assert (anybodys[1, first], anybodys[1, second]) == ("eligible", "eligible")


def test_a_sample_of_unknown_tumour_is_taken_for_any(people: TwoTumours) -> None:
    """Without a tumour named, all tumours of the person count."""
    third = people.add("specimen", 1)
    assert verdicts(people, Diagnosis("LUAD"))[1, third] == "eligible"
    assert verdicts(people, Diagnosis("IDC"))[1, third] == "eligible"


def test_where_each_person_has_one_sample_both_units_agree(people: TwoTumours) -> None:
    """Then it makes no difference which of the two is matched."""
    alone = People()
    for name, rows in people.rows.items():
        alone.rows[name] = [row for row in rows if row.get("id") != people.second]
    for asked in (Mutation("BRAF"), Sex("female"), Diagnosis("LUAD")):
        by_sample, by_person = verdicts(alone, asked), verdicts(alone, asked, "person")
        assert {person: said for (person, _), said in by_sample.items()} == {
            person: said for (person, _), said in by_person.items()
        }


def test_a_sample_is_found_again_by_person_and_id(people: TwoTumours) -> None:
    """Another person's sample is an error that names nobody."""
    population = Population.of(people.tables, unit="sample")
    assert population.samples[population.index_of(1, people.second)] == people.second
    with pytest.raises(InputError, match="no such sample"):
        population.index_of(2, people.first)
    assert isinstance(match(Trial("T", "", (Arm("A", "", (), Sex("male")),)), population, TODAY), Matches)
