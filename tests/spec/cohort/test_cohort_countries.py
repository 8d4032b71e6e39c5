"""One cohort over sister trials of several countries: pooled counts, differences, merged looks, withheld counts.

Pooled counts add up; Q = sum n_i (x_i/n_i - P)^2 / (P (1 - P)) and the exact test of Freeman & Halton (Biometrika
1951;38:141) say whether trials differ; hierarchical models (Higgins, Thompson & Spiegelhalter, J R Stat Soc A
2009;172:137) give the overall rate and that of a new trial; the two-stage rule is read at the patients of all.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter

import numpy as np
import pytest

from kohort.cohort import EIGHT_PLUS_SIXTEEN, TwoStageDesign, Verdict
from kohort.cohort.borrowing.bhm import BHM
from kohort.cohort.borrowing.separate import Separate
from kohort.cohort.countries.between import BetaBinomial, LogitNormal
from kohort.cohort.countries.counts import CohortCount, exact_interval
from kohort.cohort.countries.heterogeneity import heterogeneity
from kohort.cohort.countries.merged_looks import merged_course, merged_look, passed_only_merged
from kohort.cohort.countries.pooling import leave_one_country_out, pool_counts
from kohort.cohort.countries.small_counts import CountryStatus, WithheldCount, pool_with_withheld, withheld
from kohort.errors import StatisticsError, UnknownNameError

PLAN = EIGHT_PLUS_SIXTEEN


def counts(*pairs: tuple[int, int], design: TwoStageDesign | None = PLAN, cohort: str = "a") -> list[CohortCount]:
    """Counts of trials in the Netherlands, Norway, Denmark, Finland, ... in this order."""
    countries = ("NL", "NO", "DK", "FI", "SE", "FR")
    return [
        CohortCount(f"trial {country}", country, cohort, x, n, design)
        for country, (x, n) in zip(countries, pairs, strict=False)
    ]


def test_counts_of_sister_trials_add_up():
    """3 of 14 and 1 of 6 are 4 of 20; the interval is that of Clopper and Pearson at the sums."""
    pooled = pool_counts(counts((3, 14), (1, 6)))["a"]
    assert (pooled.responders, pooled.evaluable, pooled.rate) == (4, 20, 0.2)
    assert list(pooled.interval) == pytest.approx([0.05733400, 0.43661395], abs=5e-7)
    assert pooled.verdict is Verdict.GO_ON
    assert "4 of 20 evaluable patients responded (20%" in pooled.sentence


def test_an_exact_interval_holds_its_tails():
    """At the lower limit as many responders or more have 2.5 %, at the upper limit as many or fewer."""

    def chance(n: int, p: float, wanted: range) -> float:
        return sum(math.comb(n, x) * p**x * (1 - p) ** (n - x) for x in wanted)

    low, high = exact_interval(3, 11)
    assert chance(11, low, range(3, 12)) == pytest.approx(0.025, abs=1e-12)
    assert chance(11, high, range(4)) == pytest.approx(0.025, abs=1e-12)
    assert list(exact_interval(0, 0)) == [0.0, 1.0]
    assert exact_interval(0, 5).lower == 0
    assert exact_interval(5, 5).upper == 1


def exact_p(responders: tuple[int, ...], evaluable: tuple[int, ...], *, by_q: bool) -> float:
    """All tables with the same total, weighed by their orders: Q at least as large, or no more orders."""
    total, patients = sum(responders), sum(evaluable)

    def score(table: tuple[int, ...]) -> float:
        if by_q:
            return sum(n * (x / n - total / patients) ** 2 for x, n in zip(table, evaluable, strict=True))
        return -math.prod(math.comb(n, x) for x, n in zip(table, evaluable, strict=True))

    ways: Counter[bool] = Counter()
    for table in itertools.product(*(range(n + 1) for n in evaluable)):
        if sum(table) == total:
            extreme = score(table) >= score(responders) * (1 - 1e-9 if by_q else 1 + 1e-9)
            ways[extreme] += math.prod(math.comb(n, x) for x, n in zip(table, evaluable, strict=True))
    return ways[True] / ways.total()


@pytest.mark.parametrize(
    ("x", "n"), [((1, 7), (9, 10)), ((0, 2, 5, 1), (8, 6, 12, 9)), ((0, 0, 3), (3, 5, 4)), ((2, 2, 2, 2), (4, 8, 6, 7))]
)
def test_exact_p_values_of_differences_count_all_tables(x: tuple[int, ...], n: tuple[int, ...]):
    """Both exact p values equal a plain count of all tables with the same margins."""
    found = heterogeneity(x, n)
    assert found is not None
    assert found.exact.p == pytest.approx(exact_p(x, n, by_q=True), abs=1e-10)
    assert found.fisher.p == pytest.approx(exact_p(x, n, by_q=False), abs=1e-10)
    assert found.exact.standard_error == found.fisher.standard_error == 0


def test_fisher_s_exact_test_of_two_trials():
    """1 of 9 against 7 of 10: p = .019767, as R's fisher.test."""
    found = heterogeneity((1, 7), (9, 10))
    assert found is not None
    assert found.fisher.p == pytest.approx(0.0197666, abs=5e-8)


def test_many_trials_are_drawn_with_a_standard_error():
    """Where the tables are too many to enumerate, p is drawn from them; it agrees with chi-square at large counts."""
    n = tuple(range(61, 85, 2))
    found = heterogeneity((11, 14, 9, 20, 15, 10, 17, 12, 18, 25, 14, 30), n)
    assert found is not None
    assert found.is_large
    assert 0 < found.exact.standard_error < 0.0015
    assert found.exact.p == pytest.approx(found.chi_square_p, abs=4 * found.exact.standard_error + 0.004)


def test_i2_comes_with_an_interval_that_admits_ignorance():
    """Two trials that agree leave I2 between 0 and 100 %; strong differences leave it away from 0."""
    alike, unlike = heterogeneity((1, 1), (6, 6)), heterogeneity((2, 20, 10), (30, 30, 30))
    assert alike is not None
    assert unlike is not None
    assert (alike.i2, alike.i2_interval) == (0.0, (0.0, 1.0))
    assert not alike.is_large
    assert "rough guide" in alike.sentence
    q = 30 * sum((x / 30 - 32 / 90) ** 2 for x in (2, 20, 10)) / (32 / 90 * 58 / 90)
    assert unlike.q == pytest.approx(q)
    assert unlike.i2 == pytest.approx(1 - 2 / q)
    spread = (math.log(q) - math.log(2)) / (2 * (math.sqrt(2 * q) - math.sqrt(3)))
    h = math.log(q / 2) / 2 - 1.959964 * spread
    assert unlike.i2_interval[0] == pytest.approx(1 - math.exp(-2 * h), abs=1e-6)


def test_a_new_trial_is_less_certain_than_the_overall_rate():
    """Hierarchical: the rate of a trial not yet seen spreads wider, for trials may differ from each other."""
    pooled = pool_counts(counts((3, 14), (1, 6), (0, 3), (2, 5)), "hierarchical")["a"]
    assert pooled.between is not None
    overall, new = pooled.between.overall, pooled.between.new_trial
    assert new.quantile(0.975) - new.quantile(0.025) > overall.quantile(0.975) - overall.quantile(0.025)
    rates = [trial.mean for trial in pooled.between.trials]
    assert 0 < rates[2] < rates[1] < rates[0] < rates[3] < 2 / 5  # drawn towards each other, in order
    assert pooled.between.numeric_error < 1e-4


def test_the_beta_binomial_model_equals_a_fine_grid():
    """Mean and spread of the overall rate against plain sums over 400 x 400 values of the mean and the correlation."""
    x, n = (1, 3, 0, 5), (8, 12, 6, 16)
    grid = (np.arange(400) + 0.5) / 400
    m, rho = grid[:, None], grid[None, :]
    size = (1 - rho) / rho
    log = 8 * np.log(1 - rho) + np.zeros_like(m)
    for r, patients in zip(x, n, strict=True):
        log = log + sum(np.log(m * size + k) for k in range(r))
        log = (
            log
            + sum(np.log((1 - m) * size + k) for k in range(patients - r))
            - sum(np.log(size + k) for k in range(patients))
        )
    weight = np.exp(log - log.max())
    weight /= weight.sum()
    found = BetaBinomial().fit(x, n)
    assert found.overall.mean == pytest.approx(float((weight * m).sum()), abs=1e-4)
    assert found.spread == pytest.approx(float((weight * rho).sum()), abs=1e-4)
    assert found.overall.below(0.2) == pytest.approx(float(weight[grid < 0.2].sum()), abs=1e-3)
    new = float((weight * (m**2 + m * (1 - m) * rho)).sum()) - found.overall.mean**2
    assert found.new_trial.variance == pytest.approx(new, abs=1e-4)


def test_the_logit_normal_model_is_the_hierarchical_model_of_borrowing():
    """The rate of each trial equals that of ``BHM`` with the same priors, and the fixed rate as tau tends to 0."""
    x, n = (1, 3, 0, 5), (8, 12, 6, 16)
    found = LogitNormal(centre=0.2, spread=2, tau_scale=1).fit(x, n)
    model = BHM(p0=0.1, target=0.2, mu_sd=2.0, tau_scale=1.0, accuracy="fine").fit(x, n)
    assert [trial.mean for trial in found.trials] == pytest.approx(model.mean.tolist(), abs=1e-4)
    assert [1 - trial.below(0.1) for trial in found.trials] == pytest.approx(model.prob_greater().tolist(), abs=2e-4)
    alike = LogitNormal(tau_scale=1e-6).fit(x, n)
    assert [trial.mean for trial in alike.trials] == pytest.approx([alike.overall.mean] * 4, abs=1e-9)
    assert alike.new_trial.quantile(0.9) == pytest.approx(alike.overall.quantile(0.9), abs=1e-6)


def test_any_borrowing_model_may_stand_between_the_trials():
    """``model`` gives the posterior of each trial beside the overall rate."""
    pooled = pool_counts(counts((3, 14), (1, 6)), "hierarchical", model=Separate(p0=0.1))["a"]
    assert pooled.posterior is not None
    assert pooled.posterior.mean.tolist() == pytest.approx([4 / 16, 2 / 8])
    with pytest.raises(StatisticsError, match="fixed method"):
        pool_counts(counts((1, 6)), model=Separate(p0=0.1))
    with pytest.raises(UnknownNameError, match="random"):
        pool_counts(counts((1, 6)), "random")  # type: ignore[arg-type]


def test_leaving_out_a_country_shows_whose_patients_the_reading_hangs_on():
    """0 of 5, 1 of 3 and 0 of 1: without Norway nobody responded, and the reading changes."""
    left = {each.country: each for each in leave_one_country_out(counts((0, 5), (1, 3), (0, 1)))["a"]}
    assert {country for country, each in left.items() if each.changes_verdict} == {"NO"}
    assert left["NO"].pooled is not None
    assert (left["NO"].pooled.responders, left["NO"].pooled.evaluable) == (0, 6)
    assert left["NL"].rate_shift == pytest.approx(1 / 9 - 1 / 4)
    (alone,) = leave_one_country_out(counts((1, 3)))["a"]
    assert alone.pooled is None
    assert alone.changes_verdict


def test_a_cohort_can_pass_only_because_countries_were_merged():
    """Five, two and one patient fill stage 1 together, none of them alone; one responder lets them go on."""
    look = merged_look(counts((0, 5), (1, 2), (0, 1)))
    assert look.decision.verdict is Verdict.GO_ON
    assert look.has_passed_only_merged
    assert [country.is_full for country in look.alone] == [False, False, False]
    assert look.go_by_order == 1
    assert look.is_order_free
    assert "only because countries were merged: none fills stage 1 alone" in look.sentence
    own = merged_look(counts((1, 8), (0, 2)))
    assert own.alone[0].has_passed
    assert not own.has_passed_only_merged


def test_over_a_programme_the_cohorts_that_passed_only_merged_are_listed():
    """Of three cohorts one passed on its own in Norway, one only together, one did not pass."""
    programme = [
        *counts((0, 5), (2, 8), cohort="own"),
        *counts((0, 5), (1, 5), cohort="merged"),
        *counts((0, 5), (0, 5), cohort="stopped"),
    ]
    assert passed_only_merged(programme) == ("merged",)


def test_counts_do_not_say_who_came_first():
    """One responder among nine: with chance 8/9 among the first eight, if all orders are equally likely."""
    look = merged_look(counts((0, 5), (1, 3), (0, 1)))
    assert look.among_first == (0, 1)
    assert look.go_by_order == pytest.approx(8 / 9)
    assert "Who came first matters" in look.sentence
    assert merged_look(counts((0, 5), (2, 3), (0, 1))).go_by_order == 1
    assert merged_look(counts((0, 5), (0, 2))).go_by_order is None


def test_reports_in_lumps_make_the_look_late_and_its_error_rates_exact():
    """Countries report 4, 3 and 4 patients: the look is at 11, not 8, and passes more often than planned."""
    course = merged_course([(3, 1, 0), (2, 0, 1), (2, 1, 1), (4, 4, 4), (2, 2, 1)])
    assert (course.look, course.end, course.sizes) == (3, 5, (7, 2, 2))
    assert (course.rules.kept.n1, course.rules.kept.n) == (11, 28)
    null = course.chances(0.1)
    assert null.passes == pytest.approx(1 - 0.9**11)
    assert null.passes_by_order == pytest.approx(1 - 0.9**8)
    assert null.passes_only_merged == pytest.approx(null.passes)  # no country has eight
    assert null.positive > PLAN.alpha > null.positive_strict
    assert merged_course([(9, 3)]).end is None


def test_the_gain_of_merging_is_exact():
    """A country with nine of its own passes alone with 1 - .7^9; only merged means that it did not and others did."""
    chances = merged_course([(9, 3)]).chances(0.3)
    assert chances.alone == pytest.approx((1 - 0.7**9, 0.0))
    assert chances.passes_only_merged == pytest.approx(0.7**9 * (1 - 0.7**3))


def test_reports_that_never_fill_stage_1_have_no_look():
    """Seven patients are no look; a report must name every country."""
    with pytest.raises(StatisticsError, match="reach 7"):
        merged_course([(4, 3)])
    with pytest.raises(StatisticsError, match="a country"):
        merged_course([(4, 3), (4,)])


def test_different_designs_must_be_agreed_before_a_look():
    """Trials with different designs have no common rule until one is named."""
    other = TwoStageDesign(1, 10, 6, 28, 0.15, 0.35)
    mixed = [*counts((1, 5)), CohortCount("TAPUR", "US", "a", 1, 5, other)]
    with pytest.raises(StatisticsError, match="2 different designs"):
        merged_look(mixed)
    assert merged_look(mixed, PLAN).decision.verdict is Verdict.GO_ON
    assert pool_counts(mixed)["a"].verdict is None


def test_a_country_below_its_threshold_sends_its_decision_only():
    """One of twelve is a small count: the status goes, with the number evaluable if that is allowed."""
    (own,) = counts((1, 12))
    sent = withheld(own, PLAN)
    assert isinstance(sent, WithheldCount)
    assert (sent.status, sent.evaluable) == (CountryStatus.CONTINUE, 12)
    assert sent.possible == {(1, 12), (2, 12), (3, 12), (4, 12)}
    assert withheld(counts((0, 12))[0], PLAN) == counts((0, 12))[0]  # no small number
    hidden = withheld(counts((1, 3))[0], PLAN)
    assert isinstance(hidden, WithheldCount)
    assert hidden.evaluable is None
    assert (1, 3) in hidden.possible


def test_a_status_can_give_the_count_away():
    """Stop of 8 + 16 with eight evaluable: nobody responded, as plain as the count."""
    stopped = WithheldCount("P", "DK", "a", CountryStatus.STOP, PLAN, evaluable=8)
    assert stopped.possible == {(0, 8)}
    assert stopped.gives_away
    with pytest.raises(StatisticsError, match="no counts agree"):
        WithheldCount("P", "DK", "a", CountryStatus.POSITIVE, PLAN, evaluable=4)


def test_withheld_counts_are_pooled_as_best_and_worst():
    """3 of 12 and "continue, six evaluable" are 3 to 7 of 18: positive at best, going on at worst."""
    hidden = WithheldCount("P", "DK", "a", CountryStatus.CONTINUE, PLAN, evaluable=6)
    pooled = pool_with_withheld(counts((3, 12)), [hidden], PLAN)
    assert (pooled.responders, pooled.evaluable) == ((3, 7), (18, 18))
    assert (pooled.best, pooled.worst, pooled.is_certain) == (Verdict.POSITIVE, Verdict.GO_ON, False)
    assert pooled.rate == (3 / 18, 7 / 18)
    assert list(pooled.interval()) == [exact_interval(3, 18).lower, exact_interval(7, 18).upper]
    sure = pool_with_withheld(counts((6, 12)), [hidden], PLAN)
    assert sure.is_certain
    assert "whatever the withheld counts are" in sure.sentence


def test_impossible_or_double_counts_are_refused():
    """More responders than patients, a trial twice, half a patient, or nothing at all."""
    with pytest.raises(StatisticsError, match="impossible"):
        CohortCount("DRUP", "NL", "a", 3, 2)
    with pytest.raises(StatisticsError, match="impossible"):
        CohortCount("DRUP", "NL", "a", 1.5, 2)  # type: ignore[arg-type]
    with pytest.raises(StatisticsError, match="twice"):
        pool_counts([*counts((1, 2)), *counts((1, 2))])
    with pytest.raises(StatisticsError, match="no counts"):
        pool_counts([])
    hidden = WithheldCount("trial NL", "NL", "a", CountryStatus.CONTINUE, PLAN)
    with pytest.raises(StatisticsError, match="twice"):
        pool_with_withheld(counts((1, 12)), [hidden], PLAN)
    with pytest.raises(StatisticsError, match="hides nothing"):
        withheld(counts((1, 12))[0], PLAN, k=1)


def test_priors_levels_and_mixed_cohorts_that_cannot_be_are_refused():
    """Each refusal says what to give instead."""
    hidden = WithheldCount("P", "DK", "b", CountryStatus.CONTINUE, PLAN)
    for wrong in (
        lambda: LogitNormal(tau_scale=0),
        lambda: BetaBinomial(intraclass=(0, 1)),
        lambda: exact_interval(1, 2, level=1),
        lambda: heterogeneity((1,), (2,), level=0),
        lambda: heterogeneity((3,), (2,)),
        lambda: merged_look([*counts((1, 5)), *counts((1, 5), cohort="b")]),
        lambda: pool_with_withheld(counts((1, 5)), [hidden], PLAN),
        lambda: LogitNormal().fit((1,), (4,)).overall.quantile(2),
    ):
        with pytest.raises(StatisticsError, match=r"Give|Pool"):
            wrong()


def test_a_country_without_patients_or_a_design_is_pooled_all_the_same():
    """No differences with one trial, no rate without patients, no verdict without a design; 8 + 16 is the default."""
    pooled = pool_counts(counts((0, 0), design=None), "hierarchical")["a"]
    assert (pooled.rate, pooled.heterogeneity, pooled.verdict) == (None, None, None)
    assert "A new trial's rate lies in" in pooled.sentence
    assert merged_look(counts((1, 8), design=None)).decision.rules.planned == PLAN
    overall = LogitNormal().fit((1,), (4,)).overall
    assert (overall.below(0), overall.below(1), overall.quantile(0), overall.quantile(1)) == (0, 1, 0, 1)
    assert overall.quantile(0.5) < overall.mean
    unsure = pool_with_withheld([], [WithheldCount("P", "DK", "a", CountryStatus.CONTINUE, PLAN)], PLAN)
    assert unsure.rate is None
    assert "The withheld counts decide." in unsure.sentence
    large = heterogeneity((20, 30), (60, 60))
    assert large is not None
    assert large.degrees == 1
    assert "rough guide" not in large.sentence
