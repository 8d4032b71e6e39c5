"""Calibration: the least cut-off with which a rule keeps an error rate, and what it costs in power.

Error rates fall in steps as the cut-off rises, at the posterior probabilities that occur. The least cut-off is
found among those and rounded up to four decimals (Baumann L et al., arXiv 2309.06988; adjust_lambda of the R
package baskexact).
"""

from __future__ import annotations

import numpy as np
import pytest

from kohort.cohort.borrowing.bhm import BHM
from kohort.cohort.borrowing.power_prior import PowerPrior
from kohort.cohort.borrowing.separate import Separate
from kohort.cohort.borrowing.similarity import CPP
from kohort.cohort.characteristics.calibration import calibrate
from kohort.cohort.characteristics.operating import operating_characteristics
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN
from kohort.cohort.rules.conditions import Boundary, MeanAbove, Probability
from kohort.cohort.rules.rule import DecisionRule
from kohort.errors import StatisticsError

MODEL = PowerPrior(0.2, weights=CPP(2, 2))


def test_the_family_wise_error_of_three_cohorts_is_kept():
    """CPP a = b = 2, 15 patients each: .9910 is the least cut-off of four decimals for 2.5 %; .9909 breaks it."""
    found = calibrate(MODEL, 15, 0.025, scenarios=3)
    assert found.cutoff == 0.991
    assert found.attained == pytest.approx(0.0231528, abs=5e-8)
    near = operating_characteristics(MODEL, 15, [0.9909, 0.9910], [0.2] * 3, level=None)
    assert near.fwer[0, 0] > 0.025 >= near.fwer[0, 1] == pytest.approx(found.attained, abs=1e-14)


@pytest.mark.parametrize("measure", ["fwer", "toer"])
@pytest.mark.parametrize("target", [0.01, 0.05, 0.1])
def test_no_smaller_cut_off_keeps_the_target(measure: str, target: float):
    """The least cut-off is a posterior probability that occurs: a hair below it, its outcome is a go as well."""
    found = calibrate(MODEL, 12, target, measure=measure, scenarios=3)  # type: ignore[arg-type]
    tried = operating_characteristics(MODEL, 12, [found.least - 1e-9, found.least, found.cutoff], [0.2] * 3, level=None)
    error = tried.fwer[0] if measure == "fwer" else tried.toer[0].max(axis=1)
    assert error[0] > target >= error[1] >= error[2]
    assert found.cutoff - 1e-4 <= found.least <= found.cutoff
    assert (found.attained_at_least, found.attained) == pytest.approx((error[1], error[2]), abs=1e-14)


def test_the_power_that_a_kept_error_costs_is_reported():
    """Power with the planned cut-off less power with the one found, in scenarios of one's own."""
    active = {"two active": [0.2, 0.4, 0.4]}
    found = calibrate(MODEL, 15, 0.025, scenarios=3, power_scenarios=active, planned=0.95)
    planned = operating_characteristics(MODEL, 15, [0.95, found.cutoff], active, level=None)
    assert found.characteristics.rules == ("0.9910", "0.95 (planned)")
    assert found.power_paid[1, 1] == pytest.approx(planned.power[0, 0, 1] - planned.power[0, 1, 1], abs=1e-14)
    assert found.power_paid[1, 1] > 0.1
    assert np.isnan(found.power_paid[1, 0])


def test_the_limit_can_be_asked_of_several_scenarios():
    """Borrowing hurts most where all other cohorts are active: kept there, the cut-off is higher."""
    model, worst = BHM(0.1), {"null": [0.1] * 3, "one null": [0.1, 0.3, 0.3]}
    alone = calibrate(model, EIGHT_PLUS_SIXTEEN, 0.1, measure="toer", scenarios=3)
    everywhere = calibrate(model, EIGHT_PLUS_SIXTEEN, 0.1, measure="toer", scenarios=worst)
    assert everywhere.cutoff > alone.cutoff
    assert (
        np.nanmax(everywhere.characteristics.toer)
        <= 0.1
        < np.nanmax(operating_characteristics(model, EIGHT_PLUS_SIXTEEN, alone.cutoff, worst, level=None).toer)
    )


def test_a_rule_with_more_conditions_is_calibrated_too():
    """Any rule that gets stricter as its cut-off rises; here the mean has to be above .25 as well."""

    def rule(cutoff: float) -> Boundary:
        return Boundary(go=(Probability(above=cutoff), MeanAbove(0.25)))

    dual, single = (calibrate(MODEL, 12, 0.05, scenarios=3, rule=each) for each in (rule, plain_cut_off))
    assert dual.cutoff <= single.cutoff
    assert dual.attained <= 0.05


def plain_cut_off(cutoff: float) -> float:
    return cutoff


def test_the_number_of_cohorts_may_come_from_the_designs_or_the_model():
    """One design a cohort, or one p0 a cohort."""
    by_design = calibrate(Separate(0.2), [10, 10], 0.1)
    by_model = calibrate(Separate((0.2, 0.2)), 10, 0.1)
    assert by_design.cutoff == by_model.cutoff
    with pytest.raises(StatisticsError, match="number of cohorts is not known"):
        calibrate(Separate(0.2), 10, 0.1)


def test_a_target_that_is_always_met_needs_no_cut_off():
    """Even if every posterior probability above 0 is a go."""
    found = calibrate(Separate(0.2), EIGHT_PLUS_SIXTEEN, 0.99, scenarios=1)
    assert (found.cutoff, found.least) == (0.0, 0.0)


def test_what_cannot_be_kept_is_refused():
    """No cut-off below 1, no such error, a look that moves with the cut-off, nothing planned to compare with."""
    with pytest.raises(StatisticsError, match="No cut-off below 1 keeps the fwer within 1e-09"):
        calibrate(Separate(0.2), 10, 1e-9, scenarios=2)
    with pytest.raises(StatisticsError, match="cannot be kept"):
        calibrate(Separate(0.2), 10, 0.05, measure="fdr", scenarios=2)  # type: ignore[arg-type]
    with pytest.raises(StatisticsError, match="no planned cut-off"):
        _ = calibrate(Separate(0.2), 10, 0.05, scenarios=2).power_paid
    with pytest.raises(StatisticsError, match="look depends on the cut-off"):
        calibrate(
            Separate(0.1),
            EIGHT_PLUS_SIXTEEN,
            0.05,
            scenarios=1,
            rule=lambda c: DecisionRule(
                "moving",
                EIGHT_PLUS_SIXTEEN,
                Boundary(go=(Probability(above=0.9),)),
                Boundary(no_go=(Probability(below=c),)),
            ),
        )
