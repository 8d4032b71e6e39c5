"""A whole variant table is normalised row by row, in order, by joins."""

from __future__ import annotations

import polars as pl
import pytest

from kohort.profile import normalise_frame

TABLE = """
class        gene   hgvs_p      classification      partner copies exon | gene_symbol kind             alteration      exon_number
snv          BRAF   p.V600E     Missense_Mutation   -       -      -    | BRAF        missense         p.V600E         -
snv          HER2   p.S310F     -                   -       -      -    | ERBB2       missense         p.S310F         -
snv          TP53   p.R7R       Splice_Site         -       -      -    | TP53        splice           p.X7_splice     -
snv          TP53   -           Splice_Site         -       -      -    | TP53        splice           splice          -
snv          TP53   .           Frame_Shift_Del     -       -      -    | TP53        frameshift       frameshift      -
indel        TP53   p.RN209fs   Frame_Shift_Del     -       -      -    | TP53        frameshift       p.R209fs        -
indel        EGFR   p.A5_C6del  In_Frame_Del        -       -      19   | EGFR        inframe_deletion p.A5_C6del      19
snv          -      BRAF:V600E  -                   -       -      -    | BRAF        missense         p.V600E         -
cnv          ERBB2  -           -                   -       2      -    | ERBB2       amplification    amplification   -
cnv          ERBB2  -           -                   -       1      -    | ERBB2       gain             gain            -
cnv          ERBB2  -           -                   -       0      -    | ERBB2       copy_neutral     copy_neutral    -
cnv          PTEN   -           -                   -       -1     -    | PTEN        loss             loss            -
cnv          PTEN   -           -                   -       -2     -    | PTEN        deletion         deletion        -
fusion       EML4   -           -                   ALK     -      -    | EML4        fusion           EML4::ALK       -
sv           EML4   -           -                   ALK     -      -    | EML4        fusion           EML4::ALK       -
fusion       ALK    EML4-ALK    -                   -       -      -    | ALK         fusion           EML4::ALK       -
fusion       ALK    -           -                   -       -      -    | ALK         fusion           fusion          -
sv           ALK    -           -                   ALK     -      -    | ALK         intragenic_rearrangement intragenic_rearrangement -
sv           ALK    -           -                   -       -      -    | ALK         text             -               -
snv          -      MSS         -                   -       -      -    | -           absent           MSS             -
snv          TERT   C228T       -                   -       -      -    | TERT        promoter         c.-124C>T       -
snv          FLT3   TKD         -                   -       -      -    | FLT3        text             TKD             -
snv          UGT1A1 rs8175347   -                   -       -      -    | UGT1A1      polymorphism     rs8175347       -
snv          BRAF   garbage     -                   -       -      -    | BRAF        text             garbage         -
not_assessed BRAF   -           -                   -       -      -    | BRAF        -                -               -
"""  # noqa: E501


def _rows() -> list[tuple[list[str | None], list[str | None]]]:
    def cells(text: str) -> list[str | None]:
        return [None if cell == "-" else cell.replace("_", " ") if cell[0].islower() else cell for cell in text.split()]

    lines = TABLE.strip().splitlines()[1:]
    sides = [line.split(" | ") for line in lines]
    return [([None if c == "-" else c for c in left.split()], cells(right)) for left, right in sides]


@pytest.fixture(scope="module")
def normal() -> pl.DataFrame:
    names = ["class", "gene", "hgvs_p", "classification", "partner", "copies", "exon"]
    given = pl.DataFrame([left for left, _ in _rows()], schema=dict.fromkeys(names, pl.String), orient="row")
    return normalise_frame(given.with_columns(pl.col("copies", "exon").cast(pl.Int32)))


@pytest.mark.parametrize("number", range(len(_rows())))
def test_each_class_of_variant_has_its_normal_form(normal: pl.DataFrame, number: int) -> None:
    """Copy-number calls, fusions, blanks and protein changes each give gene, kind and canonical text."""
    gene, kind, alteration, exon = _rows()[number][1]
    row = normal.row(number, named=True)
    found = [row["gene_symbol"], row["kind"], row["alteration"] or None, row["exon_number"]]
    fixed = alteration.replace("X7 splice", "X7_splice").replace("A5 C6", "A5_C6") if alteration else None
    assert found == [gene, kind, fixed, int(exon) if exon else None]


def test_rows_and_other_columns_stay_as_they_were(normal: pl.DataFrame) -> None:
    """Normalising adds columns and changes neither order nor number of rows."""
    given = pl.DataFrame({"gene": ["B", "A", "B"], "hgvs_p": ["p.A1V", "x", "p.A1V"], "own": [3, 1, 2]})
    found = normalise_frame(given)
    assert found.select("gene", "hgvs_p", "own").equals(given)
    assert normalise_frame(found).equals(found)


def test_a_remark_says_what_was_odd(normal: pl.DataFrame) -> None:
    """Unread text, an old gene name and a kind taken from the classification are told on their rows."""
    remarks = dict(zip(normal["hgvs_p"], normal["remark"], strict=True))
    assert remarks["p.V600E"] is None
    assert "read as ERBB2" in remarks["p.S310F"]
    assert "not known" in remarks["garbage"]
    assert "classification" in remarks["."]


def test_a_table_without_rows_is_normalised_to_a_table_without_rows() -> None:
    """No variants are no error."""
    given = pl.DataFrame(schema={"gene": pl.String, "hgvs_p": pl.String})
    assert normalise_frame(given).height == 0


def test_a_contradiction_between_change_and_classification_is_a_remark() -> None:
    """The same rule as for one alteration holds for the table."""
    given = pl.DataFrame({"gene": ["BRAF"], "hgvs_p": ["p.V600E"], "classification": ["Silent"]})
    assert "disagree" in normalise_frame(given)["remark"][0]
