"""Drug names as hospitals write them lead to INN names, and what is not certain stays text."""

from __future__ import annotations

import polars as pl
import pytest

from kohort.codes import drugs
from kohort.errors import UnknownNameError
from tests.support import SHARED, needs_shared


def _names(text: str) -> list[str]:
    return [drug.name for drug in drugs.parse(text).drugs]


@pytest.mark.parametrize(
    ("text", "name", "how"),
    [
        ("paclitaxel", "paclitaxel", "exact"),
        ("PACLITAXEL", "paclitaxel", "exact"),
        ("Taxol", "paclitaxel", "synonym"),
        ("5-FU", "fluorouracil", "synonym"),
        ("5 fu", "fluorouracil", "synonym"),
        ("VP-16", "etoposide", "synonym"),
        ("T-DXd", "trastuzumab deruxtecan", "synonym"),
        ("keytruda", "pembrolizumab", "synonym"),
    ],
)
def test_a_name_or_another_name_is_recognised(text: str, name: str, how: str):
    """INN, brand names, code names and short forms are known; hyphens, blanks and case do not matter."""
    mention = drugs.parse(text)
    assert [drug.name for drug in mention.drugs] == [name]
    assert mention.how == (how,)
    assert mention.is_complete


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("osimertinib mesylate", "osimertinib"),
        ("doxorubicin HCl", "doxorubicin"),
        ("carboplatin AUC 5", "carboplatin"),
        ("cisplatin 50 mg", "cisplatin"),
        ("oral etoposide", "etoposide"),
        ("paclitaxel, weekly", "paclitaxel"),
    ],
)
def test_salts_doses_and_routes_are_left_out(text: str, name: str):
    """What is not the substance does not hinder its recognition."""
    mention = drugs.parse(text)
    assert [drug.name for drug in mention.drugs] == [name]
    assert mention.unknown == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("paclitaxelum", "paclitaxel"),
        ("methotrexatum", "methotrexate"),
        ("cyclophosphamid", "cyclophosphamide"),
        ("doxorubicine", "doxorubicin"),
        ("oxaliplatinum", "oxaliplatin"),
        ("anastrozolum", "anastrozole"),
    ],
)
def test_latin_and_continental_endings_are_understood(text: str, name: str):
    """The mention says that the spelling was another one."""
    mention = drugs.parse(text)
    assert [drug.name for drug in mention.drugs] == [name]
    assert mention.how == ("spelling",)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("paciltaxel", "paclitaxel"),
        ("temozolamide", "temozolomide"),
        ("5-flourouracil", "fluorouracil"),
        ("temador", "temozolomide"),
        ("gemcitibine", "gemcitabine"),
    ],
)
def test_a_small_misspelling_is_corrected_and_marked(text: str, name: str):
    """One error is allowed from five letters on, two from nine, if no other drug is near."""
    mention = drugs.parse(text)
    assert [drug.name for drug in mention.drugs] == [name]
    assert mention.how == ("spelling",)


@pytest.mark.parametrize(
    "text", ["platinum", "ariad", "abt-869x", "taxane", "interferon", "study drug", "clinical trial"]
)
def test_words_that_only_resemble_a_drug_stay_text(text: str):
    """A class, a company, another code name and a plain word are no misspelt drugs."""
    mention = drugs.parse(text)
    assert mention.drugs == ()
    assert mention.unknown == (text,)


@pytest.mark.parametrize("text", ["vinclastine", "afitinib"])
def test_a_misspelling_that_two_drugs_could_explain_stays_text(text: str):
    """Vinblastine or vincristine, afatinib or apatinib: one more error reaches a second drug."""
    assert drugs.parse(text) == drugs.DrugMention(text, (), (), (text,))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("carboplatin/paclitaxel", ["carboplatin", "paclitaxel"]),
        ("cisplatin + etoposide", ["cisplatin", "etoposide"]),
        ("everolimus, gemcitabine, and cisplatin", ["everolimus", "gemcitabine", "cisplatin"]),
        ("dabrafenib og trametinib", ["dabrafenib", "trametinib"]),
        ("carboplatin paclitaxel", ["carboplatin", "paclitaxel"]),
        ("docetaxel; trastuzumab & pertuzumab", ["docetaxel", "trastuzumab", "pertuzumab"]),
        ("cytoxan/cyclophosphamide", ["cyclophosphamide"]),
        ("trifluridine/tipiracil + bevacizumab", ["trifluridine/tipiracil", "bevacizumab"]),
    ],
)
def test_a_combination_is_divided_and_each_drug_named_once(text: str, names: list[str]):
    """Signs, ``and`` and bare blanks divide a combination."""
    assert _names(text) == names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("FOLFOX", ["fluorouracil", "calcium folinate", "oxaliplatin"]),
        ("folfiri/avastin", ["fluorouracil", "calcium folinate", "irinotecan", "bevacizumab"]),
        ("R-CHOP", ["rituximab", "cyclophosphamide", "doxorubicin", "vincristine", "prednisone"]),
        ("TCH", ["docetaxel", "carboplatin", "trastuzumab"]),
        ("Opdualag", ["nivolumab", "relatlimab"]),
    ],
)
def test_a_known_regimen_is_written_out(text: str, names: list[str]):
    """A regimen whose short name means the same everywhere stands for its drugs."""
    mention = drugs.parse(text)
    assert [drug.name for drug in mention.drugs] == names
    assert mention.how[0] == "regimen"


def test_a_regimen_name_with_two_meanings_stays_text():
    """TC is docetaxel with cyclophosphamide, or paclitaxel with carboplatin."""
    assert drugs.parse("TC").unknown == ("TC",)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("anastrozole (arimidex)", ["anastrozole"]),
        ("arimidex(anastrozole)", ["anastrozole"]),
        ("cai (nabtt 9712)", ["carboxyamidotriazole"]),
        ("dendritic cell vaccine (dcvax)", ["dcvax"]),
        ("taxol (carboplatin)", ["paclitaxel", "carboplatin"]),
    ],
)
def test_a_bracket_explains_the_name_before_it(text: str, names: list[str]):
    """One of the two must be understood; two different drugs are both named."""
    assert _names(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "avastin or placebo",
        "taxol or taxotere",
        "bevacizumab vs placebo",
        "docetaxel +/- zactima",
        "avastin/placebo",
        "cisplatin?",
        "no cisplatin",
        "taxol (refused)",
        "paclitaxel eller docetaxel",
    ],
)
def test_a_choice_a_placebo_a_doubt_and_a_denial_assert_no_drug(text: str):
    """Who may have had a drug has not had it for certain."""
    assert drugs.parse(text) == drugs.DrugMention(text, (), (), (text,))


def test_what_is_recognised_stands_beside_what_is_not():
    """One unknown part does not hide the known ones."""
    mention = drugs.parse("5-fu + leulov")
    assert [drug.name for drug in mention.drugs] == ["fluorouracil"]
    assert mention.unknown == ("leulov",)
    assert not mention.is_complete


@pytest.mark.parametrize("text", ["", "  ", " / ", "-"])
def test_a_blank_says_nothing(text: str):
    """A blank names no drug and leaves nothing unknown."""
    assert drugs.parse(text) == drugs.DrugMention(text, (), (), ())


def test_find_takes_exact_names_only():
    """A misspelling and a regimen are for `parse`; `find` suggests the nearest name."""
    assert drugs.find("Herceptin").name == "trastuzumab"
    with pytest.raises(UnknownNameError, match="trastuzumab"):
        drugs.find("trastuzumb")
    with pytest.raises(UnknownNameError):
        drugs.find("FOLFOX")


def test_a_drug_carries_its_atc_code_and_classes():
    """The first class is the modality, the others go from general to special."""
    osimertinib = drugs.find("osimertinib")
    assert osimertinib.atc == "L01EB04"
    assert osimertinib.classes == ("targeted therapy", "kinase inhibitor", "EGFR inhibitor")
    assert "tagrisso" in osimertinib.synonyms


def test_the_table_holds_the_drugs_in_use():
    """At least 250 drugs, each with a class, and every regimen made of known ones."""
    table = {drug.name for drug in drugs.all_drugs()}
    assert len(table) >= 250
    assert all(set(parts) <= table for parts in drugs.regimens().values())


def test_every_name_in_the_table_leads_back_to_its_drug():
    """No synonym is hidden by another drug's name."""
    for drug in drugs.all_drugs():
        for name in (drug.name, *drug.synonyms):
            assert drugs.find(name) == drug


def test_a_table_in_which_one_name_means_two_drugs_is_refused():
    """The maker of the table is told at once; nobody gets the wrong drug."""
    meanings: dict[str, drugs.Hit] = {"taxol": (("paclitaxel",), "synonym")}
    with pytest.raises(ValueError, match="'Taxol' means both"):
        drugs._enter(meanings, "Taxol", (("docetaxel",), "synonym"))


def test_a_column_is_parsed_row_by_row():
    """Null and blank give empty lists; order and length stay."""
    found = drugs.parse_series(pl.Series(["Taxol + xyz", None, "", "Taxol + xyz"]))
    assert found.to_dict(as_series=False) == {
        "text": ["Taxol + xyz", None, "", "Taxol + xyz"],
        "drugs": [["paclitaxel"], [], [], ["paclitaxel"]],
        "unknown": [["xyz"], [], [], ["xyz"]],
    }


@pytest.mark.parametrize(
    ("name", "atc", "classes", "words"),
    [("Taxol", "", ("x",), "lower case"), ("a", "L01", ("x",), "ATC"), ("a", "", (), "no class")],
)
def test_a_malformed_drug_cannot_be_made(name: str, atc: str, classes: tuple[str, ...], words: str):
    """Lower-case INN, an ATC code of the fifth level or none, and a class."""
    with pytest.raises(ValueError, match=words):
        drugs.Drug(name, atc, classes, ())


def test_a_mention_says_for_each_drug_how_it_was_recognised():
    """A mention whose lists do not belong together cannot be made."""
    with pytest.raises(ValueError, match="way of recognition"):
        drugs.DrugMention("taxol", (drugs.find("taxol"),), (), ())


@needs_shared
@pytest.mark.realdata
def test_nearly_all_real_treatment_rows_are_recognised_in_every_part():
    """Of the 11,324 non-radiation rows with an agent, at least 98 % are understood whole."""
    rows = pl.read_csv(SHARED / "tcga" / "data_timeline_treatment.txt", separator="\t", infer_schema=False).filter(
        pl.col("TREATMENT_TYPE").fill_null("") != "radiation", pl.col("AGENT").fill_null("") != ""
    )
    assert len(rows) == 11_324
    found = drugs.parse_series(rows["AGENT"])
    whole = (found["drugs"].list.len() > 0) & (found["unknown"].list.len() == 0)
    share = whole.mean()
    assert isinstance(share, float)
    assert share >= 0.98


@needs_shared
@pytest.mark.realdata
def test_no_real_row_with_a_placebo_asserts_a_drug():
    """Whoever had the drug or the placebo is not counted as treated with it."""
    agents = pl.read_csv(SHARED / "tcga" / "data_timeline_treatment.txt", separator="\t", infer_schema=False)["AGENT"]
    blinded = agents.filter(agents.str.contains("placebo|versus| vs | or ").fill_null(False)).unique()
    assert len(blinded) > 10
    assert drugs.parse_series(blinded)["drugs"].list.len().sum() == 0
