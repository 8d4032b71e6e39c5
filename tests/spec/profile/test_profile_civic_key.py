"""Names of CIViC are read as the field means them, by a key of names checked by hand.

The key (``civic_key.tsv``) gives for each gene and variant name of CIViC its kind, its canonical text and the reason.
It was written from what the names mean (CIViC's evidence statements and variant summaries, Sequence Ontology, the
recommendations of HGVS), so a name that the normaliser reads otherwise is a fault of one of the two.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from kohort.profile import normalise
from kohort.profile.alterations.kinds import KINDS
from tests.support import SHARED, needs_shared

KEY = Path(__file__).with_name("civic_key.tsv")
CIVIC = SHARED / "knowledge" / "civic-2022-05-30-clinical-evidence.tsv"


def key() -> list[dict[str, str]]:
    """Rows of the key: gene, variant, kind, alteration, reason."""
    with KEY.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))


def names_of_civic() -> set[tuple[str, str]]:
    """Distinct gene and variant names of the shared file; a cell may list several variants."""
    with CIVIC.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", doublequote=False, escapechar="\\")
        return {(row["gene"], name.strip()) for row in rows for name in row["variant"].split(",")}


def test_every_name_of_the_key_has_the_kind_and_the_text_that_the_field_means() -> None:
    """All differences are listed: gene, name, what the key says, what was read."""
    wrong = [
        f"{row['gene']} {row['variant']}: {row['kind']} {row['alteration']!r}, read {found.kind} {str(found)!r}"
        for row in key()
        if ((found := normalise(row["variant"], row["gene"])).kind, str(found)) != (row["kind"], row["alteration"])
    ]
    assert wrong == []


def test_every_text_of_the_key_is_read_as_itself() -> None:
    """The canonical text beside its gene is the same alteration, or a pack could not hold it."""
    for row in key():
        read = normalise(row["variant"], row["gene"])
        assert normalise(str(read), row["gene"]) == read


def test_what_is_kept_as_text_or_read_in_part_says_so() -> None:
    """A partner that is no known gene, neighbours that are none, residues that are not given: each is a finding."""
    for gene, variant in (
        ("ABL1", "ABL1-RCSD"),
        ("BRAF", "WASFL-BRAF"),
        ("EGFR", "P772_V774insPHV"),
        ("ERBB2", "P780INS"),
        ("ALK", "EML4-ALK e6-e20"),
    ):
        assert normalise(variant, gene).findings, variant


def test_the_key_is_wide() -> None:
    """At least 200 names, each once, of at least 20 kinds, with few plain substitutions and a reason for each."""
    rows = key()
    assert len(rows) >= 200
    assert len({(row["gene"], row["variant"]) for row in rows}) == len(rows)
    kinds = {row["kind"] for row in rows}
    assert kinds <= set(KINDS)
    assert len(kinds) >= 20
    assert sum(row["kind"] == "missense" for row in rows) <= 40
    assert all(len(row["reason"].split()) >= 2 for row in rows)


@pytest.mark.realdata
@needs_shared
def test_every_name_of_the_key_stands_in_civic() -> None:
    """The names are CIViC's own, spelled as there."""
    missing = {(row["gene"], row["variant"]) for row in key()} - names_of_civic()
    assert missing == set()
