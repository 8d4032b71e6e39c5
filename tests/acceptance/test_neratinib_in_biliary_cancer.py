"""The biliary cohort of a real basket trial of neratinib, from its files to the decision, recounted from the raw files.

Harding JJ et al. Nat Commun 2023;14:630: 25 patients with ERBB2-mutated biliary tract cancer, four partial responses.
"""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

import kohort
from kohort.cohort import (
    EIGHT_PLUS_SIXTEEN,
    Cohort,
    CohortCounts,
    DecisionRule,
    NotEvaluable,
    Programme,
    Stage,
    Verdict,
    enrolments_from_best_responses,
    state,
    summarise,
    two_stage_inference,
)
from tests.support import SHARED, needs_shared

pytestmark = [pytest.mark.realdata, needs_shared]

SUMMIT = SHARED / "summit"


def raw(name: str) -> list[dict[str, str]]:
    with (SUMMIT / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> kohort.Site:
    made = kohort.Site.create(tmp_path_factory.mktemp("summit") / "site", "New York", "US")
    report = made.ingest([SUMMIT])
    assert report.quarantined == 0
    return made


def counts(site: kohort.Site, not_evaluable: NotEvaluable = "left out") -> CohortCounts:
    events = enrolments_from_best_responses(site, "neratinib-biliary", not_evaluable=not_evaluable)
    return summarise(events)["neratinib-biliary"]


def test_every_line_is_read_and_the_misplaced_cells_are_named(tmp_path: Path) -> None:
    """190 variants with cells one place to the left, 204 copy numbers under other names, 25 best responses."""
    site = kohort.Site.create(tmp_path / "site", "New York", "US")
    report = site.ingest([SUMMIT])
    named = {finding.rule: finding.count for finding in report.findings}
    variants = raw("data_mutations_extended.txt")
    assert named["shifted_columns"] == len(variants) == 190
    assert report.rows["variant"] == 190 + len(raw("data_CNA.tsv"))
    frame = site.tables.frame("variant").filter(pl.col("class") != "cnv")
    assert set(frame["alt"]) == {None}
    assert Counter(frame["hgvs_p"].drop_nulls()) == Counter(v["HGVSp_Short"] for v in variants if v["HGVSp_Short"])


def test_best_responses_are_those_of_the_file(site: kohort.Site) -> None:
    """PR 4, SD 8, PD 7, NE 6."""
    told = Counter(row["Best Overall Response (BOR)"] for row in raw("data_clinical_patient.txt"))
    assert told == {"PR": 4, "SD": 8, "PD": 7, "NE": 6}
    assert Counter(site.tables.frame("response")["category"]) == told


def test_patients_without_an_evaluation_are_left_out_or_count_as_no_response(site: kohort.Site) -> None:
    """19 evaluable of 25 treated, or all 25; the protocol must say which."""
    left_out = counts(site)
    assert (left_out.enrolled, left_out.evaluable, left_out.responders, left_out.not_evaluable) == (25, 19, 4, 6)
    treated = counts(site, not_evaluable="no response")
    assert (treated.enrolled, treated.evaluable, treated.responders, treated.not_evaluable) == (25, 25, 4, 0)


def test_under_eight_plus_sixteen_it_is_still_open_with_19_and_negative_with_25(site: kohort.Site) -> None:
    """4 of 19: one responder among five more patients would do. 4 of 25: at least 5 were needed."""
    open_ = state(counts(site))
    assert (open_.stage, open_.decision.verdict, open_.slots_open) == (Stage.TWO, Verdict.TOO_EARLY, 5)
    assert "Never evaluable: 6." in open_.sentence
    closed = state(counts(site, not_evaluable="no response"))
    assert (closed.stage, closed.decision.verdict) == (Stage.ENDED, Verdict.NEGATIVE)
    assert closed.decision.rules.kept.n == 25
    assert closed.decision.rules.kept.alpha > EIGHT_PLUS_SIXTEEN.alpha


def test_the_rate_of_everybody_treated_is_told_with_its_interval(site: kohort.Site) -> None:
    """4 of 25 after two stages: the raw rate is .16, the unbiased one a little higher."""
    seen = counts(site, not_evaluable="no response")
    found = two_stage_inference(seen.responders, EIGHT_PLUS_SIXTEEN.resized(8, seen.evaluable))
    assert found.mle == pytest.approx(0.16)
    assert found.mle < found.umvue < 0.22
    assert found.ci.lower < found.median_unbiased < found.ci.upper


def test_the_programme_says_that_it_looks_back(site: kohort.Site) -> None:
    """Nothing in the records shows a look after stage 1, so the sentence gives the alpha of one stage."""
    rule = DecisionRule(name="8 + 16", design=EIGHT_PLUS_SIXTEEN)
    programme = Programme((Cohort("neratinib-biliary", rule="8 + 16"),), (rule,))
    now = programme.state(enrolments_from_best_responses(site, "neratinib-biliary"))
    told = now["neratinib-biliary"]
    assert (told.counts.retrospective, told.stage, told.places.open) == (25, Stage.TWO, 5)
    assert "has alpha 0.0851 instead of 0.0778" in told.sentence
    assert "4 of 19 evaluable patients responded" in told.sentence
