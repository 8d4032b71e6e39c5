"""The CAPTUR trial over real, de-identified patients: every verdict can be explained down to file and line."""

from __future__ import annotations

import linecache
from datetime import date

import polars as pl
import pytest

from kohort.match import Matches, match, read_trials
from kohort.match.answers.places import located
from kohort.store import Site
from tests.support import SHARED, needs_shared

pytestmark = [pytest.mark.realdata, needs_shared]

AS_OF = date(2017, 1, 1)
PATIENTS = 10_513
ARMS = 13


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site.create(tmp_path_factory.mktemp("captur") / "site", name="TCGA", country="NO")
    made.ingest([SHARED / "tcga"])
    return made


@pytest.fixture(scope="module")
def matches(site: Site) -> Matches:
    trials, _ = read_trials(SHARED / "trials" / "NCT03297606_CAPTUR_Trial_v7.json")
    return match(trials, site, AS_OF)


@pytest.fixture(scope="module")
def reasons(matches: Matches, site: Site) -> pl.DataFrame:
    return located(matches.reasons("eligible", "ineligible", "unknown"), site).cast({"verdict": pl.String})


def test_every_verdict_has_a_reason(matches: Matches, reasons: pl.DataFrame) -> None:
    """13 arms by 10,513 patients; each pair of them occurs among the reasons with its own verdict."""
    verdicts = matches.verdicts().cast({"verdict": pl.String})
    assert verdicts.height == ARMS * PATIENTS
    told = reasons.select("trial", "arm", "person", "verdict").cast({"trial": pl.String, "arm": pl.String}).unique()
    assert verdicts.join(told, on=["trial", "arm", "person", "verdict"], how="anti").is_empty()
    assert told.height == verdicts.height


def test_every_known_reason_stands_on_a_line_of_a_file(reasons: pl.DataFrame) -> None:
    """What is met or not met names table, row, file and line; what is unknown names the fact that is missing."""
    known = reasons.filter(pl.col("value").is_not_null())
    assert known.height > 100_000
    assert known.select(pl.col("table", "row", "file", "line").null_count()).row(0) == (0, 0, 0, 0)
    assert reasons.filter(pl.col("value").is_null())["missing"].null_count() == 0


def test_the_line_is_about_the_same_patient_or_sample(reasons: pl.DataFrame, site: Site) -> None:
    """300 reasons drawn at random: the line of the file names the patient, or one of the patient's samples."""
    drawn = reasons.filter(pl.col("value").is_not_null()).sample(300, seed=3)
    people = drawn["person"].unique().to_list()
    ids = site.source_ids("person", who="test", purpose="quality", persons=people)
    named = dict(ids.iter_rows())
    for person, file, line in drawn.select("person", "file", "line").iter_rows():
        assert named[person] in linecache.getline(str(SHARED / "tcga" / file), line)


def test_the_tree_of_one_patient_agrees_with_the_table(matches: Matches, reasons: pl.DataFrame) -> None:
    """60 pairs drawn at random: value and rows of the explanation are those of the table of reasons."""
    pairs = matches.verdicts().sample(60, seed=5)
    for _, arm, person, verdict in pairs.iter_rows():
        reason = matches.explain(person, arm)
        assert {True: "eligible", False: "ineligible", None: "unknown"}[reason.value] == verdict
        here = reasons.filter(pl.col("person") == person, pl.col("arm") == arm)
        told = {(row["criterion"], row["value"]) for row in here.iter_rows(named=True)}
        assert told <= {(leaf.criterion.words, leaf.value) for leaf in reason.leaves()}
        rows = {(ref.table, ref.id) for leaf in reason.leaves() for ref in leaf.rows}
        assert set(here.drop_nulls("row").select(pl.col("table").cast(pl.String), "row").iter_rows()) <= rows
