"""The demonstration on 10,513 real patients: its counts are counted again here, from the raw files, by other means."""

from __future__ import annotations

import csv
import json
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import kohort
from kohort import evidence
from kohort.cli.demonstration.run import Demonstration, demonstrate
from kohort.cli.demonstration.sums import summarise
from kohort.web import NOT_SHOWN, Count
from tests.support import SHARED, needs_shared

pytestmark = [pytest.mark.realdata, needs_shared]

STUDY = SHARED / "tcga"
K = 5


def raw(name: str) -> Iterator[dict[str, str]]:
    with (STUDY / name).open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demonstration:
    return demonstrate(
        tmp_path_factory.mktemp("demo") / "out", study=STUDY, column="TISSUE_SOURCE_SITE", count=3, patients=0, seed=0,
        as_of=date(2026, 11, 23), progress=lambda _what, _lines: None,
    )  # fmt: skip


def step(demo: Demonstration, label: str) -> Count:
    return next(s.total for s in demo.data.funnel if s.label == label)


def test_patients_and_tested_patients_are_those_of_the_raw_files(demo: Demonstration) -> None:
    """10,513 patients; tested is who has a sample in the panel matrix."""
    patients = {row["PATIENT_ID"] for row in raw("data_clinical_patient.txt")}
    owner = {row["SAMPLE_ID"]: row["PATIENT_ID"] for row in raw("data_clinical_sample.txt")}
    tested = {owner[row["SAMPLE_ID"]] for row in raw("data_gene_panel_matrix.txt")}
    assert (step(demo, "patients"), step(demo, "tested")) == (len(patients), len(tested)) == (10513, 8370)
    assert sum(int(site.patients) for site in demo.data.sites) == len(patients)
    assert sum(int(site.tested) for site in demo.data.sites) == len(tested)


def test_patients_with_an_alteration_are_those_with_a_line_in_the_mutation_file(demo: Demonstration) -> None:
    """7,556 patients have a variant; 814 were tested and have none."""
    owner = {row["SAMPLE_ID"]: row["PATIENT_ID"] for row in raw("data_clinical_sample.txt")}
    altered = {owner[row["Tumor_Sample_Barcode"]] for row in raw("data_mutations.txt")}
    assert step(demo, "with an alteration") == len(altered) == 7556


def test_variants_and_treatments_are_the_distinct_lines_of_the_raw_files(demo: Demonstration) -> None:
    """A variant or treatment that stands twice counts once; the copy is in the quarantine, and nothing else is."""
    for file, field, copies in (
        ("data_mutations.txt", "variants", 1),
        ("data_timeline_treatment.txt", "therapies", 387),
    ):
        place = (
            "Tumor_Sample_Barcode",
            "Chromosome",
            "Start_Position",
            "End_Position",
            "Reference_Allele",
            "Tumor_Seq_Allele2",
        )
        named = place if field == "variants" else ()
        lines = [tuple(row[name] for name in named or row) for row in raw(file)]
        assert len(lines) - len(set(lines)) == copies
        assert sum(int(getattr(site, field)) for site in demo.data.sites) == len(set(lines))
    assert sum(site.quarantined for site in demo.data.sites) == 1 + 387


def test_deaths_are_those_of_the_patient_file(demo: Demonstration) -> None:
    """3,365 patients are said to have died."""
    deaths = sum(row["OS_STATUS"] == "1:DECEASED" for row in raw("data_clinical_patient.txt"))
    assert sum(int(site.deaths) for site in demo.data.sites) == deaths == 3365


def test_every_line_of_the_study_is_accounted_for(demo: Demonstration) -> None:
    """Lines read at the sites are the lines of the study; comment and header lines and panels stand at each site."""
    copied = {p.name: 0 for p in STUDY.iterdir()}
    for site in demo.sites:
        for file in site.report.files:
            assert file.lines == file.accepted + file.quarantined
            copied[file.name] += file.lines
    for path in STUDY.iterdir():
        text = path.read_text(encoding="utf-8")
        shared = text.count("\n") if path.name.startswith(("meta_", "data_gene_panel_P")) else None
        head = sum(line.startswith("#") for line in text.split("\n")[:5]) + 1
        expected = 3 * shared if shared is not None else text.count("\n") + 2 * head
        assert copied[path.name] == expected, path.name


def test_braf_v600e_by_tumour_is_counted_right_and_small_numbers_are_hidden(demo: Demonstration) -> None:
    """288 papillary thyroid, 42 colon, 7 lung adenocarcinomas; 1 to 4 patients are shown as <5."""
    sample = {row["SAMPLE_ID"]: row for row in raw("data_clinical_sample.txt")}
    carriers: dict[str, set[str]] = defaultdict(set)
    tested: Counter[str] = Counter()
    for row in raw("data_gene_panel_matrix.txt"):
        tested[sample[row["SAMPLE_ID"]]["ONCOTREE_CODE"]] += 1
    for row in raw("data_mutations.txt"):
        if row["Hugo_Symbol"] == "BRAF" and row["HGVSp_Short"] == "p.V600E":
            owner = sample[row["Tumor_Sample_Barcode"]]
            carriers[owner["ONCOTREE_CODE"]].add(owner["PATIENT_ID"])
    table = demo.data.tumour_counts
    assert table is not None
    assert table.total is not None
    place = table.alterations.index("BRAF V600E")
    shown: dict[str, Count | None] = {}
    for row in table.rows:
        code = re.search(r"\((\w+)\)$", row.tumour)
        assert code is not None
        shown[code[1]] = row.cells[place]
    assert set(shown) == {row["ONCOTREE_CODE"] for row in sample.values()}
    exact = 0
    for code, cell in shown.items():
        count = len(carriers[code])
        if not tested[code]:
            assert cell is None, code
        elif 0 < count < K:
            assert cell in (f"<{K}", NOT_SHOWN), code
        else:
            assert cell in (count, NOT_SHOWN), code
            exact += cell == count
    assert (shown["THPA"], shown["COAD"], shown["LUAD"]) == (288, 42, 7)
    assert exact >= 15
    assert table.total.cells[place] in (sum(map(len, carriers.values())), NOT_SHOWN)


def test_pooled_survival_is_that_of_lifelines_on_the_pooled_rows(demo: Demonstration) -> None:
    """Kaplan-Meier by sums of three sites equals lifelines on all rows to 1e-12, with numbers at risk and deaths."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lifelines import KaplanMeierFitter
    parts, times, events = [], [], []
    for one in demo.sites:
        rows = evidence.overall_survival(one.site).rows
        parts.append(evidence.survival_sums(rows["time"], rows["event"]))
        times.append(rows["time"].to_numpy())
        events.append(rows["event"].to_numpy())
    curve = evidence.kaplan_meier(parts).curve
    fitter = KaplanMeierFitter().fit(np.concatenate(times), np.concatenate(events))
    theirs = fitter.survival_function_["KM_estimate"]
    ours = curve.survival_at(theirs.index.to_numpy())
    assert len(theirs) > 2000
    assert np.abs(ours - theirs.to_numpy()).max() < 1e-12
    at_risk = fitter.event_table["at_risk"].to_numpy()[1:]
    assert (curve.at_risk_at(theirs.index.to_numpy()[1:]) == at_risk).all()
    assert int(curve.n_events) == int(np.concatenate(events).sum())


def test_survival_times_are_those_of_the_raw_months(demo: Demonstration) -> None:
    """Days are months times 30.4375, which gives back the whole days of the study; 66 patients have no time."""
    days = Counter(
        round(float(row["OS_MONTHS"]) * 30.4375)
        for row in raw("data_clinical_patient.txt")
        if row["OS_MONTHS"] and row["OS_STATUS"]
    )
    rows = [day for one in demo.sites for day in evidence.overall_survival(one.site).rows["time"]]
    assert Counter(rows) == days


def test_pooled_counts_of_sites_are_those_of_one_site(demo: Demonstration, tmp_path: Path) -> None:
    """Sums of three sites added up are the sums of one site that holds everybody."""
    whole = kohort.Site.create(tmp_path / "whole", "Whole", "NO")
    whole.ingest([STUDY])
    trial, packs, day = kohort.match.default_protocol(), [kohort.profile.starter_pack()], date(2026, 11, 23)
    one = summarise(whole, trial, packs, day).sums
    several = [summarise(site.site, trial, packs, day).sums for site in demo.sites]
    assert {name: sums.n for name, sums in one.steps.items()} == {
        name: sum(s.steps[name].n for s in several) for name in one.steps
    }
    assert evidence.count_table([s.genes for s in several]) == evidence.count_table(one.genes)
    assert evidence.count_table([s.tested for s in several]) == evidence.count_table(one.tested)
    assert kohort.cohort.combine(s.cohorts for s in several) == one.cohorts
    assert {c: sum(s.fits[c]["unknown"] for s in several) for c in one.fits} == {
        c: f["unknown"] for c, f in one.fits.items()
    }


def test_no_sentence_tells_a_number_that_did_not_pass_the_gate(demo: Demonstration) -> None:
    """Every number in a cohort's sentence is one of the row's shown numbers, its design, or follows from these."""
    assert any(row.enrolled != 0 for row in demo.data.cohorts)
    for row in demo.data.cohorts:
        counts = [n for n in (row.evaluable, row.responders, row.pending) if isinstance(n, int)]
        words = re.sub(r"(?i)stage \d", "", row.decision_sentence)
        head = re.split(r"The sizes differ|positive if|more to evaluate", words)[0]
        allowed = {
            *counts,
            row.r1 + 1,
            row.n1,
            row.n,
            row.r + 1,
            K,
            *(row.n - n for n in counts),
            *(row.n1 - n for n in counts),
        }
        if isinstance(row.evaluable, int) and row.evaluable > row.n:
            continue  # read against thresholds of its own size, which follow from the shown size
        assert {int(n) for n in re.findall(r"\d+", head)} <= allowed, row.id
        if isinstance(row.evaluable, str):
            assert row.decision_sentence == f"Too early: fewer than {K} patients can be told."


def test_the_report_shows_what_was_counted_and_names_nobody(demo: Demonstration) -> None:
    """The page holds the figures, and no id of the study; nor has any file of the sites."""
    page = demo.report.read_text(encoding="utf-8")
    assert ">10 513<" in page.replace("\u202f", " ").replace("\u00a0", " ").replace("\u2009", " ")
    assert "TCGA-" not in page
    assert "TCGA-" not in json.dumps(demo.to_json(), default=str).replace(str(STUDY), "")
    for site in demo.sites:
        for path in (site.site.path).rglob("*"):
            if path.is_file() and path.suffix != ".parquet":
                assert b"TCGA-" not in path.read_bytes(), path
