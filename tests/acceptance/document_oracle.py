"""Whether a sample meets a clause as it is meant, in three values, from the raw trial and the raw documents.

Plain Python with None for what is not known; nothing of Kohort is used. A document that is not there says nothing,
unless the sample's panel lists the gene or a document states that it was looked at. What is not understood, and what
no document tells (receptors, disease status, effects of changes), is unknown. `DEPARTURES` names where Kohort knows
more, or says it in another place; an evaluator can be told to follow some of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.acceptance.matchengine_oracle import back
from tests.acceptance.raw_documents import Document, Part, Sample, approved, ends_in_words, is_change, the_tree

__all__ = ["DEPARTURES", "DocumentOracle"]

DEPARTURES = {
    "headings": "what only people can read in the clause at the top stands beside the verdict, not in it",
    "residue": "a codon is the codon of the gene, whichever residue a document writes there",
    "no gene named": "a rearrangement of any gene with any gene is for people to look for",
    "effects": "a truncation inactivates a suppressor and activates no oncogene; some changes are known to activate",
}
"""What Kohort does otherwise, by a short name."""

Truth = bool | None
Judge = Callable[[Document], Truth]

_SIGNATURES = {"APOBEC": "APOBEC_STATUS", "POLE": "POLE_STATUS", "TOBACCO": "TABACCO_STATUS",
               "TEMOZOLOMIDE": "TEMOZOLOMIDE_STATUS", "UVA": "UVA_STATUS"}  # fmt: skip
_CALLS = {
    "high amplification": "amplified", "high level amplification": "amplified", "low amplification": "gained",
    "gain": "gained", "homozygous deletion": "lost", "heterozygous deletion": "half lost",
}  # fmt: skip
_SORTS = {
    "mutation": {"MUTATION"}, "copy number variation": {"CNV"}, "cnv": {"CNV"}, "sv": {"SV"},
    "structural variation": {"SV"}, "any variation": {"MUTATION", "CNV", "SV"},
}  # fmt: skip
_SILENT = {"Silent", "RNA", "Intron", "IGR", "3'UTR", "5'UTR", "3'Flank", "5'Flank"}
_CLASSES = _SILENT | {
    "Missense_Mutation", "Nonsense_Mutation", "Nonstop_Mutation", "Frame_Shift_Del", "Frame_Shift_Ins", "In_Frame_Del",
    "In_Frame_Ins", "Splice_Site", "Splice_Region", "Translation_Start_Site",
}  # fmt: skip
_MANY = {"Del_Ins": {"In_Frame_Del", "In_Frame_Ins"}}
_SUPPRESSORS = {"FBXW7", "FLCN", "NF1", "NF2", "PIK3R1", "PTEN", "STK11", "TSC1", "TSC2"}
_ONCOGENES = {
    "ABL1", "AKT1", "AKT2", "AKT3", "EGFR", "ERBB2", "KIT", "MET", "MTOR", "NRAS", "NTRK3", "PDGFRA", "PDGFRB",
    "PIK3CA", "RHEB", "ROS1", "SMO", "SRC",
}  # fmt: skip
_ACTIVATING = {
    ("EGFR", "p.L858R"), ("NRAS", "p.Q61R"), ("NRAS", "p.G12D"), ("KIT", "p.D816V"), ("PDGFRA", "p.D842V"),
    ("AKT1", "p.E17K"), ("ERBB2", "p.S310F"), ("ERBB2", "p.D769H"), ("ERBB2", "p.D769Y"), ("ERBB2", "p.V777L"),
    ("ERBB2", "p.L755S"), ("ERBB2", "p.V842I"), ("ERBB2", "p.G309A"), ("ERBB2", "p.G309E"),
}  # fmt: skip
_OF_A_VARIANT = {"PROTEIN_CHANGE", "WILDCARD_PROTEIN_CHANGE", "EXON", "VARIANT_CLASSIFICATION", "MOLECULAR_FUNCTION"}
_SUBSTITUTION = re.compile(r"p\.([A-Z*])(\d+)([A-Z*])")


def least(values: Iterable[Truth]) -> Truth:
    """AND."""
    found = list(values)
    return False if False in found else None if None in found else True


def most(values: Iterable[Truth]) -> Truth:
    """OR."""
    found = list(values)
    return True if True in found else None if None in found else False


def opposite(value: Truth) -> Truth:
    """NOT."""
    return None if value is None else not value


@dataclass(frozen=True)
class DocumentOracle:
    """An evaluator in three values.

    Attributes:
        as_of: the day of matching.
        departures: names of `DEPARTURES` that it follows.
    """

    as_of: date
    departures: frozenset[str] = frozenset()

    def meets(self, trial: Mapping[str, Any], part: Part, sample: Sample) -> Truth:
        """Whether the sample meets the part's clause and the one at the top of the trial."""
        common = [self._item(item, sample) for item in trial.get("match") or []]
        if "headings" in self.departures:
            common = [value for value in common if value is not None]
        return least([*common, *(self._item(item, sample) for item in part.node["match"])])

    def _item(self, item: Mapping[str, Any], sample: Sample) -> Truth:
        return least([self._entry(name, value, sample) for name, value in item.items()])

    def _entry(self, name: str, value: Any, sample: Sample) -> Truth:
        if name.startswith(("and", "or")):
            return (least if name.startswith("and") else most)([self._item(item, sample) for item in value])
        if name == "clinical":
            return least([self._clinical(key.upper(), inner, sample) for key, inner in value.items()])
        return self._genomic({key.upper(): inner for key, inner in value.items()}, sample)

    # --- clinical

    def _clinical(self, key: str, value: Any, sample: Sample) -> Truth:
        if isinstance(value, str) and value.startswith("!"):
            return opposite(self._clinical(key, value[1:], sample))
        judges: dict[str, Callable[[Any, Sample], Truth]] = {
            "AGE_NUMERICAL": self._age,
            "TMB_NUMERICAL": self._burden,
            "TMB": self._burden,
            "GENDER": lambda asked, of: _is(_told(of, "GENDER"), asked),
            "ONCOTREE_PRIMARY_DIAGNOSIS": self._diagnosis,
            "MS_STATUS": self._repair,
            "MMR_STATUS": self._repair,
        }
        return judges[key](value, sample) if key in judges else None

    def _age(self, asked: str, sample: Sample) -> Truth:
        """Born on a day, or on some day of a year."""
        born = _told(sample, "BIRTH_DATE_INT")
        found = re.fullmatch(r"([<>]=?)(\d+)", asked)
        if born is None or found is None:
            return None
        first = born if born % 10000 else born + 101
        last = born if born % 10000 else born + 1231
        edge = int(f"{back(self.as_of, 12 * int(found[2])):%Y%m%d}")
        turned = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}[found[1]]
        answers = {_compared(day, turned, edge) for day in (first, last)}
        return answers.pop() if len(answers) == 1 else None

    def _burden(self, asked: Any, sample: Sample) -> Truth:
        burden = sample.clinical.get("TUMOR_MUTATIONAL_BURDEN_PER_MEGABASE")
        found = re.fullmatch(r"([<>=]=?)([\d.]+)", str(asked))
        return None if burden is None or found is None else _compared(float(burden), found[1], float(found[2]))

    def _diagnosis(self, asked: str, sample: Sample) -> Truth:
        """A type below the one asked for is one; a type above it may be; a name of several types is none known."""
        tree = the_tree()
        codes = tree.codes.get(sample.clinical.get("ONCOTREE_PRIMARY_DIAGNOSIS_NAME") or "", ())
        wanted = tree.expanded(asked) or tree.below.get(asked.upper(), frozenset())
        if len(codes) != 1 or not wanted:
            return None
        if codes[0] in wanted:
            return True
        return None if tree.below[codes[0]] & wanted else False

    # --- genomic

    def _genomic(self, node: Mapping[str, Any], sample: Sample) -> Truth:
        negated = any(isinstance(value, str) and value.startswith("!") for value in node.values())
        values = {k: v[1:] if isinstance(v, str) and v.startswith("!") else v for k, v in node.items()}
        found = self._positive(values, sample)
        return opposite(found) if negated else found

    def _positive(self, values: dict[str, Any], sample: Sample) -> Truth:
        values.pop("DISPLAY_NAME", None)
        if str(values.pop("MATCH_ALL", "")).lower() == "true" and not values:
            return True
        statuses = [key for key in values if key.endswith("_SIGNATURE") or key in {"MMR_STATUS", "MS_STATUS"}]
        if statuses:
            return least([self._status(key, values[key], sample) for key in statuses])
        return self._alteration(values, sample)

    def _status(self, key: str, asked: str, sample: Sample) -> Truth:
        if key in {"MMR_STATUS", "MS_STATUS"}:
            return self._repair(asked, sample)
        stated = _stated(sample, _SIGNATURES[key.removesuffix("_SIGNATURE")])
        return stated == asked if stated in {"Yes", "No"} else None

    def _repair(self, asked: str, sample: Sample) -> Truth:
        """The laboratory's word: deficient is MSI-H; proficient is stable, and not MSI-H."""
        stated = _stated(sample, "MMR_STATUS") or ""
        if not stated.startswith(("Deficient", "Proficient")):
            return None
        deficient = stated.startswith("Deficient")
        if asked in {"MMR-Deficient", "MSI-H"}:
            return deficient
        return not deficient if asked in {"MMR-Proficient", "MSS"} or deficient else None

    def _alteration(self, values: dict[str, Any], sample: Sample) -> Truth:
        gene = values.pop("HUGO_SYMBOL", None)
        category = values.pop("VARIANT_CATEGORY", None)
        if category is None:
            category = (
                "Mutation" if values.keys() & _OF_A_VARIANT else "CNV" if "CNV_CALL" in values else "Any Variation"
            )
        rules = {"MUTATION": self._mutation, "CNV": self._copy_number, "SV": self._rearrangement}
        return most([rules[sort](gene, values, sample) for sort in sorted(_SORTS[category.lower()])])

    def _mutation(self, gene: str, values: Mapping[str, Any], sample: Sample) -> Truth:
        judges = [self._judge(key, value) for key, value in values.items()]
        if "VARIANT_CLASSIFICATION" not in values:
            judges.append(lambda document: document.get("TRUE_VARIANT_CLASSIFICATION") not in _SILENT)
        found = [least([judge(d) for judge in judges]) for d in _documents(sample, "MUTATION", gene)]
        return _seen(found, _covers(sample, "MUTATION", gene))

    def _judge(self, key: str, asked: Any) -> Judge:
        """What a document says to one condition on a small variant."""
        match key:
            case "PROTEIN_CHANGE":
                return lambda document: _has_change(document, asked)
            case "WILDCARD_PROTEIN_CHANGE":
                return self._codon(asked) if asked[-1].isdigit() else lambda document: _has_change(document, asked)
            case "EXON":
                return lambda document: _is(document.get("TRUE_TRANSCRIPT_EXON"), int(asked))
            case "VARIANT_CLASSIFICATION":
                return lambda document: _has_class(document.get("TRUE_VARIANT_CLASSIFICATION"), asked)
            case "MOLECULAR_FUNCTION" if "effects" in self.departures:
                return lambda document: _has_effect(document, asked)
        return lambda document: None

    def _codon(self, asked: str) -> Judge:
        """Another residue in the place of this one."""
        residue, place = asked.removeprefix("p.")[0], asked.removeprefix("p.")[1:]

        def judge(document: Document) -> Truth:
            written = document.get("TRUE_PROTEIN_CHANGE")
            if written is None:
                return None if _may_substitute(document) else False
            found = _SUBSTITUTION.fullmatch(written)
            if found is None or found[2] != place or found[3] in {found[1], "*"}:
                return False
            return found[1] == residue or "residue" in self.departures

        return judge

    def _copy_number(self, gene: str, values: Mapping[str, Any], sample: Sample) -> Truth:
        """A call is a measurement: it says that the copy number is no other. Other keys do not go with it."""
        calls = [_CALLS[d["CNV_CALL"].lower()] for d in _documents(sample, "CNV", gene)]
        asked = values.get("CNV_CALL")
        understood = asked is None or asked.lower() in _CALLS
        rest = True if understood and not values.keys() - {"CNV_CALL"} else None
        known = asked is not None and understood
        seen = most([not known or call == _CALLS[asked.lower()] for call in calls])  # type: ignore[union-attr]
        here: Truth = seen if calls else False if _covers(sample, "CNV", gene) else None
        return least([here, rest])

    def _rearrangement(self, gene: str | None, values: Mapping[str, Any], sample: Sample) -> Truth:
        sides = [gene, values.get("FUSION_PARTNER_HUGO_SYMBOL")]
        named = [str(side) for side in sides if _names_gene(side)]
        if not named and "no gene named" in self.departures:
            return None
        rest = None if values.keys() - {"FUSION_PARTNER_HUGO_SYMBOL"} else True
        found = [_joins(sides, d) for d in self._reports(sample)]
        covered = any(_covers(sample, "SV", side) for side in named)
        return least([_seen([value for value in found if value is not False], covered), rest])

    def _reports(self, sample: Sample) -> list[Document]:
        """Rearrangements."""
        return [document for document in sample.genomic if document["VARIANT_CATEGORY"] == "SV"]


def _told(sample: Sample, column: str) -> Any:
    """A fact of the patient, from any of her documents; a whole date before a part of one."""
    told = [document[column] for document in sample.patient if document.get(column) is not None]
    return max(told, key=lambda value: isinstance(value, int) and value % 10000 != 0) if told else None


def _stated(sample: Sample, column: str) -> str | None:
    return next((d[column] for d in sample.genomic if column in d), None)


def _is(found: Any, asked: Any) -> Truth:
    return None if found is None else found == asked


def _compared(one: float, operator: str, other: float) -> bool:
    return {"==": one == other, "<=": one <= other, ">=": one >= other, ">": one > other, "<": one < other}[operator]


def _documents(sample: Sample, category: str, gene: str) -> list[Document]:
    """What was found in a gene."""
    return [
        d
        for d in sample.genomic
        if d["VARIANT_CATEGORY"] == category and not d.get("WILDTYPE") and _same(d["TRUE_HUGO_SYMBOL"], gene)
    ]


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and approved(one) == approved(other)


def _covers(sample: Sample, category: str, gene: str) -> bool:
    """True if the gene was looked at: the panel lists it, or a document states that it is as it should be."""
    stated = [d["TRUE_HUGO_SYMBOL"] for d in sample.genomic if d.get("WILDTYPE") and d["VARIANT_CATEGORY"] == category]
    return any(_same(listed, gene) for listed in (*(sample.panel or ()), *stated))


def _seen(found: list[Truth], covered: bool) -> Truth:
    value = most(found)
    return None if value is False and not covered else value


def _has_change(document: Document, asked: str) -> Truth:
    written = document.get("TRUE_PROTEIN_CHANGE")
    if not is_change(asked):
        return None
    if written is None:
        return None if _may_substitute(document) else False
    return written == asked


def _may_substitute(document: Document) -> bool:
    """False for a change at a splice site that names no residue: whatever it does, it exchanges none."""
    return document.get("TRUE_VARIANT_CLASSIFICATION") not in {"Splice_Site", "Splice_Region"}


def _has_class(found: str | None, asked: str) -> Truth:
    """A class; one that joins several is understood by a document that says the same."""
    if found is None or found == asked:
        return None if found is None else True
    wanted = _MANY.get(asked, {asked})
    if not wanted <= _CLASSES:
        return None if found.partition("_")[0] in asked.split(" and ") or found in asked else False
    if found not in _CLASSES:
        return None if _MANY.get(found, wanted) & wanted else False
    return found in wanted


def _has_effect(document: Document, asked: str) -> Truth:
    """What a change does to its gene, where everybody knows it."""
    gene, change = document["TRUE_HUGO_SYMBOL"], document.get("TRUE_PROTEIN_CHANGE")
    sort = document.get("TRUE_VARIANT_CLASSIFICATION") or ""
    truncates = sort.startswith(("Nonsense", "Frame_Shift", "Splice_Site")) or str(change).endswith(("*", "fs*9"))
    if truncates and gene in _SUPPRESSORS:
        return asked == "Inactivating"
    if truncates and gene in _ONCOGENES:
        return False if asked == "Activating" else None
    stretch = re.fullmatch(r"p\.[A-Z]?(\d+)(?:_[A-Z]?\d+)?(del|ins[A-Z]+)", str(change))
    in_egfr = stretch and gene == "EGFR" and 729 <= int(stretch[1]) <= (761 if stretch[2] == "del" else 823)
    activates = (gene, change) in _ACTIVATING or in_egfr
    return asked == "Activating" if activates else None


def _joins(sides: list[str | None], document: Document) -> Truth:
    """Whether a rearrangement has these ends, in either order; one whose report names no gene plainly may have any."""
    ends = _ends(document)
    if not any(ends):
        return None
    return most([least(map(_is_side, sides, both)) for both in (ends, (ends[1], ends[0])) if _is_about(sides, both)])


def _ends(document: Document) -> tuple[str | None, str | None]:
    ends = document.get("LEFT_PARTNER_GENE"), document.get("RIGHT_PARTNER_GENE")
    return ends if any(ends) else ends_in_words(document)


def _is_about(sides: list[str | None], ends: tuple[str | None, str | None]) -> bool:
    """True if a gene that is asked for is named where it is asked for."""
    return any(_same(side, end) for side, end in zip(sides, ends, strict=True)) or not any(map(_names_gene, sides))


def _names_gene(side: str | None) -> bool:
    return side is not None and side.lower() not in {"any_gene", "intergenic"}


def _is_side(asked: str | None, end: str | None) -> Truth:
    """An end that is blank lies between genes, or is a gene that was not named."""
    if asked is None:
        return True
    if asked.lower() == "intergenic":
        return end is None
    if end is None:
        return None
    return asked.lower() == "any_gene" or _same(end, asked)
