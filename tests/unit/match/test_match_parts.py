"""Small parts of matching by themselves: ranges, bitmaps, words, names, documents."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kohort.errors import InputError, IntegrityError, UnknownNameError, UserError
from kohort.match import Population, Truth, criteria, default_protocol, evaluate
from kohort.match.criteria import (
    Age,
    And,
    AtLeast,
    Comorbidity,
    Consent,
    CopyNumber,
    Criterion,
    Diagnosis,
    DiseaseStatus,
    Event,
    FreeText,
    Fusion,
    Histology,
    Laboratory,
    Leaf,
    Marker,
    MetastasisSite,
    Metastatic,
    Mmr,
    Msi,
    Mutation,
    Not,
    Or,
    PerformanceStatus,
    PriorTherapy,
    Range,
    Rearrangement,
    Receptor,
    Sex,
    Signature,
    Stage,
    SystemicLines,
    TherapySince,
    Tmb,
    Unread,
    WildType,
    Window,
    leaves,
)
from kohort.match.criteria.vocabulary import drug_classes, is_change
from kohort.match.engine.evaluation import evidence
from kohort.match.engine.truth import count, pack, unpack
from kohort.match.people.births import years_before
from kohort.match.people.columns import Coded
from kohort.match.trials import reading
from kohort.match.trials.documents import read_documents
from kohort.tables import MemoryTables

TODAY = date(2026, 11, 1)

LEAVES: list[tuple[Leaf, str, str]] = [
    (Mutation("BRAF"), "any mutation of BRAF", "mutation test of BRAF"),
    (Mutation("KRAS", protein_change="Gly12Cys"), "KRAS p.G12C", "mutation test of KRAS"),
    (
        Mutation("MET", exon=14, classes=("Splice_Site",)),
        "MET in exon 14 of class Splice_Site",
        "mutation test of MET",
    ),
    (WildType("KRAS"), "KRAS wild type", "mutation test of KRAS"),
    (CopyNumber("RB1", "deep_loss"), "RB1 deep loss", "copy-number test of RB1"),
    (Mutation("AKT1", function="activating"), "AKT1 activating mutation", "mutation test of AKT1"),
    (CopyNumber("MET"), "MET copy-number change", "copy-number test of MET"),
    (Rearrangement("ALK"), "rearrangement of ALK", "structural-variant test of ALK"),
    (Rearrangement("ALK", "any"), "rearrangement of ALK with any gene", "structural-variant test of ALK"),
    (
        Rearrangement("ALK", "intergenic"),
        "rearrangement of ALK with a place between genes",
        "structural-variant test of ALK",
    ),
    (Rearrangement("BRAF", "BRAF"), "rearrangement within BRAF", "structural-variant test of BRAF"),
    (Rearrangement("EML4", "ALK"), "rearrangement of ALK with EML4", "structural-variant test of ALK or EML4"),
    (Mmr("deficient"), "mismatch repair deficient", "mismatch-repair or microsatellite test"),
    (Signature("UV"), "UV signature present", "signature analysis of UV"),
    (Fusion("ALK"), "ALK fusion", "structural-variant test of ALK"),
    (Fusion("EML4", "ALK"), "ALK-EML4 fusion", "structural-variant test of ALK or EML4"),
    (Msi("MSI-H"), "microsatellite status MSI-H", "microsatellite test"),
    (Tmb(Range.parse(">=10")), "tumour mutational burden >=10 per Mb", "mutational burden"),
    (Diagnosis("LUAD"), "diagnosis Lung Adenocarcinoma (LUAD)", "OncoTree diagnosis"),
    (Diagnosis(tissue="Lung"), "diagnosis within Lung", "OncoTree diagnosis"),
    (Diagnosis(lineage="liquid"), "a liquid tumour", "OncoTree diagnosis"),
    (Age(Range.parse(">=18")), "age >=18 completed years on the day of matching", "birth date"),
    (
        Age(Range.parse("<40"), at="diagnosis", reading="exact"),
        "age <40 years at diagnosis",
        "age at diagnosis",
    ),
    (Sex("female"), "sex female", "sex"),
    (Receptor("HER2", "positive"), "HER2 positive", "receptor status of HER2"),
    (PerformanceStatus(Range.parse("<=1")), "ECOG performance status <=1", "ECOG status"),
    (PriorTherapy("Herceptin"), "earlier treatment with trastuzumab", "treatment history"),
    (
        PriorTherapy(drug_class="PARP inhibitor"),
        "earlier treatment with a drug of class parp inhibitor",
        "treatment history",
    ),
    (SystemicLines(Range.parse("==2")), "earlier systemic lines ==2", "lines of treatment"),
    (Stage(("IV", "III")), "stage III or IV", "stage group"),
    (Metastatic(), "distant metastasis", "M category"),
    (Unread("exon: x", "It is no number."), "“exon: x” (not understood)", "correction of the trial of exon: x"),
    (FreeText("no infection "), "“no infection”", "judgement by a person of no infection"),
    (Consent("biobanking "), "consent to biobanking", "consent of biobanking"),
    (
        PriorTherapy("Herceptin", modality="systemic", setting="adjuvant"),
        "earlier adjuvant systemic treatment with trastuzumab",
        "treatment history",
    ),
    (PriorTherapy(modality="radiotherapy"), "earlier radiotherapy treatment", "treatment history"),
    (
        SystemicLines(Range.parse("<=1"), drug_class="PD-1 inhibitor"),
        "earlier systemic lines with a drug of class pd-1 inhibitor <=1",
        "lines of treatment",
    ),
    (
        TherapySince(Range.parse(">=28"), drug="Gleevec"),
        "days since the last treatment with imatinib >=28",
        "end of treatment of imatinib",
    ),
    (
        TherapySince(Range.parse(">=14"), modality="surgery"),
        "days since the last treatment with surgery >=14",
        "end of treatment of surgery",
    ),
    (
        Histology(("c34",), ("8140 - 8147", "8500/3"), ("3",)),
        "topography C34 and morphology 8140-8147 or 8500/3 and behaviour 3",
        "histology",
    ),
    (
        DiseaseStatus(("Metastatic", "Locally_Advanced")),
        "disease status locally advanced or metastatic",
        "disease status",
    ),
    (MetastasisSite("Lymph Nodes"), "lymph node metastasis", "metastasis status of lymph node"),
    (Comorbidity(("i20 - I25", "e11")), "comorbidity E11 or I20-I25", "medical history of E11 or I20-I25"),
    (Laboratory("Hb", Range.parse(">=9"), "g/dL"), "haemoglobin >=9 g/dL", "laboratory value of haemoglobin"),
    (
        Laboratory("ALT", Range.parse("<=2.5"), of="upper_limit", within_days=14),
        "alanine aminotransferase <=2.5 x upper limit of normal within 14 days",
        "laboratory value of alanine aminotransferase",
    ),
    (
        Laboratory("INR", Range.parse("<=1.5")),
        "international normalised ratio <=1.5",
        "laboratory value of international normalised ratio",
    ),
    (Marker("pdl1 tps", range=Range.parse(">=50")), "PD-L1 TPS >=50%", "marker result of PD-L1 TPS"),
    (Marker("her2", "low"), "HER2 low", "marker result of HER2"),
    (
        Window(Event("diagnosis"), Event("therapy start", drug="Glivec"), Range.parse("<=90")),
        "days from diagnosis to therapy start of imatinib <=90",
        "dates of diagnosis and therapy start of imatinib",
    ),
]


@pytest.mark.parametrize(("leaf", "words", "fact"), LEAVES, ids=lambda value: str(value)[:40])
def test_every_leaf_has_words_and_a_fact_that_would_settle_it(leaf: Leaf, words: str, fact: str) -> None:
    """People read the words; the fact ends in a sentence."""
    assert leaf.words == words
    assert leaf.fact.words == fact
    assert leaf.fact.missing.endswith(".")


def test_the_table_of_leaves_is_complete() -> None:
    """Every kind of leaf that can be imported stands in the table above."""
    public = {
        getattr(criteria, name) for name in criteria.__all__ if name not in {"Criterion", "leaves", "requirements"}
    }
    assert {kind for kind in public if issubclass(kind, Leaf)} - {Leaf} == {type(row[0]) for row in LEAVES}


def test_compounds_have_words_with_brackets_where_they_are_needed() -> None:
    """Precedence is written out."""
    a, b = Sex("male"), Msi("MSS")
    assert And(a, Or(a, b)).words == f"{a.words} and ({a.words} or {b.words})"
    assert Not(And(a, b)).words == f"not ({a.words} and {b.words})"
    assert AtLeast(1, a, b).words == f"at least 1 of: {a.words}; {b.words}"
    assert (And().words, Or().words) == ("no condition", "nothing that can be met")


def test_equal_meaning_is_equal_content() -> None:
    """Leaves are kept by content: other spellings are the same leaf."""
    same: list[tuple[Criterion, Criterion]] = [
        (Mutation("HER2", protein_change="Ser310Phe"), Mutation("ERBB2", protein_change="p.S310F")),
        (Fusion("EML4", "ALK"), Fusion("ALK", "EML4")),
        (Stage(("Stage IV", "iii")), Stage(("III", "IV"))),
        (PriorTherapy("Taxol"), PriorTherapy("paclitaxel")),
        (Mutation("TP53", classes=("nonsense_mutation",)), Mutation("TP53", classes=("Nonsense_Mutation",))),
    ]
    for one, other in same:
        assert one == other
        assert hash(one) == hash(other)
    assert And(Sex("male")) != Or(Sex("male"))


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (">=18", (18, 99), (17.9,)),
        (">18", (18.1,), (18,)),
        ("<65", (64,), (65,)),
        (">=18, <65", (18, 64.9), (17, 65)),
        (">=18 <65", (18,), (65,)),
        (">= 18 and <= 65", (18, 65), (66,)),
        ("≥18", (18,), (17,)),
        ("==2", (2,), (1, 3)),
        ("=2", (2,), (3,)),
        (">=.5", (0.5,), (0.4,)),
    ],
)
def test_ranges_are_read_and_hold_their_numbers(
    text: str, inside: tuple[float, ...], outside: tuple[float, ...]
) -> None:
    """The notation of protocols, blanks and Unicode signs included; what is printed is read again."""
    found = Range.parse(text)
    assert Range.parse(str(found)) == found
    for value in (*inside, *outside):
        exactly = np.array([float(value)])
        true, false = found.decide(exactly, exactly)
        assert bool(true[0]) is (value in inside)
        assert bool(false[0]) is (value in outside)


@pytest.mark.parametrize("text", ["", "18", "!>=18", ">=18 months", ">=18, >=20", "==2, <5", "about 5"])
def test_what_is_no_range_is_refused(text: str) -> None:
    """With the notation shown."""
    with pytest.raises(UserError):
        Range.parse(text)


def test_a_range_without_limits_or_with_nan_cannot_be_made() -> None:
    """A range that excludes nothing is a mistake."""
    with pytest.raises(UserError, match="needs a limit"):
        Range()
    with pytest.raises(UserError, match="not a number"):
        Range(low=float("nan"))
    with pytest.raises(UserError, match="No number"):
        Range(low=2, high=2, with_high=False)


def test_ages_that_nobody_has_are_refused() -> None:
    """Years from 0 to 150, and words that exist."""
    with pytest.raises(UserError, match="0 to 150"):
        Age(Range.parse(">=180"))
    with pytest.raises(UserError, match="as_of, diagnosis"):
        Age(Range.parse(">=18"), at="birth")  # type: ignore[arg-type]
    for empty in (lambda: FreeText(" "), lambda: Consent("")):
        with pytest.raises(UserError):
            empty()


@given(st.lists(st.booleans(), max_size=200))
def test_packing_and_unpacking_is_the_identity(mask: list[bool]) -> None:
    """Bit by bit, whatever the length."""
    array = np.array(mask, dtype=np.bool_)
    assert unpack(pack(array), len(mask)).tolist() == mask
    assert count(pack(array)) == sum(mask)


def test_truths_compare_by_value_and_check_their_length() -> None:
    """Two truths are equal if every person is; a bitmap of another length is refused."""
    assert Truth.constant(True, 70) == Truth.constant(True, 70)
    assert Truth.constant(True, 70) != Truth.constant(True, 71)
    assert Truth.unknown(3) != "unknown"
    with pytest.raises(ValueError, match="2 words"):
        Truth(pack(np.ones(3, dtype=np.bool_)), pack(np.ones(3, dtype=np.bool_)), 70)


def test_at_least_none_holds_and_at_least_too_many_does_not() -> None:
    """The edges of the threshold."""
    parts = [Truth.unknown(2)] * 2
    assert Truth.at_least(0, parts, 2).counts == (2, 0, 0)
    assert Truth.at_least(3, parts, 2).counts == (0, 2, 0)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.integers(0, 120))
def test_years_are_taken_off_as_calendars_do(day: date, years: int) -> None:
    """The same day of an earlier year; 29 February becomes 28 February."""
    try:
        expected = day.replace(year=day.year - years)
    except ValueError:
        expected = day.replace(year=day.year - years, day=28)
    days = (day - date(1970, 1, 1)).days
    (found,) = years_before(np.array([days]), np.array([12 * years]))
    assert found == (expected - date(1970, 1, 1)).days


def test_a_frameshift_may_be_named_by_its_first_residue() -> None:
    """What is left open is met by anything, what is given must agree."""
    answers = {wanted: is_change(wanted, "p.R1450Gfs*9", "APC") for wanted in ("R1450fs", "R1450Sfs", "R1451fs", "?")}
    assert answers == {"R1450fs": True, "R1450Sfs": False, "R1451fs": False, "?": None}


def test_a_drug_outside_the_table_has_no_known_class() -> None:
    """Unknown, not classless."""
    assert drug_classes("kohortinib") is None
    assert "her2 antibody" in (drug_classes("trastuzumab") or ())


def test_a_drug_of_unknown_class_leaves_the_class_open() -> None:
    """It may be of that class."""
    tables = MemoryTables(
        {
            "person": [{"person": 1, "id": 1}],
            "therapy": [{"person": 1, "id": 2, "modality": "systemic"}],
            "therapy_item": [{"person": 1, "id": 3, "therapy": 2, "item_code": "kohortinib"}],
        }
    )
    asked = PriorTherapy(drug_class="PARP inhibitor")
    assert evaluate(asked, Population.of(tables), TODAY).value(0) is None


def test_texts_that_are_no_genes_are_left_out() -> None:
    """A panel or variant with an impossible symbol stops nothing."""
    tables = MemoryTables(
        {
            "person": [{"person": 1, "id": 1}],
            "code": [{"system": "panel/P", "code": "no gene!"}, {"system": "panel/P", "code": "BRAF"}],
            "test": [{"person": 1, "id": 2, "specimen": 1, "assay": "mutation", "panel": "P"}],
            "variant": [{"person": 1, "id": 3, "test": 2, "class": "snv", "gene": "?!"}],
        }
    )
    assert evaluate(Mutation("BRAF"), Population.of(tables), TODAY).value(0) is False


def test_rows_of_persons_outside_the_person_table_are_left_out() -> None:
    """A population is the person table."""
    tables = MemoryTables(
        {"person": [{"person": 1, "id": 1}], "tumour": [{"person": 2, "id": 2, "oncotree_code": "LUAD"}]}
    )
    assert evaluate(Diagnosis("LUAD"), Population.of(tables), TODAY).counts == (0, 0, 1)


def test_texts_are_judged_once_a_value() -> None:
    """However many rows hold it."""
    import polars as pl

    seen: list[str] = []

    def judge(text: str) -> bool | None:
        seen.append(text)
        return None if text == "c" else text == "a"

    true, false = Coded.of(pl.Series(["a", "b", "a", None, "c"], dtype=pl.String)).judged(judge)
    assert sorted(seen) == ["a", "b", "c"]
    assert true.tolist() == [True, False, True, False, False]
    assert false.tolist() == [False, True, False, False, False]


def test_a_leaf_without_a_rule_is_an_error_of_kohort() -> None:
    """A kind of leaf that nobody decides cannot be forgotten in silence."""

    class Odd(FreeText):
        __slots__ = ()

    with pytest.raises(IntegrityError, match="Odd"):
        evidence(Odd("x"), Population.of(MemoryTables({"person": [{"person": 1, "id": 1}]})), TODAY)


def test_a_damaged_protocol_in_the_package_is_an_error_of_kohort(monkeypatch: pytest.MonkeyPatch) -> None:
    """It names what is wrong with the file."""
    problem = reading.Problem("error", InputError("is damaged."))
    monkeypatch.setattr(reading, "read_trials", lambda _path: ([], [problem]))
    default_protocol.cache_clear()
    with pytest.raises(IntegrityError, match="is damaged"):
        default_protocol()
    default_protocol.cache_clear()


@pytest.mark.parametrize(("text", "said"), [("a: \x00b", "characters"), ("[" * 9000 + "]" * 9000, "nested too deep")])
def test_documents_that_yaml_cannot_hold_are_refused(tmp_path: Path, text: str, said: str) -> None:
    """Forbidden characters and endless nesting, without a traceback."""
    path = tmp_path / "odd.yaml"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        list(read_documents(path))


def test_an_empty_document_is_no_trial(tmp_path: Path) -> None:
    """Nothing is read from nothing."""
    path = tmp_path / "empty.yaml"
    for nothing in ("# only a comment\n", "---\n---\n"):
        path.write_text(nothing)
        assert list(read_documents(path)) == []


def test_unknown_names_suggest_near_ones() -> None:
    """A main type of OncoTree, misspelt."""
    with pytest.raises(UnknownNameError, match="Melanoma"):
        Diagnosis(main_type="Melanomas")


def test_leaves_come_from_left_to_right() -> None:
    """Twice if they stand twice."""
    a, b = Sex("male"), Msi("MSS")
    assert list(leaves(And(a, Not(b), AtLeast(1, a)))) == [a, b, a]
