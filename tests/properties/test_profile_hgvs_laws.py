"""Laws of reading: spelling changes nothing, what is not known is never read, and nothing raises."""

from __future__ import annotations

import re

from hypothesis import assume, given
from hypothesis import strategies as st

from kohort.profile import normalise
from kohort.profile.alterations.words import CLASSIFICATION_KINDS
from tests.properties.test_profile_normalise_laws import changes

THREE = {
    "A": "Ala", "C": "Cys", "D": "Asp", "E": "Glu", "F": "Phe", "G": "Gly", "H": "His", "I": "Ile", "K": "Lys",
    "L": "Leu", "M": "Met", "N": "Asn", "P": "Pro", "Q": "Gln", "R": "Arg", "S": "Ser", "T": "Thr", "V": "Val",
    "W": "Trp", "Y": "Tyr",
}  # fmt: skip
WORDS = re.compile("delins|del|ins|dup|fs|ext")

residues = st.sampled_from(sorted(THREE))
places = st.integers(min_value=2, max_value=9000)


def spelt(change: str, letters: dict[str, str]) -> str:
    """The change with each residue spelled by the table; the words of HGVS stay."""
    pieces = re.split(f"({WORDS.pattern})", change)
    return "".join(
        piece if WORDS.fullmatch(piece) else "".join(letters.get(letter, letter) for letter in piece)
        for piece in pieces
    )


SPELLINGS = {
    "with p.": lambda change: f"p.{change}",
    "with P.": lambda change: f"P.{change}",
    "predicted": lambda change: f"p.({change})",
    "bare in brackets": lambda change: f"({change})",
    "three letters": lambda change: "p." + spelt(change, THREE),
    "three letters, Ter": lambda change: "p.(" + spelt(change, THREE | {"*": "Ter"}) + ")",
    "RefSeq protein": lambda change: f"NP_005219.2:p.{change}",
    "RefSeq protein, predicted": lambda change: f"NP_005219.2:p.({spelt(change, THREE)})",
    "Ensembl protein": lambda change: "ENSP00000275493.2:p." + spelt(change, THREE | {"*": "Ter"}),
    "its gene before it": lambda change: f"EGFR:p.{change}",
    "its gene and a blank": lambda change: f"EGFR {change}",
    "URL-encoded": lambda change: f"p.{change}".replace("=", "%3D"),
    "words in capitals": lambda change: WORDS.sub(lambda word: word[0].upper(), change).replace("EXT", "ext"),
    "blanks around": lambda change: f"  p.{change}\t",
    "blanks that do not break": lambda change: f"\u00a0p.{change}\u00a0",
}
"""Ways to write one change, by name."""


@given(changes(), st.sampled_from(sorted(SPELLINGS)))
def test_one_change_in_any_spelling_is_one_alteration(change: str, way: str) -> None:
    """Prefix, brackets, reference, gene, three letters, Ter, URL code, capitals and blanks mean nothing."""
    plain = normalise(change, "EGFR")
    written = SPELLINGS[way](change)
    found = normalise(written, "EGFR")
    assert found == plain
    assert str(found) == str(plain)
    assert found.as_written == written


@given(residues, places, residues.filter(lambda letter: letter != "M"))
def test_a_substitution_in_small_letters_or_capitals_is_the_same(one: str, place: int, two: str) -> None:
    """``v600e``, ``VAL600GLU``."""
    plain = normalise(f"{one}{place}{two}", "EGFR")
    for text in (f"{one}{place}{two}".lower(), f"{THREE[one]}{place}{THREE[two]}".upper()):
        assert normalise(text, "EGFR") == plain


@given(residues, places, residues, places)
def test_impossible_residues_and_numbers_are_not_read(one: str, place: int, two: str, size: int) -> None:
    """No amino acid is B, J, O or Z, none has number 0, and none lies beyond the longest protein; spans run forward."""
    for text in (
        f"B{place}{two}", f"{one}{place}J", f"{one}0{two}", f"{one}-{place}{two}", f"{one}{place + 100_000}{two}",
        f"{one}{place + size}_{two}{place}del", f"{one}{place}_O{place + 3}del", f"{one}{place}_{two}{place + 1}insZ",
        f"p.{THREE[one]}{place}Foo", f"p.{THREE[one]}{place}Xaa", f"{one}{place}{two}{place}", f"{place}del",
        f"{place}ins", f"{place}dup",
    ):  # fmt: skip
        found = normalise(text, "BRAF")
        assert (found.kind, found.position) == ("text", None), text
        assert found.findings, text
        assert str(found) == text


junk = st.from_regex(r"\A[A-Za-z][A-Za-z0-9?#~_]{2,11}\Z").filter(lambda text: normalise(text).kind == "text")
"""Words that mean nothing alone."""
FRAMES = ("{0} and {1}", "{1} and {0}", "{0} or {1}", "{1} or {0}", "{0} + {1}", "{0} {1}", "{1} {0}", "not {1}",
          "{0} and not {1}", "EML4-ALK {1}", "{1}{0}", "{0}, {1}", "p.[{0};{1}]", "{0}/{1}")  # fmt: skip


@given(changes(), junk, st.sampled_from(FRAMES))
def test_what_holds_an_unreadable_part_stays_text_as_a_whole(change: str, word: str, frame: str) -> None:
    """The part that was read would say less, or more, than the text: nothing is known of the whole, and it says so."""
    written = frame.format(change, word)
    if frame == "{1}{0}":
        assume(normalise(word, None).gene is None)
    found = normalise(written, "ALK")
    assert found.kind == "text", f"{written}: {found.kind} {found}"
    assert found.findings
    assert found.as_written == written


WRITTEN = [
    "V600E", "p.(Val600Glu)", "E746_A750del", "R386Gfs*9", "X298_splice", "p.264_264L>LSSGNL", "EML4-ALK e6-e20",
    "BCR-ABL E255K V299L", "BRAF V600E/K and AMPLIFICATION", "exon 19 deletion", "EXON 11-19 DELETION", "FLT3-ITD",
    "c.902-1G>T", "MSI-H", "wild type", "Non-V600", "DPYD*2A HOMOZYGOSITY", "T172 PHOSPHORYLATION", "1p/19q codeletion",
    "KINASE DOMAIN MUTATION", "G12/G13", "not p.V600", "p.D842_H845delDIMH", "HLA-A::NRG1", "c.-124C>T", "SBS3",
]  # fmt: skip
"""Notations to spoil."""


@st.composite
def spoiled(draw: st.DrawFn) -> str:
    """A known notation with a few characters lost, doubled, swapped or put in; perhaps joined to another."""
    text = draw(st.sampled_from(WRITTEN))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, max(len(text) - 1, 0)))
        new = draw(st.sampled_from(["", text[at : at + 1] * 2, *"pX*_>-:/=?(). 0fsß²é"]))
        text = text[:at] + new + text[at + 1 :]
    if draw(st.booleans()):
        text = draw(st.sampled_from([" and ", " or ", "/", "-", " "])).join((text, draw(st.sampled_from(WRITTEN))))
    return text


@given(
    st.one_of(spoiled(), st.text(max_size=40)),
    st.sampled_from([None, "EGFR", "ABL1", "HER2", "TRK", "no gene", ""]),
    st.sampled_from([None, "", "Missense_Mutation", "nonsense", *CLASSIFICATION_KINDS]),
)
def test_no_text_raises_and_what_was_read_is_read_again(written: str, gene: str | None, stated: str | None) -> None:
    """Spoiled notations give an alteration whose text means the same; what stays text has a finding."""
    found = normalise(written, gene, classification=stated)
    assert found.as_written == written
    assert found.kind != "text" or found.findings
    again = normalise(str(found), found.gene)
    assert again == found
    assert str(again) == str(found)
