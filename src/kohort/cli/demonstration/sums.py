"""What one site works out for itself. All of it are sums; no row is in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from kohort import cohort, evidence, match, profile
from kohort.cohort import CohortCounts
from kohort.evidence import CountSums, KaplanMeierSums
from kohort.match import Matches, Trial
from kohort.profile import Pack
from kohort.store import Site

__all__ = ["ALTERATIONS", "READ_COLUMNS", "SiteSums", "summarise"]

ALTERATIONS = (
    ("BRAF", "p.V600E"), ("KRAS", "p.G12C"), ("PIK3CA", "p.H1047R"), ("IDH1", "p.R132H"), ("EGFR", "p.L858R"),
    ("ERBB2", "p.S310F"),
)  # fmt: skip
"""Hotspots that the report counts by tumour."""

READ_COLUMNS = frozenset(
    {"person.*", "tumour.*", "finding.*", "specimen.*", "test.*", "variant.*", "therapy.*", "therapy_item.*",
     "response.*", "code.*", "stage.*"}
)  # fmt: skip

_KINDS = {"missense": "missense", "frameshift": "truncating", "nonsense": "truncating", "splice": "truncating"}


@dataclass(frozen=True, slots=True)
class SiteSums:
    """The sums of one site.

    Attributes:
        steps: how many patients take each step from all to treated in a cohort, by name of the step.
        rows: how many variants and courses of treatment there are.
        tumours: patients by tumour.
        alterations: tested patients who have it, by tumour, for each of `ALTERATIONS`.
        genes: patients with an altered gene by gene, tumour and kind (the weightiest kind of a patient counts).
        tested: patients by gene and tumour in whom the gene was tested.
        cohorts: counts of each treatment cohort.
        fits: eligible, unknown and near-miss patients of each cohort.
        facts: for each cohort the missing facts, with the number of patients each would settle.
        survival: overall survival of all.
        survival_by_tumour: overall survival by tumour.
        left_out: patients without a usable survival time, by reason.
    """

    steps: Mapping[str, CountSums]
    rows: Mapping[str, int]
    tumours: CountSums
    alterations: Mapping[str, CountSums]
    genes: CountSums
    tested: CountSums
    cohorts: Mapping[str, CohortCounts]
    fits: Mapping[str, Mapping[str, int]]
    facts: Mapping[str, Mapping[str, int]]
    survival: KaplanMeierSums
    survival_by_tumour: KaplanMeierSums
    left_out: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SiteWork:
    """What stays at the site: its biomarkers and matches, for pages that only its own people see."""

    sums: SiteSums
    biomarkers: pl.DataFrame
    matches: Matches


def summarise(site: Site, trial: Trial, packs: Sequence[Pack], as_of: date) -> SiteWork:
    """Profile, match and sum up one site, and write into its ledger that its patients were read."""
    biomarkers = profile.annotate(site, packs)
    matches = match.match([trial], site, as_of=as_of)
    eligible = matches.eligible()
    events = cohort.enrolments_from_records(
        eligible.rename({"arm": "cohort"}), site, {c.id: c.drugs for c in trial.cohorts}
    )
    people = _people(site)
    treated = pl.Series([event.person for event in events], dtype=pl.Int64).unique()
    variants = _variants(site)
    outcomes = evidence.overall_survival(site)
    lives = outcomes.rows.join(people.select("person", "tumour"), on="person", how="left", maintain_order="left")
    sums = SiteSums(
        steps=_steps(people, biomarkers, eligible, treated),
        rows={name: site.tables.frame(name, ["id"]).height for name in ("variant", "therapy")},
        tumours=evidence.count_by(people, ["tumour"], "person"),
        alterations=_alterations(people, variants),
        genes=_genes(people, variants),
        tested=_tested(people, site),
        cohorts=cohort.summarise(events),
        fits={
            row["arm"]: {k: row[k] for k in ("eligible", "unknown", "near_misses")}
            for row in matches.counts().iter_rows(named=True)
        },
        facts=_facts(matches),
        survival=evidence.survival_sums(lives["time"], lives["event"]),
        survival_by_tumour=evidence.survival_sums(lives["time"], lives["event"], lives["tumour"]),
        left_out=dict(outcomes.left_out),
    )
    site.record_read(
        who="kohort demo",
        purpose="education",
        what="Demonstration: profile, match, counts and survival of all patients of this site.",
        persons=people["person"].to_list(),
    )
    return SiteWork(sums, biomarkers, matches)


def _people(site: Site) -> pl.DataFrame:
    """One row a patient: ``person``, ``tumour`` (OncoTree code of the first primary), ``is_tested``, ``is_altered``."""
    persons = site.tables.frame("person", ["person", "deceased"])
    primary = site.tables.frame("tumour", ["person", "kind", "oncotree_code", "diagnosed_day"]).filter(
        pl.col("kind") == "primary"
    )
    first = primary.sort("diagnosed_day", "oncotree_code", nulls_last=True).unique(
        "person", keep="first", maintain_order=True
    )
    tested = site.tables.frame("test", ["person"])["person"].unique()
    altered = (
        site.tables.frame("variant", ["person", "class"]).filter(pl.col("class") != "not_assessed")["person"].unique()
    )
    return persons.join(first.select("person", "oncotree_code"), on="person", how="left", maintain_order="left").select(
        "person",
        "deceased",
        pl.col("oncotree_code").fill_null("unknown").alias("tumour"),
        pl.col("person").is_in(tested.implode()).alias("is_tested"),
        pl.col("person").is_in(altered.implode()).alias("is_altered"),
    )


def _steps(
    people: pl.DataFrame, biomarkers: pl.DataFrame, eligible: pl.DataFrame, treated: pl.Series
) -> dict[str, CountSums]:
    """Patients on each step; a later step counts only those of the earlier ones."""
    known = biomarkers.filter(pl.col("match_level") != "gene")["person"].unique()
    conditions = {
        "patients": pl.lit(value=True),
        "tested": pl.col("is_tested"),
        "with an alteration": pl.col("is_altered"),
        "with a known biomarker": pl.col("person").is_in(known.implode()),
        "eligible for a cohort": pl.col("person").is_in(eligible["person"].unique().implode()),
        "treated with a cohort's drug": pl.col("person").is_in(treated.implode()),
    }
    left = people
    steps = {}
    for name, condition in conditions.items():
        left = left.filter(condition)
        steps[name] = evidence.count_by(left, [], "person")
    steps["died"] = evidence.count_by(people.filter(pl.col("deceased")), [], "person")
    return steps


def _variants(site: Site) -> pl.DataFrame:
    """Variants in one notation: ``person``, ``gene``, ``alteration``, ``kind``."""
    return profile.normalise_frame(site.tables.frame("variant").filter(pl.col("class") != "not_assessed"))


def _alterations(people: pl.DataFrame, variants: pl.DataFrame) -> dict[str, CountSums]:
    tested = people.filter(pl.col("is_tested"))
    found = {}
    for gene, change in ALTERATIONS:
        has_it = (pl.col("gene_symbol") == gene) & (pl.col("alteration") == change)
        carriers = variants.filter(has_it)["person"].unique()
        counted = tested.filter(pl.col("person").is_in(carriers.implode()))
        found[f"{gene} {change.removeprefix('p.')}"] = evidence.count_by(counted, ["tumour"], "person")
    return found


def _genes(people: pl.DataFrame, variants: pl.DataFrame) -> CountSums:
    kinds = variants.with_columns(_kind().alias("sort"), pl.coalesce("gene_symbol", "gene").alias("gene"))
    rank = pl.col("sort").replace_strict(
        {"truncating": 0, "amplification": 1, "deletion": 2, "fusion": 3, "missense": 4}, default=5
    )
    one = kinds.drop_nulls(["gene", "sort"]).sort(rank).unique(["person", "gene"], keep="first", maintain_order=True)
    joined = one.join(people.select("person", "tumour"), on="person")
    unit = joined.with_columns(pl.concat_str(["person", "gene"], separator="|").alias("unit"))
    return evidence.count_by(unit, ["gene", "tumour", "sort"], "unit")


def _kind() -> pl.Expr:
    copies = pl.col("copies")
    return (
        pl.when(pl.col("class") == "fusion").then(pl.lit("fusion"))
        .when(copies >= 2).then(pl.lit("amplification"))
        .when(copies <= -2).then(pl.lit("deletion"))
        .when(pl.col("class") == "cnv").then(None)
        .otherwise(pl.col("kind").replace_strict(_KINDS, default="other"))
    )  # fmt: skip


def _tested(people: pl.DataFrame, site: Site) -> CountSums:
    """Patients by gene and tumour whose panel for mutations covers the gene."""
    tests = site.tables.frame("test", ["person", "assay", "panel"]).filter(
        (pl.col("assay") == "mutation") & pl.col("panel").is_not_null()
    )
    codes = site.tables.frame("code", ["system", "code"]).select(
        pl.col("system").str.strip_prefix("panel/").alias("panel"), pl.col("code").alias("gene")
    )
    by_panel = tests.unique(["person", "panel"]).join(people.select("person", "tumour"), on="person")
    several = by_panel.group_by("person").len().filter(pl.col("len") > 1)["person"]
    once = by_panel.filter(~pl.col("person").is_in(several.implode())).group_by("panel", "tumour").len()
    cells = once.join(codes, on="panel").group_by("gene", "tumour").agg(pl.col("len").sum())
    twice = by_panel.filter(pl.col("person").is_in(several.implode())).join(codes, on="panel")
    more = twice.unique(["person", "gene"]).group_by("gene", "tumour").len()
    whole = pl.concat([cells, more]).group_by("gene", "tumour").agg(pl.col("len").sum()).sort("gene", "tumour")
    return CountSums(("gene", "tumour"), tuple(((gene, tumour), n) for gene, tumour, n in whole.iter_rows()))


def _facts(matches: Matches) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in matches.missing().iter_rows(named=True):
        found.setdefault(row["arm"], {})[row["fact"]] = row["would_settle"]
    return found
