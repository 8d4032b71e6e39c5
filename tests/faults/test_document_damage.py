"""Patient documents damaged at random: the balance of lines holds, damage costs its neighbourhood, no traceback."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

import kohort
from kohort.sources.lines import count_lines
from kohort.sources.matchminer.documents import Document, SetAside
from kohort.sources.matchminer.separated import CsvFile
from kohort.sources.matchminer.structured import JsonFile
from tests.patient_documents import as_csv, clinical_documents, genomic_documents, treatment_documents, write_delivery

COUNT = 20
EVENTS = [
    {
        "_id": {"$oid": f"{i:024x}"},
        "SAMPLE_ID": f"T-{i:02d}",
        "TRUE_HUGO_SYMBOL": "BRAF",
        "COMMENT": 'a "quoted", {odd}: [text] \\ here',
        "ALLELE_FRACTION": i / 40,
        "WILDTYPE": False,
        "NOTHING": None,
    }
    for i in range(COUNT)
]
CELLS = ("plain", "a, b", 'say "x"', "two\nlines", "three\n,\nlines")
SHAPES: dict[str, str] = {
    "array": json.dumps(EVENTS) + "\n",
    "indented": json.dumps(EVENTS, indent=2) + "\n",
    "lines": "".join(json.dumps(event) + "\n" for event in EVENTS),
    "in a row": "\n".join(json.dumps(event, indent=1) for event in EVENTS) + "\n",
    "shared lines": "[" + ", ".join(json.dumps(event, indent=1) for event in EVENTS) + "]\n",
    "named lists": json.dumps({"exported": "today", "genomic": EVENTS[:5], "more": EVENTS[5:]}, indent=1) + "\n",
    "csv": as_csv([{"SAMPLE_ID": f"T-{i:02d}", "GENE": "BRAF", "COMMENT": CELLS[i % 5]} for i in range(COUNT)]),
}
SIGNS = b'"{}[],:\\\n\r\xff\0;'


def lose(rng: random.Random, data: bytes) -> bytes:
    """One byte is lost."""
    place = rng.randrange(len(data))
    return data[:place] + data[place + 1 :]


def flip(rng: random.Random, data: bytes) -> bytes:
    """One byte is another."""
    place = rng.randrange(len(data))
    return data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :]


def add(rng: random.Random, data: bytes) -> bytes:
    """One sign of the notation, a bad byte, NUL or a line end too many."""
    place = rng.randrange(len(data))
    return data[:place] + bytes([rng.choice(SIGNS)]) + data[place:]


def read(path: Path, shape: str, block_bytes: int) -> list[Document | SetAside]:
    """All items of a file, each within the lines of its piece; the pieces together are the file's physical lines."""
    items: list[Document | SetAside] = []
    lines = 0
    for piece in (CsvFile if shape == "csv" else JsonFile)(path, block_bytes=block_bytes).pieces():
        assert all(lines < item.first <= item.last <= lines + piece.lines for item in piece.items)
        items += piece.items
        lines += piece.lines
    assert lines == count_lines(path)
    return items


@pytest.mark.parametrize("shape", SHAPES)
def test_the_size_of_blocks_does_not_matter(shape: str, tmp_path: Path) -> None:
    """A document that crosses blocks is read whole."""
    path = tmp_path / "file"
    path.write_text(SHAPES[shape])
    for block_bytes in (7, 61, 997, 1 << 20):
        items = read(path, shape, block_bytes)
        assert [item.values["SAMPLE_ID"] for item in items if isinstance(item, Document)] == [
            f"T-{i:02d}" for i in range(COUNT)
        ]
        assert len(items) == COUNT


@pytest.mark.parametrize("damage", [lose, flip, add])
@pytest.mark.parametrize("shape", SHAPES)
def test_one_wrong_byte_costs_one_document(
    shape: str, damage: Callable[[random.Random, bytes], bytes], tmp_path: Path
) -> None:
    """Two where the byte stood between them; the header of a CSV file and the names of lists are left in peace."""
    rng = random.Random(shape + damage.__name__)
    path = tmp_path / "file"
    whole = SHAPES[shape].encode()
    head = whole.index(b"\n") + 1 if shape == "csv" else 0
    for _ in range(150):
        path.write_bytes(whole[:head] + damage(rng, whole[head:]))
        items = read(path, shape, 61)
        assert items == read(path, shape, 1 << 20)
        kept = {item.values.get("SAMPLE_ID") for item in items if isinstance(item, Document)}
        assert len({event["SAMPLE_ID"] for event in EVENTS} - kept) <= 2


def maul(rng: random.Random, data: bytes) -> bytes:
    """A stretch is lost, doubled, moved or replaced by noise; or the file is cut, or packed and cut."""
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.randint(1, 200))
    match rng.randrange(6):
        case 0:
            return data[:start] + data[end:]
        case 1:
            return data[:end] + data[start:end] + data[end:]
        case 2:
            return data[end:] + data[start:end] + data[:start]
        case 3:
            return data[:start] + rng.randbytes(end - start) + data[end:]
        case 4:
            return data[:start]
        case _:
            packed = gzip.compress(data, mtime=0)
            return packed[: rng.randrange(len(packed) // 2, len(packed))]


@pytest.mark.parametrize("seed", range(50))
def test_a_delivery_damaged_at_random_is_read_as_far_as_it_goes(seed: int, tmp_path: Path) -> None:
    """Lines = accepted + quarantined, a second read changes nothing, and the rooms above work on what arrived."""
    rng = random.Random(seed)
    given = {
        "clinical": clinical_documents(),
        "genomic": genomic_documents(),
        "prior_treatments": treatment_documents(),
    }
    texts = {name: json.dumps(listed, indent=rng.choice([None, 1])).encode() for name, listed in given.items()}
    for _ in range(rng.randint(1, 4)):
        name = rng.choice([name for name, data in texts.items() if data])
        texts[name] = rng.choice([lose, flip, add, maul])(rng, texts[name])
    site = kohort.Site.create(tmp_path / "site", "Oslo", "NO")
    delivery = write_delivery(tmp_path / "delivery", **texts)
    try:
        report = site.ingest([delivery], "matchminer")
    except kohort.errors.UserError:
        return  # a delivery without any clinical document is refused in words
    assert report.lines == report.accepted + report.quarantined
    assert site.ingest([delivery], "matchminer").batch is None
    matches = kohort.match.match([kohort.match.default_protocol()], site, as_of=date(2026, 11, 23))
    assert matches.population.size == site.tables.frame("person")["person"].n_unique()
    kohort.profile.annotate(site)
