"""Ten thousand random trials against random populations: the engine and the plain evaluator agree on every verdict.

Unlike the other laws, which shrink what they find, this one is there for its number: seeded, 250 populations with 40
trials each, of one to three arms with NOT, at least n and nested parts, in the open and the closed world.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from kohort.match import Arm, Population, Trial, match
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
    PriorTherapy,
    Range,
    Rearrangement,
    Receptor,
    Sex,
    Tmb,
    WildType,
)
from kohort.tables import MemoryTables
from tests.spec.match.match_reference import Tables, judge

AS_OF = date(2026, 2, 28)
POPULATIONS, TRIALS, PEOPLE = 250, 40, (11, 12, 13)
GENES = ("BRAF", "ERBB2", "HER2", "KRAS")
CHANGES = (None, "p.V600E", "p.Val600Lys", "p.G12C", "S310F", "p.R10*", "illegible")


def pick(dice: random.Random, *values: Any) -> Any:
    return dice.choice(values)


LEAVES: tuple[Callable[[random.Random], Criterion], ...] = (
    lambda d: Mutation(pick(d, *GENES)),
    lambda d: Mutation(pick(d, *GENES), protein_change=pick(d, "V600E", "p.Gly12Cys", "S310F")),
    lambda d: Mutation(pick(d, *GENES), codon=pick(d, 12, 310, 600)),
    lambda d: Mutation(pick(d, *GENES), exon=pick(d, 2, 15), classes=pick(d, (), ("truncating",), ("Silent",))),
    lambda d: Mutation(pick(d, *GENES), function=pick(d, "activating", "inactivating", "pathogenic")),
    lambda d: WildType(pick(d, *GENES)),
    lambda d: CopyNumber(pick(d, *GENES), pick(d, None, "amplification", "loss")),
    lambda d: Fusion("BRAF", pick(d, None, "KRAS", "ALK")),
    lambda d: Rearrangement("BRAF", pick(d, None, "any", "intergenic", "KRAS", "BRAF")),
    lambda d: Diagnosis(pick(d, "LUAD", "NSCLC", "MEL", "LUNG")),
    lambda d: Diagnosis(tissue=pick(d, "Lung", "Skin")),
    lambda d: Diagnosis(lineage=pick(d, "solid", "liquid")),
    lambda d: Age(Range.parse(pick(d, ">=18", "<=75", ">40, <70", "==50"))),
    lambda d: Sex(pick(d, "female", "male")),
    lambda d: Msi(pick(d, "MSI-H", "MSS")),
    lambda d: Mmr(pick(d, "deficient", "proficient")),
    lambda d: Tmb(Range.parse(pick(d, ">=10", "<10"))),
    lambda d: Receptor(pick(d, "ER", "HER2"), pick(d, "positive", "negative")),
    lambda d: PriorTherapy(pick(d, "imatinib", "paclitaxel")),
    lambda d: FreeText("fit for surgery"),
)


def tree(dice: random.Random, depth: int) -> Criterion:
    if depth == 0 or dice.random() < 0.3:
        return pick(dice, *LEAVES)(dice)
    parts = [tree(dice, depth - 1) for _ in range(dice.randint(1, 3))]
    return pick(dice, And, Or, lambda *p: Not(p[0]), lambda *p: AtLeast(dice.randint(1, len(p)), *p))(*parts)


def trial(dice: random.Random) -> Trial:
    arms = tuple(Arm(f"A{i}", "", (), tree(dice, dice.randint(0, 3))) for i in range(dice.randint(1, 3)))
    return Trial("T", "", arms, criteria=tree(dice, 1) if dice.random() < 0.3 else None)


def tables(dice: random.Random) -> Tables:
    ids = itertools.count(1)
    listed = (("one", "BRAF"), ("two", "HER2"), ("two", "KRAS"))
    found: Tables = {"code": [{"system": f"panel/{panel}", "code": gene} for panel, gene in listed]}

    def add(table: str, person: int, **row: Any) -> int:
        found.setdefault(table, []).append({"person": person, "id": next(ids), **row})
        return found[table][-1]["id"]

    for person in PEOPLE:
        born = pick(dice, None, *(date(year, dice.randint(1, 12), 1) for year in (1950, 1976, 1986, 2007, 2009)))
        add("person", person, sex_code=pick(dice, None, "female", "male"), birth=born, birth_precision=pick(dice, 2, 3))
        for _ in range(dice.randint(0, 2)):
            code = pick(dice, None, "LUAD", "NSCLC", "LUNG", "MEL", "AML")
            add("tumour", person, kind=pick(dice, "primary", "metastasis"), oncotree_code=code)
        tests = [add("test", person, specimen=1, **test(dice)) for _ in range(dice.randint(0, 4))]
        for _ in range(dice.randint(0, 5) if tests else 0):
            add("variant", person, test=dice.choice(tests), **variant(dice))
        for _ in range(dice.randint(0, 2)):
            kind = pick(dice, ("ihc", "ER", "positive"), ("ihc", "HER2", "equivocal"), ("ihc", "MMR", "deficient"))
            add("finding", person, kind=kind[0], code_code=kind[1], value_code=kind[2])
        for _ in range(dice.randint(0, 2)):
            course = add("therapy", person, modality=pick(dice, "systemic", "surgery"))
            for _ in range(dice.randint(0, 2)):
                add("therapy_item", person, therapy=course, item_code=pick(dice, None, "imatinib", "paclitaxel"))
    return found


def test(dice: random.Random) -> dict[str, Any]:
    return {
        "assay": pick(dice, "mutation", "mutation", "copy_number", "structural_variant"),
        "panel": pick(dice, None, "one", "two", "unlisted"), "coverage": pick(dice, "panel", "exome", "unknown"),
        "quality": pick(dice, None, "pass", "failed"), "msi": pick(dice, None, "MSI-H", "MSS", "indeterminate"),
        "tmb": pick(dice, None, 2.0, 10.0, 40.0),
    }  # fmt: skip


def variant(dice: random.Random) -> dict[str, Any]:
    return {
        "class": pick(dice, "snv", "snv", "indel", "cnv", "fusion", "sv", "not_assessed"), "gene": pick(dice, *GENES),
        "partner": pick(dice, None, "KRAS", "ALK", "BRAF"), "hgvs_p": pick(dice, *CHANGES),
        "classification": pick(dice, None, "Missense_Mutation", "Nonsense_Mutation", "Splice_Site", "Silent"),
        "exon": pick(dice, None, 2, 15), "copies": pick(dice, None, -1, 0, 2),
    }  # fmt: skip


def expected(asked: Trial, arm: Arm, given: Tables, *, closed: bool) -> Sequence[bool | None]:
    whole = arm.criteria if asked.criteria is None else And(asked.criteria, arm.criteria)
    return [judge(whole, given, person, AS_OF, closed=closed) for person in PEOPLE]


test.__test__ = False  # type: ignore[attr-defined] - a row of the table of tests


def test_ten_thousand_pairs_of_trial_and_population_agree() -> None:
    """Every arm, every person, both worlds by turns; all three verdicts occur often."""
    dice = random.Random(20261124)
    seen: dict[bool | None, int] = {True: 0, False: 0, None: 0}
    pairs = 0
    for number in range(POPULATIONS):
        given, closed = tables(dice), number % 2 == 1
        population = Population.of(MemoryTables(given), known_by=AS_OF)
        for _ in range(TRIALS):
            asked = trial(dice)
            for found in match(asked, population, AS_OF, closed_world=closed).arms:
                values = [found.truth.value(at) for at in range(population.size)]
                assert values == expected(asked, found.arm, given, closed=closed), (found.criteria.words, given)
                for value in values:
                    seen[value] += 1
            pairs += 1
    assert pairs >= 10_000
    assert min(seen.values()) > 5_000
