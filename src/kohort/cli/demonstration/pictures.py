"""Altered genes, tumour counts and survival curves over all sites, as the report shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from kohort.cli.demonstration.door import Door, as_count
from kohort.cli.demonstration.sums import SiteSums
from kohort.codes import oncotree
from kohort.evidence import CountSums, KaplanMeierSums, SuppressedTable, SurvivalCurve
from kohort.federation import GuardedSurvival
from kohort.web import (
    NOT_SHOWN,
    Count,
    Curve,
    CurveSet,
    GeneRow,
    Oncoprint,
    OncoprintCell,
    TumourCounts,
    TumourRow,
    would_reveal,
)

__all__ = ["oncoprint", "survival", "tumour_counts", "tumour_name"]

MOST_GENES, MOST_TUMOURS, MOST_CURVES = 16, 8, 4
_KINDS = ("missense", "truncating", "amplification", "deletion", "fusion", "other")
_DAYS_PER_MONTH = 30.4375
_AT_RISK_STEP = 730


def tumour_name(code: str) -> str:
    """OncoTree name with its code."""
    node = oncotree.node(code)
    return code if node is None else f"{node.name} ({code})"


def _commonest(sums: Mapping[str, SiteSums], most: int) -> list[str]:
    total: Counter[str] = Counter()
    for one in sums.values():
        for (code,), n in one.tumours.cells:
            total[code] += n
    return [code for code, _ in sorted(total.items(), key=lambda item: (-item[1], item[0])) if code != "unknown"][:most]


def _only(sums: CountSums, **wanted: set[str]) -> CountSums:
    """The cells whose values are among the wanted ones."""
    places = {sums.columns.index(name): values for name, values in wanted.items()}
    return CountSums(sums.columns, tuple((k, n) for k, n in sums.cells if all(k[i] in v for i, v in places.items())))


def oncoprint(sums: Mapping[str, SiteSums], door: Door) -> Oncoprint | None:
    """The commonest altered genes in the commonest tumours, with the kinds of alteration."""
    tumours = _commonest(sums, MOST_TUMOURS)
    altered: Counter[str] = Counter()
    for one in sums.values():
        for (gene, tumour, _), n in one.genes.cells:
            altered[gene] += n if tumour in tumours else 0
    genes = [gene for gene, _ in sorted(altered.items(), key=lambda item: (-item[1], item[0]))][:MOST_GENES]
    if not genes or not tumours:
        return None
    rows = tuple(GeneRow(gene, _cells(gene, tumours, sums, door)) for gene in genes)
    return Oncoprint(tuple(tumour_name(code) for code in tumours), _KINDS, rows)


def _cells(gene: str, tumours: list[str], sums: Mapping[str, SiteSums], door: Door) -> tuple[OncoprintCell | None, ...]:
    """One gene: one table of tumours by kinds, so that parts and totals are hidden together."""
    wanted = set(tumours)
    kinds = {site: _without_gene(_only(one.genes, gene={gene}, tumour=wanted)) for site, one in sums.items()}
    covered = {site: _without_gene(_only(one.tested, gene={gene}, tumour=wanted)) for site, one in sums.items()}
    by_kind = door.counts(f"Patients with altered {gene} by tumour and kind.", kinds)
    tested = door.counts(f"Patients tested for {gene} by tumour.", covered)
    return tuple(
        _cell(
            as_count(tested, tumour),
            as_count(by_kind, tumour, "total"),
            {kind: as_count(by_kind, tumour, kind) for kind in _KINDS},
        )
        for tumour in tumours
    )


def _cell(tested: Count, count: Count, kinds: dict[str, Count]) -> OncoprintCell | None:
    if tested == 0 and count == 0:
        return None
    told = {kind: n for kind, n in kinds.items() if n != 0}
    if (
        isinstance(count, str)
        or would_reveal(list(told.values()), count)
        or any(isinstance(n, str) for n in told.values())
    ):
        told = {}
    share = count / tested if isinstance(count, int) and isinstance(tested, int) and 0 < tested >= count else None
    return OncoprintCell(tested, count, share, told)


def _without_gene(sums: CountSums) -> CountSums:
    return CountSums(sums.columns[1:], tuple((key[1:], n) for key, n in sums.cells))


def tumour_counts(sums: Mapping[str, SiteSums], door: Door) -> TumourCounts | None:
    """Patients with each hotspot by tumour."""
    tumours = _commonest(sums, 40)
    names = list(next(iter(sums.values())).alterations)
    tables = {
        name: door.counts(f"Patients with {name} by tumour.", {s: one.alterations[name] for s, one in sums.items()})
        for name in names
    }
    # a hotspot that fewer than k patients have at all cannot be told by tumour
    shown = [name for name in names if tables[name] is not None]
    people = door.counts("Patients by tumour.", {s: one.tumours for s, one in sums.items()})
    if people is None or not shown:
        return None
    codes = [*tumours, *(["unknown"] if ("unknown",) in people.cells else [])]
    rows = tuple(
        TumourRow(tumour_name(code), as_count(people, code), tuple(_carriers(code, n, tables[n], sums) for n in shown))
        for code in codes
    )
    total = TumourRow("All tumours", as_count(people, "total"), tuple(as_count(tables[n], "total") for n in shown))
    return TumourCounts(tuple(shown), rows, total)


def _carriers(code: str, name: str, table: SuppressedTable | None, sums: Mapping[str, SiteSums]) -> Count | None:
    """Patients with a hotspot; None where nobody with this tumour was tested for the gene."""
    key = (name.partition(" ")[0], code)
    tested = any(cell == key for one in sums.values() for cell, _ in one.tested.cells)
    found = as_count(table, code)
    return found if tested or found != 0 else None


def survival(sums: Mapping[str, SiteSums], door: Door) -> tuple[CurveSet, ...]:
    """Overall survival of all, and of the commonest tumours."""
    wanted = _commonest(sums, MOST_CURVES)
    whole = door.survival("Overall survival of all patients.", {s: one.survival for s, one in sums.items()})
    apart = {
        site: KaplanMeierSums(
            tuple((label, group) for label, group in one.survival_by_tumour.groups if label in wanted)
        )
        for site, one in sums.items()
    }
    parts = (
        door.survival("Overall survival by tumour.", {s: one for s, one in apart.items() if one.groups})
        if any(one.groups for one in apart.values())
        else None
    )
    found = [
        _picture("Overall survival from diagnosis, all patients", whole, lambda _: "All patients"),
        _picture("Overall survival from diagnosis, by tumour", parts, tumour_name),
    ]
    return tuple(picture for picture in found if picture is not None)


def _picture(title: str, guarded: GuardedSurvival | None, name: Callable[[str], str]) -> CurveSet | None:
    if guarded is None:
        return None
    curves = guarded.result.curves
    last = max(float(curve.times[-1]) for curve in curves)
    step = _AT_RISK_STEP if last > 4 * _AT_RISK_STEP else max(int(last // 5), 30)
    marks = tuple(float(day) for day in range(0, int(last) + 1, step))[:9]
    moved = max((cost.anywhere for _, cost in guarded.costs), default=0.0)
    return CurveSet(
        title,
        tuple(_curve(curve, name(curve.label), marks) for curve in curves),
        note=f"Privacy moved no curve by more than {moved:.3f} at any time.",
    )


def _curve(curve: SurvivalCurve, label: str, marks: tuple[float, ...]) -> Curve:
    last = float(curve.times[-1])
    numbers = curve.at_risk_at(list(marks))
    return Curve(
        label=label,
        times_days=tuple(float(t) for t in curve.times if t > 0),
        survival=tuple(float(s) for t, s in zip(curve.times, curve.survival, strict=True) if t > 0),
        lower=tuple(_limit(v) for t, v in zip(curve.times, curve.lower, strict=True) if t > 0),
        upper=tuple(_limit(v) for t, v in zip(curve.times, curve.upper, strict=True) if t > 0),
        at_risk_times=marks,
        at_risk_numbers=tuple(int(n) if mark <= last else NOT_SHOWN for mark, n in zip(marks, numbers, strict=True)),
        events=curve.n_events,
        n=curve.n,
        median_text=_median(curve),
    )


def _limit(value: float) -> float | None:
    return None if value != value else float(value)  # noqa: PLR0124 - NaN alone differs from itself


def _median(curve: SurvivalCurve) -> str:
    if curve.median is None:
        return "not reached"
    low, high = curve.median_interval
    words = [f"{value / _DAYS_PER_MONTH:.1f}" if value is not None else "not reached" for value in (low, high)]
    return f"{curve.median / _DAYS_PER_MONTH:.1f} months ({words[0]} to {words[1]})"
