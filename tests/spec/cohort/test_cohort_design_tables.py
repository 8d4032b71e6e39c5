"""Tables of two-stage designs, recomputed in exact fractions.

PET(p) = sum of b(x; n1, p) over x <= r1; P(positive) = sum over x > r1 of b(x; n1, p) P(Bin(n - n1, p) >= r + 1 - x);
EN = n1 + (1 - PET)(n - n1). Simon R. Control Clin Trials 1989;10:1-10, table 1; admissible designs: Jung SH et al.
Stat Med 2004;23:561-569. The evaluator and the search of this file share no code with the package: they use whole
numbers and fractions only.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator
from fractions import Fraction
from math import comb
from typing import NamedTuple

import pytest

from kohort.cohort.designs.search import simon_two_stage
from kohort.cohort.designs.two_stage import TwoStageDesign


class Rule(NamedTuple):
    r1: int
    n1: int
    r: int
    n: int


class Question(NamedTuple):
    p0: Fraction
    p1: Fraction
    alpha: Fraction
    beta: Fraction


def fraction(text: str) -> Fraction:
    return Fraction(text)


def in_floats(question: Question) -> tuple[float, float, float, float]:
    return float(question.p0), float(question.p1), float(question.alpha), float(question.beta)


def rule(text: str) -> Rule:
    """``0/9 2/24`` as numbers."""
    (r1, n1), (r, n) = (map(int, part.split("/")) for part in text.split())
    return Rule(r1, n1, r, n)


# p0, alpha, beta (p1 = p0 + .20); optimal, its EN and PET; minimax, its EN and PET
SIMON = """
.05 .10 .10 | 0/9 2/24    14.5 .63 | 0/13 2/20   16.4 .51
.05 .05 .20 | 0/9 2/17    12.0 .63 | 0/12 2/16   13.8 .54
.05 .05 .10 | 0/9 3/30    16.8 .63 | 0/15 3/25   20.4 .46
.10 .10 .10 | 1/12 5/35   19.8 .66 | 1/16 4/25   20.4 .51
.10 .05 .20 | 1/10 5/29   15.0 .74 | 1/15 5/25   19.5 .55
.10 .05 .10 | 2/18 6/35   22.5 .73 | 2/22 6/33   26.2 .62
.20 .10 .10 | 3/17 10/37  26.0 .55 | 3/19 10/36  28.3 .46
.20 .05 .20 | 3/13 12/43  20.6 .75 | 4/18 10/33  22.3 .72
.20 .05 .10 | 4/19 15/54  30.4 .67 | 5/24 13/45  31.2 .66
.30 .10 .10 | 7/22 17/46  29.9 .67 | 7/28 15/39  35.0 .36
.30 .05 .20 | 5/15 18/46  23.6 .72 | 6/19 16/39  25.7 .67
.30 .05 .10 | 8/24 24/63  34.7 .73 | 7/24 21/53  36.6 .56
.40 .10 .10 | 7/18 22/46  30.2 .56 | 11/28 20/41 33.8 .55
.40 .05 .20 | 7/16 23/46  24.5 .72 | 17/34 20/39 34.4 .91
.40 .05 .10 | 11/25 32/66 36.0 .73 | 12/29 27/54 38.1 .64
.50 .10 .10 | 11/21 26/45 29.0 .67 | 11/23 23/39 31.0 .50
.50 .05 .20 | 8/15 26/43  23.5 .70 | 12/23 23/37 27.7 .66
.50 .05 .10 | 13/24 36/61 34.0 .73 | 14/27 32/53 36.1 .65
.60 .10 .10 | 6/11 26/38  25.4 .47 | 18/27 24/35 28.5 .82
.60 .05 .20 | 7/11 30/43  20.5 .70 | 8/13 25/35  20.8 .65
.60 .05 .10 | 12/19 37/53 29.5 .69 | 15/26 32/45 35.9 .48
.70 .10 .10 | 6/9 22/28   17.8 .54 | 11/16 20/25 20.0 .55
.70 .05 .20 | 4/6 22/27   14.8 .58 | 19/23 21/26 23.2 .95
.70 .05 .10 | 11/15 29/36 21.2 .70 | 13/18 26/32 22.7 .67
"""


def table() -> Iterator[tuple[Question, list[tuple[Rule, float, float]]]]:
    for line in SIMON.strip().splitlines():
        question, *designs = line.split("|")
        p0, alpha, beta = (fraction(each) for each in question.split())
        parts = [each.split() for each in designs]
        rows = [(rule(" ".join(part[:2])), float(part[2]), float(part[3])) for part in parts]
        yield Question(p0, p0 + Fraction(1, 5), alpha, beta), rows


NAMES = [line.split("|")[0].strip() for line in SIMON.strip().splitlines()]


def binomial(x: int, n: int, p: Fraction) -> Fraction:
    return comb(n, x) * p**x * (1 - p) ** (n - x)


def positive(design: Rule, p: Fraction) -> Fraction:
    """P(positive), term by term from its formula."""
    n2 = design.n - design.n1
    return sum(
        (
            binomial(x, design.n1, p) * binomial(y, n2, p)
            for x in range(design.r1 + 1, design.n1 + 1)
            for y in range(max(design.r + 1 - x, 0), n2 + 1)
        ),
        start=Fraction(0),
    )


def early_stop(design: Rule, p: Fraction) -> Fraction:
    return sum((binomial(x, design.n1, p) for x in range(design.r1 + 1)), start=Fraction(0))


def expected(design: Rule, p: Fraction) -> Fraction:
    return design.n1 + (1 - early_stop(design, p)) * (design.n - design.n1)


@functools.lru_cache(maxsize=1000)
def weights(n: int, p: Fraction) -> tuple[int, ...]:
    """Binomial probabilities as whole numbers over the common denominator of p to the power n."""
    hit, miss = p.numerator, p.denominator - p.numerator
    return tuple(comb(n, x) * hit**x * miss ** (n - x) for x in range(n + 1))


@functools.lru_cache(maxsize=10000)
def tails(n: int, p: Fraction) -> tuple[int, ...]:
    """P(Bin(n, p) >= k) in the same form, for k = 0 ... n + 1."""
    return tuple(itertools.accumulate(reversed((*weights(n, p), 0))))[::-1]


def feasible(question: Question, n: int) -> Iterator[Rule]:
    """Every (r1, n1) of total size n that meets both limits, each with its smallest r: slow and plain."""
    whole = [p.denominator**n for p in (question.p0, question.p1)]
    most = question.alpha * whole[0]
    least = (1 - question.beta) * whole[1]

    def ends(n1: int, r1: int, r: int, p: Fraction) -> int:
        first, rest = weights(n1, p), tails(n - n1, p)
        return sum(first[x] * rest[min(max(r + 1 - x, 0), n - n1 + 1)] for x in range(r1 + 1, n1 + 1))

    highest = max((r for r in range(n) if tails(n, question.p1)[r + 1] >= least), default=-1)
    for n1 in range(1, n):
        for r1 in range(min(n1, highest + 1)):
            if ends(n1, r1, r1, question.p1) < least:
                break  # already too many stopped at p1
            for r in range(highest, r1 - 1, -1):  # from the largest r down: alpha and power both rise
                if ends(n1, r1, r, question.p0) > most:
                    break
                if ends(n1, r1, r, question.p1) >= least:
                    yield Rule(r1, n1, r, n)
                    break


def name(design: TwoStageDesign) -> Rule:
    return Rule(design.r1, design.n1, design.r, design.n)


@pytest.mark.parametrize(("question", "rows"), list(table()), ids=NAMES)
def test_the_table_of_simon_comes_out(question: Question, rows: list[tuple[Rule, float, float]]):
    """48 designs: the search finds the printed ones; in fractions they meet their limits; EN and PET are as printed."""
    found = simon_two_stage(*in_floats(question))
    assert [name(found[-1]), name(found[0])] == [design for design, _, _ in rows]
    for design, en, pet in rows:
        assert positive(design, question.p0) <= question.alpha
        assert positive(design, question.p1) >= 1 - question.beta
        assert float(expected(design, question.p0)) == pytest.approx(en, abs=0.0501)
        assert float(early_stop(design, question.p0)) == pytest.approx(pet, abs=0.00501)


@pytest.mark.parametrize(("question", "rows"), list(table()), ids=NAMES)
def test_error_rates_are_the_fractions(question: Question, rows: list[tuple[Rule, float, float]]):
    """In float64 to 1e-13 of the sums in fractions, and the very fractions where the rate is one."""
    for design, _, _ in rows:
        mine = TwoStageDesign(*design, float(question.p0), float(question.p1))
        for p in (question.p0, question.p1):
            exact = positive(design, p), early_stop(design, p), expected(design, p)
            seen, rounded = mine.operating_characteristics(p), mine.operating_characteristics(float(p))
            assert (seen.success, seen.early_stop, seen.expected_n) == exact
            assert (rounded.success, rounded.early_stop) == pytest.approx(
                [float(each) for each in exact[:2]], abs=1e-13
            )
            assert rounded.expected_n == pytest.approx(float(exact[2]), abs=1e-11)


QUESTIONS = [
    Question(fraction(".05"), fraction(".25"), fraction(".10"), fraction(".10")),
    Question(fraction(".05"), fraction(".25"), fraction(".05"), fraction(".20")),
    Question(fraction(".10"), fraction(".30"), fraction(".078"), fraction(".15")),
    Question(fraction(".10"), fraction(".30"), fraction(".10"), fraction(".15")),
    Question(fraction(".10"), fraction(".30"), fraction(".05"), fraction(".20")),
    Question(fraction(".15"), fraction(".35"), fraction(".10"), fraction(".15")),
    Question(fraction(".70"), fraction(".90"), fraction(".05"), fraction(".20")),
]


@functools.lru_cache(maxsize=20)
def best_of_each_n(question: Question, n_max: int) -> tuple[tuple[int, Fraction, Rule], ...]:
    """For each n with any design, the one of least EN(p0), in fractions."""
    best = []
    for n in range(2, n_max + 1):
        designs = [(expected(design, question.p0), design) for design in feasible(question, n)]
        if designs:
            en, design = min(designs)
            best.append((n, en, design))
    return tuple(best)


def admissible(question: Question, n_max: int) -> list[tuple[Rule, Fraction, Fraction]]:
    """Each design that minimises q n + (1 - q) EN for some q, with the range of q: every pair compared."""
    best = best_of_each_n(question, n_max)
    found = []
    for n, en, design in best:
        low, high = Fraction(0), Fraction(1)
        for other_n, other_en, _ in best:  # q (n - other n) + (1 - q) (en - other en) <= 0
            patients, gain = n - other_n, en - other_en
            if patients > 0:
                high = min(high, gain / (gain - patients) if gain < 0 else Fraction(0))
            elif patients < 0 < gain:
                low = max(low, gain / (gain - patients))
        if low < high:
            found.append((design, low, high))
    return found


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: " ".join(str(float(part)) for part in each))
def test_the_search_in_fractions_finds_the_same_admissible_designs(question: Question):
    """Every (r1, n1, r, n) up to three patients beyond the optimal design, and every weight q, without rounding."""
    n_max = simon_two_stage(*in_floats(question))[-1].n + 3
    found = simon_two_stage(*in_floats(question), n_max=n_max)
    exact = admissible(question, n_max)
    assert [name(design) for design in found] == [design for design, _, _ in exact]
    for design, (_, low, high) in zip(found, exact, strict=True):
        assert design.q_range == pytest.approx((float(low), float(high)), abs=1e-11)


def test_eight_plus_sixteen_between_minimax_and_optimal():
    """10 against 30 percent, .078 / .15: 8 + 16 is best for q in .008 to .385, 0.06 patients from the optimal EN."""
    exact = admissible(QUESTIONS[2], 34)
    assert [design for design, _, _ in exact] == [rule("1/14 4/23"), rule("0/8 4/24"), rule("1/11 5/31")]
    assert [float(low) for _, low, _ in exact] == pytest.approx([0.385, 0.008, 0], abs=5e-4)
    en = [float(expected(design, Fraction(1, 10))) for design, _, _ in exact]
    assert en == pytest.approx([17.74, 17.11, 17.05], abs=5e-3)
    assert en[1] - en[2] == pytest.approx(0.06, abs=5e-3)
    pet = [float(early_stop(design, Fraction(1, 10))) for design, _, _ in exact]
    assert pet == pytest.approx([0.585, 0.430, 0.697], abs=5e-4)
    alpha = Fraction(1555104443622944599991, 2 * 10**22)
    assert positive(rule("0/8 4/24"), Fraction(1, 10)) == alpha
    found = simon_two_stage(0.1, 0.3, 0.078, 0.15)[1]
    assert found.operating_characteristics(Fraction(1, 10)).success == alpha


@pytest.mark.parametrize(
    ("place", "designs", "least_en"),
    [
        (3, ["1/14 4/23", "1/11 4/26"], 15.54),
        (4, ["1/15 5/25", "1/10 5/29"], 15.01),
        (5, ["1/13 6/26", "1/11 6/27", "1/10 6/28"], 18.20),
    ],
)
def test_listings_from_minimax_to_optimal(place: int, designs: list[str], least_en: float):
    """First, last and (15 against 35 percent) all admissible designs of three questions."""
    question = QUESTIONS[place]
    found = [name(design) for design in simon_two_stage(*in_floats(question))]
    assert [found[0], found[-1]] == [rule(designs[0]), rule(designs[-1])]
    if len(designs) > 2:
        assert found == [rule(each) for each in designs]
    assert float(expected(found[-1], question.p0)) == pytest.approx(least_en, abs=5e-3)


def test_tapur_is_the_optimal_design_of_its_question():
    """10 + 18, at least 2 of 10 and 7 of 28, 15 against 35 percent: its rates in fractions."""
    tapur, p0, p1 = rule("1/10 6/28"), fraction(".15"), fraction(".35")
    assert name(simon_two_stage(0.15, 0.35, 0.1, 0.15)[-1]) == tapur
    assert float(positive(tapur, p0)) == pytest.approx(0.098353, abs=5e-7)
    assert float(positive(tapur, p1)) == pytest.approx(0.854826, abs=5e-7)
    assert float(early_stop(tapur, p0)) == pytest.approx(0.5443, abs=5e-5)
    assert float(expected(tapur, p0)) == pytest.approx(18.20, abs=5e-3)
