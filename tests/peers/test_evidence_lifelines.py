"""Survival against lifelines on generated and published data, and against figures printed by R survival."""

from __future__ import annotations

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter, datasets
from lifelines.statistics import multivariate_logrank_test
from lifelines.utils import median_survival_times, restricted_mean_survival_time

from kohort.evidence import SurvivalCurve, estimate, kaplan_meier, log_rank, survival_sums
from tests.support import SHARED, needs_shared

GBSG = datasets.load_gbsg2()
PUBLISHED = {
    "gbsg2": (GBSG, "time", "cens", "horTh"),
    "rossi": (datasets.load_rossi(), "week", "arrest", "fin"),
    "lung": (datasets.load_lung().assign(status=lambda f: f["status"].astype(int)), "time", "status", "sex"),
    "waltons": (datasets.load_waltons(), "T", "E", "group"),
    "larynx": (datasets.load_larynx(), "time", "death", "Stage_III"),
    "leukemia": (datasets.load_leukemia(), "t", "status", "Rx"),
    "dictators": (datasets.load_dd(), "duration", "observed", "democracy"),
    "menopause": (GBSG, "time", "cens", "menostat"),
}


def assert_equal(ours: SurvivalCurve, peer: KaplanMeierFitter) -> None:
    """Same survival and the same log-log band at every time of ours."""
    times = peer.survival_function_.index.to_numpy()
    place = np.searchsorted(times, ours.times, side="right") - 1
    band = peer.confidence_interval_.to_numpy()[place]
    np.testing.assert_allclose(ours.survival, peer.survival_function_.to_numpy()[place, 0], atol=1e-12, rtol=0)
    np.testing.assert_allclose(ours.lower, band[:, 0], atol=1e-12, rtol=0)
    np.testing.assert_allclose(ours.upper, band[:, 1], atol=1e-12, rtol=0)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_data_give_the_curves_of_lifelines_pooled_and_in_three_sites(name: str) -> None:
    """Each group's curve, band and numbers, with the rows dealt out to three sites."""
    frame, time, event, by = PUBLISHED[name]
    frame = frame[[time, event, by]].dropna()
    ours = kaplan_meier([frame.iloc[i::3] for i in range(3)], time, event, by=by)
    for label, rows in frame.groupby(by):
        curve = ours[str(label)]
        peer = KaplanMeierFitter().fit(rows[time], rows[event])
        assert_equal(curve, peer)
        table = peer.event_table.loc[curve.times]
        np.testing.assert_array_equal(curve.at_risk, table["at_risk"])
        np.testing.assert_array_equal(curve.events, table["observed"])
        assert (curve.median or np.inf) == peer.median_survival_time_
    test = multivariate_logrank_test(frame[time], frame[by], frame[event])
    own = log_rank(ours.sums)
    np.testing.assert_allclose(own.statistic, test.test_statistic, rtol=1e-9)
    np.testing.assert_allclose(own.p_value, test.p_value, rtol=1e-8)


def test_median_interval_and_restricted_mean_are_those_of_lifelines() -> None:
    """Brookmeyer-Crowley limits and the exact area."""
    curve = kaplan_meier(GBSG, "time", "cens").curve
    peer = KaplanMeierFitter().fit(GBSG["time"], GBSG["cens"])
    interval = np.asarray(median_survival_times(peer.confidence_interval_))[0]
    np.testing.assert_allclose([end or np.inf for end in curve.median_interval], interval)
    mean = restricted_mean_survival_time(peer, t=1500)
    np.testing.assert_allclose(curve.restricted_mean(1500).mean, mean, rtol=1e-12)


rows = st.lists(st.tuples(st.integers(0, 20), st.booleans()), min_size=1, max_size=50)


@settings(max_examples=60, deadline=None)
@given(rows)
def test_any_data_with_ties_and_events_on_day_zero_give_lifelines_curve(people) -> None:
    """Also all censored, a single patient, and everybody dead."""
    time, event = np.array([p[0] for p in people]), np.array([p[1] for p in people])
    with np.errstate(all="ignore"):
        peer = KaplanMeierFitter().fit(time, event)
    assert_equal(estimate(survival_sums(time, event)).curve, peer)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_late_entry_gives_lifelines_curve(seed: int) -> None:
    """At risk after entry, where the risk set never runs empty."""
    random = np.random.default_rng(seed)
    time = random.integers(2, 40, 60)
    # half are there from the start and stay to the end, so that lifelines does not give up
    entry = np.where(np.arange(60) < 30, 0, (time * random.random(60)).astype(int))
    time[:30] = np.maximum(time[:30], 30)
    event = random.random(60) < 0.6
    with np.errstate(all="ignore"):
        peer = KaplanMeierFitter().fit(time, event, entry=entry)
    ours = estimate(survival_sums(time, event, entry=entry)).curve
    place = np.searchsorted(peer.survival_function_.index.to_numpy(), ours.times, side="right") - 1
    survival = peer.survival_function_.to_numpy()[place, 0]
    np.testing.assert_allclose(ours.survival, survival, atol=1e-12, rtol=0)


def test_r_survival_prints_the_same_for_the_german_breast_cancer_study() -> None:
    """R 4.2.2, survival 3.5-3: survfit (conf.type log), rmean, survdiff on gbsg by hormone therapy."""
    result = kaplan_meier(GBSG, "time", "cens", by="horTh", band="log")
    untreated = result["no"]
    place = int(np.searchsorted(untreated.times, 365, side="right")) - 1
    assert untreated.at_risk_at([365]).tolist() == [379]
    assert untreated.survival[place] == pytest.approx(0.896619337235561, abs=1e-14)
    assert np.sqrt(untreated.variance[place]) == pytest.approx(0.0147605717633477, abs=1e-14)
    assert untreated.lower[place] == pytest.approx(0.868150897, abs=1e-9)
    assert untreated.upper[place] == pytest.approx(0.926021315, abs=1e-9)
    assert result["yes"].survival_at([1826])[0] == pytest.approx(0.581210066889746, abs=1e-14)
    mean = kaplan_meier(GBSG, "time", "cens").curve.restricted_mean(1826)
    assert mean.mean == pytest.approx(1318.90874905002, rel=1e-14)
    assert mean.standard_error == pytest.approx(24.0948107877162, rel=1e-13)
    assert log_rank(result.sums).statistic == pytest.approx(8.56478085353896, rel=1e-13)


def test_a_pandas_frame_with_a_missing_value_is_refused_not_misread() -> None:
    """NaN is missing in pandas too."""
    frame = pd.DataFrame({"t": [1.0, np.nan], "e": [1, 0]})
    with pytest.raises(ValueError, match="missing"):
        kaplan_meier(frame, "t", "e")


@needs_shared
@pytest.mark.realdata
def test_ten_thousand_patients_in_their_tissue_source_sites_give_lifelines_curves_by_sex() -> None:
    """TCGA, each tissue source site (second part of the patient's barcode) a site of its own."""
    raw = pl.read_csv(
        SHARED / "tcga" / "data_clinical_patient.txt", separator="\t", comment_prefix="#", infer_schema=False
    )
    frame = raw.drop_nulls(["OS_MONTHS", "OS_STATUS", "SEX"]).select(
        months=pl.col("OS_MONTHS").cast(pl.Float64),
        died=pl.col("OS_STATUS").str.starts_with("1"),
        sex="SEX",
        site=pl.col("PATIENT_ID").str.split("-").list.get(1),
    )
    sites = frame.partition_by("site")
    assert len(sites) > 100
    ours = kaplan_meier(sites, "months", "died", by="sex")
    assert ours.sums == kaplan_meier(frame, "months", "died", by="sex").sums
    for curve in ours.curves:
        rows = frame.filter(pl.col("sex") == curve.label)
        assert curve.n == rows.height
        assert_equal(curve, KaplanMeierFitter().fit(rows["months"].to_numpy(), rows["died"].to_numpy()))
