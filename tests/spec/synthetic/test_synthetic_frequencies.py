"""Frequencies come from cited publications, name things that exist, and come out in the files."""

from __future__ import annotations

import csv
import re
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from kohort.codes import drugs, oncotree
from kohort.errors import UnknownNameError
from kohort.synthetic import DEFAULT_HOSPITALS
from kohort.synthetic.alterations import Alterations, draw_alterations
from kohort.synthetic.cited import TABLE_NAMES, CitedTable, cited_table, pairs
from kohort.synthetic.frequencies import alleles, copy_number_rates, genes, mutation_rates, tumours
from kohort.synthetic.population import People, draw_people
from kohort.synthetic.regimens import Biomarker, regimens
from tests.support import SHARED, needs_shared

PATIENTS = 40_000


@pytest.fixture(scope="module")
def ordinary() -> tuple[People, Alterations]:
    """Many patients of a hospital that treats nobody in a cohort."""
    rng = np.random.default_rng(8)
    people = draw_people(rng, PATIENTS, replace(DEFAULT_HOSPITALS[0], referred=0.0))
    return people, draw_alterations(rng, people)


@pytest.mark.parametrize("name", TABLE_NAMES)
def test_every_table_cites_its_sources(name: str) -> None:
    """Each source is a citation with a year or a release; each table says what is approximate in it."""
    table = cited_table(name)
    assert all(
        len(source) > 30 and re.search(r"\b(19|20)\d\d\b|release \d+|UniProt|EMA|European Medicines", source)
        for source in table.sources
    )
    assert table.notes


def test_every_cohort_cites_its_own_response_rate() -> None:
    """A treatment cohort's rates come from the paper in its row."""
    for row in cited_table("cohorts").rows:
        assert re.search(r"(19|20)\d\d;\S+:\S+", row["source"]), row["name"]


def test_a_table_without_a_source_is_refused() -> None:
    """Numbers without a citation cannot be loaded."""
    with pytest.raises(ValueError, match="cites no source"):
        CitedTable("guess", (), ("rounded",), ({"a": "1"},))


def test_a_table_without_rows_is_refused() -> None:
    """A cut file is noticed when it is loaded."""
    with pytest.raises(ValueError, match="has no rows"):
        CitedTable("empty", ("A citation, 2024",), (), ())


def test_response_rates_over_one_are_refused() -> None:
    """Shares of complete, partial and stable leave room for progression."""
    with pytest.raises(ValueError, match="more than 100"):
        replace(regimens().all[0], response=(0.5, 0.4, 0.2))


def test_an_unknown_table_is_named() -> None:
    """The message suggests the nearest table."""
    with pytest.raises(UnknownNameError, match="tumours"):
        cited_table("tumors")


def test_tumour_types_are_in_oncotree() -> None:
    """All codes are known, and each has survival and mutations."""
    codes = set(tumours().codes)
    assert all(oncotree.node(code) is not None for code in codes)
    for name in ("survival", "mutations"):
        assert {row["oncotree"] for row in cited_table(name).rows} == codes


def test_clean_drug_names_are_international_names() -> None:
    """A name that the hospitals count as clean is known to `kohort.codes.drugs` under that very name."""
    for row in cited_table("spellings").rows:
        assert drugs.find(row["drug"]).name == row["drug"]


def test_raw_spellings_differ_from_clean_names() -> None:
    """No spelling is the clean name of some drug."""
    rows = cited_table("spellings").rows
    names = {row["drug"] for row in rows}
    assert not names & {spelling for row in rows for spelling in row["spellings"].split(";")}
    assert names == {drug for regimen in regimens().all for drug in regimen.drugs}


def test_hotspots_lie_in_their_gene() -> None:
    """Chromosome and position of each hotspot agree with the gene's place."""
    known = genes()
    for row in cited_table("hotspots").rows:
        place = known.index[row["gene"]]
        assert known.chromosomes[place] == row["chromosome"]
        assert known.start[place] <= int(row["position"]) <= known.end[place]


def test_hotspot_shares_do_not_exceed_the_gene() -> None:
    """The shares of a gene's hotspots in a tumour sum to at most 100 %."""
    for row in cited_table("hotspot_shares").rows:
        assert sum(share for _, share in pairs(row["proteins"])) <= 100
        assert all(f"{row['gene']}:{protein}" in alleles().index for protein, _ in pairs(row["proteins"]))


def test_panels_have_their_size() -> None:
    """The invented panels hold 161 and 500 genes."""
    assert {size: int(on.sum()) for size, on in genes().panels.items()} == {"161": 161, "500": 500}


def test_small_panel_reads_every_biomarker_of_the_cohorts() -> None:
    """A patient tested with the small panel can be found for each cohort, burden apart."""
    on_panel = genes().panels["161"]
    for place in regimens().cohorts:
        for biomarker in regimens().all[place].biomarkers:
            symbols = [symbol for symbol in biomarker.gene.split("::") if symbol in genes().index]
            assert not symbols or any(on_panel[genes().index[symbol]] for symbol in symbols), biomarker


@pytest.mark.parametrize(
    ("tumour", "gene", "change"),
    [
        ("COAD", "KRAS", "G12D"),
        ("LUAD", "KRAS", "G12C"),
        ("SKCM", "BRAF", "V600E"),
        ("PAAD", "KRAS", "G12V"),
        ("IDC", "PIK3CA", "H1047R"),
        ("ASTR", "IDH1", "R132H"),
        ("UM", "GNA11", "Q209L"),
    ],
)
def test_hotspots_come_out_as_often_as_cited(
    ordinary: tuple[People, Alterations], tumour: str, gene: str, change: str
) -> None:
    """Frequency in the drawn tumours = gene frequency x share of the hotspot, within five standard errors."""
    people, truth = ordinary
    rates = mutation_rates()
    share = next(
        dict(pairs(row["proteins"]))[change] / 100
        for row in sorted(cited_table("hotspot_shares").rows, key=lambda row: row["tumours"] == "*")
        if row["gene"] == gene and (row["tumours"] == "*" or tumour in row["tumours"].split())
    )
    members = people.tumour == tumours().index[tumour]
    expected = rates.up[tumours().index[tumour], rates.column[gene]] * share
    found = truth.has(Biomarker("mutation", gene, change))[members].mean()
    assert found == pytest.approx(expected, abs=5 * np.sqrt(expected * (1 - expected) / members.sum()))


def test_amplifications_come_out_as_often_as_cited(ordinary: tuple[People, Alterations]) -> None:
    """ERBB2 in breast, EGFR and the loss of CDKN2A in glioblastoma."""
    people, truth = ordinary
    rates = copy_number_rates()
    for tumour, biomarker, table in (
        ("IDC", Biomarker("amplification", "ERBB2"), rates.up),
        ("GB", Biomarker("amplification", "EGFR"), rates.up),
        ("GB", Biomarker("deletion", "CDKN2A"), rates.down),
    ):
        members = people.tumour == tumours().index[tumour]
        expected = table[tumours().index[tumour], rates.column[biomarker.gene]]
        assert truth.has(biomarker)[members].mean() == pytest.approx(expected, abs=0.04)


def test_drivers_of_one_pathway_do_not_stand_together(ordinary: tuple[People, Alterations]) -> None:
    """At most one of KRAS, NRAS, HRAS, BRAF and EGFR is mutated in a tumour."""
    _, truth = ordinary
    together = sum(
        truth.has(Biomarker("mutation", gene)).astype(int) for gene in ("KRAS", "NRAS", "HRAS", "BRAF", "EGFR")
    )
    assert np.max(together) == 1


def test_tumour_mix_follows_the_country() -> None:
    """Lung cancer weighs more in Denmark than in Sweden, as in NORDCAN."""
    share = {}
    for hospital in DEFAULT_HOSPITALS:
        drawn = draw_people(np.random.default_rng(3), PATIENTS, replace(hospital, referred=0.0)).tumour
        share[hospital.country] = np.isin(drawn, [tumours().index[code] for code in ("LUAD", "LUSC", "SCLC")]).mean()
    assert share["DK"] > share["NO"] > share["SE"]


def test_referred_patients_have_the_biomarker_of_their_cohort() -> None:
    """Nobody is treated in a cohort without its alteration and tumour."""
    rng = np.random.default_rng(4)
    people = draw_people(rng, 5_000, replace(DEFAULT_HOSPITALS[0], referred=1.0))
    truth = draw_alterations(rng, people)
    for number, place in enumerate(regimens().cohorts):
        members, regimen = people.cohort == number, regimens().all[place]
        assert members.any()
        assert np.isin(people.tumour[members], regimen.tumours).all()
        assert np.logical_or.reduce([truth.has(biomarker) for biomarker in regimen.biomarkers])[members].all()


@pytest.mark.realdata
@needs_shared
def test_hotspots_agree_with_real_studies() -> None:
    """Every hotspot stands at its place, with its bases, in the TCGA extract or in CIViC; four are in neither."""
    study = pl.read_csv(SHARED / "tcga/data_mutations.txt", separator="\t", infer_schema=False, quote_char=None)
    columns = ("Hugo_Symbol", "HGVSp_Short", "Start_Position", "Reference_Allele", "Tumor_Seq_Allele2")
    seen = set(study.select(columns).iter_rows())
    civic = SHARED / "knowledge/civic-2022-05-30-clinical-evidence.tsv"
    with civic.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            bases = (row["reference_bases"], row["variant_bases"])
            seen.add((row["gene"], f"p.{row['variant']}", row["start"], *bases))
    missing = {
        f"{row['gene']} {row['protein']}"
        for row in cited_table("hotspots").rows
        if (row["gene"], row["protein"], row["position"], row["reference"], row["alternative"]) not in seen
    }
    assert missing <= {"BRAF p.V600K", "EGFR p.E746_A750del", "MET p.X1010_splice", "EGFR p.G719S"}


@pytest.mark.realdata
@needs_shared
def test_gene_places_hold_all_variants_of_a_real_study() -> None:
    """For each gene of both, all TCGA variants lie between our first and last base, on our chromosome."""
    study = pl.read_csv(SHARED / "tcga/data_mutations.txt", separator="\t", infer_schema=False, quote_char=None)
    known = genes()
    ours = pl.DataFrame(
        {"Hugo_Symbol": known.symbols, "ours": known.chromosomes, "start": known.start, "end": known.end}
    )
    both = study.select("Hugo_Symbol", "Chromosome", pl.col("Start_Position").cast(pl.Int64)).join(
        ours, on="Hugo_Symbol"
    )
    assert both["Hugo_Symbol"].n_unique() > 350
    outside = ~pl.col("Start_Position").is_between("start", "end")
    assert both.filter(outside | (pl.col("Chromosome").replace("23", "X") != pl.col("ours"))).is_empty()
