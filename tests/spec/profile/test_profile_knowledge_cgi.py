"""The biomarkers of the Cancer Genome Interpreter become evidence; what its patterns mean is said in canonical text."""

from __future__ import annotations

from pathlib import Path

import pytest

from kohort.errors import InputError
from kohort.profile import Pack, annotate, load_pack
from kohort.tables import MemoryTables

COLUMNS = (
    "Alteration", "Alteration type", "Assay type", "Association", "Biomarker", "Curator", "Drug", "Drug family",
    "Drug full name", "Drug status", "Evidence level", "Gene", "Metastatic Tumor Type", "Primary Tumor acronym",
    "Source", "Targeting", "gDNA", "cDNA", "individual_mutation", "info", "region", "strand", "transcript",
    "Primary Tumor type",
)  # fmt: skip
LINE = {
    "Alteration": "BRAF:V600E",
    "Alteration type": "MUT",
    "Association": "Responsive",
    "Biomarker": "BRAF (V600E)",
    "Drug": "Vemurafenib",
    "Drug family": "BRAF inhibitor",
    "Evidence level": "Early trials",
    "Gene": "BRAF",
    "Primary Tumor acronym": "CM",
    "Source": "PMID:11111111",
    "Primary Tumor type": "Cutaneous melanoma",
}


def load(folder: Path, *lines: dict[str, str], columns: tuple[str, ...] = COLUMNS, more: str = "") -> Pack:
    """The pack of an invented file in the shape of ``cgi_biomarkers_per_variant.tsv``."""
    rows = [columns, *(tuple((LINE | line).get(name, "") for name in columns) for line in lines)]
    path = folder / "cgi_biomarkers_20180117.tsv"
    path.write_text("".join("\t".join(row) + "\n" for row in rows) + more, encoding="utf-8")
    return load_pack(path)


def one(folder: Path, **line: str) -> dict[str, object]:
    """The only row of a file with one line."""
    pack = load(folder, {name.replace("_", " "): cell for name, cell in line.items()})
    assert pack.frame.height == 1
    return pack.frame.row(0, named=True)


def test_a_biomarker_becomes_a_row_with_source_and_date(tmp_path: Path) -> None:
    """Drug as INN, acronym as OncoTree code, level as written; the date is that of the file where no other is given."""
    row = one(tmp_path)
    assert (row["gene"], row["alteration"], row["drugs"], row["direction"]) == (
        "BRAF", "p.V600E", "vemurafenib", "sensitive",
    )  # fmt: skip
    assert (row["tumour"], row["tumour_text"]) == ("MEL", "Cutaneous melanoma")
    assert (row["level"], row["level_system"], row["strength"]) == ("Early trials", "CGI", "clinical")
    assert (row["source_id"], row["source_date"], row["pack_version"]) == ("PMID:11111111", "2018-01-17", "2018-01-17")


@pytest.mark.parametrize(
    ("gene", "kind", "alteration", "text"),
    [
        ("ERBB2", "CNA", "ERBB2:amp", "amplification"),
        ("PTEN", "CNA", "PTEN:del", "deletion"),
        ("ALK", "EXPR", "ALK:over", "overexpression"),
        ("PBRM1", "EXPR", "PBRM1:under", "underexpression"),
        ("PTEN", "BIA", "PTEN:.", "biallelic inactivation"),
        ("ALK", "FUS", "ALK__.", "fusion"),
        ("ABL1", "FUS", "ABL1__BCR", "ABL1::BCR"),
        ("ABL1", "FUS", "BCR__ABL1", "BCR::ABL1"),
        ("EGFR", "MUT", "EGFR:G719.", "p.G719"),
        ("KRAS", "MUT", "KRAS:.12.,.13.", "codon 12 or codon 13"),
        ("ABL1", "MUT", "ABL1:T315A,F317L", "p.F317L or p.T315A"),
        ("CRBN", "MUT", "CRBN:Q100*", "p.Q100*"),
        ("KIT", "MUT", "KIT:449-514", "exon 9 mutation"),
        ("EGFR", "MUT", "EGFR::consequence::inframe_insertion:762-823", "exon 20 insertion"),
        ("CSF3R", "MUT", "CSF3R::consequence::frameshift_variant:D771.,::frameshift_variant:S783.",
         "p.D771fs or p.S783fs"),
        ("BRAF", "MUT", "BRAF:.", "activating mutation"),
        ("BRCA1", "MUT", "BRCA1:.", "mutation or truncating"),
    ],
)  # fmt: skip
def test_a_pattern_is_said_in_canonical_text(tmp_path: Path, gene: str, kind: str, alteration: str, text: str) -> None:
    """A dot is any residue; ``GENE:.`` is any oncogenic mutation, which of a suppressor may be a truncation."""
    row = one(tmp_path, Gene=gene, Alteration=alteration, Alteration_type=kind)
    assert (row["gene"], row["alteration"]) == (gene, text)


def test_a_codon_takes_its_residue_from_the_mutations_that_the_file_lists(tmp_path: Path) -> None:
    """``.12.`` does not say which residue stands there; an individual mutation of the same gene does."""
    row = one(tmp_path, Gene="KRAS", Alteration="KRAS:.12.", individual_mutation="KRAS:G12D")
    assert row["alteration"] == "codon 12"
    pack = load(tmp_path, {"Gene": "KRAS", "Alteration": "KRAS:.12.", "individual_mutation": "KRAS:G12D"})
    assert pack.frame["alteration"].to_list() == ["p.G12"]


def test_combined_biomarkers_are_needed_together(tmp_path: Path) -> None:
    """``;`` divides parts that are all needed where the name has a ``+``; alternatives are multiplied out."""
    row = one(
        tmp_path,
        Gene="BRAF;MAP2K1",
        Alteration="BRAF:V600E,V600K;MAP2K1:P124S",
        Alteration_type="MUT;MUT",
        Biomarker="BRAF (V600E,V600K) + MAP2K1 (P124S)",
    )
    assert row["alteration"] == "p.V600E and MAP2K1 p.P124S or p.V600K and MAP2K1 p.P124S"
    either = one(tmp_path, Gene="BRAF", Alteration="BRAF:V600E;BRAF:V600K", Biomarker="BRAF (V600E), BRAF (V600K)")
    assert either["alteration"] == "p.V600E or p.V600K"


def test_lines_that_differ_only_in_the_individual_mutation_are_one_row(tmp_path: Path) -> None:
    """The table per variant repeats a biomarker; its id is made of its words, so that it stays from file to file."""
    lines = [{"gDNA": "chr7:g.1A>T"}, {"gDNA": "chr7:g.2A>T"}, {"Drug": "Dabrafenib"}]
    pack = load(tmp_path, *lines)
    assert (pack.lines, pack.frame.height, pack.frame["evidence_id"].n_unique()) == (3, 2, 2)
    assert pack.frame["evidence_id"].to_list() == load(tmp_path, *reversed(lines)).frame["evidence_id"].to_list()[::-1]


def test_the_table_with_one_line_a_biomarker_is_read_too(tmp_path: Path) -> None:
    """Its acronyms stand under ``Primary Tumor type``, the names beside them, with the day of curation."""
    columns = (*COLUMNS[:-1], "Primary Tumor type full name", "Curation date", "Primary Tumor type")
    columns = tuple(name for name in columns if name != "Primary Tumor acronym")
    line = {"Primary Tumor type": "LUAD;NSCLC", "Primary Tumor type full name": "Lung", "Curation date": "2016-03-01"}
    row = load(tmp_path, line, columns=columns).frame.row(0, named=True)
    assert (row["tumour"], row["tumour_text"], row["source_date"]) == ("LUAD;NSCLC", "Lung", "2016-03-01")


@pytest.mark.parametrize(
    ("association", "direction", "finding"),
    [
        ("Responsive", "sensitive", None),
        ("Resistant", "resistant", None),
        ("No Responsive", "unclear", "neither response nor resistance"),
        ("Increased Toxicity (Ototoxicity)", "unclear", "neither response nor resistance"),
        ("Responsive;Resistant", "unclear", "two opposite directions"),
    ],
)
def test_only_response_and_resistance_are_effects(
    tmp_path: Path, association: str, direction: str, finding: str | None
) -> None:
    """A drug that did nothing was not shown to be resisted; toxicity says nothing on response; the words stay."""
    pack = load(tmp_path, {"Association": association})
    row = pack.frame.row(0, named=True)
    assert (row["direction"], row["note"]) == (direction, f"{association}: BRAF (V600E).")
    found = [odd.what for odd in pack.findings if odd.column == "Association"]
    assert (finding is None and found == []) or (finding is not None and finding in found[0])


@pytest.mark.parametrize(
    ("drug", "family", "drugs"),
    [
        ("Dabrafenib;Trametinib", "BRAF inhibitor;MEK inhibitor", ["dabrafenib+trametinib"]),
        ("[Nilotinib,Dasatinib]", "[BCR-ABL inhibitor 2nd gen]", ["nilotinib", "dasatinib"]),
        ("[]", "[BRAF inhibitor;EGFR mAb inhibitor]", ["braf inhibitor+egfr mab inhibitor"]),
    ],
)
def test_combinations_examples_and_families_of_drugs(tmp_path: Path, drug: str, family: str, drugs: list[str]) -> None:
    """``;`` is a combination, brackets hold examples of a family, and a family without a drug is told as a finding."""
    pack = load(tmp_path, {"Drug": drug, "Drug family": family})
    assert pack.frame["drugs"].to_list() == drugs
    assert any(finding.column == "Drug" for finding in pack.findings) == (drug == "[]")


@pytest.mark.parametrize(
    ("source", "level", "place"),
    [
        ("FDA", "FDA guidelines", "US"),
        ("EMA", "FDA guidelines", "EU"),
        ("FDA;EMA", "FDA guidelines", "US;EU"),
        ("PMID:11111111", "NCCN guidelines", "US"),
        ("PMID:11111111", "Case report", "international"),
    ],
)
def test_the_source_decides_where_a_biomarker_holds(tmp_path: Path, source: str, level: str, place: str) -> None:
    """An agency named as the source comes first, else the authority that the level names."""
    assert one(tmp_path, Source=source, Evidence_level=level)["jurisdiction"] == place


def test_any_cancer_type_and_unknown_acronyms(tmp_path: Path) -> None:
    """``CANCER`` is any tumour; an acronym without an OncoTree code is another tumour, and a finding names it."""
    anywhere = one(tmp_path, Primary_Tumor_acronym="LIP;CANCER")
    assert (anywhere["tumour"], anywhere["tumour_text"]) == (None, None)
    pack = load(tmp_path, {"Primary Tumor acronym": "LUAD;XYZ"})
    assert pack.frame["tumour"].to_list() == ["LUAD"]
    assert [finding.column for finding in pack.findings] == ["Primary Tumor"]


def test_what_is_not_understood_is_named(tmp_path: Path) -> None:
    """An alteration, a gene or a level that is not known keeps its row; the alternatives beside it still match."""
    pack = load(
        tmp_path,
        {"Alteration": "BRAF:V600E,what?"},
        {"Alteration": "NOGENE1:V1E", "Gene": "NOGENE1"},
        {"Evidence level": "Rumour"},
    )
    assert pack.frame["alteration"].to_list() == ["p.V600E", "what?", "p.V1E", "p.V600E"]
    assert [finding.column for finding in pack.findings] == ["Alteration", "gene", "Evidence level"]
    assert pack.frame["strength"].to_list()[-1] == "inferential"


def test_a_cut_line_is_left_out_and_a_missing_column_refused(tmp_path: Path) -> None:
    """The rest of the file goes on; without a column that is needed nothing can be read."""
    pack = load(tmp_path, {}, more="BRAF:V600E\tMUT\n")
    assert (pack.lines, pack.frame.height) == (2, 1)
    assert [(odd.evidence_id, odd.kept) for odd in pack.findings] == [("line 3", False)]
    with pytest.raises(InputError) as error:
        load(tmp_path, {}, columns=tuple(name for name in COLUMNS if name != "Source"))
    assert (error.value.line, error.value.column) == (1, "Source")


def test_the_bare_file_annotates_a_variant(tmp_path: Path) -> None:
    """The form is recognised by its columns."""
    data = MemoryTables({"variant": [{"person": 1, "id": 1, "class": "snv", "gene": "BRAF", "hgvs_p": "V600E"}]})
    assert annotate(data, [load(tmp_path, {})]).select("pack", "match_level").rows() == [("cgi", "exact")]
