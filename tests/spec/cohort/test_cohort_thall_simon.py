"""Thall and Simon's design: posterior bounds against a standard treatment.

L(x, n; d) = P(p_E > p_S + d | x, n), with an informative Beta prior for the standard and a vague one for the
experimental rate: promising at the least x with L(x, n; 0) >= p_U, not promising at the largest below it with
L(x, n; delta) <= p_L. Thall PF, Simon R. Biometrics 1994;50:337-349.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb, factorial

import pytest

from kohort.cohort.designs.thall_simon import ThallSimonRule, probability_better, thall_simon
from kohort.cohort.maths.beta import Beta
from kohort.errors import StatisticsError

STANDARD = Beta(15, 35)  # 30 percent, from 50 patients
RULE = ThallSimonRule(STANDARD, delta=0.15)


def times(left: list[Fraction], right: list[Fraction]) -> list[Fraction]:
    """The product of two polynomials, by their coefficients."""
    product = [Fraction(0)] * (len(left) + len(right) - 1)
    for i, a in enumerate(left):
        for j, b in enumerate(right):
            product[i + j] += a * b
    return product


def power(base: list[Fraction], exponent: int) -> list[Fraction]:
    product = [Fraction(1)]
    for _ in range(exponent):
        product = times(product, base)
    return product


def better_exactly(experimental: tuple[int, int], standard: tuple[int, int], delta: Fraction) -> Fraction:
    """The integral of the module's text for whole-numbered priors, where it is one of a polynomial."""
    a_e, (a_s, b_s), m = experimental[0], standard, sum(experimental) - 1
    density = times(power([Fraction(0), Fraction(1)], a_s - 1), power([Fraction(1), Fraction(-1)], b_s - 1))
    scale = Fraction(factorial(a_s + b_s - 1), factorial(a_s - 1) * factorial(b_s - 1))
    total = Fraction(0)
    for j in range(a_e):  # P(Beta(a, b) > q) = P(Bin(a + b - 1, q) <= a - 1)
        term = times(power([delta, Fraction(1)], j), power([1 - delta, Fraction(-1)], m - j))
        for degree, each in enumerate(times(density, term), start=1):
            total += comb(m, j) * scale * each * (1 - delta) ** degree / degree
    return total


@pytest.mark.parametrize(
    ("experimental", "standard", "delta"),
    [
        ((1, 1), (1, 1), Fraction(0)),
        ((3, 5), (4, 9), Fraction(0)),
        ((3, 5), (4, 9), Fraction(3, 20)),
        ((8, 1), (2, 2), Fraction(1, 2)),
        ((1, 8), (1, 1), Fraction(1, 5)),
        ((12, 4), (20, 10), Fraction(1, 10)),
    ],
)
def test_the_integral_agrees_with_exact_fractions(
    experimental: tuple[int, int], standard: tuple[int, int], delta: Fraction
):
    """For whole-numbered priors the integrand is a polynomial, so the integral is a fraction."""
    exact = better_exactly(experimental, standard, delta)
    assert probability_better(Beta(*experimental), Beta(*standard), float(delta)) == pytest.approx(
        float(exact), abs=1e-12
    )


def test_two_equal_treatments_are_better_half_of_the_time():
    """P(p_E > p_S) = 1/2 for the same distribution, also with priors of less than one patient."""
    for a, b in ((0.3, 0.3), (0.5, 4.0), (15.0, 35.0), (300.0, 700.0)):
        assert probability_better(Beta(a, b), Beta(a, b)) == pytest.approx(0.5, abs=1e-9)


def test_the_vague_prior_has_the_mean_of_the_standard_and_the_weight_of_two_patients():
    """Unless another is given."""
    assert (RULE.experimental.a, RULE.experimental.b) == pytest.approx((0.6, 1.4))
    assert ThallSimonRule(STANDARD, 0.15, prior=Beta(1, 1)).experimental == Beta(1, 1)


def test_the_bounds_are_the_counts_where_the_posterior_crosses_the_cut_offs():
    """At each of 31 looks, one count less or more is on the other side."""
    design = thall_simon(RULE, range(10, 41))
    for look in design.looks:

        def better(x: int, delta: float, n: int = look.size) -> float:
            return probability_better(RULE.experimental.updated(x, n), STANDARD, delta)

        assert better(look.at_least, 0) >= 0.95 > better(look.at_least - 1, 0)
        assert better(look.at_most, 0.15) <= 0.05 < better(look.at_most + 1, 0.15)


def test_whole_numbered_priors_give_the_bounds_of_exact_fractions():
    """Standard Beta(3, 7), experimental Beta(1, 2), looks at 4, 8 and 12."""
    rule = ThallSimonRule(Beta(3, 7), 0.2, lower=0.1, upper=0.9, prior=Beta(1, 2))
    design = thall_simon(rule, (4, 8, 12))
    for look in design.looks:
        n = look.size
        no = [better_exactly((1 + x, 2 + n - x), (3, 7), Fraction(0)) >= Fraction(9, 10) for x in range(n + 1)]
        low = [better_exactly((1 + x, 2 + n - x), (3, 7), Fraction(1, 5)) <= Fraction(1, 10) for x in range(n + 1)]
        assert look.at_least == no.index(True)
        assert look.at_most == sum(low) - 1


def test_three_ends_and_their_exact_probabilities():
    """Promising, not promising, or inconclusive at 40 patients; p0 is the standard's mean, p1 15 points more."""
    design = thall_simon(RULE, range(10, 41))
    assert (design.p0, design.p1) == pytest.approx((0.3, 0.45))
    assert str(design).startswith("1/10, 2/11, 3/14, 4/17, 5/20")
    assert "positive with >= 7 of 10, >= 8 of 13" in str(design)
    assert "inconclusive with 12 to 18 of 40" in str(design)
    for p in (0.2, 0.3, 0.45, 0.6):
        seen = design.operating_characteristics(p)
        assert sum(seen.futility) + seen.success + seen.inconclusive == pytest.approx(1, abs=1e-12)
    assert design.alpha == pytest.approx(0.0740, abs=5e-5)
    assert design.power == pytest.approx(0.5824, abs=5e-5)


def test_one_of_the_two_bounds_can_be_left_out():
    """Without an upper cut-off no count ends the cohort as promising."""
    futility = thall_simon(ThallSimonRule(STANDARD, 0.15, upper=None), (10, 20))
    assert futility.stop_at_least == (None, None)
    assert futility.stop_at_most[0] == 1
    efficacy = thall_simon(ThallSimonRule(STANDARD, 0.15, lower=None), (10, 20))
    assert efficacy.stop_at_most == (None, None)
    assert efficacy.stop_at_least[0] == 7


def test_a_rule_that_cannot_be_is_refused():
    """An improvement beyond 100 percent, no cut-off, cut-offs that are no probabilities."""
    with pytest.raises(StatisticsError, match="improvement"):
        ThallSimonRule(STANDARD, 0.7)
    with pytest.raises(StatisticsError, match="decides nothing"):
        ThallSimonRule(STANDARD, 0.1, lower=None, upper=None)
    with pytest.raises(StatisticsError, match="impossible"):
        ThallSimonRule(STANDARD, 0.1, upper=1.0)
    with pytest.raises(StatisticsError, match="impossible"):
        probability_better(STANDARD, STANDARD, -0.1)
