"""The same data under all models, and where a decision tips.

A decision that holds under no borrowing, under full borrowing and in between does not hang on the model. Where
it does, the tipping point says how much: the weight (or any other setting) at which it changes.

References:
    ICH E9(R1) (sensitivity analysis); Yan X et al. Ther Innov Regul Sci 2009;43:3-14 (tipping points).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import polars as pl

from kohort.cohort.borrowing.data import Counts, FloatArray, IntArray
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.borrowing.posterior import Posterior
from kohort.cohort.characteristics.readings import boundary_calls, cut_off
from kohort.cohort.rules.conditions import Boundary, Call, Evidence
from kohort.errors import StatisticsError

__all__ = ["Family", "Sensitivity", "TippingPoint", "sensitivity", "tipping_points", "varied"]

SCANNED = 33
"""Settings looked at before a change is root-found; a pair of changes between two of them goes unseen."""

TIPPING_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Family:
    """Models that differ in one setting.

    Attributes:
        make: the model with a given setting.
        low: least setting.
        high: greatest setting.
    """

    make: Callable[[float], BorrowingModel]
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        """Refuse an empty range."""
        if not self.low < self.high:
            raise StatisticsError(f"There is nothing from {self.low} to {self.high}.", remedy="Give low < high.")


@dataclass(frozen=True, slots=True)
class TippingPoint:
    """A setting at which the decision on a cohort changes.

    Attributes:
        family: name of the family.
        cohort: place of the cohort, from 0.
        setting: where the decision changes.
        below: the decision with a slightly smaller setting.
        above: the decision with a slightly greater setting.
    """

    family: str
    cohort: int
    setting: float
    below: Call
    above: Call


@dataclass(frozen=True, slots=True, eq=False)
class Sensitivity:
    """The same data under several models.

    Attributes:
        table: one row a model and cohort: model, cohort (from 1), responders, n, rate, mean, low, high (credible
            interval), prob_greater (than p0), weight (share of the others' patients that counts), exchangeability,
            effective_sample_size, numeric_error, call.
        posteriors: by the models' names.
        tipping: where decisions change in the families asked for.
    """

    table: pl.DataFrame
    posteriors: dict[str, Posterior]
    tipping: tuple[TippingPoint, ...]

    @property
    def disputed(self) -> tuple[int, ...]:
        """Cohorts, from 0, whose decision is not the same under all models."""
        calls = self.table.group_by("cohort").agg(pl.col("call").n_unique()).filter(pl.col("call") > 1)
        return tuple(sorted(cohort - 1 for cohort in calls["cohort"].to_list()))


def sensitivity(
    models: Mapping[str, BorrowingModel] | Sequence[BorrowingModel],
    responders: Sequence[int] | IntArray,
    n: Sequence[int] | IntArray,
    *,
    rule: Boundary | float = 0.95,
    level: float = 0.95,
    families: Mapping[str, Family] | None = None,
) -> Sensitivity:
    """All models on the same data, in one table.

    Args:
        models: models by name; without names they are called by their settings.
        responders: (J,) evaluable patients who responded.
        n: (J,) evaluable patients.
        rule: the boundary, or the cut-off of P(p > p0), that decides.
        level: level of the credible intervals.
        families: models that differ in one setting, by name, to find tipping points in.

    Raises:
        StatisticsError: no model, two of the same name, or impossible counts.
    """
    named = dict(models) if isinstance(models, Mapping) else {str(model): model for model in models}
    if not named or len(named) != len(models):
        raise StatisticsError("The models are none, or two are the same.", remedy="Give each model its own name.")
    boundary = rule if isinstance(rule, Boundary) else cut_off(float(rule))
    posteriors = {name: model.fit(responders, n) for name, model in named.items()}
    rows = [_rows(name, posterior, boundary, level) for name, posterior in posteriors.items()]
    tipping = [
        point
        for name, family in (families or {}).items()
        for point in tipping_points(family, responders, n, rule=boundary, name=name)
    ]
    return Sensitivity(pl.concat(rows), posteriors, tuple(tipping))


def tipping_points(
    family: Family,
    responders: Sequence[int] | IntArray,
    n: Sequence[int] | IntArray,
    *,
    rule: Boundary | float = 0.95,
    name: str = "",
) -> tuple[TippingPoint, ...]:
    """Settings at which the decision on a cohort changes, by cohort and setting; found to 1e-6 of the range.

    Raises:
        StatisticsError: impossible counts, or settings that make no model.
    """
    boundary = rule if isinstance(rule, Boundary) else cut_off(float(rule))
    counts = Counts.of(responders, n)

    def decide(setting: float) -> list[Call]:
        return _decide(family.make(setting), counts, boundary)

    settings = np.linspace(family.low, family.high, SCANNED).tolist()
    decided = [decide(setting) for setting in settings]
    found: list[TippingPoint] = []
    for cohort in range(counts.cohorts):
        for at in range(1, SCANNED):
            if decided[at][cohort] == decided[at - 1][cohort]:
                continue
            below, above = settings[at - 1], settings[at]
            first = decided[at - 1][cohort]
            while above - below > TIPPING_TOLERANCE * (family.high - family.low):
                middle = (below + above) / 2
                below, above = (middle, above) if decide(middle)[cohort] == first else (below, middle)
            found.append(TippingPoint(name, cohort, (below + above) / 2, first, decide(above)[cohort]))
    return tuple(found)


def varied(model: BorrowingModel, setting: str) -> Callable[[float], BorrowingModel]:
    """The model with one of its settings replaced.

    Raises:
        StatisticsError: the model has no such setting.
    """
    fields = [each.name for each in dataclasses.fields(cast("type[object]", model))]  # type: ignore[arg-type]
    if setting not in fields:
        raise StatisticsError(f"{type(model).__name__} has no '{setting}'.", remedy=f"Settings: {', '.join(fields)}.")
    return lambda value: cast("BorrowingModel", dataclasses.replace(cast("object", model), **{setting: value}))  # type: ignore[type-var]


def _decide(model: BorrowingModel, counts: Counts, boundary: Boundary) -> list[Call]:
    seen = Evidence(
        counts.responders,
        counts.n,
        lambda rate: model.prob_greater(counts.responders, counts.n, rate),
        lambda: model.mean(counts.responders, counts.n),
    )
    return _calls(boundary, seen)


def _calls(boundary: Boundary, seen: Evidence) -> list[Call]:
    found = boundary_calls([boundary] * seen.responders.shape[1], seen)
    pairs = zip(found.go[0].tolist(), found.no_go[0].tolist(), strict=True)
    return [Call.GO if go else Call.NO_GO if no_go else Call.CONSIDER for go, no_go in pairs]


def _rows(name: str, posterior: Posterior, boundary: Boundary, level: float) -> pl.DataFrame:
    low, high = posterior.interval(level).T
    seen = Evidence(
        posterior.responders[None],
        posterior.n[None],
        lambda rate: posterior.prob_greater(rate)[None],
        lambda: posterior.mean[None],
    )
    cohorts = len(posterior.n)
    return pl.DataFrame(
        {
            "model": [name] * cohorts,
            "cohort": np.arange(1, cohorts + 1),
            "responders": posterior.responders,
            "n": posterior.n,
            "rate": posterior.responders / np.maximum(posterior.n, 1),
            "mean": posterior.mean,
            "low": low,
            "high": high,
            "prob_greater": posterior.prob_greater(),
            "weight": _lent(posterior),
            "exchangeability": _exchangeability(posterior),
            "effective_sample_size": posterior.effective_sample_size,
            "numeric_error": [posterior.numeric_error] * cohorts,
            "call": [str(each) for each in _calls(boundary, seen)],
        },
        schema_overrides={"weight": pl.Float64, "exchangeability": pl.Float64},
    )


def _lent(posterior: Posterior) -> list[float] | list[None]:
    """Share of the others' patients that counts for each cohort; None where borrowing is no weight."""
    if posterior.weights is None or len(posterior.n) < 2:
        return [None] * len(posterior.n)
    others = 1 - np.eye(len(posterior.n))
    return _ratio((others * posterior.weights) @ posterior.n, others @ posterior.n)


def _exchangeability(posterior: Posterior) -> list[float] | list[None]:
    """Own probability (EXNEX), or the mean over the pairs with the others (MEM); None elsewhere."""
    given = posterior.exchangeability
    if given is None or len(posterior.n) < 2:
        return [None] * len(posterior.n)
    if given.ndim == 1:
        return given.tolist()
    return ((given.sum(axis=1) - np.diag(given)) / (len(given) - 1)).tolist()


def _ratio(part: FloatArray, whole: FloatArray) -> list[float]:
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0).tolist()
