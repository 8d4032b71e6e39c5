"""How criteria on the course of the disease are decided: histology, status, sites of metastases, comorbidity."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from kohort.codes import icd
from kohort.match.criteria.clinical import Metastatic
from kohort.match.criteria.course import Comorbidity, DiseaseStatus, Histology, MetastasisSite
from kohort.match.criteria.logic import Leaf
from kohort.match.engine.truth import Mask, unpack
from kohort.match.people.columns import Coded
from kohort.match.people.population import Population
from kohort.match.rules.histologies import is_histology
from kohort.match.rules.icd_codes import is_within
from kohort.match.rules.rows import Evidence, Rows
from kohort.match.rules.site_names import is_at

__all__ = ["RULES", "statuses_of"]

_SAYS = {
    "untreated": "untreated",
    "treatment naive": "untreated",
    "treatment-naive": "untreated",
    "localized": "localized",
    "localised": "localized",
    "locally advanced": "locally advanced",
    "metastatic": "metastatic",
    "metastasis": "metastatic",
    "metastases": "metastatic",
    "distant metastasis": "metastatic",
    "distant metastases": "metastatic",
    "advanced": "advanced",
    "relapse": "recurrent",
    "relapsed": "recurrent",
    "refractory": "refractory",
    "unresectable": "unresectable",
    "inoperable": "unresectable",
    "resectable": "resectable",
    "operable": "resectable",
    "early stage": "early stage",
    "early": "early stage",
    "progression": "progression",
    "progression of disease": "progression",
    "progressive disease": "progression",
    "disease progression": "progression",
}
"""Words of records for the status of a disease; other words say nothing."""

_RECURRENCE = re.compile(
    r"(?:(?:local|loco-?regional|regional|distant|intrahepatic|extrahepatic|biochemical|tumou?r|disease) )*"
    r"recurren(?:ce|t)(?: disease)?"
)

_IMPLIED = {"advanced": ("metastatic", "locally advanced")}
"""Statuses that hold where one of others does."""

_EXCLUDED = {
    "localized": ("metastatic", "locally advanced", "advanced"),
    "early stage": ("metastatic", "locally advanced", "advanced"),
    "locally advanced": ("metastatic",),
}
"""Statuses that no longer hold once the disease has gone further."""

_DENIED = {
    "metastatic": ("localized", "early stage"),
    "advanced": ("localized", "early stage"),
    "locally advanced": ("localized", "early stage"),
    "unresectable": ("resectable",),
}
"""Statuses that a record of another one denies, unless a record says that they hold."""


@functools.cache
def statuses_of(text: str) -> frozenset[str]:
    """What the words of a record say of the status of the disease; several are divided by ``|``."""
    parts = [" ".join(part.casefold().replace("_", " ").split()) for part in text.split("|")]
    said = {"recurrent" if _RECURRENCE.fullmatch(part) else _SAYS.get(part, "") for part in parts}
    return frozenset(said - {""})


def histology(leaf: Histology, population: Population, as_of: date) -> Evidence:
    """Codes of primary tumours; where a metastasis lies is no topography of the disease."""
    tumours = population.histologies
    rows = tumours.filter(~pl.col("kind").is_in(["recurrence", "metastasis"]).fill_null(value=False))
    columns = ["topography_system", "topography_code", "morphology_code", "behaviour"]
    # One judgement for each combination of codes that occurs, as for any other text.
    distinct = rows.select(columns).unique()
    verdicts = [is_histology(leaf, *codes) for codes in distinct.iter_rows()]
    judged = distinct.with_columns(verdict=pl.Series(verdicts, dtype=pl.Boolean))
    verdict = rows.join(judged, on=columns, how="left", nulls_equal=True, maintain_order="left")["verdict"]
    true, false = (verdict.eq_missing(other=answer).to_numpy() for answer in (True, False))
    return Evidence((Rows.statements("tumour", rows, true, false),))


def disease_status(leaf: DiseaseStatus, population: Population, as_of: date) -> Evidence:
    """Any of several statuses."""
    return _any_of([_status(status, population) for status in leaf.statuses], population.size)


def metastatic(leaf: Metastatic, population: Population, as_of: date) -> Evidence:
    """Distant metastasis, from stagings, tumours, specimens and words."""
    return _status("metastatic", population)


def _status(status: str, population: Population) -> Evidence:
    """One status: what says that it holds, what says that it does not (or no longer) hold."""
    holds = [_saying(status, population), *_recorded(status, population)]
    for implied in _IMPLIED.get(status, ()):
        holds += map(_yes, (_saying(implied, population), *_recorded(implied, population)))
    outweighed: list[Rows] = []
    for further in _EXCLUDED.get(status, ()):
        outweighed += [_saying(further, population), *_recorded(further, population)]
    if status == "untreated":
        outweighed.append(_treated(population))
    denied = [_saying(other, population) for other in _DENIED.get(status, ())]
    gone = _persons(outweighed, population.size)
    rows = [_without(rows, gone) for rows in holds]
    rows += [_opposite(rows) for rows in (*outweighed, *denied)]
    return Evidence(tuple(rows))


def _saying(status: str, population: Population) -> Rows:
    """Findings whose words say that a status holds."""
    found = population.described["status"]
    said = np.zeros(found.height, dtype=np.bool_)
    for column in ("code_code", "code_text", "value_code", "value_text"):
        said |= population.coded(found, column).judged(lambda text: status in statuses_of(text))[0]
    return Rows.results("finding", found, said, np.zeros_like(said))


def _recorded(status: str, population: Population) -> tuple[Rows, ...]:
    """Rows of other tables that say by being there that a status holds."""
    if status == "metastatic":
        stages = population.stages
        staged = Rows.results("stage", stages, *population.coded(stages, "m").judged(_has_spread))
        return (staged, *_of_kind("metastasis", population))
    return _of_kind("recurrence", population) if status == "recurrent" else ()


def _of_kind(kind: str, population: Population) -> tuple[Rows, ...]:
    """Tumours and specimens of a kind."""
    found = []
    for table, frame in (("tumour", population.tumours), ("specimen", population.specimens)):
        is_kind = population.coded(frame, "kind").among((kind,))
        found.append(Rows.results(table, frame, is_kind, np.zeros_like(is_kind)))
    return tuple(found)


def _has_spread(category: str) -> bool | None:
    """True for M1, False for M0, None for MX; the prefixes c, p and M may stand before it."""
    digit = category.strip().upper().removeprefix("C").removeprefix("P").removeprefix("M")[:1]
    return {"0": False, "1": True}.get(digit)


def _treated(population: Population) -> Rows:
    """Systemic treatments."""
    courses = population.therapies
    systemic = population.coded(courses, "modality").among(("systemic",))
    return Rows.results("therapy", courses, systemic, np.zeros_like(systemic))


def _persons(evidence: Iterable[Rows], size: int) -> Mask:
    """Who has a row that says yes."""
    found = np.zeros(size, dtype=np.bool_)
    for rows in evidence:
        found[rows.at[rows.true]] = True
    return found


def _without(rows: Rows, persons: Mask) -> Rows:
    """The same rows, silent for some persons."""
    kept = ~persons[rows.at]
    return Rows(rows.table, rows.at, rows.id, rows.true & kept, rows.false & kept, rows.open & kept)


def _yes(rows: Rows) -> Rows:
    """Only what rows say yes to: no to *metastatic* is not no to *advanced*."""
    return Rows(rows.table, rows.at, rows.id, rows.true, np.zeros_like(rows.true), rows.open)


def _opposite(rows: Rows) -> Rows:
    """Rows that say no where they said yes."""
    return Rows(rows.table, rows.at, rows.id, np.zeros_like(rows.true), rows.true, np.zeros_like(rows.true))


def _any_of(parts: list[Evidence], size: int) -> Evidence:
    """Several questions of which one suffices (Kleene's OR): no is no to all of them."""
    no = np.ones(size, dtype=np.bool_)
    for part in parts:
        no &= unpack(part.truth(size).false, size)
    rows = []
    for part in parts:
        for r in part.rows:
            rows.append(Rows(r.table, r.at, r.id, r.true, r.false & no[r.at], r.open & ~no[r.at]))
    return Evidence(tuple(rows))


def metastasis_site(leaf: MetastasisSite, population: Population, as_of: date) -> Evidence:
    """A site, from metastases, specimens of them and diagnoses; no metastasis at all says no."""
    spread = _status("metastatic", population)
    nowhere = unpack(spread.truth(population.size).false, population.size)
    rows = [*_metastases(leaf.site, population), _diagnosed(leaf.site, population)]
    if leaf.site == "lymph node":
        stages = population.stages
        positive, negative = population.coded(stages, "n").judged(_has_nodes)
        rows.append(Rows.results("stage", stages, positive, negative & nowhere[stages["at"].to_numpy()]))
    else:
        none = [np.zeros_like(r.true) for r in spread.rows]
        rows += [
            Rows(r.table, r.at, r.id, no, r.false & nowhere[r.at], no) for r, no in zip(spread.rows, none, strict=True)
        ]
    return Evidence(tuple(rows))


def _has_nodes(category: str) -> bool | None:
    found = re.fullmatch(r"[CPYR]*N?([0-3X]).*", category.strip().upper())
    return None if found is None or found[1] == "X" else found[1] != "0"


def _metastases(site: str, population: Population) -> list[Rows]:
    """Metastases and specimens of them: at the site, elsewhere (silent), or where is not said (open)."""
    found = []
    places = (("tumour", population.histologies, "topography"), ("specimen", population.sampled_sites, "site"))
    for table, frame, column in places:
        spread = frame.filter(pl.col("kind") == "metastasis")
        by_code = Coded.of(spread[f"{column}_code"]).judged(lambda code: is_at(site, code))
        by_text = Coded.of(spread[f"{column}_text"]).judged(lambda text: is_at(site, text))
        true = by_code[0] | by_text[0]
        elsewhere = by_code[1] | by_text[1]
        unsaid = Rows.statements(table, spread, true, elsewhere & ~true)
        found.append(Rows(table, unsaid.at, unsaid.id, true, np.zeros_like(true), unsaid.open))
    return found


def _diagnosed(site: str, population: Population) -> Rows:
    """Secondary tumours among the diagnoses beside the cancer."""
    known = population.described["comorbidity"]
    codes = population.coded(known, "code_code")
    here, _ = codes.judged(lambda code: icd.normalise(code).startswith(("C77", "C78", "C79")) and is_at(site, code))
    present, absent, _ = _presence(known)
    return Rows.results("finding", known, here & present, here & absent)


def _presence(findings: pl.DataFrame) -> tuple[Mask, Mask, Mask]:
    """Which findings say that a disease is present, absent, or neither (suspected)."""
    words = Coded.of(findings.select(pl.coalesce("value_code", "value_text").str.to_lowercase().alias("word"))["word"])
    absent = words.among(("absent", "no", "none", "never"))
    doubtful = words.among(("unknown", "suspected", "possible", "not assessed"))
    return ~absent & ~doubtful, absent, doubtful


def comorbidity(leaf: Comorbidity, population: Population, as_of: date) -> Evidence:
    """Any of several diseases, from recorded diagnoses."""
    found = population.described["comorbidity"]
    present, absent, doubtful = _presence(found)
    codes = population.coded(found, "code_code")

    def one(category: str) -> Evidence:
        within, outside = codes.judged(lambda code: is_within(code, (category,)))
        above, _ = codes.judged(lambda code: category.startswith(icd.normalise(code)))
        coarser = ~within & ~outside & ~codes.is_null
        maybe = (coarser & present) | (doubtful & (within | coarser))
        at, row_id = found["at"].to_numpy(), found["id"].to_numpy()
        return Evidence((Rows("finding", at, row_id, within & present, above & absent, maybe),))

    return _any_of([one(category) for category in leaf.categories], population.size)


RULES: dict[type[Leaf], Callable[[Any, Population, date], Evidence]] = {
    Metastatic: metastatic,
    Histology: histology,
    DiseaseStatus: disease_status,
    MetastasisSite: metastasis_site,
    Comorbidity: comorbidity,
}
"""The rule for each kind of leaf of this module."""
