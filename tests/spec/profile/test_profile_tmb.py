"""Tumour mutational burden is shown twice: as the panel counts it, and by the DRUP rule.

The DRUP rule (van der Velden et al., Nature 2019, doi 10.1038/s41586-019-1600-x) is computed as InPreD's reports do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl
import pytest

from kohort.profile.biomarkers.genome_wide import genome_wide
from kohort.profile.biomarkers.tmb import BANDS, DrupTmb, drup_tmb, tmb_band, tmb_table
from kohort.tables import MemoryTables

COUNTED: dict[str, object] = {
    "person": 1, "test": 1, "class": "snv", "gene": "KRAS", "vaf": 0.30, "depth": 400.0,
    "classification": "missense_variant", "call_filter": "SOM",
}  # fmt: skip
"""A variant that the rule counts."""


def tables(*variants: Mapping[str, object], normal: bool | None = True, **test: object) -> MemoryTables:
    """One patient with one specimen and one test, and variants that differ from ``COUNTED`` as given."""
    return MemoryTables(
        {
            "specimen": [{"person": 1, "id": 1, "matched_normal": normal}],
            "test": [{"person": 1, "id": 1, "specimen": 1, "assay": "mutation"} | test],
            "variant": [COUNTED | {"id": n} | dict(row) for n, row in enumerate(variants, start=1)],
        }
    )


def n(*variants: Mapping[str, object]) -> int:
    return drup_tmb(tables(*variants).frame("variant"), 1.5).n


def test_the_rule_divides_the_variants_by_the_region_and_rounds_half_to_even() -> None:
    """n over the coding region in megabases; a half goes to the even number, as in Python. Shown as n/region."""
    assert [DrupTmb(count, 2.0).per_mb for count in (1, 3, 5, 7)] == [0, 2, 2, 4]
    assert DrupTmb(25, 1.26).per_mb == 20
    assert DrupTmb(25, 1.26).text == "25/1.26"


@pytest.mark.parametrize(
    ("region", "value", "text"),
    [(1.14, 18, "20/1.14"), (1.1399, None, "20/1.1399"), (0.0, None, "NA"), (None, None, "NA")],
)
def test_a_small_region_gives_no_value(region: float | None, value: int | None, text: str) -> None:
    """Below 1.14 Mb the estimate is not reliable; without a region there is nothing to divide by."""
    found = DrupTmb(20, region)
    assert (found.per_mb, found.text) == (value, text)


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ({}, True),
        ({"vaf": 0.05}, True),
        ({"vaf": 0.0499}, False),
        ({"vaf": None}, False),
        ({"depth": 50.0}, True),
        ({"depth": 49.0}, False),
        ({"depth": None}, False),
        ({"classification": "synonymous_variant"}, False),
        ({"classification": "x:noncoding_variant"}, False),
        ({"classification": "splice_region_variant,synonymous_variant"}, False),
        ({"classification": "missense_variant,splice_region_variant"}, True),
        ({"classification": "stop_gained"}, True),
        ({"classification": None}, False),
        ({"classification": "Missense_Mutation"}, True),
        ({"classification": "Silent"}, False),
        ({"classification": "3'UTR"}, False),
    ],
)
def test_a_variant_counts_by_share_of_reads_depth_and_effect(row: dict[str, object], counts: bool) -> None:
    """Share of reads 0.05, depth 50, and neither word for silent or non-coding in the list of its coding status."""
    assert n(row) == int(counts)


@pytest.mark.parametrize(
    ("row", "counts"),
    [
        ({"call_filter": "LikSOM"}, True),
        ({"call_filter": "SOM"}, True),
        ({"call_filter": "LikGL"}, True),
        ({"call_filter": "incon"}, True),
        ({"call_filter": "include"}, True),
        ({"call_filter": "PASS"}, True),
        ({"call_filter": None}, True),
        ({"call_filter": "exclude"}, False),
        ({"call_filter": "excluded|germline_population"}, False),
        ({"call_filter": "HET_VAF_RANGE|LOW_VAF_RATIO"}, True),
        ({"call_filter": "SOM;HET_VAF_RANGE"}, True),
        ({"call_filter": "LowSupport"}, False),
        ({"call_filter": "HET_VAF_RANGE;LowSupport"}, False),
        ({"call_filter": "."}, True),
        ({"call_filter": "exclude", "significance": "CPSR: Likely_Pathogenic; ClinVar: Pathogenic"}, True),
        ({"call_filter": "exclude", "significance": "CPSR: VUS; ClinVar: Pathogenic"}, True),
        ({"call_filter": "exclude", "significance": "Pathogenic"}, True),
        ({"call_filter": "exclude", "significance": "Likely_Pathogenic"}, True),
        ({"call_filter": "exclude", "significance": "Likely_Benign"}, False),
        ({"call_filter": "exclude", "significance": "Conflicting_interpretations_of_pathogenicity"}, False),
        ({"call_filter": "exclude", "gene": "TERT"}, True),
    ],
)
def test_calls_that_the_laboratory_kept_or_rescues_count(row: dict[str, object], counts: bool) -> None:
    """Kept by a person's judgement, which TSOPPI's filters only advise, or by the caller's filters; or rescued: called
    pathogenic or likely pathogenic, and TERT, as InPreD's code stands.
    """
    assert n(row) == int(counts)


@pytest.mark.parametrize(
    ("value", "english", "norwegian"),
    [
        (0.0, "Low", "Lav"),
        (5.0, "Low", "Lav"),
        (5.49, "Low", "Lav"),
        (5.5, "Intermediate", "Intermediær"),
        (4.5, "Low", "Lav"),
        (20.5, "Intermediate", "Intermediær"),
        (20.51, "High", "Høy"),
        (None, "unreliable, not computed", "Upålitelig, ikke beregnet"),
    ],
)
def test_the_band_is_drawn_from_the_rounded_value_of_the_panel(
    value: float | None, english: str, norwegian: str
) -> None:
    """0 to 5 low, above 5 to 20 intermediate, above 20 high, after rounding to a whole number."""
    assert (tmb_band(value).english, tmb_band(value).norwegian) == (english, norwegian)
    assert tmb_table(tables(tmb=value)).select("band", "band_no").row(0) == (english, norwegian)
    assert len(BANDS) == 3


def test_a_site_has_one_row_a_specimen_with_both_values() -> None:
    """The band comes from the panel's value also where the DRUP rule says otherwise."""
    found = tmb_table(tables(*[{}] * 30, {"vaf": 0.01}, tmb=6.3, region=1.26))
    assert found.select("person", "specimen", "test", "tmb", "n", "region", "drup", "drup_text", "band").rows() == [
        (1, 1, 1, 6.3, 30, 1.26, 24, "30/1.26", "Intermediate")
    ]
    assert found["remark"].to_list() == [None]


@pytest.mark.parametrize(
    ("normal", "test", "words"),
    [
        (False, {"region": 1.3}, "potentially overestimated"),
        (None, {"region": 1.3}, "not known"),
        (True, {"region": 1.0}, "below 1.14 Mb"),
        (True, {}, "size of the coding region is not known"),
    ],
)
def test_a_value_says_what_to_know_before_it_is_used(normal: bool | None, test: dict[str, object], words: str) -> None:
    """Without a normal sample inherited variants are counted too."""
    assert words in tmb_table(tables({}, normal=normal, **test))["remark"][0]


def test_a_variant_without_coding_status_is_not_counted_and_is_told_of() -> None:
    """What the effect is, is not known."""
    found = tmb_table(tables({}, {"classification": None}, region=1.3))
    assert found["n"].to_list() == [1]
    assert "1 variants without a coding status" in found["remark"][0]


def test_the_rule_agrees_for_one_sample_and_for_a_whole_site() -> None:
    """The table is the rule, specimen by specimen; a test without variants has n = 0."""
    rows: Sequence[dict[str, object]] = [
        COUNTED | {"id": k, "person": k % 3 + 1, "test": k % 3 + 1, "vaf": k / 40} for k in range(60)
    ]
    site = MemoryTables(
        {
            "specimen": [{"person": p, "id": p} for p in range(1, 5)],
            "test": [
                {"person": p, "id": p, "specimen": p, "assay": "mutation", "region": 1.2 + p} for p in range(1, 5)
            ],
            "variant": rows,
        }
    )
    whole = tmb_table(site)
    for person, region, drup, text in whole.select("person", "region", "drup", "drup_text").iter_rows():
        alone = drup_tmb(site.frame("variant").filter(pl.col("person") == person), region)
        assert (alone.per_mb, alone.text) == (drup, text)
    assert whole["n"].to_list()[-1] == 0


def test_tmb_high_is_an_alteration_from_ten_per_megabase() -> None:
    """The threshold of the pembrolizumab label; the value stands beside the claim."""
    found = genome_wide(tables(tmb=12.0))
    assert found.select("kind", "alteration", "as_written", "test").rows() == [("TMB", "TMB-H", "TMB 12.0/Mb", 1)]
    assert genome_wide(tables(tmb=9.99)).height == 0
