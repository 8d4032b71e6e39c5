"""Laws of the synthetic hospitals that hold for any input."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kohort.codes.national_ids import check_norwegian, read_norwegian
from kohort.errors import InputError
from kohort.synthetic import DEFAULT_HOSPITALS, Mess
from kohort.synthetic.identities import NorwegianNumbers
from kohort.synthetic.mess import Planter, plant_in_mutations, to_lines
from kohort.synthetic.regimens import parse_biomarkers
from kohort.synthetic.study import split_patients

days = st.integers(0, 38_000).map(lambda day: date(1920, 1, 1) + timedelta(days=day))


@given(st.integers(100, 10_000_000), st.lists(st.floats(0.01, 5), min_size=1, max_size=8))
def test_shares_of_patients_add_up(patients: int, shares: list[float]) -> None:
    """Each hospital gets its share within one patient, and the sum is exact."""
    hospitals = [replace(DEFAULT_HOSPITALS[0], share=share) for share in shares]
    counts = split_patients(patients, hospitals)
    assert sum(counts) == patients
    for count, share in zip(counts, shares, strict=True):
        assert abs(count - patients * share / sum(shares)) < 1 + 1e-6


@given(st.lists(st.tuples(days, st.booleans()), min_size=1, max_size=60), st.integers(1, 12))
def test_norwegian_numbers_are_unique_and_right(people: list[tuple[date, bool]], copies: int) -> None:
    """However many share a birth day: each number once, well formed, of the synthetic series, with sex and birth."""
    numbers = NorwegianNumbers()
    born = np.array([day for day, _ in people] * copies, dtype="datetime64[D]")
    female = np.array([sex for _, sex in people] * copies)
    batches = [numbers.draw(born, female) for _ in range(2)]
    ids = pl.concat([batch for batch, _ in batches])
    assert ids.n_unique() == len(ids)
    assert check_norwegian(ids, allow_synthetic=True).all()
    assert not check_norwegian(ids).any()
    for text, day, sex in zip(ids, np.concatenate([birth for _, birth in batches]), np.r_[female, female], strict=True):
        identity = read_norwegian(text, allow_synthetic=True)
        assert (identity.synthetic, identity.birth_date) == ("tenor", day.item())
        assert identity.sex == ("female" if sex else "male")


def test_a_full_day_passes_people_on_to_the_next() -> None:
    """More people than a day has numbers are born on the following days."""
    born = np.full(1_000, np.datetime64("1960-02-28"))
    ids, moved = NorwegianNumbers().draw(born, np.zeros(1_000, dtype=bool))
    assert ids.n_unique() == 1_000
    assert moved.max() > born[0]
    assert check_norwegian(ids, allow_synthetic=True).all()


def test_a_full_calendar_is_refused() -> None:
    """At the end of the calendar there is no next day."""
    born = np.full(400, np.datetime64("2039-12-31"))
    with pytest.raises(InputError, match="no free synthetic Norwegian number"):
        NorwegianNumbers().draw(born, np.zeros(400, dtype=bool))


@given(st.floats(0, 0.5), st.lists(st.integers(1, 400), min_size=1, max_size=6))
def test_the_number_of_faults_does_not_depend_on_blocks(share: float, blocks: list[int]) -> None:
    """However lines are cut into blocks, ``max(1, floor(share x lines))`` faults are planted in all."""
    planter = Planter(replace(Mess.none(), truncated_line=share))
    rng = np.random.default_rng(1)
    for size in blocks:
        planter.choose(rng, "truncated_line", np.ones(size, dtype=bool))
    expected = max(1, int(share * sum(blocks))) if share > 0 else 0
    assert planter.planted["truncated_line"] == expected


@given(st.floats(0, 0.4), st.floats(0, 0.4), st.integers(5, 300), st.integers(0, 1_000))
def test_faults_of_mutation_lines_can_be_counted(cut: float, copied: float, size: int, seed: int) -> None:
    """Any mess: short lines and copies in the text are exactly those that were planted."""
    frame = pl.DataFrame({f"c{column}": [f"{row}-{column}" for row in range(size)] for column in range(14)})
    planter = Planter(replace(Mess.none(), truncated_line=cut, duplicate_mutation=copied))
    lines = plant_in_mutations(np.random.default_rng(seed), planter, to_lines(frame, frame.columns)).to_list()
    assert sum(line.count("\t") < 13 for line in lines) == planter.planted["truncated_line"]
    assert len(lines) - len(set(lines)) == planter.planted["duplicate_mutation"]


@given(st.lists(st.sampled_from(["BRCA1", "BRAF:V600E", "ERBB2:amplification", "A::B", "MSI-H", "TMB-H"]), min_size=1))
def test_biomarkers_are_read_part_by_part(parts: list[str]) -> None:
    """Alternatives are read independently of each other."""
    assert parse_biomarkers(" or ".join(parts)) == tuple(parse_biomarkers(part)[0] for part in parts)
