"""AMP/ASCO/CAP tiers say how strong the evidence is for an alteration in the patient's tumour type.

The rules follow Li et al., J Mol Diagn 2017, doi 10.1016/j.jmoldx.2016.10.002; each test cites the sentence it stands
on, in other words. PCGR since version 2.3.0 counts sensitivity only; the guideline, and Kohort, count resistance,
prognosis and diagnosis too.
"""

from __future__ import annotations

import polars as pl
import pytest

from kohort.profile.ranking.amp import AMP_RULES, AMP_TIERS
from kohort.profile.ranking.ranks import RANK_COLUMNS, rank
from kohort.profile.ranking.unmatched import UNMATCHED_RULES, tier_of_unmatched
from tests.spec.profile.evidence_rows import evidence, placed, ranked


def tier(**row: object) -> tuple[str | None, str]:
    return placed("tier", **row)


@pytest.mark.parametrize("strength", ["approved", "guideline"])
def test_a_label_or_guideline_in_this_tumour_type_is_tier_i_a(strength: str) -> None:
    """Level A: approved by a regulator, or in professional guidelines, for this tumour type."""
    assert tier(strength=strength) == ("I-A", "AMP-IA-1")
    assert tier(strength=strength, tumour_relation="descendant") == ("I-A", "AMP-IA-1")
    assert tier(strength=strength, tumour_relation="any") == ("I-A", "AMP-IA-2")


def test_a_well_powered_study_in_this_tumour_type_is_tier_i_b() -> None:
    """Level B: well-powered studies with consensus of experts; a prospective trial is what counts as one here."""
    assert tier(strength="trial") == ("I-B", "AMP-IB-1")
    assert tier(strength="trial", tumour_relation="any") == ("I-B", "AMP-IB-2")


def test_what_is_established_in_another_tumour_type_is_tier_ii_c() -> None:
    """Level C: therapies approved for other tumour types, or under investigation."""
    assert tier(strength="approved", tumour_relation="other") == ("II-C", "AMP-IIC-1")
    assert tier(strength="guideline", tumour_relation="related") == ("II-C", "AMP-IIC-1")
    assert tier(strength="trial", tumour_relation="other") == ("II-C", "AMP-IIC-2")


def test_several_small_studies_that_agree_are_tier_ii_c() -> None:
    """Level C: several small published studies with some consensus; one alone is level D."""
    small = {"strength": "clinical"}
    assert ranked(small)["tier"].to_list() == ["II-D"]
    both = ranked(small, small)
    assert both["tier"].to_list() == ["II-C", "II-C"]
    assert both["tier_rule"].unique().to_list() == ["AMP-IIC-3: several small studies in this tumour type agree"]


@pytest.mark.parametrize(
    "other",
    [
        {"source_id": "PubMed: 1"},
        {"drugs": "trametinib"},
        {"direction": "resistant"},
        {"alteration": "p.V600K", "evidence_alteration": "p.V600K"},
        {"tumour_relation": "other"},
        {"strength": "case"},
        {"match_level": "gene"},
        {"open_condition": "TP53 was not tested"},
    ],
    ids=lambda row: next(iter(row)),
)
def test_studies_agree_only_on_one_drug_alteration_and_tumour_type(other: dict[str, object]) -> None:
    """The same paper twice, another drug, direction, alteration or tumour type, or a weaker row is no second study."""
    found = ranked({"strength": "clinical"}, {"strength": "clinical"} | other)
    assert found["tier"][0] == "II-D"


def test_two_sources_in_one_row_are_two_studies() -> None:
    """A row that merges two papers counts both; a trial that agrees counts too."""
    assert tier(strength="clinical", source_id="PMID:11; PMID:12") == ("II-C", "AMP-IIC-3")
    assert ranked({"strength": "clinical"}, {"strength": "trial"})["tier"].to_list() == ["II-C", "I-B"]


@pytest.mark.parametrize(
    ("strength", "rule"), [("clinical", "AMP-IID-1"), ("case", "AMP-IID-2"), ("preclinical", "AMP-IID-3")]
)
def test_small_studies_cases_and_models_in_this_tumour_type_are_tier_ii_d(strength: str, rule: str) -> None:
    """Level D: preclinical work, or a few case reports without consensus."""
    assert tier(strength=strength) == ("II-D", rule)


@pytest.mark.parametrize("strength", ["clinical", "case", "preclinical"])
@pytest.mark.parametrize("relation", ["any", "ancestor", "related", "unknown", "other"])
def test_weak_evidence_that_is_not_of_this_tumour_type_is_tier_iii(strength: str, relation: str) -> None:
    """PCGR's reading: weak evidence of another tumour type, or of none in particular, is of unknown significance."""
    assert tier(strength=strength, tumour_relation=relation) == ("III", "AMP-III-4")


def test_reasoning_alone_is_tier_iii() -> None:
    """Tier III: no convincing published evidence. A strength that is not known counts as reasoning."""
    assert tier(strength="inferential") == ("III", "AMP-III-5")
    assert tier(strength=None) == ("III", "AMP-III-5")


@pytest.mark.parametrize("relation", ["unknown", "ancestor", "related"])
def test_a_tumour_type_that_is_not_surely_the_same_counts_as_another_and_says_so(relation: str) -> None:
    """Not recorded, recorded less finely, or only related: never taken for this tumour type."""
    found = ranked({"strength": "approved", "tumour_relation": relation})
    assert found["tier"][0] == "II-C"
    words = {"unknown": "not known", "ancestor": "less finely", "related": "related, not the same"}
    assert words[relation] in found["tier_rule"][0]


@pytest.mark.parametrize("strength", ["approved", "guideline", "trial"])
def test_a_match_of_the_whole_gene_raises_no_tier(strength: str) -> None:
    """What is known of the gene says nothing of a variant of unknown meaning."""
    assert tier(strength=strength, match_level="gene") == ("III", "AMP-III-1")


def test_an_open_condition_keeps_a_row_in_tier_iii_and_is_named() -> None:
    """``EGFR L858R and not T790M`` holds only if somebody looked for T790M."""
    found = ranked({"strength": "approved", "open_condition": "whether EGFR p.T790M is absent"})
    assert found["tier"][0] == "III"
    assert found["tier_rule"][0] == "AMP-III-2: a condition of the evidence is open (whether EGFR p.T790M is absent)"


def test_an_unclear_direction_has_no_tier() -> None:
    """A statement that does not plainly support anything is of unknown significance."""
    assert tier(strength="guideline", direction="unclear") == ("III", "AMP-III-3")


@pytest.mark.parametrize(
    ("evidence_type", "direction"),
    [
        ("predictive", "resistant"),
        ("prognostic", "poor outcome"),
        ("prognostic", "better outcome"),
        ("diagnostic", "supports diagnosis"),
        ("diagnostic", "against diagnosis"),
    ],
)
def test_resistance_prognosis_and_diagnosis_count_like_sensitivity(evidence_type: str, direction: str) -> None:
    """The guideline's levels hold for therapeutic, prognostic and diagnostic significance alike."""
    assert tier(strength="guideline", evidence_type=evidence_type, direction=direction)[0] == "I-A"


def test_that_a_change_drives_tumours_is_no_clinical_evidence_yet() -> None:
    """Oncogenic without a link to treatment, outcome or diagnosis is tier III; benign is tier IV."""
    assert tier(evidence_type="oncogenic", direction="oncogenic") == ("III", "AMP-III-6")
    assert tier(evidence_type="oncogenic", direction="benign") == ("IV", "AMP-IV-1")
    assert tier(evidence_type="oncogenic", direction="benign", match_level="codon") == ("III", "AMP-III-7")


def test_inherited_risk_has_no_tier() -> None:
    """The guideline is about somatic variants; germline findings have a table of their own."""
    assert tier(evidence_type="predisposing", direction="predisposing") == (None, "AMP-0-1")


def test_a_local_cohort_alone_carries_no_more_than_tier_ii_c() -> None:
    """One's own results stand beside the literature with responders of patients; 8 or 24 patients are no consensus."""
    cohort = {"level_system": "Cohort", "level": "positive", "strength": "trial", "responders": 5, "patients": 24}
    assert tier(**cohort) == ("II-C", "AMP-IIC-4")
    running = cohort | {"level": "running", "strength": "clinical"}
    assert tier(**running) == ("II-D", "AMP-IID-1")
    beside = ranked({"strength": "clinical"}, running)
    assert beside["tier"].to_list() == ["II-C", "II-C"]
    assert beside["responders"].to_list() == [None, 5]


def test_ranking_keeps_every_row_in_its_place() -> None:
    """Rows and their order stay; ranking again changes nothing."""
    found = evidence({"strength": "case"}, {"strength": "approved"}, {"match_level": "gene"})
    once = rank(found)
    assert once.select(found.columns).equals(found)
    assert once.columns == [*found.columns, *RANK_COLUMNS]
    assert rank(once).equals(once)
    assert rank(found.clear()).height == 0


def unmatched(**row: object) -> tuple[str | None, str]:
    base = dict.fromkeys(("gene_symbol", "partner_symbol", "kind", "significance"), None)
    schema = dict.fromkeys(base, pl.String()) | {"population_frequency": pl.Float64()}
    found = tier_of_unmatched(pl.DataFrame([base | {"population_frequency": None} | row], schema=schema))
    return found["tier"][0], found["tier_rule"][0].split(":")[0]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"gene_symbol": "KRAS", "kind": "missense", "population_frequency": 0.0002}, ("III", "AMP-III-21")),
        ({"gene_symbol": "PTEN", "kind": "nonsense"}, ("III", "AMP-III-22")),
        ({"gene_symbol": "ERBB2", "kind": "amplification"}, ("III", "AMP-III-23")),
        ({"gene_symbol": "PTEN", "kind": "deletion"}, ("III", "AMP-III-24")),
        ({"gene_symbol": "TTN", "kind": "fusion", "partner_symbol": "ALK"}, ("III", "AMP-III-25")),
        ({"gene_symbol": "APC", "kind": "missense", "population_frequency": 0.02, "significance": "Pathogenic"},
         ("III", "AMP-III-26")),
        ({"gene_symbol": "KRAS", "kind": "missense", "significance": "Likely_benign"}, ("IV", "AMP-IV-21")),
        ({"gene_symbol": "KRAS", "kind": "missense", "significance": "Benign/Likely_benign"}, ("IV", "AMP-IV-21")),
        ({"gene_symbol": "KRAS", "kind": "missense",
          "significance": "Conflicting_interpretations_of_pathogenicity"}, ("III", "AMP-III-22")),
        ({"gene_symbol": "KRAS", "kind": "missense", "population_frequency": 0.01}, ("IV", "AMP-IV-22")),
        ({"gene_symbol": "TTN", "kind": "missense", "population_frequency": 0.2}, ("IV", "AMP-IV-22")),
        ({"gene_symbol": "KRAS", "kind": "synonymous"}, ("IV", "AMP-IV-23")),
        ({"gene_symbol": "TTN", "kind": "missense"}, (None, "AMP-0-21")),
        ({"gene_symbol": "ERBB2", "kind": "deletion"}, (None, "AMP-0-21")),
        ({"gene_symbol": "KRAS", "kind": "missense", "population_frequency": 0.001}, (None, "AMP-0-22")),
        ({"gene_symbol": "KRAS", "kind": "text"}, (None, "AMP-0-23")),
        ({"gene_symbol": "KRAS", "kind": None}, (None, "AMP-0-23")),
    ],
)  # fmt: skip
def test_an_alteration_without_evidence_is_unknown_or_benign(
    row: dict[str, object], expected: tuple[str | None, str]
) -> None:
    """Tier III: not frequent in the population and in a gene of cancer (PCGR: gnomAD below 0.001). Tier IV: frequent
    in the population (1 % or more), called benign, or silent.
    """
    assert unmatched(**row) == expected


def test_each_rule_names_its_tier_its_words_and_the_sentence_it_stands_on() -> None:
    """A reader can look every rule up."""
    for rules in (AMP_RULES, UNMATCHED_RULES):
        for name, rule in rules.items():
            assert rule.value in {*AMP_TIERS, None}
            assert rule.words
            assert rule.basis.endswith(".")
            stem = (rule.value or "0").replace("-", "")
            assert name.startswith(f"AMP-{stem}-")
