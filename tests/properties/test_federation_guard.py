"""Laws of the survival guard, and the attack it is there for."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kohort.evidence import coarsen, estimate, survival_sums
from kohort.evidence.survival_sums import KaplanMeierSums
from kohort.federation.guards import WithheldError, guard_cohort, guard_survival, published_times
from kohort.federation.in_process import CohortSums, pool

K = 5
person = st.tuples(st.floats(0, 400), st.booleans(), st.floats(0, 0.99), st.booleans())


def sums_of(rows) -> KaplanMeierSums:
    time = [t + 0.5 for t, *_ in rows]
    entry = [t * share if late else 0.0 for t, (_, _, share, late) in zip(time, rows, strict=True)]
    return survival_sums(time, [row[1] for row in rows], entry=entry)


@given(st.lists(person, min_size=1, max_size=120), st.integers(1, 60))
def test_at_least_k_leave_between_any_two_published_times_and_remain_after_the_last(rows, step) -> None:
    """Counted from the rows themselves, not from the sums."""
    group = sums_of(rows)["all"]
    times = published_times(group, K, step)
    assert all(time % step == 0 for time in times)
    time = np.array([t + 0.5 for t, *_ in rows])
    entry = np.array([t * row[2] if row[3] else 0.0 for t, row in zip(time, rows, strict=True)])
    edges = [0.0, *times]
    for number, (low, high) in enumerate(pairwise(edges)):
        assert ((time > low) & (time <= high)).sum() >= K
        entered = int(((entry >= low) & (entry < high) & (entry > 0)).sum())
        assert number == 0 or entered == 0 or entered >= K
    if times:
        assert ((time > times[-1]) & (entry < times[-1])).sum() >= K


@given(st.lists(person, min_size=1, max_size=120), st.integers(1, 60))
def test_the_guarded_curve_holds_k_people_a_step_and_tells_its_true_distance(rows, step) -> None:
    """Every step of what is shown is of k people or more, and nowhere further off than the cost says."""
    sums = sums_of(rows)
    try:
        guarded = guard_survival(sums, K, step)
    except WithheldError:
        assert published_times(sums["all"], K, step) == []
        return
    shown, exact = guarded.result.curve, estimate(sums).curve
    assert (shown.events + shown.censored >= K).all()
    cost = dict(guarded.costs)["all"]
    anywhere = np.linspace(0, shown.times[-1], 500)
    gap = np.abs(shown.survival_at(anywhere) - exact.survival_at(anywhere)).max()
    assert gap <= cost.anywhere + 1e-9
    assert cost.at_published <= cost.anywhere


@given(st.lists(st.tuples(st.integers(0, 400), st.booleans()), min_size=20, max_size=80), st.integers(0, 79))
def test_nobodys_exact_time_is_in_what_is_shown(rows, who) -> None:
    """Moving one person within her step, without crossing a public time, changes nothing that is shown."""
    time = [day + 0.5 for day, _ in rows]
    event = [died for _, died in rows]
    moved = list(time)
    moved[who % len(rows)] += 0.25
    answers = []
    for days in (time, moved):
        try:
            answers.append(guard_survival(survival_sums(days, event), K, 30).result.sums)
        except WithheldError:
            answers.append(None)
    assert answers[0] == answers[1]


@given(st.lists(person, min_size=1, max_size=60))
def test_what_is_shown_is_the_coarsened_truth(rows) -> None:
    """The guard coarsens and cuts; it adds no noise."""
    sums = sums_of(rows)
    times = published_times(sums["all"], K, 30)
    if times:
        assert guard_survival(sums, K, 30).result.sums == coarsen(sums, times)


site = st.tuples(st.integers(0, 12), st.integers(0, 12), st.integers(0, 12)).map(
    lambda n: CohortSums(*sorted(n, reverse=True))
)


@given(st.lists(site, min_size=2, max_size=6))
def test_pooled_less_shown_sites_never_names_a_hidden_sites_patients(parts) -> None:
    """No site is hidden, or at least two with k patients between them; no shown number is small."""
    pooled = pool({f"site {i}": part for i, part in enumerate(parts)})
    total = pooled.summary
    assert isinstance(total, CohortSums)
    if 0 < total.enrolled < K:
        return  # the gate refuses before
    shown = guard_cohort(pooled, K)
    hidden = [part for part, (_, seen) in zip(parts, shown.by_site, strict=True) if seen is None]
    assert not hidden or (len(hidden) >= 2 and sum(part.enrolled for part in hidden) >= K)
    for _, part in shown.by_site:
        if part is not None:
            assert not any(0 < n < K for n in (part.enrolled, part.evaluable, part.responders))
