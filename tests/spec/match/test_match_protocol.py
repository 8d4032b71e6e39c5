"""The protocol that travels with Kohort."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import resources

import jsonschema
import pytest
import yaml

from kohort.errors import UserError
from kohort.match import Design, TreatmentCohort, Trial, default_protocol, json_schema, read_trials
from kohort.match.criteria import Diagnosis, Not, Sex, leaves

DESIGN = Design(0, 8, 4, 24, 0.10, 0.30)


def test_it_has_at_least_24_cohorts_with_the_8_plus_16_design() -> None:
    """0 of 8, 4 of 24, 10 % against 30 %, in every cohort."""
    protocol = default_protocol()
    assert len(protocol.cohorts) >= 24
    assert {cohort.design for cohort in protocol.cohorts} == {DESIGN}


def test_it_says_that_it_is_illustrative() -> None:
    """Nobody shall take it for a real protocol or for advice."""
    assert "Illustrative" in default_protocol().note
    assert "Not the protocol" in default_protocol().note


def test_every_cohort_names_its_source_and_those_that_no_trial_has_say_so() -> None:
    """A registry number or a paper for each pairing; the others are marked illustrative."""
    for cohort in default_protocol().cohorts:
        if cohort.illustrative:
            assert "in no trial of this kind" in cohort.source
        else:
            assert re.search(r"NCT\d{8}|\d{4};\d+:\d+", cohort.source), cohort.id


def test_every_cohort_is_aimed_at_an_alteration() -> None:
    """Drug by alteration: each cohort asks for at least one molecular fact."""
    for cohort in default_protocol().cohorts:
        molecular = {"Mutation", "WildType", "CopyNumber", "Fusion", "Msi", "Tmb", "Receptor"}
        assert {type(leaf).__name__ for leaf in leaves(cohort.criteria)} & molecular, cohort.id


def test_approved_indications_are_left_out() -> None:
    """Vemurafenib for BRAF V600 takes no melanoma."""
    cohort = default_protocol().arm("BRAF-V600-VEMCOB")
    assert cohort is not None
    assert Not(Diagnosis(main_type="Melanoma")) in getattr(cohort.criteria, "parts", ())


def test_it_is_read_without_a_warning_and_fits_the_schema() -> None:
    """Every gene, drug and tumour type of it is in the tables."""
    source = resources.files("kohort.match") / "data" / "impress_like.yaml"
    with resources.as_file(source) as path:
        assert read_trials(path)[1] == []
    text = source.read_text(encoding="utf-8").replace("[NO, ", '["NO", ')
    jsonschema.validate(yaml.safe_load(text), json_schema())


def cohort(**changes: object) -> TreatmentCohort:
    given = {"id": "C", "title": "", "drugs": ("imatinib",), "design": DESIGN, "criteria": Sex("male")}
    return TreatmentCohort(**(given | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: cohort(drugs=()), "no drug"),
        (lambda: cohort(status="paused"), "open or suspended or closed"),
        (lambda: cohort(id=""), "no identifier"),
        (lambda: Trial("T", "", ()), "no arm"),
        (lambda: Trial("T", "", (cohort(), cohort())), "several arms 'C'"),
    ],
)
def test_a_trial_that_cannot_be_meant_is_refused(make: Callable[[], object], said: str) -> None:
    """Checked when made, wherever it comes from."""
    with pytest.raises(UserError, match=said):
        make()
