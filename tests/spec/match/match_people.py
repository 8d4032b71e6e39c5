"""Invented patients in standard tables, written a row at a time, for the tests of matching."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from kohort.match import Population, evaluate
from kohort.match.criteria import Criterion
from kohort.tables import MemoryTables

TODAY = date(2026, 11, 1)


class People:
    """Tables in the making. A person exists as soon as a row is about them."""

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self._next = 1000

    def add(self, table: str, person: int, **columns: Any) -> int:
        """One row; returns its id."""
        if table != "person" and not any(row["person"] == person for row in self.rows["person"]):
            self.add("person", person)
        self._next += 1
        self.rows[table].append({"person": person, "id": self._next, **columns})
        return self._next

    def panel(self, name: str, *genes: str) -> None:
        """A panel and the genes it covers."""
        self.rows["code"] += [{"system": f"panel/{name}", "code": gene} for gene in genes]

    def tested(self, person: int, panel: str | None = None, assay: str = "mutation", **columns: Any) -> int:
        """A test; without a panel and coverage it is not known what was covered."""
        coverage = {"coverage": "panel"} if panel else {}
        given = {"specimen": 1, "assay": assay, "panel": panel} | coverage | columns
        return self.add("test", person, **given)

    def mutation(self, person: int, gene: str, change: str | None = None, **columns: Any) -> int:
        """A small variant found by a test whose coverage is not known, unless ``test`` is given."""
        test = columns.pop("test", None) or self.tested(person)
        kind = {"class": columns.pop("class_", "snv")}
        return self.add("variant", person, test=test, gene=gene, hgvs_p=change, **kind, **columns)

    @property
    def tables(self) -> MemoryTables:
        """The tables so far."""
        return MemoryTables({name: rows for name, rows in self.rows.items() if rows})

    @property
    def population(self) -> Population:
        """The persons so far."""
        return Population.of(self.tables)

    def value(self, criterion: Criterion, person: int = 1, *, closed_world: bool = False) -> bool | None:
        """What is known of a criterion for one person, on the day of the tests."""
        population = self.population
        truth = evaluate(criterion, population, TODAY, closed_world=closed_world)
        return truth.value(population.index_of(person))
