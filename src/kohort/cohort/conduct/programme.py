"""A programme of treatment cohorts: which cohorts, under which rules, in which groups they borrow."""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from kohort.cohort.conduct.events import CohortEvent
from kohort.cohort.conduct.log import CohortLog
from kohort.cohort.rules.rule import DecisionRule
from kohort.errors import StatisticsError, UnknownNameError

if TYPE_CHECKING:
    from kohort.cohort.conduct.status import ProgrammeState

__all__ = ["Accrual", "Cohort", "Group", "Programme"]


class Accrual(StrEnum):
    """What a cohort does between the last patient of stage 1 and the look.

    With ``hold`` nobody is enrolled until the look is made. With ``go on`` patients are enrolled meanwhile: no time
    is lost, and those who come too many are the price if the look says stop.
    """

    HOLD = "hold"
    GO_ON = "go on"


@dataclass(frozen=True, slots=True)
class Cohort:
    """One treatment cohort.

    Attributes:
        id: identifier, as in the log.
        rule: name of its decision rule.
        tumour: tumour type.
        alteration: biomarker.
        drug: treatment.
        group: a group of one's own choice, for rules that borrow by ``group``.
        accrual: what happens after the last patient of stage 1.
    """

    id: str
    rule: str
    tumour: str = ""
    alteration: str = ""
    drug: str = ""
    group: str = ""
    accrual: Accrual = Accrual.HOLD


@dataclass(frozen=True, slots=True)
class Group:
    """Cohorts that are read together: those of one rule that may borrow from each other.

    Attributes:
        rule: their rule.
        name: what they have in common, e.g. the drug.
        cohorts: their identifiers, in the order of the programme.
    """

    rule: DecisionRule
    name: str
    cohorts: tuple[str, ...]


@dataclass(frozen=True)
class Programme:
    """Cohorts and the rules that were fixed for them.

    Attributes:
        cohorts: the cohorts, in the order in which they are shown.
        rules: the rules that they name.

    Raises:
        StatisticsError: a cohort or a rule is given twice, or a rule groups by something that cohorts lack.
        UnknownNameError: a cohort names a rule that is not given.
    """

    cohorts: tuple[Cohort, ...]
    rules: tuple[DecisionRule, ...]

    def __post_init__(self) -> None:
        """Refuse names that stand twice, or for nothing."""
        for kind, names in (("cohort", [c.id for c in self.cohorts]), ("rule", [r.name for r in self.rules])):
            if twice := [name for name, times in Counter(names).items() if times > 1]:
                raise StatisticsError(f"The {kind} {twice[0]!r} is given twice.", remedy=f"Give each {kind} once.")
        for rule in self.rules:
            if rule.group not in _GROUPED_BY:
                raise StatisticsError(
                    f"The rule {rule.name!r} groups cohorts by {rule.group!r}.",
                    remedy="Group by drug, alteration, tumour or group, or not at all.",
                )
        for cohort in self.cohorts:
            if cohort.rule not in self.rules_by_name:
                raise UnknownNameError("rule", cohort.rule, self.rules_by_name)

    @functools.cached_property
    def rules_by_name(self) -> dict[str, DecisionRule]:
        """The rules."""
        return {rule.name: rule for rule in self.rules}

    @functools.cached_property
    def hashes(self) -> dict[str, str]:
        """The hash of each rule, by its name."""
        return {rule.name: rule.hash for rule in self.rules}

    @functools.cached_property
    def cohorts_by_id(self) -> dict[str, Cohort]:
        """The cohorts."""
        return {cohort.id: cohort for cohort in self.cohorts}

    @functools.cached_property
    def groups(self) -> tuple[Group, ...]:
        """The cohorts by rule and by what they share; a rule that does not borrow has one group."""
        found: dict[tuple[str, str], list[str]] = {}
        for cohort in self.cohorts:
            rule = self.rules_by_name[cohort.rule]
            name = getattr(cohort, rule.group) if rule.model is not None and rule.group else ""
            found.setdefault((rule.name, name), []).append(cohort.id)
        return tuple(Group(self.rules_by_name[rule], name, tuple(ids)) for (rule, name), ids in found.items())

    def state(
        self,
        log: CohortLog | Iterable[CohortEvent],
        as_of: int | dt.datetime | None = None,
        *,
        error_rates: Mapping[str, tuple[float, float]] | None = None,
    ) -> ProgrammeState:
        """Where every cohort stands; see ``kohort.cohort.conduct.current``.

        Args:
            log: what happened, oldest first.
            as_of: a number of lines of the log, or a moment; None: all of it.
            error_rates: alpha and power of rules that borrow, by the name of the rule, from their operating
                characteristics. Without them those of the design are taken for the multiplicity.

        Raises:
            InputError: the log cannot be, or is not of this programme; with its line.
        """
        from kohort.cohort.conduct.current import state_of  # noqa: PLC0415 - a state is made of a programme

        return state_of(self, log, as_of, error_rates=error_rates)


_GROUPED_BY = frozenset({"", "drug", "alteration", "tumour", "group"})
