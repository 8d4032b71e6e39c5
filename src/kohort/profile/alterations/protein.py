"""Protein changes in every notation seen in laboratory files, MAF and knowledge bases.

The rules are those of HGVS (https://hgvs-nomenclature.org/stable/recommendations/protein) plus the old forms
of MAF (``p.RN209fs``, ``p.264_264L>LSSGNL``), cBioPortal (``p.X298_splice``) and CIViC (``V600_K601>E``);
they are rewritten as HGVS would write them today: shared residues are trimmed from the left first, so that the
change lies as far to the C-terminus as the text allows.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from kohort.profile.alterations.alteration import Alteration

__all__ = ["ONE_LETTER", "parse_protein"]

ONE_LETTER: dict[str, str] = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G",
    "His": "H", "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Sec": "U",
    "Ser": "S", "Thr": "T", "Trp": "W", "Tyr": "Y", "Val": "V", "Ter": "*", "Stop": "*", "Xaa": "?",
}  # fmt: skip
"""Three-letter residues of IUPAC, and the words for a stop, to one letter; ``Xaa`` is not known, ``X`` a stop."""

_AA = "[ACDEFGHIKLMNPQRSTUVWY]"
_ANY = "[ACDEFGHIKLMNPQRSTUVWYX*]"
_NUMBER = "([1-9][0-9]{0,4})"  # the longest human protein, titin, has under 36,000 residues
_SPAN = rf"({_ANY})?{_NUMBER}(?:_({_ANY})?{_NUMBER})?"
_THREE = re.compile("|".join(ONE_LETTER))
_THREE_UPPER = re.compile(rf"({'|'.join(ONE_LETTER).upper()})([0-9]+)({'|'.join(ONE_LETTER).upper()})")
_REFERENCE = re.compile(r"^(?:[NXE][MPN][A-Z_]*\d+(?:\.\d+)?(?:\([A-Za-z0-9-]+\))?:)+")

_HYPHENED = re.compile(rf"({_AA}[0-9]+)-(?={_AA}[0-9]+(?i:del|ins|dup))")
"""``E746-A750del``: a span with a hyphen for the underscore."""

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], Alteration | None]]


def parse_protein(text: str) -> Alteration | None:
    """The protein change written in ``text``, without gene; None if it is not in a known notation.

    Args:
        text: e.g. ``p.(Val600Glu)``, ``NP_004324.2:p.V600E``, ``E746_A750del``, ``X298_splice``.
    """
    plain = _one_letter(text)
    if plain in {"=", "(=)"}:
        return Alteration(gene=None, kind="synonymous")
    for pattern, build in _RULES:
        match = pattern.fullmatch(plain)
        if match is not None:
            return build(match)
    return None


def _one_letter(text: str) -> str:
    """The bare change: no reference sequence, ``p.``, brackets or three-letter residues."""
    plain = _REFERENCE.sub("", text.strip().replace("%3D", "="))
    plain = plain[2:] if plain[:2] in {"p.", "P."} else plain
    if plain.startswith("(") and plain.endswith(")"):
        plain = plain[1:-1]
    plain = _THREE.sub(lambda found: ONE_LETTER[found.group()], plain)
    shouted = _THREE_UPPER.fullmatch(plain)
    if shouted is not None:
        first, number, last = shouted.groups()
        plain = f"{ONE_LETTER[first.title()]}{number}{ONE_LETTER[last.title()]}"
    if re.fullmatch("[a-z][0-9]+[a-z*]", plain):
        plain = plain.upper()
    return _HYPHENED.sub(r"\1_", plain)


def _change(kind: str, ref: str, position: int, **rest: object) -> Alteration:
    """An alteration of one residue or a span; positions of a span may be equal (then it is one residue)."""
    end = rest.get("end")
    if end is not None and end == position:
        rest = {**rest, "end": None, "end_ref": ""}
    return Alteration(gene=None, kind=kind, ref=ref, position=position, **rest)  # type: ignore[arg-type]


def _substitution(match: re.Match[str]) -> Alteration | None:
    ref, number, alt = match[1] or "", int(match[2]), match[3].replace("X", "*")
    known = ref not in {"", "X"}
    if not known:
        return _change("nonsense", "", number, alt="*") if alt == "*" else None
    if alt in {"=", match[1]}:
        return _change("synonymous", ref, number)
    if (ref, number) == ("M", 1):
        return _change("start lost", ref, number, alt=alt.strip("?"))
    if alt == "?":
        return None
    kind = "nonsense" if alt == "*" else "stop lost" if ref == "*" else "missense"
    return _change(kind, ref, number, alt=alt)


def _alternatives(match: re.Match[str]) -> Alteration:
    parts = {parse_protein(f"{match[1]}{match[2]}{alt[-1]}") for alt in re.split(r"[/^]", match[3])}
    distinct = tuple(sorted((part for part in parts if part is not None), key=str))
    return distinct[0] if len(distinct) == 1 else Alteration(None, "alternatives", parts=distinct)


def _codons(match: re.Match[str]) -> Alteration:
    parts = tuple(sorted({_change("codon", c[0], int(c[1:])) for c in match[0].split("/")}, key=str))
    return parts[0] if len(parts) == 1 else Alteration(None, "alternatives", parts=parts)


def _frameshift(match: re.Match[str]) -> Alteration:
    refs, number, alt, stop = match[1], int(match[2]), match[3] or "", match[4]
    length = int(stop) if stop and stop.isdigit() and int(stop) > 0 else None
    first = refs[:1].replace("-", "").replace("X", "")
    return _change("frameshift", first, number, alt=alt, length=length)


def _splice(match: re.Match[str]) -> Alteration:
    return _change("splice", "", int(match[1]))


def _extension(match: re.Match[str]) -> Alteration:
    number, alt, reach = int(match[1]), match[2] or "", match[3]
    length = int(reach) if reach and reach.isdigit() and int(reach) > 0 else None
    return _change("stop lost", "*", number, alt=alt, length=length)


def _start_extension(match: re.Match[str]) -> Alteration:
    length = int(match[1]) if match[1].isdigit() and int(match[1]) > 0 else None
    return _change("extension", "M", 1, length=length)


def _edges(match: re.Match[str]) -> tuple[str, int, str, int] | None:
    """First and last residue of a span with their numbers; None if it runs backwards.

    One number alone is no residue for certain: ``19del`` of EGFR is an exon.
    """
    ref, number, end_ref, end = match[1] or "", int(match[2]), match[3] or "", match[4]
    if end is None:
        return (ref, number, ref, number) if ref else None
    return None if int(end) < number else (ref, number, end_ref, int(end))


def _deletion(match: re.Match[str]) -> Alteration | None:
    edges = _edges(match)
    if edges is None:
        return None
    ref, number, end_ref, end = edges
    found = _change("inframe deletion", ref, number, end_ref=end_ref, end=end)
    gone = match[5] or ""
    size = int(gone) if gone.isdigit() else len(gone)
    if size and size != end - number + 1:
        return replace(found, findings=("The residues named as deleted do not fill the numbered span.",))
    return found


def _duplication(match: re.Match[str]) -> Alteration | None:
    edges = _edges(match)
    return edges and _change("duplication", edges[0], edges[1], end_ref=edges[2], end=edges[3])


def _insertion(match: re.Match[str]) -> Alteration | None:
    edges = _edges(match)
    if edges is None:
        return None
    ref, number, end_ref, end = edges
    alt = match[5] or ""
    findings: list[str] = []
    if alt.isdigit() or not alt:
        alt, findings = "", ["The inserted residues are not given."]
    if match[4] is not None and end != number + 1:
        findings.append("An insertion lies between two neighbours, but the numbers are not neighbours.")
    if "*" in alt:
        findings.append("The inserted residues hold a stop.")
    return _change("inframe insertion", ref, number, end_ref=end_ref, end=end, alt=alt, findings=tuple(findings))


def _span_delins(match: re.Match[str]) -> Alteration | None:
    edges = _edges(match)
    if edges is None:
        return None
    ref, number, end_ref, end = edges
    alt = match[5]
    known = ref if end == number else ref + end_ref if end == number + 1 else ""
    if len(known) == end - number + 1:
        return _rewrite(known, number, alt)
    return _delins(ref, number, end_ref, end, alt)


def _old_delins(match: re.Match[str]) -> Alteration | None:
    number, end, refs, alt = int(match[1]), int(match[2]), match[3], match[4]
    found = _rewrite(refs, number, alt)
    if end - number + 1 != len(refs):
        return replace(found, findings=("The residues named do not fill the numbered span.",))
    return found


def _many_delins(match: re.Match[str]) -> Alteration | None:
    return _rewrite(match[1], int(match[2]), match[3])


def _several_residues(match: re.Match[str]) -> Alteration:
    found = _rewrite(match[1], int(match[2]), match[3])
    return replace(found, findings=("Written without delins; read as one residue replaced by several.",))


def _many_deletion(match: re.Match[str]) -> Alteration:
    return _rewrite(match[1], int(match[2]), "")


def _delins(ref: str, number: int, end_ref: str, end: int, alt: str) -> Alteration:
    """A replaced span whose inner residues are not known; a new stop makes it nonsense."""
    if alt.startswith("*"):
        return _change("nonsense", ref, number, alt="*")
    kind = "nonsense" if "*" in alt else "stop lost" if "*" in ref + end_ref else "inframe delins"
    return _change(kind, ref, number, end_ref=end_ref, end=end, alt=alt)


def _rewrite(refs: str, number: int, alt: str) -> Alteration:
    """``refs`` at ``number`` replaced by ``alt``, as HGVS would write it: shared residues trimmed first."""
    lead = 0
    while lead < min(len(refs), len(alt)) and refs[lead] == alt[lead]:
        lead += 1
    tail = 0
    while tail < min(len(refs), len(alt)) - lead and refs[-1 - tail] == alt[-1 - tail]:
        tail += 1
    old, new = refs[lead : len(refs) - tail], alt[lead : len(alt) - tail]
    start = number + lead
    if not old and not new:
        return _change("synonymous", refs[:1], number)
    if not old:
        return _inserted(refs[:lead], refs[len(refs) - tail :] if tail else "", start, new)
    if not new:
        return _change("inframe deletion", old[0], start, end_ref=old[-1], end=start + len(old) - 1)
    if (old, start) == ("M", 1):
        return _change("start lost", old, start)
    if len(old) == len(new) == 1:
        kind = "nonsense" if new == "*" else "stop lost" if old == "*" else "missense"
        return _change(kind, old, start, alt=new)
    return _delins(old[0], start, old[-1], start + len(old) - 1, new)


def _inserted(before: str, after: str, start: int, new: str) -> Alteration:
    """``new`` between residues ``start - 1`` and ``start``; a duplication where the text shows one."""
    if before.endswith(new):
        first = start - len(new)
        return _change("duplication", new[0], first, end_ref=new[-1], end=start - 1)
    if start == 1:
        return Alteration(None, "extension", ref="M", position=1)
    findings = ("The inserted residues hold a stop.",) if "*" in new else ()
    return _change(
        "inframe insertion", before[-1:], start - 1, end_ref=after[:1], end=start, alt=new, findings=findings
    )


_RULES: tuple[_Rule, ...] = (
    (re.compile(rf"({_ANY})?{_NUMBER}({_ANY}|[=?])"), _substitution),
    (re.compile(rf"({_ANY}*|-){_NUMBER}({_ANY})?(?i:fs)(?:[*X]?([0-9]{{1,5}}|\?)?)"), _frameshift),
    (re.compile(rf"{_ANY}?{_NUMBER}_(?:{_ANY}?[0-9]+)?splice"), _splice),
    (re.compile(rf"({_ANY}{{2,}}){_NUMBER}(?i:del)"), _many_deletion),
    (re.compile(rf"{_SPAN}(?i:delins)({_ANY}+)"), _span_delins),
    (re.compile(rf"{_SPAN}(?i:del)({_ANY}+|[0-9]{{1,5}})?"), _deletion),
    (re.compile(rf"{_SPAN}(?i:ins)({_ANY}+|[0-9]+)?"), _insertion),
    (re.compile(rf"{_SPAN}(?i:dup)(?:{_ANY}+|[0-9]+)?"), _duplication),
    (re.compile(rf"{_SPAN}(?i:del){_ANY}+(?i:ins)({_ANY}+)"), _span_delins),
    (re.compile(rf"{_SPAN}>({_ANY}+)"), _span_delins),
    (re.compile(rf"{_NUMBER}_{_NUMBER}({_ANY}+)>({_ANY}+)"), _old_delins),
    (re.compile(rf"({_ANY}{{2,}}){_NUMBER}>({_ANY}+)"), _many_delins),
    (re.compile(rf"({_AA}){_NUMBER}({_ANY}{{2,}})"), _several_residues),
    (re.compile(rf"\*{_NUMBER}({_AA}*)ext(?:\*?([0-9]{{1,5}}|\?)?)"), _extension),
    (re.compile(r"M1(?:[A-Z])?ext-?([0-9]{1,5}|\?)"), _start_extension),
    (re.compile(rf"({_AA}){_NUMBER}({_AA}(?:[/^]{_AA})+)"), _alternatives),
    (re.compile(rf"({_AA}){_NUMBER}({_AA}(?:/\1\2{_AA})+)"), _alternatives),
    (re.compile(rf"({_AA}{_NUMBER})(?:/{_AA}{_NUMBER})*"), _codons),
)
