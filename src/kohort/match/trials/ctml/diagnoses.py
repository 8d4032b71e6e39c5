"""Diagnoses of CTML: names of OncoTree old and new, main types, and the two words for all solid or liquid tumours."""

from __future__ import annotations

import difflib

from kohort.codes import oncotree
from kohort.errors import UnknownNameError, UserError
from kohort.match.criteria import Criterion, Diagnosis
from kohort.match.trials.ctml.findings import Findings
from kohort.match.trials.ctml.values import Word, unread
from kohort.match.trials.ctml.views import NEVER, any_of

__all__ = ["read_diagnosis"]

_EVERY = {"_SOLID_": Diagnosis(lineage="solid"), "_LIQUID_": Diagnosis(lineage="liquid")}
_NAMES_ONLY = "matchengine-V2 knows names only, spelled exactly: to it this is no diagnosis."


def read_diagnosis(key: str, word: Word, findings: Findings) -> tuple[Criterion, Criterion]:
    """What a diagnosis means, and what the engine reads, both without ``!``."""
    text = word.text
    if f"_{text.strip('_').upper()}_" in _EVERY:
        spelled = f"_{text.strip('_').upper()}_"
        return _EVERY[spelled], _spelled(word, (spelled,), _EVERY[spelled], findings)
    if codes := oncotree.named(text):
        found = any_of([Diagnosis(code) for code in codes])
        return found, _spelled(word, tuple(_name(code) for code in codes), found, findings)
    if former := oncotree.former_name(text):
        found = any_of([Diagnosis(code) for code in former.codes])
        _outdated(word, former, findings)
        return found, _spelled(word, (former.name,), found, findings)
    return _otherwise(key, word, findings), NEVER


def _spelled(word: Word, names: tuple[str, ...], found: Criterion, findings: Findings) -> Criterion:
    if word.as_compared in names:
        return found
    what = f"{word.as_compared!r} is not how OncoTree spells {names[0]!r}. {_NAMES_ONLY}"
    findings.add("warning", "wrong-case", word.place, what, f"Write {names[0]!r}.")
    return NEVER


def _name(code: str) -> str:
    node = oncotree.node(code)
    return "" if node is None else node.name


def _outdated(word: Word, former: oncotree.FormerName, findings: Findings) -> None:
    names = " or ".join(repr(_name(code)) for code in former.codes)
    change = " Its meaning has changed: check that this is meant." if former.changed else ""
    what = f"{former.name!r} is a name of an earlier OncoTree; it is read as {names}.{change}"
    findings.add(
        "warning" if former.changed else "note",
        "outdated-diagnosis-name",
        word.place,
        what,
        f"Write {names} if the engine's table has it." if len(former.codes) == 1 else "",
    )


def _otherwise(key: str, word: Word, findings: Findings) -> Criterion:
    """A main type or a code in place of a name, else nothing that is known."""
    mains = {node.main_type for node in oncotree.tree().nodes.values() if node.main_type}
    main = next((name for name in mains if name.casefold() == word.text.casefold()), None)
    if main is not None:
        what = f"{word.text!r} is a main type of OncoTree, not a name. {_NAMES_ONLY}"
        findings.add("warning", "unknown-diagnosis", word.place, what, "Name the tumour types of this main type.")
        return Diagnosis(main_type=main)
    try:
        node = oncotree.find(word.text)
    except UserError as error:
        remedy = _suggestion(word.text, error)
        why = f"OncoTree has no tumour type {word.text!r}; matchengine-V2 matches it with nobody."
        return unread(key, word.place, why, rule="unknown-diagnosis", findings=findings, remedy=remedy)
    what = f"{word.text!r} is a code of OncoTree, not a name. {_NAMES_ONLY}"
    findings.add("warning", "unknown-diagnosis", word.place, what, f"Write {node.name!r}.")
    return Diagnosis(node.code)


def _suggestion(text: str, error: UserError) -> str:
    names = [node.name for node in oncotree.tree().nodes.values()]
    near = difflib.get_close_matches(text, names, n=2, cutoff=0.75)
    near = near or [name for name in names if text.casefold() in name.casefold()]
    if near:
        return f"Did you mean {' or '.join(map(repr, near[:2]))}?"
    return "Use a name of OncoTree." if isinstance(error, UnknownNameError) else error.remedy
