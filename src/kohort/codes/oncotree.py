"""OncoTree: the tumour types, each below a more general one (https://oncotree.mskcc.org, CC BY 4.0).

The tree in use is that of the site's own pack if there is one (``oncotree*.json`` in the folder that the environment
variable ``KOHORT_KNOWLEDGE`` names), for instance of another release; else the one that travels with Kohort.
``tree().source`` says which. The root is ``TISSUE``, level 0; the tissues are level 1.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kohort.codes import _data
from kohort.codes._data import Source
from kohort.errors import InputError, UnknownNameError, UserError

__all__ = [
    "ROOT",
    "VERSION",
    "FormerName",
    "OncoTree",
    "OncoTreeNode",
    "all_codes",
    "canonical",
    "descendants",
    "find",
    "former_name",
    "is_a",
    "is_liquid",
    "named",
    "node",
    "read",
    "successors",
    "tree",
]

ROOT = "TISSUE"
LICENCE = "CC BY 4.0"
LIQUID = ("MYELOID", "LYMPH")

VERSION = "2025-10-03"
"""The OncoTree release that the tree that travels with Kohort follows; of a pack, ask ``tree().source.version``."""


@dataclass(frozen=True, slots=True)
class OncoTreeNode:
    """One tumour type.

    Attributes:
        code: OncoTree code, e.g. ``LUAD``.
        name: full name, e.g. ``Lung Adenocarcinoma``.
        main_type: the group that lists show, e.g. ``Non-Small Cell Lung Cancer``; empty for the root.
        tissue: name of the tissue (level 1) above it; empty for the root.
        parent: code of the next more general type; empty for the root.
        level: steps below the root.
    """

    code: str
    name: str
    main_type: str
    tissue: str
    parent: str
    level: int

    def __post_init__(self) -> None:
        """Refuse a node that has no name or no place."""
        if not self.code or not self.name:
            raise ValueError("an OncoTree node needs a code and a name")
        if (self.level == 0) != (self.parent == ""):
            raise ValueError(f"OncoTree node {self.code}: only the root has level 0 and no parent")


@dataclass(frozen=True)
class OncoTree:
    """A whole tree with its source.

    Attributes:
        source: where it comes from.
        nodes: code to node, the root among them.
        former: codes of earlier releases to the one code that took their place (renamed or merged).
        withdrawn: codes of earlier releases whose meaning was divided, to the codes that hold a part of it.
    """

    source: Source
    nodes: Mapping[str, OncoTreeNode]
    former: Mapping[str, str] = field(default_factory=dict)
    withdrawn: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse a tree with a node whose parent is missing."""
        for item in self.nodes.values():
            if item.parent and item.parent not in self.nodes:
                raise ValueError(f"OncoTree node {item.code}: its parent {item.parent} is missing")

    @functools.cached_property
    def _codes_folded(self) -> dict[str, str]:
        # Former codes first: a current code of the same spelling wins.
        return {code.casefold(): now for code, now in self.former.items()} | {
            code.casefold(): code for code in self.nodes
        }

    @functools.cached_property
    def _names_folded(self) -> dict[str, tuple[str, ...]]:
        names: dict[str, tuple[str, ...]] = {}
        for item in self.nodes.values():
            key = _fold(item.name)
            names[key] = (*names.get(key, ()), item.code)
        return names

    @functools.cached_property
    def _ancestors(self) -> dict[str, frozenset[str]]:
        return {code: frozenset(self._way_up(code)) for code in self.nodes}

    @functools.cached_property
    def _descendants(self) -> dict[str, frozenset[str]]:
        below: dict[str, set[str]] = {code: set() for code in self.nodes}
        for code, above in self._ancestors.items():
            for ancestor in above:
                below[ancestor].add(code)
        return {code: frozenset(codes) for code, codes in below.items()}

    def _way_up(self, code: str) -> Iterator[str]:
        while code:
            yield code
            code = self.nodes[code].parent

    def node(self, code: str) -> OncoTreeNode | None:
        """The node of exactly this current code, or None."""
        return self.nodes.get(code)

    def canonical(self, code: str) -> str:
        """The current code for a current or former one, any case.

        Raises:
            UnknownNameError: no release known here has the code.
            UserError: the code was withdrawn and its meaning divided; the message names the choices.
        """
        folded = code.strip().casefold()
        current = self._codes_folded.get(folded)
        if current is not None:
            return current
        choices = self.successors(code)
        if choices:
            raise UserError(
                f"The OncoTree code {code.strip()!r} was withdrawn because its meaning changed.",
                remedy=f"Choose among its successors: {', '.join(choices)}.",
            )
        raise UnknownNameError("OncoTree code", code, self.nodes)

    def named(self, name: str) -> tuple[str, ...]:
        """All codes that have this full name today; several types share one name, e.g. ``Choriocarcinoma``."""
        return self._names_folded.get(_fold(name), ())

    def successors(self, code: str) -> tuple[str, ...]:
        """Codes that hold a part of what the withdrawn ``code`` meant; empty if it was not withdrawn."""
        return self.withdrawn.get(code.strip().upper(), ())

    def find(self, code_or_name: str) -> OncoTreeNode:
        """The node of a current code, a former code, or a full name; upper and lower case alike.

        Raises:
            UnknownNameError: nothing has that code or name.
            UserError: several nodes have that name, or the code was withdrawn; the message lists the codes.
        """
        current = self._codes_folded.get(code_or_name.strip().casefold())
        if current is not None:
            return self.nodes[current]
        named = self.named(code_or_name)
        if len(named) == 1:
            return self.nodes[named[0]]
        if named:
            raise UserError(
                f"The OncoTree name {code_or_name.strip()!r} belongs to {len(named)} codes.",
                remedy=f"Use one of the codes: {', '.join(named)}.",
            )
        if self.successors(code_or_name):
            self.canonical(code_or_name)
        known = [*self.nodes, *(item.name for item in self.nodes.values())]
        raise UnknownNameError("OncoTree code or name", code_or_name, known)

    def descendants(self, code: str) -> frozenset[str]:
        """``code`` and every code below it.

        Raises:
            UnknownNameError: there is no such code.
        """
        return self._descendants[self.canonical(code)]

    def children(self, code: str) -> tuple[str, ...]:
        """The codes one step below ``code``, in order of their letters.

        Raises:
            UnknownNameError: there is no such code.
        """
        current = self.canonical(code)
        return tuple(sorted(item.code for item in self.nodes.values() if item.parent == current))

    def is_a(self, code: str, ancestor: str) -> bool:
        """True if ``code`` is ``ancestor`` or lies below it.

        Raises:
            UnknownNameError: one of the codes does not exist.
        """
        return self.canonical(ancestor) in self._ancestors[self.canonical(code)]

    def is_liquid(self, code: str) -> bool:
        """True for a myeloid or lymphoid neoplasm.

        Raises:
            UnknownNameError: there is no such code.
        """
        return not self._ancestors[self.canonical(code)].isdisjoint(LIQUID)


@dataclass(frozen=True, slots=True)
class FormerName:
    """A full name of an earlier release that no type has today.

    Attributes:
        name: as that release spelled it.
        codes: the types of today that together hold its meaning.
        changed: True if they are wider or narrower than what the name meant.
    """

    name: str
    codes: tuple[str, ...]
    changed: bool


def _fold(name: str) -> str:
    """A name for comparison: single blanks, case folded, ``tumour`` spelled as OncoTree spells it."""
    return re.sub(r"\s+", " ", name).strip().casefold().replace("tumour", "tumor")


def read(path: str | Path) -> OncoTree:
    """A tree from OncoTree's own nested JSON (``oncotree_YYYY_MM_DD.json``).

    The file's ``history`` and ``precursors`` become former codes, its ``revocations`` withdrawn ones.

    Raises:
        InputError: the file cannot be read or is not such a tree.
    """
    path = Path(path)
    dated = re.search(r"(\d{4})_(\d{2})_(\d{2})", path.name)
    version = "-".join(dated.groups()) if dated else path.stem
    source, content = _data.read_pack(path, "OncoTree", version, LICENCE)
    try:
        entries = list(_walk(json.loads(content)[ROOT]))
        nodes = {entry["code"]: _node(entry) for entry in entries}
        return OncoTree(source, nodes, *_earlier_codes(entries))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            "is not OncoTree's nested JSON.",
            path=path,
            remedy="Download the tree from https://oncotree.mskcc.org/api/tumorTypes/tree.",
        ) from error


def _walk(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield entry
    for child in entry["children"].values():
        yield from _walk(child)


def _node(entry: dict[str, Any]) -> OncoTreeNode:
    texts = (entry[key] or "" for key in ("code", "name", "mainType", "tissue", "parent"))
    return OncoTreeNode(*texts, level=entry["level"])


def _earlier_codes(entries: list[dict[str, Any]]) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    current = {entry["code"] for entry in entries}
    former: dict[str, str] = {}
    withdrawn: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        former |= dict.fromkeys((*entry["history"], *entry["precursors"]), entry["code"])
        for old in entry["revocations"]:
            if old not in current:
                withdrawn[old.upper()] = (*withdrawn.get(old.upper(), ()), entry["code"])
    return former, withdrawn


def packaged() -> OncoTree:
    """The tree that travels with Kohort that travels with Kohort; tissue and level follow from the parents."""
    source, rows = _data.package_table("oncotree.tsv", "OncoTree")
    nodes = {ROOT: OncoTreeNode(ROOT, "Tissue", "", "", "", 0)}
    former: dict[str, str] = {}
    withdrawn: dict[str, tuple[str, ...]] = {}
    for row in rows:
        parent = nodes[row["parent"]]
        tissue = row["name"] if parent.level == 0 else parent.tissue
        code = row["code"]
        nodes[code] = OncoTreeNode(code, row["name"], row["main_type"], tissue, parent.code, parent.level + 1)
        former |= dict.fromkeys(row["former"].split(), code)
        for old in row["withdrawn"].split():
            withdrawn[old] = (*withdrawn.get(old, ()), code)
    return OncoTree(source, nodes, former, withdrawn)


@functools.cache
def tree() -> OncoTree:
    """The tree in use: the site's pack if there is one, else the tree that travels with Kohort."""
    path = _data.pack_path("oncotree*.json")
    return packaged() if path is None else read(path)


def node(code: str) -> OncoTreeNode | None:
    """The node of exactly this current code, or None."""
    return tree().node(code)


def find(code_or_name: str) -> OncoTreeNode:
    """The node of a code or full name; see `OncoTree.find`."""
    return tree().find(code_or_name)


def named(name: str) -> tuple[str, ...]:
    """All codes that have this full name; see `OncoTree.named`."""
    return tree().named(name)


@functools.cache
def _former_names() -> dict[str, FormerName]:
    _, rows = _data.package_table("oncotree_names.tsv", "OncoTree names of earlier releases")
    return {_fold(r["name"]): FormerName(r["name"], tuple(r["codes"].split()), r["changed"] == "yes") for r in rows}


def former_name(name: str) -> FormerName | None:
    """What a full name of an earlier release means today; None if it was none, or if a type has it today."""
    found = _former_names().get(_fold(name))
    # A site's own tree may be of another release: of one that has the name still, or lacks a code.
    return None if found is None or named(name) or not set(found.codes) <= tree().nodes.keys() else found


def canonical(code: str) -> str:
    """The current code for a current or former one; see `OncoTree.canonical`."""
    return tree().canonical(code)


def successors(code: str) -> tuple[str, ...]:
    """Codes that hold a part of what a withdrawn code meant; see `OncoTree.successors`."""
    return tree().successors(code)


def descendants(code: str) -> frozenset[str]:
    """``code`` and every code below it; see `OncoTree.descendants`."""
    return tree().descendants(code)


def is_a(code: str, ancestor: str) -> bool:
    """True if ``code`` is ``ancestor`` or lies below it; see `OncoTree.is_a`."""
    return tree().is_a(code, ancestor)


def is_liquid(code: str) -> bool:
    """True for a myeloid or lymphoid neoplasm; see `OncoTree.is_liquid`."""
    return tree().is_liquid(code)


def all_codes() -> frozenset[str]:
    """All current codes but the root's."""
    return frozenset(tree().nodes) - {ROOT}
