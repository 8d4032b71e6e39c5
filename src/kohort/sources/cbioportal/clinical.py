"""Clinical patient and sample files: persons, tumours, stages, specimens and what was found about them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kohort.codes import dates
from kohort.sources.cbioportal.context import Study, known_oncotree, tumour_key
from kohort.sources.cbioportal.mapping import Kind, LineCheck, clean, first_of, not_number, number_of
from kohort.sources.cbioportal.responses import BEST_RESPONSE_COLUMNS, best_response_checks, best_responses
from kohort.sources.model import KEY, LINE, PERSON, Rows

__all__ = ["PATIENT", "SAMPLE"]

DAYS_PER_MONTH = 30.4375
"""cBioPortal gives survival in months; with this factor the months of its public studies are whole days again."""

_BIRTH, _DIAGNOSIS = ("BIRTH_DATE", "DATE_OF_BIRTH"), ("DATE_OF_DIAGNOSIS", "DIAGNOSIS_DATE")
_DEATH, _LAST = ("DEATH_DATE", "DATE_OF_DEATH"), ("LAST_CONTACT_DATE", "DATE_OF_LAST_CONTACT")
_CALENDAR = (*_BIRTH, *_DIAGNOSIS, *_DEATH, *_LAST)
_NUMBERS = (
    "AGE",
    "BIRTH_DAYS_TO",
    "OS_MONTHS",
    "DSS_MONTHS",
    "PFS_MONTHS",
    "ECOG",
    "KARNOFSKY",
    "HEIGHT_CM",
    "WEIGHT_KG",
)
_MEASURED = {
    "ECOG": ("ecog", None),
    "KARNOFSKY": ("karnofsky", None),
    "HEIGHT_CM": ("height", "cm"),
    "WEIGHT_KG": ("weight", "kg"),
}
_PERSON_COLUMNS = {
    "PATIENT_ID", "SEX", "GENDER", "AGE", "BIRTH_DAYS_TO", "YEAR_OF_DIAGNOSIS", "OS_STATUS", "OS_MONTHS",
    "ICD_10", "ICD_O_3_SITE", "ICD_O_3_HISTOLOGY", "GRADE", "AJCC_STAGE", "CLINICAL_STAGE",
    "DSS_STATUS", "DSS_MONTHS", "PFS_STATUS", "PFS_MONTHS", *_MEASURED, *_CALENDAR, *BEST_RESPONSE_COLUMNS,
}  # fmt: skip
_IHC = {"ER_STATUS": "ER", "PR_STATUS": "PR", "HER2_STATUS": "HER2"}
_MSI = ("MSI_STATUS", "MSI_TYPE")
_TMB = ("TMB_SCORE", "TMB_NONSYNONYMOUS", "CVR_TMB_SCORE")
_PURITY = ("TUMOR_PURITY",)
_SAMPLE_COLUMNS = {"PATIENT_ID", "SAMPLE_ID", "ONCOTREE_CODE", "SAMPLE_TYPE", *_IHC, *_MSI, *_TMB, *_PURITY}
_IHC_VALUES = {
    "positive": "positive", "pos": "positive", "+": "positive", "3+": "positive",
    "negative": "negative", "neg": "negative", "0": "negative", "1+": "negative",
    "equivocal": "equivocal", "indeterminate": "equivocal", "2+": "equivocal",
}  # fmt: skip
_MSI_VALUES = {
    "msi-h": "MSI-H", "instable": "MSI-H", "unstable": "MSI-H", "msi-l": "MSI-L", "mss": "MSS", "stable": "MSS",
    "indeterminate": "indeterminate",
}  # fmt: skip
_SAMPLE_KINDS = {
    "primary": "primary", "metastasis": "metastasis", "metastatic": "metastasis", "recurrence": "recurrence",
    "recurrent": "recurrence", "local recurrence": "recurrence", "normal": "normal",
}  # fmt: skip
_SEXES = {"female": "female", "f": "female", "male": "male", "m": "male"}
_NO_ID = "The line names no patient. Fill PATIENT_ID."


def patient_checks(frame: pl.DataFrame, study: Study) -> Sequence[LineCheck]:
    """Rules for lines of the patient file."""
    ids = pl.col("PATIENT_ID")
    checks = [
        LineCheck("missing_id", "PATIENT_ID", ids.str.strip_chars().fill_null("") == "", _NO_ID),
        LineCheck(
            "two_patients_one_id",
            "PATIENT_ID",
            ids.is_in(list(study.conflicts)),
            "Two lines give this id with different content: two patients, or a correction. All lines of the id were "
            "set aside, so that nobody gets another's data. Keep the right line and ingest again.",
        ),
    ]
    checks += not_number(frame, *_NUMBERS)
    for name, words in (("SEX", _SEXES), ("GENDER", _SEXES)):
        if name in frame.columns:
            strange = clean(name).is_not_null() & _lookup(clean(name), words).is_null()
            message = f"{name} is neither male nor female; it was kept as text, without a code. Correct it."
            checks.append(LineCheck("unknown_sex", name, strange, message, "warning"))
    if "OS_STATUS" in frame.columns:
        strange = clean("OS_STATUS").is_not_null() & _is_dead(frame).is_null()
        message = "OS_STATUS says neither living nor deceased, so neither is taken. Write 0:LIVING or 1:DECEASED."
        checks.append(LineCheck("unknown_status", "OS_STATUS", strange, message, "warning"))
    checks += best_response_checks(frame)
    return checks + [_no_date(frame, name) for name in (*_CALENDAR, "YEAR_OF_DIAGNOSIS") if name in frame.columns]


def _no_date(frame: pl.DataFrame, name: str) -> LineCheck:
    written = frame.select(clean(name)).to_series()
    bad = dates.parse_series(written).get_column("bad").is_not_null()
    message = f"{name} is no date that exists; the line was kept without it. Correct it (yyyy-mm-dd)."
    return LineCheck("impossible_date", name, pl.lit(bad), message, "warning")


def _date(frame: pl.DataFrame, names: Sequence[str], target: str) -> list[pl.Series]:
    """Columns ``target`` and ``target_precision`` from the first of these columns that the file has."""
    parsed = dates.parse_series(frame.with_columns(first_of(frame, *names).alias("_date"))["_date"])
    return [
        parsed.get_column("date").alias(target),
        parsed.get_column("precision").alias(f"{target}_precision"),
    ]


def _lookup(value: pl.Expr, words: dict[str, str]) -> pl.Expr:
    return value.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.String)


def patient_rows(frame: pl.DataFrame, study: Study) -> Sequence[Rows]:
    """Standard rows of the patient file."""
    rows = [_persons(frame), _patient_findings(frame), *best_responses(frame)]
    staged = frame.join(
        study.patients.select("PATIENT_ID", "TUMOUR"), on="PATIENT_ID", how="left", maintain_order="left"
    )
    rows.append(_stages(staged))
    alone = staged.filter(pl.col("TUMOUR").is_null())
    if alone.height and "ICD_10" in frame.columns:  # a patient without any sample still has a tumour
        rows.append(_tumours(alone, pl.lit(None, dtype=pl.String)))
    return rows


def _is_dead(frame: pl.DataFrame) -> pl.Expr:
    """True for dead, false for alive, null where the status says neither."""
    status = first_of(frame, "OS_STATUS").str.to_uppercase()
    return (
        pl.when(status.str.contains("DECEASED|DEAD") | status.str.starts_with("1:")).then(pl.lit(value=True))
        .when(status.str.contains("LIVING|ALIVE") | status.str.starts_with("0:")).then(pl.lit(value=False))
    )  # fmt: skip


def _persons(frame: pl.DataFrame) -> Rows:
    sex = first_of(frame, "SEX", "GENDER")
    coded, dead = _lookup(sex, _SEXES), _is_dead(frame)
    lived = (number_of(frame, "OS_MONTHS") * DAYS_PER_MONTH).round().cast(pl.Int32)
    cause = first_of(frame, "DSS_STATUS")
    by_cancer = cause.str.to_uppercase().str.contains("DEAD WITH TUMOR")
    made = frame.select(
        pl.col("PATIENT_ID").alias(PERSON),
        pl.col("PATIENT_ID").alias(KEY),
        LINE,
        pl.when(coded.is_not_null()).then(pl.lit("hl7")).alias("sex_system"),
        coded.alias("sex_code"),
        sex.alias("sex_text"),
        number_of(frame, "BIRTH_DAYS_TO").round().cast(pl.Int32).alias("birth_day"),
        dead.alias("deceased"),
        pl.when(dead).then(lived).alias("death_day"),
        pl.when(~dead).then(lived).alias("last_alive_day"),
        pl.when(dead & by_cancer).then(pl.lit("kohort")).alias("death_cause_system"),
        pl.when(dead & by_cancer).then(pl.lit("cancer")).alias("death_cause_code"),
        pl.when(dead).then(cause).alias("death_cause_text"),
        pl.lit("diagnosis").alias("origin"),
    )
    calendar = _date(frame, _BIRTH, "birth") + _date(frame, _DEATH, "death") + _date(frame, _LAST, "last_alive")
    return Rows("person", made.with_columns(calendar))


def _stages(frame: pl.DataFrame) -> Rows:
    parts = []
    for column, system, prefix in (("AJCC_STAGE", "AJCC", None), ("CLINICAL_STAGE", None, "c")):
        if column not in frame.columns:
            continue
        text = clean(column)
        parts.append(
            frame.filter(text.is_not_null()).select(
                pl.col("PATIENT_ID").alias(PERSON),
                pl.concat_str([pl.col("PATIENT_ID"), pl.lit(column)], separator="|").alias(KEY),
                LINE,
                pl.col("TUMOUR").alias("tumour"),
                pl.lit(system, dtype=pl.String).alias("system"),
                pl.lit(prefix, dtype=pl.String).alias("prefix"),
                text.str.extract(r"(?i)^(?:stage\s+)?((?:0|IV|I{1,3}|X)[ABCES]?\d?)$", 1)
                .str.to_uppercase()
                .alias("stage_group"),
                text.alias("stage_text"),
            )
        )
    empty = pl.DataFrame(schema={PERSON: pl.String, KEY: pl.String, LINE: pl.Int64})
    return Rows("stage", pl.concat(parts) if parts else empty, implied=True)


def finding_frame(
    frame: pl.DataFrame, owner: str, kind: str, code: str, **columns: pl.Expr | str | None
) -> pl.DataFrame:
    """Finding rows of one column: ``owner`` is the column that, with ``code``, makes the natural key."""
    given = {n: c if isinstance(c, pl.Expr) else pl.lit(c, dtype=pl.String) for n, c in columns.items()}
    return frame.select(
        pl.col("PATIENT_ID").alias(PERSON),
        pl.concat_str([pl.col(owner), pl.lit(kind), pl.lit(code)], separator="|").alias(KEY),
        LINE,
        pl.lit(kind).alias("kind"),
        pl.lit("cbioportal").alias("code_system"),
        pl.lit(code).alias("code_code"),
        **given,
    )


def _patient_findings(frame: pl.DataFrame) -> Rows:
    parts = []
    for column, (kind, unit) in _MEASURED.items():
        if column in frame.columns:
            value = clean(column).cast(pl.Float64, strict=False)
            kept = frame.filter(value.is_not_null())
            parts.append(finding_frame(kept, "PATIENT_ID", kind, column, value_number=value, unit=unit))
    for name in ("DSS", "PFS"):
        if f"{name}_STATUS" in frame.columns:
            text = clean(f"{name}_STATUS")
            event = (
                pl.when(text.str.starts_with("1"))
                .then(pl.lit("event"))
                .when(text.str.starts_with("0"))
                .then(pl.lit("censored"))
            )
            kept = frame.filter(text.is_not_null())
            months = number_of(frame, f"{name}_MONTHS")
            parts.append(
                finding_frame(
                    kept,
                    "PATIENT_ID",
                    "endpoint",
                    name,
                    value_number=months,
                    unit="mo",
                    value_code=event,
                    value_text=text,
                )
            )
    parts += _attributes(frame, "PATIENT_ID", _PERSON_COLUMNS)
    return Rows("finding", pl.concat(parts, how="diagonal") if parts else _no_rows(), implied=True)


def _no_rows() -> pl.DataFrame:
    return pl.DataFrame(schema={PERSON: pl.String, KEY: pl.String, LINE: pl.Int64})


def _attributes(frame: pl.DataFrame, owner: str, understood: set[str]) -> list[pl.DataFrame]:
    """Columns that have no place of their own, kept as findings of kind attribute (smoking as smoking)."""
    parts = []
    for column in frame.columns:
        if column in understood or column.startswith("_") or column in ("TUMOUR", "SPECIMEN"):
            continue
        kept = frame.filter(clean(column).is_not_null())
        if kept.height:
            kind = "smoking" if column.startswith("SMOKING") else "attribute"
            parts.append(finding_frame(kept, owner, kind, column, value_text=clean(column)))
    return parts


def sample_checks(frame: pl.DataFrame, study: Study) -> Sequence[LineCheck]:
    """Rules for lines of the sample file."""
    patient, sample = pl.col("PATIENT_ID"), pl.col("SAMPLE_ID")
    unnamed = (patient.str.strip_chars().fill_null("") == "") | (sample.str.strip_chars().fill_null("") == "")
    known = study.patients["PATIENT_ID"]
    conflict = patient.is_in(list(study.conflicts))
    checks = [
        LineCheck("missing_id", "SAMPLE_ID", unnamed, "The line lacks PATIENT_ID or SAMPLE_ID. Fill both."),
        LineCheck(
            "patient_in_quarantine", "PATIENT_ID", conflict,
            "The sample belongs to an id that two patients share in the patient file. Settle that first.",
        ),
    ]  # fmt: skip
    if known.len():
        stranger = ~patient.is_in(known.implode()) & ~conflict
        message = "The sample names a patient who is not in the patient file. Correct the id or add the patient."
        checks.append(LineCheck("unknown_patient", "PATIENT_ID", stranger, message))
    if "ONCOTREE_CODE" in frame.columns:
        code = clean("ONCOTREE_CODE")
        unknown = code.is_not_null() & ~code.str.to_uppercase().is_in(known_oncotree())
        message = "The OncoTree code is not known; the line was kept with the code as text only. Correct the code."
        checks.append(LineCheck("unknown_oncotree_code", "ONCOTREE_CODE", unknown, message, "warning"))
    return checks + not_number(frame, *_TMB, *_PURITY)


def sample_rows(frame: pl.DataFrame, study: Study) -> Sequence[Rows]:
    """Standard rows of the sample file."""
    code = clean("ONCOTREE_CODE") if "ONCOTREE_CODE" in frame.columns else pl.lit(None, dtype=pl.String)
    keyed = frame.with_columns(
        tumour_key(pl.col("PATIENT_ID"), code).alias("TUMOUR"), pl.col("SAMPLE_ID").alias("SPECIMEN")
    )
    described = keyed.join(study.patients.drop("TUMOUR"), on="PATIENT_ID", how="left", maintain_order="left")
    kind = clean("SAMPLE_TYPE") if "SAMPLE_TYPE" in frame.columns else pl.lit(None, dtype=pl.String)
    purity = number_of(frame, *_PURITY)
    specimen = keyed.select(
        pl.col("PATIENT_ID").alias(PERSON),
        pl.col("SAMPLE_ID").alias(KEY),
        LINE,
        pl.col("TUMOUR").alias("tumour"),
        _lookup(kind, _SAMPLE_KINDS).fill_null("unknown").alias("kind"),
        kind.alias("kind_text"),
        pl.when(purity > 1).then(purity / 100).otherwise(purity).alias("tumour_fraction"),
    )
    return [Rows("specimen", specimen), _tumours(described, code), _sample_findings(keyed)]


def _tumours(frame: pl.DataFrame, code: pl.Expr) -> Rows:
    """Primary tumours: diagnosis from the sample, the rest from the patient (see ``TUMOUR_COLUMNS``)."""
    upper = code.str.to_uppercase()
    known = upper.is_in(known_oncotree())
    site = pl.coalesce(first_of(frame, "ICD_O_3_SITE"), first_of(frame, "ICD_10"))
    shape = first_of(frame, "ICD_O_3_HISTOLOGY")
    age = number_of(frame, "AGE")
    made = frame.select(
        pl.col("PATIENT_ID").alias(PERSON),
        pl.coalesce(pl.col("TUMOUR"), tumour_key(pl.col("PATIENT_ID"), code)).alias(KEY),
        LINE,
        pl.lit("primary").alias("kind"),
        pl.when(known).then(pl.lit("oncotree")).alias("oncotree_system"),
        pl.when(known).then(upper).alias("oncotree_code"),
        code.alias("oncotree_text"),
        pl.when(site.is_not_null())
        .then(pl.lit("icd-o-3" if "ICD_O_3_SITE" in frame.columns else "icd-10"))
        .alias("topography_system"),
        site.str.to_uppercase().alias("topography_code"),
        site.alias("topography_text"),
        pl.when(shape.is_not_null()).then(pl.lit("icd-o-3")).alias("morphology_system"),
        shape.alias("morphology_code"),
        shape.alias("morphology_text"),
        shape.str.extract(r"^\d{4}/([012369])$", 1).alias("behaviour"),
        first_of(frame, "GRADE").alias("grade_value"),
        pl.when(age.is_between(0, 125)).then(age.floor().cast(pl.Int32)).alias("age_at_diagnosis"),
        pl.lit(0, dtype=pl.Int32).alias("diagnosed_day"),
    )
    return Rows(
        "tumour",
        made.with_columns(_date(frame, (*_DIAGNOSIS, "YEAR_OF_DIAGNOSIS"), "diagnosed")),
        implied=True,
    )


def _sample_findings(frame: pl.DataFrame) -> Rows:
    parts = []
    for column, name in _IHC.items():
        if column in frame.columns:
            text = clean(column)
            kept = frame.filter(text.is_not_null())
            parts.append(
                finding_frame(kept, "SAMPLE_ID", "ihc", name, value_code=_lookup(text, _IHC_VALUES), value_text=text)
            )
    for column in _MSI:
        if column in frame.columns:
            text = clean(column)
            kept = frame.filter(text.is_not_null())
            parts.append(
                finding_frame(kept, "SAMPLE_ID", "msi", column, value_code=_lookup(text, _MSI_VALUES), value_text=text)
            )
    for column in _TMB:
        if column in frame.columns:
            value = clean(column).cast(pl.Float64, strict=False)
            kept = frame.filter(value.is_not_null())
            parts.append(finding_frame(kept, "SAMPLE_ID", "tmb", column, value_number=value, unit="1/Mb"))
    parts += _attributes(frame, "SAMPLE_ID", _SAMPLE_COLUMNS)
    whole = pl.concat(parts, how="diagonal") if parts else _no_rows()
    links = frame.select(pl.col(LINE), pl.col("SPECIMEN").alias("specimen"), pl.col("TUMOUR").alias("tumour"))
    return Rows("finding", whole.join(links, on=LINE, how="left", maintain_order="left"), implied=True)


PATIENT = Kind("clinical_patient", ("PATIENT_ID",), patient_checks, patient_rows, frozenset({"PATIENT_ID", *_CALENDAR}))
SAMPLE = Kind(
    "clinical_sample",
    ("PATIENT_ID", "SAMPLE_ID"),
    sample_checks,
    sample_rows,
    frozenset({"PATIENT_ID", "SAMPLE_ID"}),
)
