"""MatchMiner documents about invented people, drawn by chance so that they meet the criteria of given trials often.

What a sample holds is made out of the genomic nodes of one clause: each becomes a document that meets it or nearly
does. Around that stand what every delivery has: values that are missing, several samples of a patient, panels that
list some genes only, statements of wild type, old reports in words.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from tests.patient_documents import oid

__all__ = ["Aim", "Wishes", "write_random_delivery"]

_CLASSES = (
    "Missense_Mutation", "Missense_Mutation", "Nonsense_Mutation", "Frame_Shift_Del", "In_Frame_Del", "In_Frame_Ins",
    "Splice_Site", "Splice_Region", "Silent",
)  # fmt: skip
_CALLS = ("High level amplification", "Gain", "Heterozygous deletion", "Homozygous deletion")
_CALL_WORDS = {
    "High Amplification": _CALLS[0], "Low Amplification": _CALLS[1], "Heterozygous Deletion": _CALLS[2],
    "Homozygous Deletion": _CALLS[3],
}  # fmt: skip
_SIGNATURES = ("APOBEC_STATUS", "POLE_STATUS", "TABACCO_STATUS", "TEMOZOLOMIDE_STATUS", "UVA_STATUS")
_REPAIR = ("Proficient (MMR-P / MSS)", "Deficient (MMR-D / MSI-H)", "Cannot be determined")
_RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
_OTHERS = ("EGFR", "TP53", "ATM", "MET", "BRCA1", "PIK3CA", "ROS1")
_KNOWN = {
    "EGFR": ("p.L858R",), "NRAS": ("p.Q61R", "p.G12D"), "KIT": ("p.D816V",), "PDGFRA": ("p.D842V",),
    "AKT1": ("p.E17K",), "ERBB2": ("p.S310F",),
}  # fmt: skip
"""Changes that activate their genes."""
_BIRTHDAYS = (6, 8, 12, 18, 18, 18, 21)


@dataclass(frozen=True)
class Aim:
    """A clause that a sample is drawn for.

    Attributes:
        nodes: its genomic nodes.
        diagnoses: names that meet it or nearly do; may be empty.
    """

    nodes: Sequence[Mapping[str, Any]]
    diagnoses: Sequence[str]


@dataclass(frozen=True)
class Wishes:
    """What the trials ask for.

    Attributes:
        aims: their clauses.
        diagnoses: names that patients may have.
        genes: symbols that panels may list.
    """

    aims: Sequence[Aim]
    diagnoses: Sequence[str]
    genes: Sequence[str]


def write_random_delivery(folder: Path, wishes: Wishes, as_of: date, samples: int = 300, seed: int = 1) -> Path:
    """Write ``clinical.json``, ``genomic.json`` and two panels into ``folder``.

    Args:
        folder: where to; made if it is not there.
        wishes: what the documents are to meet.
        as_of: the day of matching, around which birthdays lie.
        samples: how many clinical documents.
        seed: the same gives the same documents.
    """
    draw = _Draw(random.Random(seed), wishes, as_of)
    draw.people(samples)
    folder.mkdir(parents=True, exist_ok=True)
    for name, documents in (("clinical", draw.clinical), ("genomic", draw.genomic)):
        (folder / f"{name}.json").write_text(json.dumps(documents, indent=1) + "\n")
    for number, every in ((1, 1), (2, 3)):
        listed = "\t".join(wishes.genes[::every])
        text = f"stable_id: P{number}\ndescription: invented\ngene_list: {listed}\n"
        (folder / f"data_gene_panel_P{number}.txt").write_text(text)
    return folder


@dataclass
class _Draw:
    """Documents drawn so far."""

    rng: random.Random
    wishes: Wishes
    as_of: date
    clinical: list[dict[str, Any]] = field(default_factory=list)
    genomic: list[dict[str, Any]] = field(default_factory=list)

    def people(self, samples: int) -> None:
        """Patients with one to three samples each."""
        patient = 0
        while len(self.clinical) < samples:
            patient += 1
            known = self._patient(f"M-{patient:04d}")
            for _ in range(min(self.rng.choice((1, 1, 1, 2, 3)), samples - len(self.clinical))):
                self._sample(known)

    def _chance(self, share: float) -> bool:
        return self.rng.random() < share

    # --- clinical

    def _patient(self, number: str) -> dict[str, Any]:
        born = self._birth()
        whole = born.year * 10000 + born.month * 100 + born.day
        return {
            "MRN": number,
            "GENDER": self.rng.choice(("Male", "Female")),
            "BIRTH_DATE_INT": born.year * 10000 if self._chance(0.04) else whole,
            "ONCOTREE_PRIMARY_DIAGNOSIS_NAME": self.rng.choice(self.wishes.diagnoses),
        }

    def _birth(self) -> date:
        """Most around a birthday that a trial asks for."""
        if self._chance(0.4):
            return self.as_of - timedelta(days=self.rng.randint(22 * 366, 90 * 365))
        birthday = self.as_of.replace(year=self.as_of.year - self.rng.choice(_BIRTHDAYS))
        return birthday + timedelta(days=self.rng.choice((-400, -40, -1, 0, 0, 1, 40)))

    def _sample(self, patient: Mapping[str, Any]) -> None:
        number = len(self.clinical) + 1
        document = {"_id": oid(number), "SAMPLE_ID": f"S-{number:04d}", "VITAL_STATUS": "alive", **patient}
        for column, share in (("GENDER", 0.1), ("BIRTH_DATE_INT", 0.1), ("ONCOTREE_PRIMARY_DIAGNOSIS_NAME", 0.04)):
            if self._chance(share):
                del document[column]
        aim = self.rng.choice(self.wishes.aims)
        if aim.diagnoses and "ONCOTREE_PRIMARY_DIAGNOSIS_NAME" in document and self._chance(0.7):
            document["ONCOTREE_PRIMARY_DIAGNOSIS_NAME"] = self.rng.choice(aim.diagnoses)
        if self._chance(0.85):
            day = "2017-05-02" if self._chance(0.25) else self.rng.choice(("2018-12-01", "2022-07-09"))
            document["REPORT_DATE"] = {"$date": f"{day}T00:00:00Z"}
        if self._chance(0.6):
            burden = self.rng.choice((0, 3.5, 9.99, 10, 12, 15, 15.1, 39.9, 40, 40.0, 57))
            document["TUMOR_MUTATIONAL_BURDEN_PER_MEGABASE"] = str(burden) if self._chance(0.1) else burden
        if self._chance(0.9):
            document["PANEL_VERSION"] = self.rng.choice(("P1", "P1", "P2", "P9"))
        self.clinical.append(document)
        self.genomic += _Report(self.rng, document, aim, self.wishes).documents()


@dataclass
class _Report:
    """The genomic documents of one sample."""

    rng: random.Random
    clinical: Mapping[str, Any]
    aim: Aim
    wishes: Wishes
    called: set[str] = field(default_factory=set)
    mutated: set[tuple[Any, ...]] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)

    def documents(self) -> Iterator[dict[str, Any]]:
        """What was found, then what was looked for in vain."""
        if self._chance(0.08):
            return
        nodes = self.rng.choices(self.aim.nodes, k=self.rng.randint(1, 3)) if self.aim.nodes else []
        others = [aim for aim in self.wishes.aims if aim.nodes]
        nodes += [self.rng.choice(self.rng.choice(others).nodes) for _ in range(2)]
        for node in nodes:
            found = self._document(node)
            if found is not None:
                yield self._owned(found)
        if self._chance(0.55):
            yield self._owned(self._signatures())
        yield from self._wild_types()

    def _chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _owned(self, found: dict[str, Any]) -> dict[str, Any]:
        link = {"CLINICAL_ID": self.clinical["_id"]}
        return {**({"SAMPLE_ID": self.clinical["SAMPLE_ID"]} if self._chance(0.5) else link), **found}

    def _document(self, node: Mapping[str, Any]) -> dict[str, Any] | None:
        """A document that meets a node, or nearly; None for a node that asks nothing of an alteration."""
        asked = {key: value[1:] if str(value).startswith("!") else value for key, value in node.items()}
        gene = asked.get("hugo_symbol", asked.get("fusion_partner_hugo_symbol"))
        if not isinstance(gene, str) or gene == "None":
            return None
        category = str(asked.get("variant_category", "CNV" if "cnv_call" in asked else "Mutation"))
        if category == "Any Variation":
            category = self.rng.choice(("Mutation", "CNV", "SV"))
        if self._chance(0.08):
            category = self.rng.choice(("Mutation", "CNV", "SV"))
        if category in {"SV", "Structural Variation"}:
            return self._rearrangement(asked)
        if gene == "any_gene":
            return None
        gene = {"MRE11A": self.rng.choice(("MRE11A", "MRE11")), "RNAseH2A": "RNASEH2A"}.get(gene, gene)
        return self._mutation(gene, asked) if category == "Mutation" else self._copy_number(gene, asked)

    def _mutation(self, gene: str, asked: Mapping[str, Any]) -> dict[str, Any] | None:
        sort, change = self._class_and_change(gene, asked)
        document: dict[str, Any] = {
            "VARIANT_CATEGORY": "MUTATION",
            "TRUE_HUGO_SYMBOL": gene,
            "TRUE_PROTEIN_CHANGE": None if sort == "Splice_Site" or self._chance(0.08) else change,
            "TRUE_VARIANT_CLASSIFICATION": None if self._chance(0.05) else sort,
            "TRUE_TRANSCRIPT_EXON": None if self._chance(0.2) else int(asked.get("exon", self.rng.choice((2, 3, 15)))),
            "WILDTYPE": False,
        }
        key = tuple(document.values())
        if key in self.mutated:
            return None
        self.mutated.add(key)
        self.changed.add(gene)
        return {name: value for name, value in document.items() if value is not None}

    def _class_and_change(self, gene: str, asked: Mapping[str, Any]) -> tuple[str, str]:
        """What a node asks for, mostly; else a class by chance with a change that goes with it."""
        change = asked.get("protein_change")
        if stem := asked.get("wildcard_protein_change"):
            change = stem + self.rng.choice(_RESIDUES) if stem[-1].isdigit() else stem
            change = change.replace("V600", "K600") if self._chance(0.08) else change
        if "molecular_function" in asked and gene in _KNOWN and self._chance(0.5):
            change = self.rng.choice(_KNOWN[gene])
        if change is not None and self._chance(0.85):
            exact = re.fullmatch(r"p\.[A-Z]\d+[A-Z]", change) is not None
            return asked.get("variant_classification", "Missense_Mutation" if exact else "In_Frame_Del"), change
        sort = asked.get("variant_classification", self.rng.choice(_CLASSES))
        sort = self.rng.choice(_CLASSES) if self._chance(0.12) else sort
        residue, place = self.rng.choice("RGEK"), self.rng.randint(2, 900)
        end = {"Nonsense_Mutation": "*", "Frame_Shift_Del": "fs*9", "In_Frame_Del": "del", "Silent": residue}
        if sort == "In_Frame_Ins":
            return sort, f"p.{residue}{place}_{residue}{place + 1}insGA"
        return sort, f"p.{residue}{place}{end.get(sort) or self.rng.choice('HWSD')}"

    def _copy_number(self, gene: str, asked: Mapping[str, Any]) -> dict[str, Any] | None:
        if gene in self.called:
            return None
        self.called.add(gene)
        call = asked.get("cnv_call", self.rng.choice(_CALLS))
        call = _CALL_WORDS.get(call, call) if call in {*_CALL_WORDS, *_CALLS} else _CALLS[0]
        call = self.rng.choice(_CALLS) if self._chance(0.15) else call
        return {"VARIANT_CATEGORY": "CNV", "TRUE_HUGO_SYMBOL": gene, "CNV_CALL": call, "WILDTYPE": False}

    def _rearrangement(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        ends = [asked.get("hugo_symbol"), asked.get("fusion_partner_hugo_symbol")]
        ends = [self.rng.choice(_OTHERS) if end == "any_gene" else end for end in ends]
        ends = [None if str(end).lower() == "intergenic" else end for end in ends]
        if None in ends and "fusion_partner_hugo_symbol" not in asked and self._chance(0.5):
            ends[ends.index(None)] = self.rng.choice(_OTHERS)
        if self._chance(0.15):
            ends[1] = self.rng.choice((*_OTHERS, None))
        self.rng.shuffle(ends)
        if not any(ends):
            ends[0] = "ALK"
        genes = [end for end in ends if end is not None]
        found: dict[str, Any] = {"VARIANT_CATEGORY": "SV"}
        if self._chance(0.3) or not self.clinical.get("REPORT_DATE") or "2017" in str(self.clinical["REPORT_DATE"]):
            return found | {"STRUCTURAL_VARIANT_COMMENT": self._comment(genes)}
        sides = dict(zip(("LEFT_PARTNER_GENE", "RIGHT_PARTNER_GENE"), ends, strict=True))
        found |= {name: end for name, end in sides.items() if end is not None}
        return found | ({"TRUE_HUGO_SYMBOL": genes[0]} if self._chance(0.6) else {})

    def _comment(self, genes: Sequence[str]) -> str:
        if self._chance(0.1):
            return f"A rearrangement of {genes[0]} and perhaps of {self._another(genes)} cannot be excluded."
        if len(genes) == 2 and genes[0] != genes[1]:
            return f"A {genes[0]}-{genes[1]} fusion was seen in {self.rng.randint(5, 50)} reads."
        return f"A rearrangement of {genes[0]} was seen in {self.rng.randint(5, 50)} reads."

    def _another(self, genes: Sequence[str]) -> str:
        return self.rng.choice([gene for gene in _OTHERS if gene not in genes])

    def _signatures(self) -> dict[str, Any]:
        found: dict[str, Any] = {"VARIANT_CATEGORY": "SIGNATURE"}
        if self._chance(0.8):
            found["MMR_STATUS"] = self.rng.choice(_REPAIR)
        for column in _SIGNATURES:
            if self._chance(0.3):
                found[column] = self.rng.choice(("Yes", "No", "No", "Insufficient variants"))
        return found if len(found) > 1 else found | {"MMR_STATUS": _REPAIR[0]}

    def _wild_types(self) -> Iterator[dict[str, Any]]:
        """Genes that were looked at for mutations, and have none."""
        listed = [gene for gene in self.wishes.genes if gene not in self.changed]
        for gene in self.rng.sample(listed, k=self.rng.choice((0, 0, 1, 2))):
            yield self._owned({"VARIANT_CATEGORY": "MUTATION", "TRUE_HUGO_SYMBOL": gene, "WILDTYPE": True})
