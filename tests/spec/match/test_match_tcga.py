"""Matching real, de-identified patients: counts against what the files say."""

from __future__ import annotations

import time
from datetime import date

import pytest

from kohort.match import Population, default_protocol, evaluate, match
from kohort.match.criteria import And, Criterion, Diagnosis, Mutation, WildType
from kohort.store import Site
from tests.support import SHARED, needs_shared

pytestmark = [pytest.mark.realdata, needs_shared]

AS_OF = date(2017, 1, 1)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site.create(tmp_path_factory.mktemp("tcga") / "site", name="TCGA", country="NO")
    made.ingest([SHARED / "tcga"])
    return made


@pytest.fixture(scope="module")
def population(site: Site) -> Population:
    return Population.of(site)


def counts(criterion: Criterion, population: Population) -> tuple[int, int, int]:
    return evaluate(criterion, population, AS_OF).counts


@pytest.mark.parametrize(("code", "patients"), [("THPA", 288), ("COAD", 42), ("LUAD", 7)])
def test_braf_v600e_by_tumour_type(population: Population, code: str, patients: int) -> None:
    """As many patients with BRAF p.V600E as the mutation file names."""
    asked = And(Diagnosis(code), Mutation("BRAF", protein_change="V600E"))
    assert counts(asked, population)[0] == patients


def test_whoever_stands_in_the_panel_matrix_was_tested_and_nobody_else(population: Population) -> None:
    """8,370 patients were tested, 2,143 were not: for them BRAF is unknown."""
    mutated, wild_type, unknown = counts(Mutation("BRAF"), population)
    assert (mutated + wild_type, unknown) == (8370, 2143)
    assert counts(WildType("BRAF"), population) == (wild_type, mutated, unknown)


def test_melanomas_of_the_skin_were_not_tested(population: Population) -> None:
    """All 470 are unknown, none is wild type."""
    melanoma = Diagnosis("SKCM")
    assert counts(melanoma, population)[0] == 470
    assert counts(And(melanoma, Mutation("BRAF")), population)[0] == 0
    assert counts(And(melanoma, WildType("BRAF")), population)[0] == 0


def test_the_whole_protocol_is_matched_in_seconds_and_every_verdict_can_be_explained(site: Site) -> None:
    """10,513 patients, every cohort; verdicts add up and reasons agree with them."""
    start = time.perf_counter()
    matches = match(default_protocol(), site, AS_OF)
    rows = matches.verdicts()
    assert time.perf_counter() - start < 10  # well under two seconds on an idle machine
    assert rows.height == 10_513 * len(default_protocol().cohorts)
    for row in rows.sample(40, seed=1).iter_rows(named=True):
        value = matches.explain(row["person"], row["arm"]).value
        assert {True: "eligible", False: "ineligible", None: "unknown"}[value] == row["verdict"]
