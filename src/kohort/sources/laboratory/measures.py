"""Measures of a whole tumour as laboratories write them: burden, microsatellites, date of the report."""

from __future__ import annotations

from collections.abc import Mapping

from kohort.codes import dates
from kohort.sources.laboratory.cells import number
from kohort.tables import table

__all__ = ["fault", "measured", "microsatellites", "reported"]

_LEAST_SITES, _STABLE, _UNSTABLE = 40, 10, 20


def microsatellites(unstable: float | None, sites: float | None) -> str | None:
    """Microsatellite status by InPreD's rule for TSO500.

    Args:
        unstable: share of the usable sites that are unstable, in %.
        sites: usable sites; fewer than 40 are not reliable.

    Returns:
        ``MSS`` up to 10 %, ``MSI-H`` from 20 %, ``indeterminate`` between them and where the sites are too few; None
        where nothing was measured.
    """
    if unstable is None or sites is None:
        return None
    if sites < _LEAST_SITES or _STABLE < unstable < _UNSTABLE:
        return "indeterminate"
    return "MSS" if unstable <= _STABLE else "MSI-H"


def measured(given: Mapping[str, str | None], unstable_sites: str | None = None) -> dict[str, object]:
    """Columns of table ``test`` from their texts; the microsatellite status follows from its numbers.

    Args:
        given: column to text.
        unstable_sites: number of unstable sites, from which the share follows where it is not written.
    """
    told = {n: found for n, text in given.items() if fault(n, text) is None and (found := number(text)) is not None}
    sites, count = told.get("msi_sites"), number(unstable_sites)
    if "msi_unstable" not in told and sites and count is not None:
        told["msi_unstable"] = 100 * count / sites
    status = microsatellites(told.get("msi_unstable"), sites)
    return {**told, "msi": status} if status is not None else dict(told)


def fault(column: str, text: str | None) -> str | None:
    """What is wrong with the text of a measure; None if nothing is."""
    if text is None:
        return None
    found, declared = number(text), table("test")[column]
    if found is None:
        return "is not a number"
    low = declared.minimum is not None and found < declared.minimum
    return "is out of range" if low or (declared.maximum is not None and found > declared.maximum) else None


def reported(text: str | None) -> dict[str, object]:
    """Columns ``reported`` and ``reported_precision``; nothing where the text is no date."""
    try:
        found = None if text is None else dates.parse(text)
    except ValueError:
        return {}
    return {} if found is None else {"reported": found.value, "reported_precision": found.precision}
