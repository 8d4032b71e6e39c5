"""Permits and site policies: each thing that is not permitted is refused by a named rule."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kohort.access import DEFAULT_MINIMUM_COUNT, Permit, PermitRefusedError, Purpose, Request, SitePolicy, check
from kohort.errors import AccessError, UnknownNameError

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
PERMIT = Permit(
    id="NO-2026-17",
    holder="researcher@uni",
    purpose=Purpose.RESEARCH,
    analyses=frozenset({"counts", "kaplan-meier"}),
    columns=frozenset({"person.sex_code", "tumour.*"}),
    sites=frozenset({"Oslo", "Bergen"}),
    valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    valid_to=datetime(2027, 1, 1, tzinfo=UTC),
)
REQUEST = Request(
    who="researcher@uni",
    organisation="University",
    purpose=Purpose.RESEARCH,
    analysis="counts",
    columns=frozenset({"person.sex_code", "tumour.oncotree_code"}),
    sites=frozenset({"Oslo"}),
    question="How many have which tumour?",
)


def refused(request: Request, at: datetime = NOW) -> str:
    with pytest.raises(PermitRefusedError) as caught:
        check(PERMIT, request, at)
    assert caught.value.rule in str(caught.value)
    return caught.value.rule


def test_what_the_permit_covers_is_let_through() -> None:
    """Nothing is raised."""
    check(PERMIT, REQUEST, NOW)


def test_a_permit_is_valid_from_its_first_moment_to_before_its_last() -> None:
    """The beginning is inside, the end is outside, in any time zone."""
    check(PERMIT, REQUEST, PERMIT.valid_from)
    second = timedelta(seconds=1)
    assert refused(REQUEST, PERMIT.valid_from - second) == "permit_is_valid_now"
    assert refused(REQUEST, PERMIT.valid_to) == "permit_is_valid_now"
    check(PERMIT, REQUEST, PERMIT.valid_to - second)


def test_a_permit_serves_its_holder_only() -> None:
    """Not a colleague."""
    assert refused(replace(REQUEST, who="colleague@uni")) == "asker_is_the_holder"


def test_a_permit_names_its_sites() -> None:
    """One foreign site among permitted ones is enough to refuse."""
    request = replace(REQUEST, sites=frozenset({"Oslo", "Lund"}))
    assert refused(request) == "sites_are_permitted"


def test_a_permit_serves_one_purpose() -> None:
    """Research is not policy-making."""
    request = replace(REQUEST, purpose=Purpose.POLICY_MAKING)
    assert refused(request) == "purpose_is_the_permitted_one"


def test_a_permit_names_its_analyses() -> None:
    """Counting is not looking into a cohort."""
    assert refused(replace(REQUEST, analysis="cohort")) == "analysis_is_permitted"


def test_a_permit_names_columns_or_whole_tables() -> None:
    """`tumour.*` covers each tumour column and no other table's."""
    assert refused(replace(REQUEST, columns=frozenset({"person.birth"}))) == "columns_are_permitted"
    assert refused(replace(REQUEST, columns=frozenset({"tumours.id"}))) == "columns_are_permitted"


def test_a_moment_without_time_zone_is_refused() -> None:
    """Noon in Oslo is not noon in Reykjavik."""
    with pytest.raises(AccessError, match="time zone"):
        check(PERMIT, REQUEST, NOW.replace(tzinfo=None))


@pytest.mark.parametrize(
    "change",
    [
        {"id": ""},
        {"holder": ""},
        {"analyses": frozenset()},
        {"columns": frozenset()},
        {"columns": frozenset({"person"})},
        {"sites": frozenset()},
        {"valid_to": PERMIT.valid_from},
        {"valid_to": datetime(2027, 1, 1)},  # noqa: DTZ001
        {"minimum_count": DEFAULT_MINIMUM_COUNT - 1},
        {"least_sites": 0},
        {"least_sites": 3},
    ],
)
def test_a_permit_that_leaves_something_open_is_not_made(change) -> None:
    """It names who, what, where and when, and protects at least as much as the default."""
    with pytest.raises(AccessError):
        replace(PERMIT, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"who": ""},
        {"organisation": ""},
        {"analysis": ""},
        {"question": ""},
        {"columns": frozenset()},
        {"sites": frozenset()},
    ],
)
def test_a_request_that_hides_something_is_not_made(change) -> None:
    """The patient may read who asked what."""
    with pytest.raises(AccessError):
        replace(REQUEST, **change)


def test_a_site_may_raise_the_minimum_count_but_not_lower_it() -> None:
    """Five is the least."""
    assert SitePolicy(minimum_count=10).minimum_count == 10
    with pytest.raises(AccessError, match="raise"):
        SitePolicy(minimum_count=4)


@pytest.mark.parametrize(
    "wrong", [{"survival_step_days": 0}, {"least_sites": 0}, {"purposes": frozenset({Purpose.CARE})}]
)
def test_a_policy_that_cannot_be_meant_is_refused(wrong) -> None:
    """Care needs rows, and rows stay."""
    with pytest.raises(AccessError):
        SitePolicy(**wrong)


def test_a_policy_is_read_from_and_written_to_plain_values() -> None:
    """What `site.toml` holds."""
    policy = SitePolicy.from_mapping({"minimum_count": 8, "purposes": ["research", "statistics"]})
    assert policy.purposes == {Purpose.RESEARCH, Purpose.STATISTICS}
    assert SitePolicy.from_mapping(policy.to_mapping()) == policy
    assert SitePolicy.from_mapping({}) == SitePolicy()


@pytest.mark.parametrize(
    ("written", "error", "words"),
    [
        ({"minimum_cuont": 5}, UnknownNameError, "minimum_count"),
        ({"purposes": ["reserch"]}, UnknownNameError, "research"),
        ({"minimum_count": "5"}, AccessError, "whole number"),
        ({"minimum_count": True}, AccessError, "whole number"),
    ],
)
def test_a_misspelt_policy_is_answered_with_what_was_meant(written, error, words) -> None:
    """A wrong name would otherwise leave the default in place, unseen."""
    with pytest.raises(error, match=words):
        SitePolicy.from_mapping(written)
