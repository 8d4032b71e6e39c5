"""The gate: what leaves a site, what does not, and what the ledger says of both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from kohort.access import Ledger, Permit, Purpose, Request, SitePolicy
from kohort.errors import SiteError, StatisticsError
from kohort.evidence import CountSums, SuppressedTable, count_by, survival_sums
from kohort.federation import CohortSums, GuardedSurvival, Pooled, Refused, Released, ShownCohort, pool, release

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
SITES = ("Bergen", "Oslo", "Tromso")
PERMIT = Permit(
    id="NO-2026-17",
    holder="researcher@uni",
    purpose=Purpose.RESEARCH,
    analyses=frozenset({"counts", "kaplan-meier", "cohort"}),
    columns=frozenset({"person.*", "tumour.*"}),
    sites=frozenset(SITES),
    valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    valid_to=datetime(2027, 1, 1, tzinfo=UTC),
)


@dataclass(frozen=True)
class Cohort:
    """Any object with these three numbers."""

    enrolled: int
    evaluable: int
    responders: int


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "records.db") as opened:
        yield opened


def request(analysis: str, **change) -> Request:
    asked = Request(
        who="researcher@uni",
        organisation="University",
        purpose=Purpose.RESEARCH,
        analysis=analysis,
        columns=frozenset({"person.sex_code"}),
        sites=frozenset(SITES),
        question="How many women?",
    )
    return replace(asked, **change)


def counted(women: int, men: int) -> CountSums:
    return count_by(pl.DataFrame({"sex": ["female"] * women + ["male"] * men}), ["sex"])


def ask(ledger: Ledger, summary: object, analysis: str, policy: SitePolicy | None = None, **change):
    sites = summary.sites if isinstance(summary, Pooled) else ("Oslo",)
    asked = request(analysis, **{"sites": frozenset(sites), **change})
    return release(summary, PERMIT, policy or SitePolicy(), ledger, request=asked, at=NOW, persons=[1, 2])


def released(ledger: Ledger, summary: object, analysis: str, **change) -> Released:
    answer = ask(ledger, summary, analysis, **change)
    assert isinstance(answer, Released)
    return answer


def refused(ledger: Ledger, summary: object, analysis: str, **change) -> str:
    answer = ask(ledger, summary, analysis, **change)
    assert isinstance(answer, Refused)
    assert json.loads(ledger.entries()[-1].details)["rule"] == answer.rule
    return answer.rule


def test_a_table_leaves_with_its_small_cells_hidden(ledger: Ledger) -> None:
    """3 + 1 women make 4, which is not shown, nor is the number that would give it away."""
    value = released(ledger, pool({"Oslo": counted(3, 40), "Bergen": counted(1, 10)}), "counts").value
    assert isinstance(value, SuppressedTable)
    assert (value.shown("female"), value.shown("male"), value.total) == ("<5", "*", "54")


def test_small_numbers_of_sites_add_up_to_one_that_may_be_shown(ledger: Ledger) -> None:
    """The rule is for the total that leaves, since the parts stay inside."""
    value = released(ledger, pool({"Oslo": counted(3, 40), "Bergen": counted(4, 10)}), "counts").value
    assert isinstance(value, SuppressedTable)
    assert value.shown("female") == "7"


def test_a_stricter_policy_or_permit_wins(ledger: Ledger) -> None:
    """The site asks for 10, the permit for 5."""
    answer = released(ledger, counted(7, 40), "counts", policy=SitePolicy(minimum_count=10))
    assert isinstance(answer.value, SuppressedTable)
    assert (answer.k, answer.value.shown("female")) == (10, "<10")


def test_fewer_than_k_people_are_no_population(ledger: Ledger) -> None:
    """Nothing about four people leaves; that there is nobody may be said."""
    assert refused(ledger, counted(2, 2), "counts") == "population_is_large_enough"
    assert isinstance(ask(ledger, counted(0, 0), "counts"), Released)


def test_what_the_permit_does_not_cover_is_refused_by_the_permits_rule(ledger: Ledger) -> None:
    """The gate asks the permit first."""
    columns = frozenset({"variant.gene"})
    assert refused(ledger, counted(9, 9), "counts", columns=columns) == "columns_are_permitted"
    assert refused(ledger, counted(9, 9), "counts", who="other") == "asker_is_the_holder"


def test_a_purpose_that_the_site_does_not_serve_is_refused(ledger: Ledger) -> None:
    """Even under a valid permit."""
    policy = SitePolicy(purposes=frozenset({Purpose.STATISTICS}))
    assert refused(ledger, counted(9, 9), "counts", policy=policy) == "site_policy_allows_the_purpose"


def test_a_summary_of_another_kind_than_asked_is_refused(ledger: Ledger) -> None:
    """Who asks for counts does not get survival."""
    assert refused(ledger, counted(9, 9), "kaplan-meier") == "summary_is_what_was_asked"


def test_a_site_that_was_not_asked_is_not_in_the_sum(ledger: Ledger) -> None:
    """Its patients were not part of the question."""
    pooled = pool({"Oslo": counted(9, 9), "Bergen": counted(9, 9)})
    rule = refused(ledger, pooled, "counts", sites=frozenset({"Oslo"}))
    assert rule == "sites_that_answered_were_asked"


def test_a_site_that_did_not_answer_is_named(ledger: Ledger) -> None:
    """And its patients are not silently missing from n."""
    answer = released(ledger, pool({"Oslo": counted(9, 9)}), "counts", sites=frozenset(SITES))
    assert (answer.sites, answer.missing_sites) == (("Oslo",), ("Bergen", "Tromso"))


def test_a_policy_may_ask_for_several_sites(ledger: Ledger) -> None:
    """With two, each could subtract its own part."""
    pooled = pool({"Oslo": counted(9, 9), "Bergen": counted(9, 9)})
    policy = SitePolicy(least_sites=3)
    assert refused(ledger, pooled, "counts", policy=policy) == "enough_sites_answered"


def test_a_table_that_cannot_be_guarded_is_refused(ledger: Ledger) -> None:
    """A value called `total` could not be told from the total."""
    sums = count_by(pl.DataFrame({"sex": ["total"] * 9}), ["sex"])
    assert refused(ledger, sums, "counts") == "small_cells_cannot_be_rebuilt"


def test_every_answer_is_in_the_ledger_before_it_is_given(ledger: Ledger) -> None:
    """Released or refused: who, what for, how many people, which sites, and a digest of the result."""
    answer = released(ledger, counted(9, 9), "counts")
    refused(ledger, counted(1, 1), "counts")
    first, second = ledger.entries()
    assert (first.sequence, first.action, second.action) == (answer.entry, "release", "refuse")
    details = json.loads(first.details)
    assert (details["sites"], details["k"], len(details["result"])) == (["Oslo"], 5, 64)
    assert (first.permit, first.purpose, first.n_persons) == ("NO-2026-17", "research", 2)
    assert [entry.sequence for entry in ledger.entries_about(2)] == [1, 2]
    assert ledger.verify() == ()


def test_the_same_result_has_the_same_digest(ledger: Ledger) -> None:
    """So a printed figure can be walked back to its entry; another result has another."""
    for women in (9, 9, 10):
        released(ledger, counted(women, 9), "counts")
    digests = [json.loads(entry.details)["result"] for entry in ledger.entries()]
    assert digests[0] == digests[1] != digests[2]


def test_nothing_leaves_if_the_ledger_cannot_be_written(tmp_path: Path) -> None:
    """No entry, no number."""
    folder = tmp_path / "site"
    folder.mkdir()
    with Ledger(folder / "records.db") as ledger:
        (folder / "records.db").unlink()
        folder.rmdir()
        ledger.close()
        with pytest.raises(SiteError, match="nothing was done"):
            ask(ledger, counted(9, 9), "counts")


def test_what_is_no_summary_never_leaves(ledger: Ledger) -> None:
    """Rows, for one."""
    with pytest.raises(StatisticsError, match="not a summary"):
        ask(ledger, pl.DataFrame({"person": [1]}), "counts")
    with pytest.raises(StatisticsError, match="pool"):
        ask(ledger, counted(9, 9), "counts", sites=frozenset(SITES))


def cohort(ledger: Ledger, **sites: tuple[int, int, int]) -> ShownCohort:
    value = released(ledger, pool({site: Cohort(*n) for site, n in sites.items()}), "cohort").value
    assert isinstance(value, ShownCohort)
    return value


def test_a_cohort_is_shown_once_k_patients_of_all_sites_are_behind_it(ledger: Ledger) -> None:
    """2 responders of 8 are shown: the decision needs them, and 8 patients stand behind."""
    value = cohort(ledger, Oslo=(3, 3, 1), Bergen=(3, 3, 0), Tromso=(3, 2, 1))
    assert (value.enrolled, value.evaluable, value.responders) == (9, 8, 2)
    assert value.by_site == (("Bergen", None), ("Oslo", None), ("Tromso", None))


def test_a_cohort_of_fewer_is_not_shown(ledger: Ledger) -> None:
    """Four patients in three countries are four patients."""
    summary = pool({"Oslo": Cohort(2, 2, 1), "Bergen": Cohort(2, 0, 0)})
    assert refused(ledger, summary, "cohort") == "population_is_large_enough"


def test_responses_of_few_evaluable_patients_are_not_shown_yet(ledger: Ledger) -> None:
    """Nine are enrolled, three have been assessed."""
    value = cohort(ledger, Oslo=(9, 3, 1))
    assert (value.enrolled, value.evaluable, value.responders) == (9, None, None)


def test_a_site_is_shown_if_none_of_its_numbers_is_small(ledger: Ledger) -> None:
    """Zero responders of six is not a small number; a hidden site takes a second one with it."""
    value = cohort(ledger, Oslo=(9, 9, 0), Bergen=(6, 6, 5))
    assert dict(value.by_site)["Oslo"] is not None
    assert dict(value.by_site)["Bergen"] is not None
    both = dict(cohort(ledger, Oslo=(9, 9, 0), Bergen=(2, 2, 0), Tromso=(20, 20, 6)).by_site)
    assert (both["Oslo"], both["Bergen"]) == (None, None)
    assert both["Tromso"] is not None


def test_the_hidden_sites_are_k_patients_or_more(ledger: Ledger) -> None:
    """1 + 1 hidden could only be 1 and 1."""
    value = cohort(ledger, Oslo=(9, 9, 0), Bergen=(1, 1, 0), Tromso=(1, 1, 1))
    assert {part for _, part in value.by_site} == {None}


def test_a_single_site_has_no_table_by_site(ledger: Ledger) -> None:
    """It would be the same numbers."""
    assert cohort(ledger, Oslo=(9, 9, 2)).by_site == ()


def test_a_cohort_counts_no_more_responders_than_evaluable_patients() -> None:
    """Numbers that no cohort can have are refused when they arrive."""
    with pytest.raises(StatisticsError, match="responders <= evaluable"):
        pool({"Oslo": Cohort(3, 4, 1)})
    with pytest.raises(TypeError):
        _ = CohortSums(3, 2, 1) + 1  # type: ignore[operator]


def test_sites_that_answer_different_questions_are_not_pooled() -> None:
    """Counts and survival; nobody at all."""
    with pytest.raises(StatisticsError, match="different questions"):
        pool({"Oslo": counted(9, 9), "Bergen": survival_sums([1], [1])})
    with pytest.raises(StatisticsError, match="no sums"):
        pool({})


def survival(ledger: Ledger, *arguments, **options) -> GuardedSurvival:
    value = released(ledger, survival_sums(*arguments, **options), "kaplan-meier").value
    assert isinstance(value, GuardedSurvival)
    return value


def test_a_survival_curve_leaves_on_public_times_with_k_leaving_between_two(ledger: Ledger) -> None:
    """One leaves every day: 5 a step would do after 30 days, so steps are 30 days; the tail is cut."""
    value = survival(ledger, list(range(1, 121)), [True] * 120)
    assert value.result.curve.times.tolist() == [30, 60, 90]
    assert value.result.curve.survival.tolist() == [0.75, 0.5, 0.25]
    assert value.result.curve.events.tolist() == [30, 30, 30]


def test_steps_are_joined_until_k_have_left(ledger: Ledger) -> None:
    """One leaves every 20 days: by day 90 four have, by day 120 six; the next five or more by day 240."""
    curve = survival(ledger, [20 * i for i in range(1, 31)], [True] * 30).result.curve
    assert (curve.times.tolist()[:2], (curve.events + curve.censored >= 5).all()) == ([120.0, 240.0], True)


def test_at_least_k_remain_after_the_last_published_time(ledger: Ledger) -> None:
    """They are censored there, so nothing of how they went on is told."""
    curve = survival(ledger, [10] * 6 + [40] * 6 + [400] * 4, [True] * 16).result.curve
    assert curve.times.tolist() == [30]
    assert (int(curve.events[-1]), int(curve.censored[-1])) == (6, 10)


def test_how_far_the_guard_moved_the_curve_is_told_rounded_up(ledger: Ledger) -> None:
    """Between published times the guarded curve lags; without censoring it is exact at them."""
    ((label, cost),) = survival(ledger, list(range(1, 121)), [True] * 120).costs
    assert (label, cost.at_published) == ("all", 0.0)
    assert cost.anywhere == 0.242  # 29 of 120 have left on the day before a step: 0.2416...


def test_a_group_too_small_for_a_curve_is_named_and_withheld(ledger: Ledger) -> None:
    """The others leave."""
    group = ["large"] * 60 + ["small"] * 4
    value = survival(ledger, list(range(1, 65)), [True] * 64, group=group)
    assert [curve.label for curve in value.result.curves] == ["large"]
    assert value.withheld == ("small",)


def test_nine_people_have_no_curve(ledger: Ledger) -> None:
    """Five cannot leave and five remain."""
    sums = survival_sums([5] * 9, [True] * 9)
    rule = "enough_people_leave_between_published_times"
    assert refused(ledger, sums, "kaplan-meier") == rule


def test_few_late_entries_are_not_told_apart(ledger: Ledger) -> None:
    """Two who enter on day 40 would show as a step in the numbers at risk, so the step is joined."""
    time = [20] * 5 + [50] * 5 + [80] * 5 + [200] * 20
    exact = survival(ledger, time, [True] * 35).result.curve
    late = survival(ledger, time, [True] * 35, entry=[0] * 33 + [40] * 2).result.curve
    assert exact.times.tolist() == [30, 60, 90]
    assert late.times.tolist() == [30]
