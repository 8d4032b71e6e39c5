"""Laws of the linter: what it says no patient can meet, no patient meets; what it says implies, implies."""

from __future__ import annotations

import itertools

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kohort.match import evaluate
from kohort.match.criteria import (
    Age,
    And,
    AtLeast,
    CopyNumber,
    Criterion,
    Leaf,
    Mmr,
    Msi,
    Mutation,
    Not,
    Or,
    Range,
    Receptor,
    Sex,
    Signature,
    Tmb,
    WildType,
    leaves,
)
from kohort.match.linter.repetitions import normal_form
from kohort.match.linter.solver import Logic
from tests.properties.test_match_engine import AS_OF, indexed, joined, populations, trees
from tests.spec.match.match_reference import Tables

Patient = tuple[float, str, str, frozenset[str]]
"""Exact age, sex, microsatellites, and protein changes of KRAS."""

CHANGES = ("p.G12C", "p.G12D", "p.G12V", "p.A146T", "p.Q61H")
PATIENTS: list[Patient] = [
    (age, sex, status, frozenset(changes))
    for age in (5.0, 18.5, 30.0, 50.5, 90.0)
    for sex in ("female", "male", "other")
    for status in ("MSI-H", "MSI-L", "MSS")
    for changes in itertools.chain.from_iterable(itertools.combinations(CHANGES, n) for n in range(6))
]
"""Patients who differ in all that the leaves below ask for."""

plain_leaf = st.one_of(
    st.builds(Age, st.sampled_from([">=18", "<18", "<=18", "==50", ">18, <50"]).map(Range.parse)),
    st.builds(Sex, st.sampled_from(["female", "male"])),
    st.builds(Msi, st.sampled_from(["MSI-H", "MSI-L", "MSS"])),
    st.builds(Mutation, st.just("KRAS"), st.sampled_from([None, "p.G12C", "p.G12D"])),
    st.builds(Mutation, st.just("KRAS"), codon=st.sampled_from([12, 146])),
    st.builds(WildType, st.just("KRAS")),
)
plain_trees: st.SearchStrategy[Criterion] = st.recursive(plain_leaf, joined, max_leaves=8)


def meets(leaf: Leaf, patient: Patient) -> bool:
    """One leaf for one patient, written out."""
    age, sex, status, changes = patient
    match leaf:
        case Age():
            years = int(age)
            low = years >= leaf.years.low if leaf.years.with_low else years > leaf.years.low
            return low and (years <= leaf.years.high if leaf.years.with_high else years < leaf.years.high)
        case Sex():
            return leaf.code == sex
        case Msi():
            return leaf.status == status
        case WildType():
            return not changes
        case Mutation():
            wanted = leaf.protein_change or (f"{leaf.codon}" if leaf.codon else "")
            return any(wanted in change for change in changes)
    raise AssertionError(leaf)


def judged(tree: Criterion, patient: Patient) -> bool:
    """A tree for one patient, in plain Python."""
    if isinstance(tree, Leaf):
        return meets(tree, patient)
    values = [judged(part, patient) for part in tree.parts]
    if isinstance(tree, Not):
        return not values[0]
    if isinstance(tree, AtLeast):
        return sum(values) >= tree.n
    return all(values) if isinstance(tree, And) else any(values)


@given(plain_trees)
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_a_tree_can_hold_if_and_only_if_some_patient_meets_it(tree: Criterion) -> None:
    """Against every patient that its leaves can tell apart; and it always holds if all of them do."""
    values = [judged(tree, patient) for patient in PATIENTS]
    logic = Logic([tree])
    assert logic.can_hold(tree) is any(values)
    assert logic.is_always_true(tree) is all(values)


@given(plain_trees, plain_trees)
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_one_tree_implies_another_if_and_only_if_no_patient_meets_it_alone(one: Criterion, other: Criterion) -> None:
    """Implication is inclusion."""
    included = all(judged(other, patient) for patient in PATIENTS if judged(one, patient))
    assert Logic([one, other]).implies((one,), other) is included


ONE_RESULT = (CopyNumber, Mmr, Msi, Receptor, Signature, Tmb)
"""Leaves of which the linter takes one result a patient, while tables may hold several that disagree."""


@given(trees, populations())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_no_patient_of_the_engine_contradicts_the_linter(tree: Criterion, tables: Tables) -> None:
    """If the engine finds somebody, the linter did not say nobody; if it rejects somebody, not everybody."""
    assume(not any(isinstance(leaf, ONE_RESULT) for leaf in leaves(tree)))
    truth = evaluate(tree, indexed(tables), AS_OF)
    logic = Logic([tree])
    if logic.can_hold(tree) is False:
        assert truth.counts[0] == 0
    if logic.is_always_true(tree):
        assert truth.counts[1] == 0


@given(trees)
def test_the_normal_form_does_not_see_order_and_repetition(tree: Criterion) -> None:
    """Said twice, nested, or the other way round, it is the same."""
    other = Sex("female")
    assert normal_form(Or(And(other, And(tree, other)), And(tree, other))) == normal_form(And(tree, other))
