"""GISTIC's table of thresholded copy numbers by gene, and its tables that hold no calls of a patient."""

from __future__ import annotations

from pathlib import Path

import pytest

from kohort.sources.laboratory.gistic import GISTIC, GISTIC_OTHER
from tests.laboratory_files import Told, read_lines

HEADER = "Gene Symbol\tLocus ID\tCytoband\tS1\ts2-T"


def tell(tmp_path: Path, *lines: str) -> Told:
    return read_lines(GISTIC, tmp_path, "all_thresholded.by_genes.txt", [HEADER, *lines])


def told_by(told: Told, *columns: str) -> list[tuple[object, ...]]:
    return [tuple(variant.get(column) for column in columns) for variant in told.variants]


def test_calls_other_than_neutral_are_copy_numbers(tmp_path: Path) -> None:
    """-2 deep loss, -1 loss, 1 gain, 2 amplification; NA was not read; a sample keeps its letters as written."""
    told = tell(tmp_path, "ERBB2\t2064\t17q12\t2\t0", "CDKN2A\t1029\t9p21.3\t-2\t-1", "KRAS\t3845\t12p12.1\tNA\t1")
    assert told_by(told, "test", "class", "gene", "copies") == [
        ("S1|copy_number", "cnv", "ERBB2", 2),
        ("S1|copy_number", "cnv", "CDKN2A", -2),
        ("s2-T|copy_number", "cnv", "CDKN2A", -1),
        ("S1|copy_number", "not_assessed", "KRAS", None),
        ("s2-T|copy_number", "cnv", "KRAS", 1),
    ]
    assert told.findings == []


def test_every_gene_of_the_table_was_read_in_every_sample(tmp_path: Path) -> None:
    """So a gene without a call is a no, not an unknown: the table is the panel of its samples."""
    told = tell(tmp_path, "ERBB2\t2064\t17q12\t0\t0", "MYC\t4609\t8q24.21\t0\t0")
    tests = told.table("test")
    assert told.variants == []
    assert tests.select("specimen", "assay", "coverage").rows() == [
        ("S1", "copy_number", "panel"), ("s2-T", "copy_number", "panel")
    ]  # fmt: skip
    (panel,) = set(tests["panel"])
    codes = told.table("code")
    assert codes.select("system", "code").rows() == [(f"panel/{panel}", "ERBB2"), (f"panel/{panel}", "MYC")]


def test_a_gene_with_several_places_loses_the_mark_of_its_chromosome(tmp_path: Path) -> None:
    """GISTIC writes ``AKAP17A|chrX``; the gene is AKAP17A, and the second place repeats it."""
    told = tell(tmp_path, "AKAP17A|chrX\t8227\tXp22\t1\t0", "AKAP17A|chrY\t8227\tYp11\t1\t0")
    assert told_by(told, "gene", "copies") == [("AKAP17A", 1)]
    assert told.findings == [("duplicate_line", 3, None)]


def test_a_value_that_is_no_call_and_a_cut_line_are_named(tmp_path: Path) -> None:
    """The value was taken as not read; the line was set aside."""
    told = tell(tmp_path, "ERBB2\t2064\t17q12\t3\t2", "MYC\t4609", "\t4609\t8q24.21\t1\t1")
    assert told_by(told, "class", "copies") == [("not_assessed", None), ("cnv", 2)]
    assert told.findings == [
        ("no_copy_number_call", 2, "S1"), ("too_few_columns", 3, None), ("missing_gene", 4, "HUGO_SYMBOL")
    ]  # fmt: skip
    assert (told.chunk.lines, told.accepted) == (4, 2)


@pytest.mark.parametrize(
    ("name", "lines", "rule"),
    [
        ("all_data_by_genes.txt", ["Gene Symbol\tGene ID\tCytoband\tS1", "MYC\t4609\t8q24\t0.731"], "no_calls"),
        ("amp_genes.conf_99.txt", ["cytoband\t17q12\t8q24.21", "q value\t0.01\t0.02"], "no_patients"),
        ("del_genes.conf_99.txt", ["cytoband\t9p21.3"], "no_patients"),
    ],
)
def test_tables_without_calls_are_recognised_and_left(tmp_path: Path, name: str, lines: list[str], rule: str) -> None:
    """Log2 ratios need each sample's thresholds, peaks are of a cohort; the finding says what to send instead."""
    told = read_lines(GISTIC_OTHER, tmp_path, name, lines)
    assert told.findings == [(rule, 0, None)]
    assert "all_thresholded.by_genes.txt" in told.chunk.findings[0].message
    assert not GISTIC.recognises(name, "\n".join(lines))
    assert (told.chunk.rows, told.accepted) == ((), len(lines))
