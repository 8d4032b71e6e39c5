"""From the tables of several sites to one released curve: the whole way in one process."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from lifelines import KaplanMeierFitter

from kohort.access import Ledger, Permit, Purpose, Request, SitePolicy
from kohort.evidence import estimate, overall_survival, survival_sums
from kohort.evidence.survival_sums import KaplanMeierSums
from kohort.federation import GuardedSurvival, Released, pool, release
from kohort.tables import MemoryTables


def hospital(seed: int, n: int) -> MemoryTables:
    random = np.random.default_rng(seed)
    days = random.integers(1, 1500, n)
    dead = random.random(n) < 0.6
    people = [
        {
            "person": int(seed * 1000 + i),
            "id": i,
            "origin": "diagnosis",
            "deceased": bool(dead[i]),
            ("death_day" if dead[i] else "last_alive_day"): int(days[i]),
        }
        for i in range(n)
    ]
    return MemoryTables({"person": people})


def test_three_hospitals_give_the_curve_of_their_pooled_patients_and_the_guarded_one_leaves(
    tmp_path: Path,
) -> None:
    """Pooled sums equal lifelines on the pooled rows; what leaves says how far the guard moved it."""
    tables = {name: hospital(seed, 80 * seed) for seed, name in enumerate(("Aarhus", "Oslo", "Lund"), start=1)}
    rows = {name: overall_survival(data).rows for name, data in tables.items()}
    pooled = pool({name: survival_sums(frame["time"], frame["event"]) for name, frame in rows.items()})
    assert isinstance(pooled.summary, KaplanMeierSums)
    exact = estimate(pooled.summary).curve

    time = np.concatenate([frame["time"].to_numpy() for frame in rows.values()])
    event = np.concatenate([frame["event"].to_numpy() for frame in rows.values()])
    peer = KaplanMeierFitter().fit(time, event)
    theirs = peer.survival_function_at_times(exact.times).to_numpy()
    np.testing.assert_allclose(exact.survival, theirs, rtol=0, atol=1e-12)

    permit = Permit(
        id="EU-1",
        holder="r@uni",
        purpose=Purpose.RESEARCH,
        analyses=frozenset({"kaplan-meier"}),
        columns=frozenset({"person.*"}),
        sites=frozenset(tables),
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
        valid_to=datetime(2027, 1, 1, tzinfo=UTC),
    )
    asked = Request(
        who="r@uni",
        organisation="University",
        purpose=Purpose.RESEARCH,
        analysis="kaplan-meier",
        columns=frozenset({"person.death_day", "person.deceased", "person.last_alive_day"}),
        sites=frozenset(tables),
        question="How long do they live?",
    )
    persons = [person for frame in rows.values() for person in frame["person"]]
    with Ledger(tmp_path / "records.db") as ledger:
        answer = release(
            pooled,
            permit,
            SitePolicy(),
            ledger,
            request=asked,
            at=datetime(2026, 6, 1, tzinfo=UTC),
            persons=persons,
        )
        assert ledger.entries()[0].n_persons == 480
    assert isinstance(answer, Released)
    assert isinstance(answer.value, GuardedSurvival)
    shown, ((_, cost),) = answer.value.result.curve, answer.value.costs
    assert 0 < cost.anywhere < 0.05
    gap = np.abs(shown.survival - exact.survival_at(shown.times)).max()
    assert gap <= cost.at_published
