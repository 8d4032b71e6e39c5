"""Disease names of knowledge bases as tumours: OncoTree codes where they mean the same, else the text alone.

Sources write a disease as a name, some with an id of the Disease Ontology (DOID). A name becomes OncoTree codes only
where the two are known to mean the same (``data/diseases.tsv``), or where the name is one of OncoTree's own: a type of
today, of an earlier release, or a main type. Nothing is matched by likeness: ``small cell`` is also a part of
``non-small cell``. A name that is narrower than any code (a receptor status, an age, a growth pattern) has the code
after ``<``: a patient with that code may or may not have that disease.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from kohort.codes import doid as disease_ontology
from kohort.codes import oncotree
from kohort.profile.own_data import own_table

__all__ = ["ANY", "Tumour", "canonical_doid", "doid_problem", "named_diseases", "tumour_of"]

ANY = "*"
"""The word of ``data/diseases.tsv`` for any tumour."""

_PADDED_FROM = 50000
_EXCEPTIONS = {1816: "DOID:0001816"} | {number: f"DOID:{number}" for number in (60003, 60004, *range(60006, 60010))}
_CHANGED = "an OncoTree name of an earlier release; no code of today means quite the same"
_SPELLINGS = (("tumour", "tumor"), ("leukaemia", "leukemia"), ("oesophag", "esophag"), ("paediatric", "pediatric"))


@dataclass(frozen=True, slots=True)
class Tumour:
    """The tumour that a statement is about.

    Attributes:
        oncotree: OncoTree codes joined by ``;`` (``solid``, ``!CODE`` and ``<CODE`` as in ``EVIDENCE_SCHEMA``); None
            where the statement is about any tumour, or the disease has no code.
        text: the disease as the source wrote it; None where it wrote none.
        doid: id in the Disease Ontology, e.g. ``DOID:0050744``; None if not known.
        any: True if the statement holds for every tumour.
        note: why the disease is narrower than its codes, or has none; empty otherwise.
    """

    oncotree: str | None
    text: str | None
    doid: str | None = None
    any: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse any tumour with a code, and a tumour without code or text."""
        if self.any and self.oncotree is not None:
            raise ValueError("a statement on any tumour names no OncoTree code")
        if not self.any and not (self.oncotree or self.text):
            raise ValueError("a tumour needs a code or a text")

    @property
    def cells(self) -> dict[str, str | None]:
        """The columns ``tumour``, ``tumour_text`` and ``doid`` of a row of evidence."""
        return {"tumour": self.oncotree, "tumour_text": None if self.any else self.text, "doid": self.doid}

    @property
    def has_code(self) -> bool:
        """False for a disease that no patient's OncoTree code can match."""
        return self.any or self.oncotree is not None


@functools.cache
def tumour_of(name: str | None, doid: str | None = None) -> Tumour:
    """The tumour that a source means.

    Args:
        name: the disease as written, or an OncoTree code or name; blank where the source names none: any tumour.
        doid: id in the Disease Ontology, with or without its prefix and leading zeros; asked where the name is not
            known.
    """
    text = " ".join((name or "").split()) or None
    number = canonical_doid(doid)
    if text is None and number is None:
        return Tumour(None, None, any=True)
    known = _by_name().get(_key(text or "")) or _from_oncotree(text or "") or _by_doid().get(number or "")
    if known is None:
        return Tumour(None, text or number, number, note="a name that Kohort does not know")
    return Tumour(known.oncotree, text or known.text, number or known.doid, known.any, known.note)


def canonical_doid(doid: str | None) -> str | None:
    """An id of the Disease Ontology as that writes it: ``DOID:1612``, but ``DOID:0050744`` with leading zeros.

    Tables often keep the number alone. The ontology gave its ids seven digits from 0050001 on, a few ids apart.
    """
    digits = re.fullmatch(r"(?:DOID[:_])?0*([1-9][0-9]{0,6})", (doid or "").strip(), re.IGNORECASE)
    if digits is None:
        return None
    number = int(digits[1])
    return _EXCEPTIONS.get(number) or (f"DOID:{number:07d}" if number >= _PADDED_FROM else f"DOID:{number}")


def doid_problem(written: str) -> str | None:
    """What is odd about an id of the Disease Ontology; None if nothing is, or if the site keeps no table of it."""
    if written.strip().upper() in {"", "NA", "N/A"}:
        return None
    number, ontology = canonical_doid(written), disease_ontology.table()
    if number is None:
        return "The id of the disease cannot be read."
    if ontology is None:
        return None
    found = ontology.find(number)
    if found is None:
        return "The site's table of the Disease Ontology does not have the disease's id."
    return None if found.doid == number else f"The disease's id has become {found.doid} in the Disease Ontology."


def named_diseases() -> tuple[Tumour, ...]:
    """All diseases of the table, those without an OncoTree code among them with the reason."""
    return tuple(_by_name().values())


@functools.cache
def _by_name() -> dict[str, Tumour]:
    return {
        _key(name): Tumour(None if codes in {"", ANY} else codes, name, doid or None, codes == ANY, note)
        for name, doid, codes, note in own_table("diseases.tsv")
    }


@functools.cache
def _by_doid() -> dict[str, Tumour]:
    """The table by id; of several names of one disease the first speaks."""
    return {tumour.doid: tumour for tumour in reversed(_by_name().values()) if tumour.doid}


def _from_oncotree(text: str) -> Tumour | None:
    """The tumour of OncoTree's own code, name, former name or main type; None if ``text`` is none of these."""
    if oncotree.node(text) is not None:
        return Tumour(text, text)
    codes = oncotree.named(text)
    if codes:
        return Tumour(";".join(codes), text)
    former = oncotree.former_name(text)
    if former is not None:
        mark = "<" if former.changed else ""
        return Tumour(";".join(mark + code for code in former.codes), text, note=_CHANGED if former.changed else "")
    of_main_type = _main_types().get(_key(text))
    return Tumour(";".join(of_main_type), text) if of_main_type else None


@functools.cache
def _main_types() -> dict[str, tuple[str, ...]]:
    """Main types of OncoTree, to the topmost codes that have them and, after ``!``, what lies below but has not."""
    nodes = oncotree.tree().nodes
    found: dict[str, list[str]] = {}
    for node in nodes.values():
        above = nodes[node.parent].main_type if node.parent else ""
        if above == node.main_type:
            continue
        found.setdefault(_key(node.main_type), []).append(node.code)
        if above:
            found.setdefault(_key(above), []).append(f"!{node.code}")
    return {name: tuple(sorted(codes, key=lambda code: (code[0] == "!", code))) for name, codes in found.items()}


def _key(name: str) -> str:
    """A name for comparison: no case, accents or punctuation, and American spelling."""
    return " ".join(_words(name))


def _words(name: str) -> Iterator[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    for british, american in _SPELLINGS:
        plain = plain.replace(british, american)
    yield from re.findall(r"[a-z0-9]+", plain.replace("'s", "s"))
