"""Laws of the answers of matching: missing facts, near misses, feasibility, changes."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from kohort.match import Matches, Trial, match
from kohort.match.answers.changes import Snapshot, changes, snapshot
from kohort.match.answers.feasibility import feasibility
from kohort.match.answers.gaps import ArmGaps
from kohort.match.answers.minimal import minimal_facts
from kohort.match.answers.missing import plan_of_tests, ranking_of_facts
from kohort.match.answers.near import near_misses
from kohort.match.answers.outcomes import can_be
from kohort.match.criteria import (
    And,
    AtLeast,
    Criterion,
    Diagnosis,
    FreeText,
    Leaf,
    Msi,
    Mutation,
    Not,
    Or,
    PerformanceStatus,
    Range,
    Receptor,
    Sex,
    Tmb,
    WildType,
    leaves,
)
from kohort.match.engine.evaluation import evaluate, leaf_truth
from kohort.match.engine.truth import unpack
from kohort.match.trials.protocol import Arm
from kohort.tables import MemoryTables
from tests.spec.match.match_people import TODAY, People

Value = bool | None

some = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
few = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])

leaf: st.SearchStrategy[Leaf] = st.one_of(
    st.sampled_from(
        [
            Mutation("BRAF"),
            Mutation("BRAF", protein_change="V600E"),
            Mutation("BRAF", protein_change="V600K"),
            Mutation("BRAF", codon=600),
            WildType("BRAF"),
        ]
    ),
    st.builds(Msi, st.sampled_from(["MSI-H", "MSI-L", "MSS"])),
    st.builds(Sex, st.sampled_from(["female", "male"])),
    st.builds(Receptor, st.just("ER"), st.sampled_from(["positive", "negative"])),
)
measured: st.SearchStrategy[Leaf] = st.one_of(
    leaf,
    st.builds(Tmb, st.sampled_from(["<5", ">=5, <10", ">=10", ">=20"]).map(Range.parse)),
    st.builds(PerformanceStatus, st.sampled_from(["<=1", "==2", ">=2"]).map(Range.parse)),
    st.builds(Diagnosis, st.sampled_from(["LUAD", "NSCLC", "MEL"])),
    st.builds(FreeText, st.sampled_from(["fit", "willing"])),
)


def trees_of(one: st.SearchStrategy[Leaf]) -> st.SearchStrategy[Criterion]:
    def joined(inner: st.SearchStrategy[Criterion]) -> st.SearchStrategy[Criterion]:
        several = st.lists(inner, min_size=1, max_size=3)
        return st.one_of(
            several.map(lambda parts: And(*parts)),
            several.map(lambda parts: Or(*parts)),
            several.flatmap(lambda parts: st.integers(1, len(parts)).map(lambda n: AtLeast(n, *parts))),
            inner.map(Not),
        )

    return st.recursive(one, joined, max_leaves=7)


@st.composite
def everybody(draw: st.DrawFn, persons: Iterable[int] = range(1, 7)) -> People:
    """A few people of whom anything may be unknown."""
    people = People()
    people.panel("small", "BRAF")
    for person in persons:
        people.add("person", person, sex_code=draw(st.sampled_from([None, "female", "male"])))
        code = draw(st.sampled_from([None, "LUAD", "NSCLC", "MEL"]))
        people.add("tumour", person, oncotree_code=code, age_at_diagnosis=draw(st.none() | st.integers(10, 90)))
        for kind, asked, values in (("msi", None, ["MSI-H", "MSI-L", "MSS"]), ("ihc", "ER", ["positive", "negative"])):
            value = draw(st.none() | st.sampled_from(values))
            if value is not None:
                people.add("finding", person, kind=kind, code_code=asked, value_code=value)
        number = draw(st.none() | st.sampled_from([2.0, 7.0, 30.0]))
        if number is not None:
            people.add("finding", person, kind="tmb", value_number=number)
        if draw(st.booleans()):
            test = people.tested(person, "small")
            for change in draw(st.sets(st.sampled_from(["p.V600E", "p.V600K", "p.G469A"]), max_size=2)):
                people.mutation(person, "BRAF", change, test=test, classification="Missense_Mutation")
    return people


def trial(*criteria: Criterion) -> Trial:
    return Trial("T", "A trial", tuple(Arm(f"A{i}", f"Arm {i}", (), one) for i, one in enumerate(criteria)))


def value_of(node: Criterion, known: dict[Leaf, Value]) -> Value:
    """Kleene's value of a tree, written out."""
    if isinstance(node, Leaf):
        return known[node]
    found = [value_of(part, known) for part in node.parts]
    if isinstance(node, Not):
        return None if found[0] is None else not found[0]
    needed = node.n if isinstance(node, AtLeast) else 1 if isinstance(node, Or) else len(found)
    if found.count(True) >= needed:
        return True
    return False if len(found) - found.count(False) < needed else None


def known_of(criterion: Criterion, matches: Matches, at: int) -> dict[Leaf, Value]:
    return {one: leaf_truth(one, matches.population, TODAY).value(at) for one in leaves(criterion)}


def worlds(known: dict[Leaf, Value], facts: Iterable[str]) -> Iterator[dict[Leaf, Value]]:
    """All ways in which some facts can turn out, for one person."""
    wanted = set(facts)
    asked = [one for one, value in known.items() if value is None and one.fact.words in wanted]
    for answer in itertools.product([True, False], repeat=len(asked)):
        world = known | dict(zip(asked, answer, strict=True))
        by_fact: dict[str, list[tuple[Leaf, bool]]] = {}
        for one, value in world.items():
            if value is not None:
                by_fact.setdefault(one.fact.words, []).append((one, value))
        if all(can_be(given) for given in by_fact.values()):
            yield world


def missing(known: dict[Leaf, Value]) -> list[str]:
    return list(dict.fromkeys(one.fact.words for one, value in known.items() if value is None))


@some
@given(everybody(), trees_of(measured), st.data())
def test_facts_settle_and_open_as_all_their_outcomes_say(people: People, tree: Criterion, data: st.DataObject) -> None:
    """One fact or several together, against each way they can turn out, patient by patient."""
    matches = match(trial(tree), people.tables, TODAY)
    size = matches.population.size
    gaps = ArmGaps(matches.arms[0].criteria, lambda one: leaf_truth(one, matches.population, TODAY), size)
    facts = data.draw(
        st.sets(st.sampled_from(sorted({one.fact.words for one in leaves(tree)})), min_size=1, max_size=3)
    )
    effect = gaps.effect(facts)
    settled, opened = (_persons(gaps, bits, size) for bits in (effect.settled, effect.opened))
    for at in range(size):
        known = known_of(tree, matches, at)
        if value_of(tree, known) is None:
            outcomes = {value_of(tree, world) for world in worlds(known, facts)}
            assert (at in settled) == (None not in outcomes)
            assert (at in opened) == (True in outcomes)
        else:
            assert at not in settled | opened


def _persons(gaps: ArmGaps, bits: Any, size: int) -> set[int]:
    every = {64 * int(word) + bit for i, word in enumerate(gaps.words) for bit in range(64) if int(bits[i]) >> bit & 1}
    assert all(at < size for at in every)
    return every


@some
@given(everybody([1]), trees_of(measured))
def test_minimal_sets_decide_open_and_close_with_nothing_to_spare(people: People, tree: Criterion) -> None:
    """Every set does what it says in every world, no smaller set does, and no world is overlooked."""
    matches = match(trial(tree), people.tables, TODAY)
    known = known_of(tree, matches, 0)
    names = missing(known)
    assume(len(names) <= 5)
    found = minimal_facts(tree, matches.population, 1, TODAY)
    assert found.verdict == value_of(tree, known)
    if found.verdict is not None:
        assert (found.decide, found.open, found.close) == ((), (), ())
        return
    assert found.is_complete

    def decides(facts: Iterable[str]) -> bool:
        return all(value_of(tree, world) is not None for world in worlds(known, facts))

    sets = [frozenset(c) for n in range(len(names) + 1) for c in itertools.combinations(names, n)]
    minimal = {one for one in sets if decides(one) and not any(other < one and decides(other) for other in sets)}
    assert {frozenset(fact.words for fact in one) for one in found.decide} == minimal
    every = list(worlds(known, names))
    for wanted, listed in ((True, found.open), (False, found.close)):
        told = [{leaf: value for finding in one for leaf, value in finding.answers} for one in listed]
        facts = [frozenset(finding.fact.words for finding in one) for one in listed]
        for world in every:
            hit = [i for i, one in enumerate(told) if all(world[leaf] == value for leaf, value in one.items())]
            assert bool(hit) == (value_of(tree, world) is wanted)
            for i in hit:  # nothing else has to be known
                only = {
                    one: v if known[one] is not None or one.fact.words in facts[i] else None for one, v in world.items()
                }
                assert value_of(tree, only) is wanted
        for i, j in itertools.permutations(range(len(told)), 2):
            if facts[j] <= facts[i]:  # no set is a special case of another
                assert any(
                    all(world[leaf] == value for leaf, value in told[i].items())
                    and not all(world[leaf] == value for leaf, value in told[j].items())
                    for world in every
                )


RESULTS: dict[str, list[list[tuple[str, dict[str, Any]]]]] = {
    "microsatellite test": [
        [("finding", {"kind": "msi", "value_code": status})] for status in ("MSI-H", "MSI-L", "MSS")
    ],
    "receptor status of ER": [
        [("finding", {"kind": "ihc", "code_code": "ER", "value_code": status})] for status in ("positive", "negative")
    ],
    "mutation test of BRAF": [
        [("variant", {"gene": "BRAF", "hgvs_p": c, "class": "snv", "classification": "Missense_Mutation"}) for c in one]
        for n in range(4)
        for one in itertools.combinations(("p.V600E", "p.V600K", "p.G469A"), n)
    ],
}
"""All results that the tests of a fact can have, as rows of tables."""


def with_result(
    people: People, persons: list[int], fact: str, result: list[tuple[str, dict[str, Any]]]
) -> MemoryTables:
    """The tables after a test of some persons."""
    rows = {name: list(given) for name, given in people.rows.items()}
    row_id = itertools.count(1_000_000)
    for person in persons:
        test = next(row_id)
        if fact.startswith("mutation"):
            panel = {"specimen": 1, "assay": "mutation", "panel": "small", "coverage": "panel"}
            rows.setdefault("test", []).append({"person": person, "id": test, **panel})
        for table, row in result:
            link = {"test": test} if table == "variant" else {}
            rows.setdefault(table, []).append({"person": person, "id": next(row_id), **link, **row})
    return MemoryTables(rows)


@few
@given(everybody(), st.lists(trees_of(leaf), min_size=1, max_size=3), st.sampled_from(sorted(RESULTS)))
def test_finding_out_the_named_fact_settles_exactly_the_places_it_was_said_to(
    people: People, criteria: list[Criterion], fact: str
) -> None:
    """An intervention in the tables: each possible result is entered for all who lack the fact, and matched again."""
    before = match(trial(*criteria), people.tables, TODAY)
    unknown = set(before.verdicts("unknown").select("arm", "person").iter_rows())
    lacking = _lacking(before, fact)
    known_after, opened = set(unknown), set()
    for result in RESULTS[fact]:
        after = match(trial(*criteria), with_result(people, sorted(lacking), fact, result), TODAY)
        known_after &= set(after.verdicts("eligible", "ineligible").select("arm", "person").iter_rows())
        opened |= unknown & set(after.eligible().select("arm", "person").iter_rows())
    told = {row["fact"]: row for row in ranking_of_facts(before).to_dicts()}.get(fact)
    assert (told["would_settle"] if told else 0) == len(known_after)
    assert (told["persons_settled"] if told else 0) == len({person for _, person in known_after})
    assert (told["could_open"] if told else 0) == len(opened)
    assert {person for _, person in known_after} <= lacking


def _lacking(matches: Matches, fact: str) -> set[int]:
    """Persons of some unknown verdict for whom a leaf of the fact is unknown."""
    found = set()
    for arm in matches.arms:
        for one in leaves(arm.criteria):
            truth = leaf_truth(one, matches.population, TODAY)
            if one.fact.words == fact:
                found |= set(matches.population.persons[truth.is_unknown & arm.truth.is_unknown].tolist())
    return found


@few
@given(everybody(), st.lists(trees_of(measured), min_size=1, max_size=3))
def test_the_first_test_of_a_plan_is_the_first_of_the_ranking_and_no_step_is_lost(
    people: People, criteria: list[Criterion]
) -> None:
    """Later steps only add; with every fact known nothing is unknown."""
    matches = match(trial(*criteria), people.tables, TODAY)
    ranking, plan = ranking_of_facts(matches), plan_of_tests(matches, 20)
    unknown = matches.counts()["unknown"].sum()
    assert plan.height == ranking.height
    if unknown:
        assert plan["fact"][0] == ranking["fact"][0]
        assert plan["settled_so_far"].is_sorted()
        assert plan["still_unknown"].to_list()[-1] == 0
        assert plan["would_settle"].sum() == unknown


@some
@given(everybody(), st.lists(trees_of(measured), min_size=1, max_size=5), st.booleans())
def test_a_near_miss_of_a_requirement_is_leaving_it_out_less_all(
    people: People, parts: list[Criterion], closed: bool
) -> None:
    """Whoever is not excluded without it and is with it; each with one row, on rows of the tables."""
    matches = match(trial(And(*parts)), people.tables, TODAY, closed_world=closed)
    asked = list(matches.arms[0].criteria.parts)
    near = near_misses(matches)
    found = set(near.select("requirement", "person").iter_rows())
    expected = set()
    for i, part in enumerate(asked):
        others = And(*asked[:i], *asked[i + 1 :])
        left = evaluate(others, matches.population, TODAY, closed_world=closed)
        freed = unpack(~left.false & matches.arms[0].truth.false, matches.population.size)
        expected |= {(part.words, person) for person in matches.population.persons[freed].tolist()}
    assert found == expected
    assert near.height == len(expected)
    assert near.height == matches.counts()["near_misses"].sum()
    if not closed:
        assert near.filter(pl.col("rows").list.len() == 0).is_empty()


@some
@given(everybody(), everybody(range(7, 12)), st.lists(trees_of(measured), min_size=1, max_size=4))
def test_the_sum_over_sites_equals_one_population(one: People, two: People, parts: list[Criterion]) -> None:
    """Union of sites = pooled, in every count."""
    asked = trial(And(*parts), parts[0])
    both = MemoryTables(
        {name: [*one.rows.get(name, []), *two.rows.get(name, [])] for name in {*one.rows, *two.rows} - {"code"}}
        | {"code": one.rows["code"]}
    )
    sites = [("A", match(asked, one.tables, TODAY)), ("B", match(asked, two.tables, TODAY))]
    assert feasibility(sites).pooled() == feasibility(match(asked, both, TODAY)).pooled()


@some
@given(everybody(), st.lists(trees_of(measured), min_size=2, max_size=5))
def test_feasibility_counts_what_leaving_out_and_counting_by_hand_give(people: People, parts: list[Criterion]) -> None:
    """Attrition ends at the verdict; a requirement's cost is a full evaluation without it; pairs are counted."""
    matches = match(trial(And(*parts)), people.tables, TODAY)
    (arm,) = feasibility(matches).arms
    asked = matches.arms[0].criteria.parts
    assert arm.requirements[-1].so_far == arm.verdict
    for i, cost in enumerate(arm.requirements):
        left = evaluate(And(*asked[:i], *asked[i + 1 :]), matches.population, TODAY)
        assert (cost.without.true, cost.without.false, cost.without.unknown) == left.counts
    values = [evaluate(part, matches.population, TODAY) for part in asked]
    for pair in arm.pairs:
        exactly = [
            at
            for at in range(matches.population.size)
            if [i for i, truth in enumerate(values) if truth.value(at) is False] == [pair.first, pair.second]
        ]
        met = [at for at in exactly if sum(truth.value(at) is True for truth in values) == len(values) - 2]
        assert (pair.failing, pair.gained) == (len(exactly), len(met))
    assert sum(split.true for _, split in arm.calendar) == arm.verdict.true


@few
@given(everybody(), everybody(), st.lists(trees_of(measured), min_size=1, max_size=3))
def test_changes_lead_from_the_one_snapshot_to_the_other(one: People, two: People, criteria: list[Criterion]) -> None:
    """Gone and new matches, taken off and added, turn the earlier matches into the later; nothing changes in itself."""
    for row in (row for name, rows in two.rows.items() if name != "code" for row in rows):
        row["batch"] = 2  # a row whose content changes keeps its id and comes with a later batch
    before, after = (match(trial(*criteria), people.tables, TODAY) for people in (one, two))
    first, second = snapshot(before), snapshot(after)
    held = {(r["id"]): r["verdict"] for r in first.rows.to_dicts()}
    later = {(r["id"]): r["verdict"] for r in second.rows.to_dicts()}
    assert sorted(held.values()) == sorted(before.verdicts("eligible", "unknown")["verdict"].to_list())
    for row in changes(first, second).to_dicts():
        assert row["why"] in {"rows", "person"}
        assert row["was"] != row["now"]
        held.pop(row["id"], None)
        if row["change"] != "gone":
            held[row["id"]] = row["after"]
    assert held == later
    assert changes(first, first).is_empty()


@few
@given(everybody(), st.lists(trees_of(measured), min_size=1, max_size=3))
def test_a_snapshot_is_the_same_after_writing_and_reading(people: People, criteria: list[Criterion]) -> None:
    """Values, criteria, day and version."""
    kept = snapshot(match(trial(*criteria), people.tables, TODAY))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "matches.parquet"
        kept.write(path)
        again = Snapshot.read(path)
    assert again.values.equals(kept.values)
    assert (again.arms, again.as_of, again.version, again.words) == (kept.arms, kept.as_of, kept.version, kept.words)
    assert changes(kept, again).is_empty()
