"""One demonstration from beginning to end."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from kohort import match, profile, web
from kohort.access import Ledger, SitePolicy
from kohort.cli.demonstration import page, sites
from kohort.cli.demonstration.door import Door
from kohort.cli.demonstration.sites import DemoSite
from kohort.cli.demonstration.sums import READ_COLUMNS, SiteWork, summarise
from kohort.web import ReportData

__all__ = ["Demonstration", "demonstrate"]


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What a demonstration made.

    Attributes:
        report: the page.
        data: what the page shows.
        sites: the sites and their ingest reports.
        seconds: seconds of each part of the work.
    """

    report: Path
    data: ReportData
    sites: tuple[DemoSite, ...]
    seconds: dict[str, float]

    def to_json(self) -> dict[str, Any]:
        """What the page shows, for machines."""
        return {"report": str(self.report), "seconds": self.seconds, **asdict(self.data)}


def demonstrate(
    out: Path,
    *,
    study: Path | None,
    column: str | None,
    count: int,
    patients: int,
    seed: int,
    as_of: date,
    progress: Callable[[str, int], None],
) -> Demonstration:
    """Make sites, read their files, profile, match, fill cohorts, pool through the gate, write the report.

    Args:
        out: folder for everything that is made.
        study: study folder that becomes the sites; None for invented patients.
        column: clinical column by whose values the study is divided.
        count: number of sites.
        patients: invented patients in all.
        seed: seed of the invented patients.
        as_of: day of matching.
        progress: called with what is being done and the lines read.
    """
    clock = _Clock()
    sites.prepare(out)
    progress("writing raw files", 0)
    plans = sites.lay_out(out, study=study, column=column, count=count, patients=patients, seed=seed)
    clock.lap("raw files")
    made = tuple(sites.ingest(out, plan, progress) for plan in plans)
    clock.lap("ingest")
    trial, packs = match.default_protocol(), [profile.starter_pack()]
    work: dict[str, SiteWork] = {}
    for one in made:
        progress(f"profiling and matching {one.site.name}", 0)
        work[one.site.name] = summarise(one.site, trial, packs, as_of)
    clock.lap("profile, match, sums")
    progress("pooling", 0)
    policies = [SitePolicy.from_mapping(one.site.policy) for one in made]
    with Ledger(out / "records.db") as ledger:
        door = Door.open(work, READ_COLUMNS, policies, ledger, datetime.now(UTC))
        data = page.report_data(made, work, trial, packs, door, as_of, is_synthetic=study is None)
    clock.lap("pool")
    report = web.write(data, out / "report.html")
    clock.lap("report")
    return Demonstration(report, data, made, clock.laps)


class _Clock:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self.laps[name] = round(now - self._last, 3)
        self._last = now
