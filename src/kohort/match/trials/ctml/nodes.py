"""Leaf nodes of a match clause: clinical, genomic and prior treatments, with keys that stand in the wrong one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kohort.match.criteria import PriorTherapy
from kohort.match.trials.ctml.clinical_nodes import clinical_key, unknown_key, unmapped
from kohort.match.trials.ctml.findings import STOPS, Findings
from kohort.match.trials.ctml.genomic_nodes import genomic_keys
from kohort.match.trials.ctml.keys import PRIOR_KEYS, node_of
from kohort.match.trials.ctml.values import Word, unread
from kohort.match.trials.ctml.views import ALWAYS, NEVER, View, all_of, every, opposite
from kohort.match.trials.located import Located

__all__ = ["read_node"]

_ABOUT_THE_ENGINE = frozenset({STOPS, "ignored-by-matchengine", "unknown-key"})


def read_node(kind: str, place: Located, findings: Findings) -> View:
    """A leaf node, in both views.

    Args:
        kind: ``clinical``, ``genomic`` or ``prior_treatments``.
        place: its keys.
        findings: receives what is wrong.
    """
    if not isinstance(place.value, dict):
        findings.stops(place, f"a {kind} node holds no keys.")
        why = f"this {kind} node holds no keys."
        remedy = "Write keys with values, or leave it out."
        return View(unread(kind, place, why, rule="null-node", findings=findings, remedy=remedy), NEVER)
    if not place.value:
        findings.add("warning", "null-node", place, f"this {kind} node is empty: it asks nothing.", "Leave it out.")
        return every([])
    return _READERS[kind](place.value, place, findings)


def _clinical(found: Mapping[str, Located], place: Located, findings: Findings) -> View:
    stray = {name: value for name, value in found.items() if node_of(name) == "genomic"}
    views = [clinical_key(name, value, findings) for name, value in found.items() if name not in stray]
    if stray:
        meant = _elsewhere("clinical", stray, findings, lambda scratch: genomic_keys(stray, place, scratch))
        engine = NEVER if any(not _is_negated(value) for value in stray.values()) else ALWAYS
        views.append(View(meant.meant, engine))
    return every(views)


def _genomic(found: Mapping[str, Located], place: Located, findings: Findings) -> View:
    stray = {name: value for name, value in found.items() if node_of(name) == "clinical"}
    own = genomic_keys({name: value for name, value in found.items() if name not in stray}, place, findings)
    if not stray:
        return own
    views = _elsewhere(
        "genomic", stray, findings, lambda scratch: every([clinical_key(n, v, scratch) for n, v in stray.items()])
    )
    negated = any(map(_is_negated, found.values()))
    return View(all_of([own.meant, views.meant]), ALWAYS if negated else NEVER)


def _elsewhere(kind: str, stray: Mapping[str, Located], findings: Findings, read: Callable[[Findings], View]) -> View:
    """Keys read as if they stood in the right node; what the engine would do there is not told."""
    for name, value in stray.items():
        what = f"{name} belongs to a {node_of(name)} node; in a {kind} node matchengine-V2 does not know it."
        findings.add("warning", "key-in-wrong-node", value, what, f"Move it to a {node_of(name)} node.")
    scratch = Findings()
    view = read(scratch)
    findings.take(scratch, but=_ABOUT_THE_ENGINE)
    return view


def _prior(found: Mapping[str, Located], place: Located, findings: Findings) -> View:
    what = "matchengine-V2 fails when a patient meets a prior_treatments node; its view here is what was meant."
    findings.add("note", "prior-treatments", place, what)
    return every([_prior_key(name, value, findings) for name, value in found.items()])


def _prior_key(name: str, value: Located, findings: Findings) -> View:
    if name.lower() not in PRIOR_KEYS:
        return unknown_key("prior_treatments", name, value, PRIOR_KEYS, findings)
    if value.value is None or isinstance(value.value, (dict, list)) or not value.written.strip("! "):
        why = f"{name} names no drug."
        return View(unread(name, value, why, rule="null-node", findings=findings), NEVER)
    word = Word.of(value)
    given = PriorTherapy(word.text)
    meant = opposite(given) if word.negated else given
    return View.same(meant) if name.lower() == "drug" else unmapped(name, meant, value, findings)


def _is_negated(value: Located) -> bool:
    return isinstance(value.value, str) and value.value.startswith("!")


_READERS: dict[str, Callable[[Mapping[str, Located], Located, Findings], View]] = {
    "clinical": _clinical,
    "genomic": _genomic,
    "prior_treatments": _prior,
}
