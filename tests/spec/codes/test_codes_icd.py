"""ICD codes are written in one way and checked for their form."""

from __future__ import annotations

import polars as pl
import pytest

from kohort.codes import icd
from tests.support import SHARED, needs_shared


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("c50.9", "C50.9"),
        ("C509", "C50.9"),
        (" c73 ", "C73"),
        ("C50.-", "C50"),
        ("m90.7*", "M90.7"),
        ("C8330", "C83.30"),
    ],
)
def test_a_code_is_written_in_capitals_with_its_dot(text: str, code: str):
    """Case, blanks, a missing dot and the signs of some systems do not matter."""
    assert icd.normalise(text) == code


@pytest.mark.parametrize(
    ("text", "is_code"), [("C50.9", True), ("c73", True), ("U07.1", True), ("50.9", False), ("", False)]
)
def test_the_form_of_an_icd10_code_is_checked(text: str, is_code: bool):
    """A letter, two signs and up to four after the dot."""
    assert icd.is_icd10(text) is is_code


@pytest.mark.parametrize(
    ("text", "is_code"), [("c50.9", True), ("C809", True), ("C81.0", False), ("D05.1", False), ("C50.91", False)]
)
def test_a_topography_lies_between_c00_and_c80(text: str, is_code: bool):
    """ICD-O-3 sites are C00 to C80 with one figure after the dot."""
    assert icd.is_topography(text) is is_code


def test_a_topography_is_returned_normalised_or_refused():
    """`parse_topography` raises where `is_topography` is false."""
    assert icd.parse_topography("c509") == "C50.9"
    with pytest.raises(ValueError, match="topography"):
        icd.parse_topography("D05.1")


@pytest.mark.parametrize(
    ("text", "written", "behaviour", "malignant"),
    [
        ("8140/3", "8140/3", "3", True),
        ("M8140/3", "8140/3", "3", True),
        ("M-8140/2", "8140/2", "2", False),
        ("81403", "8140/3", "3", True),
        ("8500/32", "8500/32", "3", True),
        ("8000/6", "8000/6", "6", True),
        ("8140/0", "8140/0", "0", False),
    ],
)
def test_a_morphology_has_a_histology_and_a_behaviour(text: str, written: str, behaviour: str, malignant: bool):
    """The figure after the slash says whether the tumour is benign, in situ or malignant."""
    morphology = icd.parse_morphology(text)
    assert str(morphology) == written
    assert morphology.behaviour == behaviour
    assert morphology.is_malignant is malignant
    assert behaviour in icd.BEHAVIOURS


@pytest.mark.parametrize("text", ["", "8140", "7140/3", "8140/4", "8140/3/3", "adenocarcinoma"])
def test_what_is_no_morphology_is_refused(text: str):
    """Histologies begin with 8 or 9; behaviours 4, 5, 7 and 8 do not exist."""
    with pytest.raises(ValueError, match="morphology"):
        icd.parse_morphology(text)


@pytest.mark.parametrize(("histology", "behaviour"), [("7140", "3"), ("8140", "5")])
def test_a_morphology_that_cannot_be_is_not_made(histology: str, behaviour: str):
    """The dataclass checks itself."""
    with pytest.raises(ValueError, match="ICD-O-3"):
        icd.Morphology(histology, behaviour)


@needs_shared
@pytest.mark.realdata
def test_every_code_of_a_real_study_has_the_form_of_its_system():
    """10,513 patients: all sites, diagnoses and histologies are read."""
    patients = pl.read_csv(
        SHARED / "tcga" / "data_clinical_patient.txt", separator="\t", comment_prefix="#", infer_schema=False
    )
    assert len(patients) == 10_513
    assert all(map(icd.is_icd10, patients["ICD_10"].drop_nulls().unique()))
    assert all(map(icd.is_topography, patients["ICD_O_3_SITE"].drop_nulls().unique()))
    assert all(map(icd.parse_morphology, patients["ICD_O_3_HISTOLOGY"].drop_nulls().unique()))
