"""Gene names lead to the approved symbol of HGNC, or to nothing where they could mean two genes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kohort.codes import genes
from kohort.errors import InputError
from tests.support import SHARED, needs_shared

PACK = SHARED / "knowledge" / "hgnc_genes.tsv"

HEAD = "hgnc_id\tsymbol\talias_symbols\tprevious_symbols\n"
ROWS = (
    "HGNC:7133\tKMT2D\tCAGL114, MLL4\tMLL2\n"
    "HGNC:15840\tKMT2B\tMLL2, MLL4\t\n"
    "HGNC:1101\tBRCA2\t\tFANCD\n"
    "HGNC:3585\tFANCD2\t\tFANCD\n"
)


@pytest.mark.parametrize("name", ["EGFR", "egfr", " EGFR "])
def test_an_approved_symbol_is_found_in_any_case(name: str):
    """Case and blanks around a symbol do not matter."""
    assert genes.resolve(name) == genes.Gene("HGNC:3236", "EGFR")


@pytest.mark.parametrize(
    ("name", "symbol"), [("HER2", "ERBB2"), ("PD-L1", "CD274"), ("LKB1", "STK11"), ("MLL3", "KMT2C")]
)
def test_earlier_and_other_names_lead_to_the_approved_symbol(name: str, symbol: str):
    """Reports use names that HGNC has replaced, or never approved."""
    found = genes.resolve(name)
    assert found is not None
    assert found.symbol == symbol


def test_a_previous_name_goes_before_an_alias():
    """MLL2 was the name of KMT2D and is also used for KMT2B."""
    assert genes.table().match("MLL2") == (genes.Gene("HGNC:7133", "KMT2D"), "previous")
    assert [gene.symbol for gene in genes.candidates("MLL2")] == ["KMT2D", "KMT2B"]


def test_an_ambiguous_alias_resolves_to_nothing():
    """TRK is NTRK1 and TPM3; guessing would make a wrong biomarker."""
    assert genes.resolve("TRK") is None
    assert {gene.symbol for gene in genes.candidates("TRK")} == {"NTRK1", "TPM3"}


def test_an_ambiguous_previous_name_resolves_to_nothing(tmp_path: Path):
    """Two genes were once called FANCD."""
    table = _pack(tmp_path)
    assert table.resolve("FANCD") is None
    assert [gene.symbol for gene in table.candidates("FANCD")] == ["BRCA2", "FANCD2"]


def test_an_unknown_name_has_no_gene_and_no_candidate():
    """A name that is in no list is unknown, not an error."""
    assert genes.resolve("NOT_A_GENE") is None
    assert genes.candidates("NOT_A_GENE") == ()


def test_an_approved_symbol_is_its_own_first_candidate():
    """The approved gene is listed before others that share the name."""
    assert genes.candidates("EGFR")[0].symbol == "EGFR"


def test_a_column_is_resolved_row_by_row():
    """Nulls and unknown names stay null; order and length stay."""
    found = genes.resolve_series(pl.Series(["HER2", None, "EGFR", "TRK", "HER2"]))
    assert found.to_dict(as_series=False) == {
        "symbol": ["ERBB2", None, "EGFR", None, "ERBB2"],
        "hgnc_id": ["HGNC:3430", None, "HGNC:3236", None, "HGNC:3430"],
        "matched": ["alias", None, "approved", None, "alias"],
    }


def test_an_empty_column_gives_an_empty_frame():
    """No rows in, no rows out, with the same columns."""
    assert genes.resolve_series(pl.Series([], dtype=pl.String)).columns == ["symbol", "hgnc_id", "matched"]


def test_the_starter_table_says_where_it_is_from():
    """Source, version, licence and sum are part of every table."""
    source = genes.starter().source
    assert (source.name, source.licence) == ("HGNC", "CC0 1.0")
    assert len(source.sha256) == 64
    assert {"EGFR", "KRAS", "TP53"} <= genes.symbols()


def test_a_pack_is_read_with_names_divided_by_commas(tmp_path: Path):
    """One layout of HGNC's table divides the names in a cell by a comma."""
    table = _pack(tmp_path)
    assert table.match("mll2") == (genes.Gene("HGNC:7133", "KMT2D"), "previous")
    assert table.resolve("MLL4") is None


def test_a_pack_is_read_as_hgnc_publishes_it(tmp_path: Path):
    """HGNC's own file divides the names by a bar and puts quotes around them."""
    path = tmp_path / "hgnc_complete_set.txt"
    path.write_text(
        'hgnc_id\tsymbol\talias_symbol\tprev_symbol\nHGNC:3430\tERBB2\t"NEU|HER-2"\tNGL\n', encoding="utf-8"
    )
    table = genes.read(path)
    assert table.match("her-2") == (genes.Gene("HGNC:3430", "ERBB2"), "alias")
    assert table.match("NGL") == (genes.Gene("HGNC:3430", "ERBB2"), "previous")


@pytest.mark.parametrize("content", ["a\tb\n1\t2\n", HEAD + "3236\tEGFR\t\t\n", HEAD + "HGNC:3236\n"])
def test_a_pack_that_is_no_gene_table_is_refused_with_its_path(tmp_path: Path, content: str):
    """Another header, an id that is not HGNC's, and a short line are named with the file."""
    path = tmp_path / "hgnc.tsv"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"hgnc\.tsv.*HGNC genes"):
        genes.read(path)


def test_the_knowledge_folder_gives_the_table_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A file ``hgnc*`` in the folder of KOHORT_KNOWLEDGE is the table in use."""
    _pack(tmp_path)
    monkeypatch.setenv("KOHORT_KNOWLEDGE", str(tmp_path))
    genes.table.cache_clear()
    try:
        assert genes.symbols() == {"KMT2D", "KMT2B", "BRCA2", "FANCD2"}
    finally:
        genes.table.cache_clear()


def test_a_gene_without_a_symbol_cannot_be_made():
    """A gene has an id of HGNC's form and a symbol."""
    with pytest.raises(ValueError, match="no symbol"):
        genes.Gene("HGNC:1", "")
    with pytest.raises(ValueError, match="not an HGNC id"):
        genes.Gene("ENSG1", "A")


@needs_shared
@pytest.mark.realdata
def test_the_starter_table_reads_every_name_as_the_complete_one_does():
    """No starter name means another gene, or one gene where HGNC has two."""
    whole, start = genes.read(PACK), genes.starter()
    assert len(whole.symbols) == 43_837
    names = {*start.approved, *start.previous, *start.alias}
    assert {name: start.match(name) for name in names} == {name: whole.match(name) for name in names}


@needs_shared
@pytest.mark.realdata
def test_the_starter_table_knows_every_gene_of_a_large_panel():
    """All 55,216 variants of the study name a gene that the starter table approves."""
    symbols = pl.read_csv(
        SHARED / "tcga" / "data_mutations.txt", separator="\t", columns=["Hugo_Symbol"], infer_schema=False
    )["Hugo_Symbol"]
    found = genes.resolve_series(symbols)
    assert len(found) == 55_216
    assert found["matched"].unique().to_list() == ["approved"]


def _pack(folder: Path) -> genes.GeneTable:
    path = folder / "hgnc_small.tsv"
    path.write_text(HEAD + ROWS, encoding="utf-8")
    return genes.read(path)
