"""The parser of hgvs is an independent reader of protein changes: where both read a text, they must agree.

hgvs (https://github.com/biocommons/hgvs, Wang et al., Hum Mutat 2018, doi 10.1002/humu.23615) keeps the edit as it
is written. Kohort says what the edit does, so the two rightly differ where a delins replaces a residue by itself:
what hgvs gives is brought to its smallest form here, by other means than Kohort's.
"""

from __future__ import annotations

import csv
import random
import re
import warnings
from importlib.util import find_spec
from itertools import takewhile
from typing import Any, NamedTuple

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kohort.profile import Alteration, normalise
from tests.support import SHARED, needs_shared

pytestmark = pytest.mark.skipif(find_spec("hgvs") is None, reason="hgvs is not installed")

CIVIC = SHARED / "knowledge" / "civic-2022-05-30-clinical-evidence.tsv"
MOST = 6_000
"""Texts of one source that are compared; hgvs reads about 900 a second."""

THREE = {
    "A": "Ala", "C": "Cys", "D": "Asp", "E": "Glu", "F": "Phe", "G": "Gly", "H": "His", "I": "Ile", "K": "Lys",
    "L": "Leu", "M": "Met", "N": "Asn", "P": "Pro", "Q": "Gln", "R": "Arg", "S": "Ser", "T": "Thr", "U": "Sec",
    "V": "Val", "W": "Trp", "Y": "Tyr", "*": "Ter",
}  # fmt: skip
"""One letter to three, written out here so that a slip in Kohort's own table shows."""


class Edit(NamedTuple):
    """What both readers are asked for; a single residue has no end."""

    kind: str
    ref: str
    position: int
    end_ref: str = ""
    end: int | None = None
    alt: str = ""
    length: int | None = None


@pytest.fixture(scope="module")
def hgvs() -> Any:
    """The parser; its package leaves a file open while it is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        from hgvs.parser import Parser

        return Parser()


def parsed(hgvs: Any, text: str) -> Any:
    """The edit as hgvs reads it; None if it cannot."""
    from hgvs.exceptions import HGVSParseError

    try:
        return hgvs.parse_hgvs_variant(f"NP_000000.1:{text}").posedit
    except HGVSParseError:
        return None


def read_by_hgvs(edit: Any) -> Edit | None:
    """The edit in Kohort's words, smallest form; None for statements on the whole protein (``p.0``, ``p.=``)."""
    if edit is None or edit.pos is None:
        return None
    start, end = edit.pos.start, edit.pos.end
    here = (start.aa, start.base)
    span = here if start.base == end.base else (*here, end.aa, end.base)
    alt = getattr(edit.edit, "alt", None) or ""
    length = _number(getattr(edit.edit, "length", None))
    what = type(edit.edit).__name__
    if what == "AARefAlt":
        what = re.match("=|delins|del|ins", str(edit.edit))[0]  # type: ignore[index]
    return {
        "AASub": lambda: _substituted(*here, alt),
        "AAFs": lambda: Edit("frameshift", *here, alt=alt, length=length),
        "AAExt": lambda: Edit("stop lost" if start.aa == "*" else "extension", *here, alt=alt, length=length),
        "Dup": lambda: Edit("duplication", *span),
        "=": lambda: Edit("synonymous", *here),
        "ins": lambda: Edit("inframe insertion", *span, alt=alt),
        "del": lambda: Edit("inframe deletion", *span),
        "delins": lambda: _replaced(span, alt),
    }[what]()


def _number(length: Any) -> int | None:
    """Residues to the new stop; hgvs keeps texts, ``?`` and a sign."""
    digits = re.sub("[^0-9]", "", str(length or ""))
    return int(digits) if digits else None


def _substituted(ref: str, first: int, alt: str) -> Edit:
    """One residue by another, named by what it does."""
    if alt == ref:
        return Edit("synonymous", ref, first)
    if (ref, first) == ("M", 1):
        return Edit("start lost", ref, first, alt=alt.strip("?"))
    kind = "nonsense" if alt == "*" else "stop lost" if ref == "*" else "missense"
    return Edit(kind, ref, first, alt=alt)


def _replaced(span: tuple[Any, ...], alt: str) -> Edit:
    """A delins without the residues that stay. With inner residues unknown, none can be told to stay."""
    known = span[0] + span[2] if span[-1] == span[1] + 1 else span[0] if len(span) == 2 else ""
    head = _shared(known, alt)
    tail = _shared(known[head:][::-1], alt[head:][::-1])
    old, new, at = known[head : len(known) - tail], alt[head : len(alt) - tail], span[1] + head
    if known and not old:
        return _added(known, new, at, known[head:])
    if known:
        span = (old[0], at) if len(old) == 1 else (old[0], at, old[1], at + 1)
    if new.startswith("*"):
        return Edit("nonsense", *span[:2], alt="*")
    if len(span) == 2 and len(new) == 1:
        return _substituted(*span, new)
    return Edit("nonsense" if "*" in new else "inframe delins" if new else "inframe deletion", *span, alt=new)


def _shared(one: str, other: str) -> int:
    """Length of the common beginning."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _added(known: str, new: str, at: int, after: str) -> Edit:
    """Residues that only came in, before residue ``at``: a duplication if they repeat what stands there."""
    before = known[: len(known) - len(after)]
    if not new:
        return Edit("synonymous", known[0], at - len(before))
    if before.endswith(new):
        one = Edit("duplication", new[0], at - len(new))
        return one if len(new) == 1 else one._replace(end_ref=new[-1], end=at - 1)
    return Edit("inframe insertion", before[-1:], at - 1, after[:1], at, new)


def read_by_us(found: Alteration) -> Edit:
    """The same facts of a normal form."""
    assert found.position is not None, found
    return Edit(found.kind, found.ref, found.position, found.end_ref, found.end, found.alt, found.length)


def differences(hgvs: Any, texts: list[str]) -> tuple[int, list[str]]:
    """How many texts both read, and those that they read differently."""
    both, odd = 0, []
    for text in texts:
        theirs = read_by_hgvs(parsed(hgvs, text))
        if theirs is None:
            continue
        both += 1
        found = normalise(text, "EGFR")
        if found.position is None or read_by_us(found) != theirs:
            odd.append(f"{text}: {found.kind} {found}, hgvs {theirs}")
    return both, odd


def chosen(texts: set[str]) -> list[str]:
    """Up to ``MOST`` texts, drawn so that two thirds are no plain substitutions if there are that many."""
    plain = sorted(text for text in texts if re.fullmatch(r"p\.[A-Z][0-9]+[A-Z]", text))
    others = sorted(texts - set(plain))
    drawn = random.Random(5)
    some = drawn.sample(others, min(len(others), MOST * 2 // 3))
    return some + drawn.sample(plain, min(len(plain), MOST - len(some)))


@pytest.mark.realdata
@needs_shared
def test_protein_changes_of_the_real_study_agree(hgvs: Any):
    """Kind, residues, positions, new residues and length, over 6,000 of 36,868 distinct texts."""
    path = SHARED / "tcga" / "data_mutations.txt"
    frame = pl.read_csv(path, separator="\t", columns=["HGVSp_Short"], infer_schema=False, quote_char=None)
    both, odd = differences(hgvs, chosen(set(frame["HGVSp_Short"].drop_nulls()) - {"."}))
    assert odd == []
    assert both > 4_000


def in_hgvs(name: str) -> str | None:
    """A CIViC name in three-letter HGVS, for the notations that HGVS has; by plain rewriting."""
    text = re.sub(r"\s*\(C\..*", "", name.upper())
    text = re.sub(r"(?<=[0-9])X$", "*", text).replace(">", "DELINS")
    found = re.fullmatch(
        r"([A-Z])(\d+)(?:_([A-Z])(\d+))?(DELINS|DEL|INS|DUP|FS)?([A-Z]*)?(\*\d*)?", text
    )  # fmt: skip
    if found is None:
        return None
    first, start, last, end, word, residues, stop = found.groups(default="")
    if word in {"DEL", "DUP"} or {first, last, *residues} - {*THREE, ""}:
        residues = ""
    if word in {"INS", "DELINS"} and not residues:
        return None
    if not word and len(residues + stop) != 1:
        return None
    spelt = "".join(THREE.get(letter, "") for letter in residues)
    place = f"{THREE.get(first, '?')}{start}" + (f"_{THREE.get(last, '?')}{end}" if last else "")
    return f"p.{place}{word.lower()}{spelt}{stop.replace('*', 'Ter')}"


@pytest.mark.realdata
@needs_shared
def test_names_of_civic_agree_with_their_writing_in_hgvs(hgvs: Any):
    """The name as CIViC has it, and its rewriting as hgvs reads it, mean the same."""
    with CIVIC.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", doublequote=False, escapechar="\\")
        names = sorted({name.strip() for row in rows for name in row["variant"].split(",")})
    pairs = [(name, text) for name in names if (text := in_hgvs(name)) is not None]
    read = [(name, theirs) for name, text in pairs if (theirs := read_by_hgvs(parsed(hgvs, text))) is not None]
    odd = [f"{name}: {normalise(name)}, hgvs {theirs}" for name, theirs in read if _ours(name) != theirs]
    assert odd == []
    assert len(read) > 350
    kinds = {theirs.kind for _, theirs in read}
    assert {"missense", "nonsense", "frameshift", "inframe deletion", "inframe delins", "duplication"} <= kinds


def _ours(text: str) -> Edit | None:
    found = normalise(text, "EGFR")
    return None if found.position is None else read_by_us(found)


residues = st.sampled_from("ACDEFGHIKLMNPQRSTVWY")
runs = st.text("ACDEFGHIKLMNPQRSTVWY", min_size=1, max_size=6)
places = st.integers(min_value=2, max_value=35_000)
reach = st.sampled_from(["", "1", "7", "48", "?"])


@st.composite
def forms(draw: st.DrawFn) -> str:
    """One protein change by the recommendations of HGVS, one-letter residues between ``<`` and ``>``."""
    one, two, place, size = draw(residues), draw(residues), draw(places), draw(st.integers(1, 9))
    here, near, far = f"<{one}>{place}", f"<{two}>{place + 1}", f"<{two}>{place + size}"
    new, stop = draw(runs), draw(reach)
    return draw(
        st.sampled_from(
            [
                f"{here}<{two}>", f"{here}=", f"{here}<*>", f"{here}fs", f"{here}<{two}>fs<*>{stop or 9}",
                f"{here}fs<*>{stop or '?'}", f"{here}<{two}>fs", f"{here}del", f"{here}_{far}del", f"{here}dup",
                f"{here}_{far}dup", f"{here}_{near}ins<{new}>", f"{here}_{near}ins<{new}*>", f"{here}delins<{new}>",
                f"{here}_{far}delins<{new}>", f"{here}_{near}delins<{new}*>", f"{here}_{near}delins<{one}{new}>",
                f"{here}_{near}delins<{new}{two}>", f"{here}delins<{one}{new}>", f"{here}_{far}delins<*>",
                f"<*>{place}<{one}>ext<*>{stop or '?'}", f"<*>{place}ext<*>{stop or '?'}", f"<M>1ext-{size}",
                f"<M>1<{one}>", "<M>1?", f"<*>{place}<{one}>",
            ]
        )
    )  # fmt: skip


def spelt(form: str, long: bool, stop: str = "*") -> str:
    """The form in one-letter or three-letter residues."""

    def letters(found: re.Match[str]) -> str:
        return "".join(THREE[letter] if long else stop if letter == "*" else letter for letter in found[1])

    return re.sub("<([A-Z*]+)>", letters, form)


@given(forms(), st.booleans(), st.booleans())
def test_generated_changes_agree(hgvs: Any, form: str, long: bool, predicted: bool):
    """Every form of the recommendations, one and three letters, observed and predicted (in brackets)."""
    bare = spelt(form, long)
    text = f"p.({bare})" if predicted else f"p.{bare}"
    theirs = read_by_hgvs(parsed(hgvs, text))
    assert theirs is not None
    assert read_by_us(normalise(text, "EGFR")) == theirs


@given(st.tuples(residues, places, residues, st.sampled_from(["", "3", "21"])))
def test_x_and_ter_are_the_stop_that_hgvs_writes_as_a_star(hgvs: Any, change: tuple[str, int, str, str]):
    """Laboratories write X for a stop; hgvs takes that X for an unknown residue, so it is asked for the star."""
    one, place, two, length = change
    for form in (f"<{one}>{place}<*>", f"<{one}>{place}<{two}>fs<*>{length}"):
        theirs = read_by_hgvs(parsed(hgvs, "p." + spelt(form, long=False)))
        assert theirs is not None
        for text in (spelt(form, long=False, stop="X"), spelt(form, long=True)):
            assert read_by_us(normalise(text, "EGFR")) == theirs


APART = {
    "p.0": "no protein: no residue is named, and whether the start or the gene is gone is not said",
    "p.0?": "the same, supposed",
    "p.?": "the effect is not known",
    "p.Val600?": "the effect at the residue is not known",
    "p.Arg97Xaa": "replaced by a residue that nobody knows",
}
"""Texts that hgvs reads and Kohort keeps as text, with the reason; none names a change."""


@pytest.mark.parametrize("text", APART)
def test_what_names_no_change_is_read_by_hgvs_and_kept_as_text(hgvs: Any, text: str):
    """A reader of texts may accept them; a matcher of treatments may not."""
    hgvs.parse_hgvs_variant(f"NP_000000.1:{text}")  # would raise on what it does not accept
    found = normalise(text, "EGFR")
    assert (found.kind, found.position) == ("text", None)
    assert found.findings


def test_a_silent_protein_is_silent_in_both(hgvs: Any):
    """``p.=`` speaks of the whole protein: nothing is known to change."""
    for text in ("p.=", "p.(=)"):
        assert str(parsed(hgvs, text).edit) == "="
        assert normalise(text, "EGFR").kind == "synonymous"
