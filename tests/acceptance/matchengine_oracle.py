"""What matchengine-V2 says of a sample, worked out from the raw trial and the raw documents in plain Python.

The rules are those of its shipped configuration, to the letter; nothing of Kohort is used. Three habits are left out:
the paths that it unfolds wrongly, matches that it drops or hides, and its end of the whole run, which here is the end
of one clause. `DEPARTURES` names each rule that Kohort keeps otherwise on purpose; an evaluator can be told to follow
some of them, so that a difference is explained by the departure that removes it.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.acceptance.raw_documents import Document, Part, Sample, approved, ends_in_words, is_change, the_tree

__all__ = ["DEPARTURES", "MatchengineOracle", "StoppedError", "back", "why_skipped"]

DEPARTURES = {
    "wild type": "a document that says WILDTYPE is no alteration",
    "silent": "a silent change is no mutation unless its class is asked for",
    "reports in words": "the columns of a rearrangement count on any day, and where they are empty its comment is read",
    "gene of a rearrangement": "the genes of a rearrangement are its two ends, whatever TRUE_HUGO_SYMBOL holds",
    "symbols": "a former symbol or alias is the gene it stands for, in the trial and in the document",
    "letters": "a document never holds what is no value: a trial's misspelt change or class finds nothing",
    "patient": "sex and birth are facts of the patient: all her documents tell them",
    "part of a birth date": "a birth date without month or day says no more than it can",
    "number as text": "a number that a document holds as text is that number",
    "name of several": "a diagnosis whose name several types have is none of them",
    "no gene named": "a rearrangement of any gene with any gene is for people to look for",
    "other case": "no document spells a gene in other letters than the approved symbol's",
    "residue": "a codon is the codon of the gene, whichever residue a document writes there",
}
"""What Kohort does otherwise, by a short name."""

_IGNORED = {"HER2_STATUS", "ER_STATUS", "PR_STATUS", "DISEASE_STATUS", "DISPLAY_NAME"}
_COLUMNS = {
    "HUGO_SYMBOL": "TRUE_HUGO_SYMBOL",
    "PROTEIN_CHANGE": "TRUE_PROTEIN_CHANGE",
    "EXON": "TRUE_TRANSCRIPT_EXON",
    "VARIANT_CLASSIFICATION": "TRUE_VARIANT_CLASSIFICATION",
    "APOBEC_SIGNATURE": "APOBEC_STATUS",
    "POLE_SIGNATURE": "POLE_STATUS",
    "TOBACCO_SIGNATURE": "TABACCO_STATUS",
    "TEMOZOLOMIDE_SIGNATURE": "TEMOZOLOMIDE_STATUS",
    "UVA_SIGNATURE": "UVA_STATUS",
}
_STATUSES = {"MMR_STATUS", "APOBEC_STATUS", "POLE_STATUS", "TABACCO_STATUS", "TEMOZOLOMIDE_STATUS", "UVA_STATUS"}
_CALLS = {
    "High Amplification": "High level amplification",
    "Low Amplification": "Gain",
    "Homozygous Deletion": "Homozygous deletion",
    "Heterozygous Deletion": "Heterozygous deletion",
}
_REPAIR = {
    "MMR-Proficient": "Proficient (MMR-P / MSS)",
    "MMR-Deficient": "Deficient (MMR-D / MSI-H)",
    "MSI-H": "Deficient (MMR-D / MSI-H)",
    "MSI-L": "Proficient (MMR-P / MSS)",
    "MSS": "Proficient (MMR-P / MSS)",
}
_CATEGORIES = {"copy number variation": {"CNV"}, "any variation": {"MUTATION", "CNV"}, "structural variation": {"SV"}}
_SILENT = {"Silent", "RNA", "Intron", "IGR", "3'UTR", "5'UTR", "3'Flank", "5'Flank"}
_CLASSES = _SILENT | {
    "Missense_Mutation", "Nonsense_Mutation", "Nonstop_Mutation", "Frame_Shift_Del", "Frame_Shift_Ins", "In_Frame_Del",
    "In_Frame_Ins", "Splice_Site", "Splice_Region", "Translation_Start_Site",
}  # fmt: skip
_STRUCTURED_SINCE = "2018-12-01"

Test = Callable[[Document], bool]


class StoppedError(Exception):
    """The engine would end its run at this clause."""


def why_skipped(trial: Mapping[str, Any], part: Part) -> str | None:
    """Why the engine does not run a part of a trial at all; None if it does."""
    stated = trial.get("_summary", {}).get("status", [{}])[0].get("value")
    if stated is None:
        return "no status in _summary"
    if stated.lower() != "open to accrual":
        return "trial is closed"
    arms = part.node.get("arm", [])
    if part.level == "step":
        return "step without arms" if not arms else "suspended" if all(map(_is_suspended, arms)) else None
    return "suspended" if _is_suspended(part.node) else None


def _is_suspended(node: Mapping[str, Any]) -> bool:
    return (node.get("arm_suspended") or node.get("level_suspended") or "n").lower().strip() == "y"


@dataclass(frozen=True)
class MatchengineOracle:
    """An evaluator in two values.

    Attributes:
        as_of: the day of matching.
        departures: names of `DEPARTURES` that it follows.
    """

    as_of: date
    departures: frozenset[str] = frozenset()

    def meets(self, part: Part, sample: Sample) -> bool:
        """True if the engine, having run the part, finds the sample."""
        if part.level == "step" and not part.node.get("arm"):
            return False
        try:
            return any(path and all(self._leaf(*leaf, sample) for leaf in path) for path in self._paths(part))
        except StoppedError:
            return False

    def _paths(self, part: Part) -> list[list[tuple[str, Any]]]:
        """Each way through the clause as the leaves on it that ask something."""
        return _every([_ways(item) for item in part.node["match"]])

    def _leaf(self, kind: str, asked: Any, sample: Sample) -> bool:
        return self._clinical(asked[0], asked[1], sample) if kind == "clinical" else self._genomic(asked, sample)

    # --- clinical

    def _clinical(self, key: str, value: Any, sample: Sample) -> bool:
        if key in {"AGE_NUMERICAL", "TMB_NUMERICAL"}:
            operator, number = _comparison(value)
            return (self._age if key == "AGE_NUMERICAL" else self._burden)(operator, number, sample)
        negated, value = _negation(value)
        if key == "ONCOTREE_PRIMARY_DIAGNOSIS":
            found = self._diagnosis(value, sample.clinical.get("ONCOTREE_PRIMARY_DIAGNOSIS_NAME"))
        elif key == "GENDER":
            found = self._told(sample, "GENDER") == value
        else:
            found = sample.clinical.get(key) == value
        return found != negated

    def _told(self, sample: Sample, column: str) -> Any:
        documents = sample.patient if "patient" in self.departures else sample.patient[:1]
        return next((d[column] for d in documents if d.get(column) is not None), None)

    def _age(self, operator: str, number: str, sample: Sample) -> bool:
        born = self._told(sample, "BIRTH_DATE_INT")
        if born is None:
            return False
        years, _, fraction = number.partition(".")
        edge = _day(back(self.as_of, int(years or 0) * 12 + round(float(f"0.{fraction or 0}") * 12)))
        turned = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}.get(operator, operator)
        first = last = int(born)
        if born % 10000 == 0 and "part of a birth date" in self.departures:
            first, last = born + 101, born + 1231
        return _holds(first, turned, edge) and _holds(last, turned, edge)

    def _burden(self, operator: str, number: str, sample: Sample) -> bool:
        found = sample.clinical.get("TUMOR_MUTATIONAL_BURDEN_PER_MEGABASE")
        if isinstance(found, str) and "number as text" in self.departures:
            found = float(found)
        return isinstance(found, (int, float)) and _holds(found, operator, float(number))

    def _diagnosis(self, asked: str, found: str | None) -> bool:
        tree = the_tree()
        codes = tree.codes.get(found or "", ())
        if found is None or (len(codes) > 1 and "name of several" in self.departures):
            return False
        return found == asked or any(code in tree.expanded(asked) for code in codes)

    # --- genomic

    def _genomic(self, node: Mapping[str, Any], sample: Sample) -> bool:
        keys = {key.upper(): _negation(value) for key, value in node.items() if key.upper() not in _IGNORED}
        negated = any(not_ for not_, _ in keys.values())
        values = {key: value for key, (_, value) in keys.items()}
        return any(map(self._test(values, sample), self._alterations(values, sample))) != negated

    def _alterations(self, values: Mapping[str, Any], sample: Sample) -> list[Document]:
        found = list(sample.genomic)
        if "wild type" in self.departures:
            found = [d for d in found if not d.get("WILDTYPE")]
        if "silent" in self.departures and "VARIANT_CLASSIFICATION" not in values:
            found = [d for d in found if d.get("TRUE_VARIANT_CLASSIFICATION") not in _SILENT]
        return found

    def _test(self, values: Mapping[str, Any], sample: Sample) -> Test:
        """What a document has to be."""
        category = values.get("VARIANT_CATEGORY")
        left = {key: value for key, value in values.items() if key != "VARIANT_CATEGORY"}
        tests: list[Test] = []
        if category == "Structural Variation":
            sides = [left.pop(key, None) for key in ("HUGO_SYMBOL", "FUSION_PARTNER_HUGO_SYMBOL")]
            if "no gene named" in self.departures and all(_names_none(side) for side in sides):
                return lambda document: False
            tests.append(self._rearranged(sides, sample))
        elif category is not None:
            wanted = _CATEGORIES.get(category.lower(), {category.upper()})
            tests.append(lambda document: document.get("VARIANT_CATEGORY") in wanted)
        if _STATUSES & {_COLUMNS.get(key, "MMR_STATUS" if key == "MS_STATUS" else key) for key in left}:
            left.pop("HUGO_SYMBOL", None)
        tests += [self._column(key, value) for key, value in left.items()]
        return lambda document: all(test(document) for test in tests)

    def _column(self, key: str, value: Any) -> Test:
        if key == "WILDCARD_PROTEIN_CHANGE":
            return self._wildcard(value)
        if key in {"MMR_STATUS", "MS_STATUS"}:
            if value not in _REPAIR:
                raise StoppedError(key)
            return lambda document: document.get("MMR_STATUS") == _REPAIR[value]
        if key == "CNV_CALL":
            return lambda document: document.get("CNV_CALL") == _CALLS.get(value, value)
        if key == "HUGO_SYMBOL":
            return lambda document: self._is_of(document, value)
        if "letters" in self.departures and not _is_a_value(key, value):
            return lambda document: False
        return lambda document: _same(document.get(_COLUMNS.get(key, key)), value)

    def _is_of(self, document: Document, gene: Any) -> bool:
        if document.get("VARIANT_CATEGORY") == "SV" and "gene of a rearrangement" in self.departures:
            return any(self._same_gene(end, gene) for end in self._ends(document) if end is not None)
        return self._same_gene(document.get("TRUE_HUGO_SYMBOL"), gene)

    def _same_gene(self, found: Any, asked: Any) -> bool:
        if not isinstance(found, str) or not isinstance(asked, str):
            return found == asked
        meant = approved(asked)
        if meant != asked and meant.upper() == asked.upper():
            return found == asked and "other case" not in self.departures
        return found == asked or ("symbols" in self.departures and approved(found) == meant)

    def _wildcard(self, value: str) -> Test:
        stem = value if value.startswith("p.") else re.escape(f"p.{value}")
        pattern = re.compile(f"^{stem}[ACDEFGHIKLMNPQRSTVWY]$", re.IGNORECASE)
        if "residue" in self.departures and (codon := re.fullmatch(r"(?:p\.)?[A-Z](\d+)", value)):
            pattern = re.compile(rf"^p\.([A-Z]){codon[1]}(?!\1)[A-Z]$", re.IGNORECASE)
        return lambda document: pattern.search(str(document.get("TRUE_PROTEIN_CHANGE"))) is not None

    def _rearranged(self, sides: list[Any], sample: Sample) -> Test:
        """Both ends in either order; or, in reports of before December 2018, the gene as a word of the comment."""
        reported = sample.clinical.get("REPORT_DATE", {}).get("$date", "1900")
        if reported >= _STRUCTURED_SINCE or "reports in words" in self.departures:
            return lambda document: any(
                all(self._is_side(side, end) for side, end in zip(sides, ends, strict=True))
                for ends in (self._ends(document), self._ends(document)[::-1])
            )
        gene = sides[0]
        pattern = re.compile(rf"(.*\W{gene}\W.*)|(^{gene}\W.*)|(.*\W{gene}$)", re.IGNORECASE)
        return lambda document: pattern.search(document.get("STRUCTURAL_VARIANT_COMMENT") or "") is not None

    def _is_side(self, asked: str | None, end: str | None) -> bool:
        if asked is None:
            return True
        if asked.lower() == "intergenic":
            return end is None
        return end is not None and (asked.lower().replace(" ", "_") == "any_gene" or self._same_gene(end, asked))

    def _ends(self, document: Document) -> tuple[str | None, str | None]:
        ends = document.get("LEFT_PARTNER_GENE"), document.get("RIGHT_PARTNER_GENE")
        return ends if any(ends) or "reports in words" not in self.departures else ends_in_words(document)


def _ways(item: Mapping[str, Any]) -> list[list[tuple[str, Any]]]:
    return _every([_ways_of(name, value) for name, value in item.items()])


def _ways_of(name: str, value: Any) -> list[list[tuple[str, Any]]]:
    if name.startswith("and"):
        return _every([_ways(item) for item in value])
    if name.startswith("or"):
        return [way for item in value for way in _ways(item)] or [[]]
    if name == "clinical":
        return [[(name, (key.upper(), inner)) for key, inner in value.items() if key.upper() not in _IGNORED]]
    return [[(name, value)] if any(key.upper() not in _IGNORED for key in value) else []]


def _every(ways: list[list[list[tuple[str, Any]]]]) -> list[list[tuple[str, Any]]]:
    found: list[list[tuple[str, Any]]] = [[]]
    for alternatives in ways:
        found = [way + more for way in found for more in alternatives]
    return found


def _names_none(side: str | None) -> bool:
    return side is None or side.lower().replace(" ", "_") in {"any_gene", "intergenic"}


def _negation(value: Any) -> tuple[bool, Any]:
    return (True, value[1:]) if isinstance(value, str) and value.startswith("!") else (False, value)


def _comparison(value: Any) -> tuple[str, str]:
    if not isinstance(value, str):
        raise StoppedError(value)
    operator = "".join(sign for sign in value if not sign.isdigit() and sign != ".")
    if operator not in {"==", "<=", ">=", ">", "<"}:
        raise StoppedError(value)
    return operator, "".join(sign for sign in value if sign.isdigit() or sign == ".")


def _holds(one: float, operator: str, other: float) -> bool:
    return {"==": one == other, "<=": one <= other, ">=": one >= other, ">": one > other, "<": one < other}[operator]


def back(day: date, months: int) -> date:
    """The day so many months earlier; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _day(day: date) -> int:
    return day.year * 10000 + day.month * 100 + day.day


def _same(found: Any, asked: Any) -> bool:
    """Equality as the database has it: a truth is no number, a text neither."""
    return found == asked and isinstance(found, bool) == isinstance(asked, bool)


def _is_a_value(key: str, value: Any) -> bool:
    if key == "PROTEIN_CHANGE":
        return is_change(value)
    return key != "VARIANT_CLASSIFICATION" or value in _CLASSES | {"Del_Ins"}
