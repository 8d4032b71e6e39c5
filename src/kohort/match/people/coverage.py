"""Which genes were looked at, in whom: the fact that turns an absent alteration into a no.

A gene is covered in a person if a test of the right assay, not failed, has a panel that lists the gene or
covers the whole exome or genome, and did not report this gene as not assessed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.match.engine.truth import Bits, Mask, pack
from kohort.match.people.columns import Coded, approved_genes
from kohort.match.rules.rows import Rows

__all__ = ["Coverage"]


@dataclass(frozen=True, eq=False)
class Coverage:
    """Tests of a population and the genes of their panels.

    Attributes:
        at: place of each test's person.
        id: id of each test.
        assay: what each test reads.
        panel: its panel.
        whole: tests of the whole exome or genome.
        usable: tests that did not fail.
        genes: panel to its approved gene symbols.
        gaps: gene to the tests (by row here) that could not assess it.
        size: number of persons.
    """

    at: NDArray[np.integer]
    id: NDArray[np.int64]
    assay: Coded
    panel: Coded
    whole: Mask
    usable: Mask
    genes: dict[str, frozenset[str]]
    gaps: dict[str, NDArray[np.int64]]
    size: int
    _known: dict[tuple[str, str | None], Bits] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, tests: pl.DataFrame, listed: pl.DataFrame, gaps: pl.DataFrame, size: int) -> Coverage:
        """From test rows, panel genes (``system``, ``code``) and not-assessed rows (``test``, ``gene``)."""
        symbols = approved_genes(Coded.of(listed["code"]))
        panels: dict[str, set[str]] = {}
        for system, code in zip(listed["system"].to_list(), symbols.codes.tolist(), strict=True):
            if code >= 0:
                panels.setdefault(system.removeprefix("panel/"), set()).add(symbols.values[code])
        return cls(
            at=tests["at"].to_numpy(),
            id=tests["id"].to_numpy(),
            assay=Coded.of(tests["assay"]),
            panel=Coded.of(tests["panel"]),
            whole=Coded.of(tests["coverage"]).among(("exome", "genome")),
            usable=~Coded.of(tests["quality"]).among(("failed",)),
            genes={panel: frozenset(genes) for panel, genes in panels.items()},
            gaps=_gaps_by_gene(tests, gaps),
            size=size,
        )

    def covered(self, gene: str, assay: str) -> Bits:
        """Persons (bitmap) in whom the gene was looked at by this assay."""
        if gene in self.gaps:
            return pack(self._persons(self._covering(gene, assay)))
        bits = self._bits(assay, None).copy()
        for panel, genes in self.genes.items():
            if gene in genes:
                bits |= self._bits(assay, panel)
        return bits

    def grounds(self, gene: str, assay: str) -> Rows:
        """The tests that looked at the gene, each of which says no where nothing was found."""
        covering = self._covering(gene, assay)
        none = np.zeros_like(covering)
        return Rows("test", self.at, self.id, none, covering, none)

    def looked_at(self, gene: str, assay: str) -> tuple[NDArray[np.integer], NDArray[np.int64]]:
        """The tests that looked at the gene: the place of each one's person, and its id."""
        rows = self._covering(gene, assay)
        return self.at[rows], self.id[rows]

    def _covering(self, gene: str, assay: str) -> Mask:
        listing = [panel for panel, genes in self.genes.items() if gene in genes]
        found = self.usable & self.assay.among((assay,)) & (self.whole | self.panel.among(listing))
        found[self.gaps.get(gene, np.zeros(0, dtype=np.int64))] = False
        return found

    def _bits(self, assay: str, panel: str | None) -> Bits:
        """Persons with a test of one panel, or (None) of the whole exome or genome."""
        key = (assay, panel)
        if key not in self._known:
            covers = self.whole if panel is None else self.panel.among((panel,))
            self._known[key] = pack(self._persons(self.usable & self.assay.among((assay,)) & covers))
        return self._known[key]

    def _persons(self, rows: Mask) -> Mask:
        found = np.zeros(self.size, dtype=np.bool_)
        found[self.at[rows]] = True
        return found


def _gaps_by_gene(tests: pl.DataFrame, gaps: pl.DataFrame) -> dict[str, NDArray[np.int64]]:
    if gaps.is_empty():
        return {}
    rows = gaps.join(tests.select(pl.col("id").alias("test")).with_row_index("row"), on="test", how="inner")
    genes = approved_genes(Coded.of(rows["gene"]))
    place = rows["row"].cast(pl.Int64).to_numpy()
    return {gene: place[genes.codes == number] for number, gene in enumerate(genes.values)}
