"""The three facts at the top of the report, read off the data; only lines of files are summed here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from kohort.web.charts.funnel import share_of_first
from kohort.web.report_data import ReportData
from kohort.web.words import count_words, number, plural

__all__ = ["KeyFact", "key_facts"]

NO_BREAK = "\u00a0"


@dataclass(frozen=True, slots=True)
class KeyFact:
    """A figure, what it counts, and one sentence about it."""

    value: str
    label: str
    sentence: str


def key_facts(data: ReportData) -> tuple[KeyFact, ...]:
    """Patients and where they come from, the key step of the funnel, and the state of the cohorts."""
    facts = (_patients(data), _key_step(data), _cohorts(data))
    return tuple(fact for fact in facts if fact)


def _patients(data: ReportData) -> KeyFact:
    lines = sum(site.lines for site in data.sites)
    aside = sum(site.quarantined for site in data.sites)
    countries = len({site.country for site in data.sites if site.country})
    where = f" in {plural(countries, 'country', 'countries')}" if countries else ""
    sentence = (
        f"{plural(len(data.sites), 'site')}{where}; "
        f"of {plural(lines, 'line')} read, {number(aside)} set aside, each with its reason."
    )
    return KeyFact(count_words(data.funnel[0].total), data.funnel[0].label, sentence)


def _key_step(data: ReportData) -> KeyFact | None:
    step = next((step for step in data.funnel[1:] if step.is_key), None)
    if step is None:
        return None
    share = share_of_first(data.funnel, step)
    sentence = f"{share} of the {count_words(data.funnel[0].total)} at the first step." if share else ""
    return KeyFact(count_words(step.total), step.label, sentence)


def _cohorts(data: ReportData) -> KeyFact | None:
    if not data.cohorts:
        return None
    states = Counter(cohort.decision_label for cohort in data.cohorts)
    listed = ", ".join(f"{count}{NO_BREAK}{label.lower()}" for label, count in states.most_common())
    label = "Treatment cohort" if len(data.cohorts) == 1 else "Treatment cohorts"
    return KeyFact(number(len(data.cohorts)), label, f"{listed}.")
