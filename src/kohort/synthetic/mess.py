"""Plants faults, and counts exactly what was planted.

A line carries at most one fault of those that spoil it, and copies are made of lines without one, so each fault can be
counted in the bytes of the file. How many of a fault a study has depends on its number of lines alone, not on chance.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.synthetic.model import FAULTS, Mess

__all__ = [
    "IMPOSSIBLE_DATES",
    "TEXT_STARTS",
    "WRONG_ONCOTREE",
    "Planter",
    "plant_in_mutations",
    "plant_in_panels",
    "plant_in_patients",
    "plant_in_samples",
    "plant_in_status",
    "plant_in_treatments",
    "to_lines",
]

Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]

IMPOSSIBLE_DATES = ("2021-02-30", "2019-11-31", "2022-13-01", "2023-02-29", "2020-06-31")
TEXT_STARTS = ("unknown", "week 12", "2019-05", "not recorded", "ca. 90")
WRONG_ONCOTREE = ("NOTACODE", "LUNGCA", "BRST", "C50", "CRCX", "UNK")
LEAST_TRUNCATED = 3  # columns that a truncated line keeps at least


@dataclass
class Planter:
    """Chooses lines for faults and keeps count.

    Attributes:
        mess: shares of lines.
        planted: fault -> how many so far; every fault has a key.
    """

    mess: Mess
    planted: Counter[str] = field(default_factory=lambda: Counter({fault.name: 0 for fault in FAULTS}))
    _seen: Counter[str] = field(default_factory=Counter)

    def choose(self, rng: np.random.Generator, fault: str, free: Truths) -> Ints:
        """Lines for a fault, marked as taken in ``free``: so many that ``max(1, floor(share x lines))`` are planted."""
        share = getattr(self.mess, fault)
        self._seen[fault] += len(free)
        wanted = max(1, int(share * self._seen[fault])) - self.planted[fault] if share > 0 else 0
        candidates = np.flatnonzero(free)
        chosen = np.sort(rng.choice(candidates, size=min(wanted, len(candidates)), replace=False))
        free[chosen] = False
        self.planted[fault] += len(chosen)
        return chosen


def to_lines(frame: pl.DataFrame, columns: list[str]) -> pl.Series:
    """Rows as tab-separated text without line ends; null is empty."""
    texts = [pl.col(name).cast(pl.String).fill_null("") for name in columns]
    return frame.select(pl.concat_str(texts, separator="\t").alias("line")).to_series()


def _put(frame: pl.DataFrame, column: str, places: Ints, values: pl.Series) -> pl.DataFrame:
    """The frame with text values put at some places of a column."""
    texts = frame[column].cast(pl.String)
    return frame.with_columns(texts.scatter(places.tolist(), values.cast(pl.String)).alias(column))


def _any_of(rng: np.random.Generator, pool: tuple[str, ...], size: int) -> pl.Series:
    return pl.Series(pool)[rng.integers(0, len(pool), size)]


def plant_in_patients(
    rng: np.random.Generator, planter: Planter, rows: pl.DataFrame, *, mixed_encoding: bool
) -> tuple[pl.DataFrame, Ints]:
    """Impossible dates, lower-case ICD codes, and second patients with the id of another, at the end.

    Returns:
        the rows, and the places of those to write in Latin-1 (none unless ``mixed_encoding``).
    """
    free = np.ones(rows.height, dtype=bool)
    beyond_ascii = rows["REFERRING_PLACE"].str.contains("[^ -~]") & mixed_encoding
    latin1 = _among(rng, planter, "latin1_line", free, beyond_ascii)
    shared = rows[planter.choose(rng, "shared_id", free)]
    dates = planter.choose(rng, "impossible_date", free)
    rows = _put(rows, "DATE_OF_DIAGNOSIS", dates, _any_of(rng, IMPOSSIBLE_DATES, len(dates)))
    lower = planter.choose(rng, "lower_case_icd", free)
    rows = _put(rows, "ICD_10", lower, rows["ICD_10"][lower].str.to_lowercase())
    return pl.concat([rows, _other_person(shared)], how="vertical_relaxed"), latin1


def _other_person(rows: pl.DataFrame) -> pl.DataFrame:
    """The same ids with the other sex and a birth 11 years earlier."""
    swapped = pl.when(pl.col("SEX") == "Male").then(pl.lit("Female")).otherwise(pl.lit("Male"))
    birth = (
        pl.col("BIRTH_DATE").str.to_date("%Y-%m-%d").dt.offset_by("-11y").cast(pl.String)
        if "BIRTH_DATE" in rows.columns
        else pl.col("YEAR_OF_BIRTH") - 11
    )
    return rows.with_columns(swapped.alias("SEX"), pl.col("AGE") + 11, birth)


def plant_in_samples(
    rng: np.random.Generator, planter: Planter, rows: pl.DataFrame, strangers: pl.Series
) -> pl.DataFrame:
    """Unknown OncoTree codes, and samples of patients whom the patient file does not have, at the end.

    Args:
        rng: random numbers.
        planter: counts.
        rows: the sample file.
        strangers: ids that no patient has; as many samples may be planted.
    """
    free = np.ones(rows.height, dtype=bool)
    wrong = planter.choose(rng, "unknown_oncotree", free)
    chosen = planter.choose(rng, "unknown_patient", free)
    rows = _put(rows, "ONCOTREE_CODE", wrong, _any_of(rng, WRONG_ONCOTREE, len(wrong)))
    orphans = rows[chosen].with_columns(
        strangers.head(len(chosen)).alias("PATIENT_ID"), pl.col("SAMPLE_ID").str.replace("[AB]$", "X")
    )
    return pl.concat([rows, orphans])


def plant_in_panels(rng: np.random.Generator, planter: Planter, rows: pl.DataFrame) -> pl.DataFrame:
    """Leaves out some tested samples."""
    free = np.ones(rows.height, dtype=bool)
    planter.choose(rng, "sample_without_panel", free)
    return rows.filter(pl.Series(free, dtype=pl.Boolean))


def plant_in_treatments(rng: np.random.Generator, planter: Planter, rows: pl.DataFrame) -> pl.DataFrame:
    """Text for a start, a stop before the start, a stray quote, and exact copies at the end."""
    rows = rows.cast({"STOP_DATE": pl.String}).with_columns(pl.col("START_DATE").cast(pl.String).alias("start"))
    free = np.ones(rows.height, dtype=bool)
    back = _among(rng, planter, "stop_before_start", free, rows["STOP_DATE"].is_not_null())
    quoted = _among(rng, planter, "stray_quote", free, ~rows["raw"])
    text = planter.choose(rng, "text_start_date", free)
    copies = planter.choose(rng, "duplicate_treatment", free)
    rows = _put(rows, "STOP_DATE", back, rows["START_DATE"][back] - pl.Series(rng.integers(1, 31, len(back))))
    rows = _put(rows, "start", text, _any_of(rng, TEXT_STARTS, len(text)))
    rows = _put(rows, "AGENT", quoted, '"' + rows["AGENT"][quoted])
    rows = pl.concat([rows, rows[copies]]).with_columns(pl.col("start").alias("START_DATE"))
    planter.planted["drug_spelling"] += int(rows["raw"].sum())
    return rows


def _among(rng: np.random.Generator, planter: Planter, fault: str, free: Truths, fit: pl.Series) -> Ints:
    """Free lines for a fault that not every line can have."""
    fitting = free & fit.to_numpy()
    chosen = planter.choose(rng, fault, fitting)
    free[chosen] = False
    return chosen


def plant_in_mutations(rng: np.random.Generator, planter: Planter, lines: pl.Series) -> pl.Series:
    """Exact copies at the end, and lines that end too early."""
    free = np.ones(len(lines), dtype=bool)
    cut = planter.choose(rng, "truncated_line", free)
    copies = lines[planter.choose(rng, "duplicate_mutation", free)]
    shorter = [_cut(line, int(rng.integers(1 << 30))) for line in lines[cut]]
    return lines.scatter(cut.tolist(), pl.Series(shorter, dtype=pl.String)).append(copies)


def _cut(line: str, draw: int) -> str:
    """The line up to the end of some column, neither the last nor one of the first."""
    columns = line.split("\t")
    return "\t".join(columns[: LEAST_TRUNCATED + draw % (len(columns) - LEAST_TRUNCATED)])


def plant_in_status(rng: np.random.Generator, planter: Planter, lines: pl.Series) -> pl.Series:
    """Lines with an extra tab after a column."""
    free = np.ones(len(lines), dtype=bool)
    chosen = planter.choose(rng, "extra_tab", free)
    longer = []
    for line in lines[chosen]:
        columns = line.split("\t")
        columns.insert(int(rng.integers(1, len(columns))), "")
        longer.append("\t".join(columns))
    return lines.scatter(chosen.tolist(), pl.Series(longer, dtype=pl.String))
