"""Two hundred and sixty seeded faults in a study folder: nothing is lost silently, and each fault is named.

A line of a data file counts as accounted for if it gave a row, or stands in the quarantine, or its whole file does.
"""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

import kohort
from kohort.tables import CLINICAL
from tests.study import study_files, write_study

DATA = [name for name in study_files() if name.startswith("data_") and "panel_SEVEN" not in name]
LINED = [name for name in DATA if name != "data_cna.txt"]
Fault = Callable[[random.Random, dict[str, str | bytes]], str]


def _lines(files: dict[str, str | bytes], name: str) -> list[bytes]:
    text = files[name]
    return (text.encode() if isinstance(text, str) else text).splitlines(keepends=True)


def _body(lines: list[bytes]) -> int:
    return next(i for i, line in enumerate(lines) if not line.startswith(b"#")) + 1


def cut(rng: random.Random, files: dict[str, str | bytes]) -> str:
    """The file ends in the middle of a line."""
    name = rng.choice(LINED)
    lines = _lines(files, name)
    last = rng.randrange(_body(lines), len(lines))
    files[name] = b"".join(lines[:last]) + lines[last][: rng.randrange(1, len(lines[last]) - 1)]
    return name


def cut_gzip(rng: random.Random, files: dict[str, str | bytes]) -> str:
    """A compressed file ends too early."""
    name = rng.choice(LINED)
    packed = gzip.compress(b"".join(_lines(files, name)), mtime=0)
    files[name] = packed[: rng.randrange(len(packed) // 2, len(packed) - 9)]
    return name


def flip(rng: random.Random, files: dict[str, str | bytes]) -> str:
    """One byte becomes what no text file holds there: a bad byte, NUL, a tab, a quote, a line end."""
    name = rng.choice(LINED)
    lines = _lines(files, name)
    line = rng.randrange(_body(lines), len(lines))
    place = rng.randrange(len(lines[line].split(b"\t")[0]))
    bad = rng.choice([b"\xff", b"\x00", b"\t", b'"', b"\n"])
    lines[line] = lines[line][:place] + bad + lines[line][place + 1 :]
    files[name] = b"".join(lines)
    return name


def quote(rng: random.Random, files: dict[str, str | bytes]) -> str:
    """A cell begins with a quote that nothing closes."""
    name = rng.choice(DATA)
    lines = _lines(files, name)
    line = rng.randrange(_body(lines), len(lines))
    cells = lines[line].split(b"\t")
    cell = rng.randrange(len(cells))
    cells[cell] = b'"' + cells[cell]
    lines[line] = b"\t".join(cells)
    files[name] = b"".join(lines)
    return name


def utf16(rng: random.Random, files: dict[str, str | bytes]) -> str:
    """The whole file is UTF-16."""
    name = rng.choice(DATA)
    files[name] = b"".join(_lines(files, name)).decode().encode("utf-16")
    return name


def latin1(rng: random.Random, files: dict[str, str | bytes]) -> str:
    """A line holds a letter in Latin-1."""
    name = rng.choice(LINED)
    lines = _lines(files, name)
    line = rng.randrange(_body(lines), len(lines))
    lines[line] = lines[line].replace(b"\t", b"\xf8\t", 1)
    files[name] = b"".join(lines)
    return name


def duplicate(rng: random.Random, files: dict[str, str | bytes]) -> str:
    """A line stands twice."""
    name = rng.choice([n for n in LINED if "cna" not in n])
    lines = _lines(files, name)
    line = rng.randrange(_body(lines), len(lines))
    lines.insert(rng.randrange(line, len(lines)) + 1, lines[line])
    files[name] = b"".join(lines)
    return name


def two_patients(rng: random.Random, files: dict[str, str | bytes]) -> str:
    """Two patients have one id."""
    name = "data_clinical_patient.txt"
    lines = _lines(files, name)
    body = _body(lines)
    one, two = rng.sample(range(body, len(lines)), 2)
    lines[two] = lines[one].split(b"\t")[0] + b"\t" + lines[two].split(b"\t", 1)[1]
    files[name] = b"".join(lines)
    return name


def no_column(rng: random.Random, files: dict[str, str | bytes]) -> str:
    """A mandatory column lost its name."""
    name = rng.choice(DATA)
    lines = _lines(files, name)
    head = _body(lines) - 1
    needed = rb"(?i)\b(Hugo_Symbol|Tumor_Sample_Barcode|PATIENT_ID|SAMPLE_ID|START_DATE|Site1_Hugo_Symbol)\b"
    lines[head] = re.sub(needed, b"SOMETHING", lines[head], count=1)
    files[name] = b"".join(lines)
    return name


def shuffled_header(rng: random.Random, files: dict[str, str | bytes]) -> str:
    """The names of the header are shuffled, the data are not."""
    name = rng.choice(["data_mutations.txt", "data_timeline_treatment.txt", "data_timeline_status.txt"])
    lines = _lines(files, name)
    cells = lines[0].rstrip(b"\n").split(b"\t")
    fixed = 9 if "mutations" in name else 3  # the columns whose order the format gives
    turned = cells[:fixed]
    while turned == cells[:fixed]:
        rng.shuffle(turned)
    lines[0] = b"\t".join([*turned, *cells[fixed:]]) + b"\n"
    files[name] = b"".join(lines)
    return name


def stranger(rng: random.Random, files: dict[str, str | bytes]) -> str:
    """A line names a patient or sample that nobody knows."""
    name = rng.choice([n for n in LINED if n != "data_clinical_patient.txt"])
    lines = _lines(files, name)
    line = rng.randrange(_body(lines), len(lines))
    lines[line] = re.sub(rb"\bP\d{3}", b"Q999", lines[line])
    files[name] = b"".join(lines)
    return name


def no_date(rng: random.Random, files: dict[str, str | bytes]) -> str:
    """A date that does not exist, or a day that is no number."""
    name = rng.choice(["data_clinical_patient.txt", "data_timeline_treatment.txt", "data_timeline_status.txt"])
    lines = _lines(files, name)
    line = rng.randrange(_body(lines), len(lines))
    if "clinical" in name:
        lines[line] = re.sub(rb"2021-\d\d-15", b"2021-02-30", lines[line])
    else:
        lines[line] = re.sub(rb"\t\d+\t", b"\t12x\t", lines[line], count=1)
    files[name] = b"".join(lines)
    return name


def no_code(rng: random.Random, files: dict[str, str | bytes]) -> str:
    """An OncoTree code that does not exist."""
    name = "data_clinical_sample.txt"
    lines = _lines(files, name)
    line = rng.randrange(_body(lines), len(lines))
    lines[line] = re.sub(rb"\t(LUAD|COAD|BRCA|SKCM)\t", b"\tLUADD\t", lines[line])
    files[name] = b"".join(lines)
    return name


FAULTS: list[Fault] = [
    cut, cut_gzip, flip, quote, utf16, latin1, duplicate, two_patients, no_column, stranger, no_date, no_code,
    shuffled_header,
]  # fmt: skip
SEEDS_A_FAULT = 20


def _physical_lines(path: Path) -> int:
    """Lines counted by this test's own means."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        return -1  # what can be unpacked of a cut file is checked by the sum alone
    text = data.decode("utf-16") if data[:2] in (b"\xff\xfe", b"\xfe\xff") else data.decode("latin-1")
    return text.count("\n") + (not text.endswith("\n"))


def _lines_with_rows(site: kohort.Site) -> dict[int, set[int]]:
    told: dict[int, set[int]] = {}
    for table in CLINICAL:
        frame = site.tables.frame(table.name, ["source_file", "source_line"])
        for file, line in frame.unique().iter_rows():
            told.setdefault(file, set()).add(line)
    return told


def _check_nothing_is_lost(site: kohort.Site, study: Path) -> None:
    told = _lines_with_rows(site)
    quarantine = site.tables.frame("quarantine").filter(pl.col("severity") == "quarantined")
    for number, name, lines, accepted, set_aside in (
        site.tables.frame("ingest").select("file", "name", "lines", "accepted", "quarantined").iter_rows()
    ):
        assert lines == accepted + set_aside
        counted = _physical_lines(study / name)
        assert counted in (-1, lines), name
        aside = set(quarantine.filter(pl.col("file") == number)["line"])
        if name not in LINED or 0 in aside:
            continue
        text = (study / name).read_bytes()
        if text[:2] in (b"\x1f\x8b", b"\xff\xfe"):
            assert len(told.get(number, set()) | aside) >= lines - 5
            continue
        body = text.splitlines()
        data = {i for i, line in enumerate(body, 1) if not line.startswith(b"#") and line.strip()}
        header = min(data)
        assert data - {header} <= told.get(number, set()) | aside, name


@pytest.mark.parametrize("seed", range(SEEDS_A_FAULT))
@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.__name__)
def test_a_fault_is_named_and_loses_nothing(fault: Fault, seed: int, tmp_path: Path) -> None:
    """Each fault gives a finding with file, line, rule and words; all other lines arrive."""
    files: dict[str, str | bytes] = {**study_files()}
    name = fault(random.Random(f"{fault.__name__} {seed}"), files)
    study = write_study(tmp_path / "study", files)
    site = kohort.Site.create(tmp_path / "site", "Oslo", "NO")
    report = site.ingest([study])

    named = [f for f in report.findings if f.file == name]
    assert named, "the fault was not noticed"
    for finding in named:
        assert finding.rule.isidentifier()
        assert finding.message.endswith(".")
        assert len(finding.message) > 20
        assert not re.search(r"\bP\d{3}\b|\bQ999\b", finding.message)
    _check_nothing_is_lost(site, study)
    if fault not in (no_column, two_patients, cut, cut_gzip, shuffled_header) and "clinical" not in name:
        assert report.quarantined <= 2, "a fault in one line set others aside"
