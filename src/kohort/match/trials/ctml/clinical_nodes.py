"""Clinical nodes of CTML: each key is a condition of its own, each may be negated."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from kohort.errors import UserError
from kohort.match.criteria import Age, Criterion, DiseaseStatus, FreeText, Range, Receptor, Sex, SystemicLines, Tmb
from kohort.match.criteria.course import DISEASE_STATUSES
from kohort.match.trials.ctml.diagnoses import read_diagnosis
from kohort.match.trials.ctml.expressions import age_range, burden_range, engine_range
from kohort.match.trials.ctml.findings import Findings
from kohort.match.trials.ctml.keys import CLINICAL_KEYS, COMMENTS, IGNORED_CLINICAL, JUDGED, MAPPED_CLINICAL, key_remedy
from kohort.match.trials.ctml.values import Word, unread
from kohort.match.trials.ctml.views import ALWAYS, NEVER, View, all_of, any_of, opposite
from kohort.match.trials.located import Located

__all__ = ["clinical_key", "unknown_key", "unmapped"]

Pair = tuple[Criterion, Criterion]
"""What is meant and what the engine reads, both without ``!``."""

Reader = Callable[[str, Word, Findings], Pair]

_OLDEST = 150.0
"""No leaf asks for a higher age."""

_MARKERS = {"her2_status": "HER2", "er_status": "ER", "pr_status": "PR"}
_STATES = {"positive": "positive", "true": "positive", "negative": "negative", "false": "negative"}


def clinical_key(name: str, place: Located, findings: Findings) -> View:
    """One key of a clinical node, in both views.

    Args:
        name: the key as written.
        place: its value.
        findings: receives what is wrong with it.
    """
    key = name.lower()
    if key == "disease_status":
        return View.ignored(_disease_status(name, place, findings))
    if place.value is None or isinstance(place.value, dict):
        return _no_value(name, place, findings)
    if isinstance(place.value, list):
        return _listed(name, place, findings)
    word = Word.of(place)
    if key in COMMENTS:
        return unmapped(name, ALWAYS, place, findings)
    reader = _READERS.get(key)
    if reader is None:
        return unknown_key("clinical", name, place, CLINICAL_KEYS, findings)
    meant, engine = reader(name, word, findings)
    if word.negated:
        meant, engine = opposite(meant), opposite(engine)
    return _engine_view(key, word, meant, engine, findings, name)


def _engine_view(key: str, word: Word, meant: Criterion, engine: Criterion, findings: Findings, name: str) -> View:
    if key in IGNORED_CLINICAL:
        what = f"matchengine-V2 ignores {name}: it matches whatever the status is."
        findings.add("note", "ignored-by-matchengine", word.place, what)
        return View.ignored(meant)
    if key in MAPPED_CLINICAL:
        return View(meant, engine)
    return unmapped(name, meant, word.place, findings)


def unmapped(name: str, meant: Criterion, place: Located, findings: Findings) -> View:
    """A key that the engine compares with a column that no patient has: never met, and always if negated."""
    what = f"matchengine-V2 does not know the key {name!r} in this node, so {_who_meets(place)} it."
    findings.add("warning", "unknown-key", place, what)
    return View(meant, ALWAYS if _is_negated(place) else NEVER)


def unknown_key(kind: str, name: str, place: Located, known: frozenset[str], findings: Findings) -> View:
    """A key that nobody knows."""
    why = f"{name!r} is no key of a {kind} node; in matchengine-V2 {_who_meets(place)} it."
    found = unread(name, place, why, rule="unknown-key", findings=findings, remedy=key_remedy(name, known))
    return View(found, ALWAYS if _is_negated(place) else NEVER)


def _is_negated(place: Located) -> bool:
    return isinstance(place.value, str) and place.value.startswith("!")


def _who_meets(place: Located) -> str:
    return "everybody meets" if _is_negated(place) else "nobody meets"


def _no_value(name: str, place: Located, findings: Findings) -> View:
    why = f"{name} has no value that can be compared."
    found = unread(name, place, why, rule="null-node", findings=findings, remedy="Write a value, or leave the key out.")
    if name.lower() in IGNORED_CLINICAL:
        return View.ignored(found)
    if name.lower() in {"age_numerical", "tmb_numerical"}:
        findings.stops(place, f"{name} is no text.")
    return View(found, NEVER)


def _listed(name: str, place: Located, findings: Findings) -> View:
    """Several values where the engine expects one: any of them is meant."""
    items = place.items()
    if name.lower() not in IGNORED_CLINICAL:
        what = f"{name} holds a list; any of its values is meant, and matchengine-V2 reads one only."
        findings.add("warning", "wrong-type", place, what, "Write each value in a node of its own, under or.")
    if name.lower() in MAPPED_CLINICAL - {"gender"}:
        findings.stops(place, f"{name} is a list.")
    views = [clinical_key(name, item, findings) for item in items]
    negated = any(map(_is_negated, items))
    meant = (all_of if negated else any_of)([view.meant for view in views])
    return View.ignored(meant) if name.lower() in IGNORED_CLINICAL else View(meant, NEVER)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """How a key with a comparison is read, how the engine's reading becomes a leaf, and how it is written."""

    read: Callable[[str], Range]
    make: Callable[[Range], Criterion]
    engine: Callable[[Range], Criterion]
    example: str


def _exact_age(years: Range) -> Criterion:
    return Age(years, reading="exact")


def _engine_age(years: Range) -> Criterion:
    """As the engine takes it, which knows no oldest age."""
    if years.low > _OLDEST:
        return NEVER
    return _exact_age(replace(years, high=_OLDEST) if _OLDEST < years.high < math.inf else years)


def _age(key: str, word: Word, findings: Findings) -> Pair:
    return _compared(key, word, findings, _Comparison(age_range, _exact_age, _engine_age, ">=18"))


def _burden(key: str, word: Word, findings: Findings) -> Pair:
    return _compared(key, word, findings, _Comparison(burden_range, Tmb, Tmb, ">=10"))


def _compared(key: str, word: Word, findings: Findings, comparison: _Comparison) -> Pair:
    """A comparison, as people and as the engine read it."""
    engine: Criterion = NEVER
    if key.lower() in MAPPED_CLINICAL:
        engine_reads = engine_range(word.place.value)
        if engine_reads is None:
            remedy = f"Write a text like '{comparison.example}', without blanks, units or a second limit."
            findings.stops(word.place, f"{key} is {word.place.written!r}.", remedy)
        else:
            engine = comparison.engine(engine_reads)
    try:
        return comparison.make(comparison.read(word.text)), engine
    except UserError as error:
        rule = "unknown-value" if word.is_text and not word.text.replace(".", "").isdigit() else "wrong-type"
        return unread(key, word.place, error.what, rule=rule, findings=findings, remedy=error.remedy), engine


def _sex(key: str, word: Word, findings: Findings) -> Pair:
    codes = {"male": "male", "female": "female", "m": "male", "f": "female"}
    code = codes.get(word.text.casefold())
    if code is None:
        why = f"{word.text!r} is no sex of CTML."
        remedy = "Write Male or Female."
        return unread(key, word.place, why, rule="unknown-value", findings=findings, remedy=remedy), NEVER
    found = Sex("male") if code == "male" else Sex("female")
    if word.as_compared == code.capitalize():
        return found, found
    what = f"matchengine-V2 compares letters: it never finds {word.as_compared!r}."
    findings.add("warning", "wrong-case", word.place, what, f"Write {code.capitalize()!r}.")
    return found, NEVER


def _receptor(key: str, word: Word, findings: Findings) -> Pair:
    marker = _MARKERS[key.lower()]
    text = word.text.casefold()
    if text in _STATES:
        found = Receptor(marker, _STATES[text])  # type: ignore[arg-type]
    elif text in {"unknown", "equivocal"}:
        found = FreeText(f"{marker} status {text}")
    else:
        why = f"{word.text!r} is no status of a receptor."
        remedy = "Write Positive, Negative or Unknown."
        found = unread(key, word.place, why, rule="unknown-value", findings=findings, remedy=remedy)
    return found, NEVER


def _lines(key: str, word: Word, findings: Findings) -> Pair:
    if word.text.casefold() == "any":
        return ALWAYS, NEVER
    text = f"=={word.text}" if word.text.isdigit() else word.text
    try:
        return SystemicLines(Range.parse(text)), NEVER
    except UserError as error:
        return unread(key, word.place, error.what, rule="unknown-value", findings=findings, remedy=error.remedy), NEVER


def _judged(key: str, word: Word, findings: Findings) -> Pair:
    return FreeText(f"{JUDGED[key.lower()]}: {word.text}"), NEVER


def _disease_status(name: str, place: Located, findings: Findings) -> Criterion:
    """Any of the words listed; a word outside CTML's list is not understood."""
    what = f"matchengine-V2 ignores {name}: it matches whatever the status is."
    findings.add("note", "ignored-by-matchengine", place, what)
    items = place.items() if isinstance(place.value, list) else [place]
    wanted: list[Criterion] = []
    refused: list[Criterion] = []
    for item in items:
        if item.value is None or isinstance(item.value, (dict, list)):
            return _no_value(name, item, findings).meant
        word = Word.of(item)
        (refused if word.negated else wanted).append(_status(name, word, findings))
    known = [status for part in wanted if isinstance(part, DiseaseStatus) for status in part.statuses]
    others = [part for part in wanted if not isinstance(part, DiseaseStatus)]
    positive = [DiseaseStatus(tuple(known))] if known else []
    parts = [any_of([*positive, *others])] if wanted else []
    return all_of([*parts, *map(opposite, refused)])


def _status(name: str, word: Word, findings: Findings) -> Criterion:
    try:
        return DiseaseStatus((word.text,))
    except UserError as error:
        near = difflib.get_close_matches(word.text.casefold(), DISEASE_STATUSES, n=1)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Use {', '.join(DISEASE_STATUSES)}."
        return unread(name, word.place, error.what, rule="unknown-value", findings=findings, remedy=remedy)


_READERS: dict[str, Reader] = (
    {
        "age_numerical": _age,
        "age_expression": _age,
        "tmb_numerical": _burden,
        "tmb": _burden,
        "gender": _sex,
        "oncotree_primary_diagnosis": read_diagnosis,
        "number_prior_lines_therapy_allowed": _lines,
    }
    | dict.fromkeys(_MARKERS, _receptor)
    | dict.fromkeys(JUDGED, _judged)
)
