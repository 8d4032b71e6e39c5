"""Timelines: treatments with their answers, events of the disease, laboratory values and any other event.

cBioPortal counts days from the patient's diagnosis; these days are kept as they are and no date is made from them.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kohort.codes import drugs
from kohort.sources.cbioportal.context import Study
from kohort.sources.cbioportal.mapping import Kind, LineCheck, clean, first_of, not_integer
from kohort.sources.cbioportal.responses import category
from kohort.sources.model import KEY, LINE, PERSON, Rows

__all__ = ["TIMELINE"]

_SYSTEMIC = (
    "chemotherapy", "hormone therapy", "targeted molecular therapy", "targeted therapy", "immunotherapy", "vaccine",
    "medical therapy", "systemic", "hormone", "biologic", "investigational",
)  # fmt: skip
_RADIATION = ("radiation", "radiation therapy", "radiotherapy")
_SURGERY = ("surgery", "operation")
_SETTINGS = {
    "adjuvant": "adjuvant", "neoadjuvant": "neoadjuvant", "palliative": "advanced", "progression": "advanced",
    "recurrence": "recurrence", "metastatic": "advanced", "advanced": "advanced", "concomitant": "concomitant",
}  # fmt: skip
_INTENTS = {"adjuvant": "curative", "neoadjuvant": "curative", "palliative": "palliative"}
_EVENTS = (
    ("metast", "metastasis"),
    ("regional lymph node", "metastasis"),
    ("recurrence", "recurrence"),
    ("new primary", "primary"),
)
_PRIVATE = frozenset({"PATIENT_ID", "START_DATE", "STOP_DATE"})


PERSON_ID = pl.col("PATIENT_ID")


def timeline_checks(frame: pl.DataFrame, study: Study) -> Sequence[LineCheck]:
    """Rules for lines of a timeline."""
    patient = pl.col("PATIENT_ID")
    known = study.patients["PATIENT_ID"]
    conflict = patient.is_in(list(study.conflicts))
    checks = [
        LineCheck(
            "missing_id",
            "PATIENT_ID",
            patient.str.strip_chars().fill_null("") == "",
            "The line names no patient. Fill PATIENT_ID.",
        ),
        LineCheck(
            "patient_in_quarantine",
            "PATIENT_ID",
            conflict,
            "Two patients share this id in the patient file. Settle that first.",
        ),
    ]
    if known.len():
        message = "The patient is not in the patient file. Correct the id or add the patient."
        checks.append(LineCheck("unknown_patient", "PATIENT_ID", ~patient.is_in(known.implode()) & ~conflict, message))
    present = [name for name in ("START_DATE", "STOP_DATE") if name in frame.columns]
    checks += not_integer(frame, *present)
    if len(present) == 2:
        start, stop = (clean(name).cast(pl.Float64, strict=False) for name in present)
        message = "STOP_DATE is before START_DATE; the line was kept without its STOP_DATE. Correct one of them."
        checks.append(LineCheck("stop_before_start", "STOP_DATE", stop < start, message, "warning"))
    return checks


def timeline_rows(frame: pl.DataFrame, study: Study) -> Sequence[Rows]:
    """Standard rows of a timeline; each line goes by its EVENT_TYPE."""
    event = clean("EVENT_TYPE").str.to_uppercase().fill_null("")
    keyed = frame.join(
        study.patients.select("PATIENT_ID", "TUMOUR"), on="PATIENT_ID", how="left", maintain_order="left"
    )
    cells = [pl.col(name).fill_null("") for name in frame.columns if name != LINE]
    start, stop = (
        first_of(frame, n).cast(pl.Float64, strict=False).cast(pl.Int32) for n in ("START_DATE", "STOP_DATE")
    )
    keyed = keyed.with_columns(
        pl.concat_str(cells, separator="|").alias(KEY),
        start.alias("START"),
        pl.when(stop < start).then(None).otherwise(stop).alias("STOP"),
    )
    treated = keyed.filter(event == "TREATMENT")
    happened = keyed.filter(event == "STATUS")
    other = keyed.filter(~event.is_in(["TREATMENT", "STATUS"]))
    rows: list[Rows] = []
    rows += _treatments(treated) if treated.height else []
    rows += _statuses(happened) if happened.height else []
    rows += [_others(other)] if other.height else []
    return rows


def _word(value: pl.Expr, words: dict[str, str]) -> pl.Expr:
    return value.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.String)


def _treatments(frame: pl.DataFrame) -> list[Rows]:
    sort = first_of(frame, "TREATMENT_TYPE")
    lower = sort.str.to_lowercase()
    agent = first_of(frame, "AGENT")
    items = _items(frame.with_columns(agent.alias("AGENT_TEXT")))
    named = frame[LINE].is_in(items.frame.filter(pl.col("item_code").is_not_null())[LINE].implode())
    modality = (
        pl.when(lower.is_in(_RADIATION)).then(pl.lit("radiotherapy"))
        .when(lower.is_in(_SURGERY)).then(pl.lit("surgery"))
        .when(lower.is_in(_SYSTEMIC) | (lower.is_null() & pl.lit(named))).then(pl.lit("systemic"))
        .otherwise(pl.lit("other"))
    )  # fmt: skip
    setting = first_of(frame, "INDICATION")
    therapy = frame.select(
        pl.col("PATIENT_ID").alias(PERSON),
        KEY,
        LINE,
        pl.col("TUMOUR").alias("tumour"),
        modality.alias("modality"),
        sort.alias("modality_text"),
        _word(setting, _INTENTS).alias("intent"),
        _word(setting, _SETTINGS).alias("setting"),
        setting.alias("setting_text"),
        pl.col("START").alias("start_day"),
        pl.col("STOP").alias("stop_day"),
    )
    return [Rows("therapy", therapy), items, _answers(frame)]


def _items(frame: pl.DataFrame) -> Rows:
    """One row a drug; what is not recognised stays as text, one row a cell."""
    told = frame.filter(pl.col("AGENT_TEXT").is_not_null())
    read = drugs.parse_series(told["AGENT_TEXT"].unique())
    lower = first_of(frame, "TREATMENT_TYPE").str.to_lowercase()
    wide = told.join(read, left_on="AGENT_TEXT", right_on="text", how="left", maintain_order="left")
    is_drug = ~lower.is_in([*_RADIATION, *_SURGERY]).fill_null(value=False)
    known = wide.filter(is_drug & (pl.col("drugs").list.len() > 0)).explode("drugs", empty_as_null=True)
    unknown = wide.filter(~is_drug | (pl.col("drugs").list.len() == 0) | (pl.col("unknown").list.len() > 0))
    parts = [
        known.with_columns(pl.col("drugs").alias("CODE")),
        unknown.with_columns(pl.lit(None, dtype=pl.String).alias("CODE")),
    ]
    made = pl.concat([part.select(PERSON_ID, KEY, LINE, "AGENT_TEXT", "CODE", "START", "STOP") for part in parts])
    return Rows(
        "therapy_item",
        made.select(
            PERSON_ID.alias(PERSON),
            pl.concat_str([pl.col(KEY), pl.col("CODE").fill_null("?")], separator="|").alias(KEY),
            LINE,
            pl.col(KEY).alias("therapy"),
            pl.when(pl.col("CODE").is_not_null()).then(pl.lit("kohort-drug")).alias("item_system"),
            pl.col("CODE").alias("item_code"),
            pl.col("AGENT_TEXT").alias("item_text"),
            pl.col("START").alias("start_day"),
            pl.col("STOP").alias("stop_day"),
        ),
        implied=True,
    )


def _answers(frame: pl.DataFrame) -> Rows:
    text = first_of(frame, "MEASURE_OF_RESPONSE", "RESPONSE", "BEST_RESPONSE")
    lower = text.str.to_lowercase()
    told = frame.with_columns(text.alias("ANSWER")).filter(pl.col("ANSWER").is_not_null())
    method = (
        pl.when(lower.str.starts_with("clinical")).then(pl.lit("clinician"))
        .when(lower.str.starts_with("radiographic")).then(pl.lit("imaging"))
        .otherwise(pl.lit("unknown"))
    )  # fmt: skip
    return Rows(
        "response",
        told.select(
            PERSON_ID.alias(PERSON),
            KEY,
            LINE,
            pl.col("TUMOUR").alias("tumour"),
            pl.col(KEY).alias("therapy"),
            method.alias("method"),
            category(pl.col("ANSWER")).alias("category"),
            pl.col("ANSWER").alias("category_text"),
        ),
        implied=True,
    )


def _statuses(frame: pl.DataFrame) -> list[Rows]:
    """A finding with the words of the source, and a tumour row for each recurrence, metastasis or new primary."""
    text, site = first_of(frame, "STATUS"), first_of(frame, "SITE")
    finding = frame.select(
        PERSON_ID.alias(PERSON),
        KEY,
        LINE,
        pl.col("TUMOUR").alias("tumour"),
        pl.lit("status").alias("kind"),
        text.alias("code_text"),
        pl.col("START").alias("found_day"),
        site.alias("value_text"),
    )
    parts = frame.with_columns(text.str.split("|").alias("PART"), site.alias("AT")).filter(pl.col("PART").is_not_null())
    parts = parts.explode("PART", empty_as_null=True)
    kind = pl.lit(None, dtype=pl.String)
    for word, meaning in reversed(_EVENTS):
        kind = (
            pl.when(pl.col("PART").str.to_lowercase().str.contains(word, literal=True))
            .then(pl.lit(meaning))
            .otherwise(kind)
        )
    told = parts.with_columns(kind.alias("KIND")).filter(pl.col("KIND").is_not_null())
    day = pl.col("START").cast(pl.String).fill_null("?")
    tumours = told.select(
        PERSON_ID.alias(PERSON),
        pl.concat_str([PERSON_ID, pl.col("KIND"), day, pl.col("AT").fill_null("?")], separator="|").alias(KEY),
        LINE,
        pl.when(pl.col("KIND") != "primary").then(pl.col("TUMOUR")).alias("parent"),
        pl.col("KIND").alias("kind"),
        pl.col("AT").alias("topography_text"),
        pl.col("START").alias("diagnosed_day"),
    )
    return [Rows("finding", finding), Rows("tumour", tumours, implied=True)]


def _others(frame: pl.DataFrame) -> Rows:
    """Any other event: laboratory values as such, the rest as its words."""
    event = first_of(frame, "EVENT_TYPE")
    laboratory = event.str.to_uppercase().is_in(["LAB_TEST", "LABTEST"])
    value = first_of(frame, "RESULT", "VALUE")
    skip = {"PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE", "TUMOUR", "START", "STOP", KEY, LINE}
    words = pl.concat_str(
        [pl.format("{}={}", pl.lit(n), pl.col(n)) for n in frame.columns if n not in skip] or [pl.lit("")],
        separator="; ",
        ignore_nulls=True,
    )
    made = frame.select(
        PERSON_ID.alias(PERSON),
        KEY,
        LINE,
        pl.col("TUMOUR").alias("tumour"),
        pl.when(laboratory).then(pl.lit("laboratory")).otherwise(pl.lit("attribute")).alias("kind"),
        pl.when(laboratory).then(first_of(frame, "TEST")).otherwise(event).alias("code_text"),
        pl.col("START").alias("found_day"),
        pl.when(laboratory).then(value.cast(pl.Float64, strict=False)).alias("value_number"),
        pl.when(laboratory).then(value).otherwise(words).alias("value_text"),
    )
    return Rows("finding", made)


TIMELINE = Kind(
    "timeline",
    ("PATIENT_ID", "START_DATE", "EVENT_TYPE"),
    timeline_checks,
    timeline_rows,
    _PRIVATE,
    order=("PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE"),
)
