"""Columns of tables as criteria need them: dictionary-encoded text, rows grouped by gene."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.match.criteria.vocabulary import approved_gene_or_none
from kohort.match.engine.truth import Mask

__all__ = ["Coded", "GeneRows", "approved_genes", "floats"]


def floats(series: pl.Series) -> NDArray[np.float64]:
    """A numeric column as floats, null as NaN."""
    if series.null_count() == series.len():
        return np.full(series.len(), np.nan)
    return series.cast(pl.Float64).fill_null(float("nan")).to_numpy()


@dataclass(frozen=True, slots=True, eq=False)
class Coded:
    """A text column as numbers into its distinct values: a question is asked once a value, not once a row.

    Attributes:
        codes: position in ``values`` of each row, -1 for null.
        values: the distinct texts, sorted.
    """

    codes: NDArray[np.int32]
    values: tuple[str, ...]

    @classmethod
    def of(cls, series: pl.Series) -> Self:
        """Encode a text column."""
        # Categories of its own: the shared ones would keep the texts of patients for as long as the process lives.
        coded = series.cast(pl.Categorical(pl.Categories.random()))
        texts = coded.unique().drop_nulls()
        found = sorted(zip(texts.cast(pl.String).to_list(), texts.to_physical().to_list(), strict=True))
        places = np.full(max((place for _, place in found), default=-1) + 2, -1, dtype=np.int32)
        places[[place for _, place in found]] = np.arange(len(found))
        codes = coded.to_physical().fill_null(len(places) - 1).to_numpy()
        return cls(places[codes], tuple(text for text, _ in found))

    def __getitem__(self, rows: slice | NDArray[Any]) -> Coded:
        """The same column for some rows."""
        return Coded(self.codes[rows], self.values)

    @property
    def is_null(self) -> Mask:
        """Rows without a text."""
        return self.codes < 0

    def text(self, row: int) -> str | None:
        """The text of one row."""
        code = int(self.codes[row])
        return None if code < 0 else self.values[code]

    def among(self, wanted: Collection[str]) -> Mask:
        """Rows whose text is one of ``wanted``; a null row is none."""
        # The extra last place answers code -1.
        return np.array([value in wanted for value in self.values] + [False])[self.codes]

    def judged(self, judge: Callable[[str], bool | None]) -> tuple[Mask, Mask]:
        """Rows whose text ``judge`` calls true, and rows it calls false; null rows are neither.

        Only texts that occur in these rows are judged.
        """
        verdicts = np.full(len(self.values) + 1, -1, dtype=np.int8)
        few = len(self.codes) < 64  # then numpy's own cost is the greater one
        present = set(self.codes.tolist()) - {-1} if few else np.unique(self.codes[self.codes >= 0]).tolist()
        for code in present:
            verdict = judge(self.values[code])
            verdicts[code] = -1 if verdict is None else int(verdict)
        found = verdicts[self.codes]
        return found == 1, found == 0


def approved_genes(genes: Coded) -> Coded:
    """The same column with approved symbols; a text that is no symbol becomes null."""
    names = [approved_gene_or_none(value) for value in genes.values]
    values = sorted({name for name in names if name})
    places = {name: place for place, name in enumerate(values)}
    renamed = np.array([-1 if name is None else places[name] for name in names] + [-1], dtype=np.int32)
    return Coded(renamed[genes.codes], tuple(values))


@dataclass(frozen=True, slots=True, eq=False)
class GeneRows:
    """Rows of a table sorted by gene, so that one gene's rows are a slice (compressed sparse rows).

    Attributes:
        places: gene to its slice.
        at: position of the person in the population, of each row.
        id: row id.
        texts: text columns, in the same order.
        numbers: numeric columns, NaN for null, in the same order.
    """

    places: dict[str, slice]
    at: NDArray[np.int32]
    id: NDArray[np.int64]
    texts: dict[str, Coded]
    numbers: dict[str, NDArray[np.float64]]

    @classmethod
    def of(cls, frame: pl.DataFrame, texts: Collection[str] = (), numbers: Collection[str] = ()) -> Self:
        """Sort a frame with ``at``, ``id``, ``gene`` and more columns; rows without a gene are left out."""
        # Both kinds of work leave Python's lock, so that two cores take half the time.
        with ThreadPoolExecutor() as pool:
            genes, *coded = pool.map(Coded.of, (frame[name] for name in ("gene", *texts)))
            genes = approved_genes(genes)
            small = np.int16 if len(genes.values) < 2**15 else np.int32  # 16 bits: numpy then sorts by radix
            order = np.argsort(genes.codes.astype(small), kind="stable")
            plain = [frame["at"].to_numpy(), frame["id"].to_numpy(), *(floats(frame[name]) for name in numbers)]
            at, row_id, *found = pool.map(lambda column: column[order], plain)
            coded = list(pool.map(lambda column: column[order], coded))
        sizes = np.bincount(genes.codes + 1, minlength=len(genes.values) + 1)  # rows without a gene come first
        edges = np.cumsum(sizes)
        places = {gene: slice(int(edges[i]), int(edges[i + 1])) for i, gene in enumerate(genes.values)}
        return cls(places, at, row_id, dict(zip(texts, coded, strict=True)), dict(zip(numbers, found, strict=True)))

    def place(self, gene: str) -> slice:
        """The rows of a gene; an empty slice if there are none."""
        return self.places.get(gene, slice(0, 0))
