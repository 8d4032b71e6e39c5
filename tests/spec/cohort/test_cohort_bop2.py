"""BOP2: a posterior cut-off that rises with the patients, optimised within the limit of the type I error.

Stop if P(p > p0 | x, n) < C(n), C(n) = lambda (n/N)^gamma, positive if never stopped; lambda and gamma give the most
power with alpha held. Zhou H, Lee JJ, Yuan Y. Stat Med 2017;36:3302-3314.
"""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest

from kohort.cohort.designs.bop2 import Bop2Rule, bop2, bop2_design
from kohort.cohort.designs.bop2_toxicity import EfficacyToxicityDesign, JointRates, bop2_efficacy_toxicity
from kohort.cohort.maths.beta import Beta
from kohort.errors import StatisticsError

LOOKS = (10, 15, 20, 25, 30, 35, 40)


def test_a_count_is_stopped_where_its_posterior_probability_is_below_the_cut_off():
    """At each look the boundary is the last count below C(n), with a prior worth one patient."""
    rule = Bop2Rule(lam=0.84, gamma=0.64)
    design = bop2_design(0.2, 0.4, LOOKS, rule).design
    for look in design.looks:
        cutoff = 0.84 * (look.size / 40) ** 0.64
        below = [Beta(0.2, 0.8).updated(x, look.size).above(0.2) < cutoff for x in range(look.size + 1)]
        assert look.at_most == sum(below) - 1
    assert rule.cutoff(40, 40) == 0.84


def test_the_optimised_design_holds_alpha_and_has_this_power():
    """20 against 40 percent, alpha .10, seven looks: 1/10 ... 10/40 with power .8815."""
    found = bop2(0.2, 0.4, 0.1, LOOKS)
    assert str(found).startswith("1/10, 2/15, 4/20, 5/25, 7/30, 9/35, 10/40 (go on with >= 2 of 10")
    assert "positive with >= 11 of 40); C(n) = 0." in str(found)
    assert found.design.alpha <= 0.1
    assert found.design.power == pytest.approx(0.8815, abs=5e-5)
    assert bop2_design(0.2, 0.4, LOOKS, found.rule) == found


def test_no_lambda_and_gamma_of_a_fine_grid_have_more_power():
    """Every lambda in steps of .005 with every gamma in steps of .05: none that holds alpha does better."""
    found = bop2(0.2, 0.4, 0.1, LOOKS, gammas=[step / 20 for step in range(21)])
    for gamma, lam in itertools.product(range(21), range(100, 200)):
        tried = bop2_design(0.2, 0.4, LOOKS, Bop2Rule(lam / 200, gamma / 20)).design
        if tried.alpha <= 0.1:
            assert tried.power <= found.design.power + 1e-9


def test_looks_at_8_and_24_give_the_design_of_drup():
    """10 against 30 percent with alpha .0778: BOP2 arrives at 0/8, 4/24."""
    found = bop2(0.1, 0.3, 0.0778, (8, 24)).design
    assert (found.stop_at_most, found.stop_at_least) == ((0, 4), (None, 5))


def test_a_cut_off_that_cannot_be_is_refused():
    """lambda outside 0 to 1, negative gamma, a lambda that no count passes, an alpha that none holds."""
    with pytest.raises(StatisticsError, match="impossible"):
        Bop2Rule(1.0, 0.5)
    with pytest.raises(StatisticsError, match="gamma"):
        Bop2Rule(0.9, -0.1)
    with pytest.raises(StatisticsError, match="no count goes on"):
        bop2_design(0.5, 0.9, (1, 2), Bop2Rule(0.99, 0))
    with pytest.raises(StatisticsError, match="no cut-off holds alpha"):
        bop2(0.5, 0.9, 0.01, (2, 4))


NULL = JointRates(Fraction(45, 100), Fraction(30, 100), Fraction(15, 100))
GOOD = JointRates(Fraction(60, 100), Fraction(20, 100), Fraction(10, 100))


def test_efficacy_and_toxicity_are_followed_together_exactly():
    """All 4^6 orders of six patients in four cells, one by one, give the same fractions."""
    design = EfficacyToxicityDesign((2, 4, 6), (0, 1, 2), (1, 2, 2), NULL, GOOD)
    cells = GOOD.cells

    def stopped_at(order: tuple[int, ...]) -> int | None:
        for n, low, most in zip(design.sizes, design.stop_at_most, design.tolerated, strict=True):
            responders = sum(cell in {0, 1} for cell in order[:n])
            toxicities = sum(cell in {0, 2} for cell in order[:n])
            if responders <= low or toxicities > most:
                return n
        return None

    success, early, size = Fraction(0), Fraction(0), Fraction(0)
    for order in itertools.product(range(4), repeat=6):
        chance = Fraction(1)
        for cell in order:
            chance *= Fraction(cells[cell])
        n = stopped_at(order)
        success += chance if n is None else 0
        early += chance if n in {2, 4} else 0
        size += (n or 6) * chance
    seen = design.operating_characteristics(GOOD)
    assert (seen.success, seen.early_stop, seen.expected_n) == (success, early, size)
    floats = design.operating_characteristics(JointRates(0.6, 0.2, 0.1))
    assert floats.success == pytest.approx(float(success), abs=1e-14)
    assert str(design).startswith("stop with 0/2 responders or 2/2 toxicities, 1/4 responders or 3/4")
    assert "(go on, at the last positive, with >= 1 and <= 1 of 2" in str(design)


def test_both_boundaries_follow_one_cut_off():
    """45 / 30 against 60 / 20 percent, alpha .10: at each look both margins are on the right side of C(n)."""
    found = bop2_efficacy_toxicity(NULL, GOOD, 0.1, (10, 20, 30, 40))
    assert found.alpha <= 0.1
    assert found.power == pytest.approx(0.763, abs=5e-4)
    assert found.rule is not None
    for n, low, most in zip(found.sizes, found.stop_at_most, found.tolerated, strict=True):
        cutoff = found.rule.cutoff(n, 40)
        assert Beta(0.45, 0.55).updated(low, n).above(0.45) < cutoff <= Beta(0.45, 0.55).updated(low + 1, n).above(0.45)
        assert Beta(0.3, 0.7).updated(most + 1, n).below(0.3) < cutoff <= Beta(0.3, 0.7).updated(most, n).below(0.3)


def test_a_toxic_treatment_that_works_passes_more_often_than_alpha():
    """alpha is held at the null of both; with the response of the alternative and the null's toxicity it is not."""
    found = bop2_efficacy_toxicity(NULL, GOOD, 0.1, (10, 20, 30, 40))
    toxic = found.operating_characteristics(JointRates(0.6, 0.3, 0.15))
    assert toxic.success == pytest.approx(0.352, abs=5e-4)


def test_how_response_and_toxicity_go_together_matters():
    """The same margins with another rate of both give other error rates; independent is the default."""
    found = bop2_efficacy_toxicity(NULL, GOOD, 0.1, (10, 20, 30, 40))
    apart, together = (found.operating_characteristics(JointRates(0.45, 0.3, both)).success for both in (0.0, 0.3))
    assert apart > 2 * together
    assert JointRates(0.5, 0.2).cells == pytest.approx((0.1, 0.4, 0.1, 0.4))


def test_joint_rates_and_limits_that_cannot_be_are_refused():
    """A cell below 0, an alternative that is no better, limits that stop everybody."""
    with pytest.raises(StatisticsError, match="does not fit"):
        JointRates(0.3, 0.2, 0.25)
    with pytest.raises(StatisticsError, match="no better"):
        bop2_efficacy_toxicity(NULL, NULL, 0.1, (10, 20))
    with pytest.raises(StatisticsError, match="are impossible"):
        EfficacyToxicityDesign((10, 20), (0, 20), (3, 5), NULL, GOOD)
    with pytest.raises(StatisticsError, match="do not fit"):
        EfficacyToxicityDesign((10, 20), (0,), (3, 5), NULL, GOOD)
    with pytest.raises(StatisticsError, match="no cut-off"):
        bop2_efficacy_toxicity(NULL, GOOD, 0.001, (2, 4))
