"""Laws of laboratory files: whatever is done to their lines, each is accounted for and nothing is read twice."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.sources import open_source
from kohort.sources.in_memory import tables_in_memory
from kohort.sources.laboratory.keys import maf_place
from kohort.sources.lines import count_lines
from tests.tso500_files import DNA, RNA, TSO500, summary, variant_table

SUMMARY = summary((DNA, "7.8 (10)", "4.13 (5/121)", "MDM4 (1.741)", "NA", "NA"), (RNA, "NA", "NA", "NA", "NA", "NA"))
FILES = {"a.tsv": TSO500, "b.tsv": variant_table({}, {"Genomic_location": "17:7577121"}), "c.tsv": SUMMARY}

line_numbers = st.integers(0, 60)
harm = st.one_of(
    st.tuples(st.just("drop"), line_numbers, st.just("")),
    st.tuples(st.just("double"), line_numbers, st.just("")),
    st.tuples(st.just("cut"), line_numbers, st.just("")),
    st.tuples(st.just("write"), line_numbers, st.text(alphabet='NA\t[]"#:>0.7-|()x', max_size=20)),
)
bases = st.text(alphabet="ACGT", min_size=1, max_size=6)


def harmed(text: str, harms: list[tuple[str, int, str]]) -> str:
    lines = text.splitlines()
    for kind, number, other in harms:
        if not lines:
            break
        place = number % len(lines)
        if kind == "drop":
            del lines[place]
        elif kind == "double":
            lines.insert(place, lines[place])
        elif kind == "cut":
            lines[place] = lines[place][: len(lines[place]) // 2]
        else:
            lines[place] = other
    return "\n".join(lines) + "\n"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(FILES)), st.lists(harm, min_size=1, max_size=6))
def test_every_line_is_accounted_for(name: str, harms: list[tuple[str, int, str]]) -> None:
    """Reading never fails on odd lines; findings name lines that exist, and set-aside lines give no variant."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "kept.tsv").write_text(SUMMARY)
        path = Path(folder) / name
        path.write_text(harmed(FILES[name], harms))
        for file in open_source(Path(folder), "laboratory").files:
            chunks = list(file.chunks())
            assert sum(chunk.lines for chunk in chunks) == count_lines(file.path)
            for chunk in chunks:
                assert all(0 <= finding.line <= chunk.lines for finding in chunk.findings)
                assert {f.line for f in chunk.findings if f.severity == "quarantined" and f.line} <= set(
                    chunk.quarantined
                )
                for rows in chunk.rows:
                    assert rows.table != "variant" or not set(rows.frame["_line"]) & set(chunk.quarantined)
                    assert not rows.frame["_key"].null_count()


@settings(max_examples=30, deadline=None)
@given(st.lists(harm, max_size=4))
def test_each_variant_hangs_on_a_test_and_each_test_on_a_specimen(harms: list[tuple[str, int, str]]) -> None:
    """References of the tables in memory all lead somewhere."""
    with TemporaryDirectory() as folder:
        (Path(folder) / "kept.tsv").write_text(SUMMARY)
        (Path(folder) / "a.tsv").write_text(harmed(TSO500, harms))
        tables = tables_in_memory(open_source(Path(folder), "laboratory"))
        assert set(tables.frame("variant")["test"]) <= set(tables.frame("test")["id"])
        assert set(tables.frame("test")["specimen"]) <= set(tables.frame("specimen")["id"])
        known = set(tables.frame("person")["id"])
        for name in ("tumour", "specimen", "test", "variant", "finding"):
            assert set(tables.frame(name)["person"]) <= known
        assert tables.frame("variant").filter(pl.col("id").is_duplicated()).is_empty()


@given(st.integers(1, 1000), bases, bases, bases)
def test_bases_before_a_change_do_not_change_its_place(position: int, shared: str, ref: str, alt: str) -> None:
    """A VCF may put any number of shared bases before an indel: in MAF form the place is the same."""
    if ref != alt:
        plain = maf_place(position + len(shared), ref, alt)
        assert maf_place(position, shared + ref, shared + alt) == plain
