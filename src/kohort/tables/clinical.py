"""The twelve clinical tables. Names follow MEDOC, mCODE, OMOP oncology and ECCDM wherever these agree."""

from __future__ import annotations

from kohort.tables.model import Check, Column, Table, code, day, integer, number, reference, text, truth

__all__ = ["CLINICAL", "HEADER"]

HEADER: tuple[Column, ...] = (
    Column("person", "int64", "Keyed pseudonym of the patient.", required=True, references="person"),
    Column("id", "int64", "Keyed BLAKE3 of the natural key: reading again gives the same id.", required=True),
    Column("source_file", "int32", "Number of the file in the ingest table.", required=True),
    Column("source_line", "int64", "Physical line in that file, from 1.", required=True),
    Column("batch", "int32", "Batch that brought this version of the row.", required=True),
    Column("confidence", "float32", "1.0 for structured data, less for text.", minimum=0, maximum=1),
    Column("valid_from", "int32", "First batch in which this version was current.", required=True),
    Column("valid_to", "int32", "Batch that replaced this version; null while it is current."),
)


def _interval(start: str, end: str) -> tuple[Check, ...]:
    return (
        Check(
            f"{start}_before_{end}",
            f"({start} IS NULL OR {end} IS NULL OR {start} <= {end}) AND "
            f"({start}_day IS NULL OR {end}_day IS NULL OR {start}_day <= {end}_day)",
            f"{end} is before {start}",
        ),
    )


def _clinical(
    name: str, words: str, natural_key: str, *groups: tuple[Column, ...], checks: tuple[Check, ...] = ()
) -> Table:
    columns = HEADER + tuple(column for group in groups for column in group)
    return Table(name, words, columns, natural_key, checks)


PERSON = _clinical(
    "person",
    "One patient: what does not change, birth, death and the last sign of life.",
    "the patient's id at the source",
    code("sex", "Sex."),
    day("birth", "Birth."),
    day("death", "Death."),
    truth("deceased", "True if the source says dead, false if alive, also where no date is given."),
    code("death_cause", "Cause of death."),
    day("last_alive", "Last day known to be alive."),
    text(
        "origin",
        "What day 0 of the relative times is.",
        "diagnosis",
        "birth",
        "first_sequencing",
        "first_treatment",
        "unknown",
    ),
    text("country", "ISO 3166 code of the country of the site."),
    checks=_interval("birth", "death"),
)

TUMOUR = _clinical(
    "tumour",
    "One tumour: a primary, its recurrence or a metastasis.",
    "patient, kind, diagnosis and, for events after the primary, the day",
    reference("parent", "tumour", "The primary of a recurrence or metastasis."),
    text("kind", "What it is.", "primary", "recurrence", "metastasis", "in_situ"),
    code("topography", "Where it is (ICD-O-3 topography or ICD-10)."),
    code("morphology", "What it looks like (ICD-O-3 morphology)."),
    text(
        "behaviour",
        "ICD-O-3 behaviour: 0 benign, 1 uncertain, 2 in situ, 3 malignant, 6 metastatic, 9 unknown.",
        "0",
        "1",
        "2",
        "3",
        "6",
        "9",
    ),
    text("laterality", "Side of a paired organ.", "left", "right", "bilateral", "midline", "unknown"),
    text("grade_system", "Grading system."),
    text("grade_value", "Grade within its system."),
    day("diagnosed", "Diagnosis."),
    integer("age_at_diagnosis", "Age at diagnosis as the source states it.", unit="years", minimum=0, maximum=125),
    code("diagnosis_basis", "Basis of the diagnosis."),
    code("oncotree", "Diagnosis in OncoTree."),
)

STAGE = _clinical(
    "stage",
    "One staging of a tumour.",
    "tumour, system, prefix, day",
    reference("tumour", "tumour", "The tumour that was staged."),
    text("system", "Staging system, e.g. AJCC."),
    text("edition", "Edition of the system."),
    text(
        "prefix",
        "How it was assessed: c clinical, p pathological, y after therapy, r recurrence.",
        "c",
        "p",
        "y",
        "r",
    ),
    text("t", "T category."),
    text("n", "N category."),
    text("m", "M category."),
    text("stage_group", "Stage group, e.g. IIA."),
    text("stage_text", "As the source wrote it."),
    reference("evidence", "finding", "What the staging stands on."),
    day("assessed", "Staging."),
)

FINDING = _clinical(
    "finding",
    "One thing found about a patient or tumour: a measurement, score, marker or reported attribute.",
    "patient, tumour or specimen, kind, code, day",
    reference("tumour", "tumour", "The tumour it is about."),
    text(
        "kind",
        "What sort of finding.",
        "ecog",
        "karnofsky",
        "height",
        "weight",
        "comorbidity",
        "smoking",
        "laboratory",
        "marker",
        "ihc",
        "msi",
        "tmb",
        "pro",
        "adverse_event",
        "endpoint",
        "status",
        "attribute",
        required=True,
    ),
    code("code", "What was looked at."),
    day("found", "Finding."),
    number("value_number", "Value as a number."),
    text("comparator", "How the number is meant.", "<", "<=", "=", ">=", ">"),
    text("unit", "Unit of the number (UCUM)."),
    number("reference_low", "Lower limit of normal of the laboratory that measured, in the same unit."),
    number("reference_high", "Upper limit of normal of the laboratory that measured, in the same unit."),
    code("value", "Value as a code or text."),
    reference("specimen", "specimen", "The specimen it was found in."),
)

THERAPY = _clinical(
    "therapy",
    "One course of treatment, of one or more items.",
    "patient, modality, start, regimen",
    reference("tumour", "tumour", "The tumour that is treated."),
    text(
        "modality",
        "What sort of treatment.",
        "systemic",
        "surgery",
        "radiotherapy",
        "rehabilitation",
        "other",
    ),
    text("modality_text", "As the source wrote it."),
    text("intent", "Intent.", "curative", "palliative", "unknown"),
    text("setting", "Setting.", "neoadjuvant", "adjuvant", "concomitant", "advanced", "recurrence", "unknown"),
    text("setting_text", "As the source wrote it."),
    integer("line", "Line of therapy as the source states it.", minimum=0, maximum=40),
    day("start", "Start."),
    day("stop", "Stop."),
    truth("ongoing", "True if it goes on at the time of reporting."),
    code("stop_reason", "Why it was stopped."),
    text("regimen", "Name of the regimen."),
    text("trial", "Identifier of the trial, if given within one."),
    text("cohort", "Identifier of the treatment cohort within that trial."),
    truth("off_label", "True if given outside the label."),
    checks=_interval("start", "stop"),
)

THERAPY_ITEM = _clinical(
    "therapy_item",
    "One drug, operation or radiation field of a course of treatment.",
    "therapy, drug or procedure",
    reference("therapy", "therapy", "The course it belongs to.", required=True),
    code("item", "The drug or procedure."),
    number("dose", "Dose.", minimum=0),
    text("unit", "Unit of the dose (UCUM)."),
    text("route", "Route."),
    number("cycles", "Number of cycles.", minimum=0),
    code("body_site", "Where it was given."),
    integer("fractions", "Number of fractions.", minimum=0, maximum=200),
    day("start", "Start."),
    day("stop", "Stop."),
    checks=_interval("start", "stop"),
)

RESPONSE = _clinical(
    "response",
    "One assessment of how a tumour answers to treatment.",
    "therapy or tumour, day, category",
    reference("tumour", "tumour", "The tumour that was assessed."),
    reference("therapy", "therapy", "The treatment it is an answer to."),
    day("assessed", "Assessment."),
    text("method", "Who or what judged.", "recist", "rano", "clinician", "imaging", "pathology", "unknown"),
    text("category", "complete, partial, stable, progressive, or not evaluable.", "CR", "PR", "SD", "PD", "NE"),
    text("category_text", "As the source wrote it."),
    truth("is_best", "True if the source calls it the best response of this treatment."),
    text("sites", "Sites it was seen at."),
)

ENCOUNTER = _clinical(
    "encounter",
    "One contact with the health service.",
    "patient, provider, start, kind",
    day("start", "Start."),
    day("stop", "End."),
    text("kind", "What sort of contact.", "inpatient", "outpatient", "day_care", "board", "other"),
    text("unit", "Ward or unit."),
    text("provider", "Provider."),
    number("cost", "Cost.", minimum=0),
    text("currency", "ISO 4217 currency of the cost."),
    checks=_interval("start", "stop"),
)

SPECIMEN = _clinical(
    "specimen",
    "One specimen taken from a tumour.",
    "the specimen's id at the source",
    reference("tumour", "tumour", "The tumour it was taken from."),
    day("collected", "Collection."),
    code("tissue", "Kind of tissue."),
    code("site", "Where it was taken."),
    text("kind", "What the specimen shows.", "primary", "metastasis", "recurrence", "normal", "unknown"),
    text("kind_text", "As the source wrote it."),
    number("tumour_fraction", "Share of tumour cells.", unit="1", minimum=0, maximum=1),
    truth("matched_normal", "True if a normal sample was sequenced beside it."),
    reference("parent", "specimen", "The specimen it was made from."),
)

TEST = _clinical(
    "test",
    "One molecular test of a specimen: what was looked at. Only it turns an absent variant into a no.",
    "specimen, assay",
    reference("specimen", "specimen", "The specimen that was tested.", required=True),
    text(
        "assay",
        "What the test reads.",
        "mutation",
        "copy_number",
        "structural_variant",
        "expression",
        "ihc",
        "other",
        required=True,
    ),
    text(
        "panel",
        "Panel; its genes stand in the code table under system `panel/<panel>`. Null: coverage unknown.",
    ),
    text("coverage", "What the panel covers.", "panel", "exome", "genome", "unknown"),
    text("laboratory", "Laboratory."),
    text("genome_build", "Reference genome.", "GRCh37", "GRCh38"),
    day("ordered", "Order."),
    day("reported", "Report."),
    number("tmb", "Tumour mutational burden.", unit="1/Mb", minimum=0, maximum=100_000),
    text("msi", "Microsatellite status.", "MSI-H", "MSI-L", "MSS", "indeterminate"),
    number(
        "region", "Size of the coding region that counts towards the tumour mutational burden.", unit="Mb", minimum=0
    ),
    number(
        "msi_unstable", "Share of the usable microsatellite sites that are unstable.", unit="%", minimum=0, maximum=100
    ),
    number("msi_sites", "Usable microsatellite sites.", minimum=0),
    number("hrd", "Score of homologous recombination deficiency.", minimum=0, maximum=1000),
    text("quality", "Outcome of quality control.", "pass", "limited", "failed"),
    text("file_reference", "Where the raw file lies."),
)

VARIANT = _clinical(
    "variant",
    "One alteration found by a test, or (class not_assessed) a gene that this test could not read.",
    "specimen, genomic position and bases; gene and change where there is no position",
    reference("test", "test", "The test that found it.", required=True),
    text(
        "class",
        "What sort of alteration.",
        "snv",
        "indel",
        "cnv",
        "sv",
        "fusion",
        "expression",
        "signature",
        "not_assessed",
        required=True,
    ),
    text("gene", "Gene symbol (HGNC) as the source wrote it."),
    text("partner", "Second gene of a fusion."),
    text("chromosome", "Chromosome without chr: 1-22, X, Y, MT."),
    integer("position", "First base, 1-based.", type="int64", minimum=0),
    integer("end_position", "Last base, 1-based.", type="int64", minimum=0),
    text("ref", "Reference bases."),
    text("alt", "Alternative bases."),
    text("hgvs_c", "Change of the coding sequence."),
    text("hgvs_p", "Change of the protein as the source wrote it."),
    text("transcript", "Transcript of hgvs_c and hgvs_p."),
    integer("exon", "Exon number.", minimum=0, maximum=500),
    number("vaf", "Share of reads with the variant.", unit="1", minimum=0, maximum=1),
    number("depth", "Reads at the position.", minimum=0),
    integer(
        "copies",
        "Discrete copy-number call: -2 deep loss, -1 loss, 1 gain, 2 amplification.",
        minimum=-2,
        maximum=2,
    ),
    text("origin", "Somatic or germline.", "somatic", "germline", "unknown"),
    text("classification", "Effect in the words of the source (MAF Variant_Classification)."),
    number(
        "amount",
        "Measured amount: fold change of a copy number, share of a signature, expression as the source gives it.",
    ),
    number("reads", "Reads that support a fusion or a splice variant.", minimum=0),
    number("population_frequency", "Highest allele frequency in a population.", unit="1", minimum=0, maximum=1),
    text("significance", "Clinical significance in the words of the source (ClinVar, ACMG class)."),
    text(
        "call_filter", "What filters of the laboratory say of the call, as the source wrote it; PASS if none objects."
    ),
    checks=(
        Check(
            "position_before_end_position",
            "position IS NULL OR end_position IS NULL OR position <= end_position",
            "end_position is before position",
        ),
    ),
)

DECISION = _clinical(
    "decision",
    "One decision about a patient: a recommendation, a request and its answer, a consent.",
    "patient, kind, day, drug or trial",
    text(
        "kind",
        "What was decided.",
        "recommendation",
        "trial_match",
        "off_label_request",
        "answer",
        "consent",
        "permit",
        "enrolment",
        required=True,
    ),
    day("decided", "Decision."),
    reference("tumour", "tumour", "The tumour it is about."),
    text("evidence_ids", "Ids of the evidence it stands on, separated by blanks."),
    text("drug_or_trial", "The drug or trial."),
    text("level", "Level of evidence."),
    text("status", "Status.", "open", "accepted", "refused", "withdrawn", "done"),
    text("outcome", "What came of it."),
)

CLINICAL: tuple[Table, ...] = (
    PERSON,
    TUMOUR,
    STAGE,
    FINDING,
    THERAPY,
    THERAPY_ITEM,
    RESPONSE,
    ENCOUNTER,
    SPECIMEN,
    TEST,
    VARIANT,
    DECISION,
)
