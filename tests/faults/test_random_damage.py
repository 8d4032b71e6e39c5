"""Studies damaged at random, several times each: the balance of lines holds, and nobody sees a traceback."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

import kohort
from tests.study import study_files, write_study

ODD = [b"\t\t", b"\r", b"\n\n", b'"', b"NA", b"-1", b"1e400", b"nan", b"9" * 30, b"#", b":"]


def damaged(rng: random.Random, data: bytes) -> bytes:  # noqa: PLR0911 - one return a kind of damage
    """The same file with one random damage."""
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.randint(1, 40))
    lines = data.split(b"\n")
    match rng.randrange(8):
        case 0:
            return data[:start] + bytes([rng.randrange(256)]) + data[start + 1 :]
        case 1:
            return data[:start] + rng.randbytes(rng.randint(1, 8)) + data[start:]
        case 2:
            return data[:start] + data[end:]
        case 3:
            return data[:end] + data[start:end] + data[end:]
        case 4:
            return data[:start] + rng.choice(ODD) + data[end:]
        case 5:
            return data[:start]
        case 6:
            return b"\n".join(rng.sample(lines, len(lines)))
        case _:
            cells = [line.split(b"\t") for line in lines]
            gone = rng.randrange(max(map(len, cells)))
            return b"\n".join(b"\t".join(c for i, c in enumerate(row) if i != gone) for row in cells)


@pytest.mark.parametrize("seed", range(60))
def test_a_study_damaged_at_random_is_read_as_far_as_it_goes(seed: int, tmp_path: Path) -> None:
    """Lines = accepted + quarantined, and the rooms above work on what arrived."""
    rng = random.Random(seed)
    files: dict[str, str | bytes] = {name: text.encode() for name, text in study_files().items()}
    for _ in range(rng.randint(1, 6)):
        name = rng.choice([name for name, data in files.items() if data])
        data = files[name]
        assert isinstance(data, bytes)
        files[name] = damaged(rng, data)
    site = kohort.Site.create(tmp_path / "site", "Oslo", "NO")
    try:
        report = site.ingest([write_study(tmp_path / "study", files)])
    except kohort.errors.UserError:
        return  # a folder that is no study any more is refused in words
    assert report.lines == report.accepted + report.quarantined
    matches = kohort.match.match([kohort.match.default_protocol()], site, as_of=date(2026, 11, 23))
    assert matches.population.size == site.tables.frame("person")["person"].n_unique()
    kohort.profile.annotate(site)
