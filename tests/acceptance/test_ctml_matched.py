"""Every published example trial matched with 300 invented samples, against two evaluators that share no code with it.

In the closed world the measure is what matchengine-V2 says; in the open world it is what the documents say. Where
Kohort answers otherwise, a named departure explains it, and each kind is counted.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kohort.match import Population, Trial, match, read_trials
from kohort.store import Site
from tests.acceptance import document_oracle, matchengine_oracle
from tests.acceptance.document_oracle import DocumentOracle
from tests.acceptance.matchengine_oracle import MatchengineOracle, why_skipped
from tests.acceptance.raw_documents import Part, Sample, nodes_of, parts_of, raw_trials, samples_of, the_tree
from tests.patient_documents_random import Aim, Wishes, write_random_delivery
from tests.spec.cli.command import kohort
from tests.support import SHARED, needs_shared

pytestmark = [pytest.mark.realdata, needs_shared]

AS_OF = date(2026, 11, 24)
TRIALS = SHARED / "trials"
FOLDERS = ("integration_trials", "trials", "yaml")
FILES = (
    [*sorted(TRIALS.glob("NCT*.json")), *(path for f in FOLDERS for path in sorted((TRIALS / "matchengine" / f).iterdir()))]
    if TRIALS.is_dir()
    else []
)
BESIDE = ["Acute Myeloid Leukemia", "Cancer of Unknown Primary", "Choriocarcinoma", "Merkel Cell Carcinoma", "Myeloid"]
"""Diagnoses that patients have besides those of the trials; three types are called choriocarcinoma."""

Verdict = bool | None
Ask = Callable[[frozenset[str], Sample], Verdict]


@dataclass(frozen=True)
class Accepted:
    """A kind of difference that is meant.

    Attributes:
        count: verdicts that it explains, alone or with others.
        rule: the problem by which the reader tells it of a trial; empty if it lies in the documents alone.
    """

    count: int
    rule: str = ""


CLOSED: dict[str, Accepted] = {}
OPEN: dict[str, Accepted] = {}


@dataclass(frozen=True)
class Matched:
    """One part of a trial with its verdicts, sample by sample."""

    file: Path
    trial: Trial
    raw: dict[str, Any]
    part: Part
    level: str
    code: str
    is_open: bool
    verdicts: list[Verdict]
    rules: frozenset[str]


@dataclass(frozen=True)
class World:
    """The documents, the site that holds them, and where its samples stand."""

    samples: list[Sample]
    site: Site
    population: Population
    places: list[int]

    def matched(self, *, closed_world: bool) -> dict[Path, list[Matched]]:
        """All parts of all files, matched in one go."""
        read = [(file, *read_trials(file)) for file in FILES]
        found = iter(match([t for _, trials, _ in read for t in trials], self.population, AS_OF, closed_world).arms)
        parts: dict[Path, list[Matched]] = {file: [] for file in FILES}
        for file, trials, problems in read:
            rules = frozenset(problem.rule for problem in problems)
            for trial, raw in zip(trials, raw_trials(file), strict=True):
                for part in parts_of(raw):
                    arm = next(found)
                    verdicts = [arm.truth.value(place) for place in self.places]
                    place = (arm.arm.level, arm.arm.code, trial.is_open(arm.arm))
                    parts[file].append(Matched(file, trial, raw, part, *place, verdicts, rules))
        assert next(found, None) is None
        return parts


def wishes() -> Wishes:
    """What the raw trials ask for."""
    tree = the_tree()
    aims: list[Aim] = []
    genes: set[str] = set()
    for part in (part for file in FILES for raw in raw_trials(file) for part in parts_of(raw)):
        nodes = list(nodes_of(part.node["match"]))
        words = {str(node.get("oncotree_primary_diagnosis", "")).lstrip("!") for _, node in nodes}
        names = [name for name in sorted(words) if name in tree.codes]
        near = [tree.name[code] for name in names for own in tree.codes[name] for code in sorted(tree.below[own])[:3]]
        genomic = [node for kind, node in nodes if kind == "genomic"]
        aim = Aim(genomic, [name for name in (*names, *near) if len(tree.codes[name]) == 1])
        if aim not in aims:
            aims.append(aim)
        genes |= {str(n.get(key)) for n in genomic for key in ("hugo_symbol", "fusion_partner_hugo_symbol")}
    genes = {gene for gene in genes if gene[0].isalpha() and gene.lower() not in {"none", "any_gene", "intergenic"}}
    return Wishes(aims, sorted({*BESIDE, *(name for aim in aims for name in aim.diagnoses)}), sorted(genes))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The documents in a new site."""
    folder = tmp_path_factory.mktemp("matchminer")
    samples = samples_of(write_random_delivery(folder / "documents", wishes(), AS_OF))
    site = Site.create(folder / "site", "Oslo", "NO")
    site.ingest([folder / "documents"])
    people = site.tables.frame("person")["person"].to_list()
    ids = dict(
        site.source_ids("specimen", who="Kari", purpose="test", persons=people)
        .select("source_id", "id")
        .iter_rows()
    )
    population = Population.of(site, known_by=AS_OF, unit="sample")
    place = {int(sample): number for number, sample in enumerate(population.samples)}
    return World(samples, site, population, [place[ids[sample.id]] for sample in samples])


@pytest.fixture(scope="module")
def closed(world: World) -> dict[Path, list[Matched]]:
    return world.matched(closed_world=True)


@pytest.fixture(scope="module")
def opened(world: World) -> dict[Path, list[Matched]]:
    return world.matched(closed_world=False)


def as_the_engine(found: Matched) -> Ask:
    """The verdict of matchengine-V2, with some departures."""
    return lambda departures, sample: MatchengineOracle(AS_OF, departures).meets(found.part, sample)


def as_the_documents(found: Matched) -> Ask:
    """The verdict of the documents, with some departures."""
    return lambda departures, sample: DocumentOracle(AS_OF, departures).meets(found.raw, found.part, sample)


def differences(found: Matched, world: World, ask: Ask, every: frozenset[str]) -> Iterator[frozenset[str]]:
    """For each verdict that is another than the evaluator's, a smallest set of departures that makes it the same."""
    for verdict, sample in zip(found.verdicts, world.samples, strict=True):
        if ask(frozenset(), sample) == verdict:
            continue
        assert ask(every, sample) == verdict, f"{found.code}, {sample.id}: {verdict} is explained by nothing"
        needed = every
        for name in sorted(every):
            if ask(needed - {name}, sample) == verdict:
                needed -= {name}
        yield needed


def name(path: Path) -> str:
    return path.name


@pytest.mark.parametrize("file", FILES, ids=name)
def test_in_the_closed_world_each_verdict_is_that_of_matchengine(
    file: Path, world: World, closed: dict[Path, list[Matched]]
) -> None:
    """Sample by sample and part by part, or else for a reason that is named."""
    for found in closed[file]:
        assert (found.level, found.code) == (found.part.level, found.part.code)
        for needed in differences(found, world, as_the_engine(found), frozenset(matchengine_oracle.DEPARTURES)):
            assert {CLOSED[kind].rule for kind in needed} - {""} <= found.rules


@pytest.mark.parametrize("file", FILES, ids=name)
def test_in_the_open_world_each_verdict_is_that_of_the_documents(
    file: Path, world: World, opened: dict[Path, list[Matched]]
) -> None:
    """In three values."""
    for found in opened[file]:
        for needed in differences(found, world, as_the_documents(found), frozenset(document_oracle.DEPARTURES)):
            assert {OPEN[kind].rule for kind in needed} - {""} <= found.rules


def counted(matched: dict[Path, list[Matched]], world: World, ask: Callable[[Matched], Ask], every: frozenset[str]) -> Counter[str]:
    return Counter(
        kind
        for found in (found for parts in matched.values() for found in parts)
        for needed in differences(found, world, ask(found), every)
        for kind in needed
    )


def test_each_kind_of_difference_from_matchengine_is_counted(world: World, closed: dict[Path, list[Matched]]) -> None:
    """None is there that no example shows, and none grows unseen."""
    found = counted(closed, world, as_the_engine, frozenset(matchengine_oracle.DEPARTURES))
    assert found == {kind: accepted.count for kind, accepted in CLOSED.items()}
    assert CLOSED.keys() == matchengine_oracle.DEPARTURES.keys()


def test_each_kind_of_difference_from_the_documents_is_counted(world: World, opened: dict[Path, list[Matched]]) -> None:
    """None is there that no example shows, and none grows unseen."""
    found = counted(opened, world, as_the_documents, frozenset(document_oracle.DEPARTURES))
    assert found == {kind: accepted.count for kind, accepted in OPEN.items()}
    assert OPEN.keys() == document_oracle.DEPARTURES.keys()
