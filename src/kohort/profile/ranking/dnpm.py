"""The grades of the German network for personalised medicine (DNPM), first those of the NCT Heidelberg.

Leichsenring et al., Int J Cancer 2019, doi 10.1002/ijc.32358; coded in the data model DNPM:DIP. m1 is evidence in the
same tumour type, m2 in another, m3 preclinical, m4 a rationale; A stands for prospective studies or meta-analyses, B
for retrospective ones, C for case reports. Addenda follow the grade after a blank: ``is`` seen in situ, ``iv`` backed
in vitro or in vivo in the same tumour type, ``Z`` the drug is approved by EMA, ``Z(FDA)`` by FDA only, ``R``
resistance.
"""

from __future__ import annotations

import polars as pl

from kohort.profile.ranking.seen import COVERED, Rank, Rule, Seen, given

__all__ = ["DNPM_GRADES", "DNPM_RULES", "addenda", "dnpm"]

DNPM_GRADES = ("m1A", "m1B", "m1C", "m2A", "m2B", "m2C", "m3", "m4")
"""Grades, strongest first; a cell holds one, and its addenda after blanks."""

_M1A = "m1A: shown in an adequately powered prospective study or a meta-analysis in the same tumour type."
_M1B = "m1B: shown in a retrospective cohort or case-control study in the same tumour type."
_M1C = "m1C: case reports in the same tumour type."
_M2A = "m2A: as m1A, in another tumour type."
_M2B = "m2B: as m1B, in another tumour type."
_M2C = "m2C: case reports whatever the tumour type."
_M3 = "m3: preclinical data, in vitro or in vivo, with a scientific rationale."
_M4 = "m4: a biological rationale, without clinical or preclinical data on response."
_NONE = "The grades rank recommendations of drugs."

DNPM_RULES: dict[str, Rule] = {
    "DNPM-m1A-1": Rule("m1A", "label, guideline or prospective study in the same tumour type", _M1A),
    "DNPM-m1B-1": Rule("m1B", "small or retrospective study in the same tumour type", _M1B),
    "DNPM-m1C-1": Rule("m1C", "case reports in the same tumour type", _M1C),
    "DNPM-m2A-1": Rule("m2A", "label, guideline or prospective study in another tumour type", _M2A, elsewhere=True),
    "DNPM-m2B-1": Rule("m2B", "small or retrospective study in another tumour type", _M2B, elsewhere=True),
    "DNPM-m2C-1": Rule("m2C", "case reports in another tumour type", _M2C, elsewhere=True),
    "DNPM-m3-1": Rule("m3", "preclinical work", _M3),
    "DNPM-m4-1": Rule("m4", "reasoning only", _M4),
    "DNPM-0-1": Rule(None, "the evidence is about the whole gene, which carries no grade", _NONE),
    "DNPM-0-2": Rule(None, "a condition of the evidence is open", _NONE),
    "DNPM-0-3": Rule(None, "the direction of the evidence is unclear", _NONE),
    "DNPM-0-4": Rule(None, "not about the effect of a drug", _NONE),
}
"""Rules by short name."""

_BARS = {"gene": "DNPM-0-1", "open": "DNPM-0-2", "unclear": "DNPM-0-3"}
_SAME = {"approved": "DNPM-m1A-1", "guideline": "DNPM-m1A-1", "trial": "DNPM-m1A-1", "clinical": "DNPM-m1B-1",
         "case": "DNPM-m1C-1"}  # fmt: skip
_OTHER = {"approved": "DNPM-m2A-1", "guideline": "DNPM-m2A-1", "trial": "DNPM-m2A-1", "clinical": "DNPM-m2B-1",
          "case": "DNPM-m2C-1"}  # fmt: skip
_IN_SITU = ("expression", "overexpression", "underexpression", "mismatch repair")


def dnpm(seen: Seen) -> Rank:
    """The grade of one row of evidence, without addenda."""
    if seen.barred:
        return given(DNPM_RULES, _BARS[seen.barred], seen)
    if seen.evidence_type != "predictive":
        return given(DNPM_RULES, "DNPM-0-4", seen)
    rest = "DNPM-m3-1" if seen.strength == "preclinical" else "DNPM-m4-1"
    return given(DNPM_RULES, (_SAME if seen.here else _OTHER).get(seen.strength or "", rest), seen)


def addenda(found: pl.DataFrame, subject: list[str]) -> pl.Series:
    """``addenda``: those of each row, with a blank before each; empty where there is none.

    Args:
        found: evidence rows as for ``rank``.
        subject: columns that say whose alteration and which drugs a row is about.
    """
    strength, sensitive = pl.col("strength"), pl.col("direction") == "sensitive"
    where = pl.col("jurisdiction").fill_null("").str.split(";")
    labels = (
        found.filter((strength == "approved") & sensitive & pl.col("drugs").is_not_null())
        .group_by(subject)
        .agg(where.list.contains("EU").any().alias("_ema"), where.list.contains("US").any().alias("_fda"))
    )
    sound = (pl.col("match_level") != "gene") & pl.col("open_condition").is_null()
    models = found.filter((strength == "preclinical") & pl.col("tumour_relation").is_in(COVERED) & sound).select(
        *subject, "direction", pl.lit(value=True).alias("_models")
    )
    columns = list(dict.fromkeys([*subject, "direction", "kind"]))
    told = (
        found.select(columns)
        .join(labels, on=subject, how="left", nulls_equal=True, maintain_order="left")
        .join(models.unique(), on=[*subject, "direction"], how="left", nulls_equal=True, maintain_order="left")
    )
    return told.select(
        pl.concat_str(
            _word(pl.col("kind").is_in(_IN_SITU), " is"),
            _word(pl.col("_models"), " iv"),
            _word(sensitive & pl.col("_ema"), " Z"),
            _word(sensitive & pl.col("_fda") & ~pl.col("_ema"), " Z(FDA)"),
            _word(pl.col("direction") == "resistant", " R"),
        ).alias("addenda")
    )["addenda"]


def _word(condition: pl.Expr, word: str) -> pl.Expr:
    return pl.when(condition).then(pl.lit(word)).otherwise(pl.lit(""))
