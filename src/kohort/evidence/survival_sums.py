"""What a site contributes to survival: how many left, and how, at each time. Whole numbers on exact times.

From these sums alone follow Kaplan-Meier, log-rank, median and restricted mean; numbers at risk are not
kept but derived, so that sums of sites add without a shared grid.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kohort.errors import StatisticsError
from kohort.evidence.arrays import (
    FloatArray,
    IntArray,
    frozen,
    group_codes,
    same_length,
    times_of,
    truths_of,
)

__all__ = ["ALL", "GroupSums", "KaplanMeierSums", "coarsen", "survival_sums"]

ALL = "all"
"""Label of the single group where none was asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class GroupSums:
    """One group's counts; all arrays of shape (m,), times rising.

    Attributes:
        times: distinct times at which somebody left or (late) entered.
        events: people with the event at that time.
        censored: people last seen without the event at that time.
        entries: people who came under observation at that time; those observed from 0 are not listed.
    """

    times: FloatArray
    events: IntArray
    censored: IntArray
    entries: IntArray

    def __post_init__(self) -> None:
        """Refuse counts that no set of people can give."""
        if len({len(self.times), len(self.events), len(self.censored), len(self.entries)}) != 1:
            raise StatisticsError("Survival sums need as many counts as times.")
        if len(self.times) and (not np.isfinite(self.times).all() or self.times[0] < 0):
            raise StatisticsError("Survival sums hold a time that is negative or not finite.")
        if (np.diff(self.times) <= 0).any():
            raise StatisticsError("The times of survival sums must rise.")
        if any((counts < 0).any() for counts in (self.events, self.censored, self.entries)):
            raise StatisticsError("Survival sums hold a negative count.")
        if self.n_start < 0 or (self.at_risk < self.events + self.censored).any():
            raise StatisticsError("More people leave than were under observation.")

    @property
    def n(self) -> int:
        """People in all."""
        return int(self.events.sum() + self.censored.sum())

    @property
    def n_start(self) -> int:
        """People under observation from time 0."""
        return self.n - int(self.entries.sum())

    @property
    def leavers(self) -> IntArray:
        """People who left at each time, with or without the event."""
        return self.events + self.censored

    @property
    def at_risk(self) -> IntArray:
        """People at risk at each time: entered before it (or at 0) and not left before it."""
        change = self.entries - self.leavers
        before = np.concatenate(([0], np.cumsum(change)[:-1])) if len(change) else change
        return self.n_start + before

    def at_risk_at(self, times: Sequence[float] | FloatArray) -> IntArray:
        """People at risk at any times: they entered before and leave at that time or later."""
        change = np.concatenate(([0], np.cumsum(self.entries - self.leavers)))
        return self.n_start + change[np.searchsorted(self.times, np.asarray(times), side="left")]

    def __add__(self, other: GroupSums) -> GroupSums:
        """Both groups together, time grids merged exactly."""
        times = np.concatenate((self.times, other.times))
        grid, place = np.unique(times, return_inverse=True)

        def added(ours: IntArray, theirs: IntArray) -> IntArray:
            total = np.zeros(len(grid), dtype=np.int64)
            np.add.at(total, place, np.concatenate((ours, theirs)))
            return total

        return _group(
            grid,
            added(self.events, other.events),
            added(self.censored, other.censored),
            added(self.entries, other.entries),
        )

    def __eq__(self, other: object) -> bool:
        """True if all times and counts are the same."""
        return isinstance(other, GroupSums) and all(
            np.array_equal(getattr(self, name), getattr(other, name)) for name in self.__slots__
        )

    def __hash__(self) -> int:
        """Hash of the times and counts."""
        return hash(tuple(getattr(self, name).tobytes() for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class KaplanMeierSums:
    """One site's sums for survival, by group; adds with ``+`` to the sums of several sites.

    Attributes:
        groups: label and counts of each group, sorted by label.
    """

    groups: tuple[tuple[str, GroupSums], ...]

    def __post_init__(self) -> None:
        """Refuse labels that are double or out of order: equal sums must compare equal."""
        labels = [label for label, _ in self.groups]
        if labels != sorted(set(labels)):
            raise StatisticsError("The groups of survival sums must be sorted and named once.")

    @property
    def n(self) -> int:
        """People in all groups."""
        return sum(group.n for _, group in self.groups)

    @property
    def labels(self) -> tuple[str, ...]:
        """Group labels, sorted."""
        return tuple(label for label, _ in self.groups)

    def __getitem__(self, label: str) -> GroupSums:
        """The counts of one group; KeyError if there is none of that label."""
        return dict(self.groups)[label]

    def __add__(self, other: KaplanMeierSums) -> KaplanMeierSums:
        """Both sites together: groups joined by label, times merged exactly."""
        if not isinstance(other, KaplanMeierSums):
            return NotImplemented
        ours, theirs = dict(self.groups), dict(other.groups)
        if ours and theirs and (ours.keys() == {ALL}) != (theirs.keys() == {ALL}):
            raise StatisticsError(
                "One site's survival sums are by group and another's are not.",
                remedy="Ask every site the same question.",
            )
        both = ours | {label: ours[label] + g if label in ours else g for label, g in theirs.items()}
        return KaplanMeierSums(tuple(sorted(both.items())))


def _group(times: FloatArray, events: IntArray, censored: IntArray, entries: IntArray) -> GroupSums:
    return GroupSums(frozen(times), frozen(events), frozen(censored), frozen(entries))


def survival_sums(
    time: object,
    event: object,
    group: object = None,
    entry: object = None,
    grid_days: Sequence[float] | None = None,
) -> KaplanMeierSums:
    """Count who leaves when, at one site; the arguments are columns with one value a person.

    Args:
        time: time from the start to the event or the last sign of life, at least 0, whole days by preference.
        event: true (1) if ``time`` is the event, false (0) if the person was last seen then without it.
        group: label of the curve a person belongs to; null is the group ``unknown``.
        entry: time at which the person came under observation (left truncation). A person is at risk
            after ``entry`` up to and including ``time``; an entry of 0 is the same as none.
        grid_days: public times to which the counts are coarsened, see :func:`coarsen`.

    Raises:
        StatisticsError: a time is missing or negative, columns differ in length, entry is not before time.
    """
    times, events = times_of(time, "time"), truths_of(event, "event")
    entered = None if entry is None else times_of(entry, "entry")
    labels, codes = ((ALL,), np.zeros(len(times), np.int64)) if group is None else group_codes(group, "group")
    same_length(time=times, event=events, group=codes, entry=entered)
    if entered is not None and (late := int(((entered > 0) & (entered >= times)).sum())):
        raise StatisticsError(
            f"{late} of {len(times)} people leave on the day they enter, or before.",
            remedy="They were never observed: leave them out and say so.",
        )
    sums = KaplanMeierSums(_by_group(labels, codes, times, events, entered))
    return sums if grid_days is None else coarsen(sums, grid_days)


def _by_group(
    labels: tuple[str, ...],
    codes: IntArray,
    times: FloatArray,
    events: npt.NDArray[np.bool_],
    entered: FloatArray | None,
) -> tuple[tuple[str, GroupSums], ...]:
    """One sort of whole-number keys (group, time, kind) counts everything at once."""
    late = np.zeros(0, np.int64) if entered is None else np.flatnonzero(entered > 0)
    stamps = times if entered is None else np.concatenate((times, entered[late]))
    grid, rank = _ranked(stamps)
    kind = np.concatenate((events.astype(np.int64), np.full(len(late), 2, np.int64)))
    owner = codes if entered is None else np.concatenate((codes, codes[late]))
    keys, counts = _counted((owner * len(grid) + rank) * 3 + kind)
    cells = keys // 3
    first = np.flatnonzero(np.diff(cells, prepend=-1))
    table = np.zeros((3, len(first)), dtype=np.int64)
    table[keys - cells * 3, np.repeat(np.arange(len(first)), np.diff(first, append=len(keys)))] = counts
    owners, moments = np.divmod(cells[first], max(len(grid), 1))
    bounds = np.searchsorted(owners, np.arange(len(labels) + 1))
    return tuple(
        (label, _group(grid[moments[a:b]], table[1, a:b], table[0, a:b], table[2, a:b]))
        for label, a, b in zip(labels, bounds[:-1], bounds[1:], strict=True)
        if b > a
    )


def _counted(keys: IntArray) -> tuple[IntArray, IntArray]:
    """Distinct keys, rising, and how often each occurs; keys are at least 0."""
    if len(keys) and keys.max() < 4 * len(keys):
        counts = np.bincount(keys)
        found = np.flatnonzero(counts)
        return found, counts[found]
    keys = np.sort(keys)
    first = np.flatnonzero(np.diff(keys, prepend=-1))
    return keys[first], np.diff(first, append=len(keys))


def _ranked(stamps: FloatArray) -> tuple[FloatArray, IntArray]:
    """Candidate times, rising, and for each stamp its place among them; whole days need no sort."""
    whole = stamps.astype(np.int64) if len(stamps) and stamps.max() < 2**31 else None
    if whole is not None and np.array_equal(whole, stamps):
        return np.arange(int(whole.max()) + 1, dtype=np.float64), whole
    grid, rank = np.unique(stamps, return_inverse=True)
    return grid, rank.astype(np.int64)


def coarsen(sums: KaplanMeierSums, grid_days: Sequence[float] | FloatArray) -> KaplanMeierSums:
    """The same counts on public times only: what happens in (g[j-1], g[j]] is told at g[j].

    Late entries in [g[j], g[j+1]) move back to g[j], so that nobody enters and leaves at one time.
    Follow-up ends at the last public time: who leaves after it is censored there, and who enters
    then or after it is not counted.

    Args:
        sums: exact sums.
        grid_days: public times, rising, above 0 (0 itself may be the first).

    Raises:
        StatisticsError: no grid, or one that does not rise.
    """
    grid = times_of(grid_days, "grid_days")
    if not len(grid) or (np.diff(grid) <= 0).any():
        raise StatisticsError("A public time grid must rise.", remedy="Give e.g. every 30 days.")
    coarse = ((label, _coarse_group(group, grid)) for label, group in sums.groups)
    return KaplanMeierSums(tuple((label, group) for label, group in coarse if len(group.times)))


def _coarse_group(group: GroupSums, grid: FloatArray) -> GroupSums:
    m = len(grid)
    leave = np.searchsorted(grid, group.times, side="left")
    within = leave < m
    enter = np.searchsorted(grid, group.times, side="right") - 1

    def binned(places: IntArray, counts: IntArray) -> IntArray:
        total = np.zeros(m, dtype=np.int64)
        np.add.at(total, places, counts)
        return total

    events = binned(leave[within], group.events[within])
    censored = binned(leave[within], group.censored[within])
    late = group.entries * (enter == m - 1)
    censored[-1] += group.leavers[~within].sum() - late.sum()
    counted = (enter >= 0) & (enter < m - 1)
    entries = binned(enter[counted], group.entries[counted])
    if grid[0] == 0:
        entries[0] = 0  # entering at 0 is observed from the start
    keep = (events + censored + entries) > 0
    return _group(grid[keep], events[keep], censored[keep], entries[keep])
