"""CTML, the language of MatchMiner: one document, one trial."""

from __future__ import annotations

import re
from pathlib import Path

from kohort.match.criteria.judged import Unread
from kohort.match.criteria.logic import Criterion, leaves, requirements
from kohort.match.criteria.vocabulary import is_known_drug
from kohort.match.trials.ctml.arms import Part, arms_of, parts_of
from kohort.match.trials.ctml.clauses import read_item, read_match
from kohort.match.trials.ctml.findings import STOPS, Findings
from kohort.match.trials.ctml.keys import operator_of
from kohort.match.trials.ctml.views import ALWAYS, NEVER, View, all_of, every
from kohort.match.trials.documents import documents
from kohort.match.trials.located import Located
from kohort.match.trials.problems import Problem
from kohort.match.trials.protocol import Arm, Trial, TrialStatus

__all__ = ["is_clause", "is_ctml", "read_clause", "read_trial"]

_MARKS = frozenset({"treatment_list", "protocol_no", "_summary"})
_OPEN = "open to accrual"
_ALSO_OPEN = frozenset({"open", "recruiting", "active", "open for accrual"})
_CLOSED = re.compile(r"clos|suspend|complet|terminat|withdrawn|not yet|hold|cancel", re.IGNORECASE)
_COMBINED = re.compile(r"\s+(?:plus|and|with|or)\s+|\s*[+/,;]\s*", re.IGNORECASE)


def is_ctml(document: Located) -> bool:
    """True if a document looks like a trial in CTML."""
    return isinstance(document.value, dict) and not _MARKS.isdisjoint(document.value)


def is_clause(document: Located) -> bool:
    """True if a document holds nothing but a match clause."""
    if isinstance(document.value, list):
        return bool(document.value) and all(map(is_clause, document.value))
    found = document.value if isinstance(document.value, dict) else {}
    return set(found) == {"match"} or any(operator_of(name) for name in found)


def read_clause(path: str | Path) -> Criterion:
    """The criterion of a file that holds only a match clause.

    What cannot be understood, a node of another name for instance, becomes a leaf that is unknown for everybody.

    Args:
        path: a JSON or YAML file.

    Raises:
        InputError: it cannot be read, or holds something else.
    """
    path = Path(path)
    for document in documents(path):
        if not isinstance(document, Located):
            raise document
        if is_clause(document):
            return _clause(document).meant
        raise document.error("this is no match clause.", "Begin it with 'and' or 'or'.")
    raise Located(None, path, 1, "").error("the file is empty.", "Write a match clause.")


def _clause(document: Located) -> View:
    found = document.value
    inner = found.get("match", document) if isinstance(found, dict) else document
    if isinstance(inner.value, list):
        return read_match(inner, Findings()) or every([])
    return read_item(inner, "match", Findings())


def read_trial(document: Located, name: str) -> tuple[Trial | None, list[Problem]]:
    """The trial of a document, and what is wrong or odd about it; None if nothing of it can be matched.

    Args:
        document: the trial.
        name: identifier if the trial gives none, e.g. the name of its file.
    """
    findings = Findings()
    identifier = _identifier(document, name, findings)
    status = _status(document, findings)
    common, by_hand = _common(document, findings)
    by_hand += _in_words(document, findings)
    arms = _arms(document, common, findings)
    if not arms:
        what = "this trial has no match clause that asks anything."
        findings.add("error", "no-match-clause", document, what, "Write one at a step, an arm or a dose level.")
        return None, findings.problems
    trial = Trial(
        id=identifier,
        title=_text(document, "short_title") or _text(document, "long_title") or identifier,
        arms=tuple(arms),
        phase=_text(document, "phase"),
        countries=_countries(document),
        by_hand=by_hand,
        status=status,
        format="ctml",
        file=document.path.name,
    )
    return trial, findings.problems


def _arms(document: Located, common: Criterion, findings: Findings) -> list[Arm]:
    treatments = document.mapping().get("treatment_list")
    steps: list[Part] = [] if treatments is None else parts_of(treatments, findings)
    arms = arms_of(steps, _drugs(document, steps), common, findings)
    if arms or common == ALWAYS:
        return arms
    place = document.mapping()["match"]
    title = "The trial as a whole"
    whole = Arm("trial", title, (), common, level="step", path="match", matchengine=NEVER, line=place.line)
    return [whole]


def _identifier(document: Located, name: str, findings: Findings) -> str:
    number = _text(document, "protocol_no")
    if not re.fullmatch(r"[\d-]+", number):
        place = document.mapping().get("protocol_no", document)
        what = f"the protocol number {number!r} is more than digits and dashes: matchengine-V2 cannot sort by it."
        if not number:
            what = "the trial has no protocol_no: matchengine-V2 cannot load it."
        findings.add("note", "odd-protocol-number", place, what)
    given = number or _text(document, "nct_id") or name
    return re.sub(r"[^A-Za-z0-9._-]+", "-", given).strip("-._")[:64] or "trial"


def _status(document: Located, findings: Findings) -> TrialStatus:
    """Open or closed; the engine looks at ``_summary`` alone."""
    summary, stated = _summary(document), document.mapping().get("status")
    place = summary or stated
    if place is None or not place.written.strip():
        what = "the trial gives no status; it is taken as open."
        findings.add("warning", "no-status", document, what, "Write _summary: {status: [{value: Open to Accrual}]}.")
        return "open"
    if summary is None:
        what = "the status stands in 'status' alone: the last matchengine-V2 skips a trial without _summary.status."
        findings.add("note", "status-without-summary", place, what)
    text = " ".join(place.written.casefold().split())
    if text == _OPEN:
        return "open"
    if text in _ALSO_OPEN:
        what = f"{place.written!r} is read as open; matchengine-V2 takes only 'Open to Accrual' so."
        findings.add("warning", "unknown-value", place, what, "Write 'Open to Accrual'.")
        return "open"
    if not _CLOSED.search(text):
        what = f"{place.written!r} is no status that is known; the trial is taken as closed."
        findings.add("warning", "unknown-value", place, what, "Write 'Open to Accrual' or 'Closed to Accrual'.")
    return "closed"


def _summary(document: Located) -> Located | None:
    """``_summary.status[0].value``."""
    place = document.mapping().get("_summary")
    for step in ("status", 0, "value"):
        value = None if place is None else place.value
        if isinstance(step, int):
            place = value[step] if isinstance(value, list) and len(value) > step else None
        else:
            place = value.get(step) if isinstance(value, dict) else None
    return place


def _common(document: Located, findings: Findings) -> tuple[Criterion, tuple[str, ...]]:
    """What a match clause at the top asks of every arm, and what of it only people can read.

    The engine never loads this clause, and trials use it for headings. A part that was not understood would make
    every verdict unknown, so it is shown beside the verdict instead.
    """
    place = document.mapping().get("match")
    if place is None:
        return ALWAYS, ()
    own = Findings()
    view = read_match(place, own)
    if view is None:
        return ALWAYS, ()
    findings.take(own, but=frozenset({STOPS, "ignored-by-matchengine"}), at_most="warning")
    what = "matchengine-V2 never loads a match clause at the top of a trial; here it holds for every arm."
    findings.add("note", "ignored-by-matchengine", place, what, "Write it into each arm.")
    parts = requirements(view.meant)
    unread = [part for part in parts if any(isinstance(leaf, Unread) for leaf in leaves(part))]
    words = tuple(part.words.replace(" (not understood)", "") for part in unread)
    return all_of([part for part in parts if part not in unread]), words


def _drugs(document: Located, steps: list[Part]) -> tuple[str, ...]:
    """Names of the trial's drugs: its list, and codes of dose levels that are drugs; combinations divided."""
    listed = document.mapping().get("drug_list")
    entries = listed.mapping().get("drug") if listed is not None and isinstance(listed.value, dict) else None
    items = entries.value if entries is not None and isinstance(entries.value, list) else []
    names = [_text(item, "drug_name") for item in items if isinstance(item.value, dict)]
    codes = [dose.text("level_code") for step in steps for arm in step.below for dose in arm.below]
    divided = [part.strip() for name in names for part in _COMBINED.split(name)]
    known = [part.strip() for code in codes for part in _COMBINED.split(code) if is_known_drug(part.strip())]
    return tuple({name.casefold(): name for name in reversed([*divided, *known]) if name}.values())[::-1]


def _countries(document: Located) -> tuple[str, ...]:
    """Codes of countries, where the sites give them."""
    listed = document.mapping().get("site_list")
    sites = listed.mapping().get("site") if listed is not None and isinstance(listed.value, dict) else None
    items = sites.value if sites is not None and isinstance(sites.value, list) else []
    codes = [_text(item, key) for item in items for key in ("country", "site_country") if isinstance(item.value, dict)]
    return tuple(sorted({code.upper() for code in codes if re.fullmatch("[A-Za-z]{2}", code)}))


def _text(place: Located, key: str) -> str:
    found = place.mapping().get(key)
    return "" if found is None or found.value is None else found.written.strip()


def _in_words(document: Located, findings: Findings) -> tuple[str, ...]:
    """Conditions that the trial gives in words only."""
    place = document.mapping().get("prior_treatment_requirements")
    texts = _texts(document, "prior_treatment_requirements")
    if place is not None and texts:
        what = (
            f"{len(texts)} conditions stand in words only: they are shown beside every match, outside of the verdict."
        )
        findings.add("note", "free-text-only", place, what)
    return texts


def _texts(place: Located, key: str) -> tuple[str, ...]:
    found = place.mapping().get(key)
    items = [] if found is None else found.value if isinstance(found.value, list) else [found]
    return tuple(item.written.strip() for item in items if item.written.strip())
