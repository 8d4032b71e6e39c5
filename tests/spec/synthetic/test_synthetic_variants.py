"""The large mutation file: exact size, plain 13 columns, the same bytes for a seed, bounded memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kohort.errors import InputError
from kohort.synthetic import WrittenStudy, write_variants
from kohort.synthetic.frequencies import genes
from kohort.synthetic.variants import MUTATION_COLUMNS
from tests.spec.synthetic.raw_study import RawFile


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> WrittenStudy:
    """A small one: 25,001 variants."""
    return write_variants(tmp_path_factory.mktemp("variants"), rows=25_001, seed=3)


def test_the_file_has_as_many_rows_as_asked_for(study: WrittenStudy) -> None:
    """Lines, columns and the small files around it."""
    file = RawFile.read(study.path / "data_mutations.txt")
    assert len(file.lines) == study.variants == study.lines["data_mutations.txt"] == 25_001
    assert file.columns == [name.upper() for name in MUTATION_COLUMNS]
    assert set(file.tabs()) == {0}
    assert study.planted == {}


def test_no_row_is_a_copy(study: WrittenStudy) -> None:
    """A sample has a gene at most once, so reading counts what was written."""
    file = RawFile.read(study.path / "data_mutations.txt")
    pairs = list(zip(file.cells("Tumor_Sample_Barcode"), file.cells("Hugo_Symbol"), strict=True))
    assert len(set(pairs)) == len(pairs)


def test_samples_patients_and_panel_fit(study: WrittenStudy) -> None:
    """Every sample of the mutation file is in the sample file and the matrix."""
    barcodes = set(RawFile.read(study.path / "data_mutations.txt").cells("Tumor_Sample_Barcode"))
    assert barcodes == set(RawFile.read(study.path / "data_clinical_sample.txt").cells("SAMPLE_ID"))
    assert barcodes == set(RawFile.read(study.path / "data_gene_panel_matrix.txt").cells("SAMPLE_ID"))
    assert len(barcodes) == study.samples == 626


def test_variants_lie_in_their_gene(study: WrittenStudy) -> None:
    """Chromosome and positions are the gene's, and the end follows from the bases."""
    known = genes()
    for row in RawFile.read(study.path / "data_mutations.txt").rows():
        place = known.index[row["HUGO_SYMBOL"]]
        start, end = int(row["START_POSITION"]), int(row["END_POSITION"])
        assert row["CHROMOSOME"] == known.chromosomes[place]
        assert known.start[place] <= start <= end <= known.end[place]
        length = 2 if row["REFERENCE_ALLELE"] == "-" else len(row["REFERENCE_ALLELE"])
        assert end - start + 1 == length


def test_classification_type_and_bases_agree(study: WrittenStudy) -> None:
    """A deletion has no new bases, an insertion no old ones, a substitution as many of both."""
    for row in RawFile.read(study.path / "data_mutations.txt").rows():
        old, new = row["REFERENCE_ALLELE"], row["TUMOR_SEQ_ALLELE2"]
        match row["VARIANT_TYPE"]:
            case "DEL":
                assert new == "-"
                assert (row["VARIANT_CLASSIFICATION"] == "In_Frame_Del") == (len(old) % 3 == 0)
            case "INS":
                assert old == "-"
                assert row["VARIANT_CLASSIFICATION"] == "Frame_Shift_Ins"
            case _:
                assert len(old) == len(new)
                assert old != new


def test_the_same_seed_gives_the_same_file(tmp_path: Path) -> None:
    """Seed and rows decide every byte."""
    first, second = (write_variants(tmp_path / name, rows=500, seed=9).path for name in ("one", "two"))
    assert (first / "data_mutations.txt").read_bytes() == (second / "data_mutations.txt").read_bytes()


@pytest.mark.parametrize("rows", [0, 200_000_001])
def test_row_numbers_out_of_range_are_refused(tmp_path: Path, rows: int) -> None:
    """From 1 to 200 million rows."""
    with pytest.raises(InputError, match="200,000,000"):
        write_variants(tmp_path, rows=rows)


PEAK = """
import re, resource, sys
from pathlib import Path
from kohort.synthetic import DEFAULT_HOSPITALS, write_hospitals, write_variants
size, folder = int(sys.argv[2]), Path(sys.argv[3])
if sys.argv[1] == "patients":
    write_hospitals(folder, patients=size)
else:
    write_variants(folder, rows=size)
status = Path("/proc/self/status")  # on Linux ru_maxrss begins with what the process that started this one took
if status.exists():
    print(int(re.search(r"VmHWM:\\s+(\\d+) kB", status.read_text())[1]) // 1024)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.parametrize(("what", "small", "large"), [("patients", 30_000, 90_000), ("variants", 200_000, 600_000)])
def test_memory_does_not_grow_with_size(tmp_path: Path, what: str, small: int, large: int) -> None:
    """Three times as many patients, or variants, need at most 80 MB more, and less than 1 GB in all."""
    peaks = [
        int(
            subprocess.run(
                [sys.executable, "-c", PEAK, what, str(size), str(tmp_path / str(size))],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for size in (small, large)
    ]
    assert peaks[1] < 1_000
    assert peaks[1] - peaks[0] < 80
