"""Small behaviour of the reader of CTML and of documents with places."""

from __future__ import annotations

from pathlib import Path

import pytest

from kohort.codes import oncotree
from kohort.errors import InputError, UserError
from kohort.match import read_clause, read_trials
from kohort.match.criteria import And, Criterion, FreeText, Not, Or, Range, Sex, leaves
from kohort.match.trials.ctml.expressions import age_range, burden_range, engine_range
from kohort.match.trials.ctml.views import ALWAYS, NEVER, View, every, opposite
from kohort.match.trials.documents import documents
from kohort.match.trials.located import Located
from tests.spec.match.match_ctml_text import arm_of, clinical, engine, genomic, meant, read, rules, trial_of


def values(path: Path) -> list[object]:
    return [found.value if isinstance(found, Located) else str(found) for found in documents(path)]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{"a": 1,\n "a": 2}', 2, "'a' stands twice"),
        ('{\n"a" 1}', 2, "':' is expected"),
        ("[1,\n2", 2, "',' is expected"),
        ("{a: 1}", 1, "a key in quotation marks"),
        ('{"a": "open}', 1, "not closed"),
        ("nul", 1, "a value is expected"),
        ("[" * 100_000, None, "nested too deep"),
    ],
)
def test_json_that_is_none_is_reported_where_it_breaks(tmp_path: Path, text: str, line: int | None, said: str) -> None:
    """With its line."""
    path = tmp_path / "a.json"
    path.write_text(text)
    (error,) = documents(path)
    assert isinstance(error, InputError)
    assert error.line == line
    assert said in str(error)


def test_json_values_keep_their_type_spelling_and_place(tmp_path: Path) -> None:
    """Numbers, texts, truths and nothing."""
    path = tmp_path / "a.json"
    path.write_text('{"a": 1.0, "b": "1",\n"c": [true, null, -2e1, {}, []]}')
    (document,) = documents(path)
    assert isinstance(document, Located)
    found = document.mapping()
    assert (found["a"].value, found["a"].written, found["b"].value) == (1.0, "1.0", "1")
    assert [item.value for item in found["c"].items()] == [True, None, -20.0, {}, []]
    assert [(item.key, item.line) for item in found["c"].items()][:2] == [("c[0]", 2), ("c[1]", 2)]


def test_a_broken_document_hides_no_other(tmp_path: Path) -> None:
    """In YAML and in JSON; lines count from the top of the file."""
    path = tmp_path / "a.yaml"
    path.write_text("a: 1\n---\nb: [\n---\nc: &x 1\nd: *x\n---\ne: 2\n")
    good, bracket, alias, last = documents(path)
    assert isinstance(good, Located)
    assert isinstance(last, Located)
    assert (last.line, last.mapping()["e"].line) == (8, 8)
    assert isinstance(bracket, InputError)
    assert isinstance(alias, InputError)
    assert alias.line == 6
    path = tmp_path / "a.json"
    path.write_text('{"a": }\n{"b": 1}\n')
    broken, read_after = documents(path)
    assert isinstance(broken, InputError)
    assert isinstance(read_after, Located)
    assert read_after.line == 2


def test_an_exclamation_mark_begins_a_text(tmp_path: Path) -> None:
    """YAML takes it as a tag."""
    path = tmp_path / "a.yaml"
    path.write_text("- !Mutation\n- !Renal Cell Carcinoma\n- '!quoted'\n")
    (document,) = documents(path)
    assert isinstance(document, Located)
    assert [item.value for item in document.items()] == ["!Mutation", "!Renal Cell Carcinoma", "!quoted"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [(">=18", ">=18"), ("18>=", ">=18"), ("<.5", "<0.5"), ("==3.", "==3")],
)
def test_the_engine_gathers_operator_and_digits(text: str, expected: str) -> None:
    """In whatever order they stand."""
    assert engine_range(text) == Range.parse(expected)


@pytest.mark.parametrize("text", [18, None, "18", ">= 18", "=>18", ">=", ">=1.2.3", "!>=18"])
def test_the_engine_fails_at_other_comparisons(text: object) -> None:
    """And ends its run."""
    assert engine_range(text) is None


def test_comparisons_are_read_with_their_units() -> None:
    """Months become parts of a year; both units at once are refused."""
    assert age_range(">=6 months") == Range(low=0.5)
    assert age_range("<65 y") == Range(high=65, with_high=False)
    assert burden_range(">10 per Mb") == Range(low=10, with_low=False)
    with pytest.raises(UserError, match="mixes months and years"):
        age_range(">=1 year 6 months")
    with pytest.raises(UserError, match="which side"):
        burden_range("10 mut/Mb")


def test_an_age_beyond_all_ages_is_never_or_always_met_by_the_engine() -> None:
    """Nobody is 180."""
    assert engine(clinical(age_numerical=">=180")) == NEVER
    assert engine(clinical(age_numerical="<180")).words.startswith("age <150")


def test_opposites_and_empty_conjunctions() -> None:
    """Twice not is not at all; nothing asked is a path that asks nothing."""
    assert opposite(opposite(Sex("male"))) == Sex("male")
    assert (opposite(ALWAYS), opposite(NEVER)) == (NEVER, ALWAYS)
    assert every([]) == View(And(), Or(), skips=True)


def test_empty_nodes_ask_nothing() -> None:
    """They are reported."""
    male = clinical(gender="Male")
    for empty in ({"clinical": {}}, {}, genomic(display_name="x")):
        assert meant(male, empty) == engine(male, empty) == Sex("male")
    assert rules(male, {"clinical": {}}, {}) == ["null-node", "null-node"]


def test_conditions_that_are_no_nodes_end_the_engines_run() -> None:
    """A null and a text among the conditions."""
    for odd in (None, "male"):
        assert engine(clinical(gender="Male"), odd) == NEVER
        assert "null-node" in rules(odd)
    assert "wrong-type" in rules({"and": "male"})


def test_comments_ask_nothing() -> None:
    """But the engine compares them, where it does not know them."""
    assert meant(clinical(gender="Male", display_name="men")) == Sex("male")
    assert engine(clinical(gender="Male", display_name="men")) == NEVER
    node = genomic(hugo_symbol="BRAF", variant_category="CNV", matching_examples="x")
    assert rules(node) == ["unknown-key"]


def test_lists_of_negated_values_exclude_each() -> None:
    """In a clinical and in a genomic node."""
    assert meant(clinical(gender=["!Male", "!Female"])) == And(Not(Sex("male")), Not(Sex("female")))
    found = meant(genomic(hugo_symbol="EGFR", exon=["!19", "!20"]))
    assert [type(part) for part in getattr(found, "parts", ())] == [Not, Not]


def test_signatures_beside_another_category_are_never_found() -> None:
    """The engine would need one document that is both."""
    assert engine(genomic(mmr_status="MMR-Deficient", variant_category="Mutation")) == NEVER
    assert engine(genomic(ms_status=None)) == NEVER


def test_a_rearrangement_of_any_gene_with_any_is_for_people() -> None:
    """No leaf asks for it."""
    both = {"hugo_symbol": "any_gene", "fusion_partner_hugo_symbol": "intergenic"}
    node = genomic(variant_category="Structural Variation", **both)
    assert meant(node) == FreeText("a rearrangement of any gene and a place between genes")
    plain = genomic(variant_category="SV", fusion_partner_hugo_symbol="ALK")
    assert (meant(plain).words, engine(plain)) == ("rearrangement of ALK", NEVER)


@pytest.mark.parametrize(
    ("keys", "words", "as_the_engine"),
    [
        ({"fusion_partner_hugo_symbol": "ALK"}, "rearrangement of ALK with EML4", NEVER),
        ({"variant_category": "Any Variation", "exon": 2}, "EML4 in exon 2", None),
        ({"variant_category": "Any Variation", "cnv_call": "Gain"}, "EML4 gain", None),
    ],
)
def test_keys_tell_the_sort_of_alteration(keys: dict[str, object], words: str, as_the_engine: Criterion | None) -> None:
    """Where no category does, or one of any sort."""
    node = genomic(hugo_symbol="EML4", **keys)
    assert meant(node).words == words
    assert engine(node) == (meant(node) if as_the_engine is None else as_the_engine)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (genomic(hugo_symbol="BRAF", wildcard_protein_change=600), ["stops-matchengine", "unknown-value"]),
        (clinical(age_numerical=None), ["null-node", "stops-matchengine"]),
        (clinical(her2_status=None), ["null-node"]),
        (clinical(her2_status=["Positive", "Negative"]), ["ignored-by-matchengine"] * 2),
        (clinical(disease_status=[None]), ["ignored-by-matchengine", "null-node"]),
        (clinical(number_prior_lines_therapy_allowed="few"), ["unknown-value", "unknown-key"]),
        (clinical(oncotree_primary_diagnosis="ALL"), ["unknown-diagnosis"]),
        (genomic(exon="19", gender="male"), ["key-in-wrong-node", "null-node", "wrong-case"]),
    ],
)
def test_odd_values_break_these_rules(node: dict[str, object], expected: list[str]) -> None:
    """In the order in which they are found."""
    assert sorted(rules(node)) == sorted(expected)


def test_a_name_of_several_genes_is_unknown() -> None:
    """TRK is NTRK1 and TPM3."""
    _, problems = read(trial_of([genomic(hugo_symbol="TRK", variant_category="CNV")]))
    assert [problem.rule for problem in problems] == ["unknown-gene"]


def test_a_change_of_a_gene_that_no_mutation_has_is_unknown() -> None:
    """What the leaf refuses, the reader reports."""
    assert rules(genomic(hugo_symbol="not a gene", variant_category="Mutation")) == ["unknown-gene", "unknown-value"]


def test_odd_lists_of_steps_and_arms_are_reported() -> None:
    """They hold no arms."""
    for odd in ({"step": {}}, {"step": [None]}, {"step": [{"arm": [7]}]}):
        trials, problems = read(trial_of([], treatment_list=odd))
        assert trials == []
        assert problems[-1].rule == "no-match-clause"


def test_a_clause_at_the_top_alone_makes_the_trial_one_arm() -> None:
    """The engine finds nobody for it."""
    trial = trial_of([], match=[clinical(gender="Male")])
    (found,), _ = read(trial)
    assert [(arm.id, arm.criteria, arm.matchengine) for arm in found.arms] == [("trial", Sex("male"), NEVER)]
    assert read(trial_of([clinical(gender="Male")], match=[]))[0][0].arms[0].criteria == Sex("male")


def test_a_protocol_number_without_letters_or_digits_still_gives_a_name() -> None:
    """Of last resort."""
    assert read(trial_of([clinical(gender="Male")], protocol_no="--"))[0][0].id == "trial"


def test_two_arms_with_one_step_less_their_ids() -> None:
    """An internal id that is no identifier is not used."""
    trial = trial_of([clinical(gender="Male")])
    trial["treatment_list"]["step"][0]["arm"][0]["arm_internal_id"] = "a b"
    assert read(trial)[0][0].arms[0].id == "step1.arm1"
    assert arm_of([clinical(gender="Male")]).id == "arm-1"


def test_a_clause_may_be_a_list_or_stand_under_its_key(tmp_path: Path) -> None:
    """As in a trial."""
    for text in ('[{"or": [{"clinical": {"gender": "Male"}}]}]', '{"match": [{"clinical": {"gender": "Male"}}]}'):
        path = tmp_path / "clause.json"
        path.write_text(text)
        assert list(leaves(read_clause(path))) == [Sex("male")]


def test_a_list_of_other_things_is_no_list_of_trials(tmp_path: Path) -> None:
    """It is one document that is no trial."""
    path = tmp_path / "list.json"
    path.write_text('[{"x": 1}]')
    trials, (problem,) = read_trials(path)
    assert trials == []
    assert problem.rule == "unreadable"


def test_former_names_stay_within_the_tree_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """A tree of another release may have the name still, or lack a code."""
    assert oncotree.former_name("Multiple Myeloma") == oncotree.FormerName("Multiple Myeloma", ("PCM",), False)
    assert oncotree.former_name("Lung") is None
    source, nodes = oncotree.tree().source, dict(oncotree.tree().nodes)
    del nodes["PCM"]
    less = {code: node for code, node in nodes.items() if node.parent != "PCM"}
    monkeypatch.setattr(oncotree, "tree", lambda: oncotree.OncoTree(source, less))
    assert oncotree.former_name("Multiple Myeloma") is None
