"""The Molecular Oncology Almanac (https://moalmanac.org): assertions of its first schema, statements of its second.

Reads the JSON of a release (``molecular-oncology-almanac.json``: a list, or ``release``, ``version`` and ``content``),
one of its tables (``somatic_variant.tsv`` ...), and the dereferenced statements that follow GA4GH's VA-Spec: one, a
list, or ``about`` and ``content``. All biomarkers of a proposition must hold; one that must not has ``not`` before it.

Reardon et al., Nat Cancer 2021, doi 10.1038/s43018-021-00243-3. GPL-2.0, with a notice that forbids all use but
research: it never travels with Kohort, and its licence is shown where a site adds it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from kohort.errors import InputError
from kohort.profile.knowledge import reading
from kohort.profile.knowledge.formats import Content, Format
from kohort.profile.knowledge.levels import LEVELS, strength_of
from kohort.profile.knowledge.moalmanac_statements import evidence_of_statement, is_statement, variant_text
from kohort.profile.knowledge.pack import Finding

__all__ = ["MOALMANAC"]

Record = Mapping[str, Any]

_PLACES = {"FDA": "US", "EMA": "EU", "NCCN": "US", "National Comprehensive Cancer Network": "US"}
_TABLES = {
    "copy_number": "Copy Number", "germline_variant": "Germline Variant", "knockdown": "Knockdown",
    "microsatellite_stability": "Microsatellite Stability", "mutational_burden": "Mutational Burden",
    "mutational_signature": "Mutational Signature", "neoantigen_burden": "Neoantigen Burden",
    "rearrangement": "Rearrangement", "silencing": "Silencing", "somatic_variant": "Somatic Variant",
    "aneuploidy": "Aneuploidy",
}  # fmt: skip
_FEATURE_COLUMNS = (
    "feature_type", "gene", "gene1", "gene2", "rearrangement_type", "direction", "cytoband", "protein_change", "exon",
    "variant_annotation", "status", "classification", "cosmic_signature", "cosmic_signature_number", "event",
    "technique",
)  # fmt: skip
_KEY = (
    *_FEATURE_COLUMNS, "disease", "context", "therapy_name", "predictive_implication", "citation", "url",
)  # fmt: skip


def _read(content: bytes, path: Path) -> Content:
    findings: list[Finding] = []
    text = reading.text_of(content, path)
    about, records = _records(text, path, findings)
    cut = len(findings)
    rows: list[dict[str, object]] = []
    seen: dict[str, int] = {}
    for number, record in enumerate(records, start=1):
        if not isinstance(record, Mapping):
            findings.append(Finding(f"record {number}", "content", "It is no record; it is left out.", kept=False))
            continue
        reader = evidence_of_statement if is_statement(record) else _evidence_of_assertion
        found, odd = reader(record, number)
        for row in found:
            own_id = str(row["evidence_id"])
            seen[own_id] = seen.get(own_id, 0) + 1
            rows.append(row if seen[own_id] == 1 else row | {"evidence_id": f"{own_id}~{seen[own_id]}"})
        findings.extend(odd)
    version, day = (str(about.get(name) or "") for name in ("version", "release"))
    date = reading.day_of(str(about.get("last_updated") or day)) or reading.file_day(path)
    return Content(rows, findings, len(records) + cut, version=version or None, date=date)


def _recognises(name: str, text: str) -> bool:
    return "predictive_implication" in text or ("objectTherapeutic" in text and "conditionQualifier" in text)


MOALMANAC = Format(
    name="moalmanac",
    title="the Molecular Oncology Almanac",
    recognises=_recognises,
    read=_read,
    source="Molecular Oncology Almanac, https://moalmanac.org",
    licence="GPL-2.0-only, and for research use only (notice of Dana-Farber Cancer Institute and Broad Institute)",
    cite="Reardon et al., Integrating molecular profiles into clinical frameworks through the Molecular Oncology "
    "Almanac to prospectively guide precision oncology, Nat Cancer 2021, doi 10.1038/s43018-021-00243-3",
    may_ship=False,
)
"""Both schemas of the Molecular Oncology Almanac."""


def _records(text: str, path: Path, findings: list[Finding]) -> tuple[Record, list[Any]]:
    """What the file says of itself, and what it lists."""
    if text.lstrip()[:1] not in {"{", "["}:
        feature = next((name for stem, name in _TABLES.items() if stem in path.name), "")
        lines = reading.tsv_lines(text, path, ("disease", "predictive_implication"), findings, quoted=True)
        return {}, [{"feature_type": feature} | line.cells for line in lines]
    try:
        given = json.loads(text)
    except json.JSONDecodeError as error:
        raise InputError("The file is not JSON.", path=path, line=error.lineno, remedy="Fetch it again.") from error
    whole = given if isinstance(given, dict) else {"content": given}
    listed = whole.get("content", [whole])
    about = whole.get("about")
    return about if isinstance(about, dict) else whole, listed if isinstance(listed, list) else [listed]


def _evidence_of_assertion(record: Record, number: int) -> tuple[list[dict[str, object]], list[Finding]]:
    """Rows and findings of one assertion: on its therapy, and on prognosis where it says something on that."""
    plain = {str(key): "" if value is None else str(value).strip() for key, value in record.items()}
    own_id = "MOA:" + (plain.get("assertion_id") or reading.digest(*(plain.get(name, "") for name in _KEY)))
    if plain.get("_deprecated", "").lower() == "true":
        return [], [Finding(f"record {number}", "_deprecated", "The assertion was withdrawn.", kept=False)]
    effects = list(_effects(plain))
    if not effects:
        what = "The assertion names no sensitivity, resistance or prognosis."
        return [], [Finding(f"record {number}", "therapy_sensitivity", what, kept=False)]
    gene, text = _feature(plain)
    found = reading.pattern(text, gene)
    tumour = reading.coded_tumour(plain.get("oncotree_code"), plain.get("disease") or plain.get("oncotree_term"))
    common = _common(plain) | tumour.cells | {"gene": found.gene, "alteration": found.text}
    rows = [
        common | effect | {"evidence_id": own_id if effect["evidence_type"] == "predictive" else f"{own_id}/prognosis"}
        for effect in effects
    ]
    findings = [*reading.pattern_findings(own_id, found, "feature"), *_odd(own_id, plain)]
    if not tumour.has_code:
        findings.append(Finding(own_id, "disease", "The disease has no OncoTree code; it counts as another tumour."))
    return rows, findings


def _effects(plain: Mapping[str, str]) -> Iterator[dict[str, object]]:
    """What an assertion says: of a therapy, of prognosis, or both. Sensitive and resistant at once is unclear."""
    sensitive, resistant = (plain.get(f"therapy_{word}", "") for word in ("sensitivity", "resistance"))
    if sensitive or resistant:
        said = {word for word, cell in (("sensitive", sensitive), ("resistant", resistant)) if _is_yes(cell)}
        drugs = [reading.drug_name(name) for name in re.split(r"\s*\+\s*", plain.get("therapy_name", "")) if name]
        yield {
            "evidence_type": "predictive",
            "direction": said.pop() if len(said) == 1 else "unclear",
            "drugs": "+".join(drugs) or reading.NOT_GIVEN,
        }
    prognosis = plain.get("favorable_prognosis", "")
    if prognosis:
        better = "better outcome" if _is_yes(prognosis) else "poor outcome"
        yield {"evidence_type": "prognostic", "direction": better, "drugs": None}


def _is_yes(cell: str) -> bool:
    return cell.lower() in {"1", "1.0", "true"}


def _feature(plain: Mapping[str, str]) -> tuple[str | None, str]:
    """Gene and text of the alteration, by the type of its feature."""
    kind = plain.get("feature_type", "").lower()
    gene = plain.get("gene") or plain.get("gene1") or None
    if kind == "rearrangement":
        partner = plain.get("gene2")
        return gene, f"{gene}::{partner}" if gene and partner and gene != partner else "fusion"
    if kind == "copy number":
        return gene, plain.get("direction") or "copy number variation"
    if kind in {"somatic variant", "germline variant"}:
        oncogenic = kind == "germline variant" or not plain.get("variant_annotation")
        return gene, variant_text(
            gene or "", plain.get("protein_change", ""), plain.get("exon", ""), plain.get("variant_annotation", ""),
            oncogenic=oncogenic,
        )  # fmt: skip
    return (gene, f"{plain.get('technique') or kind}") if gene else (None, _genome_wide(kind, plain))


def _genome_wide(kind: str, plain: Mapping[str, str]) -> str:
    """Markers without a gene."""
    if kind == "microsatellite stability":
        return "MSI-H" if "high" in plain.get("status", "").lower() else plain.get("status", "")
    if kind == "mutational burden":
        return "TMB-H" if plain.get("classification", "").lower() == "high" else "TMB-L"
    if kind == "mutational signature":
        number = plain.get("cosmic_signature_number") or plain.get("cosmic_signature", "")
        return f"SBS{number.removesuffix('.0')}"
    return " ".join(filter(None, (kind, plain.get("event"), plain.get("classification"))))


def _common(plain: Mapping[str, str]) -> dict[str, object]:
    """Level, source and place of an assertion."""
    level, kind = plain.get("predictive_implication", ""), plain.get("source_type", "")
    place = next((where for word, where in _PLACES.items() if word in f"{kind} {level}"), None)
    if place is None and kind == "Guideline":
        place = next((where for word, where in _PLACES.items() if word in plain.get("citation", "")), None)
    pmid, doi = plain.get("pmid", "").removesuffix(".0"), plain.get("doi", "")
    sources = [f"PMID:{pmid}" if pmid else f"doi:{doi}" if doi else plain.get("url") or plain.get("citation", "")]
    sources += [plain["nct"]] if plain.get("nct") else []
    # A citation also has the day on which it was read: its earliest year is the document's.
    years = re.findall(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])", plain.get("citation", ""))
    dates = (plain.get("publication_date", ""), min(years, default=""), plain.get("last_updated", ""))
    return {
        "level": level,
        "level_system": "MOAlmanac",
        "strength": strength_of("MOAlmanac", level),
        "jurisdiction": place or "international",
        "source_id": "; ".join(filter(None, sources)) or "Molecular Oncology Almanac",
        "source_date": next(filter(None, map(reading.day_of, dates)), reading.NOT_GIVEN),
        "origin": "germline" if plain.get("feature_type") == "Germline Variant" else None,
        "note": _note(plain),
    }


def _note(plain: Mapping[str, str]) -> str | None:
    said = [word for word in (plain.get("disease"), plain.get("context")) if word]
    return ", ".join(said) + "." if said else None


def _odd(own_id: str, plain: Mapping[str, str]) -> Iterable[Finding]:
    """Contradictions, and levels that are not known."""
    if _is_yes(plain.get("therapy_sensitivity", "")) and _is_yes(plain.get("therapy_resistance", "")):
        what = "The assertion has two opposite directions; its effect is unclear."
        yield Finding(own_id, "therapy_sensitivity", what)
    if plain.get("predictive_implication", "") not in LEVELS["MOAlmanac"]:
        yield Finding(own_id, "predictive_implication", "The level is not known; it counts as the weakest.")
