"""Statements of the Molecular Oncology Almanac in the shape of GA4GH's VA-Spec: proposition, indication, agent.

A statement says that the biomarkers of its proposition, all of them, predict something of a therapy in a disease, as a
document of an agency reports. The document's agent decides where it holds. Two shapes are read: biomarkers that say
themselves whether they must be present (``_present``), and criteria with ``present`` and the biomarker as ``subject``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kohort.profile.knowledge import reading
from kohort.profile.knowledge.levels import LEVELS, strength_of
from kohort.profile.knowledge.pack import Finding

__all__ = ["evidence_of_statement", "is_statement", "variant_text"]

Record = Mapping[str, Any]

_EFFECTS: dict[str, tuple[str, str]] = {
    "predictsensitivityto": ("predictive", "sensitive"),
    "predictssensitivityto": ("predictive", "sensitive"),
    "predictresistanceto": ("predictive", "resistant"),
    "predictsresistanceto": ("predictive", "resistant"),
    "associatedwithbetteroutcomefor": ("prognostic", "better outcome"),
    "associatedwithworseoutcomefor": ("prognostic", "poor outcome"),
    "isdiagnosticinclusioncriterionfor": ("diagnostic", "supports diagnosis"),
    "isdiagnosticexclusioncriterionfor": ("diagnostic", "against diagnosis"),
}
_PLACES = {"fda": "US", "nccn": "US", "ema": "EU", "hc": "CA", "hse": "IE", "hpra": "IE", "nice": "GB", "mhra": "GB",
           "noma": "NO", "tga": "AU", "pmda": "JP", "swissmedic": "CH"}  # fmt: skip
_ANNOTATIONS = {
    "missense": "missense", "nonsense": "nonsense", "frameshift": "frameshift", "splice site": "splice",
    "insertion": "inframe insertion", "deletion": "inframe deletion", "truncating": "truncating",
    "oncogenic mutations": "", "activating mutation": "activating mutation",
    "internal tandem duplication (itd)": "internal tandem duplication",
}  # fmt: skip
_OVER_EXON = {"splice": "skipping", "inframe insertion": "insertion", "inframe deletion": "deletion"}
_MARKERS = {
    "estrogen receptor (er)": "ESR1", "progesterone receptor (pr)": "PGR", "pd-l1": "CD274", "c-met": "MET",
    "human epidermal growth factor receptor 2 (her2)": "ERBB2", "cd20": "MS4A1", "cd30": "TNFRSF8",
    "androgen receptor (ar)": "AR", "folate receptor alpha": "FOLR1", "claudin 18.2": "CLDN18", "bcma": "TNFRSF17",
}  # fmt: skip
"""Proteins whose name is no symbol of their gene, or of several genes."""


@dataclass(frozen=True, slots=True)
class _Marker:
    """One biomarker of a proposition.

    Attributes:
        gene: its gene; None for a marker of the whole genome.
        text: what must be the case, or must not.
        absent: True if it must not.
        kind: type of the biomarker in small letters, e.g. ``germline variant``.
    """

    gene: str | None
    text: str
    absent: bool
    kind: str

    def part(self, first: str | None) -> str:
        """The marker as a part of a pattern beside the gene ``first``."""
        gene = "" if self.gene is None or self.gene == first else f"{self.gene} "
        options = " or ".join(gene + option for option in self.text.split(" or "))
        return ("not " if self.absent else "") + (f"({options})" if " or " in options else options)


def is_statement(record: Record) -> bool:
    """True for a record of the second schema, dereferenced or not."""
    return "proposition" in record or "proposition_id" in record


def evidence_of_statement(record: Record, number: int) -> tuple[list[dict[str, object]], list[Finding]]:
    """Rows and findings of one statement, one row a choice of treatment.

    Args:
        record: the statement.
        number: its place in the file, for findings on statements that are left out.
    """
    proposition = record.get("proposition")
    if not isinstance(proposition, Mapping):
        what = "The statement refers to other files; give the dereferenced statements."
        return [], [Finding(f"record {number}", "proposition_id", what, kept=False)]
    own_id = f"MOA:{str(record.get('id', '')).removeprefix('stmt:') or number}"
    effect = _EFFECTS.get(str(proposition.get("predicate", "")).lower())
    markers = [_marker(given) for given in _records(proposition.get("biomarkers"))]
    if effect is None or not markers:
        what = "The proposition has no biomarker, or a predicate that is not known."
        return [], [Finding(own_id, "proposition", what, kept=False)]
    return _evidence(own_id, record, effect, markers)


def _evidence(
    own_id: str, record: Record, effect: tuple[str, str], markers: Sequence[_Marker]
) -> tuple[list[dict[str, object]], list[Finding]]:
    kind, direction = effect
    proposition = record["proposition"]
    gene = next((marker.gene for marker in markers if marker.gene), None)
    found = reading.pattern(" and ".join(marker.part(gene) for marker in markers), gene)
    disease = _record(proposition.get("conditionQualifier"))
    coding = _record(disease.get("primaryCoding"))
    code = str(coding.get("code", "")) if "oncotree" in str(coding.get("id", "")) else None
    tumour = reading.coded_tumour(code, str(disease.get("name") or ""))
    choices = _choices(proposition) if kind == "predictive" else [None]
    common = tumour.cells | _source(record) | {
        "evidence_type": kind,
        "direction": direction if record.get("direction", "supports") == "supports" else "unclear",
        "gene": found.gene,
        "alteration": found.text,
        "origin": _origin(markers),
        "note": _note(record, proposition, disease),
    }  # fmt: skip
    rows = [
        common | {"evidence_id": own_id if len(choices) == 1 else f"{own_id}#{place}", "drugs": drugs}
        for place, drugs in enumerate(choices, start=1)
    ]
    findings = list(reading.pattern_findings(own_id, found, "biomarkers"))
    if not tumour.has_code:
        what = "The disease has no OncoTree code; it counts as another tumour."
        findings.append(Finding(own_id, "conditionQualifier", what))
    if common["level"] not in LEVELS["MOAlmanac"]:
        findings.append(Finding(own_id, "strength", "The level is not known; it counts as the weakest."))
    if common["direction"] == "unclear":
        findings.append(Finding(own_id, "direction", "The statement is not plain support; its effect is unclear."))
    return rows, findings


def _origin(markers: Sequence[_Marker]) -> str | None:
    """``germline`` where a small variant is asked for and only an inherited one counts."""
    kinds = {marker.kind for marker in markers if marker.kind.endswith("variant")}
    return "germline" if kinds == {"germline variant"} else None


def _marker(given: Record) -> _Marker:
    """One biomarker, or one criterion with its biomarker."""
    record, present = _subject(given)
    details = _details(record)
    kind = str(record.get("biomarker_type") or details.get("biomarker_type") or "").lower()
    gene, text, negative = _text(kind, str(record.get("name", "")), _genes(record), details)
    return _Marker(gene, text, negative == present, kind)


def _subject(given: Record) -> tuple[Record, bool]:
    """The biomarker itself, and whether it must be present."""
    record = _record(given.get("subject")) or given
    return record, given.get("present", True) is not False and _details(record).get("_present", True) is not False


def _details(marker: Record) -> dict[str, Any]:
    """Name and value of the extensions."""
    return {str(each.get("name")): each.get("value") for each in _records(marker.get("extensions"))}


def _genes(marker: Record) -> list[str]:
    """Gene names, from the list of genes or from the constraints of a categorical variant."""
    contexts = [each.get("featureContext") for each in _records(marker.get("constraints"))]
    named = [*_records(marker.get("genes")), *_records(contexts)]
    return [str(gene["name"]) for gene in named if gene.get("name")]


def _text(kind: str, name: str, genes: list[str], details: Record) -> tuple[str | None, str, bool]:
    """Gene, text, and True where the text itself is the negative of what is asked (``HER2-negative``)."""
    if kind == "protein expression":
        return _expression(details)
    if not genes:
        return None, _genome_wide(kind, name, details), False
    return genes[0], _of_gene(kind, name, genes, details), False


def _of_gene(kind: str, name: str, genes: list[str], details: Record) -> str:
    """The text of a biomarker that has a gene."""
    if "fusion" in kind or "rearrangement" in kind:
        return "::".join(genes[:2]) if len(genes) > 1 else "fusion"
    if kind.startswith("copy number"):
        return str(details.get("direction") or _copy_word(name))
    if kind == "wild type":
        return kind
    if "activating" in name.lower():
        return "activating mutation"
    oncogenic = bool(details.get("requires_oncogenic") or details.get("requires_pathogenic"))
    return _variant(genes[0], details, oncogenic=oncogenic)


def _variant(gene: str, details: Record, *, oncogenic: bool) -> str:
    cells = (details.get(name) for name in ("protein_change", "exon", "variant_annotation"))
    protein, exon, annotation = ("" if cell is None else str(cell) for cell in cells)
    return variant_text(gene, protein, exon, annotation, oncogenic=oncogenic)


def variant_text(gene: str, protein: str, exon: str, annotation: str, *, oncogenic: bool) -> str:
    """The text of a small variant: the protein change, else the class over the exon, else any mutation of the gene."""
    if protein:
        return protein
    word = _ANNOTATIONS.get(annotation.lower(), annotation.lower())
    number = re.match("[0-9]+", exon)
    if number is not None:
        return f"exon {number[0]} {_OVER_EXON.get(word, word or 'mutation')}"
    return word or (reading.oncogenic_class(gene) if oncogenic else "mutation")


def _copy_word(name: str) -> str:
    return next((word for word in ("amplification", "deletion", "loss", "gain") if word in name.lower()), name)


def _expression(details: Record) -> tuple[str | None, str, bool]:
    """A protein that is expressed or not; how much is kept in the note alone."""
    marker, value = str(details.get("marker", "")), str(details.get("value", "")).lower()
    gene = _MARKERS.get(marker.lower(), marker)
    negative = value == "negative" or "<" in str(details.get("equality", ""))
    return gene, "overexpression" if gene == "ERBB2" and value in {"positive", "negative"} else "expression", negative


def _genome_wide(kind: str, name: str, details: Record) -> str:
    """Markers without a gene; what is not known stays in the words of the source."""
    status = str(details.get("status") or details.get("classification") or "").lower()
    if "microsatellite" in kind:
        return "MSI-H" if "high" in status else "MSS" if "stable" in status else name
    if "mismatch repair" in kind:
        return "dMMR" if "deficient" in status else "pMMR"
    if "mutational burden" in kind:
        return "TMB-H" if "high" in status else "TMB-L"
    if "homologous recombination" in kind:
        return "HRD" if "deficient" in status else "HRD-negative"
    return name


def _choices(proposition: Record) -> list[str | None]:
    """Choices of treatment: therapies of a group are given together unless the group says OR."""
    given = proposition.get("objectTherapeutic") or proposition.get("therapies")
    group = _record(given) or {"therapies": given}
    names = [str(each.get("name", "")) for each in _records(group.get("therapies")) or [group]]
    drugs = [reading.drug_name(name) for name in names if name]
    if group.get("membershipOperator") == "OR":
        return list(drugs) or [reading.NOT_GIVEN]
    return ["+".join(drugs) or reading.NOT_GIVEN]


def _source(record: Record) -> dict[str, object]:
    """Level, source, date and place: those of the document, the date that of the first approval where it is given."""
    indication = _record(record.get("indication"))
    document = next(iter(_records([indication.get("document"), *_records(record.get("reportedIn"))])), {})
    details = _details(document)
    agent = _record(details.get("agent") or document.get("organization"))
    place = _PLACES.get(str(agent.get("id", "")).lower().removeprefix("agent:org.")) if agent else None
    level = str(_record(record.get("strength")).get("name", ""))
    dates = (
        indication.get("initial_approval_date"),
        indication.get("initial_reimbursement_date"),
        details.get("publication_date"),
        document.get("publication_date"),
    )
    return {
        "level": level,
        "level_system": "MOAlmanac",
        "strength": strength_of("MOAlmanac", level),
        "jurisdiction": place or "international",
        "source_id": str(document.get("name") or document.get("id") or "Molecular Oncology Almanac"),
        "source_date": next((day for day in (reading.day_of(str(date or "")) for date in dates) if day),
                            reading.NOT_GIVEN),
    }  # fmt: skip


def _note(record: Record, proposition: Record, disease: Record) -> str:
    """Biomarkers as written (a pattern does not hold amounts of a protein), and the disease."""
    names = list(_names(_records(proposition.get("biomarkers"))))
    words = [f"Biomarkers: {', '.join(names)}", str(disease.get("name") or "any disease")]
    raw = _record(record.get("indication")).get("raw_cancer_type")
    return "; ".join([*words, *([str(raw)] if raw else [])]) + "."


def _names(biomarkers: Sequence[Record]) -> Iterator[str]:
    for record, present in map(_subject, biomarkers):
        yield str(record.get("name", "")) if present else f"no {record.get('name', '')}"


def _record(value: object) -> Record:
    """A value that should be a record; empty where it is not."""
    return value if isinstance(value, Mapping) else {}


def _records(values: object) -> list[Record]:
    """The records of a value that should be a list of them."""
    return [value for value in values if isinstance(value, Mapping)] if isinstance(values, list | tuple) else []
