"""What changed between two matchings, and why.

A `Snapshot` holds the value of each requirement for each person, and a fingerprint of the rows that bear on it (id
and batch of each). Two snapshots tell which matches are new, gone or changed, which requirement did it, and whether
the patient's rows changed, the trial's criteria changed, or only time passed. Snapshots are written as one Parquet
file, with the version of Kohort and a hash of each arm's criteria in its metadata.

A match has a stable id: a hash of person, sample, trial and arm.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort import __version__
from kohort.errors import InputError
from kohort.match.answers.readings import looked_at
from kohort.match.criteria.logic import Compound, Criterion, Leaf, leaves
from kohort.match.engine.evaluation import evaluate, evidence
from kohort.match.people.population import Population

if TYPE_CHECKING:
    from kohort.match.matches import Matches

__all__ = ["ArmVersion", "Snapshot", "changes", "criteria_hash", "match_id", "snapshot"]

_METADATA = "kohort.match.snapshot"
_VERDICTS = {1: "eligible", 0: "unknown", -1: "ineligible"}
_VALUES = {1: "met", 0: "unknown", -1: "not met"}
_ABSENT = 2

Ints = NDArray[np.int8]


def match_id(person: int, trial: str, arm: str, sample: int = 0) -> str:
    """The id of a match: 16 hexadecimal digits of the BLAKE2b hash of person, sample, trial and arm."""
    return _hash(f"{person}|{sample}|{trial}|{arm}")


def criteria_hash(criterion: Criterion) -> str:
    """A hash of what a criterion asks; spelling, order of words and defaults do not count, the order of parts does."""
    return _hash(_canonical(criterion))


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _canonical(value: object) -> str:
    """A text of dataclasses that leaves out what has its default, so that a new field changes no hash."""
    if isinstance(value, Compound):
        number = getattr(value, "n", "")
        return f"{type(value).__name__}{number}({','.join(map(_canonical, value.parts))})"
    if dataclasses.is_dataclass(value):
        told = [(f.name, getattr(value, f.name)) for f in dataclasses.fields(value) if _is_told(value, f)]
        return f"{type(value).__name__}({','.join(f'{name}={_canonical(one)}' for name, one in told)})"
    return repr(value)


def _is_told(value: object, field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING or getattr(value, field.name) != field.default


@dataclass(frozen=True, slots=True)
class ArmVersion:
    """One arm as it was matched.

    Attributes:
        trial: id of the trial.
        arm: id of the arm.
        criteria: hash of all that it asks.
        requirements: hash of each requirement, in order.
    """

    trial: str
    arm: str
    criteria: str
    requirements: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """The values of all requirements of all arms for all persons, on one day.

    Attributes:
        version: version of Kohort.
        as_of: the day of matching.
        closed_world: True if unknown was read as false.
        arms: the arms.
        words: hash of each requirement to its words.
        timed: requirements whose value depends on the day of matching.
        values: one row a person: ``person``, ``sample`` (0 where persons are matched), and for each requirement
            ``v <hash>`` (1 met, 0 unknown, -1 not met) and ``r <hash>`` (fingerprint of the rows that bear on it).
    """

    version: str
    as_of: date
    closed_world: bool
    arms: tuple[ArmVersion, ...]
    words: dict[str, str]
    timed: frozenset[str]
    values: pl.DataFrame

    @property
    def rows(self) -> pl.DataFrame:
        """One row an eligible or unknown match, with the value of each requirement, in order (``values``).

        Further columns: ``id``, ``trial``, ``arm``, ``person``, ``sample``, ``verdict``, ``criteria`` (hash).
        """
        schema = {"id": pl.String(), "trial": pl.String(), "arm": pl.String(), "person": pl.Int64()}
        schema |= {"sample": pl.Int64(), "verdict": pl.String(), "criteria": pl.String(), "values": pl.List(pl.Int8())}
        parts = [pl.DataFrame(schema=schema)]
        for arm in self.arms:
            columns = [pl.col(f"v {key}") for key in arm.requirements]
            verdict = pl.min_horizontal(*columns) if columns else pl.lit(1, pl.Int8)
            held = self.values.select(
                "person",
                "sample",
                verdict=verdict,
                values=pl.concat_list(columns) if columns else pl.lit([], pl.List(pl.Int8)),
            ).filter(pl.col("verdict") >= 0)
            ids = [match_id(p, arm.trial, arm.arm, s) for p, s in held.select("person", "sample").iter_rows()]
            told = held.with_columns(
                id=pl.Series(ids, dtype=pl.String),
                trial=pl.lit(arm.trial),
                arm=pl.lit(arm.arm),
                criteria=pl.lit(arm.criteria),
                verdict=pl.col("verdict").replace_strict(_VERDICTS, return_dtype=pl.String),
            )
            parts.append(told.select(*schema))
        return pl.concat(parts)

    def write(self, path: str | Path) -> None:
        """Write it to one Parquet file."""
        told = {name: getattr(self, name) for name in ("version", "closed_world", "words")}
        told |= {"as_of": self.as_of.isoformat(), "timed": sorted(self.timed)}
        told["arms"] = [dataclasses.asdict(arm) for arm in self.arms]
        self.values.write_parquet(path, compression="zstd", metadata={_METADATA: json.dumps(told)})

    @classmethod
    def read(cls, path: str | Path) -> Self:
        """Read one back.

        Raises:
            InputError: the file is no snapshot.
        """
        try:
            told = json.loads(pl.read_parquet_metadata(path)[_METADATA])
            values = pl.read_parquet(path)
        except (KeyError, pl.exceptions.PolarsError) as error:
            raise InputError(
                "this file is no snapshot of matches.", path=str(path), remedy="Give a file that was written by one."
            ) from error
        arms = tuple(ArmVersion(**{**arm, "requirements": tuple(arm["requirements"])}) for arm in told["arms"])
        given = (told["version"], date.fromisoformat(told["as_of"]), told["closed_world"], arms, told["words"])
        return cls(*given, frozenset(told["timed"]), values)

    def verdicts(self, arm: ArmVersion) -> Ints:
        """The verdict of each person for an arm: 1 eligible, 0 unknown, -1 ineligible."""
        if not arm.requirements:
            return np.ones(self.values.height, dtype=np.int8)
        return np.minimum.reduce([self.values[f"v {key}"].to_numpy() for key in arm.requirements])


def snapshot(matches: Matches) -> Snapshot:
    """Keep what a matching found, to be compared with a later one."""
    population = matches.population
    prints = _Fingerprints(population, matches.as_of)
    columns: dict[str, pl.Series] = {}
    words: dict[str, str] = {}
    timed: set[str] = set()
    arms = []
    for found in matches.arms:
        keys = tuple(criteria_hash(part) for part in found.criteria.parts)
        arms.append(ArmVersion(found.trial.id, found.arm.id, criteria_hash(found.criteria), keys))
        for key, part in zip(keys, found.criteria.parts, strict=True):
            if key in words:
                continue
            words[key] = part.words
            if any(leaf.uses_as_of for leaf in leaves(part)):
                timed.add(key)
            truth = evaluate(part, population, matches.as_of, closed_world=matches.closed_world)
            value = truth.is_true.astype(np.int8) - truth.is_false.astype(np.int8)
            columns[f"v {key}"] = pl.Series(value, dtype=pl.Int8)
            columns[f"r {key}"] = pl.Series(prints.of(part), dtype=pl.UInt64)
    persons = pl.Series(population.persons, dtype=pl.Int64)
    samples = pl.Series(population.samples, dtype=pl.Int64)
    values = pl.DataFrame({"person": persons, "sample": samples, **columns})
    closed = matches.closed_world
    return Snapshot(__version__, matches.as_of, closed, tuple(arms), words, frozenset(timed), values)


class _Fingerprints:
    """A number for each person and criterion that changes with the rows that bear on it."""

    def __init__(self, population: Population, as_of: date) -> None:
        self._population = population
        self._as_of = as_of
        self._batches: dict[str, tuple[NDArray[np.int64], NDArray[np.uint64]]] = {}
        self._leaves: dict[Leaf, NDArray[np.uint64]] = {}

    def of(self, criterion: Criterion) -> NDArray[np.uint64]:
        """The fingerprint of each person."""
        found = np.zeros(self._population.size, dtype=np.uint64)
        for leaf in dict.fromkeys(leaves(criterion)):
            if leaf not in self._leaves:
                self._leaves[leaf] = self._of_leaf(leaf)
            found += self._leaves[leaf]
        return found

    def _of_leaf(self, leaf: Leaf) -> NDArray[np.uint64]:
        found = np.zeros(self._population.size, dtype=np.uint64)
        for rows in evidence(leaf, self._population, self._as_of).rows:
            judged = rows.true | rows.false | rows.open
            np.add.at(found, rows.at[judged], self._marks(rows.table, rows.id[judged]))
        for at, test in looked_at(leaf, self._population):
            np.add.at(found, at, self._marks("test", test))
        return found

    def _marks(self, table: str, row_id: NDArray[np.int64]) -> NDArray[np.uint64]:
        """A number for each row, from its table, id and batch."""
        if table not in self._batches:
            frame = self._population.frame(table, ["batch"]).unique("id").sort("id")
            batch = frame["batch"].fill_null(0).cast(pl.UInt64).to_numpy()
            self._batches[table] = frame["id"].to_numpy(), batch
        ids, batch = self._batches[table]
        seed = np.uint64(int(_hash(table), 16))
        place = np.minimum(np.searchsorted(ids, row_id), max(len(ids) - 1, 0))
        known = batch[place] if len(ids) else np.zeros(len(row_id), dtype=np.uint64)
        return _mixed(_mixed(row_id.astype(np.uint64) ^ seed) + known)


def _mixed(numbers: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64's finaliser (Steele, Lea and Flood 2014): near numbers become far ones."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def changes(before: Snapshot, after: Snapshot) -> pl.DataFrame:
    """The matches (eligible or unknown) that are new, gone or changed, and what did it.

    Args:
        before: the earlier snapshot.
        after: the later one.

    Returns:
        One row a match and requirement that did it: ``id``, ``trial``, ``arm``, ``person``, ``sample``, ``change``
        (``new``, ``gone``, ``changed``), the verdicts ``before`` and ``after`` (null: not matched), the
        ``requirement`` with its value as it ``was`` and is ``now`` (null: not asked), and ``why``: ``arm`` or
        ``person`` (only one of the snapshots has it), ``criteria`` (the requirement was added, or dropped),
        ``rows`` (other rows bear on it), ``time`` (only the day of matching differs) or ``program`` (another
        version of Kohort or of the knowledge it reads reads the same rows otherwise).

    Raises:
        InputError: one was matched in the closed world and the other was not.
    """
    if before.closed_world != after.closed_world:
        raise InputError(
            "one snapshot was made in the closed world, the other was not.", remedy="Compare snapshots of one kind."
        )
    pair = _Pair.of(before, after)
    earlier, later = ({(arm.trial, arm.arm): arm for arm in one.arms} for one in (before, after))
    rows = [row for key in {**earlier, **later} for row in pair.of_arm(earlier.get(key), later.get(key))]
    return pl.DataFrame(rows, schema=_CHANGES, orient="row")


_CHANGES = {"id": pl.String(), "trial": pl.String(), "arm": pl.String(), "person": pl.Int64(), "sample": pl.Int64()}
_CHANGES |= dict.fromkeys(("change", "before", "after", "requirement", "was", "now", "why"), pl.String())


@dataclass(frozen=True, slots=True, eq=False)
class _Pair:
    """Two snapshots with their persons brought together; place -1 where a snapshot lacks one."""

    before: Snapshot
    after: Snapshot
    persons: list[tuple[int, int]]
    old: NDArray[np.int64]
    new: NDArray[np.int64]

    @classmethod
    def of(cls, before: Snapshot, after: Snapshot) -> _Pair:
        key = ["person", "sample"]
        old, new = (one.values.select(key).with_row_index("at") for one in (before, after))
        both = old.join(new, on=key, how="full", coalesce=True, suffix="_new").sort(key)
        places = both.select(pl.col("at", "at_new").cast(pl.Int64).fill_null(-1))
        return cls(before, after, both.select(key).rows(), places["at"].to_numpy(), places["at_new"].to_numpy())

    def of_arm(self, old: ArmVersion | None, new: ArmVersion | None) -> Iterable[tuple[object, ...]]:
        """The changes of one arm."""
        arm = new or old
        was, now = self._verdicts(self.before, old, self.old), self._verdicts(self.after, new, self.new)
        held_before, held_now = (was == 0) | (was == 1), (now == 0) | (now == 1)
        changed = np.flatnonzero((was != now) & (held_before | held_now))
        if arm is None or not len(changed):
            return
        reasons = self._reasons(old, new, changed)
        for place, found in zip(changed.tolist(), reasons, strict=True):
            person, sample = self.persons[place]
            change = "changed" if held_before[place] and held_now[place] else "new" if held_now[place] else "gone"
            verdicts = (_VERDICTS.get(int(was[place])), _VERDICTS.get(int(now[place])))
            named = (match_id(person, arm.trial, arm.arm, sample), arm.trial, arm.arm, person, sample)
            for reason in found:
                yield (*named, change, *verdicts, *reason)

    def _reasons(
        self, old: ArmVersion | None, new: ArmVersion | None, places: NDArray[np.intp]
    ) -> list[list[tuple[str | None, str | None, str | None, str]]]:
        """For each person: requirement, what it was, what it is now, and why."""
        found: list[list[tuple[str | None, str | None, str | None, str]]] = [[] for _ in places]
        if old is None or new is None:
            return [[(None, None, None, "arm")] for _ in places]
        for key in dict.fromkeys((*old.requirements, *new.requirements)):
            was = self._values(self.before, f"v {key}", self.old[places]) if key in old.requirements else None
            now = self._values(self.after, f"v {key}", self.new[places]) if key in new.requirements else None
            whys = self._whys(key, places)
            words = {**self.before.words, **self.after.words}[key]
            for i, found_here in enumerate(found):
                a, b = (None if values is None else int(values[i]) for values in (was, now))
                if _ABSENT in {a, b} or a == b or {a, b} == {None, 1}:
                    continue  # an added or dropped requirement that is met changes nothing
                why = "criteria" if a is None or b is None else whys[i]
                found_here.append(
                    (words, _VALUES.get(a) if a is not None else None, _VALUES.get(b) if b is not None else None, why)
                )
        return [reasons or [(None, None, None, "person")] for reasons in found]

    def _whys(self, key: str, places: NDArray[np.intp]) -> list[str]:
        """Why a requirement that both ask has another value: rows, time, else the program."""
        if f"r {key}" not in self.before.values.columns or f"r {key}" not in self.after.values.columns:
            return ["criteria"] * len(places)
        old = self._values(self.before, f"r {key}", self.old[places])
        new = self._values(self.after, f"r {key}", self.new[places])
        otherwise = "time" if self.before.as_of != self.after.as_of and key in self.after.timed else "program"
        return np.where(old != new, "rows", otherwise).tolist()

    def _verdicts(self, one: Snapshot, arm: ArmVersion | None, at: NDArray[np.int64]) -> Ints:
        absent = np.full(len(at), _ABSENT, dtype=np.int8)
        return absent if arm is None or not one.values.height else np.where(at < 0, absent, one.verdicts(arm)[at])

    @staticmethod
    def _values(one: Snapshot, column: str, at: NDArray[np.int64]) -> NDArray[Any]:
        values = one.values[column].to_numpy()
        if not len(values):
            return np.full(len(at), _ABSENT, dtype=values.dtype)
        return np.where(at < 0, np.array(_ABSENT, dtype=values.dtype), values[at])
