"""The table of known functions read once more: slowly, row by row, and not by the code of the room `profile`."""

from __future__ import annotations

import csv
import re
from importlib import resources

from kohort.profile.alterations.alteration import Alteration
from kohort.profile.alterations.normaliser import normalise

WORDS = {
    "activating": "A",
    "inactivating": "I",
    "neutral": "N",
    "altering": "AI",
    "unknown": "AIN",
}
ASKED = {"activating": "A", "inactivating": "I", "pathogenic": "AI"}
CUT = {"nonsense", "frameshift", "splice", "start lost"}


def table(name: str) -> list[dict[str, str]]:
    text = (resources.files("kohort.profile") / "data" / name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return list(csv.DictReader(lines, delimiter="\t"))


FACTS = table("function.tsv")
EXONS = table("exons.tsv")


def function(asked: str, gene: str, written: str | None, classification: str | None, exon: int | None) -> bool | None:
    """True, False or None (not known), from what a change may do."""
    may = may_be(gene, normalise(written, gene, classification=classification), exon)
    wanted = set(ASKED[asked])
    return True if may <= wanted else False if not may & wanted else None


def may_be(gene: str, seen: Alteration, exon: int | None) -> set[str]:
    if seen.kind == "synonymous":
        return {"N"}
    if seen.kind == "alternatives":
        return {effect for part in seen.parts for effect in may_be(gene, part, exon)}
    rows = [row for row in FACTS if row["gene"] == gene]
    if not rows:
        return set("AIN")
    listed = [(text, row["effect"]) for row in rows for text in row["changes"].split("; ") if text]
    for reads in (is_that_change, is_that_residue, lies_in_that_stretch):
        for text, effect in listed:
            if reads(text, gene, seen, exon):
                return set(WORDS[effect])
    if seen.kind not in CUT:
        return set("AIN")
    may = {"oncogene": set("IN"), "suppressor": set("I"), "both": set("AIN")}[rows[0]["role"]]
    for text, effect in listed:
        if seen.position is None and could_lie_there(text, gene, seen, exon):
            may |= set(WORDS[effect])
    return may


def is_that_change(text: str, gene: str, seen: Alteration, _exon: int | None) -> bool:
    if " " in text or is_residue(text):
        return False
    wanted = normalise(text, gene)
    if text.endswith("fs"):
        return seen.kind == "frameshift" and seen.position == wanted.position
    return seen.text == wanted.text


def is_that_residue(text: str, _gene: str, seen: Alteration, _exon: int | None) -> bool:
    return is_residue(text) and seen.kind == "missense" and f"{seen.ref}{seen.position}" == text


def is_residue(text: str) -> bool:
    return re.fullmatch("[A-Z][0-9]+", text) is not None


def lies_in_that_stretch(text: str, gene: str, seen: Alteration, exon: int | None) -> bool:
    if " " not in text or not is_of_kind(text, seen):
        return False
    number = exon_of(text)
    if seen.position is None:
        return number is not None and number in (seen.exon, exon)
    residues = {seen.position, seen.end or seen.position}
    if number is None:
        first, last = text.split(" ")[1].split("-")
        return any(int(first) <= residue <= int(last) for residue in residues)
    return any(
        int(row["first_residue"]) <= residue <= int(row["last_residue"])
        for row in EXONS
        for residue in residues
        if row["gene"] == gene and int(row["exon"]) == number
    )


def could_lie_there(text: str, gene: str, seen: Alteration, exon: int | None) -> bool:
    """Of a truncation that names no residue."""
    if " " not in text:
        return not is_residue(text) and normalise(text, gene).kind == seen.kind
    elsewhere = exon_of(text) is not None and (seen.exon or exon) is not None
    return is_of_kind(text, seen) and not elsewhere


def exon_of(text: str) -> int | None:
    found = re.match("exon ([0-9]+) ", text)
    return int(found[1]) if found else None


def is_of_kind(text: str, seen: Alteration) -> bool:
    words = text.split(" ")
    word = words[2] if words[0] == "exon" else words[0]
    lost = (seen.end or seen.position or 0) - (seen.position or 0) + 1
    replaced = seen.kind == "inframe delins"
    match word:
        case "truncating":
            return seen.kind in CUT
        case "stop":
            return seen.kind in {"nonsense", "frameshift"}
        case "skipping":
            return seen.kind in {"splice", "exon skipping"}
        case "deletion":
            return seen.kind == "inframe deletion" or (replaced and len(seen.alt) < lost)
        case "insertion":
            return seen.kind in {"inframe insertion", "duplication"} or (replaced and len(seen.alt) > lost)
        case _:
            return seen.kind == word
