"""Operating characteristics: what a rule with borrowing does to error rates, power, bias and sizes.

All outcomes of all cohorts are summed. Interchangeable cohorts (same sizes, rule and prior) are sorted, so that
each multiset of outcomes is looked at once; the probability that cohorts with any true rates produce it is a
permanent (Minc H. Permanents. Addison-Wesley 1978), summed by a program over how many cohorts of each true rate
are used up. Definitions follow Berry SM et al. Clin Trials 2013;10:720-734, Neuenschwander B et al. Pharm Stat
2016;15:123-134 and Baumann L et al. (arXiv 2309.06988, R package baskexact).
"""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from kohort.cohort.borrowing.bhm import BHM
from kohort.cohort.borrowing.exnex import EXNEX, Exchangeable
from kohort.cohort.borrowing.fujikawa import Fujikawa
from kohort.cohort.borrowing.power_prior import PowerPrior
from kohort.cohort.borrowing.separate import Separate
from kohort.cohort.borrowing.similarity import CPP
from kohort.cohort.characteristics.operating import operating_characteristics
from kohort.cohort.characteristics.scenarios import Scenario
from kohort.cohort.designs.two_stage import EIGHT_PLUS_SIXTEEN, TwoStageDesign
from kohort.cohort.rules.conditions import Boundary, MeanAbove, Probability, ResponderCount
from kohort.cohort.rules.rule import DecisionRule
from kohort.errors import StatisticsError


def log_odds(p: float) -> float:
    return math.log(p / (1 - p))


WORKED = EXNEX(0.1, 0.5, log_odds(0.2), 2.0, 1.0, log_odds(0.2), 2.5)
"""mu ~ N(logit .2, 2^2), tau ~ HN(1), and with weight 1/2 each cohort on its own, N(logit .2, 2.5^2)."""

TRUTHS = {
    "all null": [0.1] * 5,
    "only the fifth active": [0.1] * 4 + [0.3],
    "only the fifth null": [0.3] * 4 + [0.1],
    "all active": [0.3] * 5,
}


def test_what_borrowing_costs_in_five_cohorts_of_eight_plus_sixteen():
    """P(go) of the fifth cohort, if P(p > .10) > c is a go; 9.8 million end states in 118,755 multisets.

    Borrowing protects a null cohort among null ones and hurts one among active ones; c = .95 keeps the worst
    error at that of Simon's rule alone (.0778) and its power where all are active (.8572).
    """
    found = operating_characteristics(WORKED, EIGHT_PLUS_SIXTEEN, [0.90, 0.95], TRUTHS, "exact", level=None)
    assert found.outcomes == 118_755
    assert found.go[:, 0, 4] == pytest.approx([0.0511, 0.8019, 0.1515, 0.8964], abs=6e-5)
    assert found.go[2:, 1, 4] == pytest.approx([0.0763, 0.8543], abs=6e-5)
    assert found.measure("go").error.max() < 1e-3


def test_a_rule_without_borrowing_gives_simons_numbers():
    """The rule's own threshold, each cohort on its own: alpha, power, early stop and expected n of the design."""
    rule = DecisionRule("8 + 16", EIGHT_PLUS_SIXTEEN)
    found = operating_characteristics(None, None, rule, {"mixed": [0.1, 0.1, 0.3]})
    null, active = (EIGHT_PLUS_SIXTEEN.operating_characteristics(p) for p in (0.1, 0.3))
    assert found.go[0, 0] == pytest.approx([null.success, null.success, active.success], abs=1e-14)
    assert found.early_stop[0, 0] == pytest.approx([null.early_stop, null.early_stop, active.early_stop], abs=1e-14)
    assert found.expected_n[0, 0] == pytest.approx([null.expected_n, null.expected_n, active.expected_n], abs=1e-12)
    assert found.fwer[0, 0] == pytest.approx(1 - (1 - null.success) ** 2, abs=1e-14)
    assert found.ewp[0, 0] == pytest.approx(active.success, abs=1e-14)
    assert found.ecd[0, 0] == pytest.approx(2 * (1 - null.success) + active.success, abs=1e-13)


def test_a_cohort_is_active_if_its_rate_is_above_p0():
    """Type I error is P(go) of null cohorts, power that of active ones; a scenario may state the truth itself."""
    rates = (0.1, 0.2, 0.3)
    truths = [Scenario("above p0", rates), Scenario("p1 and more", rates, active=(False, False, True))]
    found = operating_characteristics(Separate(0.1), 12, 0.9, truths)
    assert found.active.tolist() == [[False, True, True], [False, False, True]]
    assert np.isnan(found.toer).tolist() == [[[False, True, True]], [[False, False, True]]]
    assert found.power[0, 0, 1] == found.toer[1, 0, 1]
    assert found.fwer[1, 0] > found.fwer[0, 0]


CPP_2 = PowerPrior(0.2, weights=CPP(2, 2))
FUJIKAWA_2 = Fujikawa(0.2, epsilon=2, tau=0.5, base=math.e)


@pytest.mark.parametrize(
    ("model", "n", "cutoff", "rates", "go", "family"),
    [
        (CPP_2, 15, 0.99, [0.2] * 3, [0.01401415784883] * 3, 0.02676826392207),
        (CPP_2, 15, 0.9942, [0.5] * 3, [0.9095849739523] * 3, 0.9763719702794),
        (FUJIKAWA_2, 24, 0.99, [0.2] * 3, [0.03239555174131] * 3, 0.06315307547386),
        (
            PowerPrior(0.1, weights=CPP(1, 1)),
            24,
            0.95,
            [0.1, 0.1, 0.3, 0.3],
            [0.5178618599653] * 2 + [0.9204056950028] * 2,
            0.9631582539845,
        ),
    ],
)
def test_power_priors_give_the_numbers_of_baskexact(
    model: PowerPrior | Fujikawa, n: int, cutoff: float, rates: list[float], go: list[float], family: float
):
    """Rejection by cohort, and of any null cohort (all null) or any active one."""
    found = operating_characteristics(model, n, cutoff, rates, level=None)
    assert found.go[0, 0] == pytest.approx(go, abs=1e-8)
    assert (found.ewp if found.active.any() else found.fwer)[0, 0] == pytest.approx(family, abs=1e-8)


def test_five_cohorts_of_twenty_with_a_power_prior():
    """53,130 multisets instead of 4.08 million outcomes."""
    model = PowerPrior(0.15, weights=CPP(1, 1))
    found = operating_characteristics(model, 20, 0.95, [0.15] * 5, level=None)
    assert (found.method, found.outcomes) == ("exact", 53_130)
    assert found.fwer[0, 0] == pytest.approx(0.1144650214181, abs=1e-8)


def test_unequal_cohorts_with_their_own_levels_of_evidence():
    """Neuenschwander's example: go if P(p > .1) > .9 .9 .8 .8 and the mean is above .2, n = 20 20 10 10.

    A published package maps the levels to the wrong cohorts; equal cohorts get equal numbers here.
    """
    model = EXNEX(
        0.1, 0.25, log_odds(0.1), 3.18, 1.0, log_odds(0.2), 2.5, further=(Exchangeable(0.25, log_odds(0.3), 1.94),)
    )
    rule = [Boundary(go=(Probability(0.1, above=level), MeanAbove(0.2))) for level in (0.9, 0.9, 0.8, 0.8)]
    found = operating_characteristics(model, [20, 20, 10, 10], rule, [0.1] * 4)
    assert found.outcomes == 231 * 66
    assert found.go[0, 0] == pytest.approx([0.04805, 0.04805, 0.08054, 0.08054], abs=5e-6)
    assert found.bias[0, 0] == pytest.approx([0.00771, 0.00771, 0.01620, 0.01620], abs=1e-5)
    assert found.mse[0, 0] == pytest.approx([0.003396, 0.003396, 0.005651, 0.005651], abs=1e-6)
    for measure in found.by_cohort.values():
        assert measure.value[0, 0, 0] == measure.value[0, 0, 1]
        assert measure.value[0, 0, 2] == measure.value[0, 0, 3]


def test_go_consider_and_no_go():
    """A boundary with no-go conditions of its own leaves some outcomes to be considered; the three sum to 1."""
    rule = Boundary(go=(Probability(above=0.9),), no_go=(Probability(below=0.5),))
    found = operating_characteristics(BHM(0.1), EIGHT_PLUS_SIXTEEN, {"three": rule, "two": 0.9}, [0.1, 0.3])
    go, consider, no_go = (found.measure(name).value for name in ("go", "consider", "no_go"))
    assert go + consider + no_go == pytest.approx(1, abs=1e-12)
    assert (consider[0, 0] > 0.01).all()
    assert (consider[0, 1] == 0).all()
    assert go[0, 0].tolist() == go[0, 1].tolist()


def test_the_look_may_borrow():
    """One look when all cohorts have their n1: no-go stops a cohort, go ends it as positive; others go on.

    At the end each cohort counts with what it had. Active companions keep a cohort with no responder going.
    """
    look = Boundary(go=(Probability(above=0.99),), no_go=(Probability(below=0.4),))
    rule = DecisionRule("look", EIGHT_PLUS_SIXTEEN, Boundary(go=(Probability(above=0.9),)), look, BHM(0.1))
    found = operating_characteristics(None, None, rule, {"alone": [0.1, 0.1], "in company": [0.1, 0.4]})
    assert found.early_stop[0, 0, 0] > found.early_stop[1, 0, 0] > 0
    early_go = found.measure("early_go").value
    assert early_go[1, 0, 1] > 0.3
    on = 1 - early_go - found.early_stop
    assert found.expected_n == pytest.approx(8 + 16 * on, abs=1e-12)


def test_the_first_look_of_a_single_stage_cohort_is_its_end():
    """Designs may differ between cohorts; one with a plain number of patients has no look and never stops early."""
    designs = [EIGHT_PLUS_SIXTEEN, 10, TwoStageDesign(1, 10, 5, 20, 0.1, 0.3)]
    found = operating_characteristics(BHM(0.1), designs, 0.9, [0.1, 0.1, 0.1])
    assert found.early_stop[0, 0] == pytest.approx([0.9**8, 0, 0.9**10 + 10 * 0.1 * 0.9**9], abs=1e-14)
    assert found.expected_n[0, 0, 1] == pytest.approx(10, abs=1e-12)


def test_too_many_outcomes_are_simulated_and_every_number_has_its_error():
    """Asked for exact numbers it refuses and says how many outcomes there are; "auto" simulates."""
    rates = [0.1 + 0.01 * j for j in range(7)]
    model = Separate(tuple(rates))
    with pytest.raises(StatisticsError, match=r"There are 1,801,088,541 outcomes"):
        operating_characteristics(model, 20, 0.9, rates, "exact")
    found = operating_characteristics(model, 20, 0.9, rates, trials=500, seed=3)
    assert (found.method, found.trials) == ("simulate", 500)
    go = found.measure("go")
    assert go.error[0, 0] == pytest.approx(np.sqrt(go.value * (1 - go.value) / 499)[0, 0], rel=1e-9)
    again = operating_characteristics(model, 20, 0.9, rates, trials=500, seed=3)
    assert found.to_json() == again.to_json()


def test_a_look_that_borrows_is_simulated_where_it_makes_too_many_outcomes():
    """Eight cohorts of one kind, or of eight kinds: stage 1 outcomes, or what follows from them, are too many."""
    look = Boundary(no_go=(Probability(below=0.4),))
    rule = DecisionRule("look", EIGHT_PLUS_SIXTEEN, Boundary(go=(Probability(above=0.9),)), look)
    kinds = Separate(tuple(0.1 + 0.01 * j for j in range(8)))
    with pytest.raises(StatisticsError, match=r"The look has 43,046,721 outcomes"):
        operating_characteristics(kinds, None, rule, [0.1] * 8, "exact")
    with pytest.raises(StatisticsError, match=r"A look that borrows makes about"):
        operating_characteristics(BHM(0.1), None, rule, [0.1] * 8, "exact")
    found = operating_characteristics(kinds, None, rule, [0.1] * 8, trials=200, level=None)
    assert found.method == "simulate"
    assert found.early_stop[0, 0] == pytest.approx([0.43] * 8, abs=4 * 0.035)


def test_seventeen_cohorts_are_never_enumerated():
    """However small they are."""
    with pytest.raises(StatisticsError, match="17 cohorts are too many to enumerate"):
        operating_characteristics(Separate(0.1), 2, 0.9, [0.1] * 17, "exact")


def test_results_are_tables_for_people_and_json_for_machines():
    """A row a scenario, rule and cohort, each measure with its error; JSON has null where nothing applies."""
    found = operating_characteristics(Separate(0.1), 10, [0.9, 0.95], TRUTHS)
    table = found.to_table()
    assert table.height == 4 * 2 * 5
    assert table.filter(scenario="all null", rule="P(p > p0) > 0.95")["go"].to_list() == found.go[0, 1].tolist()
    assert found.to_family_table().height == 4 * 2
    read = json.loads(found.to_json())
    assert read["format"] == "kohort-characteristics/1"
    assert read["cohorts"][0]["go"] == found.go[0, 0, 0]


def test_the_interval_of_an_informed_guess_covers_less_where_it_is_wrong():
    """Coverage counts how often the 80 % credible interval holds the true rate, here of a prior Beta(1, 9)."""
    model = Separate(0.1, shape=(1, 9))
    truths = [Scenario("as guessed", (0.1,)), Scenario("as guessed, again", (0.1,)), Scenario("not", (0.5,))]
    found = operating_characteristics(model, 5, 0.9, truths, level=0.8)
    means = (1 + np.arange(6)) / 15
    chance = np.array([math.comb(5, x) * 0.5**5 for x in range(6)])
    assert found.bias[2, 0, 0] == pytest.approx(chance @ means - 0.5, abs=1e-14)
    assert found.coverage[0, 0, 0] == found.coverage[1, 0, 0] > found.coverage[2, 0, 0]
    alone = operating_characteristics(model, 5, 0.9, truths[2], level=0.8)
    assert alone.coverage[0, 0, 0] == found.coverage[2, 0, 0]
    table = operating_characteristics(model, 5, 0.9, [[0.1], [0.1]])
    assert table.scenarios == ("0.1", "0.1 (2)")


def test_a_measure_that_was_not_asked_for_is_named():
    """Bias, mean squared error and coverage need a level."""
    found = operating_characteristics(Separate(0.1), 10, 0.9, [0.1, 0.3], level=None)
    with pytest.raises(Exception, match="There is no measure 'bias'"):
        _ = found.bias


COUNTED = Boundary(go=(ResponderCount(at_least=3),))


@pytest.mark.parametrize(
    ("design", "rule", "scenarios", "words"),
    [
        (10, [], [0.1, 0.1], "rules are none"),
        (10, [0.9, COUNTED], [0.1, 0.1], "mixes cut-offs"),
        (10, [COUNTED] * 3, [0.1, 0.1], "3 boundaries for 2 cohorts"),
        (10, {"a": DecisionRule("a", EIGHT_PLUS_SIXTEEN)}, [0.1, 0.1], "without a final boundary"),
        ([10, 10, 10], 0.9, [0.1, 0.1], "3 designs for 2 cohorts"),
        (0, 0.9, [0.1, 0.1], "no design"),
        (None, 0.9, [0.1, 0.1], "No design was given"),
        (10, 1.5, [0.1, 0.1], "no probability"),
        (10, 0.9, [0.1, 1.1], "impossible response rates"),
        (10, 0.9, {}, "not of the same cohorts"),
        (10, 0.9, {"a": [0.1], "b": [0.1, 0.2]}, "not of the same cohorts"),
        (10, 0.9, [[0.1], [0.1, 0.2]], "no table of response rates"),
        (10, 0.9, [Scenario("a", (0.1,)), Scenario("a", (0.2,))], "same name"),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(design: object, rule: object, scenarios: object, words: str):
    """What is wrong is said, and what to do."""
    with pytest.raises(StatisticsError, match=words) as refused:
        operating_characteristics(Separate(0.1), design, rule, scenarios)  # type: ignore[arg-type]
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("options", "words"),
    [({"method": "guess"}, "no method"), ({"level": 1.0}, "impossible"), ({"trials": 0}, "show nothing")],
)
def test_impossible_options_are_refused(options: dict[str, object], words: str):
    """A method, level or number of trials that is none."""
    with pytest.raises(StatisticsError, match=words):
        operating_characteristics(Separate(0.1), 10, 0.9, [0.1], **options)  # type: ignore[arg-type]


def test_a_rule_without_model_and_without_p0_is_refused():
    """Plain numbers of patients state no p0."""
    with pytest.raises(StatisticsError, match="No model was given"):
        operating_characteristics(None, 10, 0.9, [0.1])


def test_a_scenario_states_its_truth_for_every_cohort():
    """Two truths for one cohort are refused."""
    with pytest.raises(StatisticsError, match="2 truths for 1 cohorts"):
        Scenario("odd", (0.1,), active=(True, False))
