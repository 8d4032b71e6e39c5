"""Readings that no caller asks for: the room's own invariants."""

from __future__ import annotations

import pytest

from kohort.cohort import EIGHT_PLUS_SIXTEEN
from kohort.cohort.conduct.answers import Look
from kohort.cohort.conduct.outlook import Future, outlook_of
from kohort.cohort.conduct.readings import read_once
from kohort.cohort.rules.conditions import Boundary, ResponderCount
from kohort.cohort.rules.rule import DecisionRule
from kohort.errors import IntegrityError

BOUNDED = DecisionRule("bounded", EIGHT_PLUS_SIXTEEN, final=Boundary(go=(ResponderCount(at_least=5),)))


def test_a_boundary_is_not_read_where_there_is_none():
    with pytest.raises(IntegrityError, match="read by its design"):
        read_once(BOUNDED, Look.INTERIM, ((0, 8),), 0)


def test_boundaries_are_not_read_without_those_of_the_group():
    start = Future(BOUNDED, 0, 0, 0, 8, None, None, is_closed=False, ending=None)
    with pytest.raises(IntegrityError, match="read with those of the group"):
        outlook_of(start)
