"""Criteria decided where the tables lie: DuckDB, Spark and PostgreSQL give the bitmaps of the index in memory.

A population that outgrows one machine's memory stays in its engine: the engine is asked what there is, the answers
are judged once, and it says who has which.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import ibis
import polars as pl
import psycopg
import pytest

from kohort.codes.genes import symbols
from kohort.errors import SiteError, UnknownNameError, UserError
from kohort.match import Population, criteria, default_protocol, match
from kohort.match.criteria import (
    Age,
    Comorbidity,
    CopyNumber,
    Diagnosis,
    DiseaseStatus,
    FreeText,
    Fusion,
    Histology,
    Laboratory,
    Leaf,
    Marker,
    MetastasisSite,
    Metastatic,
    Mmr,
    Msi,
    Mutation,
    PerformanceStatus,
    PriorTherapy,
    Range,
    Rearrangement,
    Receptor,
    Sex,
    Signature,
    Stage,
    SystemicLines,
    TherapySince,
    Tmb,
    WildType,
    leaves,
)
from kohort.match.engine.evaluation import leaf_truth
from kohort.match.pushdown import Pushdown
from kohort.store import Site
from kohort.store.engines import DuckDBEngine, open_engine
from kohort.synthetic import write_hospitals
from kohort.tables import MemoryTables
from tests.postgres import needs_postgres, temporary_cluster
from tests.spark import needs_spark, quiet, temporary_session
from tests.spec.match.match_people import TODAY, People
from tests.support import SHARED, needs_shared

pytestmark = quiet

ENGINES = (
    "duckdb",
    pytest.param("spark", marks=[needs_spark, pytest.mark.spark]),
    pytest.param("postgres", marks=[needs_postgres, pytest.mark.postgres]),
)

EACH_KIND: tuple[Leaf, ...] = (
    Age(Range.parse(">=18, <70")),
    Comorbidity(("I50",)),
    CopyNumber("ERBB2"),
    CopyNumber("ERBB2", "amplification"),
    Diagnosis("LUAD"),
    Diagnosis(tissue="Bowel"),
    DiseaseStatus(("metastatic",)),
    FreeText("fit for surgery"),
    Fusion("ALK"),
    Fusion("EML4", "ALK"),
    Histology(("C34",)),
    Laboratory("haemoglobin", Range.parse(">=9"), "g/dL"),
    Marker("PD-L1 TPS", range=Range.parse(">=50")),
    MetastasisSite("liver"),
    Metastatic(),
    Mmr("deficient"),
    Msi("MSI-H"),
    Msi("MSS"),
    Mutation("BRAF"),
    Mutation("BRAF", protein_change="V600E"),
    Mutation("EGFR", exon=19, classes=("In_Frame_Del",)),
    Mutation("KRAS", codon=12),
    Mutation("TP53", classes=("truncating",)),
    Mutation("TP53", function="inactivating"),
    PerformanceStatus(Range.parse("<=1")),
    PriorTherapy(drug="paclitaxel"),
    PriorTherapy(drug_class="pd-1 inhibitor"),
    PriorTherapy(modality="surgery"),
    Rearrangement("ROS1"),
    Receptor("ER", "positive"),
    Sex("female"),
    Signature("POLE"),
    Stage(("III", "IV")),
    SystemicLines(Range.parse(">=1")),
    TherapySince(Range.parse(">=28"), modality="systemic"),
    Tmb(Range.parse(">=10")),
    Tmb(Range.parse("<5")),
    WildType("KRAS"),
)


def of_the_protocol() -> list[Leaf]:
    """Every leaf of the default protocol once."""
    protocol = default_protocol()
    trees = [protocol.criteria_of(arm) for arm in protocol.arms]
    return list(dict.fromkeys(leaf for tree in trees for leaf in leaves(tree)))


@pytest.fixture(scope="module")
def spark() -> Iterator[str]:
    with temporary_session() as address:
        yield address


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    with temporary_cluster() as where:
        yield f"postgresql://kohort@/postgres?host={where.split()[0].removeprefix('host=')}"


@pytest.fixture
def address(request: pytest.FixtureRequest) -> str:
    return "duckdb" if request.param == "duckdb" else request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("engines")
    written = write_hospitals(folder / "hospitals", patients=300, seed=5)
    made = Site.create(folder / "site", name="Three hospitals", country="NO")
    made.ingest([study.path for study in written])
    return made


def differing(site: Site, address: str, asked: list[Leaf], as_of: date) -> list[Leaf]:
    """Leaves that the engine gives other bitmaps for than the index."""
    population = Population.of(site, known_by=as_of)
    with site.engine(address) as engine:
        found = Pushdown(engine, known_by=as_of).truths(asked, as_of)
    return [leaf for leaf in asked if found[leaf] != leaf_truth(leaf, population, as_of)]


@pytest.mark.parametrize("address", ENGINES, indirect=True)
def test_an_engine_gives_the_bitmaps_of_the_index(site: Site, address: str) -> None:
    """Every leaf of the default protocol and one of each kind, over three invented hospitals."""
    asked = [*of_the_protocol(), *EACH_KIND]
    assert len(asked) > 120
    assert differing(site, address, asked, TODAY) == []


@pytest.mark.realdata
@needs_shared
@pytest.mark.parametrize("address", ENGINES, indirect=True)
def test_an_engine_gives_the_bitmaps_of_the_index_on_real_patients(tmp_path: Path, address: str) -> None:
    """The same over 10,513 patients of the TCGA study."""
    tcga = Site.create(tmp_path / "site", name="TCGA", country="NO")
    tcga.ingest([SHARED / "tcga"])
    assert differing(tcga, address, [*of_the_protocol(), *EACH_KIND], date(2017, 1, 1)) == []


def test_kinds_that_are_pushed_down_are_named_and_all_others_are_pulled() -> None:
    """A kind of criterion that the engine does not decide reads what it needs through it, and nothing fails."""
    kinds = {kind for _, kind in inspect.getmembers(criteria, inspect.isclass) if issubclass(kind, Leaf)} - {Leaf}
    assert {kind.__name__ for kind in Pushdown.pushed} == {
        "CopyNumber", "Diagnosis", "Fusion", "Histology", "Metastatic", "Mmr", "Msi", "Mutation", "PriorTherapy",
        "Rearrangement", "Receptor", "Sex", "Signature", "Stage", "Tmb", "WildType",
    }  # fmt: skip
    assert {kind.__name__ for kind in kinds - Pushdown.pushed} >= {"Age", "PerformanceStatus", "Window", "FreeText"}
    assert not any(kind.uses_as_of for kind in Pushdown.pushed)


def people() -> People:
    """One carries BRAF V600E, two was tested and does not, three was not tested, four's test could not read it."""
    made = People()
    made.panel("small", "BRAF", "KRAS")
    made.mutation(1, "BRAF", "p.V600E", test=made.tested(1, "small"))
    made.mutation(2, "BRAF", "p.K601E", test=made.tested(2, "small"))
    made.add("tumour", 3, oncotree_code="SKCM")
    made.mutation(4, "BRAF", class_="not_assessed", test=made.tested(4, "small"))
    return made


def values(asked: Leaf, made: People) -> list[bool | None]:
    with open_engine(made.tables) as engine:
        truth = Pushdown(engine).truth(asked, TODAY)
    return [truth.value(i) for i in range(truth.size)]


def test_what_was_not_looked_at_is_unknown_in_an_engine_too() -> None:
    """Seen is true, tested and not seen is false; not tested, and not assessed by the test, are unknown."""
    assert values(Mutation("BRAF", protein_change="V600E"), people()) == [True, False, None, None]
    assert values(Mutation("KRAS"), people()) == [False, False, None, False]
    assert values(WildType("BRAF"), people()) == [False, False, None, None]


@pytest.mark.parametrize("address", ENGINES, indirect=True)
def test_each_gene_that_a_test_could_not_read_is_unknown_and_no_other(address: str) -> None:
    """However many genes of a panel a test could not assess; another test of the patient may have read them."""
    genes = sorted(symbols())[:150]
    made = People()
    made.panel("large", *genes)
    first, second, third = (made.tested(person, "large") for person in (1, 2, 2))
    for gene in genes[::2]:
        made.mutation(1, gene, class_="not_assessed", test=first)
        made.mutation(2, gene, class_="not_assessed", test=second)
    made.mutation(2, genes[0], class_="not_assessed", test=third)
    with open_engine(made.tables, address) as engine:
        found = Pushdown(engine).truths(map(Mutation, genes), TODAY)
    assert [found[Mutation(gene)].value(0) for gene in genes] == [None, False] * 75
    assert [found[Mutation(gene)].value(1) for gene in genes] == [None] + [False] * 149


def test_a_gene_is_found_under_every_spelling() -> None:
    """The table keeps what the source wrote; trial and table meet at the approved symbol."""
    made = People()
    made.mutation(1, "HER2", "p.S310F")
    made.mutation(2, "ERBB2", "p.Ser310Phe")
    assert values(Mutation("ERBB2", protein_change="S310F"), made) == [True, True]


def test_a_null_is_no_text_that_somebody_may_have_written() -> None:
    """Engines do not join null with null; whatever stands in for it must be nobody's value."""
    made = People()
    for person, change in ((1, "?"), (2, None), (3, "??")):
        tested = made.tested(person, coverage="exome")
        made.mutation(person, "BRAF", change, classification="Splice_Site", test=tested)
    assert values(Mutation("BRAF", codon=600), made) == [None, False, None]


def test_rows_of_later_days_are_left_out() -> None:
    """As in memory: a diagnosis of next year is not known this year, one without a date is."""
    made = People()
    made.add("tumour", 1, oncotree_code="LUAD", diagnosed=date(2027, 1, 1), diagnosed_precision=3)
    made.add("tumour", 2, oncotree_code="LUAD")
    with open_engine(made.tables) as engine:
        truth = Pushdown(engine, known_by=TODAY).truth(Diagnosis("LUAD"), TODAY)
    assert [truth.value(0), truth.value(1)] == [None, True]


class Counting(DuckDBEngine):
    """DuckDB that counts its questions."""

    questions = 0

    def read(self, expression: ibis.Table) -> pl.DataFrame:
        self.questions += 1
        return super().read(expression)


def test_more_leaves_are_no_more_questions() -> None:
    """Leaves of one table are one pass: four hundred are asked with as many questions as two."""
    genes = ("BRAF", "KRAS")
    many = [Mutation(gene, codon=codon) for gene in genes for codon in range(1, 200)]
    counts = []
    for asked in ([Mutation(gene) for gene in genes], many):
        with Counting(people().tables) as engine:
            pushdown = Pushdown(engine)
            before = engine.questions
            assert len(pushdown.truths(asked, TODAY)) == len(asked)
            counts.append(engine.questions - before)
            assert pushdown.truths(asked, TODAY)
            assert engine.questions == before + counts[-1]
    assert counts[0] == counts[1]


def test_matching_over_an_engine_gives_the_same_verdicts_and_reasons(site: Site) -> None:
    """Verdicts, counts and missing facts; a reason cites the same rows, read through the engine."""
    protocol = default_protocol()
    expected = match(protocol, site, TODAY)
    with site.engine() as engine:
        found = Pushdown(engine, known_by=TODAY).match(protocol, TODAY)
        assert found.verdicts().equals(expected.verdicts())
        assert found.missing().equals(expected.missing())
        row = expected.verdicts("eligible").row(0, named=True)
        assert found.explain(row["person"], row["arm"]) == expected.explain(row["person"], row["arm"])


def test_an_engine_shows_the_site_as_it_was_when_opened(site: Site, tmp_path: Path) -> None:
    """A batch that arrives while the engine is open is for the next one."""
    first, second, *_ = write_hospitals(tmp_path / "hospitals", patients=100, seed=6)
    growing = Site.create(tmp_path / "site", name="Growing", country="NO")
    growing.ingest(first.path)
    with growing.engine() as engine:
        before = growing.tables.frame("person").height
        growing.ingest(second.path)
        assert engine.frame("person", ["person"]).height == before < growing.tables.frame("person").height


@needs_postgres
@pytest.mark.postgres
def test_postgresql_keeps_one_copy_of_each_table_for_all_who_ask(tmp_path: Path, postgres: str) -> None:
    """A table is copied when it is first asked for, and found there by the next; a new batch replaces the copies."""
    first, second, *_ = write_hospitals(tmp_path / "hospitals", patients=100, seed=7)
    growing = Site.create(tmp_path / "site", name="Growing", country="NO")
    growing.ingest(first.path)
    own = f"kohort_{growing.tables.snapshot[0]}"

    def copies() -> list[tuple[str, int]]:
        """The site's tables in the database, each with its number there."""
        with growing.engine(postgres) as engine:
            assert engine.frame("tumour").sort("id").equals(growing.tables.frame("tumour").sort("id"))
        sql = "SELECT relnamespace::regnamespace || '.' || relname, oid FROM pg_class WHERE relkind = 'r' ORDER BY 1"
        with psycopg.connect(postgres) as connection:
            return [row for row in connection.execute(sql).fetchall() if row[0].startswith(own)]

    first_copy = copies()
    assert [name for name, _ in first_copy] == [f"{own}_000001.tumour"]
    assert copies() == first_copy
    growing.ingest(second.path)
    assert [name for name, _ in copies()] == [f"{own}_000002.tumour"]


def test_an_engine_of_another_name_is_refused(site: Site) -> None:
    """The message says what can be given; an address may hold a password and is not repeated."""
    with pytest.raises(UserError, match="no engine") as refused:
        site.engine("mysql://kari:secret@host/db")
    assert "secret" not in str(refused.value)
    assert "postgresql://" in str(refused.value)


def test_a_database_that_does_not_answer_is_an_error_for_people(site: Site, tmp_path: Path) -> None:
    """Nothing of the address is repeated."""
    with pytest.raises(SiteError, match="does not answer") as refused:
        site.engine(f"postgresql://kari:secret@/db?host={tmp_path}")
    assert "secret" not in str(refused.value)


def test_what_an_engine_needs_is_named_where_it_is_missing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark runs on Java."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(UserError, match=r"Java|pyspark"):
        site.engine("spark")


def test_an_engine_knows_the_declared_tables_only() -> None:
    """As everywhere."""
    with open_engine(MemoryTables({})) as engine, pytest.raises(UnknownNameError):
        engine.table("patients")
