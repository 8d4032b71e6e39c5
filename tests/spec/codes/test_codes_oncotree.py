"""Tumour types are looked up by code or name, and know what they are a kind of."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kohort.codes import oncotree
from kohort.errors import InputError, UnknownNameError, UserError
from tests.support import SHARED, needs_shared

PACK = SHARED / "knowledge" / "oncotree_2025_10_03.json"


def test_a_code_names_a_tumour_type_with_its_place_in_the_tree():
    """A node has a name, a main type, a tissue, a parent and a level below the root."""
    node = oncotree.node("LUAD")
    assert node == oncotree.OncoTreeNode(
        "LUAD", "Lung Adenocarcinoma", "Non-Small Cell Lung Cancer", "Lung", "NSCLC", 3
    )


def test_an_unknown_code_has_no_node():
    """`node` answers None where there is no such code."""
    assert oncotree.node("NOT_A_CODE") is None


@pytest.mark.parametrize("text", ["LUAD", "luad", "Lung Adenocarcinoma", " lung  ADENOCARCINOMA "])
def test_codes_and_names_are_found_in_any_case(text: str):
    """`find` takes a code or a full name and does not mind case or blanks."""
    assert oncotree.find(text).code == "LUAD"


def test_british_spelling_finds_the_name():
    """``tumour`` is read as OncoTree's ``tumor``."""
    assert oncotree.find("Gastrointestinal Stromal Tumour").code == "GIST"


def test_a_name_that_does_not_exist_is_refused_with_near_ones():
    """The message of an unknown name suggests the nearest that exist."""
    with pytest.raises(UnknownNameError, match="Lung Adenocarcinoma"):
        oncotree.find("Lung Adenocarcinomma")


def test_a_name_of_several_codes_is_refused_and_the_codes_are_listed():
    """A name that several codes share is not guessed."""
    with pytest.raises(UserError, match=r"belongs to 2 codes.*EMBCA, OEC"):
        _tree_with_twins().find("embryonal carcinoma")


def test_a_type_is_a_kind_of_itself_and_of_everything_above():
    """`is_a` goes up to the root."""
    assert oncotree.is_a("LUAD", "LUAD")
    assert oncotree.is_a("LUAD", "NSCLC")
    assert oncotree.is_a("LUAD", "LUNG")
    assert oncotree.is_a("LUAD", oncotree.ROOT)
    assert not oncotree.is_a("NSCLC", "LUAD")
    assert not oncotree.is_a("LUAD", "BREAST")


def test_is_a_refuses_a_code_that_does_not_exist():
    """A misspelt code must not match nobody in silence."""
    with pytest.raises(UnknownNameError):
        oncotree.is_a("LUAD", "LUGN")


def test_descendants_hold_the_code_itself():
    """The kinds of a type are the type and all below it."""
    assert oncotree.descendants("COADREAD") == {"COADREAD", "COAD", "READ", "CAIS", "MACR", "SRCCR"}


def test_children_are_the_types_one_step_below():
    """The direct kinds of a type leave out the type and what lies deeper."""
    assert oncotree.tree().children("OM") == ("CM", "UM")


@pytest.mark.parametrize(("code", "liquid"), [("AML", True), ("DLBCLNOS", True), ("LUAD", False), ("CUP", False)])
def test_liquid_means_myeloid_or_lymphoid(code: str, liquid: bool):
    """Everything else is solid, cancer of unknown primary as well."""
    assert oncotree.is_liquid(code) is liquid


@pytest.mark.parametrize(
    ("old", "now"), [("DLBCL", "DLBCLNOS"), ("MM", "PCM"), ("CLL", "CLLSLL"), ("aCML", "ACML"), ("LUAD", "LUAD")]
)
def test_a_renamed_or_merged_code_leads_to_its_successor(old: str, now: str):
    """Studies of earlier years keep their codes readable."""
    assert oncotree.canonical(old) == now
    assert oncotree.find(old).code == now


def test_a_withdrawn_code_is_not_guessed():
    """GBM had tumours with and without IDH mutation; its successor GB has only those without."""
    with pytest.raises(UserError, match="successors: GB"):
        oncotree.canonical("GBM")
    assert oncotree.successors("ALL") == ("BLL", "TLL")
    assert oncotree.successors("LUAD") == ()


def test_a_withdrawn_code_is_refused_by_find_too():
    """`find` says what to choose from instead of saying that the code does not exist."""
    with pytest.raises(UserError, match="withdrawn"):
        oncotree.find("GBM")


def test_the_starter_tree_says_where_it_is_from():
    """Source, version, licence and sum are part of every tree."""
    source = oncotree.packaged().source
    assert (source.name, source.version, source.licence) == ("OncoTree", oncotree.VERSION, "CC BY 4.0")
    assert len(source.sha256) == 64


def test_all_codes_leave_out_the_root():
    """The root is no tumour type."""
    assert oncotree.ROOT not in oncotree.all_codes()
    assert {"LUAD", "GB", "AML"} <= oncotree.all_codes()


def test_a_pack_is_read_from_the_nested_json(tmp_path: Path):
    """A site may keep the complete tree beside Kohort, in OncoTree's own format."""
    path = tmp_path / "oncotree_2030_01_31.json"
    path.write_text(json.dumps(_nested()), encoding="utf-8")
    tree = oncotree.read(path)
    assert tree.source.version == "2030-01-31"
    assert tree.find("oldlung").code == "LUNG"
    assert tree.node("LUNG") == oncotree.OncoTreeNode("LUNG", "Lung", "Lung Cancer", "Lung", "TISSUE", 1)
    with pytest.raises(UserError, match="successors: LUNG"):
        tree.canonical("SPLIT")


@pytest.mark.parametrize("content", ["", "[]", '{"TISSUE": {"code": "TISSUE"}}'])
def test_a_pack_that_is_no_tree_is_refused_with_its_path(tmp_path: Path, content: str):
    """A broken pack names the file and where to get a whole one."""
    path = tmp_path / "oncotree.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=r"oncotree\.json.*nested JSON"):
        oncotree.read(path)


def test_a_missing_pack_is_refused_with_its_path(tmp_path: Path):
    """A pack that cannot be read names the file."""
    with pytest.raises(InputError, match="nowhere"):
        oncotree.read(tmp_path / "nowhere.json")


def test_the_knowledge_folder_gives_the_pack_in_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The newest file by name in the folder of KOHORT_KNOWLEDGE is the tree in use."""
    for day in ("2029_01_31", "2030_01_31"):
        (tmp_path / f"oncotree_{day}.json").write_text(json.dumps(_nested()), encoding="utf-8")
    monkeypatch.setenv("KOHORT_KNOWLEDGE", str(tmp_path))
    oncotree.tree.cache_clear()
    try:
        assert oncotree.tree().source.version == "2030-01-31"
        assert oncotree.all_codes() == {"LUNG"}
    finally:
        oncotree.tree.cache_clear()


def test_a_knowledge_folder_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A wrong setting is said, not passed over."""
    monkeypatch.setenv("KOHORT_KNOWLEDGE", str(tmp_path / "gone"))
    oncotree.tree.cache_clear()
    with pytest.raises(InputError, match="knowledge folder"):
        oncotree.tree()
    oncotree.tree.cache_clear()


def test_a_node_without_a_place_cannot_be_made():
    """Only the root has level 0 and no parent; every node has a code and a name."""
    with pytest.raises(ValueError, match="only the root"):
        oncotree.OncoTreeNode("A", "A", "", "", "", 1)
    with pytest.raises(ValueError, match="code and a name"):
        oncotree.OncoTreeNode("", "A", "", "", "TISSUE", 1)


def test_a_tree_with_a_missing_parent_cannot_be_made():
    """A tree is whole or is not made."""
    orphan = oncotree.OncoTreeNode("A", "A", "", "", "B", 2)
    with pytest.raises(ValueError, match="parent B is missing"):
        oncotree.OncoTree(oncotree.packaged().source, {"A": orphan})


@needs_shared
@pytest.mark.realdata
def test_the_starter_tree_agrees_with_the_complete_one():
    """Every starter node, former and withdrawn code stands so in the release it follows."""
    whole, start = oncotree.read(PACK), oncotree.packaged()
    assert len(whole.nodes) == 898
    assert {code: whole.node(code) for code in start.nodes} == dict(start.nodes)
    assert dict(start.former) == dict(whole.former)
    assert {old: sorted(new) for old, new in start.withdrawn.items()} == {
        old: sorted(new) for old, new in whole.withdrawn.items()
    }


@needs_shared
@pytest.mark.realdata
def test_the_complete_tree_lists_the_codes_of_a_shared_name():
    """Nine names belong to an ovarian and a testicular type."""
    with pytest.raises(UserError, match="Use one of the codes"):
        oncotree.read(PACK).find("Embryonal Carcinoma")


def _nested() -> dict[str, object]:
    lung = _entry("LUNG", "Lung", "Lung Cancer", "TISSUE", 1)
    lung |= {"history": ["OLDLUNG"], "revocations": ["SPLIT"]}
    root = _entry("TISSUE", "Tissue", None, None, 0) | {"tissue": None, "children": {"LUNG": lung}}
    return {"TISSUE": root}


def _entry(code: str, name: str, main_type: str | None, parent: str | None, level: int) -> dict[str, object]:
    lists: dict[str, object] = {"history": [], "precursors": [], "revocations": [], "children": {}}
    return lists | {
        "code": code, "name": name, "mainType": main_type, "tissue": "Lung", "parent": parent, "level": level
    }  # fmt: skip


def _tree_with_twins() -> oncotree.OncoTree:
    root = oncotree.OncoTreeNode("TISSUE", "Tissue", "", "", "", 0)
    twins = [oncotree.OncoTreeNode(c, "Embryonal Carcinoma", "", "", "TISSUE", 1) for c in ("EMBCA", "OEC")]
    return oncotree.OncoTree(oncotree.packaged().source, {n.code: n for n in (root, *twins)})
