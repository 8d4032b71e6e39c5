"""Units of laboratory results: reading them in UCUM and as laboratories write them, and converting.

A unit is a number times base quantities: ``mg/dL`` is 0.01 grams a litre. Two units of the same quantities
convert by the ratio of their numbers. Mass and amount of a substance (``mg/dL`` and ``umol/L`` of creatinine)
convert by its molar mass, milliequivalents by its valence. Everything else does not convert, and says so.

Grammar: The Unified Code for Units of Measure, version 2.1 (Regenstrief Institute), the part that
laboratories use, without special units on a scale of their own (degrees, pH). ``U`` is the enzyme unit,
1 micromole a minute, so ``U/L`` and ``ukat/L`` convert; ``[IU]`` is the arbitrary international unit.
"""

from __future__ import annotations

import functools
import math
import re
from dataclasses import dataclass

__all__ = ["Substance", "Unit", "factor", "is_unit", "parse", "rounded"]

Powers = tuple[tuple[str, int], ...]

_PREFIXES = {
    "k": 1e3,
    "h": 1e2,
    "d": 1e-1,
    "c": 1e-2,
    "m": 1e-3,
    "u": 1e-6,
    "n": 1e-9,
    "p": 1e-12,
    "f": 1e-15,
}

_ATOMS: dict[str, tuple[float, Powers]] = {
    "g": (1.0, (("mass", 1),)),
    "m": (1.0, (("length", 1),)),
    "L": (1e-3, (("length", 3),)),
    "mol": (1.0, (("amount", 1),)),
    "s": (1.0, (("time", 1),)),
    "kat": (1.0, (("amount", 1), ("time", -1))),
    "U": (1e-6 / 60, (("amount", 1), ("time", -1))),
    "[IU]": (1.0, (("international unit", 1),)),
    "eq": (1.0, (("equivalent", 1),)),
}
"""Units that take a prefix: their number in base units, and the base quantities."""

_WHOLE: dict[str, tuple[float, Powers]] = {
    "min": (60.0, (("time", 1),)),
    "h": (3600.0, (("time", 1),)),
    "d": (86_400.0, (("time", 1),)),
    "%": (1e-2, ()),
    "[ppth]": (1e-3, ()),
    "[ppm]": (1e-6, ()),
    "[bsa]": (1.0, (("standard body surface", 1),)),
}
"""Units without a prefix. ``[bsa]`` stands for UCUM's ``{1.73_m2}``: a clearance for the standard body surface is
another quantity than an absolute one."""

_ANNOTATION = re.compile(r"\{[^{}]*\}")

_WRITTEN = (
    (re.compile(r"[µμ]"), "u"),
    (re.compile(r"\s+"), ""),
    (re.compile(r"²"), "2"),
    (re.compile(r"(?i)^x?10(?:\^|\*\*|\*|e)?([3469]|12)(?=/)"), r"10*\1"),
    (re.compile(r"^(?:K|k|thou)(?=/(?:u|mm))"), "10*3"),
    (re.compile(r"^(?:G|Gpt)(?=/[lL]$)"), "10*9"),
    (re.compile(r"^(?:T|Tpt)(?=/[lL]$)"), "10*12"),
    (re.compile(r"/(?:cu)?mm(?:\^?3|³)$"), "/uL"),
    (re.compile(r"/[({]?1[.,]73_?m\^?2[)}]?"), "/[bsa]"),
    (re.compile(r"(?i)^(?:cells?|counts?)(?=/)"), ""),
    (re.compile(r"^([munk]?g)%$"), r"\1/dL"),
    (re.compile(r"^([muk]?)IU(?=/)"), r"\1[IU]"),
    (re.compile(r"\[i[uU]\]"), "[IU]"),
    (re.compile(r"(?i)\bmcg(?=/)"), "ug"),
    (re.compile(r"(?i)\bmcl\b"), "uL"),
    (re.compile(r"(?<![A-Za-z\[])([dcmunpf]?)l(?![A-Za-z\]])"), r"\1L"),
    (re.compile(r"(?i)(?<![A-Za-z\[])meq\b"), "meq"),
)
"""From what laboratories write to UCUM, one after another."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit as a number of base units.

    Attributes:
        number: how many base units it is.
        powers: base quantities and their exponents, in order of name; empty for a plain number.
    """

    number: float
    powers: Powers


@dataclass(frozen=True, slots=True)
class Substance:
    """What is known of a substance that bridges units of different quantities.

    Attributes:
        grams_per_mole: its molar mass; None if mass and amount are not to be converted.
        valence: charges of an ion; 0 if equivalents are not to be converted.
        iu_is_u: True if laboratories write ``IU`` for ``U``: enzymes, and tumour markers in units of their kit.
    """

    grams_per_mole: float | None = None
    valence: int = 0
    iu_is_u: bool = False

    def __post_init__(self) -> None:
        """Refuse a molar mass that is none."""
        if self.grams_per_mole is not None and not 0 < self.grams_per_mole < math.inf:
            raise ValueError("a molar mass is a positive number of grams a mole")


@functools.cache
def parse(text: str) -> Unit:
    """Read a unit.

    Args:
        text: UCUM (``g/dL``, ``10*9/L``, ``mL/min/{1.73_m2}``), or as laboratories write (``10^9/l``,
            ``K/uL``, ``µmol/l``, ``IU/L``, ``mL/min/1.73m²``). Empty is a plain number.

    Raises:
        ValueError: it is no unit that can be read.
    """
    bare = text.strip()
    for pattern, replacement in _WRITTEN:
        bare = pattern.sub(replacement, bare)
    bare = _ANNOTATION.sub("", bare)
    number, powers = 1.0, dict[str, int]()
    for position, part in enumerate(bare.split("/")):
        sign = -1 if position else 1
        for term in part.split("."):
            # "{cells}/uL" and "/uL" count something that has no unit.
            if term:
                factor_, more = _term(term)
                number *= factor_**sign
                for name, exponent in more:
                    powers[name] = powers.get(name, 0) + sign * exponent
            elif position:
                raise ValueError("not a unit: nothing stands after the stroke")
    return Unit(number, tuple(sorted((name, exponent) for name, exponent in powers.items() if exponent)))


def _term(term: str) -> tuple[float, Powers]:
    """One factor with its exponent: ``dL``, ``m2``, ``10*9``."""
    if term.startswith("10*"):
        return 10.0 ** int(term[3:]), ()
    if re.fullmatch(r"\d+", term):
        return float(term), ()
    found = re.fullmatch(r"(%|[a-zA-Z\[\]]+)([23])?", term)
    atom = _atom(found[1]) if found else None
    if found is None or atom is None:
        raise ValueError(f"not a unit of laboratory results: {term}")
    number, powers = atom
    times = int(found[2] or 1)
    return number**times, tuple((name, exponent * times) for name, exponent in powers)


def _atom(name: str) -> tuple[float, Powers] | None:
    if name in _WHOLE:
        return _WHOLE[name]
    if name in _ATOMS:
        return _ATOMS[name]
    prefix, atom = _PREFIXES.get(name[0]), _ATOMS.get(name[1:])
    return None if prefix is None or atom is None else (prefix * atom[0], atom[1])


def is_unit(text: str) -> bool:
    """True if the unit can be read."""
    try:
        parse(text)
    except ValueError:
        return False
    return True


@functools.cache
def factor(source: str, target: str, substance: Substance | None = None) -> float | None:
    """What a number in unit ``source`` is multiplied by to be in unit ``target``; None if it cannot be.

    Args:
        source: the unit of the number, as `parse` reads it.
        target: the unit wanted.
        substance: what is measured; without it only units of the same quantities convert.
    """
    try:
        given, wanted = parse(source), parse(target)
    except ValueError:
        return None
    known = substance or Substance()
    given, wanted = _in_moles(given, known), _in_moles(wanted, known)
    if given.powers != wanted.powers:
        return None
    return rounded(given.number / wanted.number)


def _in_moles(unit: Unit, substance: Substance) -> Unit:
    """The same unit in amount of substance, where the substance says how."""
    powers, number = dict(unit.powers), unit.number
    if substance.grams_per_mole is not None and powers.get("mass") == 1 and "amount" not in powers:
        del powers["mass"]
        powers["amount"], number = 1, number / substance.grams_per_mole
    if substance.valence and powers.get("equivalent") == 1 and "amount" not in powers:
        del powers["equivalent"]
        powers["amount"], number = 1, number / substance.valence
    if substance.iu_is_u and powers.get("international unit") == 1:
        del powers["international unit"]
        per_unit, of_unit = _ATOMS["U"]
        number *= per_unit
        for name, exponent in of_unit:
            powers[name] = powers.get(name, 0) + exponent
    return Unit(number, tuple(sorted(powers.items())))


def rounded(number: float) -> float:
    """To ten significant digits: no result is as exact, and 0.1 + 0.2 is 0.3 again."""
    return float(f"{number:.10g}")
