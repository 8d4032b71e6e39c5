"""Simon's designs: minimax, optimal, and the admissible ones between them."""

from __future__ import annotations

import pytest

from kohort.cohort import EIGHT_PLUS_SIXTEEN, TwoStageDesign, simon_two_stage
from kohort.errors import StatisticsError


def short(design: TwoStageDesign) -> str:
    return f"{design.type} {design.r1}/{design.n1} {design.r}/{design.n}"


def test_eight_plus_sixteen_is_an_admissible_design_of_simon():
    """For 10 against 30 percent, alpha .078, beta .15 it lies between minimax and optimal."""
    found = simon_two_stage(p0=0.1, p1=0.3, alpha=0.078, beta=0.15)
    assert [short(d) for d in found] == ["minimax 1/14 4/23", "admissible 0/8 4/24", "optimal 1/11 5/31"]
    assert found[1] == EIGHT_PLUS_SIXTEEN
    assert [d.expected_n(0.1) for d in found] == pytest.approx([17.74, 17.11, 17.05], abs=5e-3)
    assert [d.pet(0.1) for d in found] == pytest.approx([0.585, 0.430, 0.697], abs=5e-4)


def test_each_admissible_design_is_best_for_a_range_of_weights():
    """q n + (1 - q) EN(p0): 8 + 16 is best for q in .008 to .385; the ranges fill 0 to 1."""
    minimax, admissible, optimal = simon_two_stage(0.1, 0.3, 0.078, 0.15)
    assert admissible.q_range == pytest.approx((0.008, 0.385), abs=5e-4)
    assert minimax.q_range is not None
    assert optimal.q_range is not None
    assert (optimal.q_range[0], minimax.q_range[1]) == (0, 1)


@pytest.mark.parametrize(
    ("question", "minimax", "optimal", "expected_n"),
    [
        ((0.1, 0.3, 0.1, 0.15), "1/14 4/23", "1/11 4/26", 15.54),
        ((0.1, 0.3, 0.05, 0.2), "1/15 5/25", "1/10 5/29", 15.01),
        ((0.15, 0.35, 0.1, 0.15), "1/13 6/26", "1/10 6/28", 18.20),
    ],
)
def test_the_ends_of_the_list_are_the_minimax_and_the_optimal_design(
    question: tuple[float, float, float, float], minimax: str, optimal: str, expected_n: float
):
    """Least patients at most comes first, least patients expected last."""
    found = simon_two_stage(*question)
    assert short(found[0]) == f"minimax {minimax}"
    assert short(found[-1]) == f"optimal {optimal}"
    assert found[-1].expected_n(question[0]) == pytest.approx(expected_n, abs=5e-3)


def test_the_admissible_designs_of_tapurs_question_are_three():
    """15 against 35 percent, .10 / .15: between the ends lies 1/11 6/27; the optimal one is TAPUR's."""
    found = simon_two_stage(0.15, 0.35, 0.1, 0.15)
    assert [short(d) for d in found] == ["minimax 1/13 6/26", "admissible 1/11 6/27", "optimal 1/10 6/28"]


def test_one_design_can_be_both_minimax_and_optimal():
    """Then the list has one entry, best for every weight."""
    (only,) = simon_two_stage(0.1, 0.3, 0.1, 0.15, n_max=23)
    assert short(only) == "minimax and optimal 1/14 4/23"
    assert only.q_range == (0, 1)


def test_an_error_limit_met_exactly_is_met():
    """The alpha of a design, given back as the limit, finds the design again."""
    found = simon_two_stage(0.1, 0.3, EIGHT_PLUS_SIXTEEN.alpha, 1 - EIGHT_PLUS_SIXTEEN.power)
    assert EIGHT_PLUS_SIXTEEN in found


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ((0.3, 0.1, 0.1, 0.1, 100), "nothing to test"),
        ((0.1, 0.3, 0.0, 0.1, 100), "are impossible"),
        ((0.1, 0.3, 0.1, 1.0, 100), "are impossible"),
        ((0.1, 0.3, 0.1, 0.1, 1), "cannot be searched"),
        ((0.1, 0.3, 0.05, 0.2, 20), "No two-stage design of up to 20"),
        ((0.1, 0.11, 0.05, 0.2, 40), "No two-stage design of up to 40"),
    ],
)
def test_a_question_without_an_answer_says_why(question: tuple[float, float, float, float, int], words: str):
    """Impossible rates and too few patients are told apart."""
    with pytest.raises(StatisticsError, match=words):
        simon_two_stage(*question)
