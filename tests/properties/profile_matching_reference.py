"""A slow matcher that can be read: one alteration beside one pattern, and boolean trees with Kleene's values.

It shares with the fast one only what an alteration is, the tables of exons, domains and numberings, and the comparison
of two notations of one change; which kinds fit which words is written here a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from kohort.profile import Alteration, normalise
from kohort.profile.alterations.domains import domain_ranges
from kohort.profile.matching.edits import same_protein
from kohort.profile.matching.numberings import other_places
from kohort.profile.matching.options import MATCH_LEVELS
from kohort.profile.matching.patterns import exon_ranges

TRUNCATIONS = {"nonsense", "frameshift", "splice", "start lost"}
IN_FRAME = {"inframe deletion", "inframe insertion", "inframe delins", "duplication"}
SMALL = (
    TRUNCATIONS | IN_FRAME | {"missense", "stop lost", "exon skipping", "internal tandem duplication", "variant III"}
)
COPIES = {"amplification", "gain", "loss", "deletion"}
UNREAD = {"text"}


@dataclass(frozen=True)
class Found:
    """One variant of a patient: its tumour, the alteration, its origin and the exon that the source names."""

    subject: int
    alteration: Alteration
    origin: str | None = None
    exon: int | None = None


@dataclass(frozen=True)
class Fit:
    """How a variant fits one leaf: a level, or None; ``partner`` if that hangs on a partner that is not known."""

    level: str | None
    partner: bool = False
    unknown: bool = False


NO, UNKNOWN = Fit(None), Fit(None, unknown=True)
Pair = tuple[int, int, str, str | None]


def match(
    variants: list[Found], patterns: list[tuple[Alteration, str | None]], tested: set[tuple[int, str, str]]
) -> set[Pair]:
    """Variant, pattern, level and open condition of every pair.

    Args:
        variants: the variants of all patients.
        patterns: patterns with the origin that their variants must have.
        tested: subject, gene and assay of what was looked at.
    """
    found: set[Pair] = set()
    for number, (pattern, origin) in enumerate(patterns):
        for place, variant in enumerate(variants):
            options = [
                result
                for option in _options(pattern)
                if (result := _in_option(variant, option, origin, variants, tested)) is not None
            ]
            if options:
                found.add((place, number, *min(options, key=_nearest_first)))
    return found


def _options(pattern: Alteration) -> Iterator[list[tuple[Alteration, bool, str]]]:
    """Alternatives of wanted (true) and refused leaves, each with the closest level that it may give."""
    for choice in pattern.parts if pattern.kind == "alternatives" else [pattern]:
        parts = choice.parts if choice.kind == "compound" else (choice,)
        plain = [_leaf(part) for part in parts]
        yield plain
        for leaf, wanted, level in plain:
            pieces = _pieces(leaf) if wanted else []
            if pieces:
                yield [each for each in plain if each != (leaf, wanted, level)] + [
                    (p, True, "equivalent") for p in pieces
                ]
        substitutions = [each for each in plain if each[1] and each[0].kind == "missense" and each[0].position]
        for one, other in combinations(substitutions, 2):
            first, second = sorted((one[0], other[0]), key=lambda leaf: leaf.position or 0)
            if first.gene == second.gene and second.position == (first.position or 0) + 1:
                whole = normalise(
                    f"p.{first.ref}{first.position}_{second.ref}{second.position}delins{first.alt}{second.alt}",
                    first.gene,
                )
                yield [each for each in plain if each not in (one, other)] + [(whole, True, "equivalent")]


def _leaf(part: Alteration) -> tuple[Alteration, bool, str]:
    if part.kind == "wild type":
        return Alteration(part.gene, "mutation"), False, "exact"
    if part.kind == "absent" and part.parts[0].kind == "wild type":
        return Alteration(part.gene, "mutation"), True, "exact"
    return (part.parts[0], False, "exact") if part.kind == "absent" else (part, True, "exact")


def _pieces(leaf: Alteration) -> list[Alteration]:
    if leaf.kind != "inframe delins" or leaf.end is None or leaf.position is None:
        return []
    if len(leaf.alt) != leaf.end - leaf.position + 1 or "*" in leaf.alt:
        return []
    refs = [leaf.ref] + [""] * (len(leaf.alt) - 2) + [leaf.end_ref]
    return [
        Alteration(leaf.gene, "missense", ref=ref, position=leaf.position + n, alt=alt)
        for n, (ref, alt) in enumerate(zip(refs, leaf.alt, strict=True))
    ]


def _in_option(
    variant: Found,
    option: list[tuple[Alteration, bool, str]],
    origin: str | None,
    variants: list[Found],
    tested: set[tuple[int, str, str]],
) -> tuple[str, str | None] | None:
    """Level and open condition of a variant in one option; None if it has no part in it, or the option fails."""
    here = [each for each in variants if each.subject == variant.subject]
    if any((leaf, not wanted) in {(each[0], each[1]) for each in option} for leaf, wanted, _ in option):
        return None
    own: list[tuple[str, set[str]]] = []
    conditions: set[str] = set()
    for leaf, wanted, floor in option:
        if leaf.kind == "text" and wanted:
            return None
        if not wanted:
            state = _absent(leaf, variant.subject, here, tested)
            if state is False:
                return None
            conditions |= state if isinstance(state, set) else set()
            continue
        holding = [each for each in here if _origin_fits(each, origin) and fits(each, leaf).level is not None]
        if not holding:
            return None
        if all(fits(each, leaf).partner for each in holding):
            conditions |= {f"the partner of the {each.alteration.gene} fusion is not known" for each in holding}
        if variant in holding:
            fit = fits(variant, leaf)
            partner = {f"the partner of the {variant.alteration.gene} fusion is not known"} if fit.partner else set()
            own.append((max(fit.level or "gene", floor, key=MATCH_LEVELS.index), partner))
    if not any(wanted for _, wanted, _ in option) and variant.alteration in [_absence(leaf) for leaf, _, _ in option]:
        own = [("exact", set())]
    told = [(level, "; ".join(sorted(conditions | more)) or None) for level, more in own]
    return min(told, key=_nearest_first) if told else None


def _absence(leaf: Alteration) -> Alteration:
    """The absence of a leaf, as a row of its own would say it."""
    whole = leaf == Alteration(leaf.gene, "mutation")
    return Alteration(leaf.gene, "wild type") if whole else Alteration(leaf.gene, "absent", parts=(leaf,))


def _nearest_first(told: tuple[str, str | None]) -> tuple[bool, int, str]:
    """What holds before what is open, then the closest level."""
    level, condition = told
    return condition is not None, MATCH_LEVELS.index(level), condition or ""


def _origin_fits(variant: Found, origin: str | None) -> bool:
    return origin is None or variant.origin not in {"germline", "somatic"} or variant.origin == origin


def _absent(leaf: Alteration, subject: int, here: list[Found], tested: set[tuple[int, str, str]]) -> set[str] | bool:
    """False if the leaf is there; else what is not known, nothing if all is."""
    found = [fits(each, leaf) for each in here]
    if any(fit.level is not None and not fit.partner for fit in found):
        return False
    genes = {leaf.gene, leaf.partner or leaf.gene}
    asked = {
        f"the partner of the {each.alteration.gene} fusion is not known" if fit.partner
        else f"the place of a variant of {each.alteration.gene} is not known"
        for each, fit in zip(here, found, strict=True)
        if fit.unknown or fit.partner
    }  # fmt: skip
    asked |= {
        f"a variant of {each.alteration.gene} is not known in full"
        for each in here
        if each.alteration.kind in UNREAD and each.alteration.gene in genes
    }
    copies = any(each.alteration.kind in COPIES and each.alteration.gene == leaf.gene for each in here)
    for assay, word in _assays(leaf.kind):
        known = any((subject, gene or "", assay) in tested for gene in genes) or (assay == "copy_number" and copies)
        if not known and not _said_absent(leaf, here):
            neither = f"neither {leaf.gene} nor {leaf.partner} was tested for {word}"
            asked.add(neither if leaf.partner else f"{leaf.gene} was not tested for {word}")
    return asked


def _said_absent(leaf: Alteration, here: Iterable[Found]) -> bool:
    """True if a source's own wild type says so."""
    plain = leaf == Alteration(leaf.gene, "mutation")
    return plain and any(each.alteration == Alteration(leaf.gene, "wild type") for each in here)


def _assays(kind: str) -> list[tuple[str, str]]:
    mutation, copies = ("mutation", "mutations"), ("copy_number", "copy number")
    if kind in COPIES:
        return [copies]
    if kind == "loss of function":
        return [mutation, copies]
    return [("structural_variant", "fusions")] if kind in {"fusion", "variant III"} else [mutation]


def fits(variant: Found, leaf: Alteration) -> Fit:
    """How one variant fits one leaf."""
    one = variant.alteration
    if leaf.kind == "fusion":
        return _fusion(one, leaf)
    if one.gene != leaf.gene:
        return NO
    if leaf.kind == "codon":
        return _codon(one, leaf)
    if leaf.position is not None:
        return _change(one, leaf)
    if leaf.exon is not None or leaf.domain:
        return _within(one, leaf, variant.exon)
    return Fit(_word(one, leaf))


def _fusion(one: Alteration, leaf: Alteration) -> Fit:
    """A fusion has no first gene here: sources differ in which they name first."""
    if one.kind != "fusion":
        return NO
    ours, theirs = {one.gene, one.partner} - {None}, {leaf.gene, leaf.partner} - {None}
    if len(theirs) == 1:
        return Fit("class") if theirs <= ours else NO
    if len(ours) == 1:
        return Fit("equivalent", partner=True) if ours <= theirs else NO
    return NO if ours != theirs else Fit("exact" if one.text == leaf.text else "equivalent")


def _codon(one: Alteration, leaf: Alteration) -> Fit:
    if (
        one.kind not in {"missense", "inframe deletion", "inframe delins"}
        or one.position is None
        or leaf.position is None
    ):
        return NO
    last = one.end or one.position
    for place in [leaf.position, *sorted(other_places(leaf.gene or "", leaf.position))]:
        if not one.position <= place <= last:
            continue
        named = bool(one.ref and leaf.ref)
        if one.position == place and (one.ref != leaf.ref if named else place != leaf.position):
            continue
        return Fit("codon")
    return NO


def _change(one: Alteration, leaf: Alteration) -> Fit:  # noqa: PLR0911 - a list of rules
    if one.position is None:
        return UNKNOWN if one.kind == leaf.kind else NO
    if one.kind in IN_FRAME and leaf.kind in IN_FRAME and (one.text == leaf.text or same_protein(one, leaf)):
        return Fit("exact" if one.text == leaf.text or _alike(one, leaf) else "equivalent")
    if one.kind != leaf.kind:
        return NO
    if one.position == leaf.position and _residues(one, leaf):
        if one.text == leaf.text or _alike(one, leaf):
            return Fit("exact")
        if one.kind in {"frameshift", "stop lost", "start lost"}:
            vague = not leaf.alt and leaf.length is None and leaf.kind != "start lost"
            return Fit("exact" if vague else "equivalent")
    places = other_places(leaf.gene or "", leaf.position or 0)
    if one.position in places and one.ref and one.ref == leaf.ref:
        same = one.alt == leaf.alt or one.kind in {"frameshift", "splice"}
        length = (one.end or one.position) - one.position == (leaf.end or leaf.position or 0) - (leaf.position or 0)
        return Fit("equivalent") if same and length else NO
    return NO


def _alike(one: Alteration, leaf: Alteration) -> bool:
    """The same places and new residues, where residues are named on one side only; not for changes of any length."""
    loose = one.kind in {"frameshift", "stop lost", "start lost"}
    new = one.alt == leaf.alt or one.kind == "splice"
    return (
        one.kind == leaf.kind
        and not loose
        and (one.position, one.end) == (leaf.position, leaf.end)
        and new
        and _residues(one, leaf)
    )


def _residues(one: Alteration, leaf: Alteration) -> bool:
    return not one.ref or not leaf.ref or one.ref == leaf.ref


def _within(one: Alteration, leaf: Alteration, exon: int | None) -> Fit:
    """A class over exons or a domain."""
    kinds = {
        "inframe deletion": {"inframe deletion", "inframe delins"},
        "inframe insertion": {"inframe insertion", "duplication", "inframe delins"},
        "exon skipping": {"splice", "inframe deletion"},
        "mutation": SMALL,
    }[leaf.kind]
    if one.kind not in kinds:
        return NO
    if (
        leaf.kind != "exon skipping"
        and one.kind == "inframe delins"
        and one.position is not None
        and leaf.kind != "mutation"
    ):
        gained = len(one.alt) - ((one.end or one.position) - one.position + 1)
        if gained == 0 or (gained > 0) != (leaf.kind == "inframe insertion"):
            return NO
    numbered = leaf.exon is not None and exon == leaf.exon
    stretches = (
        domain_ranges()[leaf.gene or "", leaf.domain] if leaf.domain else exon_ranges()[leaf.gene or "", leaf.exon or 0]
    )
    level = "domain" if leaf.domain else "exon"
    if leaf.kind == "exon skipping":
        return _skipping(one, stretches, numbered=numbered, known=exon is not None)
    if one.position is None:
        return Fit(level) if numbered else NO if exon is not None and leaf.exon is not None else UNKNOWN
    inside = any(one.position <= last and (one.end or one.position) >= first for first, last in stretches)
    return Fit(level) if inside or numbered else NO


def _skipping(one: Alteration, stretches: tuple[tuple[int, int], ...], *, numbered: bool, known: bool) -> Fit:
    if one.kind == "inframe deletion":
        if one.position is None:
            return UNKNOWN
        return Fit("equivalent") if (one.position, one.end) in stretches else NO
    if one.position is None:
        return Fit("equivalent") if numbered else NO if known else UNKNOWN
    at_edge = any(abs(one.position - edge) <= 1 for stretch in stretches for edge in stretch)
    if at_edge or numbered:
        return Fit("equivalent")
    return Fit("exon") if any(first <= one.position <= last for first, last in stretches) else NO


def _word(one: Alteration, leaf: Alteration) -> str | None:  # noqa: PLR0911 - a list of rules
    """A word for the whole gene."""
    if leaf.kind == "internal tandem duplication":
        if one.kind == leaf.kind:
            return "exact"
        grown = _within(one, Alteration(leaf.gene, "inframe insertion", exon=14), None).level
        grown = grown or _within(one, Alteration(leaf.gene, "inframe insertion", exon=15), None).level
        return "equivalent" if grown and one.position else None
    if leaf.kind == "variant III":
        whole = (one.kind, one.position, one.end, one.alt) == ("inframe delins", 30, 297, "G")
        return "exact" if one.kind == leaf.kind else "equivalent" if whole else None
    if leaf.kind == "mutation":
        return "gene" if one.kind in SMALL else None
    if leaf.kind == "activating mutation":
        return "gene" if one.kind in IN_FRAME | {"missense"} else None
    if leaf.kind == "truncating":
        return "class" if one.kind in TRUNCATIONS else None
    if leaf.kind == "loss of function":
        return "class" if one.kind in TRUNCATIONS | {"deletion"} else None
    if leaf.kind == "loss":
        return "exact" if one.kind in {"loss", "deletion"} else None
    if one.kind != leaf.kind:
        return None
    return "class" if leaf.kind in SMALL else "exact"
