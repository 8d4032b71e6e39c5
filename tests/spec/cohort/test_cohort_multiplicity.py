"""What a whole programme costs: false positives over many cohorts, and how to count them in.

With alpha_j of each cohort and independent cohorts: E[V] = sum alpha_j, FWER = 1 - prod (1 - alpha_j), and P(V >= k)
from the Poisson-binomial distribution. If a share of drugs works, the false discovery rate follows exactly. Finished
cohorts are adjusted together by Benjamini & Hochberg (J R Stat Soc B 1995;57:289-300).
"""

from __future__ import annotations

import itertools
import math

import pytest

from kohort.cohort import EIGHT_PLUS_SIXTEEN, CohortCounts, TwoStageDesign, multiplicity, state, two_stage_inference
from kohort.cohort.conduct.multiplicity import CohortTest, Multiplicity, multiplicity_of, q_values
from kohort.errors import StatisticsError

ALPHA, POWER = EIGHT_PLUS_SIXTEEN.alpha, EIGHT_PLUS_SIXTEEN.power


def programme(cohorts: int) -> Multiplicity:
    return multiplicity_of(CohortTest(str(place), ALPHA, POWER, is_positive=False) for place in range(cohorts))


@pytest.mark.parametrize(
    ("cohorts", "expected", "any_one"), [(0, 0, 0), (1, 0.0778, 0.0778), (10, 0.778, 0.555), (300, 23.33, 1.0)]
)
def test_many_cohorts_without_effect_give_false_positives(cohorts: int, expected: float, any_one: float):
    """8 + 16 has alpha .0778: ten cohorts give 55.5 percent for at least one, 300 give 23.3 expected."""
    seen = programme(cohorts)
    assert seen.expected_false_positives == pytest.approx(expected, abs=5e-3)
    assert seen.any_false_positive == pytest.approx(any_one, abs=5e-4)


def test_the_chance_of_k_or_more_is_that_of_the_binomial_where_cohorts_are_alike():
    """None or more is certain; one or more is the family-wise error rate."""
    seen = programme(10)
    assert seen.at_least(0) == pytest.approx(1)
    assert seen.at_least(-1) == pytest.approx(1)
    assert seen.at_least(1) == pytest.approx(seen.any_false_positive, abs=1e-14)
    assert seen.at_least(11) == 0
    tail = sum(math.comb(10, k) * ALPHA**k * (1 - ALPHA) ** (10 - k) for k in range(3, 11))
    assert seen.at_least(3) == pytest.approx(tail, abs=1e-14)


TAPUR = TwoStageDesign(1, 10, 6, 28, 0.15, 0.35)
MIXED = multiplicity_of(
    [
        CohortTest("a", ALPHA, POWER, is_positive=True),
        CohortTest("b", TAPUR.alpha, TAPUR.power, is_positive=False),
        CohortTest("c", 0.05, 0.8, is_positive=True),
        CohortTest("d", 0.0, 1.0, is_positive=False),
    ]
)


def by_enumeration(tests: tuple[CohortTest, ...], active: float) -> tuple[float, float, float]:
    """Expected true and false positives and share of false, over every way in which the cohorts can end."""
    true = false = share = 0.0
    for ends in itertools.product(("negative", "true", "false"), repeat=len(tests)):
        probability = 1.0
        for test, end in zip(tests, ends, strict=True):
            hits, errs = active * test.power, (1 - active) * test.alpha
            probability *= {"true": hits, "false": errs, "negative": 1 - hits - errs}[end]
        v, s = ends.count("false"), ends.count("true")
        true, false, share = true + probability * s, false + probability * v, share + probability * v / max(v + s, 1)
    return true, false, share


@pytest.mark.parametrize("active", [0.0, 0.1, 0.5, 1.0])
def test_expected_false_discoveries_are_exact(active: float):
    """The integral equals the sum over all ends of all cohorts; 0 positives count as a share of 0."""
    found = MIXED.false_discovery(active)
    expected = by_enumeration(MIXED.tests, active)
    assert (found.expected_true, found.expected_false, found.expected_proportion) == pytest.approx(expected, abs=1e-13)


def test_a_tenth_of_active_drugs_means_half_of_the_positives_are_false():
    """300 cohorts 8 + 16, 10 percent active: 25.7 true and 21.0 false positives are expected."""
    found = programme(300).false_discovery(0.1)
    assert (found.expected_true, found.expected_false) == pytest.approx((25.72, 20.99), abs=5e-3)
    assert found.share_of_expected == pytest.approx(0.4494, abs=5e-5)
    assert found.expected_proportion == pytest.approx(found.share_of_expected, abs=5e-3)
    assert found.sentence == (
        "If the drug works in 10% of the cohorts, 25.7 true and 21.0 false positives are expected; on average 44.9% of "
        "the positives are false."
    )


def test_where_nothing_can_be_positive_nothing_is_false():
    """An empty programme has no positives and no share."""
    found = programme(0).false_discovery(0.3)
    assert (found.expected_proportion, found.share_of_expected) == (0, 0)


def test_q_values_are_the_smallest_false_discovery_rates():
    """Fifteen p values of Benjamini & Hochberg's own example: at .05 the first four are discoveries."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240]
    p += [0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    q = q_values({str(place): each for place, each in enumerate(p)})
    assert [each <= 0.05 for each in q.values()] == [True] * 4 + [False] * 11
    assert q["0"] == pytest.approx(0.0015)
    assert q["3"] == pytest.approx(0.035625)
    assert q["14"] == 1


def test_q_values_do_not_depend_on_the_order_and_equal_p_values_share_one():
    """They come in the order in which the p values were given."""
    assert list(q_values({"b": 0.02, "a": 0.01, "c": 0.02})) == ["b", "a", "c"]
    assert q_values({"b": 0.02, "a": 0.01, "c": 0.02}) == pytest.approx({"b": 0.02, "a": 0.02, "c": 0.02})
    assert q_values({}) == {}


def test_only_finished_cohorts_are_adjusted():
    """Five of 24 alone has q = alpha; among three finished cohorts more."""
    p = two_stage_inference(5, EIGHT_PLUS_SIXTEEN).p_value
    ended = CohortTest("a", ALPHA, POWER, is_positive=True, p_value=p)
    running = CohortTest("b", ALPHA, POWER, is_positive=False)
    assert multiplicity_of([ended, running]).q_values() == {"a": p}
    stopped = [CohortTest(name, ALPHA, POWER, is_positive=False, p_value=1.0) for name in "cd"]
    assert multiplicity_of([ended, running, *stopped]).q_values()["a"] == pytest.approx(3 * p)


def test_what_cannot_be_is_refused():
    """A cohort twice, a rate or a share that is no probability."""
    one = CohortTest("a", ALPHA, POWER, is_positive=False)
    with pytest.raises(StatisticsError, match="given twice"):
        multiplicity_of([one, one])
    with pytest.raises(StatisticsError, match="no probability"):
        multiplicity_of([CohortTest("a", 1.1, POWER, is_positive=False)])
    with pytest.raises(StatisticsError, match=r"share of 1\.5 is impossible"):
        MIXED.false_discovery(1.5)
    with pytest.raises(StatisticsError, match="no probability"):
        q_values({"a": -0.1})


def test_a_certain_false_positive_is_certain():
    """A rule that always says go."""
    assert multiplicity_of([CohortTest("a", 1.0, 1.0, is_positive=True)]).any_false_positive == 1


def test_one_cohort_alone_is_told_as_one():
    """The sentence of a single cohort names its own alpha."""
    alone = multiplicity([state(CohortCounts("a"))])
    assert alone.sentence == "If the drug does not work, the cohort still ends positive with probability 7.8%."
