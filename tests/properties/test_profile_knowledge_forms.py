"""Laws of the forms of knowledge: whatever a file's cells hold, its lines are read or told, and never stop the rest."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.errors import InputError
from kohort.profile.alterations.normaliser import normalise
from kohort.profile.knowledge.approvals import APPROVAL_TABLE_COLUMNS, APPROVALS
from kohort.profile.knowledge.cgi import CGI
from kohort.profile.knowledge.clinvar import CLINVAR
from kohort.profile.knowledge.cohorts import COHORT_COLUMNS, COHORT_STATES, COHORTS, cohort_evidence
from kohort.profile.knowledge.formats import Format
from kohort.profile.knowledge.hotspots import HOTSPOTS
from kohort.profile.knowledge.load import make_pack
from kohort.profile.knowledge.moalmanac import MOALMANAC
from kohort.profile.knowledge.oncokb import ONCOKB
from kohort.profile.knowledge.pack import DIRECTIONS, Manifest, Pack

COLUMNS: dict[str, tuple[Format, tuple[str, ...]]] = {
    "cgi": (CGI, ("Alteration", "Alteration type", "Association", "Biomarker", "Drug", "Drug family", "Evidence level",
                  "Gene", "Primary Tumor acronym", "Source", "individual_mutation", "Primary Tumor type")),
    "oncokb": (ONCOKB, ("Hugo_Symbol", "HGVSp_Short", "ONCOTREE_CODE", "ONCOGENIC", "LEVEL_1", "LEVEL_3B", "LEVEL_R1",
                        "LEVEL_Dx1", "TX_CITATIONS")),
    "hotspots": (HOTSPOTS, ("Hugo_Symbol", "Amino_Acid_Position", "Reference_Amino_Acid", "Variant_Amino_Acid")),
    "clinvar": (CLINVAR, ("#AlleleID", "Name", "GeneSymbol", "ClinicalSignificance", "LastEvaluated", "Origin",
                          "Assembly", "ReviewStatus", "VariationID", "Oncogenicity")),
    "cohorts": (COHORTS, COHORT_COLUMNS),
    "approvals": (APPROVALS, APPROVAL_TABLE_COLUMNS),
    "moalmanac": (MOALMANAC, ("feature_type", "gene", "gene1", "gene2", "protein_change", "exon", "disease",
                              "oncotree_code", "therapy_name", "therapy_sensitivity", "therapy_resistance",
                              "favorable_prognosis", "predictive_implication", "citation")),
}  # fmt: skip
WORDS = (
    "BRAF", "BRCA1", "NOGENE1", "V600E", "p.V600E", "p.Val600Glu", "BRAF:V600E,G469.", "KRAS:.12.", "PTEN:.;BRAF:.",
    "ABL1__BCR", "A__.", "EGFR::consequence::inframe_insertion:762-823", "::", ":", ";", "__", "[]", "[A,B]", "MUT;CNA",
    "Responsive", "Resistant", "1", "0", "600", "746-759", "X125_splice", "E:8|K:1", "R1699", "CM", "MEL", "ZZZ",
    "CANCER", "FDA", "PMID:11111111", "A+B", "Oncogenic", "Pathogenic", "germline", "GRCh38", "Nov 27, 2023",
    "NM_007294.4(BRCA1):c.68-1G>A", "NM_1.1(BRCA2):c.7A>G (p.Lys3Glu)", "yes", "no", "NO", "2026-01-02", "running",
    "Somatic Variant", "Rearrangement", "Deletion", "fusion", "not X and (Y or", "(((", "and", "or", "-", ".", "NA",
)  # fmt: skip
CELL = st.one_of(st.just(""), st.sampled_from(WORDS), st.text("aBp.*:;,|+()[]_-0123 éα", max_size=12))
WHERE = Path("invented_2026-01-02.tsv")


def pack_of(form: Format, data: bytes) -> Pack:
    """The pack that a form makes of bytes."""
    read = form.read(data, WHERE)
    return make_pack(Manifest(form.name, "1", "", "invented", "none", "0"), read, WHERE)


@pytest.mark.parametrize("name", list(COLUMNS))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_cells_make_a_pack(name: str, data: st.DataObject) -> None:
    """Every row has a source, a date, an id of its own and a direction of its type; its pattern is canonical."""
    form, columns = COLUMNS[name]
    lines = data.draw(st.lists(st.lists(CELL, min_size=len(columns), max_size=len(columns)), max_size=4))
    text = "\n".join("\t".join(cells) for cells in (columns, *lines)) + "\n"
    pack = pack_of(form, text.encode())
    written = [cells for cells in lines if any(cell.strip() for cell in cells)]
    assert len(written) <= pack.lines <= len(lines)
    for row in pack.frame.iter_rows(named=True):
        assert row["direction"] in (*DIRECTIONS[row["evidence_type"]], "unclear")
        assert normalise(row["alteration"], row["gene"]).text == row["alteration"]


@pytest.mark.parametrize("name", list(COLUMNS))
@settings(max_examples=30, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(name: str, data: bytes) -> None:
    """A file of another kind is an input error, never another exception."""
    form, _ = COLUMNS[name]
    refused: InputError | None = None
    try:
        pack_of(form, data)
    except InputError as error:
        refused = error
    assert refused is None or refused.path == WHERE


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(("proposition", "biomarkers", "predicate", "extensions", "name", "value", "genes", "subject",
                         "present", "objectTherapeutic", "therapies", "conditionQualifier", "primaryCoding",
                         "indication", "document", "strength", "content", "about", "id", "gene", "feature_type")),
        inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(given_json=JSON)
def test_any_json_is_read(given_json: object) -> None:
    """Whatever stands where a record should be is told and left out."""
    pack = pack_of(MOALMANAC, json.dumps([given_json]).encode())
    assert pack.lines == 1


COHORT = st.fixed_dictionaries({
    "cohort": st.sampled_from(("INV-1", "INV-2", "INV-3")),
    "gene": st.sampled_from(("BRAF", "ERBB2", "")),
    "alteration": st.sampled_from(("V600E", "amplification", "mutation")),
    "tumour": st.sampled_from(("", "GB", "MEL;LUAD", "solid;!COADREAD")),
    "drugs": st.sampled_from(("vemurafenib", "dabrafenib+trametinib")),
    "responders": st.integers(0, 8),
    "patients": st.integers(8, 24),
    "stage": st.sampled_from((1, 2, "")),
    "state": st.sampled_from(tuple(COHORT_STATES)),
    "as_of": st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(str),
    "site": st.sampled_from(("Here", "There")),
    "country": st.sampled_from(("NO", "SE", "")),
})  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(COHORT, max_size=6))
def test_what_the_writer_of_cohorts_writes_is_read_whole(rows: list[dict[str, object]]) -> None:
    """Each cohort is either read with its count, or is an earlier line of one that is."""
    pack = pack_of(COHORTS, cohort_evidence(rows).encode())
    left_out = [finding for finding in pack.findings if not finding.kept]
    assert pack.lines == len(rows) == pack.frame.height + len(left_out)
    counts = {(row["responders"], row["patients"]) for row in rows}
    assert set(pack.frame.select("responders", "patients").rows()) <= counts
