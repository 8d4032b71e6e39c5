"""The clinical rules of matching once more: one patient, plain Python, days tried one by one where they are few.

It shares no code with the engine but the declarations of criteria and the code tables.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from typing import Any

from kohort.codes import drugs
from kohort.errors import UnknownNameError
from kohort.match.criteria import (
    Comorbidity,
    Consent,
    DiseaseStatus,
    Event,
    Histology,
    Laboratory,
    Marker,
    MetastasisSite,
    Metastatic,
    PerformanceStatus,
    PriorTherapy,
    Range,
    SystemicLines,
    TherapySince,
    Window,
)
from tests.spec.match.match_reference import Patient, Row, Value, any_row, inside, kleene_and, negate

FAR = 10**7
EPOCH = date(1970, 1, 1)


def or_(values: Iterable[Value]) -> Value:
    return negate(kleene_and(negate(value) for value in values))


# --- when -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class When:
    """First and last possible calendar day (numbers, None if unknown), and the counted day."""

    first: int | None = None
    last: int | None = None
    counted: int | None = None


def calendar(row: Row, column: str) -> tuple[int | None, int | None]:
    day, precision = row.get(column), row.get(f"{column}_precision")
    precision = 3 if precision is None else precision
    if day is None or precision == 0:
        return None, None
    last = {
        3: day,
        2: day.replace(day=monthrange(day.year, day.month)[1]),
        1: day.replace(year=day.year + 1) - timedelta(days=1),
    }[precision]
    return (day - EPOCH).days, (last - EPOCH).days


def origin(patient: Patient) -> tuple[int, int] | None:
    """The calendar days on which the person's day 0 may lie."""
    found = []
    for row in patient.rows("tumour"):
        first, last = calendar(row, "diagnosed")
        if first is not None and last is not None and row.get("diagnosed_day") is not None:
            found.append((first - row["diagnosed_day"], last - row["diagnosed_day"]))
    if not found:
        return None
    low, high = max(low for low, _ in found), min(high for _, high in found)
    return (low, high) if low <= high else None


def when(row: Row, column: str, patient: Patient) -> When:
    first, last = calendar(row, column)
    counted = row.get(f"{column}_day")
    pinned = origin(patient)
    if first is None and counted is not None and pinned is not None:
        first, last = pinned[0] + counted, pinned[1] + counted
    return When(first, last, counted)


def days_between(first: When, then: When) -> tuple[int, int]:
    if first.counted is not None and then.counted is not None:
        return then.counted - first.counted, then.counted - first.counted
    if None in (first.first, first.last, then.first, then.last):
        return -FAR, FAR
    return then.first - first.last, then.last - first.first  # type: ignore[operator]


def is_followed(one: When, other: When) -> bool:
    """True if the other is known to be later."""
    if one.counted is not None and other.counted is not None and other.counted > one.counted:
        return True
    return one.last is not None and other.first is not None and other.first > one.last


def latest(rows: list[Row], column: str, patient: Patient) -> list[Row]:
    days = [when(row, column, patient) for row in rows]
    return [row for row, day in zip(rows, days, strict=True) if not any(is_followed(day, other) for other in days)]


def all_agree(values: list[Value]) -> Value:
    return values[0] if values and len(set(values)) == 1 else None


def within(limits: Range, low: float, high: float) -> Value:
    """Of an interval: every number inside, none inside, or some."""
    edges = {low, high, (low + high) / 2}
    edges |= {edge for edge in (limits.low, limits.high) if low <= edge <= high}
    edges |= {min(max(edge + step, low), high) for edge in list(edges) for step in (-0.001, 0.001)}
    values = {inside(limits, edge) for edge in edges}
    return values.pop() if len(values) == 1 else None


# --- the disease ----------------------------------------------------------------------------------------------------


def histology(leaf: Histology, patient: Patient, _as_of: date) -> Value:
    primaries = [row for row in patient.rows("tumour") if row.get("kind") not in {"recurrence", "metastasis"}]
    return any_row([of_tumour(leaf, row) for row in primaries], otherwise=None)


def of_tumour(leaf: Histology, row: Row) -> Value:
    asked = []
    shape, behaviour = row.get("morphology_code"), row.get("behaviour")
    figures = None if shape is None else int(shape[:4])
    behaviour = behaviour or (shape[5] if shape is not None and "/" in shape else None)
    if leaf.topography:
        asked.append(or_(topography(code, row) for code in leaf.topography))
    if leaf.morphology:
        asked.append(or_(morphology(code, figures, behaviour) for code in leaf.morphology))
    if leaf.behaviour:
        asked.append(or_(same_behaviour(figure, behaviour) for figure in leaf.behaviour))
    return kleene_and(asked)


def below(code: str, asked: str) -> Value:
    """ICD codes: a range of categories, a category, a code."""
    if "-" in asked:
        low, high = asked.split("-")
        return low <= code[:3] <= high
    if code == asked or code.startswith(asked):
        return True
    if asked.startswith(code) or (code.endswith(".9") and asked.startswith(code[:3]) and len(asked) > 3):
        return None
    return False


def topography(asked: str, row: Row) -> Value:
    code = row.get("topography_code")
    if code is None:
        return None
    value = below(code, asked)
    if value is False and row.get("topography_system") == "icd-o-3" and asked[-3:] > "C80" and len(asked) != 5:
        return None
    return value


def morphology(asked: str, figures: int | None, behaviour: str | None) -> Value:
    if figures is None:
        return None
    histologies, _, figure = asked.partition("/")
    wanted = [int(part) for part in histologies.split("-")]
    if wanted[0] <= figures <= wanted[-1]:
        return same_behaviour(figure, behaviour) if figure else True
    vague = {8000: (8000, 9999), 8010: (8010, 8589), 8140: (8140, 8389)}.get(figures)
    return None if vague and vague[0] <= wanted[-1] and wanted[0] <= vague[1] else False


def same_behaviour(asked: str, behaviour: str | None) -> Value:
    return None if behaviour is None or (behaviour == "9" and asked in "36") else asked == behaviour


SAYS = {
    "Distant Metastasis": {"metastatic"},
    "Locoregional Recurrence|Distant Metastasis": {"recurrent", "metastatic"},
    "Recurrence": {"recurrent"},
    "Progression of Disease": {"progression"},
    "Locally Advanced": {"locally advanced"},
    "localized": {"localized"},
    "Resectable": {"resectable"},
    "untreated": {"untreated"},
    "seen in clinic": set[str](),
}


def said(patient: Patient) -> set[str]:
    texts = [row.get("code_text") for row in patient.rows("finding") if row["kind"] == "status"]
    return set[str]().union(*(SAYS[text] for text in texts if text is not None))


def has_spread(patient: Patient) -> bool:
    tumours, specimens, stages = (patient.rows(table) for table in ("tumour", "specimen", "stage"))
    return (
        "metastatic" in said(patient)
        or any(row.get("kind") == "metastasis" for row in [*tumours, *specimens])
        or any(row.get("m") in {"M1", "M1a", "pM1"} for row in stages)
    )


def metastatic(_leaf: Metastatic, patient: Patient, _as_of: date) -> Value:
    return of_status("metastatic", patient)


def disease_status(leaf: DiseaseStatus, patient: Patient, _as_of: date) -> Value:
    return or_(of_status(status, patient) for status in leaf.statuses)


def of_status(status: str, patient: Patient) -> Value:
    words, spread = said(patient), has_spread(patient)
    early = bool(words & {"localized", "early stage"})
    far = spread or bool(words & {"locally advanced", "advanced"})
    systemic = any(row["modality"] == "systemic" for row in patient.rows("therapy"))
    recurred = any(row.get("kind") == "recurrence" for row in [*patient.rows("tumour"), *patient.rows("specimen")])
    m0 = any(row.get("m") in {"M0", "cM0"} for row in patient.rows("stage"))
    yes, no = {
        "metastatic": (spread, m0 or early),
        "advanced": (far, early),
        "locally advanced": ("locally advanced" in words and not spread, spread or early),
        "localized": ("localized" in words and not far, far),
        "early stage": ("early stage" in words and not far, far),
        "untreated": ("untreated" in words and not systemic, systemic),
        "recurrent": ("recurrent" in words or recurred, False),
        "unresectable": ("unresectable" in words, "resectable" in words),
        "refractory": ("refractory" in words, False),
    }[status]
    return True if yes else False if no else None


SITE_OF = {
    "C71.1": "brain",
    "C79.3": "brain",
    "C78.7": "liver",
    "C77.9": "lymph node",
    "C34": "lung",
    "C34.1": "lung",
    "C34.9": "lung",
    "C50.9": "breast",
    "C83.3": "lymphoma",
    "Lung": "lung",
    "Brain": "brain",
    "Retroperitoneal lymph nodes": "lymph node",
}


def metastasis_site(leaf: MetastasisSite, patient: Patient, _as_of: date) -> Value:
    values: list[Value] = []
    for table, column in (("tumour", "topography"), ("specimen", "site")):
        for row in patient.rows(table):
            if row.get("kind") == "metastasis":
                named = {SITE_OF.get(row.get(f"{column}_{part}") or "") for part in ("code", "text")} - {None}
                values += [True] if leaf.site in named else [] if named else [None]
    for row in patient.rows("finding"):
        if row["kind"] == "comorbidity" and row.get("code_code") == "C79.3" and leaf.site == "brain":
            values += {None: [True], "absent": [False], "suspected": []}[row.get("value_code")]
    nowhere = of_status("metastatic", patient) is False
    if leaf.site == "lymph node":
        for row in patient.rows("stage"):
            values += {"N1": [True], "pN2a": [True], "N0": [False] if nowhere else []}.get(row.get("n") or "", [])
    elif nowhere:
        values.append(False)
    return any_row(values, otherwise=None)


def comorbidity(leaf: Comorbidity, patient: Patient, _as_of: date) -> Value:
    rows = [row for row in patient.rows("finding") if row["kind"] == "comorbidity" and row.get("code_code")]
    return or_(one_disease(category, rows) for category in categories(leaf.icd10))


def categories(codes: Iterable[str]) -> list[str]:
    every = []
    for code in codes:
        low, _, high = code.partition("-")
        every += [f"{low[0]}{number:02}" for number in range(int(low[1:]), int(high[1:]) + 1)] if high else [code]
    return every


def one_disease(category: str, rows: list[Row]) -> Value:
    values: list[Value] = []
    for row in rows:
        meets = below(row["code_code"], category)
        match row.get("value_code"):
            case "absent":
                values += [False] if category.startswith(row["code_code"]) else []
            case "suspected":
                values += [] if meets is False else [None]
            case _:
                values += [] if meets is False else [meets]
    return any_row(values, otherwise=None)


# --- measurements ---------------------------------------------------------------------------------------------------


def performance(leaf: PerformanceStatus, patient: Patient, _as_of: date) -> Value:
    rows = [row for row in patient.rows("finding") if row["kind"] == "ecog" and row.get("value_number") is not None]
    return all_agree([inside(leaf.ecog, row["value_number"]) for row in latest(rows, "found", patient)])


IN_G_PER_L = {"g/dL": 10, "g/L": 1, "mmol/L": 16.1145}
IN_GIGA_PER_L = {"10*9/L": 1, "10^9/L": 1, "10*3/uL": 1, "/uL": 0.001}
TESTS = {"haemoglobin": ({"718-7", "Hb"}, IN_G_PER_L), "platelets": ({"777-3", "Platelets"}, IN_GIGA_PER_L)}


def laboratory(leaf: Laboratory, patient: Patient, as_of: date) -> Value:
    names, _ = TESTS[leaf.test]
    of_test = [
        row
        for row in patient.rows("finding")
        if row["kind"] == "laboratory" and (row.get("code_code") or row.get("code_text")) in names
    ]
    return all_agree([one_value(leaf, row, patient, as_of) for row in latest(of_test, "found", patient)])


def one_value(leaf: Laboratory, row: Row, patient: Patient, as_of: date) -> Value:
    if leaf.within_days is not None:
        first = when(row, "found", patient).first
        if first is None or (as_of - EPOCH).days - first > leaf.within_days:
            return None
    if row.get("value_number") is None:
        return None
    if leaf.of == "value":
        _, units = TESTS[leaf.test]
        if row.get("unit") not in units:
            return None
        value = row["value_number"] * units[row["unit"]] / units[str(leaf.unit)]
    else:
        limit = row.get("reference_high" if leaf.of == "upper_limit" else "reference_low")
        if limit is None:
            return None
        value = row["value_number"] / limit
    return compared(leaf.range, round(value, 6), row.get("comparator"))


def compared(limits: Range, value: float, comparator: str | None) -> Value:
    match comparator:
        case "<":
            return within(limits, -FAR, value - 0.01)
        case ">":
            return within(limits, value + 0.01, FAR)
        case "<=":
            return within(limits, -FAR, value)
        case ">=":
            return within(limits, value, FAR)
    return inside(limits, value)


def marker(leaf: Marker, patient: Patient, _as_of: date) -> Value:
    def results(name: str) -> list[Row]:
        rows = [row for row in patient.rows("finding") if row["kind"] in {"ihc", "marker"}]
        return [row for row in rows if (row.get("code_code") or row.get("code_text")) == name]

    rows = results(leaf.name)
    if leaf.range is not None:
        scores = [(score(row), row.get("comparator")) for row in rows]
        values = [compared(leaf.range, value, sign) for value, sign in scores if value is not None]
        return any_row([value for value in values if value is not None], otherwise=None)
    if leaf.status == "low":
        ish = {row.get("value_code") for row in results("HER2 ISH")}
        return any_row([value for row in rows for value in her2_low(row, ish)], otherwise=None)
    clear = {"positive": "positive", "negative": "negative", "low": "negative"}
    said_ = [clear[row["value_code"]] for row in rows if row.get("value_code") in clear]
    return any_row([one == leaf.status for one in said_], otherwise=None)


def score(row: Row) -> float | None:
    if row.get("value_number") is not None:
        return {"%": 1, None: 1, "1": 100, "kg": None}[row.get("unit")] and row["value_number"] * (
            100 if row.get("unit") == "1" and row.get("code_code") != "HER2" else 1
        )
    text = row.get("value_text")
    return float(text[0]) if row.get("code_code") == "HER2" and text in {"0", "1+", "2+", "3+"} else None


def her2_low(row: Row, ish: set[str | None]) -> list[Value]:
    value = score(row)
    if row.get("value_code") == "low" or value == 1:
        return [True]
    if value == 2:
        return [False] if "positive" in ish else [True] if "negative" in ish else [None]
    if value is not None:
        return [False]
    return {"positive": [False], "negative": [None]}.get(row.get("value_code"), [])  # type: ignore[return-value,arg-type]


# --- treatment ------------------------------------------------------------------------------------------------------


def is_drug(asked: Any, code: str | None) -> Value:
    if code is None:
        return None
    if asked.drug is not None:
        return code == asked.drug
    try:
        return asked.drug_class in {word.casefold() for word in drugs.find(code).classes}
    except UnknownNameError:
        return None


@dataclass(frozen=True)
class Given:
    """A treatment that is, or may be, what is asked; item and course."""

    value: Value
    item: Row
    course: Row

    def day(self, column: str, patient: Patient) -> When:
        own = when(self.item, column, patient)
        return when(self.course, column, patient) if own == When() else own


def given(asked: Any, patient: Patient) -> list[Given]:
    """Items with their course, courses without items, or all courses where no drug is asked."""
    by_drug = asked.drug is not None or asked.drug_class is not None
    found = []
    for course in patient.rows("therapy"):
        items = [row for row in patient.rows("therapy_item") if row["therapy"] == course["id"]] if by_drug else []
        no_drugs = course.get("modality") in {"surgery", "radiotherapy"}
        for item in items:
            value = is_drug(asked, item.get("item_code"))
            found.append(Given(False if no_drugs and value is None else value, item, course))
        if not items:
            found.append(Given(True if not by_drug else False if no_drugs else None, course, course))
    return found


def same_modality(modality: str | None, course: Row) -> Value:
    if modality is None:
        return True
    return None if course.get("modality") in {None, "other"} else course["modality"] == modality


def prior_therapy(leaf: PriorTherapy, patient: Patient, _as_of: date) -> Value:
    values = []
    for one in given(leaf, patient):
        setting = one.course.get("setting")
        in_setting = leaf.setting is None or (None if setting in {None, "unknown"} else setting == leaf.setting)
        values.append(kleene_and([one.value, same_modality(leaf.modality, one.course), in_setting]))
    return any_row(values, otherwise=None)


def systemic_lines(leaf: SystemicLines, patient: Patient, _as_of: date) -> Value:
    courses = patient.rows("therapy")
    if not courses:
        return None
    if leaf.drug is None and leaf.drug_class is None:
        systemic = [row for row in courses if row.get("modality") == "systemic"]
        stated = [row["line"] for row in systemic if row.get("line") is not None]
        if stated:
            return inside(leaf.lines, max(stated))
        unclear = [row for row in courses if row.get("modality") in {None, "other"}]
        return within_whole(leaf.lines, min(1, len(systemic)), len(systemic) + len(unclear))
    return lines_with(leaf, patient)


def within_whole(limits: Range, low: int, high: int) -> Value:
    values = {inside(limits, number) for number in range(low, high + 1)}
    return values.pop() if len(values) == 1 else None


def lines_with(leaf: SystemicLines, patient: Patient) -> Value:
    """Every way to put the courses into lines is tried."""
    values: dict[int, list[Value]] = {}
    lines: dict[int, int | None] = {}
    for one in given(leaf, patient):
        lines[one.course["id"]] = one.course.get("line")
        values.setdefault(one.course["id"], []).append(kleene_and([one.value, same_modality("systemic", one.course)]))
    open_courses = [(lines[course], or_(found)) for course, found in values.items() if lines[course] != 0]
    possible = [(line, value) for line, value in open_courses if value is not False]
    counts = set()
    for is_it in product([True, False], repeat=len(possible)):
        if any(value is True and not chosen for (_, value), chosen in zip(possible, is_it, strict=True)):
            continue
        chosen_lines = [line for (line, _), chosen in zip(possible, is_it, strict=True) if chosen]
        for own in product([True, False], repeat=chosen_lines.count(None)):
            stated = {line for line in chosen_lines if line is not None}
            # A course without a line is one of its own, or joins another; if it joins none there is one for all.
            joined = len(stated) or int(any(not alone for alone in own))
            counts.add((joined if stated or not all(own) else 0) + sum(own))
    return within_whole(leaf.lines, min(counts), max(counts))


def therapy_since(leaf: TherapySince, patient: Patient, as_of: date) -> Value:
    if not patient.rows("therapy"):
        return None
    today = (as_of - EPOCH).days
    least = most = FAR
    for one in given(leaf, patient):
        start, stop = one.day("start", patient), one.day("stop", patient)
        begun = start.first is None or (False if start.first > today else True if start.last <= today else None)  # type: ignore[operator]
        value = kleene_and([one.value, same_modality(leaf.modality, one.course), begun])
        if value is False:
            continue
        first, last = end_of(one, start, stop, today)
        least = min(least, today - last)
        most = min(most, today - first) if value else most
    return within(leaf.days, least, most)


def end_of(one: Given, start: When, stop: When, today: int) -> tuple[int, int]:
    if one.course.get("ongoing"):
        return today, today
    if stop.first is not None and stop.last is not None:
        first, last = stop.first, stop.last
    else:
        surgery = one.course.get("modality") == "surgery" and start.last is not None
        first = -FAR if start.first is None else start.first
        last = start.last if surgery and start.last is not None else today
    return min(first, today), min(last, today)


def consent(leaf: Consent, patient: Patient, _as_of: date) -> Value:
    rows = [row for row in patient.rows("decision") if row["kind"] == "consent" and row["drug_or_trial"] == leaf.to]
    answers = {"accepted": True, "refused": False, "withdrawn": False}
    return all_agree([answers.get(row.get("status") or "") for row in latest(rows, "decided", patient)])


# --- windows --------------------------------------------------------------------------------------------------------


def window(leaf: Window, patient: Patient, _as_of: date) -> Value:
    values = []
    for table, row_id, sure, day in events(leaf.first, patient):
        for other_table, other_id, other_sure, other_day in events(leaf.then, patient):
            if leaf.first == leaf.then and (table, row_id) == (other_table, other_id):
                continue
            values.append(kleene_and([sure, other_sure, within(leaf.days, *days_between(day, other_day))]))
    return any_row(values, otherwise=None)


def events(event: Event, patient: Patient) -> list[tuple[str, int, Value, When]]:
    found: list[tuple[str, int, Value, When]] = []

    def add(table: str, column: str, *, where: Callable[[Row], bool] = lambda row: True) -> None:
        rows = [row for row in patient.rows(table) if where(row)]
        found.extend((table, row["id"], True, when(row, column, patient)) for row in rows)

    def words(status: str) -> None:
        add("finding", "found", where=lambda row: row["kind"] == "status" and status in SAYS[row["code_text"]])

    match event.kind:
        case "diagnosis":
            add("tumour", "diagnosed", where=lambda row: row.get("kind") not in {"recurrence", "metastasis"})
        case "metastasis" | "recurrence":
            add("tumour", "diagnosed", where=lambda row: row.get("kind") == event.kind)
            words({"metastasis": "metastatic", "recurrence": "recurrent"}[event.kind])
        case "progression":
            words("progression")
            add("response", "assessed", where=lambda row: row["category"] == "PD")
        case "staging":
            add("stage", "assessed")
        case "specimen":
            add("specimen", "collected")
        case "test report":
            add("test", "reported")
        case _:
            side = "stop" if event.kind == "therapy stop" else "start"
            modality = "surgery" if event.kind == "surgery" else event.modality
            for one in given(event, patient):
                value = kleene_and([one.value, same_modality(modality, one.course)])
                if value is not False and not (side == "stop" and one.course.get("ongoing")):
                    table = "therapy" if one.item is one.course else "therapy_item"
                    found.append((table, one.item["id"], value, one.day(side, patient)))
    return found


LEAVES: dict[type, Callable[[Any, Patient, date], Value]] = {
    Comorbidity: comorbidity,
    Consent: consent,
    DiseaseStatus: disease_status,
    Histology: histology,
    Laboratory: laboratory,
    Marker: marker,
    Metastatic: metastatic,
    MetastasisSite: metastasis_site,
    PerformanceStatus: performance,
    PriorTherapy: prior_therapy,
    SystemicLines: systemic_lines,
    TherapySince: therapy_since,
    Window: window,
}
