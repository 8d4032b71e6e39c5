"""The reasons of many verdicts in one table: for each person and arm the leaves that decide, with their rows.

Of an eligible person, the leaves that speak for it are listed (true ones; under NOT, false ones); of an ineligible
person those that speak against; of an unknown one those that are unknown, with the fact that is missing. The tree as
a whole, with everything that does not matter, is `kohort.match.explain`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.match.criteria.logic import Criterion, Leaf, Not
from kohort.match.engine.evaluation import evidence, leaf_truth
from kohort.match.engine.truth import Mask, Truth
from kohort.match.rules.rows import Rows

if TYPE_CHECKING:
    from kohort.match.matches import Matches

__all__ = ["reasons", "signed_leaves"]

_VALUES: dict[str, bool | None] = {"eligible": True, "ineligible": False, "unknown": None}

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Decided:
    """One leaf of one arm, and the persons of one verdict for whom it decides."""

    arm: int
    leaf: int
    verdict: str
    value: bool | None
    at: Places


def signed_leaves(criterion: Criterion, *, wanted: bool = True) -> Iterator[tuple[Leaf, bool]]:
    """Each leaf with the value by which it speaks for the criterion: false under an odd number of NOTs."""
    if isinstance(criterion, Leaf):
        yield criterion, wanted
        return
    for part in criterion.parts:
        yield from signed_leaves(part, wanted=wanted != isinstance(criterion, Not))


def reasons(matches: Matches, verdicts: Sequence[str]) -> pl.DataFrame:
    """The reasons of all verdicts of some kinds; see `Matches.reasons`."""
    numbers: dict[Leaf, int] = {}
    decided: list[_Decided] = []
    for place, found in enumerate(matches.arms):
        signed = list(dict.fromkeys(signed_leaves(found.criteria)))
        for verdict in verdicts:
            for leaf, value, at in _deciding(signed, found.truth, verdict, matches):
                decided.append(_Decided(place, numbers.setdefault(leaf, len(numbers)), verdict, value, at))
    cited = _cited(decided, list(numbers), matches)
    told = _long(decided).join(cited, on=["leaf", "at"], how="left", maintain_order="left_right")
    return _worded(told, matches, list(numbers))


def _deciding(
    signed: Iterable[tuple[Leaf, bool]], truth: Truth, verdict: str, matches: Matches
) -> Iterator[tuple[Leaf, bool | None, Places]]:
    """The leaves that decide, each with its value and the places of the persons of this verdict for whom it does."""
    persons = np.flatnonzero(_mask(truth, _VALUES[verdict]))
    for leaf, wanted in signed if len(persons) else ():
        found = leaf_truth(leaf, matches.population, matches.as_of)
        found = found.closed() if matches.closed_world else found
        value = None if verdict == "unknown" else wanted == (verdict == "eligible")
        chosen = persons[_mask(found, value)[persons]]
        if len(chosen):
            yield leaf, value, chosen


def _mask(truth: Truth, value: bool | None) -> Mask:
    return truth.is_unknown if value is None else truth.is_true if value else truth.is_false


def _long(decided: Sequence[_Decided]) -> pl.DataFrame:
    """One row for each person, arm and leaf: ``at``, ``arm``, ``leaf``, ``verdict``, ``value``."""
    sizes = [len(one.at) for one in decided]
    repeated = np.repeat(np.arange(len(decided)), sizes)
    at = np.concatenate([one.at for one in decided]) if decided else np.zeros(0, dtype=np.int64)
    each = pl.DataFrame(
        {name: [getattr(one, name) for one in decided] for name in ("arm", "leaf", "verdict", "value")},
        schema={"arm": pl.Int32, "leaf": pl.Int32, "verdict": pl.Enum(list(_VALUES)), "value": pl.Boolean},
    )
    return each[repeated].with_columns(at=pl.Series(at, dtype=pl.Int64))


def _cited(decided: Sequence[_Decided], leaves: Sequence[Leaf], matches: Matches) -> pl.DataFrame:
    """The rows that each leaf's value stands on, of the persons for whom it decides."""
    wanted: dict[int, Mask] = {}
    for one in decided:
        wanted.setdefault(one.leaf, np.zeros(matches.population.size, dtype=np.bool_))[one.at] = True
    parts = [
        (number, rows.table, rows.at[chosen], rows.id[chosen])
        for number, persons in wanted.items()
        for rows, chosen in _rows(leaves[number], persons, matches)
    ]
    sizes = [len(at) for _, _, at, _ in parts]
    each = pl.DataFrame(
        {"leaf": [part[0] for part in parts], "table": [part[1] for part in parts]},
        schema={"leaf": pl.Int32, "table": pl.Categorical},
    )
    none = np.zeros(0, dtype=np.int64)
    return each[np.repeat(np.arange(len(parts)), sizes)].with_columns(
        at=pl.Series(np.concatenate([none, *(part[2] for part in parts)]), dtype=pl.Int64),
        row=pl.Series(np.concatenate([none, *(part[3] for part in parts)]), dtype=pl.Int64),
    )


def _rows(leaf: Leaf, persons: Mask, matches: Matches) -> Iterator[tuple[Rows, Mask]]:
    """Rows of some persons that say what their value says: those that are true, false, or leave it open."""
    found = evidence(leaf, matches.population, matches.as_of)
    truth = leaf_truth(leaf, matches.population, matches.as_of)
    for column, said in (("true", True), ("false", False), ("open", None)):
        value = said if said is None or not found.negated else not said
        here = _mask(truth, value) & persons
        for rows in (*found.rows, *found.grounds()) if column == "false" else found.rows:
            chosen = getattr(rows, column) & here[rows.at]
            if chosen.any():
                yield rows, chosen


def _worded(told: pl.DataFrame, matches: Matches, leaves: Sequence[Leaf]) -> pl.DataFrame:
    """Numbers of arms, leaves and persons as what they stand for."""
    trials = pl.Series([found.trial.id for found in matches.arms], dtype=pl.Categorical)
    arms = pl.Series([found.arm.id for found in matches.arms], dtype=pl.Categorical)
    words, facts = (pl.Series([get(leaf) for leaf in leaves], dtype=pl.Categorical) for get in (_words, _fact))
    units = {"person": matches.population.persons}
    if matches.population.unit == "sample":
        units["sample"] = matches.population.samples
    at = told["at"].to_numpy()
    return told.select(
        trials.gather(told["arm"]).alias("trial"),
        arms.gather(told["arm"]).alias("arm"),
        *(pl.Series(name, ids[at]) for name, ids in units.items()),
        "verdict",
        words.gather(told["leaf"]).alias("criterion"),
        "value",
        pl.when(pl.col("value").is_null()).then(facts.gather(told["leaf"])).alias("missing"),
        "table",
        "row",
    )


def _words(leaf: Leaf) -> str:
    return leaf.words


def _fact(leaf: Leaf) -> str:
    return leaf.fact.words
