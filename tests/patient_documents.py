"""A small delivery of MatchMiner patient documents about invented people, written for tests."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Documents = list[dict[str, Any]]


def oid(number: int) -> dict[str, str]:
    """A MongoDB id in extended JSON."""
    return {"$oid": f"{number:024x}"}


def clinical_documents() -> Documents:
    """Four samples of three patients; the second patient has two."""
    common = {"REPORT_DATE": {"$date": "2024-03-01T00:00:00Z"}, "PANEL_VERSION": 3, "VITAL_STATUS": "alive"}
    return [
        {"_id": oid(1), "SAMPLE_ID": "T-01", "MRN": "M-1", "GENDER": "Female", "BIRTH_DATE": "1961-04-05",
         "BIRTH_DATE_INT": 19610405, "ONCOTREE_PRIMARY_DIAGNOSIS_NAME": "Lung Adenocarcinoma",
         "TUMOR_MUTATIONAL_BURDEN_PER_MEGABASE": "11.5", **common},
        {"_id": oid(2), "SAMPLE_ID": "T-02", "MRN": "M-2", "GENDER": "Male", "BIRTH_DATE_INT": 19550000,
         "ONCOTREE_PRIMARY_DIAGNOSIS_NAME": "Colon Adenocarcinoma", **common},
        {"_id": oid(3), "SAMPLE_ID": "T-03", "MRN": "M-2", "GENDER": "Male",
         "ONCOTREE_PRIMARY_DIAGNOSIS_NAME": "Colon Adenocarcinoma", **common, "VITAL_STATUS": "deceased"},
        {"_id": oid(4), "SAMPLE_ID": "T-04", "MRN": "M-3", "GENDER": "Female",
         "BIRTH_DATE": {"$date": {"$numberLong": "0"}},
         "ONCOTREE_PRIMARY_DIAGNOSIS_NAME": "Melanoma", **common, "PANEL_VERSION": None},
    ]  # fmt: skip


def copy_number(gene: str, call: str) -> dict[str, Any]:
    """A copy-number event of the second sample."""
    return {"SAMPLE_ID": "T-02", "VARIANT_CATEGORY": "CNV", "TRUE_HUGO_SYMBOL": gene, "CNV_CALL": call}


def genomic_documents() -> Documents:
    """One event of each sort."""
    return [
        {"CLINICAL_ID": oid(1), "VARIANT_CATEGORY": "MUTATION", "TRUE_HUGO_SYMBOL": "EGFR", "WILDTYPE": False,
         "TRUE_PROTEIN_CHANGE": "p.L858R", "TRUE_CDNA_CHANGE": "c.2573T>G", "TRUE_TRANSCRIPT_EXON": 21,
         "TRUE_VARIANT_CLASSIFICATION": "Missense_Mutation", "CHROMOSOME": "chr7", "POSITION": 55259515,
         "REFERENCE_ALLELE": "T", "ALLELE_FRACTION": 0.25},
        {"CLINICAL_ID": oid(1), "VARIANT_CATEGORY": "MUTATION", "TRUE_HUGO_SYMBOL": "KRAS", "WILDTYPE": True},
        copy_number("ERBB2", "High level amplification"),
        copy_number("MYC", "Gain"),
        copy_number("CDKN2A", "Homozygous deletion"),
        copy_number("RB1", "Heterozygous deletion"),
        {"SAMPLE_ID": "T-03", "VARIANT_CATEGORY": "SV", "LEFT_PARTNER_GENE": "EML4", "RIGHT_PARTNER_GENE": "ALK"},
        {"SAMPLE_ID": "T-04", "VARIANT_CATEGORY": "SV",
         "STRUCTURAL_VARIANT_COMMENT": "An in-frame AGK-BRAF fusion was seen in 12 reads."},
        {"SAMPLE_ID": "T-03", "VARIANT_CATEGORY": "SIGNATURE", "MMR_STATUS": "Deficient (MMR-D / MSI-H)",
         "TABACCO_STATUS": "No", "UVA_STATUS": "Yes"},
    ]  # fmt: skip


def treatment_documents() -> Documents:
    """Drugs of two patients; the two samples of one patient both list the same drug."""
    return [
        {"CLINICAL_ID": oid(1), "DRUG": "Tarceva"},
        {"CLINICAL_ID": oid(2), "DRUG": "oxaliplatin"},
        {"CLINICAL_ID": oid(3), "DRUG": "oxaliplatin"},
    ]


def write_delivery(folder: Path, **changed: Documents | str | bytes) -> Path:
    """Write ``clinical.json``, ``genomic.json`` and ``prior_treatments.json``; ``changed`` replaces one by its name."""
    given: dict[str, Documents | str | bytes] = {
        "clinical": clinical_documents(),
        "genomic": genomic_documents(),
        "prior_treatments": treatment_documents(),
        **changed,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in given.items():
        text = json.dumps(content, indent=1) + "\n" if isinstance(content, list) else content
        (folder / f"{name}.json").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def as_csv(documents: Sequence[Mapping[str, Any]]) -> str:
    """The documents as an export to CSV writes them: extended JSON as its plain value, missing as an empty cell."""
    columns = list(dict.fromkeys(column for document in documents for column in document))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for document in documents:
        writer.writerow([_plain(document.get(column)) for column in columns])
    return text.getvalue()


def _plain(value: Any) -> Any:
    if value == {"$numberLong": "0"}:
        return "1970-01-01T00:00:00.000Z"
    return _plain(next(iter(value.values()))) if isinstance(value, dict) else value
