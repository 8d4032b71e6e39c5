"""Tables in memory: one file is read without a site, a key or a disk."""

from __future__ import annotations

from pathlib import Path

import polars as pl

import kohort
from kohort.sources import open_source
from kohort.sources.in_memory import tables_in_memory
from tests.study import write_study
from tests.tso500_files import tso500, write

FILE = "IPD9001_CombinedVariantOutput__tsv"


def test_ids_are_numbers_in_the_order_of_appearance(tmp_path: Path) -> None:
    """They join within the tables, and hold nothing of the ids at the source."""
    tables = tables_in_memory(open_source(write(tmp_path, **{FILE: tso500()})))
    variants, tests = tables.frame("variant"), tables.frame("test")
    assert variants["id"].to_list() == [1, 2, 3, 4, 5]
    assert set(variants["test"]) <= set(tests["id"])
    assert set(tests["specimen"]) == set(tables.frame("specimen")["id"])
    assert tables.source_ids == {"IPD9001": 1}


def test_a_source_in_memory_says_the_same_as_a_site(tmp_path: Path) -> None:
    """Every value but ids and the header is the same, for each table."""
    study = write_study(tmp_path / "study", None)
    site = kohort.Site.create(tmp_path / "site", "Oslo", "NO")
    site.ingest([study])
    tables = tables_in_memory(open_source(study))
    for name in ("person", "tumour", "specimen", "test", "variant", "therapy", "finding"):
        plain = [
            column
            for column in site.tables.frame(name).columns
            if column not in {"id", "person", "tumour", "specimen", "test", "parent", "therapy", "country"}
            and not column.startswith(("source_", "batch", "valid_"))
        ]
        stored, held = site.tables.frame(name, plain), tables.frame(name, plain)
        assert stored.height == held.height > 0
        assert stored.sort(plain).equals(held.sort(plain))


def test_a_row_that_breaks_a_rule_is_left_out_with_a_finding(tmp_path: Path) -> None:
    """As in a site: the line is named, the other rows stay."""
    study = write_study(tmp_path / "study", None)
    path = study / "data_mutations.txt"
    lines = path.read_text().splitlines()
    place = lines[0].split("\t").index("Start_Position")
    cells = lines[1].split("\t")
    lines[1] = "\t".join([*cells[:place], "-5", *cells[place + 1 :]])
    path.write_text("\n".join(lines) + "\n")
    tables = tables_in_memory(open_source(study))
    assert [(f.rule, f.line) for f in tables.findings[path]] == [("out_of_range", 2)]
    assert 2 not in tables.frame("variant").filter(pl.col("class") == "snv")["source_line"].to_list()
