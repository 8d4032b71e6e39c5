"""ClinVar's table becomes evidence on inherited risk and on oncogenicity; what is left out is counted by reason."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kohort.errors import InputError
from kohort.profile import Pack, load_pack
from kohort.profile.alterations.normaliser import normalise

COLUMNS = (
    "#AlleleID", "Type", "Name", "GeneID", "GeneSymbol", "HGNC_ID", "ClinicalSignificance", "ClinSigSimple",
    "LastEvaluated", "RS# (dbSNP)", "nsv/esv (dbVar)", "RCVaccession", "PhenotypeIDS", "PhenotypeList", "Origin",
    "OriginSimple", "Assembly", "ChromosomeAccession", "Chromosome", "Start", "Stop", "ReferenceAllele",
    "AlternateAllele", "Cytogenetic", "ReviewStatus", "NumberSubmitters", "Guidelines", "TestedInGTR", "OtherIDs",
    "SubmitterCategories", "VariationID", "PositionVCF", "ReferenceAlleleVCF", "AlternateAlleleVCF",
    "SomaticClinicalImpact", "SomaticClinicalImpactLastEvaluated", "ReviewStatusClinicalImpact", "Oncogenicity",
    "OncogenicityLastEvaluated", "ReviewStatusOncogenicity",
)  # fmt: skip
LINE = {
    "#AlleleID": "900001",
    "Name": "NM_007294.4(BRCA1):c.5096G>A (p.Arg1699Gln)",
    "GeneSymbol": "BRCA1",
    "ClinicalSignificance": "Pathogenic",
    "LastEvaluated": "Nov 27, 2023",
    "PhenotypeList": "Invented syndrome|not provided",
    "Origin": "germline",
    "Assembly": "GRCh38",
    "ReviewStatus": "reviewed by expert panel",
    "VariationID": "800001",
}
SOMATIC = {
    "Name": "NM_004333.6(BRAF):c.1799T>A (p.Val600Glu)",
    "ClinicalSignificance": "-",
    "Origin": "somatic",
    "Oncogenicity": "Oncogenic",
    "OncogenicityLastEvaluated": "Jul 31, 2024",
    "ReviewStatusOncogenicity": "criteria provided, multiple submitters, no conflicts",
}


def table(*lines: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> bytes:
    """An invented table in the shape of ``variant_summary.txt``; each line is a variation of its own."""
    rows = [columns]
    for number, line in enumerate(lines):
        own = {"#AlleleID": str(900001 + number), "VariationID": str(800001 + number)}
        rows.append(tuple((LINE | own | line).get(name, "-") for name in columns))
    return "".join("\t".join(row) + "\n" for row in rows).encode()


def load(folder: Path, *lines: dict[str, str]) -> Pack:
    """The pack of an invented table."""
    path = folder / "variant_summary_2024-08.txt"
    path.write_bytes(table(*lines))
    return load_pack(path)


def one(folder: Path, **line: str) -> dict[str, object]:
    """The only row of a table with one line."""
    pack = load(folder, line)
    assert pack.frame.height == 1
    return pack.frame.row(0, named=True)


def test_a_pathogenic_variant_of_the_germline_is_predisposing(tmp_path: Path) -> None:
    """Protein change from the name, stars from the review, day from the last evaluation, accession as the source."""
    row = one(tmp_path)
    assert (row["evidence_type"], row["direction"], row["origin"]) == ("predisposing", "predisposing", "germline")
    assert (row["gene"], row["alteration"], row["tumour"], row["tumour_text"]) == ("BRCA1", "p.R1699Q", None, None)
    assert (row["level"], row["level_system"], row["strength"]) == ("3", "ClinVar", "guideline")
    assert (row["source_id"], row["source_date"]) == ("ClinVar VCV000800001", "2023-11-27")
    assert row["note"] == "Pathogenic. Invented syndrome; not provided"


@pytest.mark.parametrize(
    ("review", "stars"),
    [
        ("practice guideline", "4"),
        ("reviewed by expert panel", "3"),
        ("criteria provided, multiple submitters, no conflicts", "2"),
        ("criteria provided, conflicting classifications", "1"),
        ("criteria provided, single submitter", "1"),
        ("no assertion criteria provided", "0"),
    ],
)
def test_stars_follow_the_review_status(tmp_path: Path, review: str, stars: str) -> None:
    """As ClinVar defines them: https://www.ncbi.nlm.nih.gov/clinvar/docs/review_status."""
    assert one(tmp_path, ReviewStatus=review)["level"] == stars


@pytest.mark.parametrize(
    ("said", "direction"),
    [
        ("Likely pathogenic", "predisposing"),
        ("Pathogenic/Likely pathogenic; risk factor", "predisposing"),
        ("Established risk allele", "predisposing"),
        ("Conflicting classifications of pathogenicity", "unclear"),
        ("Conflicting interpretations of pathogenicity", "unclear"),
        ("Benign/Likely benign", "unclear"),
        ("Uncertain significance", None),
        ("drug response", None),
        ("Uncertain risk allele", None),
    ],
)
def test_the_classification_makes_the_direction(tmp_path: Path, said: str, direction: str | None) -> None:
    """Benign speaks for no risk and is shown as judged; uncertain significance says nothing and is left out."""
    pack = load(tmp_path, {"ClinicalSignificance": said})
    assert pack.frame["direction"].to_list() == ([] if direction is None else [direction])
    assert all(str(note).startswith(f"{said}.") for note in pack.frame["note"])
    left_out = [finding.column for finding in pack.findings if not finding.kept]
    assert left_out == (["ClinicalSignificance"] if direction is None else [])


def test_conflicts_are_counted(tmp_path: Path) -> None:
    """Submitters who disagree are a finding of the pack, once."""
    conflict = {"ClinicalSignificance": "Conflicting classifications of pathogenicity"}
    pack = load(tmp_path, conflict, conflict, {})
    assert [(odd.evidence_id, odd.kept) for odd in pack.findings] == [("2 rows", True)]
    assert "contradict" in pack.findings[0].what


def test_oncogenicity_is_a_row_of_its_own(tmp_path: Path) -> None:
    """With its own review and its own day; it is about a somatic change."""
    row = one(tmp_path, **SOMATIC)
    assert (row["evidence_type"], row["direction"], row["origin"], row["alteration"]) == (
        "oncogenic", "oncogenic", "somatic", "p.V600E",
    )  # fmt: skip
    assert (row["level"], row["source_date"], row["note"]) == ("2", "2024-07-31", "Oncogenic.")
    both = load(tmp_path, SOMATIC | {"ClinicalSignificance": "Pathogenic", "Origin": "germline;somatic"})
    assert sorted(both.frame["evidence_id"]) == ["ClinVar:800001", "ClinVar:800001/oncogenicity"]


@pytest.mark.parametrize(
    ("said", "direction"),
    [("Likely oncogenic", "oncogenic"), ("Likely benign", "benign"), ("Uncertain significance", "unclear"),
     ("Conflicting classifications of oncogenicity", "unclear")],
)  # fmt: skip
def test_classes_of_oncogenicity(tmp_path: Path, said: str, direction: str) -> None:
    """ClinGen, CGC and VICC's classes: Horak et al., Genet Med 2022, doi 10.1016/j.gim.2022.01.001."""
    assert one(tmp_path, **SOMATIC | {"Oncogenicity": said})["direction"] == direction


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("NM_007294.4(BRCA1):c.5266dup (p.Gln1756fs)", "p.Q1756fs"),
        ("NM_007294.4(BRCA1):c.181T>G (p.Cys61Gly)", "p.C61G"),
        ("NM_007294.4(BRCA1):c.1A>G (p.Met1Val)", "p.M1V"),
        ("NM_007294.4(BRCA1):c.4327C>T (p.Arg1443Ter)", "p.R1443*"),
        ("NM_007294.4(BRCA1):c.1961_1963del (p.Lys654del)", "p.K654del"),
        ("NM_007294.4(BRCA1):c.4185G>A (p.Gln1395=)", "p.Q1395="),
        ("NM_007294.4(BRCA1):c.68-1G>A", "p.X23_splice"),
        ("NM_007294.4(BRCA1):c.5074+1G>T", "p.X1692_splice"),
    ],
)
def test_a_change_is_read_from_the_name(tmp_path: Path, name: str, text: str) -> None:
    """Without a protein change, a change of the two bases at an intron's edge is the splice change of its codon."""
    row = one(tmp_path, Name=name)
    assert row["alteration"] == text == normalise(text, "BRCA1").text


def test_each_allele_is_taken_once_and_drops_are_counted_by_reason(tmp_path: Path) -> None:
    """The other assembly, genes that are no cancer genes, introns, exon deletions, and variants not of the germline."""
    same = {"#AlleleID": "900001", "VariationID": "800001"}
    pack = load(
        tmp_path,
        {},
        same | {"Assembly": "GRCh37"},
        {"Name": "NM_152486.4(SAMD11):c.1A>G (p.Met1Val)"},
        {"Name": "NM_007294.4(BRCA1):c.68-12G>A"},
        {"Name": "NM_007294.4(BRCA1):c.(?_5278-1)_(5592+1_?)del"},
        {"Origin": "somatic"},
        {"Origin": "unknown"},
        {"SomaticClinicalImpact": "Tier I - Strong", "ClinicalSignificance": "-"},
    )
    assert (pack.lines, pack.frame["evidence_id"].to_list()) == (8, ["ClinVar:800001"])
    assert [(odd.evidence_id, odd.column, odd.kept) for odd in pack.findings] == [
        ("1 line", "GeneSymbol", False),
        ("2 lines", "Name", False),
        ("1 line", "ClinicalSignificance", False),
        ("2 lines", "Origin", False),
        ("1 line", "SomaticClinicalImpact", True),
    ]


def test_a_packed_file_of_many_blocks_equals_the_plain_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is unpacked block by block, and a line may lie across two blocks."""
    lines = [{"Name": f"NM_007294.4(BRCA1):c.1A>G (p.Arg{number}Gln)"} for number in range(1, 60)]
    plain = load(tmp_path, *lines)
    packed = tmp_path / "variant_summary_2024-08.txt.gz"
    packed.write_bytes(gzip.compress(table(*lines)))
    monkeypatch.setattr("kohort.profile.knowledge.clinvar._BLOCK", 300)
    found = load_pack(packed)
    assert found.frame.equals(plain.frame)
    assert (found.lines, found.version, found.findings) == (59, "2024-08", ())


def test_an_older_table_without_oncogenicity_is_read(tmp_path: Path) -> None:
    """Columns that came in 2024 may be missing; without the number of the variation the allele's is taken."""
    path = tmp_path / "variant_summary.txt"
    path.write_bytes(table({"LastEvaluated": "-"}, columns=COLUMNS[:30]))
    row = load_pack(path).frame.row(0, named=True)
    assert (row["source_id"], row["source_date"]) == ("ClinVar allele 900001", "not given")


def test_a_cut_or_foreign_file_is_refused_and_a_cut_line_left_out(tmp_path: Path) -> None:
    """A missing column is named; a packed file that ends too early is not read in part."""
    path = tmp_path / "variant_summary.txt"
    path.write_bytes(table({}, columns=tuple(name for name in COLUMNS if name != "Origin")))
    with pytest.raises(InputError) as error:
        load_pack(path)
    assert (error.value.line, error.value.column) == (1, "Origin")
    packed = tmp_path / "variant_summary.txt.gz"
    packed.write_bytes(gzip.compress(table({}))[:-30])
    with pytest.raises(InputError, match=r"cut|unpacked"):
        load_pack(packed)
    path.write_bytes(table({}) + b"900002\tsingle nucleotide variant\n")
    pack = load_pack(path)
    assert (pack.lines, pack.frame.height) == (2, 1)
    assert [(odd.what, odd.kept) for odd in pack.findings] == [("The line is cut; left out.", False)]


def test_a_change_that_is_not_understood_is_named(tmp_path: Path) -> None:
    """Its row stays as text and matches nothing."""
    pack = load(tmp_path, {"Name": "NM_007294.4(BRCA1):c.9A>G (p.What7)"})
    assert [(odd.evidence_id, odd.column) for odd in pack.findings] == [("ClinVar:800001", "Name")]
