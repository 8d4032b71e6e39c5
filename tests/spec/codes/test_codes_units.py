"""Units of laboratory results: as UCUM and as laboratories write them, and what converts into what."""

from __future__ import annotations

import math

import pytest

from kohort.codes import laboratory, units
from kohort.codes.laboratory import LaboratoryTest
from kohort.codes.units import Substance
from kohort.errors import UnknownNameError

CREATININE = laboratory.find("creatinine").substance


@pytest.mark.parametrize(
    ("source", "target", "factor"),
    [
        ("g/dL", "g/L", 10),
        ("10*9/L", "10*3/uL", 1),
        ("/uL", "10*9/L", 0.001),
        ("ng/mL", "ug/L", 1),
        ("ukat/L", "U/L", 60),
        ("m[IU]/L", "u[IU]/mL", 1),
        ("L/L", "%", 100),
        ("mL/s/{1.73_m2}", "mL/min/{1.73_m2}", 60),
    ],
)
def test_units_of_the_same_quantities_convert(source: str, target: str, factor: float) -> None:
    """By the ratio of their numbers; the enzyme unit is one micromole a minute."""
    assert units.factor(source, target) == factor
    assert units.factor(target, source) == pytest.approx(1 / factor)


@pytest.mark.parametrize(
    ("written", "ucum"),
    [
        ("µmol/l", "umol/L"),
        ("10^9/l", "10*9/L"),
        ("x10E9/L", "10*9/L"),
        ("K/uL", "10*3/uL"),
        ("10*3/mm3", "10*3/uL"),
        ("Gpt/L", "10*9/L"),
        ("cells/uL", "/uL"),
        ("10*3.{cells}/uL", "10*3/uL"),
        ("mIU/mL", "m[IU]/mL"),
        ("mg%", "mg/dL"),
        ("mcg/L", "ug/L"),
        ("mEq/L", "meq/L"),
        ("mL/min/1.73 m²", "mL/min/{1.73_m2}"),
        ("mL/min/(1.73m^2)", "mL/min/{1.73_m2}"),
        ("{INR}", "1"),
        ("", "1"),
    ],
)
def test_units_are_read_as_laboratories_write_them(written: str, ucum: str) -> None:
    """Each is the same unit as its form in UCUM."""
    assert units.parse(written) == units.parse(ucum)


@pytest.mark.parametrize(
    ("source", "target", "substance", "factor"),
    [
        ("mg/dL", "umol/L", CREATININE, 88.4),
        ("umol/L", "mg/dL", laboratory.find("bilirubin").substance, 1 / 17.1),
        ("mmol/L", "g/dL", laboratory.find("haemoglobin").substance, 1.611),
        ("meq/L", "mmol/L", laboratory.find("potassium").substance, 1),
        ("meq/L", "mg/dL", laboratory.find("calcium").substance, 2.004),
        ("IU/L", "U/L", laboratory.find("ALT").substance, 1),
    ],
)
def test_what_is_measured_bridges_mass_and_amount(
    source: str, target: str, substance: Substance, factor: float
) -> None:
    """By molar mass and valence, to the factors that textbooks give; without the substance they do not convert."""
    found = units.factor(source, target, substance)
    assert found is not None
    assert math.isclose(found, factor, rel_tol=2e-3)
    assert units.factor(source, target) is None


@pytest.mark.parametrize(
    ("source", "target"),
    [("g/dL", "U/L"), ("mL/min", "mL/min/{1.73_m2}"), ("mg/dL", "umol/L"), ("?", "g/L"), ("g/", "g/L"), ("g", "")],
)
def test_what_does_not_convert_says_so(source: str, target: str) -> None:
    """Other quantities, a clearance for another body surface, and texts that are no unit."""
    assert units.factor(source, target) is None


def test_a_text_that_is_no_unit_is_refused() -> None:
    """Asked for by itself it names what could not be read."""
    assert [units.is_unit(text) for text in ("mg/dL", "furlong", "mg//dL")] == [True, False, False]
    with pytest.raises(ValueError, match="furlong"):
        units.parse("furlong")
    with pytest.raises(ValueError, match="positive"):
        Substance(grams_per_mole=0)


def test_a_laboratory_test_is_found_by_name_synonym_and_loinc_code() -> None:
    """In any case; no name stands for two tests."""
    for text in ("haemoglobin", "Hemoglobin", "HGB", "718-7"):
        assert laboratory.find(text).name == "haemoglobin"
    names = [n for test in laboratory.all_tests() for n in (test.name, *test.synonyms, *test.loinc)]
    assert len(names) == len(set(names))
    with pytest.raises(UnknownNameError, match="creatinine"):
        laboratory.find("creatinin")


def test_every_usual_unit_and_loinc_code_of_the_table_is_right_by_form() -> None:
    """A unit that cannot be read, or a code with a wrong check digit, cannot be declared."""
    with pytest.raises(ValueError, match="718-8"):
        LaboratoryTest("haemoglobin", "g/dL", ("718-8",))
    with pytest.raises(ValueError, match="Hb"):
        LaboratoryTest("haemoglobin", "g/dL", ("Hb",))
    with pytest.raises(ValueError, match="furlong"):
        LaboratoryTest("haemoglobin", "furlong", ("718-7",))
