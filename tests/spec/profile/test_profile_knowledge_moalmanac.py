"""The Molecular Oncology Almanac becomes evidence: assertions of its first schema, statements of its second."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kohort.errors import InputError
from kohort.profile import Pack, load_pack

ASSERTION: dict[str, Any] = {
    "feature_type": "Somatic Variant",
    "gene": "BRAF",
    "protein_change": "p.V600E",
    "exon": "",
    "variant_annotation": "Missense",
    "disease": "Invented Melanoma",
    "context": "Metastatic",
    "oncotree_code": "MEL",
    "therapy_name": "Dabrafenib + Trametinib",
    "therapy_sensitivity": 1,
    "therapy_resistance": "",
    "favorable_prognosis": "",
    "predictive_implication": "FDA-Approved",
    "source_type": "FDA",
    "citation": "Nobody Inc. Nothing [package insert]. Revised May 2021. Accessed June 1, 2022.",
    "url": "https://invented.example/label.pdf",
    "pmid": "",
    "publication_date": "2021-05-04",
}


def assertions(folder: Path, *changes: dict[str, Any]) -> Pack:
    """The pack of an invented release of the first schema."""
    path = folder / "molecular-oncology-almanac.json"
    content = [ASSERTION | change for change in changes]
    path.write_text(json.dumps({"release": "2024-12-05", "version": "1.3.0", "content": content}))
    return load_pack(path)


def extensions(**values: object) -> list[dict[str, object]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def biomarker(kind: str, *genes: str, name: str = "", **values: object) -> dict[str, Any]:
    """A biomarker as the second schema writes it."""
    return {
        "type": "CategoricalVariant",
        "name": name,
        "genes": [{"name": gene} for gene in genes],
        "extensions": extensions(biomarker_type=kind, **values),
    }


def statement(number: int, *biomarkers: dict[str, Any], agent: str = "fda", **change: Any) -> dict[str, Any]:
    """A dereferenced statement: label of an agency, one disease, one therapy."""
    document = {"id": f"doc:{agent}.nothing", "name": f"Nothing (nullinib). {agent.upper()}.",
                "extensions": extensions(agent={"id": agent}, publication_date="2023-03-03")}  # fmt: skip
    proposition = {
        "predicate": "predictSensitivityTo",
        "biomarkers": list(biomarkers),
        "conditionQualifier": {
            "name": "Invented Lung Cancer", "primaryCoding": {"id": "oncotree:NSCLC", "code": "NSCLC"},
        },
        "objectTherapeutic": {"conceptType": "Drug", "name": "Osimertinib"},
    }  # fmt: skip
    return {
        "id": number,
        "type": "Statement",
        "direction": "supports",
        "reportedIn": [document],
        "indication": {"initial_approval_date": "2022-01-02", "document": document},
        "proposition": proposition | change.pop("proposition", {}),
        "strength": {"name": "Approval"},
    } | change


def statements(folder: Path, *records: dict[str, Any]) -> Pack:
    """The pack of an invented file of statements."""
    path = folder / "moalmanac.json"
    path.write_text(json.dumps({"about": {"last_updated": "2026-08-02"}, "content": list(records)}))
    return load_pack(path)


L858R = biomarker("Somatic Variant", "EGFR", name="EGFR p.L858R", protein_change="p.L858R")


def test_an_assertion_becomes_a_row_with_source_and_date(tmp_path: Path) -> None:
    """Version and day are the release's; the licence forbids to pass the data on."""
    pack = assertions(tmp_path, {})
    row = pack.frame.row(0, named=True)
    assert (row["gene"], row["alteration"], row["tumour"], row["tumour_text"]) == (
        "BRAF", "p.V600E", "MEL", "Invented Melanoma",
    )  # fmt: skip
    assert (row["drugs"], row["direction"], row["level"], row["strength"]) == (
        "dabrafenib+trametinib", "sensitive", "FDA-Approved", "approved",
    )  # fmt: skip
    assert (row["source_id"], row["source_date"], row["jurisdiction"]) == (
        "https://invented.example/label.pdf", "2021-05-04", "US",
    )  # fmt: skip
    assert (pack.version, pack.manifest.date, pack.lines, pack.findings) == ("1.3.0", "2024-12-05", 1, ())
    assert "research use only" in pack.manifest.licence
    assert not pack.manifest.may_ship


@pytest.mark.parametrize(
    ("feature", "gene", "text"),
    [
        ({"feature_type": "Rearrangement", "gene": "", "gene1": "BCR", "gene2": "ABL1"}, "BCR", "BCR::ABL1"),
        ({"feature_type": "Rearrangement", "gene": "", "gene1": "ALK", "gene2": ""}, "ALK", "fusion"),
        ({"feature_type": "Copy Number", "gene": "CDKN2A", "direction": "Deletion"}, "CDKN2A", "deletion"),
        ({"gene": "EGFR", "protein_change": "", "exon": 19.0, "variant_annotation": "Deletion"}, "EGFR",
         "exon 19 deletion"),
        ({"gene": "MET", "protein_change": "", "exon": 14, "variant_annotation": "Splice Site"}, "MET",
         "exon 14 skipping"),
        ({"gene": "TP53", "protein_change": "", "variant_annotation": "Nonsense"}, "TP53", "nonsense"),
        ({"gene": "KRAS", "protein_change": "", "variant_annotation": ""}, "KRAS", "activating mutation"),
        ({"feature_type": "Microsatellite Stability", "gene": "", "status": "MSI-High"}, None, "MSI-H"),
        ({"feature_type": "Mutational Burden", "gene": "", "classification": "High"}, None, "TMB-H"),
        ({"feature_type": "Mutational Signature", "gene": "", "cosmic_signature_number": "3"}, None, "SBS3"),
    ],
)  # fmt: skip
def test_each_type_of_feature_has_its_pattern(
    tmp_path: Path, feature: dict[str, Any], gene: str | None, text: str
) -> None:
    """Without a protein change, the exon and the annotation; without either, any oncogenic mutation of the gene."""
    row = assertions(tmp_path, feature).frame.row(0, named=True)
    assert (row["gene"], row["alteration"]) == (gene, text)


@pytest.mark.parametrize(
    ("says", "rows"),
    [
        ({"therapy_sensitivity": "", "therapy_resistance": 1}, [("predictive", "resistant")]),
        ({"therapy_sensitivity": 1, "therapy_resistance": 1}, [("predictive", "unclear")]),
        ({"favorable_prognosis": 0}, [("predictive", "sensitive"), ("prognostic", "poor outcome")]),
        ({"therapy_sensitivity": "", "favorable_prognosis": 1}, [("prognostic", "better outcome")]),
    ],
)
def test_an_assertion_speaks_of_therapy_of_prognosis_or_of_both(
    tmp_path: Path, says: dict[str, Any], rows: list[tuple[str, str]]
) -> None:
    """Two opposite directions are unclear and named; prognosis is a row of its own, without a drug."""
    pack = assertions(tmp_path, says)
    assert pack.frame.select("evidence_type", "direction").rows() == rows
    drugs = dict(pack.frame.select("evidence_type", "drugs").rows())
    assert drugs == {kind: None if kind == "prognostic" else "dabrafenib+trametinib" for kind, _ in rows}
    opposite = [finding for finding in pack.findings if "opposite" in finding.what]
    assert len(opposite) == (rows == [("predictive", "unclear")])


def test_an_assertion_that_was_withdrawn_or_says_nothing_is_left_out(tmp_path: Path) -> None:
    """Both are counted among the records and listed."""
    pack = assertions(tmp_path, {}, {"_deprecated": True}, {"therapy_sensitivity": ""})
    assert (pack.lines, pack.frame.height) == (3, 1)
    assert [(odd.evidence_id, odd.kept) for odd in pack.findings] == [("record 2", False), ("record 3", False)]


def test_the_date_of_a_citation_is_that_of_the_document(tmp_path: Path) -> None:
    """Not the day on which a curator read it; a PubMed id stands before an address."""
    row = assertions(tmp_path, {"publication_date": "", "pmid": 11111111.0}).frame.row(0, named=True)
    assert (row["source_id"], row["source_date"]) == ("PMID:11111111", "2021")


def test_a_guideline_of_the_nccn_holds_in_the_united_states(tmp_path: Path) -> None:
    """A guideline's place is that of the panel that its citation names."""
    change = {"predictive_implication": "Guideline", "source_type": "Guideline", "citation": "NCCN Guidelines 3.2016."}
    assert assertions(tmp_path, change).frame["jurisdiction"].to_list() == ["US"]


def test_a_table_of_the_almanac_is_read_by_its_name(tmp_path: Path) -> None:
    """Tables hold one type of feature each and name it in the file's name; American dates are read month first."""
    cells = {
        "gene": "ERBB2", "direction": "Amplification", "disease": "Breast Cancer", "oncotree_code": "BRCA",
        "therapy_name": "Trastuzumab", "therapy_sensitivity": "1", "predictive_implication": "Preclinical",
        "citation": '"Nobody et al."', "last_updated": "11/3/17",
    }  # fmt: skip
    path = tmp_path / "copy_number.tsv"
    path.write_text("\t".join(cells) + "\n" + "\t".join(cells.values()) + "\n")
    row = load_pack(path).frame.row(0, named=True)
    assert (row["alteration"], row["source_id"], row["source_date"]) == (
        "amplification", "Nobody et al.", "2017-11-03",
    )  # fmt: skip


def test_a_statement_takes_place_and_date_from_its_document(tmp_path: Path) -> None:
    """The agent decides where it holds, the first approval when; the day of the file is the pack's version."""
    pack = statements(tmp_path, statement(7, L858R), statement(8, L858R, agent="ema"), statement(9, L858R, agent="xx"))
    assert pack.frame.select("evidence_id", "jurisdiction", "source_date").rows() == [
        ("MOA:7", "US", "2022-01-02"),
        ("MOA:8", "EU", "2022-01-02"),
        ("MOA:9", "international", "2022-01-02"),
    ]
    row = pack.frame.row(0, named=True)
    assert (row["alteration"], row["tumour"], row["drugs"]) == ("p.L858R", "NSCLC", "osimertinib")
    assert (row["level"], row["strength"], row["source_id"]) == ("Approval", "approved", "Nothing (nullinib). FDA.")
    assert (pack.version, pack.findings) == ("2026-08-02", ())


def test_all_biomarkers_of_a_proposition_must_hold(tmp_path: Path) -> None:
    """Also proteins that no sequencing shows: they stay a part of the pattern, and in the note as written."""
    her2 = biomarker("Protein expression", name="HER2-negative", value="Negative", equality="=",
                     marker="Human epidermal growth factor receptor 2 (HER2)")  # fmt: skip
    er = biomarker("Protein expression", name="ER positive", value="Positive", marker="Estrogen receptor (ER)")
    pik3ca = biomarker("Somatic variant", "PIK3CA", name="PIK3CA variants", requires_oncogenic=False)
    row = statements(tmp_path, statement(1, er, her2, pik3ca)).frame.row(0, named=True)
    assert set(row["alteration"].split(" and ")) == {"expression", "not ERBB2 overexpression", "PIK3CA mutation"}
    assert row["gene"] == "ESR1"
    assert "ER positive, HER2-negative, PIK3CA variants" in row["note"]


@pytest.mark.parametrize(
    "absent",
    [
        biomarker("Somatic Variant", "EGFR", name="EGFR p.T790M", protein_change="p.T790M", _present=False),
        {"present": False, "subject": biomarker("Somatic Variant", "EGFR", protein_change="p.T790M")},
    ],
    ids=["as a biomarker", "as a criterion"],
)
def test_a_biomarker_that_must_be_absent_is_negated(tmp_path: Path, absent: dict[str, Any]) -> None:
    """Older files say so in the biomarker, newer ones in the criterion around it."""
    row = statements(tmp_path, statement(1, L858R, absent)).frame.row(0, named=True)
    assert row["alteration"] == "not p.T790M and p.L858R"


@pytest.mark.parametrize(
    ("marker", "text"),
    [
        (biomarker("Gene fusion", "BCR", "ABL1"), "BCR::ABL1"),
        (biomarker("Gene fusion", "ROS1", name="v::ROS1"), "fusion"),
        (biomarker("Wild type", "KRAS", name="Wild type KRAS"), "wild type"),
        (biomarker("Copy number", "MET", direction="Amplification"), "amplification"),
        (biomarker("Somatic variant", "EGFR", exon="20/28", variant_annotation="Insertion"), "exon 20 insertion"),
        (biomarker("Somatic variant", "FLT3", variant_annotation="Internal Tandem Duplication (ITD)"),
         "internal tandem duplication"),
        (biomarker("Somatic variant", "EGFR", name="EGFR activating variants"), "activating mutation"),
        (biomarker("Microsatellite stability", status="Microsatellite instability-high (MSI-H)"), "MSI-H"),
        (biomarker("Mismatch repair", status="Deficient"), "dMMR"),
        (biomarker("Tumor mutational burden", classification="High"), "TMB-H"),
        (biomarker("Homologous recombination", status="Deficient"), "HRD"),
    ],
)  # fmt: skip
def test_each_type_of_biomarker_has_its_pattern(tmp_path: Path, marker: dict[str, Any], text: str) -> None:
    """The words of the source become the canonical ones."""
    assert statements(tmp_path, statement(1, marker)).frame["alteration"].to_list() == [text]


def test_only_an_inherited_change_counts_where_the_biomarker_is_germline(tmp_path: Path) -> None:
    """The pathogenic variant of a suppressor may be any mutation, a truncation closer than the rest."""
    brca = biomarker("Germline variant", "BRCA1", name="BRCA1 pathogenic variants", requires_pathogenic=True)
    row = statements(tmp_path, statement(1, brca)).frame.row(0, named=True)
    assert (row["origin"], row["alteration"]) == ("germline", "mutation or truncating")


@pytest.mark.parametrize(
    ("operator", "drugs"), [("AND", ["erlotinib+ramucirumab"]), ("OR", ["erlotinib", "ramucirumab"])]
)
def test_a_group_of_therapies_is_a_combination_or_a_choice(tmp_path: Path, operator: str, drugs: list[str]) -> None:
    """Therapies of a group are given together unless the group says OR."""
    group = {"membershipOperator": operator, "therapies": [{"name": "Erlotinib"}, {"name": "Ramucirumab"}]}
    pack = statements(tmp_path, statement(1, L858R, proposition={"objectTherapeutic": group}))
    assert pack.frame["drugs"].to_list() == drugs


@pytest.mark.parametrize(
    ("predicate", "direction", "evidence_type", "said"),
    [
        ("predictResistanceTo", "supports", "predictive", "resistant"),
        ("predictSensitivityTo", "disputes", "predictive", "unclear"),
        ("associatedWithWorseOutcomeFor", "supports", "prognostic", "poor outcome"),
        ("isDiagnosticInclusionCriterionFor", "supports", "diagnostic", "supports diagnosis"),
    ],
)
def test_predicate_and_direction_make_the_effect(
    tmp_path: Path, predicate: str, direction: str, evidence_type: str, said: str
) -> None:
    """A statement that disputes its proposition has not shown the opposite."""
    record = statement(1, L858R, direction=direction, proposition={"predicate": predicate})
    row = statements(tmp_path, record).frame.row(0, named=True)
    assert (row["evidence_type"], row["direction"]) == (evidence_type, said)


def test_what_cannot_be_read_is_listed_and_the_rest_goes_on(tmp_path: Path) -> None:
    """Statements that point to other files, propositions without a biomarker, and what is no record at all."""
    pack = statements(tmp_path, {"id": 1, "proposition_id": 4}, statement(2), statement(3, L858R), "word")  # type: ignore[arg-type]
    assert (pack.lines, pack.frame["evidence_id"].to_list()) == (4, ["MOA:3"])
    assert [odd.kept for odd in pack.findings] == [False, False, False]


def test_a_file_that_is_not_json_is_refused_with_its_line(tmp_path: Path) -> None:
    """A cut download is told as such."""
    path = tmp_path / "moalmanac.json"
    path.write_text('{"content": [\n{"predictive_implication": ')
    with pytest.raises(InputError, match="not JSON") as error:
        load_pack(path)
    assert error.value.line == 2
