"""Genomic documents: mutations, copy-number calls, structural variants, signatures, and statements of wild type."""

from __future__ import annotations

from kohort.sources.matchminer.columns import SIGNATURES
from kohort.sources.matchminer.context import ASSAYS, Delivery, Sample, sample_of
from kohort.sources.matchminer.documents import Document
from kohort.sources.matchminer.fields import Fields, Reading, RefusedError, Row
from kohort.sources.matchminer.fusions import genes_in_comment
from kohort.sources.matchminer.signatures import signature_rows

__all__ = ["read_genomic"]

_CATEGORIES = {
    "mutation": "MUTATION", "cnv": "CNV", "copy number variation": "CNV", "sv": "SV",
    "structural variation": "SV", "signature": "SIGNATURE",
}  # fmt: skip
_CALLS = {
    "high level amplification": 2, "high amplification": 2, "gain": 1, "low amplification": 1,
    "heterozygous deletion": -1, "homozygous deletion": -2,
}  # fmt: skip
_ORIGINS = {"somatic": "somatic", "germline": "germline", "unknown": "unknown"}
_CHROMOSOMES = {"23": "X", "24": "Y", "25": "MT", "M": "MT"}
_LONGEST_CHROMOSOME = 10**9
_INDELS = ("frame_shift", "frameshift", "in_frame", "inframe", "del_ins")
_NO_GENE = "The document names no gene. Fill TRUE_HUGO_SYMBOL."


def read_genomic(document: Document, delivery: Delivery) -> Reading:
    """Rows of a genomic document.

    Raises:
        RefusedError: it names no known sample, no known category, or nothing that was found.
    """
    fields = Fields(document)
    sample = sample_of(fields, delivery)
    category = _category(fields)
    if category == "SIGNATURE":
        rows = tuple(signature_rows(fields, sample, implied=False))
        if not rows:
            raise RefusedError("missing_status", "The document gives no status. Fill MMR_STATUS or a signature's.")
        return Reading(rows, tuple(fields.notes))
    told = tuple(signature_rows(fields, sample, implied=True))
    wild = fields.truth("WILDTYPE")
    found = _wild_type(fields, sample, category) if wild else (_READERS[category](fields, sample),)
    return Reading((*found, *told), tuple(fields.notes))


def _category(fields: Fields) -> str:
    """MUTATION, CNV, SV or SIGNATURE, inferred from the columns that are filled where it is not written."""
    written = fields.text("VARIANT_CATEGORY")
    if written is not None:
        found = _CATEGORIES.get(written.casefold())
        if found is None:
            message = "VARIANT_CATEGORY is none of MUTATION, CNV, SV, SIGNATURE. Correct it."
            raise RefusedError("unknown_category", message, "VARIANT_CATEGORY", written)
        return found
    values = fields.document.values
    if "CNV_CALL" in values:
        found = "CNV"
    elif {"LEFT_PARTNER_GENE", "RIGHT_PARTNER_GENE", "STRUCTURAL_VARIANT_COMMENT"} & values.keys():
        found = "SV"
    elif _gene(fields) is not None:
        found = "MUTATION"
    elif {"MMR_STATUS", *SIGNATURES} & values.keys():
        found = "SIGNATURE"
    else:
        raise RefusedError("empty_event", "The document says nothing that was found. Fill VARIANT_CATEGORY.")
    message = f"The document has no VARIANT_CATEGORY; by its columns it was read as {found}. Fill it."
    fields.note("missing_category", message, "VARIANT_CATEGORY")
    return found


def _gene(fields: Fields) -> str | None:
    return fields.text("TRUE_HUGO_SYMBOL", "HARMONIZED_HUGO_SYMBOL")


def _named_gene(fields: Fields) -> str:
    gene = _gene(fields)
    if gene is None:
        raise RefusedError("missing_gene", _NO_GENE, "TRUE_HUGO_SYMBOL")
    return gene


def _wild_type(fields: Fields, sample: Sample, category: str) -> tuple[Row, ...]:
    """A test of this one gene that found nothing: its absence among the variants becomes a no."""
    gene = _gene(fields) or fields.text("LEFT_PARTNER_GENE", "RIGHT_PARTNER_GENE")
    if gene is None:
        raise RefusedError("missing_gene", _NO_GENE, "TRUE_HUGO_SYMBOL")
    if fields.text("TRUE_PROTEIN_CHANGE", "HARMONIZED_PROTEIN_CHANGE", "TRUE_CDNA_CHANGE", "CNV_CALL"):
        message = "The document says wild type and names a change; neither was taken. Correct one of them."
        raise RefusedError("wild_type_with_change", message, "WILDTYPE", "true")
    panel = f"wildtype/{gene}"
    assay = ASSAYS[category]
    test = {"specimen": sample.id, "assay": assay, "panel": panel, "coverage": "panel"}
    code = {"system": f"panel/{panel}", "code": gene}
    return (
        Row("test", sample.person, f"{sample.id}|{assay}|{panel}", test),
        Row("code", None, f"panel/{panel}|{gene}", code, implied=True),
    )


def _mutation(fields: Fields, sample: Sample) -> Row:
    gene = _named_gene(fields)
    kind = fields.text("TRUE_VARIANT_CLASSIFICATION", "HARMONIZED_VARIANT_CLASSIFICATION")
    protein = fields.text("TRUE_PROTEIN_CHANGE", "HARMONIZED_PROTEIN_CHANGE")
    coding = fields.text("TRUE_CDNA_CHANGE", "HARMONIZED_CDNA_CHANGE")
    ref, alt = fields.text("REFERENCE_ALLELE"), fields.text("ALTERNATE_ALLELE")
    chromosome = _chromosome(fields.text("CHROMOSOME"))
    position = fields.whole("POSITION", 0, _LONGEST_CHROMOSOME)
    exon = "TRUE_TRANSCRIPT_EXON" if fields.text("TRUE_TRANSCRIPT_EXON") else "HARMONIZED_TRANSCRIPT_EXON"
    values = {
        "test": f"{sample.id}|mutation",
        "class": "indel" if _is_indel(kind, ref, alt, protein) else "snv",
        "gene": gene,
        "chromosome": chromosome,
        "position": position,
        "ref": ref,
        "alt": alt,
        "hgvs_c": coding,
        "hgvs_p": protein,
        "transcript": fields.text("TRUE_CDNA_TRANSCRIPT_ID"),
        "exon": fields.whole(exon, 0, 500),
        "vaf": fields.number("ALLELE_FRACTION", 0, 1),
        "depth": fields.number("COVERAGE", 0, 1e9),
        "origin": fields.word("SOMATIC_STATUS", _ORIGINS, "unknown_origin", "Somatic, Germline"),
        "classification": kind,
    }
    place = (chromosome, position, ref, alt)
    change = (protein, coding, kind, values["exon"])
    key = _key(sample.id, "mutation", gene, *place, *change)
    return Row("variant", sample.person, key, values)


def _is_indel(kind: str | None, ref: str | None, alt: str | None, protein: str | None) -> bool:
    if kind is not None and kind.casefold().startswith(_INDELS):
        return True
    if ref is not None and alt is not None:
        return len(ref) != len(alt) or "-" in (ref, alt)
    return protein is not None and any(mark in protein for mark in ("fs", "del", "ins", "dup"))


def _chromosome(text: str | None) -> str | None:
    """Chromosome without chr, in the names of the assembly."""
    if text is None:
        return None
    short = text.upper().removeprefix("CHR").removesuffix(".0")
    return _CHROMOSOMES.get(short, short)


def _copy_number(fields: Fields, sample: Sample) -> Row:
    gene = _named_gene(fields)
    call = fields.text("CNV_CALL")
    copies = None if call is None else _CALLS.get(call.casefold())
    if copies is None:
        message = "CNV_CALL is none of High level amplification, Gain, Heterozygous deletion, Homozygous deletion; "
        fields.note("no_copy_number_call", message + "the variant was kept without a call. Correct it.", "CNV_CALL")
    values = {
        "test": f"{sample.id}|copy_number",
        "class": "cnv",
        "gene": gene,
        "copies": copies,
        "classification": call,
    }
    return Row("variant", sample.person, f"{sample.id}|{gene}|cnv", values)


def _structural(fields: Fields, sample: Sample) -> Row:
    left, right = fields.text("LEFT_PARTNER_GENE"), fields.text("RIGHT_PARTNER_GENE")
    comment, sort = fields.text("STRUCTURAL_VARIANT_COMMENT"), fields.text("STRUCTURAL_VARIANT_TYPE")
    gene, partner = (left, right) if left is not None else (right, None)
    if gene is None:
        gene, partner = _from_words(fields, comment)
    if gene is None and comment is None:
        raise RefusedError("missing_gene", "The document names no partner gene and has no comment. Fill one of them.")
    if comment is not None and sort is not None:
        message = "Beside STRUCTURAL_VARIANT_COMMENT there is no place for it; the comment was kept."
        fields.note("type_beside_comment", message, "STRUCTURAL_VARIANT_TYPE")
    values = {
        "test": f"{sample.id}|structural_variant",
        "class": "fusion" if partner is not None and partner != gene else "sv",
        "gene": gene,
        "partner": partner,
        "chromosome": _chromosome(fields.text("CHROMOSOME")),
        "position": fields.whole("POSITION", 0, _LONGEST_CHROMOSOME),
        "classification": comment or sort,
    }
    key = _key(sample.id, "sv", gene, partner, values["position"], sort, comment)
    return Row("variant", sample.person, key, values)


def _from_words(fields: Fields, comment: str | None) -> tuple[str | None, str | None]:
    """Genes of a structural variant that has no partner columns: from its gene column, or from its comment."""
    named = _gene(fields)
    one, other = genes_in_comment(comment or "")
    if one is None and named is None and comment is not None:
        message = "The comment names no gene that could be read with certainty; it was kept as text, without genes."
        fields.note("unread_comment", message, "STRUCTURAL_VARIANT_COMMENT")
    if named is None or named in (one, other):
        return one, other
    return named, None


def _key(*parts: object) -> str:
    return "|".join("" if part is None else str(part) for part in parts)


_READERS = {"MUTATION": _mutation, "CNV": _copy_number, "SV": _structural}
