"""Alterations joined by and, or and not are read into one shape.

That shape is the disjunctive normal form: alternatives of compounds of single alterations, some of them absent.
"""

from __future__ import annotations

import pytest

from kohort.profile import normalise

NEGATED = [
    # as written, gene, canonical text
    ("NOT V600E", "BRAF", "not p.V600E"),
    ("no V600E", "BRAF", "not p.V600E"),
    ("V600E negative", "BRAF", "not p.V600E"),
    ("BRAF V600E-negative", None, "not p.V600E"),
    ("without amplification", "MET", "not amplification"),
    ("absence of amplification", "MET", "not amplification"),
    ("fusion negative", "ALK", "not fusion"),
    ("ALK fusion negative", "ALK", "not fusion"),
    ("NOT KRAS Mutation", None, "not mutation"),
    ("not MSI-H", None, "MSS"),
    ("not MSS", None, "MSI-H"),
    ("not not V600E", "BRAF", "p.V600E"),
]

JOINED = [
    ("T790M and L858R", "EGFR", "p.L858R and p.T790M"),
    ("L858R+T790M", "EGFR", "p.L858R and p.T790M"),
    ("EGFR L858R AND EGFR T790M", None, "p.L858R and p.T790M"),
    ("KRAS G12C or G12D", None, "p.G12C or p.G12D"),
    ("BRAF (V600E or V600K)", None, "p.V600E or p.V600K"),
    ("non-V600", "BRAF", "mutation and not p.V600"),
    ("BRAF Non-V600", None, "mutation and not p.V600"),
    ("Non-P-Loop Mutation", "ABL1", "mutation and not P-loop mutation"),
    ("not (V600E and amplification)", "BRAF", "not amplification or not p.V600E"),
    ("not (V600E or amplification)", "BRAF", "not amplification and not p.V600E"),
    ("NOT KRAS Mutation AND BRAF V600E", "BRAF", "p.V600E and not KRAS mutation"),
    ("NOT KRAS Mutation AND BRAF V600E", None, "BRAF p.V600E and not KRAS mutation"),
    ("(KRAS G12C or KRAS G12D) and not TP53 mutation", None,
     "KRAS p.G12C and not TP53 mutation or KRAS p.G12D and not TP53 mutation"),
    ("(KRAS G12C or KRAS G12D) and not TP53 mutation", "KRAS",
     "p.G12C and not TP53 mutation or p.G12D and not TP53 mutation"),
    ("(ALK Fusion OR ROS1 Fusion) AND NOT ALK G1202R", None,
     "ALK fusion and not ALK p.G1202R or not ALK p.G1202R and ROS1 fusion"),
    ("BRAF V600E AND NOT (KRAS mutation OR NRAS mutation)", None,
     "BRAF p.V600E and not KRAS mutation and not NRAS mutation"),
    ("EML4::ALK Fusion AND ALK L1196M", None, "EML4::ALK and p.L1196M"),
    ("BRAF V600E and MSI-H", None, "MSI-H and p.V600E"),
    ("RSF1 amplification and BRAF V600E", None, "BRAF p.V600E and RSF1 amplification"),
]  # fmt: skip

UNREADABLE = [
    ("V600E and garbage", "BRAF"),
    ("not garbage", "BRAF"),
    ("V600E negative negative garbage", "BRAF"),
    ("ALK negative", "ALK"),
    ("non-garbage", "BRAF"),
    ("non-amplification", "BRAF"),
    ("(V600E", "BRAF"),
    ("V600E) and (V600K", "BRAF"),
    ("((((((((((((((((((((((((V600E))))))))))))))))))))))))", "BRAF"),
    (" and ".join(f"(V{n}E or V{n}K)" for n in range(101, 108)), "BRAF"),
]


@pytest.mark.parametrize(("written", "gene", "text"), NEGATED + JOINED)
def test_joined_and_negated_alterations_have_one_text(written: str, gene: str | None, text: str) -> None:
    """Another gene is named before its part, ``not`` stands before all, and the text is read as it was."""
    read = normalise(written, gene)
    assert read.text == text
    assert normalise(read.text, read.gene) == read


@pytest.mark.parametrize(("written", "gene"), UNREADABLE)
def test_a_condition_of_which_a_part_is_not_read_is_kept_whole_as_text(written: str, gene: str) -> None:
    """Half a condition would be another condition; so would one of more than 64 options be none to write out."""
    assert normalise(written, gene).kind == "text"


def test_what_is_absent_has_one_part_under_its_own_gene() -> None:
    """Absent means tested and not found; it is the absence of one single alteration."""
    read = normalise("V600E and not KRAS mutation", "BRAF")
    absent = next(part for part in read.parts if part.kind == "absent")
    assert (absent.gene, len(absent.parts), absent.parts[0].kind) == ("KRAS", 1, "mutation")


def test_wild_type_is_a_kind_of_its_own() -> None:
    """It says of the whole gene that no alteration was found."""
    assert normalise("no mutation", "KRAS") == normalise("wild-type", "KRAS")
    assert normalise("not mutation", "KRAS").kind == "absent"


def test_the_gene_of_a_condition_is_the_one_that_all_its_parts_share() -> None:
    """Where they share none, the whole has no gene and each part keeps its own."""
    assert normalise("EGFR L858R AND EGFR T790M").gene == "EGFR"
    assert normalise("EML4::ALK Fusion AND ALK L1196M").gene == "ALK"
    assert normalise("BRAF V600E AND NOT KRAS mutation").gene is None


def test_equal_conditions_are_equal_however_they_were_written() -> None:
    """De Morgan's laws, order and repeats make no difference."""
    one = normalise("not (V600E or amplification) and mutation", "BRAF")
    other = normalise("mutation and not amplification and not V600E and mutation", "BRAF")
    assert (one, hash(one)) == (other, hash(other))


def test_findings_of_the_parts_are_findings_of_the_whole() -> None:
    """What was odd in a part is told once."""
    read = normalise("A600E and EGFR K558NP or A600E and amplification", "BRAF")
    assert read.findings[0] == "BRAF has V at residue 600, not A."
    assert len(read.findings) == 2
