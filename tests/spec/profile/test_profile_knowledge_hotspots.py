"""A cancer hotspot is evidence that a change is oncogenic: exactly for a change that was seen, by codon for another."""

from __future__ import annotations

from pathlib import Path

import pytest

from kohort.errors import InputError
from kohort.profile import Pack, annotate, load_pack
from kohort.tables import MemoryTables

V2 = "Hugo_Symbol\tAmino_Acid_Position\tReference_Amino_Acid\tVariant_Amino_Acid\tqvalue\tTotal_Samples"


def load(folder: Path, *lines: str) -> Pack:
    """The pack of an invented table."""
    path = folder / "hotspots.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load_pack(path)


def patterns(pack: Pack) -> list[tuple[str, str]]:
    return pack.frame.select("gene", "alteration").rows()


def test_a_codon_and_the_changes_seen_at_it_are_one_row(tmp_path: Path) -> None:
    """Lines of one codon are gathered, however many the sheet has; counts stay in the note."""
    pack = load(tmp_path, V2, "NRAS\t61\tQ:30\tR:20\t1e-9\t30", "NRAS\t61\tQ:30\tK:10\t1e-9\t30")
    row = pack.frame.row(0, named=True)
    assert (pack.lines, pack.frame.height) == (2, 1)
    assert (row["evidence_id"], row["alteration"]) == ("Hotspot:NRAS Q61", "p.Q61 or p.Q61K or p.Q61R")
    assert (row["evidence_type"], row["direction"], row["level"], row["level_system"]) == (
        "oncogenic", "oncogenic", "recurrent", "Hotspot",
    )  # fmt: skip
    assert row["note"] == "Seen: R 20, K 10; q-value 1e-9; samples 30."
    assert pack.manifest.licence == "ODbL-1.0"


def test_a_seen_change_matches_exactly_and_another_by_its_codon(tmp_path: Path) -> None:
    """The closest level of the pattern is the one that is shown."""
    pack = load(tmp_path, V2, "BRAF\t600\tV:9\tE:8|K:1\t0\t9")
    variants = [
        {"person": 1, "id": number, "class": "snv", "gene": "BRAF", "hgvs_p": change}
        for number, change in enumerate(("p.V600E", "p.V600R", "p.G469A"), start=1)
    ]
    found = annotate(MemoryTables({"variant": variants}), [pack])
    assert found.select("variant", "match_level").sort("variant").rows() == [(1, "exact"), (2, "codon")]


def test_splice_sites_stops_and_indels(tmp_path: Path) -> None:
    """A splice hotspot is the splice change of its codon; an indel hotspot is the list of what was seen."""
    pack = load(
        tmp_path, V2, "TP53\tX125_splice\tsplice:9\tsp:9\t0\t9", "TP53\t213\tR:9\t*:9\t0\t9",
        "EGFR\t746-759\tELREA:9\tE746_A750del:7|L747_P753delinsS:2\t0\t9",
    )  # fmt: skip
    assert patterns(pack) == [
        ("TP53", "p.X125_splice"),
        ("TP53", "p.R213 or p.R213*"),
        ("EGFR", "p.E746_A750del or p.L747_P753delinsS"),
    ]


def test_the_third_version_and_its_date(tmp_path: Path) -> None:
    """Its sheets name codon and version; the date is the year in which a version was published."""
    header = "Hugo_Symbol\tCodon\tCodon_Position\tReference_Amino_Acid\tVariant_Amino_Acid\tMutation_Count\tSamples"
    pack = load(tmp_path, f"{header}\tHotspot_Version", "KRAS\tG12\t12\tG\tD\t30\tpancreas:30\tv2")
    row = pack.frame.row(0, named=True)
    assert (row["alteration"], row["note"]) == ("p.G12 or p.G12D", "Seen: D 30.")
    assert (row["source_id"], row["source_date"]) == ("cancerhotspots.org v2", "2018")


def test_a_plain_table_of_gene_and_codon(tmp_path: Path) -> None:
    """The residue may be left out: then the codon is a number."""
    assert patterns(load(tmp_path, "gene\tcodon", "KRAS\tG12", "KRAS\t13")) == [("KRAS", "p.G12"), ("KRAS", "codon 13")]


def test_a_list_that_is_too_long_becomes_several_rows(tmp_path: Path) -> None:
    """No change is lost: rows of one hotspot share its id before the ``#``."""
    seen = [f"E{number}_A{number + 4}del" for number in range(700, 740)]
    pack = load(tmp_path, V2, f"EGFR\t700-743\tE:40\t{'|'.join(f'{word}:1' for word in seen)}\t0\t40")
    texts = [text for _, cell in patterns(pack) for text in cell.split(" or ")]
    assert sorted(texts) == sorted(f"p.{word}" for word in seen)
    assert {row.split("#")[0] for row in pack.frame["evidence_id"]} == {"Hotspot:EGFR 700-743"}
    assert pack.frame["evidence_id"].n_unique() == pack.frame.height > 1


def test_what_is_not_understood_is_named(tmp_path: Path) -> None:
    """A line without a codon is left out; an unknown gene or change keeps its row."""
    pack = load(tmp_path, V2, "KRAS\t\tG:1\tD:1\t0\t1", "NOGENE1\t5\tA:3\tV:3\t0\t3", "EGFR\t7-9\tE:2\twhat?:2\t0\t2")
    assert [(odd.evidence_id, odd.column, odd.kept) for odd in pack.findings] == [
        ("line 2", "codon", False),
        ("Hotspot:NOGENE1 A5", "gene", True),
        ("Hotspot:EGFR 7-9", "Variant_Amino_Acid", True),
    ]
    assert pack.lines == 3


def test_a_sheet_without_a_gene_is_refused(tmp_path: Path) -> None:
    """Nothing can be said of a codon without its gene."""
    with pytest.raises(InputError) as error:
        load(tmp_path, "Codon\tVariant_Amino_Acid", "G12\tD")
    assert error.value.column == "Hugo_Symbol"
