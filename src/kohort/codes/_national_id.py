"""What is read from a national id, whatever the country."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

__all__ = ["Kind", "NationalId", "Sex", "Synthetic", "date_or_error"]

Sex = Literal["female", "male"]
Kind = Literal["ordinary", "d", "h", "fh", "coordination", "temporary", "organisation"]
Synthetic = Literal["", "tenor", "nhn", "dolly"]


@dataclass(frozen=True, slots=True)
class NationalId:
    """A well-formed national id and what may be read from it.

    Attributes:
        number: the id in its canonical form, without blanks. It is left out of ``repr``, so that it cannot
            slip into a log.
        country: ISO 3166 code of two letters.
        kind: ``ordinary``; Norway: ``d`` (foreigner), ``h`` (emergency number of one hospital), ``fh``
            (common emergency number); Sweden: ``coordination``; Finland: ``temporary``; Iceland:
            ``organisation``.
        synthetic: the series of invented people it belongs to, empty for a number that may be somebody's.
        birth_date: null where the id does not say it, or says it unreliably.
        sex: null where the id does not say it.
        check_digits_right: False only where a wrong or missing sum was allowed.
    """

    number: str = field(repr=False)
    country: str
    kind: Kind
    synthetic: Synthetic = ""
    birth_date: date | None = None
    sex: Sex | None = None
    check_digits_right: bool = True

    def __post_init__(self) -> None:
        """Refuse a birth date on ids that carry none reliably."""
        if self.birth_date is not None and self.kind in ("d", "fh", "organisation"):
            raise ValueError(f"no birth date can be read from an id of kind {self.kind!r}")


def date_or_error(year: int, month: int, day: int) -> date:
    """A date; the ValueError does not repeat the numbers, which are a person's."""
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("the date in the id does not exist") from None
