"""Leaf nodes of CTML: what each key and each of its values means."""

from __future__ import annotations

from typing import Any

import pytest

from kohort.match.criteria import (
    Age,
    And,
    CopyNumber,
    Criterion,
    Diagnosis,
    DiseaseStatus,
    FreeText,
    Leaf,
    Mmr,
    Msi,
    Mutation,
    Not,
    Or,
    PriorTherapy,
    Range,
    Rearrangement,
    Receptor,
    Sex,
    Signature,
    SystemicLines,
    Tmb,
    Unread,
    WildType,
    leaves,
)
from tests.spec.match.match_ctml_text import clinical, genomic, meant, read, rules, trial_of


def age(text: str) -> Age:
    return Age(Range.parse(text), reading="exact")


CLINICAL: list[tuple[dict[str, Any], Criterion]] = [
    ({"age_numerical": ">=18"}, age(">=18")),
    ({"age_numerical": "<.083"}, age("<0.083")),
    ({"AGE_NUMERICAL": "==65"}, age("==65")),
    ({"age_numerical": ">=18, <65"}, age(">=18, <65")),
    ({"age_numerical": "≥ 18 years"}, age(">=18")),
    ({"age_numerical": ">=18 months"}, age(">=1.5")),
    ({"age_expression": ">=12"}, age(">=12")),
    ({"tmb_numerical": ">=10"}, Tmb(Range.parse(">=10"))),
    ({"tmb": "≥10 mut/Mb"}, Tmb(Range.parse(">=10"))),
    ({"tmb_numerical": "<6.5 mutations per megabase"}, Tmb(Range.parse("<6.5"))),
    ({"gender": "Male"}, Sex("male")),
    ({"gender": "!female"}, Not(Sex("female"))),
    ({"oncotree_primary_diagnosis": "_SOLID_"}, Diagnosis(lineage="solid")),
    ({"oncotree_primary_diagnosis": "!_LIQUID_"}, Not(Diagnosis(lineage="liquid"))),
    ({"oncotree_primary_diagnosis": "Lung Adenocarcinoma"}, Diagnosis("LUAD")),
    ({"er_status": "Positive"}, Receptor("ER", "positive")),
    ({"pr_status": "!Positive"}, Not(Receptor("PR", "positive"))),
    ({"her2_status": False}, Receptor("HER2", "negative")),
    ({"er_status": "true"}, Receptor("ER", "positive")),
    ({"her2_status": "Unknown"}, FreeText("HER2 status unknown")),
    ({"disease_status": ["Metastatic", "Locally Advanced"]}, DiseaseStatus(("metastatic", "locally advanced"))),
    ({"disease_status": "Recurrent"}, DiseaseStatus(("recurrent",))),
    (
        {"disease_status": ["!Metastatic", "Advanced"]},
        And(DiseaseStatus(("advanced",)), Not(DiseaseStatus(("metastatic",)))),
    ),
    ({"number_prior_lines_therapy_allowed": "<=2"}, SystemicLines(Range.parse("<=2"))),
    ({"number_prior_lines_therapy_allowed": 1}, SystemicLines(Range.parse("==1"))),
    ({"pdl1_status": "High"}, FreeText("PD-L1 status: High")),
    ({"gender": ["Male", "Female"]}, Or(Sex("male"), Sex("female"))),
]


@pytest.mark.parametrize(("keys", "expected"), CLINICAL)
def test_each_clinical_key_is_a_condition_of_its_own(keys: dict[str, Any], expected: Criterion) -> None:
    """Ages are exact time since birth; the words of dialects are understood."""
    assert meant({"clinical": keys}) == expected


def test_negation_of_a_clinical_node_is_key_by_key() -> None:
    """Male, and not breast."""
    found = meant(clinical(gender="Male", oncotree_primary_diagnosis="!Breast"))
    assert found == And(Sex("male"), Not(Diagnosis("BREAST")))


def test_prior_treatments_name_a_drug() -> None:
    """In a dialect's node too."""
    assert meant({"prior_treatments": {"drug": "Tarceva"}}) == PriorTherapy("erlotinib")
    assert meant({"prior_treatment": {"prior_treatment_agent": "!Erlotinib"}}) == Not(PriorTherapy("erlotinib"))


DIAGNOSES: list[tuple[str, Criterion, list[str]]] = [
    ("Chronic Myelogenous Leukemia", Diagnosis("CML"), []),
    ("Multiple Myeloma", Diagnosis("PCM"), ["outdated-diagnosis-name"]),
    ("Glioblastoma Multiforme", Diagnosis("GB"), ["outdated-diagnosis-name"]),
    ("Acute Lymphoid Leukemia", Or(Diagnosis("BLL"), Diagnosis("TLL")), ["outdated-diagnosis-name"]),
    ("Choriocarcinoma", Or(Diagnosis("BCCA"), Diagnosis("TCCA"), Diagnosis("UCCA")), []),
    ("lung", Diagnosis("LUNG"), ["wrong-case"]),
    ("Ovary", Diagnosis("OVARY"), ["unknown-diagnosis"]),
    ("LUAD", Diagnosis("LUAD"), ["unknown-diagnosis"]),
    ("Colorectal Cancer", Diagnosis(main_type="Colorectal Cancer"), ["unknown-diagnosis"]),
]


@pytest.mark.parametrize(("name", "expected", "expected_rules"), DIAGNOSES)
def test_a_diagnosis_is_a_name_of_oncotree_old_or_new(
    name: str, expected: Criterion, expected_rules: list[str]
) -> None:
    """A name of several types means all of them; codes and main types are understood, and reported."""
    node = clinical(oncotree_primary_diagnosis=name)
    assert meant(node) == expected
    assert rules(node) == expected_rules


def test_an_unknown_diagnosis_is_unknown_for_everybody_also_if_negated() -> None:
    """With a suggestion. The engine would exclude nobody."""
    node = clinical(oncotree_primary_diagnosis="!Lung Adenocarcinom")
    assert isinstance(next(leaves(meant(node))), Unread)
    (problem,) = read(trial_of([node]))[1]
    assert problem.rule == "unknown-diagnosis"
    assert problem.error.remedy.startswith("Did you mean 'Lung Adenocarcinoma'")


GENOMIC: list[tuple[dict[str, Any], Criterion]] = [
    ({"variant_category": "Mutation"}, Mutation("EGFR")),
    ({"protein_change": "p.L858R", "variant_category": "Mutation"}, Mutation("EGFR", protein_change="p.L858R")),
    ({"protein_change": "p.L858R"}, Mutation("EGFR", protein_change="p.L858R")),
    ({"wildcard_protein_change": "p.L858"}, Mutation("EGFR", codon=858)),
    ({"wildcard_protein_change": "L858"}, Mutation("EGFR", codon=858)),
    ({"wildcard_protein_change": "p.L858R"}, Mutation("EGFR", protein_change="p.L858R")),
    ({"protein_change": "p.L858X"}, Mutation("EGFR", codon=858)),
    (
        {"protein_change": "p.L858X", "variant_classification": "Nonsense_Mutation"},
        Mutation("EGFR", protein_change="p.L858*", classes=("Nonsense_Mutation",)),
    ),
    ({"exon": 19, "variant_classification": "In_Frame_Del"}, Mutation("EGFR", exon=19, classes=("In_Frame_Del",))),
    ({"exon": "19"}, Mutation("EGFR", exon=19)),
    ({"exon": [19, 20]}, Or(Mutation("EGFR", exon=19), Mutation("EGFR", exon=20))),
    ({"true_transcript_exon": "19"}, Mutation("EGFR", exon=19)),
    ({"variant_classification": "Frameshift"}, Mutation("EGFR", classes=("Frame_Shift_Del", "Frame_Shift_Ins"))),
    ({"variant_classification": "5'UTR"}, Mutation("EGFR", classes=("5'UTR",))),
    ({"molecular_function": "Activating"}, Mutation("EGFR", function="activating")),
    ({"molecular_function": "Inactivating", "variant_category": "Mutation"}, Mutation("EGFR", function="inactivating")),
    ({"variant_category": "Copy Number Variation"}, CopyNumber("EGFR")),
    ({"cnv_call": "High Amplification"}, CopyNumber("EGFR", "amplification")),
    ({"cnv_call": "Low Amplification"}, CopyNumber("EGFR", "gain")),
    ({"cnv_call": "Homozygous deletion", "variant_category": "CNV"}, CopyNumber("EGFR", "deep_loss")),
    ({"cnv_call": "Heterozygous Deletion"}, CopyNumber("EGFR", "loss")),
    ({"variant_category": "SV"}, Rearrangement("EGFR")),
    ({"variant_category": "Structural Variation"}, Rearrangement("EGFR")),
    (
        {"variant_category": "Structural Variation", "fusion_partner_hugo_symbol": "RAD51"},
        Rearrangement("EGFR", "RAD51"),
    ),
    ({"variant_category": "Structural Variation", "fusion_partner_hugo_symbol": "EGFR"}, Rearrangement("EGFR", "EGFR")),
    (
        {"variant_category": "Structural Variation", "fusion_partner_hugo_symbol": "any_gene"},
        Rearrangement("EGFR", "any"),
    ),
    (
        {"variant_category": "Structural Variation", "fusion_partner_hugo_symbol": "INTERGENIC"},
        Rearrangement("EGFR", "intergenic"),
    ),
    (
        {"hugo_symbol": "any gene", "variant_category": "Structural Variation", "fusion_partner_hugo_symbol": "EGFR"},
        Rearrangement("EGFR", "any"),
    ),
    ({"variant_category": "Any Variation"}, Or(Mutation("EGFR"), CopyNumber("EGFR"), Rearrangement("EGFR"))),
    ({}, Or(Mutation("EGFR"), CopyNumber("EGFR"), Rearrangement("EGFR"))),
    ({"wildtype": True}, WildType("EGFR")),
    ({"variant_category": "WT"}, WildType("EGFR")),
    ({"wildtype": False, "protein_change": "p.L858R"}, Mutation("EGFR", protein_change="p.L858R")),
    ({"hugo_symbol": "None", "mmr_status": "MMR-Deficient"}, Mmr("deficient")),
    ({"hugo_symbol": 1, "mmr_status": "MMR-Proficient"}, Mmr("proficient")),
    ({"ms_status": "MSI-L", "variant_category": "Signature"}, Msi("MSI-L")),
    ({"pole_signature": "Yes"}, Signature("POLE")),
    ({"uva_signature": "No"}, Signature("UV", present=False)),
    ({"tobacco_status": "yes", "variant_category": "Signature"}, Signature("tobacco")),
    ({"match_all": "true", "hugo_symbol": None}, And()),
    ({"display_name": "EGFR L858R", "protein_change": "p.L858R"}, Mutation("EGFR", protein_change="p.L858R")),
]


@pytest.mark.parametrize(("keys", "expected"), GENOMIC)
def test_all_keys_of_a_genomic_node_ask_for_one_alteration(keys: dict[str, Any], expected: Criterion) -> None:
    """The sort of alteration is the category, else what the other keys ask for. The gene here is EGFR."""
    node = {"hugo_symbol": "EGFR"} | keys
    assert meant({"genomic": {name: value for name, value in node.items() if value is not None}}) == expected


def test_one_exclamation_mark_negates_the_whole_genomic_node() -> None:
    """No EGFR T790M: a patient without any EGFR variant meets it."""
    expected = Not(Mutation("EGFR", protein_change="p.T790M"))
    assert meant(genomic(hugo_symbol="EGFR", protein_change="!p.T790M")) == expected
    assert meant(genomic(hugo_symbol="!EGFR", protein_change="!p.T790M")) == expected
    assert meant(genomic(hugo_symbol="EGFR", variant_category="!CNV")) == Not(CopyNumber("EGFR"))


def test_a_key_in_the_wrong_node_is_read_as_in_the_right_one() -> None:
    """Microsatellites in a clinical node, sex in a genomic one."""
    assert meant(clinical(gender="Male", ms_status="MSI-H")) == And(Sex("male"), Msi("MSI-H"))
    assert meant(genomic(hugo_symbol="BRAF", variant_category="Mutation", gender="Male")) == And(
        Mutation("BRAF"), Sex("male")
    )
    assert rules(clinical(ms_status="MSI-H")) == ["key-in-wrong-node"]


def test_what_is_not_understood_narrows_what_is() -> None:
    """A misspelt call: unknown for those with any change of the copy number, false for the others."""
    gene, call = leaves(meant(genomic(hugo_symbol="MET", cnv_call="High Amplication")))
    assert gene == CopyNumber("MET")
    assert isinstance(call, Unread)
    both, odd = leaves(meant(genomic(hugo_symbol="ATM", variant_classification="Missense and Splice_Region")))
    assert both == Mutation("ATM", classes=("Missense_Mutation", "Splice_Region"))
    assert isinstance(odd, Unread)


def test_the_effect_of_a_rearrangement_is_for_people() -> None:
    """No table says it."""
    node = genomic(hugo_symbol="BCR", variant_category="SV", molecular_function="Activating")
    assert meant(node) == And(Rearrangement("BCR"), FreeText("the rearrangement of BCR is activating"))


ODD: list[tuple[dict[str, Any], str]] = [
    (clinical(smoker="yes"), "unknown-key"),
    (genomic(hugo_symbol="BRAF", germline="yes"), "unknown-key"),
    ({"histology": {"x": "y"}}, "unknown-node"),
    (clinical(age_numerical=18), "wrong-type"),
    (clinical(tmb="10"), "wrong-type"),
    (clinical(age_numerical=">=180"), "unknown-value"),
    (clinical(gender="Diverse"), "unknown-value"),
    (clinical(gender=None), "null-node"),
    (clinical(er_status="Weak"), "unknown-value"),
    (clinical(disease_status=["Fast"]), "unknown-value"),
    (genomic(hugo_symbol="BRAF", protein_change="V600"), "unknown-value"),
    (genomic(hugo_symbol="BRAF", wildcard_protein_change="p.600"), "unknown-value"),
    (genomic(hugo_symbol="BRAF", exon="last"), "unknown-value"),
    (genomic(hugo_symbol="BRAF", variant_classification="Misssense_Mut"), "unknown-value"),
    (genomic(hugo_symbol="BRAF", molecular_function="Strong"), "unknown-value"),
    (genomic(hugo_symbol="BRAF", variant_category="Mutatoin"), "unknown-value"),
    (genomic(hugo_symbol="BRAF", variant_category="Signature"), "unknown-value"),
    (genomic(hugo_symbol="BRAF", variant_category="CNV", exon=15), "key-in-wrong-node"),
    (genomic(variant_category="Mutation"), "null-node"),
    (genomic(variant_category="Structural Variation"), "null-node"),
    (genomic(mmr_status="MSI"), "unknown-value"),
    (genomic(pole_signature="cannot_access"), "unknown-value"),
    (genomic(hugo_symbol=None), "null-node"),
    ({"prior_treatments": {"drug": ""}}, "null-node"),
    ({"prior_treatments": {"dose": "5"}}, "unknown-key"),
]


@pytest.mark.parametrize(("node", "rule"), ODD)
def test_what_cannot_be_understood_is_a_problem_and_unknown(node: dict[str, Any], rule: str) -> None:
    """Each with the rule that it breaks, and its place."""
    assert any(isinstance(leaf, Unread) for leaf in leaves(meant(node)))
    errors = [problem for problem in read(trial_of([node]))[1] if problem.severity == "error"]
    assert [problem.rule for problem in errors] == [rule]
    assert errors[0].error.line is not None
    assert str(errors[0].error.column).startswith("treatment_list.step[0].arm[0].match[0]")


def test_gene_symbols_are_those_of_hgnc() -> None:
    """A former one or an alias means the approved one, and is reported; so is an unknown one."""
    assert meant(genomic(hugo_symbol="HER2", variant_category="CNV")) == CopyNumber("ERBB2")
    assert rules(genomic(hugo_symbol="HER2", variant_category="CNV")) == ["alias-gene"]
    assert rules(genomic(hugo_symbol="BRAFF", variant_category="CNV")) == ["unknown-gene"]


def test_a_leaf_is_a_leaf_of_kohort() -> None:
    """So that every rule, explanation and count works on CTML as on Kohort's YAML."""
    for keys, _ in CLINICAL:
        assert all(isinstance(leaf, Leaf) for leaf in leaves(meant({"clinical": keys})))
