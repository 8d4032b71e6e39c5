"""What is wrong or odd about a trial in CTML, gathered while it is read."""

from __future__ import annotations

from dataclasses import replace

from kohort.match.trials.located import Located
from kohort.match.trials.problems import Problem, Severity

__all__ = ["STOPS", "Findings"]

_ORDER: tuple[Severity, ...] = ("error", "warning", "note")

STOPS = "stops-matchengine"
"""Rule of the problems that end a whole run of matchengine-V2."""


class Findings:
    """Problems of one part of a trial, each once, in the order they were found."""

    def __init__(self) -> None:
        self._problems: dict[Problem, None] = {}

    @property
    def problems(self) -> list[Problem]:
        """All of them."""
        return list(self._problems)

    @property
    def stop_the_engine(self) -> bool:
        """True if matchengine-V2 would end its run here."""
        return any(problem.rule == STOPS for problem in self._problems)

    def add(self, severity: Severity, rule: str, place: Located, what: str, remedy: str = "") -> None:
        """One more problem, at a place of the file."""
        found = [seen for seen in self._problems if seen.rule == rule and seen.error.column == place.key]
        if all(seen.error.what != what for seen in found):
            self._problems[Problem(severity, place.error(what, remedy), rule)] = None

    def stops(self, place: Located, what: str, remedy: str = "") -> None:
        """A problem that ends the run of matchengine-V2."""
        self.add("warning", STOPS, place, f"matchengine-V2 ends its whole run here: {what}", remedy)

    def take(self, others: Findings, *, but: frozenset[str] = frozenset(), at_most: Severity = "error") -> None:
        """The problems of another part, those of some rules left out, and none more severe than ``at_most``."""
        for problem in others.problems:
            severity = max(problem.severity, at_most, key=_ORDER.index)
            if problem.rule not in but:
                self._problems[replace(problem, severity=severity)] = None
