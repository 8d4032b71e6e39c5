"""Raw MatchMiner documents and raw trials, and the names in them, for evaluators that use nothing of Kohort."""

from __future__ import annotations

import csv
import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support import SHARED

__all__ = [
    "Document",
    "Part",
    "Sample",
    "Tree",
    "approved",
    "ends_in_words",
    "is_change",
    "nodes_of",
    "parts_of",
    "raw_trials",
    "samples_of",
    "the_tree",
]

Document = Mapping[str, Any]

_CHANGE = re.compile(r"p\.[A-Z*]?(\d+)(?:_[A-Z]?(\d+))?(?:[A-Z*=]|del\w*|ins\w*|dup|fs\S*)")


@dataclass(frozen=True)
class Sample:
    """One clinical document with all that belongs to it.

    Attributes:
        clinical: the document.
        genomic: the genomic documents that name it.
        patient: all clinical documents of its patient, its own first.
        panel: genes of its panel; None if nothing lists them.
    """

    clinical: Document
    genomic: tuple[Document, ...]
    patient: tuple[Document, ...]
    panel: frozenset[str] | None

    @property
    def id(self) -> str:
        """Its id at the source."""
        return self.clinical["SAMPLE_ID"]


def samples_of(folder: Path) -> list[Sample]:
    """The samples of a folder of documents, in the order of the clinical ones."""
    clinical, genomic = (json.loads((folder / f"{name}.json").read_text()) for name in ("clinical", "genomic"))
    panels = dict(map(_panel, sorted(folder.glob("data_gene_panel_*.txt"))))
    found = []
    for document in clinical:
        own = [g for g in genomic if g.get("CLINICAL_ID", document["_id"]) == document["_id"]]
        own = [g for g in own if g.get("SAMPLE_ID", document["SAMPLE_ID"]) == document["SAMPLE_ID"]]
        others = [c for c in clinical if c["MRN"] == document["MRN"] and c is not document]
        panel = panels.get(str(document.get("PANEL_VERSION")))
        found.append(Sample(document, tuple(own), (document, *others), panel))
    return found


def _panel(path: Path) -> tuple[str, frozenset[str]]:
    fields = dict(line.split(":", 1) for line in path.read_text().splitlines() if ":" in line)
    return fields["stable_id"].strip(), frozenset(fields["gene_list"].split())


@dataclass(frozen=True)
class Part:
    """A step, an arm or a dose level with a match clause.

    Attributes:
        level: which of the three.
        code: its code as written.
        node: its keys.
    """

    level: str
    code: str
    node: Mapping[str, Any]


def raw_trials(path: Path) -> list[dict[str, Any]]:
    """The trials of a file: one, a list, several in a row, or documents of YAML."""
    text = path.read_text()
    if path.suffix == ".yaml":
        found: list[Any] = list(yaml.safe_load_all(text))
    else:
        found, at = [], 0
        while text[at:].strip():
            at += len(text[at:]) - len(text[at:].lstrip())
            value, at = json.JSONDecoder().raw_decode(text, at)
            found.append(value)
    return [trial for value in found for trial in (value if isinstance(value, list) else [value])]


def parts_of(trial: Mapping[str, Any]) -> Iterator[Part]:
    """Every part with a match clause, from top to bottom."""
    for step in trial["treatment_list"]["step"]:
        yield from _part("step", "step_code", step)
        for arm in step.get("arm", []):
            yield from _part("arm", "arm_code", arm)
            for dose in arm.get("dose_level", []):
                yield from _part("dose", "level_code", dose)


def _part(level: str, code: str, node: Mapping[str, Any]) -> Iterator[Part]:
    if node.get("match"):
        yield Part(level, str(node[code]), node)


@dataclass(frozen=True)
class Tree:
    """OncoTree: names and codes with all that lies below them.

    Attributes:
        below: code to the codes of its subtree, itself among them.
        codes: name to the codes that have it.
        name: code to its name.
    """

    below: Mapping[str, frozenset[str]]
    codes: Mapping[str, tuple[str, ...]]
    name: Mapping[str, str]

    @property
    def liquid(self) -> frozenset[str]:
        """Codes of myeloid and lymphoid neoplasms."""
        return self.below["MYELOID"] | self.below["LYMPH"]

    def expanded(self, name: str) -> frozenset[str]:
        """The codes that a trial's word for a diagnosis stands for; empty for a word that is no name."""
        if name in {"_SOLID_", "_LIQUID_"}:
            return self.liquid if name == "_LIQUID_" else frozenset(self.below) - self.liquid
        return frozenset[str]().union(*(self.below[code] for code in self.codes.get(name, ())))


@functools.cache
def the_tree() -> Tree:
    """The release of 2025-10-03."""
    below: dict[str, frozenset[str]] = {}
    codes: dict[str, tuple[str, ...]] = {}
    name: dict[str, str] = {}

    def walk(node: Mapping[str, Any]) -> frozenset[str]:
        code = node["code"]
        inner = [walk(child) for child in node["children"].values()]
        codes[node["name"]] = (*codes.get(node["name"], ()), code)
        name[code] = node["name"]
        below[code] = frozenset({code}).union(*inner)
        return below[code]

    (root,) = json.loads((SHARED / "knowledge" / "oncotree_2025_10_03.json").read_text()).values()
    for tissue in root["children"].values():
        walk(tissue)
    return Tree(below, codes, name)


@functools.cache
def _symbols() -> Mapping[str, str]:
    """Former and other symbols of a gene, in upper case, to its approved one, where only one gene has them."""
    approved_ones: dict[str, str] = {}
    former: dict[str, set[str]] = {}
    aliases: dict[str, set[str]] = {}
    with (SHARED / "knowledge" / "hgnc_genes.tsv").open(newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            approved_ones[row["symbol"].upper()] = row["symbol"]
            for column, known in (("previous_symbols", former), ("alias_symbols", aliases)):
                for symbol in filter(None, row[column].split(", ")):
                    known.setdefault(symbol.upper(), set()).add(row["symbol"])
    only = [{old: next(iter(now)) for old, now in known.items() if len(now) == 1} for known in (aliases, former)]
    return only[0] | only[1] | approved_ones


def approved(symbol: str) -> str:
    """The approved symbol of a gene; what is none stays as written."""
    return _symbols().get(symbol.upper(), symbol)


def is_change(text: str) -> bool:
    """True for a protein change; a stretch that ends before it begins is none."""
    found = _CHANGE.fullmatch(text)
    return found is not None and (found[2] is None or int(found[1]) < int(found[2]))


def ends_in_words(document: Document) -> tuple[str | None, str | None]:
    """The ends of a rearrangement that a comment says plainly: ``A-B fusion``, or ``of A`` alone, if A is a gene."""
    comment = document.get("STRUCTURAL_VARIANT_COMMENT") or ""
    if found := re.search(r"\b([A-Z0-9]+)-([A-Z0-9]+) fusion", comment):
        return found[1], found[2]
    alone = re.search(r"rearrangement of ([A-Z0-9]+)\b(?! and)", comment)
    return (alone[1] if alone and alone[1] in _symbols() else None), None


def nodes_of(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every leaf node of a clause, with its kind."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in {"clinical", "genomic"}:
                yield name, inner
            else:
                yield from nodes_of(inner)
    elif isinstance(value, list):
        for item in value:
            yield from nodes_of(item)
