"""Diseases and what they are kinds of, after the Disease Ontology (https://disease-ontology.org, CC0 1.0).

No table travels with Kohort: a site keeps one as a pack (``doid*.tsv`` in the folder that ``KOHORT_KNOWLEDGE`` names).
It is tab-separated, with the columns ``doid, name, parents, synonyms, alt_ids, nci, icd10, icdo``; lists inside a cell
are divided by ``|``, and ``""`` is an empty cell. Without a table nothing is known of any disease, and `table` is None.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kohort.codes import _data
from kohort.codes._data import Source
from kohort.errors import InputError

__all__ = ["Disease", "DiseaseOntology", "read", "table"]

LICENCE = "CC0 1.0"
_COLUMNS = ("doid", "name", "parents", "synonyms", "alt_ids", "nci", "icd10", "icdo")


@dataclass(frozen=True, slots=True)
class Disease:
    """One disease.

    Attributes:
        doid: its id, e.g. ``DOID:3910``.
        name: its name, e.g. ``lung adenocarcinoma``.
        parents: ids of what it is a kind of; several, since the ontology is no tree.
        synonyms: other names.
        alt_ids: ids of entries that were merged into this one.
        nci: codes of the NCI thesaurus.
        icd10: codes of ICD-10.
        icdo: morphology codes of ICD-O.
    """

    doid: str
    name: str
    parents: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    alt_ids: tuple[str, ...] = ()
    nci: tuple[str, ...] = ()
    icd10: tuple[str, ...] = ()
    icdo: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a disease without id or name."""
        if not self.doid.startswith("DOID:") or not self.name:
            raise ValueError(f"{self.doid!r} is no disease of the Disease Ontology")


@dataclass(frozen=True)
class DiseaseOntology:
    """Diseases by id, with their source.

    Attributes:
        source: where they come from.
        diseases: id to disease. A parent that is not among them is where the table was cut.
    """

    source: Source
    diseases: Mapping[str, Disease] = field(repr=False)

    @functools.cached_property
    def _merged(self) -> dict[str, str]:
        return {old: disease.doid for disease in self.diseases.values() for old in disease.alt_ids}

    def find(self, doid: str) -> Disease | None:
        """The disease of an id, or of an id that was merged into it; None if it is not known."""
        plain = doid.strip()
        return self.diseases.get(plain) or self.diseases.get(self._merged.get(plain, ""))

    def ancestors(self, doid: str) -> Iterator[tuple[Disease, ...]]:
        """What a disease is a kind of, nearest first: its parents, then theirs, each disease once.

        Args:
            doid: id of the disease; nothing comes of an unknown one.
        """
        start = self.find(doid)
        seen = {start.doid} if start else set()
        level = (start,) if start else ()
        while level:
            found = [self.find(parent) for disease in level for parent in disease.parents]
            level = tuple({disease.doid: disease for disease in found if disease and disease.doid not in seen}.values())
            seen.update(disease.doid for disease in level)
            if level:
                yield level


def read(path: str | Path) -> DiseaseOntology:
    """The diseases of a tab-separated file.

    Raises:
        InputError: the file cannot be read, is not UTF-8, lacks a column, or has a line that names no disease.
    """
    path = Path(path)
    source, content = _data.read_pack(path, "Disease Ontology", path.stem, LICENCE)
    try:
        rows = csv.DictReader(content.decode("utf-8").splitlines(), delimiter="\t")
        diseases = [_disease(row) for row in rows]
    except (KeyError, ValueError, TypeError, AttributeError, csv.Error) as error:
        raise InputError(
            f"is not a table of the Disease Ontology ({error}).",
            path=path,
            remedy=f"Give a tab-separated table with the columns {', '.join(_COLUMNS)}.",
        ) from error
    return DiseaseOntology(source, {disease.doid: disease for disease in diseases})


def _disease(row: Mapping[str, str]) -> Disease:
    cells = {name: row[name].strip() for name in _COLUMNS}
    lists = {name: tuple(part for part in cells[name].split("|") if part.strip()) for name in _COLUMNS[2:]}
    return Disease(cells["doid"], cells["name"], **lists)


@functools.cache
def table() -> DiseaseOntology | None:
    """The table that the site keeps, or None."""
    path = _data.pack_path("doid*.tsv")
    return None if path is None else read(path)
