"""The laboratory tests that trials ask for: their names, LOINC codes, usual unit and what bridges their units.

A short table of Kohort's own: a test is one thing measured in blood, serum or plasma, whatever the method. LOINC
has a code for each method and kind of quantity; those that laboratories send for these tests are listed. LOINC is
copyright of Regenstrief Institute, Inc., and the LOINC Committee, and is available at no cost under its licence.
Molar masses are those of the compounds by the standard atomic weights (IUPAC 2021); that of haemoglobin is the
monomer's, as laboratories use it.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from kohort.codes import units
from kohort.codes.units import Substance
from kohort.errors import UnknownNameError

__all__ = ["LaboratoryTest", "all_tests", "find", "normal_name"]


@dataclass(frozen=True, slots=True)
class LaboratoryTest:
    """One thing that laboratories measure.

    Attributes:
        name: its name, lower case.
        unit: usual unit (UCUM); ``1`` for a plain number.
        loinc: LOINC codes under which it is sent.
        synonyms: other names, lower case.
        substance: what bridges units of different quantities.
    """

    name: str
    unit: str
    loinc: tuple[str, ...]
    synonyms: tuple[str, ...] = ()
    substance: Substance | None = None

    def __post_init__(self) -> None:
        """Refuse a unit that cannot be read and a LOINC code whose check digit is wrong."""
        units.parse(self.unit)
        for code in self.loinc:
            if not _is_loinc(code):
                raise ValueError(f"{code} is not a LOINC code")


def _is_loinc(code: str) -> bool:
    """True if the check digit fits (Luhn, LOINC Users' Guide, appendix A)."""
    figures, _, check = code.partition("-")
    if not (figures.isdigit() and check.isdigit()):
        return False
    doubled = [int(figure) * (2 - place % 2) for place, figure in enumerate(reversed(figures))]
    return (-sum(value // 10 + value % 10 for value in doubled)) % 10 == int(check)


_IN_U = Substance(iu_is_u=True)

_TESTS = (
    LaboratoryTest(
        "haemoglobin", "g/dL", ("718-7", "59260-0", "20509-6"), ("hemoglobin", "hb", "hgb"), Substance(16_114.5)
    ),
    LaboratoryTest("haematocrit", "%", ("4544-3", "20570-8"), ("hematocrit", "hct")),
    LaboratoryTest(
        "leukocytes", "10*9/L", ("6690-2", "26464-8"), ("leucocytes", "wbc", "white blood cells", "white cell count")
    ),
    LaboratoryTest(
        "neutrophils", "10*9/L", ("751-8", "26499-4"), ("anc", "absolute neutrophil count", "neutrophil count")
    ),
    LaboratoryTest(
        "lymphocytes", "10*9/L", ("731-0", "26474-7"), ("alc", "absolute lymphocyte count", "lymphocyte count")
    ),
    LaboratoryTest("platelets", "10*9/L", ("777-3", "26515-7"), ("thrombocytes", "plt", "platelet count")),
    LaboratoryTest("creatinine", "mg/dL", ("2160-0", "14682-9"), ("serum creatinine",), Substance(113.12)),
    LaboratoryTest(
        "egfr",
        "mL/min/{1.73_m2}",
        ("62238-1", "98979-8", "33914-3", "77147-7"),
        ("estimated gfr", "estimated glomerular filtration rate", "glomerular filtration rate", "gfr"),
    ),
    LaboratoryTest("creatinine clearance", "mL/min", ("2164-2", "35591-7"), ("crcl",)),
    LaboratoryTest("bilirubin", "mg/dL", ("1975-2", "14631-6"), ("total bilirubin",), Substance(584.67)),
    LaboratoryTest("direct bilirubin", "mg/dL", ("1968-7", "14629-0"), ("conjugated bilirubin",), Substance(584.67)),
    LaboratoryTest("alanine aminotransferase", "U/L", ("1742-6", "1743-4"), ("alt", "alat", "sgpt", "gpt"), _IN_U),
    LaboratoryTest("aspartate aminotransferase", "U/L", ("1920-8", "30239-8"), ("ast", "asat", "sgot", "got"), _IN_U),
    LaboratoryTest("alkaline phosphatase", "U/L", ("6768-6",), ("alp",), _IN_U),
    LaboratoryTest(
        "gamma-glutamyl transferase", "U/L", ("2324-2",), ("ggt", "gamma gt", "gamma-glutamyltransferase"), _IN_U
    ),
    LaboratoryTest("lactate dehydrogenase", "U/L", ("2532-0", "14804-9", "14805-6"), ("ldh", "ld"), _IN_U),
    LaboratoryTest("creatine kinase", "U/L", ("2157-6",), ("ck", "cpk"), _IN_U),
    LaboratoryTest("lipase", "U/L", ("3040-3",), (), _IN_U),
    LaboratoryTest("amylase", "U/L", ("1798-8",), (), _IN_U),
    LaboratoryTest("albumin", "g/L", ("1751-7", "61151-7"), ("serum albumin",)),
    LaboratoryTest("international normalised ratio", "1", ("6301-6", "34714-6"), ("inr", "pt-inr")),
    LaboratoryTest("activated partial thromboplastin time", "s", ("14979-9", "3173-2"), ("aptt", "ptt", "apt time")),
    LaboratoryTest("calcium", "mmol/L", ("17861-6", "2000-8"), ("total calcium",), Substance(40.078, valence=2)),
    LaboratoryTest("ionised calcium", "mmol/L", ("1995-0",), ("ionized calcium",), Substance(40.078, valence=2)),
    LaboratoryTest("potassium", "mmol/L", ("2823-3", "6298-4"), (), Substance(39.098, valence=1)),
    LaboratoryTest("sodium", "mmol/L", ("2951-2", "2947-0"), (), Substance(22.990, valence=1)),
    LaboratoryTest("magnesium", "mmol/L", ("19123-9", "2601-3"), (), Substance(24.305, valence=2)),
    LaboratoryTest("phosphate", "mmol/L", ("2777-1", "14879-1"), ("phosphorus",), Substance(30.974)),
    LaboratoryTest("glucose", "mmol/L", ("2345-7", "14749-6"), ("blood glucose",), Substance(180.156)),
    LaboratoryTest("uric acid", "mg/dL", ("3084-1", "14933-6"), ("urate",), Substance(168.11)),
    LaboratoryTest("c-reactive protein", "mg/L", ("1988-5",), ("crp",)),
    LaboratoryTest("testosterone", "nmol/L", ("2986-8", "14913-8"), (), Substance(288.43)),
    LaboratoryTest("prostate specific antigen", "ng/mL", ("2857-1",), ("psa", "prostate-specific antigen")),
    LaboratoryTest("carcinoembryonic antigen", "ng/mL", ("2039-6",), ("cea",)),
    LaboratoryTest("ca 125", "U/mL", ("10334-1",), ("ca-125", "cancer antigen 125"), _IN_U),
    LaboratoryTest("ca 19-9", "U/mL", ("24108-3",), ("cancer antigen 19-9",), _IN_U),
    LaboratoryTest("alpha-fetoprotein", "ng/mL", ("1834-1",), ("afp", "alpha fetoprotein")),
)


def all_tests() -> tuple[LaboratoryTest, ...]:
    """Every test of the table."""
    return _TESTS


def normal_name(text: str) -> str:
    """A name or code in lower case with single blanks, for comparing."""
    return " ".join(re.sub(r"[\s_]+", " ", text).casefold().split())


@functools.cache
def _by_name() -> dict[str, LaboratoryTest]:
    return {name: test for test in _TESTS for name in (test.name, *test.synonyms, *test.loinc)}


@functools.cache
def find(text: str) -> LaboratoryTest:
    """The test of a name, synonym or LOINC code, in any case.

    Raises:
        UnknownNameError: the table has no such test.
    """
    found = _by_name().get(normal_name(text))
    if found is None:
        raise UnknownNameError("laboratory test", text, _by_name())
    return found
