"""Two-stage designs: the rule, both conventions, exact error rates."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kohort.cohort import EIGHT_PLUS_SIXTEEN, TwoStageDesign
from kohort.errors import StatisticsError

EXACT_ALPHA = Fraction(1555104443622944599991, 2 * 10**22)


def test_a_design_prints_the_last_count_that_is_not_enough_and_the_first_that_is():
    """Simon's convention is stored; both are printed."""
    assert str(EIGHT_PLUS_SIXTEEN) == "0/8, 4/24 (go on with >= 1 of 8, positive with >= 5 of 24)"
    assert EIGHT_PLUS_SIXTEEN.n2 == 16


@pytest.mark.parametrize(
    ("p", "success", "early_stop", "expected_n"),
    [
        (0.1, 0.07775522218, 0.43046721, 17.11252464),
        (0.2, 0.50627387222, 0.16777216, 21.31564544),
        (0.3, 0.85721284394, 0.05764801, 23.07763184),
    ],
)
def test_eight_plus_sixteen_has_these_exact_characteristics(
    p: float, success: float, early_stop: float, expected_n: float
):
    """Probability of a positive cohort, early stop and expected size at three true rates."""
    seen = EIGHT_PLUS_SIXTEEN.operating_characteristics(p)
    assert seen.p == p
    assert seen.success == pytest.approx(success, abs=5e-12)
    assert seen.early_stop == pytest.approx(early_stop, abs=1e-12)
    assert seen.expected_n == pytest.approx(expected_n, abs=1e-9)
    assert EIGHT_PLUS_SIXTEEN.pet(p) == seen.early_stop
    assert EIGHT_PLUS_SIXTEEN.expected_n(p) == seen.expected_n


def test_a_rate_given_as_a_fraction_gives_exact_fractions():
    """With p = 1/10 alpha is the fraction 1555104443622944599991 / 2e22, digit for digit."""
    seen = EIGHT_PLUS_SIXTEEN.operating_characteristics(Fraction(1, 10))
    assert seen.success == EXACT_ALPHA
    assert EIGHT_PLUS_SIXTEEN.pet(Fraction(1, 10)) == Fraction(9, 10) ** 8
    assert EIGHT_PLUS_SIXTEEN.expected_n(Fraction(1, 10)) == 8 + 16 * (1 - Fraction(9, 10) ** 8)


def test_fractions_and_floats_of_the_same_rate_do_not_mix():
    """One half as a fraction stays a fraction after it was asked for as a float, and the other way."""
    assert isinstance(EIGHT_PLUS_SIXTEEN.pet(0.5), float)
    assert isinstance(EIGHT_PLUS_SIXTEEN.pet(Fraction(1, 2)), Fraction)
    assert isinstance(EIGHT_PLUS_SIXTEEN.pet(0.5), float)


def test_alpha_and_power_are_the_chance_of_a_positive_cohort_at_p0_and_p1():
    """alpha and power name the two rates the design was made for."""
    assert EIGHT_PLUS_SIXTEEN.alpha == pytest.approx(float(EXACT_ALPHA), abs=1e-15)
    assert EIGHT_PLUS_SIXTEEN.power == pytest.approx(0.85721284394, abs=5e-12)


@pytest.mark.parametrize(("r", "alpha", "power"), [(3, 0.1848, 0.9141), (5, 0.0262, 0.7516)])
def test_a_threshold_off_by_one_has_other_error_rates(r: int, alpha: float, power: float):
    """Reading ">= 5 of 24" as more than 5, or more than 3, is not the same design."""
    wrong = TwoStageDesign(r1=0, n1=8, r=r, n=24, p0=0.1, p1=0.3)
    assert (wrong.alpha, wrong.power) == pytest.approx((alpha, power), abs=5e-5)


def test_the_design_of_tapur_is_as_published():
    """10 + 18, at least 2 of 10 and 7 of 28, for 15 and 35 percent."""
    tapur = TwoStageDesign(r1=1, n1=10, r=6, n=28, p0=0.15, p1=0.35)
    assert (tapur.alpha, tapur.power) == pytest.approx((0.098353, 0.854826), abs=5e-7)
    assert tapur.pet(0.15) == pytest.approx(0.5443, abs=5e-5)
    assert tapur.expected_n(0.15) == pytest.approx(18.20, abs=5e-3)


def test_without_the_look_after_stage_1_alpha_is_that_of_one_stage():
    """More than 4 of 24 without a chance to stop at 8 has alpha 0.0851."""
    one_stage = 1 - sum(
        Fraction(binomial * 9 ** (24 - x), 10**24) for x, binomial in enumerate((1, 24, 276, 2024, 10626))
    )
    assert EIGHT_PLUS_SIXTEEN.alpha_without_look == pytest.approx(float(one_stage), abs=1e-14)
    assert EIGHT_PLUS_SIXTEEN.alpha_without_look == pytest.approx(0.0851, abs=5e-5)


def test_a_sure_rate_gives_a_sure_answer():
    """At p = 0 no cohort goes on; at p = 1 every cohort is positive."""
    never, always = (EIGHT_PLUS_SIXTEEN.operating_characteristics(p) for p in (0, 1))
    assert (never.success, never.early_stop, never.expected_n) == (0, 1, 8)
    assert (always.success, always.early_stop, always.expected_n) == (1, 0, 24)


def test_a_design_of_thousands_of_patients_is_still_computed():
    """Counts of orders beyond a float64 are weighed through logarithms."""
    huge = TwoStageDesign(r1=0, n1=8, r=230, n=2000, p0=0.1, p1=0.3)
    seen = huge.operating_characteristics(0.1)
    exact = huge.operating_characteristics(Fraction(1, 10))
    assert seen.success == pytest.approx(float(exact.success), rel=1e-10)
    assert huge.operating_characteristics(0.0).success == 0
    assert huge.operating_characteristics(1.0).success == 1


@pytest.mark.parametrize(
    ("sizes", "rates", "words"),
    [
        ((8, 8, 4, 24), (0.1, 0.3), "no two stages"),
        ((-1, 8, 4, 24), (0.1, 0.3), "no two stages"),
        ((0, 24, 4, 24), (0.1, 0.3), "no two stages"),
        ((2, 8, 1, 24), (0.1, 0.3), "impossible with r1"),
        ((0, 8, 24, 24), (0.1, 0.3), "impossible with r1"),
        ((0, 8, 4, 24), (0.3, 0.1), "nothing to test"),
        ((0, 8, 4, 24), (0.0, 0.1), "nothing to test"),
    ],
)
def test_sizes_and_rates_that_make_no_design_are_refused(
    sizes: tuple[int, int, int, int], rates: tuple[float, float], words: str
):
    """A design checks itself when it is made."""
    with pytest.raises(StatisticsError, match=words):
        TwoStageDesign(*sizes, *rates)


def test_a_rate_outside_zero_to_one_is_refused():
    """A response rate is a probability."""
    with pytest.raises(StatisticsError, match="impossible"):
        EIGHT_PLUS_SIXTEEN.operating_characteristics(1.2)
