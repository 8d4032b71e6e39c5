"""Alterations that are no change of a protein's sequence: polymorphisms, expression, signatures, chromosome arms."""

from __future__ import annotations

import re
from collections.abc import Callable

from kohort.profile.alterations.alteration import Alteration

__all__ = ["parse_gene_name", "parse_marker"]

OLD_SIGNATURE = "The signature is numbered by COSMIC version 2."

_COPIES = {"2": "amplification", "1": "gain", "0": "copy neutral", "-1": "loss", "-2": "deletion"}
_AR_TRANSCRIPT = re.compile(r"(?:ar-?)?(v[0-9]{1,2})(?: positive| expression)?", re.IGNORECASE)
_TERT_PROMOTER = {"C228T": "c.-124C>T", "C250T": "c.-146C>T"}
"""Bases 1,295,228 and 1,295,250 of chromosome 5, GRCh37 (Huang et al., Science 2013, doi 10.1126/science.1229259)."""

_EGFR_DEL19 = re.compile("del[ -]?19|19[ -]?del", re.IGNORECASE)

_Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], Alteration | None]]


def parse_marker(text: str, gene: str | None) -> Alteration | None:
    """The alteration that ``text`` names, without gene; None if it names none.

    Args:
        text: e.g. ``rs61764370``, ``UGT1A1*28``, ``Y1092 phosphorylation``, ``SBS3``, ``1p/19q codeletion``.
        gene: symbol of the gene the text was written for.
    """
    plain = re.sub(r"[\s_]+", " ", text.strip())
    if gene is not None and plain in _COPIES:
        return Alteration(None, _COPIES[plain])
    if gene is not None and plain.upper().startswith(f"{gene}*"):
        plain = f"allele {plain[len(gene) :]}"
    for pattern, build in _RULES:
        match = pattern.fullmatch(plain)
        if match is not None:
            return build(match)
    return _arms(plain) if gene is None or " " in plain or "(" in plain else None


def parse_gene_name(text: str, gene: str | None) -> Alteration | None:
    """The alteration that has this name in this gene alone, where the name looks like a protein change."""
    if gene == "TERT" and text.upper() in _TERT_PROMOTER:
        return Alteration(None, "promoter", detail=_TERT_PROMOTER[text.upper()])
    if gene == "EGFR" and _EGFR_DEL19.fullmatch(text):
        return Alteration(None, "inframe deletion", exon=19)
    isoform = _AR_TRANSCRIPT.fullmatch(text) if gene == "AR" else None
    return isoform and Alteration(None, "alternative transcript", detail=isoform[1].upper())


def _allele(match: re.Match[str]) -> Alteration:
    zygosity = {"hom": " homozygosity", "het": " heterozygosity"}.get((match[2] or "")[:3].lower(), "")
    name = match[1]
    name = name.lower() if name[:2].lower() == "rs" else f"allele {name.split()[-1].upper()}"
    return Alteration(None, "polymorphism", detail=f"{name}{zygosity}")


def _polymorphism(match: re.Match[str]) -> Alteration:
    return Alteration(None, "polymorphism", detail=match[0].lower().removesuffix("s"))


def _neutral_loss(_: re.Match[str]) -> Alteration:
    return Alteration(None, "LOH", detail="copy-neutral")


def _phosphorylation(match: re.Match[str]) -> Alteration:
    if match[2] is None:
        return Alteration(None, "phosphorylation")
    return Alteration(None, "phosphorylation", ref=match[1].upper(), position=int(match[2]))


def _localisation(match: re.Match[str]) -> Alteration:
    return Alteration(None, "localisation", detail=_PLACES[match[1].lower()])


def _expression(match: re.Match[str]) -> Alteration:
    what = match[1].lower()
    isoform = what if re.fullmatch("p[0-9]+", what) else what.upper()
    return Alteration(None, "expression", detail=_PLACES.get(what) or ("isoform" if what == "isoform" else isoform))


def _signature(match: re.Match[str]) -> Alteration:
    if match[1] is not None:
        return Alteration(None, "signature", detail=f"{match[1].upper()}{match[2]}{(match[3] or '').lower()}")
    return Alteration(None, "signature", detail=f"{match[4].upper()} signature")


def _old_signature(match: re.Match[str]) -> Alteration | None:
    if match[1] in {"7", "10", "17"}:  # split in version 3, so that one name became two or more
        return None
    return Alteration(None, "signature", detail=f"SBS{match[1]}", findings=(OLD_SIGNATURE,))


def _transcript(match: re.Match[str]) -> Alteration:
    return Alteration(None, "alternative transcript", detail=(match[1] or "").upper())


_PLACES = {
    "nuclear": "nuclear",
    "cytoplasmic": "cytoplasmic",
    "cytosolic": "cytoplasmic",
    "membrane": "membrane",
    "membranous": "membrane",
    "mitochondrial": "mitochondrial",
}
_IN_CELL = "|".join(_PLACES)
_ZYGOSITY = r"(?: (homozygo(?:us|sity|te)|heterozygo(?:us|sity|te)))?"

_RULES: tuple[_Rule, ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), build)
    for pattern, build in (
        (rf"(rs[1-9][0-9]{{1,10}}|allele \*[0-9]{{1,3}}[a-z]?){_ZYGOSITY}", _allele),
        (r"copy[ -]neutral (?:loh|loss of heterozygosity)|cn-?loh", _neutral_loss),
        (r"(?:deletion|insertion|length) polymorphism|polymorphism|(?:[35]' )?tandem repeats?", _polymorphism),
        (r"(?:([sty])([1-9][0-9]{0,4}) )?phosphorylation", _phosphorylation),
        (rf"({_IN_CELL}) (?:mis)?(?:locali[sz]ation|translocation)", _localisation),
        (rf"({_IN_CELL}|isoform|[a-z]{{1,3}}[0-9]{{1,3}}) expression", _expression),
        (r"(?:cosmic )?(sbs|dbs|id|cn|sv)([1-9][0-9]{0,2})([a-d])?(?: signature)?"
         r"|(apobec|uva?|tobacco|pole|temozolomide) signature",
         _signature),
        (r"(?:cosmic )?(?:mutational )?signature ([1-9]|[12][0-9]|30)", _old_signature),
        (r"alternative transcript(?: ?\(?([a-z0-9-]{1,8})\)?)?", _transcript),
    )
)  # fmt: skip

_CHROMOSOME = r"(?:[1-9]|1[0-9]|2[0-2]|X|Y)"
_ARM = rf"((?:chr(?:omosome)? ?){_CHROMOSOME}[pq]?|{_CHROMOSOME}[pq])(?: ?arm)?"
_BARE = rf"({_CHROMOSOME}[pq]?)"
_ARM_RULES = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (rf"{_ARM} ?(?:gain|amplification|duplication)", "arm gain"),
        (rf"gain of {_ARM}", "arm gain"),
        (rf"(?:trisomy ?|\+){_BARE}", "arm gain"),
        (rf"{_ARM} ?(?:loss|deletion|del)", "arm loss"),
        (rf"(?:loss|deletion) of {_ARM}", "arm loss"),
        (rf"(?:monosomy ?|-){_BARE}|del\({_BARE}\)", "arm loss"),
    )
)
_CODELETION = re.compile(r"1p ?[/ -]? ?19q[ -]*(?:co-?deletion|co-?deleted|loss|deletion|loh)", re.IGNORECASE)
_TWO_ARMS = re.compile(r"\+7 ?/ ?-10|-10 ?/ ?\+7")


def _arms(plain: str) -> Alteration | None:
    """A chromosome or arm gained or lost: ``17p deletion``, ``+7``, ``del(5q)``, ``1p/19q codeletion``."""
    if _CODELETION.fullmatch(plain):
        return Alteration(None, "arm loss", detail="1p/19q")
    if _TWO_ARMS.fullmatch(plain):
        parts = tuple(Alteration(None, f"arm {way}", detail=_arm(arm)) for way, arm in (("gain", "7"), ("loss", "10")))
        return Alteration(None, "compound", parts=parts)
    for pattern, kind in _ARM_RULES:
        match = pattern.fullmatch(plain)
        if match is not None:
            return Alteration(None, kind, detail=_arm(next(group for group in match.groups() if group)))
    return None


def _arm(name: str) -> str:
    """``17p`` or ``chromosome 7``."""
    short = re.sub("^chr(?:omosome)? ?", "", name, flags=re.IGNORECASE)
    return f"{short[:-1].upper()}{short[-1].lower()}" if short[-1] in "pqPQ" else f"chromosome {short.upper()}"
