"""MatchMiner patient documents: how clinical, genomic and prior-treatment documents become rows."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kohort
from kohort.errors import InputError
from kohort.match.criteria.logic import Leaf
from kohort.match.criteria.molecular import Mutation, WildType
from kohort.sources import open_source
from kohort.store import IngestReport
from tests.patient_documents import (
    Documents,
    as_csv,
    clinical_documents,
    genomic_documents,
    oid,
    treatment_documents,
    write_delivery,
)
from tests.support import SHARED, needs_shared


@pytest.fixture
def site(tmp_path: Path) -> kohort.Site:
    return kohort.Site.create(tmp_path / "site", "Oslo", "NO")


def ingest(site: kohort.Site, tmp_path: Path, **changed: Documents | str | bytes) -> IngestReport:
    return site.ingest([write_delivery(tmp_path / "delivery", **changed)])


def rules(report: IngestReport) -> dict[str, tuple[str, int, str | None]]:
    return {f.rule: (f.file, f.line, f.column) for f in report.findings}


def everything(site: kohort.Site) -> dict[str, list[Any]]:
    """All rows, without the lines that they came from."""
    names = ("person", "tumour", "specimen", "test", "variant", "finding", "therapy", "therapy_item", "code")
    places = ["source_line", "source_file", "batch", "valid_from", "id", "person"]
    references = ["tumour", "specimen", "test", "therapy"]
    return {
        name: sorted(map(repr, site.tables.frame(name).drop(places + references, strict=False).rows()))
        for name in names
    }


def changed(documents: Documents, place: int, **columns: Any) -> Documents:
    """The documents with some columns of one changed; None takes a column away."""
    merged = {**documents[place], **columns}
    kept = {name: value for name, value in merged.items() if value is not None}
    return [kept if i == place else document for i, document in enumerate(documents)]


# --- what a delivery may look like


def test_a_folder_of_documents_is_recognised(site: kohort.Site, tmp_path: Path) -> None:
    """Without `--format` the columns tell; every line is accepted and nothing is odd about a clean delivery."""
    report = ingest(site, tmp_path)
    assert [(f.name, f.lines, f.accepted) for f in report.files] == [
        ("clinical.json", 67, 67),
        ("genomic.json", 68, 68),
        ("prior_treatments.json", 20, 20),
    ]
    assert report.findings == ()


def _lines(documents: Documents) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)


def _one_document() -> str:
    lists = {
        "clinical": clinical_documents(),
        "genomic": genomic_documents(),
        "prior_treatments": treatment_documents(),
    }
    return json.dumps(lists, indent=2) + "\n"


SHAPES: dict[str, dict[str, str]] = {
    "JSON lines": {
        "a.jsonl": _lines(clinical_documents()),
        "b.jsonl": _lines(genomic_documents()),
        "c.jsonl": _lines(treatment_documents()),
    },
    "an array on one line": {
        "a.json": json.dumps(clinical_documents()) + "\n",
        "b.json": json.dumps(genomic_documents()) + "\n",
        "c.json": json.dumps(treatment_documents()) + "\n",
    },
    "objects one after the other": {
        "all.json": "".join(
            json.dumps(d, indent=2) + "\n"
            for d in (*genomic_documents(), *clinical_documents(), *treatment_documents())
        )
    },
    "one document with named lists": {"export.json": _one_document()},
    "CSV": {
        "clinical.csv": as_csv(clinical_documents()),
        "genomic.csv": as_csv(genomic_documents()),
        "prior.csv": as_csv(treatment_documents()),
    },
    "CSV with tabs, and sub-folders": {
        "one/clinical.tsv": as_csv(clinical_documents()).replace(",", "\t"),
        "two/genomic.jsonl": _lines(genomic_documents()),
        "two/three/prior.json": json.dumps(treatment_documents()) + "\n",
    },
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_notation_does_not_matter(shape: str, site: kohort.Site, tmp_path: Path) -> None:
    """An array, objects one after the other, JSON lines, one document with named lists and CSV give the same rows."""
    for name, text in SHAPES[shape].items():
        (tmp_path / "other" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "other" / name).write_text(text)
    report = site.ingest([tmp_path / "other"])
    assert (report.findings, report.quarantined) == ((), 0)
    twin = kohort.Site.create(tmp_path / "twin", "Oslo", "NO")
    ingest(twin, tmp_path)
    assert everything(site) == everything(twin)


def test_a_byte_order_mark_gzip_and_utf_16_are_read(site: kohort.Site, tmp_path: Path) -> None:
    """As in any other file: known by the first bytes, not by the name."""
    report = ingest(
        site,
        tmp_path,
        clinical=b"\xef\xbb\xbf" + json.dumps(clinical_documents()).encode() + b"\r\n",
        genomic=gzip.compress(json.dumps(genomic_documents(), indent=1).encode() + b"\n"),
        prior_treatments=(json.dumps(treatment_documents()) + "\n").encode("utf-16"),
    )
    assert {f.rule for f in report.findings} == {"not_utf8_file"}
    assert site.tables.frame("variant").height == 7
    assert site.tables.frame("therapy").height == 2


def test_one_file_is_read_beside_its_neighbours(site: kohort.Site, tmp_path: Path) -> None:
    """The clinical documents of the same folder say whose the samples are."""
    delivery = write_delivery(tmp_path / "delivery")
    report = site.ingest([delivery / "genomic.json"], "matchminer")
    assert [f.name for f in report.files] == ["genomic.json"]
    assert report.rows["variant"] == 7


def test_without_clinical_documents_nothing_can_be_read(site: kohort.Site, tmp_path: Path) -> None:
    """The error says what is missing."""
    (tmp_path / "genomic.json").write_text(_lines(genomic_documents()))
    with pytest.raises(InputError, match="clinical documents"):
        site.ingest([tmp_path / "genomic.json"])


def test_trials_and_other_json_are_not_taken_for_patients(site: kohort.Site, tmp_path: Path) -> None:
    """A CTML trial also has nodes `clinical` and `genomic`; beside patient documents it is named and left unread."""
    match = [{"and": [{"clinical": {"gender": "Male"}}, {"genomic": {"hugo_symbol": "KRAS"}}]}]
    trial = {"protocol_no": "1-1", "treatment_list": {"step": [{"match": match}]}}
    delivery = write_delivery(tmp_path / "delivery")
    (delivery / "trial.json").write_text(json.dumps(trial, indent=1) + "\n")
    with pytest.raises(InputError, match="no format recognises it"):
        open_source(delivery / "trial.json")
    report = site.ingest([delivery])
    assert rules(report) == {"unrecognised_file": ("trial.json", 0, None)}


# --- clinical documents


def test_a_clinical_document_is_a_patient_a_tumour_and_a_specimen(site: kohort.Site, tmp_path: Path) -> None:
    """MRN, GENDER, BIRTH_DATE and VITAL_STATUS are the patient's; SAMPLE_ID is the specimen's id at the source."""
    ingest(site, tmp_path)
    people = site.tables.frame("person").sort("source_line")
    assert people.select("sex_code", "birth", "birth_precision", "deceased").rows() == [
        ("female", date(1961, 4, 5), 3, False),
        ("male", date(1955, 1, 1), 1, True),
        ("female", date(1970, 1, 1), 3, False),
    ]
    tumours = site.tables.frame("tumour").sort("source_line")
    assert tumours["oncotree_code"].to_list() == ["LUAD", "COAD", "MEL"]
    assert site.tables.frame("specimen")["tumour"].n_unique() == 3
    everybody = people["person"].to_list()
    assert site.source_ids("person", who="Kari", purpose="care", persons=everybody)["source_id"].to_list() == [
        "M-1", "M-2", "M-3",
    ]  # fmt: skip
    samples = site.source_ids("specimen", who="Kari", purpose="care", persons=everybody)
    assert samples["source_id"].to_list() == ["T-01", "T-02", "T-03", "T-04"]


def test_a_birth_date_is_kept_as_exactly_as_it_is_known(site: kohort.Site, tmp_path: Path) -> None:
    """BIRTH_DATE counts before BIRTH_DATE_INT, in which 00 stands for an unknown month or day."""
    documents = changed(clinical_documents(), 0, BIRTH_DATE=None, BIRTH_DATE_INT=19610400)
    documents = changed(documents, 3, BIRTH_DATE="Thu, 02 May 1963 00:00:00 GMT")
    ingest(site, tmp_path, clinical=documents)
    known = (
        site.tables.frame("person", ["birth", "birth_precision", "source_line"]).sort("source_line").drop("source_line")
    )
    assert known.rows() == [(date(1961, 4, 1), 2), (date(1955, 1, 1), 1), (date(1963, 5, 2), 3)]


def test_without_an_mrn_the_sample_stands_for_its_patient(site: kohort.Site, tmp_path: Path) -> None:
    """The document is kept, with a warning."""
    report = ingest(site, tmp_path, clinical=changed(clinical_documents(), 3, MRN=None))
    assert rules(report) == {"missing_mrn": ("clinical.json", 48, "MRN")}
    assert report.quarantined == 0
    assert site.tables.frame("person").height == 3


def test_a_name_that_the_tree_lacks_is_kept_as_text(site: kohort.Site, tmp_path: Path) -> None:
    """No code is guessed: unknown, with a warning. A name that an earlier release had for the same type is known."""
    documents = changed(clinical_documents(), 0, ONCOTREE_PRIMARY_DIAGNOSIS_NAME="Lung Adenocarcinom")
    documents = changed(documents, 3, ONCOTREE_PRIMARY_DIAGNOSIS_NAME="Choriocarcinoma")
    report = ingest(site, tmp_path, clinical=documents)
    assert rules(report) == {"unknown_diagnosis": ("clinical.json", 2, "ONCOTREE_PRIMARY_DIAGNOSIS_NAME")}
    tumours = (
        site.tables.frame("tumour").sort("source_line").select("oncotree_system", "oncotree_code", "oncotree_text")
    )
    assert tumours.rows()[0] == (None, None, "Lung Adenocarcinom")
    assert tumours.rows()[2] == (None, None, "Choriocarcinoma")


def test_a_code_decides_where_a_name_is_that_of_several_types(site: kohort.Site, tmp_path: Path) -> None:
    """ONCOTREE_PRIMARY_DIAGNOSIS holds the OncoTree code; where both are known and differ, the name counts."""
    documents = changed(clinical_documents(), 0, ONCOTREE_PRIMARY_DIAGNOSIS="COAD")
    documents = changed(
        documents, 3, ONCOTREE_PRIMARY_DIAGNOSIS_NAME="Choriocarcinoma", ONCOTREE_PRIMARY_DIAGNOSIS="UCCA"
    )
    report = ingest(site, tmp_path, clinical=documents)
    assert site.tables.frame("tumour").sort("source_line")["oncotree_code"].to_list() == ["LUAD", "COAD", "UCCA"]
    assert set(rules(report)) == {"two_diagnoses"}


def test_patients_whose_documents_disagree_are_set_aside(site: kohort.Site, tmp_path: Path) -> None:
    """Two sexes or birth dates of one MRN are two patients or a correction: neither gets the other's data."""
    report = ingest(site, tmp_path, clinical=changed(clinical_documents(), 2, GENDER="Female"))
    assert {(f.rule, f.file) for f in report.findings} == {
        ("two_patients_one_id", "clinical.json"),
        ("patient_in_quarantine", "genomic.json"),
        ("patient_in_quarantine", "prior_treatments.json"),
    }
    assert site.tables.frame("person").height == 2
    assert report.lines == report.accepted + report.quarantined


def test_values_that_cannot_be_are_left_out_with_a_warning(site: kohort.Site, tmp_path: Path) -> None:
    """The document stays; no number, date or word is guessed. Strings of numbers are numbers."""
    odd = {
        "GENDER": "F?", "VITAL_STATUS": "maybe", "BIRTH_DATE": "1961-13-40", "BIRTH_DATE_INT": None,
        "TUMOR_MUTATIONAL_BURDEN_PER_MEGABASE": "high", "TUMOR_PURITY_PERCENT": "40",
        "ONCOTREE_BIOPSY_SITE_TYPE": "Metastatic", "REPORT_DATE": "soon",
    }  # fmt: skip
    report = ingest(site, tmp_path, clinical=changed(clinical_documents(), 0, **odd))
    named = {(f.rule, f.column) for f in report.findings}
    assert named == {
        ("unknown_sex", "GENDER"), ("unknown_status", "VITAL_STATUS"), ("impossible_date", "BIRTH_DATE"),
        ("not_a_number", "TUMOR_MUTATIONAL_BURDEN_PER_MEGABASE"), ("impossible_date", "REPORT_DATE"),
    }  # fmt: skip
    assert report.quarantined == 0
    person = site.tables.frame("person").sort("source_line").row(0, named=True)
    assert (person["sex_code"], person["sex_text"], person["deceased"], person["birth"]) == (None, "F?", None, None)
    specimen = site.tables.frame("specimen").sort("source_line").row(0, named=True)
    assert (specimen["kind"], specimen["tumour_fraction"]) == ("metastasis", 0.4)


def test_columns_without_a_place_are_named_once(site: kohort.Site, tmp_path: Path) -> None:
    """Names of patients and doctors, hospital numbers and the like are not kept; the report lists the columns."""
    documents = [{**d, "LAST_NAME": "Nordmann", "ORD_PHYSICIAN_NAME": "X", "NOTES": None} for d in clinical_documents()]
    report = ingest(site, tmp_path, clinical=documents)
    (finding,) = report.findings
    assert (finding.rule, finding.severity, finding.count) == ("unknown_column", "warning", 1)
    assert "LAST_NAME, ORD_PHYSICIAN_NAME." in finding.message
    for path in site.path.rglob("*.parquet"):
        for column in pl.read_parquet(path).select(pl.col(pl.String)).iter_columns():
            assert "Nordmann" not in column.to_list()


# --- what was looked at


def test_a_report_is_one_test_for_each_assay(site: kohort.Site, tmp_path: Path) -> None:
    """Mutations, copy numbers and structural variants, with panel, day of report and mutational burden."""
    ingest(site, tmp_path)
    tests = site.tables.frame("test").sort("source_line", "assay").head(3)
    assert tests.select("assay", "panel", "coverage", "reported", "tmb").rows() == [
        ("copy_number", "3", "unknown", date(2024, 3, 1), None),
        ("mutation", "3", "unknown", date(2024, 3, 1), 11.5),
        ("structural_variant", "3", "unknown", date(2024, 3, 1), None),
    ]


def test_a_gene_list_beside_the_documents_turns_absence_into_a_no(site: kohort.Site, tmp_path: Path) -> None:
    """`data_gene_panel_*.txt`, in cBioPortal's layout, says which genes a PANEL_VERSION covers; without it: unknown."""
    ingest(site, tmp_path)
    assert [verdicts(site, Mutation(gene)) for gene in ("BRAF", "TP53")] == [[None] * 3, [None] * 3]
    panel = "stable_id: 3\ndescription: version three\ngene_list: BRAF\tEGFR\tKRAS\n"
    (tmp_path / "delivery" / "data_gene_panel_3.txt").write_text(panel)
    site.ingest([tmp_path / "delivery"])
    assert verdicts(site, Mutation("EGFR")) == [True, False, None]
    assert verdicts(site, Mutation("BRAF")) == [False, False, None]
    assert verdicts(site, Mutation("TP53")) == [None] * 3


def verdicts(site: kohort.Site, leaf: Leaf) -> list[bool | None]:
    """Who fits: true, false or unknown (None), for each person in the order of the clinical documents."""
    population = kohort.match.Population.of(site)
    truth = kohort.match.evaluate(leaf, population, date(2024, 6, 1))
    order = site.tables.frame("person").sort("source_line")["person"]
    return [truth.value(population.index_of(person)) for person in order]


# --- genomic documents


def test_a_mutation_keeps_its_change_place_and_share(site: kohort.Site, tmp_path: Path) -> None:
    """Gene, protein and coding change, class, exon, position without chr, allele and share of reads."""
    ingest(site, tmp_path)
    (row,) = site.tables.frame("variant").filter(pl.col("gene") == "EGFR").rows(named=True)
    assert (row["class"], row["hgvs_p"], row["hgvs_c"], row["exon"]) == ("snv", "p.L858R", "c.2573T>G", 21)
    assert (row["chromosome"], row["position"], row["ref"], row["vaf"]) == ("7", 55259515, "T", 0.25)
    assert row["classification"] == "Missense_Mutation"


def test_copy_number_calls_become_numbers(site: kohort.Site, tmp_path: Path) -> None:
    """High level amplification 2, Gain 1, Heterozygous deletion -1, Homozygous deletion -2, as written beside it."""
    documents = genomic_documents()
    documents.append({"SAMPLE_ID": "T-02", "VARIANT_CATEGORY": "CNV", "TRUE_HUGO_SYMBOL": "MDM2", "CNV_CALL": "Much"})
    report = ingest(site, tmp_path, genomic=documents)
    calls = site.tables.frame("variant").filter(pl.col("class") == "cnv").sort("source_line")
    assert calls.select("gene", "copies").rows() == [
        ("ERBB2", 2), ("MYC", 1), ("CDKN2A", -2), ("RB1", -1), ("MDM2", None),
    ]  # fmt: skip
    assert calls["classification"][4] == "Much"
    assert rules(report) == {"no_copy_number_call": ("genomic.json", 68, "CNV_CALL")}


COMMENTS = [
    ("An in-frame AGK-BRAF fusion was seen in 12 reads.", "fusion", "AGK", "BRAF"),
    ("EML4::ALK", "fusion", "EML4", "ALK"),
    ("Rearrangement of ROS1, exon 34.", "sv", "ROS1", None),
    ("No ALK rearrangement was found.", "sv", None, None),
    ("ALK or RET may be rearranged.", "sv", None, None),
    ("A rearrangement of ALK cannot be excluded.", "sv", None, None),
    ("EML4-ALK, and also KIF5B-RET", "sv", None, None),
    ("THE SET OF READS WAS SMALL", "sv", None, None),
]


@pytest.mark.parametrize(("comment", "kind", "gene", "partner"), COMMENTS)
def test_genes_of_a_comment_are_read_only_where_they_are_certain(
    comment: str, kind: str, gene: str | None, partner: str | None, site: kohort.Site, tmp_path: Path
) -> None:
    """One pair of genes is a fusion, one gene a rearrangement; a comment that denies or names several stays text."""
    document = {"SAMPLE_ID": "T-04", "VARIANT_CATEGORY": "SV", "STRUCTURAL_VARIANT_COMMENT": comment}
    report = ingest(site, tmp_path, genomic=[document])
    (row,) = site.tables.frame("variant").rows(named=True)
    assert (row["class"], row["gene"], row["partner"], row["classification"]) == (kind, gene, partner, comment)
    assert [f.rule for f in report.findings] == ([] if gene else ["unread_comment"])


def test_partner_genes_keep_their_order(site: kohort.Site, tmp_path: Path) -> None:
    """Left is the gene, right its partner; a side that is missing or lies between genes is no gene."""
    documents = [
        {"SAMPLE_ID": "T-01", "VARIANT_CATEGORY": "SV", "LEFT_PARTNER_GENE": "ALK", "RIGHT_PARTNER_GENE": None},
        {"SAMPLE_ID": "T-02", "VARIANT_CATEGORY": "SV", "LEFT_PARTNER_GENE": None, "RIGHT_PARTNER_GENE": "ALK"},
        {"SAMPLE_ID": "T-03", "VARIANT_CATEGORY": "SV", "LEFT_PARTNER_GENE": "MET", "RIGHT_PARTNER_GENE": "MET"},
        {"SAMPLE_ID": "T-04", "VARIANT_CATEGORY": "SV", "LEFT_PARTNER_GENE": "EML4", "RIGHT_PARTNER_GENE": "ALK"},
    ]
    ingest(site, tmp_path, genomic=documents)
    rows = site.tables.frame("variant").sort("source_line").select("class", "gene", "partner").rows()
    assert rows == [("sv", "ALK", None), ("sv", "ALK", None), ("sv", "MET", "MET"), ("fusion", "EML4", "ALK")]


def test_wild_type_is_a_no_not_an_alteration(site: kohort.Site, tmp_path: Path) -> None:
    """WILDTYPE true becomes a test of this one gene, panel `wildtype/<gene>`, so that its absence is a no."""
    ingest(site, tmp_path)
    (test,) = site.tables.frame("test").filter(pl.col("panel") == "wildtype/KRAS").rows(named=True)
    assert (test["assay"], test["coverage"]) == ("mutation", "panel")
    assert site.tables.frame("code", ["system", "code"]).rows() == [("panel/wildtype/KRAS", "KRAS")]
    assert "KRAS" not in site.tables.frame("variant")["gene"].to_list()
    assert verdicts(site, WildType("KRAS")) == [True, None, None]
    assert verdicts(site, Mutation("KRAS")) == [False, None, None]


def test_wild_type_with_a_change_is_set_aside(site: kohort.Site, tmp_path: Path) -> None:
    """One of the two is wrong, and nobody knows which."""
    report = ingest(site, tmp_path, genomic=changed(genomic_documents(), 1, TRUE_PROTEIN_CHANGE="p.G12C"))
    assert rules(report) == {"wild_type_with_change": ("genomic.json", 18, "WILDTYPE")}
    assert site.tables.frame("code").height == 0


def test_mismatch_repair_and_signatures_are_findings(site: kohort.Site, tmp_path: Path) -> None:
    """MMR_STATUS is `ihc` MMR, and `msi` where it names that; signatures are `marker`, present or absent; else text."""
    more = {"SAMPLE_ID": "T-01", "VARIANT_CATEGORY": "SIGNATURE", "MMR_STATUS": "Proficient (MMR-P / MSS)",
            "POLE_STATUS": "cannot_access", "APOBEC_STATUS": "perhaps"}  # fmt: skip
    report = ingest(site, tmp_path, genomic=[*genomic_documents(), more])
    found = site.tables.frame("finding").sort("source_line", "code_code")
    assert found.select("kind", "code_code", "value_code").rows() == [
        ("ihc", "MMR", "deficient"), ("msi", "MSI", "MSI-H"), ("marker", "UV", "present"),
        ("marker", "tobacco", "absent"), ("marker", "APOBEC", None), ("ihc", "MMR", "proficient"),
        ("msi", "MSI", "MSS"), ("marker", "POLE", None),
    ]  # fmt: skip
    assert rules(report) == {"unknown_status": ("genomic.json", 68, "APOBEC_STATUS")}


def test_an_event_that_cannot_be_used_is_set_aside_with_its_lines(site: kohort.Site, tmp_path: Path) -> None:
    """Every line of the document stands in the quarantine, with one reason; the others are read."""
    documents: Documents = [
        {"SAMPLE_ID": "T-99", "VARIANT_CATEGORY": "MUTATION", "TRUE_HUGO_SYMBOL": "BRAF"},
        {"VARIANT_CATEGORY": "MUTATION", "TRUE_HUGO_SYMBOL": "BRAF"},
        {"SAMPLE_ID": "T-01", "VARIANT_CATEGORY": "MUTATION"},
        {"SAMPLE_ID": "T-01", "VARIANT_CATEGORY": "Mutations", "TRUE_HUGO_SYMBOL": "BRAF"},
        {"SAMPLE_ID": "T-01", "CLINICAL_ID": oid(2), "VARIANT_CATEGORY": "CNV", "TRUE_HUGO_SYMBOL": "BRAF"},
        {"SAMPLE_ID": "T-01", "TIER": 1},
        {"SAMPLE_ID": "T-01", "VARIANT_CATEGORY": "MUTATION", "TRUE_HUGO_SYMBOL": "BRAF"},
        {"SAMPLE_ID": "T-01", "VARIANT_CATEGORY": "MUTATION", "TRUE_HUGO_SYMBOL": "BRAF"},
    ]
    report = ingest(site, tmp_path, genomic=documents)
    assert [(f.rule, f.line, f.count) for f in report.findings if f.severity == "quarantined"] == [
        ("unknown_sample", 2, 5), ("missing_id", 7, 4), ("missing_gene", 11, 4), ("unknown_category", 15, 5),
        ("two_samples", 20, 8), ("empty_event", 28, 4), ("duplicate_document", 37, 5),
    ]  # fmt: skip
    assert report.quarantined == 35
    assert site.tables.frame("variant")["source_line"].to_list() == [32]
    quarantine = site.tables.frame("quarantine").filter(pl.col("severity") == "quarantined")
    assert sorted(quarantine["line"]) == [*range(2, 32), *range(37, 42)]
    assert set(quarantine.filter(pl.col("rule") == "unknown_sample")["value"]) == {"***"}


# --- prior treatments


def test_a_prior_treatment_is_a_course_of_its_drug(site: kohort.Site, tmp_path: Path) -> None:
    """A brand name is the drug; two samples of a patient tell of one course; a text that is no drug stays text."""
    documents = [*treatment_documents(), {"CLINICAL_ID": oid(4), "DRUG": "trial pill 7"}]
    report = ingest(site, tmp_path, prior_treatments=documents)
    items = site.tables.frame("therapy_item").sort("source_line")
    assert items.select("item_code", "item_text").rows() == [
        ("erlotinib", "Tarceva"), ("oxaliplatin", "oxaliplatin"), (None, "trial pill 7"),
    ]  # fmt: skip
    assert site.tables.frame("therapy").sort("source_line")["modality"].to_list() == ["systemic", "systemic", "other"]
    assert rules(report) == {"unknown_drug": ("prior_treatments.json", 20, "DRUG")}


# --- damage


FAULTS = {
    "a lost comma": ('"ERBB2",', '"ERBB2"'),
    "a lost quote": ('"ERBB2"', '"ERBB2'),
    "a lost bracket": ('"High level amplification"\n },', '"High level amplification"\n ,'),
    "both brackets lost": ('"High level amplification"\n },\n {', '"High level amplification"\n ,'),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_document_costs_only_itself(fault: str, site: kohort.Site, tmp_path: Path) -> None:
    """Reading goes on at the next beginning of a document; the reason names the line of the fault."""
    whole = json.dumps(genomic_documents(), indent=1) + "\n"
    text = whole.replace(*FAULTS[fault], 1)
    assert text != whole
    report = ingest(site, tmp_path, genomic=text)
    (finding,) = report.findings
    assert finding.line == 26
    assert finding.rule == ("double_key" if fault == "both brackets lost" else "no_json")
    lost = {"ERBB2", "MYC"} if fault == "both brackets lost" else {"ERBB2"}
    assert {"ERBB2", "MYC", "CDKN2A", "RB1"} - set(site.tables.frame("variant")["gene"]) == lost


def test_a_line_of_several_documents_is_kept_for_those_that_are_whole(site: kohort.Site, tmp_path: Path) -> None:
    """An array on one line is not lost for one broken document: the line is accepted, and a warning names the loss."""
    text = json.dumps(genomic_documents()).replace('"Gain"', "Gain") + "\n"
    report = ingest(site, tmp_path, genomic=text)
    (finding,) = report.findings
    assert (finding.rule, finding.severity, finding.line) == ("no_json", "warning", 1)
    assert "other documents of the line were read" in finding.message
    assert site.tables.frame("variant").height == 6


def test_a_file_that_ends_too_early_says_so(site: kohort.Site, tmp_path: Path) -> None:
    """The document that was cut is set aside; the list that nothing closes is a warning."""
    text = json.dumps(genomic_documents(), indent=1)
    report = ingest(site, tmp_path, genomic=text[: text.index('"LEFT_PARTNER_GENE"')])
    assert set(rules(report)) == {"cut_document", "list_not_closed", "no_line_end"}
    assert site.tables.frame("variant").height == 5


def test_a_key_that_stands_twice_is_two_documents_in_one(site: kohort.Site, tmp_path: Path) -> None:
    """Which of the two values is meant, nobody knows."""
    text = json.dumps(genomic_documents(), indent=1).replace(
        '"CNV_CALL": "Gain"', '"CNV_CALL": "Gain", "CNV_CALL": "Loss"'
    )
    report = ingest(site, tmp_path, genomic=text + "\n")
    assert rules(report) == {"double_key": ("genomic.json", 32, None)}


def test_a_stray_quote_in_csv_costs_one_line(site: kohort.Site, tmp_path: Path) -> None:
    """A quoted comment may hold line ends; a quote without its partner swallows nothing."""
    documents = genomic_documents()
    documents[7]["STRUCTURAL_VARIANT_COMMENT"] = "EML4-ALK,\nseen twice"
    text = as_csv(documents).replace("MYC", '"MYC')
    delivery = write_delivery(tmp_path / "delivery")
    (delivery / "genomic.json").unlink()
    (delivery / "genomic.csv").write_text(text)
    report = site.ingest([delivery])
    assert rules(report) == {"unbalanced_quote": ("genomic.csv", 5, None)}
    file = next(f for f in report.files if f.name == "genomic.csv")
    assert (file.lines, file.quarantined) == (11, 1)
    assert site.tables.frame("variant").height == 6


# --- the whole


def test_reading_the_same_documents_again_changes_nothing(site: kohort.Site, tmp_path: Path) -> None:
    """The files are known; no byte of the site changes. A corrected clinical document lets waiting events arrive."""
    without = clinical_documents()[1:]
    assert ingest(site, tmp_path, clinical=without).rows["variant"] == 6
    before = {path: path.read_bytes() for path in site.path.rglob("*") if path.is_file()}
    assert site.ingest([tmp_path / "delivery"]).batch is None
    assert {path: path.read_bytes() for path in site.path.rglob("*") if path.is_file()} == before
    report = ingest(site, tmp_path)
    assert (report.quarantined, report.rows["variant"]) == (0, 1)


@needs_shared
@pytest.mark.realdata
def test_the_examples_of_matchengine_are_read(site: kohort.Site) -> None:
    """Four patient files among its trials: two samples without MRN, and two events that say nothing."""
    report = site.ingest([SHARED / "trials" / "matchengine"], "matchminer")
    assert [(f.name, f.lines, f.accepted) for f in report.files] == [
        ("test_patient_1.json", 5, 5), ("test_patient_2.json", 5, 5),
        ("test_patient_1.json", 4, 0), ("test_patient_2.json", 4, 0),
    ]  # fmt: skip
    assert site.tables.frame("person")["birth"].to_list() == [date(2019, 10, 27)] * 2
    assert {f.rule for f in report.findings if f.severity == "quarantined"} == {"empty_event"}
    assert "unrecognised_file" in {f.rule for f in report.findings}
