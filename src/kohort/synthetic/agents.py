"""How a hospital writes its drugs: the clean names, and many raw spellings of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.synthetic.cited import cited_table
from kohort.synthetic.course import OPERATION
from kohort.synthetic.regimens import regimens

__all__ = ["OPERATION_TEXT", "RADIOTHERAPY_TEXT", "Agents"]

Ints = NDArray[np.int64]

OPERATION_TEXT, RADIOTHERAPY_TEXT = "resection", "external beam"
SPELLINGS_A_REGIMEN = 12
_SEPARATORS = (" + ", "/", ", ", "; ", " and ", "+")


@dataclass(frozen=True, slots=True)
class Agents:
    """Texts for the AGENT column.

    Attributes:
        clean: (E,) international names joined the hospital's way: all regimens, then all single drugs.
        raw: (E x `SPELLINGS_A_REGIMEN`,) other spellings, entry after entry.
        single: regimen -> entries of its drugs one by one.
    """

    clean: pl.Series
    raw: pl.Series
    single: tuple[tuple[int, ...], ...]

    @classmethod
    def of(cls, rng: np.random.Generator, combination: str) -> Agents:
        """Spells every regimen, joining drugs with ``combination`` where it is clean."""
        every = [regimen.drugs for regimen in regimens().all]
        names = sorted({drug for drugs in every for drug in drugs})
        entries = [*every, *((name,) for name in names)]
        known = {row["drug"]: tuple(row["spellings"].split(";")) for row in cited_table("spellings").rows}
        raw = [_respell(rng, drugs, known) for drugs in entries for _ in range(SPELLINGS_A_REGIMEN)]
        place = {name: len(every) + number for number, name in enumerate(names)}
        return cls(
            clean=pl.Series([combination.join(drugs) for drugs in entries]),
            raw=pl.Series(raw),
            single=tuple(tuple(place[drug] for drug in drugs) for drugs in every),
        )

    def write(self, rng: np.random.Generator, entry: Ints, misspelt: float) -> tuple[pl.Series, NDArray[np.bool_]]:
        """Texts of these entries (or `OPERATION`, `RADIOTHERAPY`), and which of them are raw spellings."""
        drug = entry >= 0
        raw = drug & (rng.random(len(entry)) < misspelt)
        which = np.maximum(entry, 0)
        spelling = which * SPELLINGS_A_REGIMEN + rng.integers(0, SPELLINGS_A_REGIMEN, len(entry))
        procedure = pl.Series(np.where(entry == OPERATION, OPERATION_TEXT, RADIOTHERAPY_TEXT), dtype=pl.String)
        text = self.clean[which].zip_with(~pl.Series(raw), self.raw[spelling])
        return text.zip_with(pl.Series(drug), procedure), raw


def _respell(rng: np.random.Generator, drugs: tuple[str, ...], known: dict[str, tuple[str, ...]]) -> str:
    """One raw spelling: at least one drug under another name or in another case, joined anyhow."""
    sure = int(rng.integers(len(drugs)))
    parts = [
        _other_name(rng, drug, known[drug]) if number == sure or rng.random() < 0.5 else drug
        for number, drug in enumerate(drugs)
    ]
    return _SEPARATORS[int(rng.integers(len(_SEPARATORS)))].join(parts)


def _other_name(rng: np.random.Generator, drug: str, spellings: tuple[str, ...]) -> str:
    choices = (*spellings, *spellings, drug.upper(), drug.capitalize())
    return choices[int(rng.integers(len(choices)))]
