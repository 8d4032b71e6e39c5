"""Sensitivity: the same data under all models in one table, and where a decision tips.

A decision that holds under no borrowing, full borrowing and between does not hang on the model; where it does,
the tipping point is the setting at which it changes (Yan X et al. Ther Innov Regul Sci 2009;43:3-14).
"""

from __future__ import annotations

import pytest

from kohort.cohort.borrowing.bhm import BHM
from kohort.cohort.borrowing.exnex import EXNEX
from kohort.cohort.borrowing.fujikawa import Fujikawa
from kohort.cohort.borrowing.mem import MEM
from kohort.cohort.borrowing.pooled import Pooled
from kohort.cohort.borrowing.power_prior import PowerPrior
from kohort.cohort.borrowing.separate import Separate
from kohort.cohort.characteristics.sensitivity import Family, sensitivity, tipping_points, varied
from kohort.cohort.rules.conditions import Boundary, Call, Probability
from kohort.errors import StatisticsError

RESPONDERS, PATIENTS = [8, 0, 1, 1, 6, 2], [19, 10, 26, 8, 14, 7]
"""Vemurafenib in six tumour types with BRAF V600 (Hyman DM et al. N Engl J Med 2015;373:726-736)."""

MODELS = {
    "no borrowing": Separate(0.15),
    "pooled": Pooled(0.15),
    "BHM": BHM(0.15),
    "EXNEX": EXNEX(0.15),
    "MEM": MEM(0.15),
    "power prior": PowerPrior(0.15),
    "Fujikawa": Fujikawa(0.15),
}


def test_one_table_holds_the_same_data_under_all_models():
    """A row a model and cohort; the numbers are those of each model's own posterior."""
    found = sensitivity(MODELS, RESPONDERS, PATIENTS)
    assert found.table.height == 7 * 6
    for name, model in MODELS.items():
        posterior, rows = model.fit(RESPONDERS, PATIENTS), found.table.filter(model=name)
        assert rows["mean"].to_list() == posterior.mean.tolist()
        assert rows["prob_greater"].to_list() == posterior.prob_greater().tolist()
        assert rows["low"].to_list() == posterior.interval(0.95)[:, 0].tolist()
    mem = found.table.filter(model="MEM")
    assert mem["prob_greater"].to_list()[:2] == pytest.approx([0.99972196, 0.02740205], abs=1e-8)


def test_the_weight_of_the_others_goes_from_none_to_all():
    """Share of the other cohorts' patients that counts; models on the log odds scale have no such weight."""
    table = sensitivity(MODELS, RESPONDERS, PATIENTS).table
    assert table.filter(model="no borrowing")["weight"].to_list() == [0.0] * 6
    assert table.filter(model="pooled")["weight"].to_list() == pytest.approx([1.0] * 6)
    assert all(0 < weight < 1 for weight in table.filter(model="power prior")["weight"])
    assert table.filter(model="BHM")["weight"].null_count() == 6
    assert table.filter(model="EXNEX")["exchangeability"].null_count() == 0
    pairs = MODELS["MEM"].fit(RESPONDERS, PATIENTS).exchangeability
    assert pairs is not None
    others = [sum(pairs[j, i] for i in range(6) if i != j) / 5 for j in range(6)]
    assert table.filter(model="MEM")["exchangeability"].to_list() == pytest.approx(others)


def test_cohorts_on_which_the_models_disagree_are_named():
    """Cohort 1 is a go under all of them, cohort 2 only if everything is pooled."""
    found = sensitivity(MODELS, RESPONDERS, PATIENTS, rule=0.95)
    calls = {cohort: set(found.table.filter(cohort=cohort)["call"]) for cohort in (1, 2)}
    assert calls == {1: {"go"}, 2: {"go", "no-go"}}
    assert 0 not in found.disputed
    assert 1 in found.disputed


def test_a_boundary_may_leave_cohorts_to_be_considered():
    """Any boundary decides, not only a cut-off."""
    rule = Boundary(go=(Probability(above=0.99),), no_go=(Probability(below=0.5),))
    found = sensitivity([Separate(0.15)], RESPONDERS, PATIENTS, rule=rule)
    assert found.table["call"].to_list() == ["go", "no-go", "no-go", "consider", "go", "consider"]


def test_the_tipping_point_is_the_setting_at_which_a_decision_changes():
    """Futile if P(p > p0) < .05: with more weight of exchangeability the second cohort (0 of 10) no longer is."""
    rule = Boundary(go=(Probability(above=0.95),), no_go=(Probability(below=0.05),))
    family = Family(varied(EXNEX(0.15), "weight"))
    found = sensitivity({"EXNEX": EXNEX(0.15)}, RESPONDERS, PATIENTS, rule=rule, families={"weight": family})
    (point,) = [each for each in found.tipping if each.cohort == 1]
    assert (point.family, point.below, point.above) == ("weight", Call.NO_GO, Call.CONSIDER)
    near = [family.make(point.setting + by).prob_greater(RESPONDERS, PATIENTS)[0, 1] for by in (-2e-6, 2e-6)]
    assert near[0] < 0.05 <= near[1]


def test_a_decision_can_tip_twice():
    """MEM with all pairs surely exchangeable is pooled, with none separate: between, a cohort may gain and lose."""
    family = Family(varied(MEM(0.15), "prior"), 0.01, 0.99)
    points = [each for each in tipping_points(family, RESPONDERS, PATIENTS) if each.cohort == 5]
    assert [(each.below, each.above) for each in points] == [(Call.NO_GO, Call.GO), (Call.GO, Call.NO_GO)]


def test_a_decision_that_never_tips_has_no_tipping_point():
    """The first cohort is a go with any weight."""
    family = Family(varied(EXNEX(0.15), "weight"))
    assert not [each for each in tipping_points(family, RESPONDERS, PATIENTS) if each.cohort == 0]


def test_one_cohort_alone_has_nothing_to_borrow():
    """Weight and exchangeability are empty."""
    table = sensitivity([Separate(0.15), MEM(0.15)], [3], [10]).table
    assert table["weight"].null_count() == table["exchangeability"].null_count() == 2


def test_what_cannot_be_compared_is_refused():
    """No models, equal models without names, an empty range, an unknown setting."""
    with pytest.raises(StatisticsError, match="models are none"):
        sensitivity([], RESPONDERS, PATIENTS)
    with pytest.raises(StatisticsError, match="two are the same"):
        sensitivity([Separate(0.15), Separate(0.15)], RESPONDERS, PATIENTS)
    with pytest.raises(StatisticsError, match="nothing from 1"):
        Family(varied(EXNEX(0.15), "weight"), 1.0, 1.0)
    with pytest.raises(StatisticsError, match="EXNEX has no 'wieght'"):
        varied(EXNEX(0.15), "wieght")
