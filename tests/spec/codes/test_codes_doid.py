"""Diseases and what they are kinds of, from the site's table of the Disease Ontology.

The ontology is public (https://disease-ontology.org, CC0 1.0) and not part of Kohort: a site keeps it as ``doid*.tsv``
in its knowledge folder.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kohort.codes import doid
from kohort.codes._data import KNOWLEDGE_VARIABLE
from kohort.errors import InputError

HEADER = "doid\tname\tparents\tsynonyms\talt_ids\tnci\ticd10\ticdo\n"
ROWS = (
    'DOID:1\tgrowth\t""\t""\t""\t""\t""\t""\n'
    "DOID:2\tgrowth of the wing\tDOID:1\twing growth|alar growth\tDOID:20|DOID:21\tC1\tC49.9\t8000/3\n"
    'DOID:3\tfeathered growth\tDOID:1\t""\t""\t""\t""\t""\n'
    'DOID:4\tfeathered growth of the wing\tDOID:2|DOID:3\t""\t""\t""\t""\t""\n'
    'DOID:5\tgrowth of the tail\tDOID:99\t""\t""\t""\t""\t""\n'
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A table of five invented diseases."""
    path = tmp_path / "doid_made.tsv"
    path.write_text(HEADER + ROWS, encoding="utf-8")
    return path


def names(found: doid.DiseaseOntology, number: str) -> list[list[str]]:
    """Names of the ancestors, level by level."""
    return [[disease.name for disease in level] for level in found.ancestors(number)]


def test_ancestors_come_nearest_first_and_once(path: Path) -> None:
    """A disease may be a kind of several; the ontology is no tree."""
    read = doid.read(path)
    assert names(read, "DOID:4") == [["growth of the wing", "feathered growth"], ["growth"]]
    assert names(read, "DOID:1") == []


def test_a_merged_id_means_the_disease_it_was_merged_into(path: Path) -> None:
    """Old evidence carries old ids."""
    read = doid.read(path)
    assert read.find("DOID:21") == read.find("DOID:2")
    assert names(read, "DOID:20") == [["growth"]]


def test_lists_in_a_cell_are_divided_and_empty_cells_are_empty(path: Path) -> None:
    """``|`` divides, ``""`` is nothing."""
    wing = doid.read(path).find("DOID:2")
    assert wing is not None
    assert (wing.synonyms, wing.icdo) == (("wing growth", "alar growth"), ("8000/3",))
    assert doid.read(path).diseases["DOID:1"].parents == ()


def test_where_the_table_is_cut_the_climb_ends(path: Path) -> None:
    """A parent outside of the table, and an id that nobody knows, have no ancestors."""
    read = doid.read(path)
    assert names(read, "DOID:5") == []
    assert (read.find("DOID:98"), names(read, "DOID:98")) == (None, [])


def test_the_table_is_the_newest_in_the_knowledge_folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one there is no table, and nothing is known of any disease."""
    monkeypatch.setenv(KNOWLEDGE_VARIABLE, str(path.parent))
    doid.table.cache_clear()
    try:
        found = doid.table()
        assert found is not None
        assert (found.source.name, found.source.version) == ("Disease Ontology", "doid_made")
        path.unlink()
        doid.table.cache_clear()
        assert doid.table() is None
    finally:
        doid.table.cache_clear()


@pytest.mark.parametrize(
    "text",
    ["doid\tname\nDOID:1\tgrowth\n", HEADER + 'growth\tDOID:1\t""\t""\t""\t""\t""\t""\n', HEADER + "DOID:1\tgrowth\n"],
)
def test_a_table_of_another_shape_is_refused(tmp_path: Path, text: str) -> None:
    """A missing column, a line that names no disease, a line that ends too early."""
    path = tmp_path / "doid.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="Disease Ontology"):
        doid.read(path)
