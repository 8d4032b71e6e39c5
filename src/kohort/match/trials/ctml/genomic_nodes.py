"""Genomic nodes of CTML: all that is written holds of one alteration; one ``!`` negates the whole node."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from kohort.errors import UserError
from kohort.match.criteria import Criterion, Mmr, Msi, Signature, Unread
from kohort.match.trials.ctml.alterations import alteration
from kohort.match.trials.ctml.clinical_nodes import unknown_key, unmapped
from kohort.match.trials.ctml.findings import Findings
from kohort.match.trials.ctml.keys import GENOMIC_KEYS, MAPPED_GENOMIC, SIGNATURES
from kohort.match.trials.ctml.values import Word, shown, unread
from kohort.match.trials.ctml.views import ALWAYS, NEVER, View, all_of, any_of, opposite
from kohort.match.trials.located import Located

__all__ = ["genomic_keys"]

_CATEGORIES = {
    "mutation": "mutation",
    "copy number variation": "copy number",
    "cnv": "copy number",
    "structural variation": "structural",
    "sv": "structural",
    "any variation": "any",
    "any": "any",
    "wt": "wild type",
    "wildtype": "wild type",
    "signature": "signature",
}
_MMR = {"mmr-proficient": "proficient", "mmr-deficient": "deficient"}
_MSI = {"msi-h": ("MSI-H", "deficient"), "msi-l": ("MSI-L", "proficient"), "mss": ("MSS", "proficient")}
_PRESENT = {"yes": True, "no": False}


def genomic_keys(found: Mapping[str, Located], place: Located, findings: Findings) -> View:
    """The keys of a genomic node (``display_name`` is none of them).

    Args:
        found: the keys as written, with their values.
        place: the node.
        findings: receives what is wrong.
    """
    asked = {name: value for name, value in found.items() if name.lower() != "display_name"}
    if not asked:
        return View.ignored(ALWAYS)
    for name, value in asked.items():
        if isinstance(value.value, list):
            return _alternatives(name, value, asked, place, findings)
    refused = [name for name, value in asked.items() if value.value is None or isinstance(value.value, dict)]
    if refused:
        return _no_value(refused[0], asked[refused[0]], findings)
    words = {name.lower(): Word.of(value) for name, value in asked.items()}
    negated = any(word.negated for word in words.values())
    meant, engine = _positive(asked, words, place, findings)
    return View(opposite(meant), opposite(engine)) if negated else View(meant, engine)


def _alternatives(name: str, value: Located, asked: Mapping[str, Located], place: Located, findings: Findings) -> View:
    """A list where the engine expects one value: any of its values is meant."""
    what = f"{name} holds a list; any of its values is meant, and matchengine-V2 never finds it."
    findings.add("warning", "wrong-type", value, what, "Write a node for each value, under or.")
    views = [genomic_keys({**asked, name: item}, place, findings) for item in value.items()]
    negated = any(isinstance(v.value, str) and v.value.startswith("!") for v in [*asked.values(), *value.items()])
    meant = (all_of if negated else any_of)([view.meant for view in views])
    return View(meant, ALWAYS if negated else NEVER)


def _no_value(name: str, value: Located, findings: Findings) -> View:
    why = f"{name} has no value that can be compared."
    if name.lower() in {"variant_category", "mmr_status", "ms_status", "wildcard_protein_change"}:
        findings.stops(value, f"{name} is no text.")
    remedy = "Write a value, or leave the key out."
    return View(unread(name, value, why, rule="null-node", findings=findings, remedy=remedy), NEVER)


def _positive(
    asked: Mapping[str, Located], words: dict[str, Word], place: Located, findings: Findings
) -> tuple[Criterion, Criterion]:
    """What is meant and what the engine reads, without the ``!``."""
    unmapped_parts = [
        _unmapped_key(name, value, findings) for name, value in asked.items() if name.lower() not in MAPPED_GENOMIC
    ]
    for name in asked:
        if name.lower() not in GENOMIC_KEYS:
            del words[name.lower()]
    words.pop("match_all", None)
    signatures = _signatures(words, findings)
    category = words.pop("variant_category", None)
    sort = None if category is None else _category(category, findings)
    parts: list[tuple[Criterion, Criterion]] = [*unmapped_parts, *signatures]
    if category is not None and sort is None:
        parts.append((_unknown_category(category, place, findings), NEVER))
        words.clear()
    elif signatures:
        words.pop("hugo_symbol", None)
        parts += [] if sort in {None, "signature"} else [(ALWAYS, NEVER)]
    elif words or sort is not None:
        parts.append(alteration(sort, words, place, findings))
    parts += [_left_over(name, word, findings) for name, word in words.items()]
    return all_of([meant for meant, _ in parts]), all_of([engine for _, engine in parts])


def _unmapped_key(name: str, value: Located, findings: Findings) -> tuple[Criterion, Criterion]:
    """What a key adds that the engine does not know; what it asks of the alteration is read with the others."""
    if name.lower() in GENOMIC_KEYS or name.lower() == "matching_examples":
        unmapped(name, ALWAYS, value, findings)
        return ALWAYS, NEVER
    return unknown_key("genomic", name, value, GENOMIC_KEYS, findings).meant, NEVER


def _left_over(name: str, word: Word, findings: Findings) -> tuple[Criterion, Criterion]:
    why = f"{name} does not go with the rest of this node."
    remedy = "Write it in a node of its own."
    return unread(name, word.place, why, rule="key-in-wrong-node", findings=findings, remedy=remedy), NEVER


def _category(word: Word, findings: Findings) -> str | None:
    """The sort of alteration; ``structured`` where the engine looks at both ends of a rearrangement."""
    if not word.is_text:
        findings.stops(word.place, "variant_category is no text.")
    category = _CATEGORIES.get(" ".join(word.text.casefold().replace("_", " ").split()))
    exactly = category == "structural" and word.as_compared == "Structural Variation"
    return "structured" if exactly else category


def _unknown_category(word: Word, place: Located, findings: Findings) -> Criterion:
    near = difflib.get_close_matches(word.text.casefold(), _CATEGORIES, n=1)
    remedy = f"Did you mean {near[0].title()!r}?" if near else "Write Mutation, Copy Number Variation or another."
    why = f"{word.text!r} is no category of variants: matchengine-V2 finds none."
    findings.add("error", "unknown-value", word.place, why, remedy)
    return Unread(f"genomic: {shown(place)}", why)


def _signatures(words: dict[str, Word], findings: Findings) -> list[tuple[Criterion, Criterion]]:
    """Mismatch repair, microsatellites and signatures; keys that were used are taken out."""
    found = []
    for name in [name for name in words if name in SIGNATURES or name in {"mmr_status", "ms_status"}]:
        word = words.pop(name)
        pair = _instability(name, word) if name.startswith("m") else _signature(name, word, findings)
        if pair is None:
            if name.startswith("m"):
                findings.stops(word.place, f"{name} is {word.text!r}.")
            error = UserError(f"{word.text!r} is no value of {name}.", remedy=_values_of(name))
            refused = unread(name, word.place, error.what, rule="unknown-value", findings=findings, remedy=error.remedy)
            pair = refused, NEVER
        found.append(pair)
    return found


def _instability(name: str, word: Word) -> tuple[Criterion, Criterion] | None:
    """The engine reads MSI-L and MSS as proficient, and takes the words of either key at both."""
    folded = word.text.casefold()
    if folded in _MMR:
        found = Mmr(_MMR[folded])  # type: ignore[arg-type]
        return found, found
    if folded in _MSI:
        status, repair = _MSI[folded]
        return Msi(status), Mmr(repair)  # type: ignore[arg-type]
    return None


def _signature(name: str, word: Word, findings: Findings) -> tuple[Criterion, Criterion] | None:
    present = _PRESENT.get(word.text.casefold())
    if present is None:
        return None
    found = Signature(SIGNATURES[name], present)  # type: ignore[arg-type]
    if word.as_compared in {"Yes", "No"}:
        return found, found
    what = f"matchengine-V2 compares letters: it never finds {word.as_compared!r}."
    findings.add("warning", "wrong-case", word.place, what, "Write 'Yes' or 'No'.")
    return found, NEVER


def _values_of(name: str) -> str:
    return {"mmr_status": "Write MMR-Proficient or MMR-Deficient.", "ms_status": "Write MSI-H, MSI-L or MSS."}.get(
        name, "Write Yes or No."
    )
