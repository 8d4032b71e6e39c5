"""Every published example trial matched with 600 invented samples, against two evaluators that share no code with it.

In the closed world the measure is what matchengine-V2 says; in the open world it is what the documents say. Where
Kohort answers otherwise, a named departure explains it, and each kind is counted.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
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
SAMPLES = 600
SEED = 7
TRIALS = SHARED / "trials"
FOLDERS = ("integration_trials", "trials", "yaml")
FILES = (
    [
        *sorted(TRIALS.glob("NCT*.json")),
        *(path for f in FOLDERS for path in sorted((TRIALS / "matchengine" / f).iterdir())),
    ]
    if TRIALS.is_dir()
    else []
)
BESIDE = [*["Choriocarcinoma"] * 6, "Acute Myeloid Leukemia", "Cancer of Unknown Primary", "Myeloid"]
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


CLOSED = {
    "wild type": Accepted(43),
    "silent": Accepted(6),
    "reports in words": Accepted(27),
    "gene of a rearrangement": Accepted(11),
    "symbols": Accepted(1, "alias-gene"),
    "other case": Accepted(9, "alias-gene"),
    "letters": Accepted(7, "unknown-value"),
    "patient": Accepted(129),
    "part of a birth date": Accepted(2),
    "number as text": Accepted(35),
    "name of several": Accepted(3),
    "no gene named": Accepted(6),
    "residue": Accepted(16),
}
"""Differences from matchengine-V2, explained in `matchengine_oracle.DEPARTURES`."""

OPEN = {
    "headings": Accepted(875, "ignored-by-matchengine"),
    "effects": Accepted(69, "unknown-key"),
    "residue": Accepted(38),
    "no gene named": Accepted(3),
}
"""Differences from the documents, explained in `document_oracle.DEPARTURES`."""


SKIPPED: dict[tuple[str | None, bool], int] = {
    (None, True): 9,
    ("no status in _summary", True): 39,
    ("step without arms", True): 3,
    ("suspended", False): 8,
    ("trial is closed", False): 3,
}
"""Why the engine skips parts, whether Kohort takes patients there, and how many."""


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
    return Wishes(aims, [*BESIDE, *sorted({name for aim in aims for name in aim.diagnoses})], sorted(genes))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    """The documents in a new site."""
    folder = tmp_path_factory.mktemp("matchminer")
    samples = samples_of(write_random_delivery(folder / "documents", wishes(), AS_OF, SAMPLES, SEED))
    site = Site.create(folder / "site", "Oslo", "NO")
    site.ingest([folder / "documents"])
    people = site.tables.frame("person")["person"].to_list()
    ids = dict(
        site.source_ids("specimen", who="Kari", purpose="test", persons=people).select("source_id", "id").iter_rows()
    )
    population = Population.of(site, known_by=AS_OF, unit="sample")
    place = {int(sample): number for number, sample in enumerate(population.samples)}
    return World(samples, site, population, [place[ids[sample.id]] for sample in samples])


Differences = dict[Path, list[tuple[Matched, frozenset[str]]]]


@pytest.fixture(scope="module")
def closed(world: World) -> Differences:
    """Where the closed world is not that of matchengine-V2."""

    def evaluator(found: Matched) -> Ask:
        return lambda departures, sample: MatchengineOracle(AS_OF, departures).meets(found.part, sample)

    return differences(world, world.matched(closed_world=True), evaluator, matchengine_oracle.DEPARTURES)


@pytest.fixture(scope="module")
def opened(world: World) -> Differences:
    """Where the open world is not that of the documents."""

    def evaluator(found: Matched) -> Ask:
        return lambda departures, sample: DocumentOracle(AS_OF, departures).meets(found.raw, found.part, sample)

    return differences(world, world.matched(closed_world=False), evaluator, document_oracle.DEPARTURES)


def differences(
    world: World, matched: dict[Path, list[Matched]], evaluator: Callable[[Matched], Ask], known: Iterable[str]
) -> Differences:
    """For each verdict that is another than the evaluator's, a smallest set of departures that makes it the same."""
    every = frozenset(known)
    return {
        file: [
            (found, _needed(ask, verdict, sample, every))
            for found in parts
            for ask in (evaluator(found),)
            for verdict, sample in zip(found.verdicts, world.samples, strict=True)
            if ask(frozenset(), sample) != verdict
        ]
        for file, parts in matched.items()
    }


def _needed(ask: Ask, verdict: Verdict, sample: Sample, every: frozenset[str]) -> frozenset[str]:
    """The departures without any of which the difference would stay; the sample's id if none explain it."""
    if ask(every, sample) != verdict:
        return frozenset({f"{sample.id}: {verdict}, for no reason that is known"})
    needed = every
    for kind in sorted(every):
        if ask(needed - {kind}, sample) == verdict:
            needed -= {kind}
    return needed


def unexplained(found: list[tuple[Matched, frozenset[str]]], accepted: Mapping[str, Accepted]) -> list[str]:
    """Kinds of difference that nobody accepted, or that the reader did not tell of the trial."""
    return [
        f"{matched.level} {matched.code}: {kind}"
        for matched, needed in found
        for kind in needed
        if kind not in accepted or (accepted[kind].rule and accepted[kind].rule not in matched.rules)
    ]


def name(path: Path) -> str:
    """For people."""
    return f"{path.parent.name}/{path.name}"


@pytest.mark.parametrize("file", FILES, ids=name)
def test_in_the_closed_world_each_verdict_is_that_of_matchengine(file: Path, closed: Differences) -> None:
    """Sample by sample and part by part, or else for a reason that is named."""
    assert unexplained(closed[file], CLOSED) == []


@pytest.mark.parametrize("file", FILES, ids=name)
def test_in_the_open_world_each_verdict_is_that_of_the_documents(file: Path, opened: Differences) -> None:
    """In three values."""
    assert unexplained(opened[file], OPEN) == []


def counts(found: Differences) -> Counter[str]:
    return Counter(kind for listed in found.values() for _, needed in listed for kind in needed)


def test_each_kind_of_difference_from_matchengine_is_counted(closed: Differences) -> None:
    """No kind is there that no example shows, and none grows unseen."""
    assert CLOSED.keys() == matchengine_oracle.DEPARTURES.keys()
    assert counts(closed) == {kind: accepted.count for kind, accepted in CLOSED.items()}


def test_each_kind_of_difference_from_the_documents_is_counted(opened: Differences) -> None:
    """No kind is there that no example shows, and none grows unseen."""
    assert OPEN.keys() == document_oracle.DEPARTURES.keys()
    assert counts(opened) == {kind: accepted.count for kind, accepted in OPEN.items()}


def test_the_documents_decide_often_enough_to_tell_rules_apart(world: World) -> None:
    """Of most parts some sample is eligible; each of the three verdicts is frequent."""
    matched = [found for parts in world.matched(closed_world=False).values() for found in parts]
    assert sum(True in found.verdicts for found in matched) > 0.8 * len(matched)
    total = Counter(verdict for found in matched for verdict in found.verdicts)
    assert min(total[value] for value in (True, False, None)) > 0.08 * total.total()


WORDS = {True: "eligible", False: "ineligible", None: "unknown"}


def test_the_command_writes_the_same_verdicts(world: World, tmp_path: Path) -> None:
    """One run over all files; trials that share a number go on under numbered ids, so that none is lost."""
    expected: Counter[tuple[str, ...]] = Counter()
    seen: Counter[str] = Counter()
    for parts in world.matched(closed_world=True).values():
        for trial in {id(found.trial): found.trial for found in parts}.values():
            seen[trial.id] += 1
            name = trial.id if seen[trial.id] == 1 else f"{trial.id}.{seen[trial.id]}"
            for found in (found for found in parts if found.trial is trial and found.is_open):
                expected.update(
                    (name, found.level, found.code, sample.id, sample.clinical["MRN"], WORDS[verdict])
                    for sample, verdict in zip(world.samples, found.verdicts, strict=True)
                )
    arguments = ("--closed-world", "--as-of", AS_OF.isoformat(), "--with-source-ids", "--out", tmp_path / "m.csv")
    done = kohort("match", "run", "--site", world.site.path, "--trials", *FILES, *arguments)
    assert done.returncode == 0, done.stderr
    columns = ("trial", "level", "code", "sample_source_id", "patient_source_id", "verdict")
    with (tmp_path / "m.csv").open(newline="") as file:
        written = Counter(tuple(row[name] for name in columns) for row in csv.DictReader(file))
    assert written == expected
    assert written.total() > 20_000


def test_the_parts_that_take_patients_are_those_that_matchengine_runs(world: World) -> None:
    """But for trials that give their status elsewhere or not at all, which it skips, and for steps without arms."""
    reasons: Counter[tuple[str | None, bool]] = Counter()
    for found in (found for parts in world.matched(closed_world=True).values() for found in parts):
        reasons[why_skipped(found.raw, found.part), found.is_open] += 1
    assert reasons == SKIPPED
