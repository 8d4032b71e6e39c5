"""Criteria on measurements: laboratory values with units and limits, and markers by status or score."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, Literal, get_args

from kohort.codes import laboratory, units
from kohort.codes.laboratory import LaboratoryTest
from kohort.errors import UnknownNameError, UserError
from kohort.match.criteria.logic import Fact, Leaf
from kohort.match.criteria.ranges import Range

__all__ = ["MARKERS", "Laboratory", "Marker", "MarkerStatus", "Of", "laboratory_test", "marker_name"]

Of = Literal["value", "upper_limit", "lower_limit"]
MarkerStatus = Literal["positive", "negative", "low"]

MARKERS = {
    "PD-L1 TPS": ("pdl1 tps", "pd-l1 tumour proportion score", "pd-l1 tumor proportion score", "pd-l1 tc"),
    "PD-L1 CPS": ("pdl1 cps", "pd-l1 combined positive score"),
    "PD-L1 IC": ("pdl1 ic", "pd-l1 immune cell score"),
    "PD-L1": ("pdl1", "cd274"),
    "Ki-67": ("ki67", "mib-1", "mib1"),
    "AR": ("androgen receptor",),
    "HER2": ("her2 ihc", "her2 score", "erbb2", "her-2"),
    "HER2 ISH": ("her2 fish", "her2 amplification by ish"),
}
"""Markers under one name each, with other names in lower case. Their scores are percentages (CPS and HER2 apart)."""

_BY_NAME = {word: name for name, others in MARKERS.items() for word in (name.casefold(), *others)}


def marker_name(text: str) -> str:
    """The one name of a marker; of one outside the table its name in lower case."""
    word = laboratory.normal_name(text)
    return _BY_NAME.get(word, word)


def laboratory_test(text: str) -> str:
    """The one name of a laboratory test; of one outside the table its name or code in lower case."""
    try:
        return laboratory.find(text).name
    except UnknownNameError:
        return laboratory.normal_name(text)


@dataclass(frozen=True, slots=True)
class Laboratory(Leaf):
    """The latest value of a laboratory test within a range; of several on the latest day all must agree.

    A value with a comparator (``<5``) is an interval. A unit that cannot be converted, or none where one is
    needed, leaves it open; so does a value older than ``within_days``, or of which that cannot be told.

    Attributes:
        test: a name or LOINC code of the table of tests, or the name or code of another test.
        range: the range, in ``unit`` or in multiples of the laboratory's own limit.
        unit: unit (UCUM, or as laboratories write it); needed unless the test is a plain number or ``of`` a limit.
        of: ``value``; ``upper_limit`` or ``lower_limit`` for multiples of the laboratory's own limits
            (``<=1.5`` times the upper limit of normal).
        within_days: greatest age of the value, in days before the day of matching; None: any.
    """

    uses_as_of: ClassVar[bool] = True
    recoverable: ClassVar[bool] = True

    test: str
    range: Range
    unit: str | None = None
    of: Of = "value"
    within_days: int | None = None

    def __post_init__(self) -> None:
        """Bring the test into normal form; UserError for a unit, limit or age that cannot be meant."""
        object.__setattr__(self, "test", laboratory_test(self.test))
        if not self.test:
            raise UserError("A laboratory test has no name.", remedy="Write its name or LOINC code.")
        if self.of not in get_args(Of):
            raise UserError(f"{self.of!r} is nothing that a value is compared with.", remedy=f"Use {get_args(Of)}.")
        if self.within_days is not None and self.within_days < 0:
            raise UserError("A value cannot be younger than 0 days.", remedy="Give days from 0.")
        if self.of == "value":
            self._check_unit()
        elif self.unit is not None:
            raise UserError("Multiples of a limit have no unit.", remedy="Leave the unit out.")

    def _check_unit(self) -> None:
        known = self.known
        if self.unit is None:
            if known is None or known.unit != "1":
                remedy = f"Give a unit, e.g. {known.unit}." if known else "Give a unit, 1 for a plain number."
                raise UserError(f"A value of {self.test} needs a unit.", remedy=remedy)
            object.__setattr__(self, "unit", known.unit)
        elif not units.is_unit(self.unit):
            raise UserError(f"{self.unit!r} is no unit that can be read.", remedy="Write it in UCUM, e.g. g/dL.")
        elif known is not None and units.factor(self.unit, known.unit, known.substance) is None:
            raise UserError(f"{self.test} is not measured in {self.unit!r}.", remedy=f"Use e.g. {known.unit}.")

    @property
    def known(self) -> LaboratoryTest | None:
        """What the table of tests says of this one; None if it does not hold it."""
        try:
            return laboratory.find(self.test)
        except UnknownNameError:
            return None

    @property
    def words(self) -> str:
        """The test, the range, what it is compared with and how old it may be."""
        measure = {
            "value": "" if self.unit == "1" else f" {self.unit}",
            "upper_limit": " x upper limit of normal",
            "lower_limit": " x lower limit of normal",
        }[self.of]
        age = "" if self.within_days is None else f" within {self.within_days} days"
        return f"{self.test} {self.range}{measure}{age}"

    @property
    def fact(self) -> Fact:
        """A value of this test."""
        return Fact("laboratory value", self.test, f"No value of {self.test} is recorded that can be compared.")


@dataclass(frozen=True, slots=True)
class Marker(Leaf):
    """A marker of the tumour other than ER and PR, by status or by score; any result counts, of any specimen.

    A result that gives no score where one is asked, or no clear status where a status is, decides nothing. HER2 is
    *low* at score 1, and at score 2 if in-situ hybridisation found no amplification.

    Attributes:
        name: PD-L1 TPS, PD-L1 CPS, PD-L1 IC, Ki-67, AR, HER2 or the name of another marker.
        status: ``positive``, ``negative`` or, of HER2, ``low``; exactly one of status and range is given.
        range: of the score: percent of cells, points of CPS and of HER2 (0 to 3).
    """

    name: str
    status: MarkerStatus | None = None
    range: Range | None = None

    def __post_init__(self) -> None:
        """Bring the name into normal form; UserError unless exactly one of status and range can be meant."""
        object.__setattr__(self, "name", marker_name(self.name))
        if not self.name:
            raise UserError("A marker has no name.", remedy="Write its name, e.g. PD-L1 TPS.")
        if (self.status is None) == (self.range is None):
            raise UserError(
                f"{self.name} is asked by status or by score.", remedy="Give exactly one of status and range."
            )
        if self.status is not None and self.status not in get_args(MarkerStatus):
            raise UserError(f"{self.status!r} is no status of a marker.", remedy=f"Use {get_args(MarkerStatus)}.")
        if self.status == "low" and self.name != "HER2":
            raise UserError(f"{self.name} has no status low.", remedy="Give a range of its score.")
        limits = () if self.range is None else (self.range.low, self.range.high)
        if any(limit < 0 or (limit > 100 and self.unit == "%") for limit in limits if math.isfinite(limit)):
            raise UserError(f"No score of {self.name} lies at the limits of {self.range}.", remedy="Correct the range.")

    @property
    def unit(self) -> str:
        """Percent for scores of the table except CPS and HER2; a plain number for all others."""
        return "%" if self.name in MARKERS and self.name not in {"PD-L1 CPS", "HER2"} else "1"

    @property
    def words(self) -> str:
        """The marker with its status or range."""
        percent = "%" if self.unit == "%" else ""
        return f"{self.name} {self.status or f'{self.range}{percent}'}"

    @property
    def fact(self) -> Fact:
        """A result of this marker."""
        return Fact("marker result", self.name, f"{self.name} was not determined, or not clearly.")
