"""The rules of matching once more: one patient, one tree, Python booleans with None. Slow, and easy to read.

It shares no code with the engine but the declarations of criteria and the code tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from kohort.codes import genes, oncotree
from kohort.match.criteria import (
    Age,
    And,
    AtLeast,
    CopyNumber,
    Criterion,
    Diagnosis,
    FreeText,
    Fusion,
    Mmr,
    Msi,
    Mutation,
    Not,
    Or,
    Range,
    Rearrangement,
    Receptor,
    Sex,
    Signature,
    Tmb,
    WildType,
)
from kohort.profile.alterations.normaliser import normalise
from tests.spec.match.match_function_reference import function

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Value = bool | None

SILENT = {"Silent", "Intron"}

NO_CLASS = {"Missense and Splice_Region", "Del_Ins"}
"""Words of laboratories that MAF does not have."""


def judge(criterion: Criterion, tables: Tables, person: int, as_of: date, *, closed: bool = False) -> Value:
    """The value of a criterion for one person."""

    def of(part: Criterion) -> Value:
        match part:
            case And(parts=parts):
                return kleene_and(map(of, parts))
            case Or(parts=parts):
                return negate(kleene_and(negate(of(one)) for one in parts))
            case Not(parts=(inner,)):
                return negate(of(inner))
            case AtLeast(n=n, parts=parts):
                values = [of(one) for one in parts]
                most = sum(value is not False for value in values)
                return True if sum(value is True for value in values) >= n else False if most < n else None
            case _:
                value = LEAVES[type(part)](part, Patient(tables, person), as_of)
                return False if closed and value is None else value

    return of(criterion)


def kleene_and(values: Iterable[Value]) -> Value:
    seen = list(values)
    return False if False in seen else None if None in seen else True


def negate(value: Value) -> Value:
    return None if value is None else not value


def any_row(values: Iterable[Value], *, otherwise: Value) -> Value:
    """True if a row says so, unknown if a row is open, else no or unknown by what the absence of a row means."""
    seen = list(values)
    return True if True in seen else None if None in seen else False if False in seen else otherwise


class Patient:
    """One person's rows."""

    def __init__(self, tables: Tables, person: int) -> None:
        self.tables, self.person = tables, person

    def rows(self, table: str) -> list[Row]:
        return [row for row in self.tables.get(table, []) if row["person"] == self.person]

    def variants(self, *classes: str) -> list[Row]:
        return [row for row in self.rows("variant") if row["class"] in classes]

    def was_tested(self, gene: str, assay: str) -> bool:
        listed = {row["system"] for row in self.tables.get("code", []) if same_gene(row["code"], gene)}
        for test in self.rows("test"):
            covers = test.get("coverage") in {"exome", "genome"} or f"panel/{test.get('panel')}" in listed
            gap = any(
                row["test"] == test["id"] and same_gene(row["gene"], gene) for row in self.variants("not_assessed")
            )
            if test["assay"] == assay and covers and test.get("quality") != "failed" and not gap:
                return True
        return False


def same_gene(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and approved(one) == approved(other)


def approved(symbol: str) -> str:
    gene = genes.resolve(symbol)
    return symbol.upper() if gene is None else gene.symbol


def mutation(leaf: Mutation, patient: Patient, _as_of: date) -> Value:
    tested = patient.was_tested(leaf.gene, "mutation")
    rows = [row for row in patient.variants("snv", "indel") if same_gene(row["gene"], leaf.gene)]
    values = [variant(leaf, row) for row in rows]
    return any_row([value for value in values if value is not False], otherwise=False if tested else None)


def variant(leaf: Mutation, row: Row) -> Value:
    kind, change = row.get("classification"), normalise(row.get("hgvs_p"), leaf.gene)
    legible = change.position is not None
    asked: list[Value] = []
    if leaf.classes:
        asked.append(None if kind is None or kind in NO_CLASS else kind in leaf.classes)
    else:
        asked.append(kind not in SILENT)
    blank_splice = row.get("hgvs_p") is None and kind == "Splice_Site"
    if leaf.protein_change is not None:
        wanted = normalise(leaf.protein_change, leaf.gene)
        asked.append(change == wanted if legible else False if blank_splice else None)
    if leaf.codon is not None:
        substituted = change.kind == "missense" and change.position == leaf.codon
        asked.append(substituted if legible else False if blank_splice else None)
    if leaf.exon is not None:
        asked.append(None if row.get("exon") is None else row["exon"] == leaf.exon)
    if leaf.function is not None:
        asked.append(function(leaf.function, leaf.gene, row.get("hgvs_p"), kind, row.get("exon")))
    return kleene_and(asked)


def wild_type(leaf: WildType, patient: Patient, as_of: date) -> Value:
    return negate(mutation(Mutation(leaf.gene), patient, as_of))


def copy_number(leaf: CopyNumber, patient: Patient, _as_of: date) -> Value:
    wanted = {"amplification": {2}, "gain": {1}, "loss": {-1}, "deep_loss": {-2}, None: {-2, -1, 1, 2}}[leaf.call]
    rows = [row for row in patient.variants("cnv") if same_gene(row["gene"], leaf.gene)]
    values = [None if row.get("copies") is None else row["copies"] in wanted for row in rows]
    return any_row(values, otherwise=False if patient.was_tested(leaf.gene, "copy_number") else None)


def fusion(leaf: Fusion, patient: Patient, _as_of: date) -> Value:
    wanted = [gene for gene in (leaf.gene, leaf.partner) if gene is not None]
    values: list[Value] = []
    for row in patient.variants("fusion", "sv"):
        ends = {approved(end) for end in (row["gene"], row.get("partner")) if end is not None}
        if not ends:
            values.append(None)
        if not ends & set(wanted):
            continue
        if row["gene"] is None or row.get("partner") is None:
            values.append(True if leaf.partner is None and row["class"] == "fusion" else None)
        elif len(ends) == 2 and ends >= set(wanted):
            values.append(True)
    tested = any(patient.was_tested(gene, "structural_variant") for gene in wanted)
    return any_row(values, otherwise=False if tested else None)


def rearrangement(leaf: Rearrangement, patient: Patient, _as_of: date) -> Value:
    values = []
    for row in patient.variants("fusion", "sv"):
        ends = [None if end is None else approved(end) for end in (row["gene"], row.get("partner"))]
        values += [joins(leaf, *ends), joins(leaf, *reversed(ends))] if any(ends) else [None]
    named = [gene for gene in (leaf.gene, leaf.partner) if gene not in {None, "any", "intergenic"}]
    tested = any(patient.was_tested(str(gene), "structural_variant") for gene in named)
    return any_row([value for value in values if value is not False], otherwise=False if tested else None)


def joins(leaf: Rearrangement, one: str | None, other: str | None) -> Value:
    """Whether a variant fits, read from one of its ends to the other."""
    if leaf.partner not in {None, "any", "intergenic"} and other is None:
        return None if one in {leaf.gene, leaf.partner} else False
    if one != leaf.gene:
        return False
    if leaf.partner is None:
        return True
    if leaf.partner == "intergenic":
        return other is None
    if other is None:
        return None
    return leaf.partner in {"any", other}


def mmr(leaf: Mmr, patient: Patient, _as_of: date) -> Value:
    found = [row["value_code"] for row in patient.rows("finding") if row["kind"] == "msi"]
    found += [row.get("msi") for row in patient.rows("test")]
    read = [{"MSI-H": "deficient", "MSI-L": "proficient", "MSS": "proficient"}.get(str(one)) for one in found]
    rows = [row for row in patient.rows("finding") if row["kind"] == "ihc" and row["code_code"] == "MMR"]
    read += [row["value_code"] for row in rows if row["value_code"] in {"deficient", "proficient"}]
    return any_row([one == leaf.status for one in read if one is not None], otherwise=None)


def signature(leaf: Signature, patient: Patient, _as_of: date) -> Value:
    rows = [row for row in patient.rows("finding") if row["kind"] == "marker"]
    asked = [row for row in rows if (row.get("code_system"), row["code_code"]) == ("signature", leaf.name)]
    clear = [row["value_code"] == "present" for row in asked if row["value_code"] in {"present", "absent"}]
    return any_row([value == leaf.present for value in clear], otherwise=None)


def diagnosis(leaf: Diagnosis, patient: Patient, _as_of: date) -> Value:
    def below(code: str) -> list[str]:
        return sorted(oncotree.descendants(code))

    def meets(code: str) -> bool:
        node = oncotree.node(code)
        assert node is not None
        if leaf.code is not None:
            return oncotree.is_a(code, leaf.code)
        if leaf.lineage is not None:
            return oncotree.is_liquid(code) == (leaf.lineage == "liquid")
        return leaf.main_type == node.main_type or leaf.tissue == node.tissue

    values: list[Value] = []
    for row in patient.rows("tumour"):
        code = row.get("oncotree_code")
        if code is None:
            values += [] if row.get("kind") in {"recurrence", "metastasis"} else [None]
        else:
            values.append(True if meets(code) else None if any(map(meets, below(code))) else False)
    return any_row(values, otherwise=None)


def age(leaf: Age, patient: Patient, as_of: date) -> Value:
    """Of ages counted in completed years from a birth date: every possible day of birth is tried."""
    (row,) = patient.rows("person")
    born, precision = row["birth"], row["birth_precision"]
    if born is None:
        return None
    values = {inside(leaf.years, completed_years(day, as_of)) for day in possible_days(born, precision)}
    return values.pop() if len(values) == 1 else None


def possible_days(first: date, precision: int) -> list[date]:
    days = [date.fromordinal(first.toordinal() + step) for step in range({3: 1, 2: 31, 1: 366}[precision])]
    return [day for day in days if day.year == first.year and (precision < 2 or day.month == first.month)]


def completed_years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def inside(limits: Range, value: float) -> bool:
    low = value >= limits.low if limits.with_low else value > limits.low
    high = value <= limits.high if limits.with_high else value < limits.high
    return low and high


def sex(leaf: Sex, patient: Patient, _as_of: date) -> Value:
    (row,) = patient.rows("person")
    return None if row.get("sex_code") is None else row["sex_code"] == leaf.code


def receptor(leaf: Receptor, patient: Patient, _as_of: date) -> Value:
    rows = [row for row in patient.rows("finding") if row["kind"] == "ihc" and row["code_code"] == leaf.marker]
    clear = [row["value_code"] for row in rows if row["value_code"] in {"positive", "negative"}]
    return any_row([value == leaf.status for value in clear], otherwise=None)


def msi(leaf: Msi, patient: Patient, _as_of: date) -> Value:
    found = [row["value_code"] for row in patient.rows("finding") if row["kind"] == "msi"]
    found += [row.get("msi") for row in patient.rows("test")]
    return any_row([one == leaf.status for one in found if one not in {None, "indeterminate"}], otherwise=None)


def tmb(leaf: Tmb, patient: Patient, _as_of: date) -> Value:
    found = [row["tmb"] for row in patient.rows("test") if row.get("tmb") is not None]
    return any_row([inside(leaf.per_mb, value) for value in found], otherwise=None)


def free_text(_leaf: FreeText, _patient: Patient, _as_of: date) -> Value:
    return None


LEAVES: dict[type, Callable[[Any, Patient, date], Value]] = {
    Age: age,
    CopyNumber: copy_number,
    Diagnosis: diagnosis,
    FreeText: free_text,
    Fusion: fusion,
    Mmr: mmr,
    Msi: msi,
    Mutation: mutation,
    Rearrangement: rearrangement,
    Receptor: receptor,
    Sex: sex,
    Signature: signature,
    Tmb: tmb,
    WildType: wild_type,
}

from tests.spec.match import match_reference_clinical  # noqa: E402  (it builds on what stands above)

LEAVES |= match_reference_clinical.LEAVES
