"""Commands of matching: what each prints and writes, on a small study of invented people.

`kohort match run | explain | options | missing | near | feasibility | lint | schema | watch`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kohort.access import Ledger
from kohort.store import Site
from tests.spec.cli.command import Done, kohort
from tests.study import PEOPLE, SAMPLES, study_files, write_study

DAY = ("--as-of", "2026-11-23")

YAML = """\
format: kohort-trial/1
id: OWN-1
title: A trial
design: {r1: 0, n1: 8, r: 4, n: 24, p0: 0.1, p1: 0.3}
cohorts:
  - id: BRAF
    title: BRAF mutated, outside skin
    drugs: [vemurafenib]
    source: invented
    criteria:
      - mutation: {gene: BRAF}
      - not: {diagnosis: {tissue: Skin}}
  - id: MSI
    title: MSI high, aged 45 or more at diagnosis
    drugs: [pembrolizumab]
    source: invented
    criteria:
      - msi: MSI-H
      - age: {years: ">=45", at: diagnosis}
      - receptor: {marker: ER, status: positive}
"""

CTML: dict[str, Any] = {
    "protocol_no": "11-111",
    "status": "open to accrual",
    "treatment_list": {
        "step": [
            {
                "step_internal_id": 1,
                "step_code": "1",
                "arm": [
                    {
                        "arm_internal_id": 2, "arm_code": "ARM 1", "arm_suspended": "N",
                        "match": [{"and": [{"genomic": {"hugo_symbol": "KRAS", "variant_category": "Mutation"}}]}],
                        "dose_level": [
                            {
                                "level_internal_id": 3, "level_code": "-1", "level_suspended": "Y",
                                "match": [{"clinical": {"gender": "Male"}}],
                            }
                        ],
                    }
                ],
            }
        ]
    },
}  # fmt: skip


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A folder with the site `oslo` and the trials `own.yaml` and `ctml.json`."""
    Site.create(tmp_path / "oslo", "Oslo", "NO").ingest([write_study(tmp_path / "study")])
    (tmp_path / "own.yaml").write_text(YAML)
    (tmp_path / "ctml.json").write_text(json.dumps(CTML))
    return tmp_path


def match(here: Path, *arguments: str) -> Done:
    done = kohort("match", *arguments, cwd=here)
    assert "Traceback" not in done.stderr
    return done


def rows(file: Path) -> pl.DataFrame:
    return pl.read_csv(file) if file.suffix == ".csv" else pl.read_parquet(file)


@pytest.mark.parametrize("name", ["matches.csv", "matches.parquet"])
def test_run_writes_one_row_a_sample_and_arm(here: Path, name: str) -> None:
    """Columns person, sample, trial, level, code, verdict; each arm that takes patients, all three verdicts."""
    done = match(here, "run", "--site", "oslo", "--trials", "own.yaml", "ctml.json", *DAY, "--out", name)
    assert done.returncode == 0, done.stderr
    found = rows(here / name)
    assert found.columns == ["person", "sample", "trial", "level", "code", "verdict"]
    assert found.height == 3 * PEOPLE
    arms = found.select("trial", "level", "code").unique().sort("trial", "code").rows()
    assert arms == [("11-111", "arm", "ARM 1"), ("OWN-1", "cohort", "BRAF"), ("OWN-1", "cohort", "MSI")]
    assert set(found["verdict"]) == {"eligible", "ineligible", "unknown"}
    tables = Site.open(here / "oslo").tables
    assert set(found["sample"]) == set(tables.frame("specimen")["id"])


def test_run_counts_what_the_files_say(here: Path) -> None:
    """KRAS is mutated in every third of the tested; the four who were not tested are unknown."""
    match(here, "run", "--site", "oslo", "--trials", "ctml.json", *DAY, "--out", "m.csv")
    counts = dict(rows(here / "m.csv").group_by("verdict").len().iter_rows())
    kras = sum("\tKRAS\t" in f"\t{line}" for line in study_files()["data_mutations.txt"].splitlines())
    assert counts == {"eligible": kras, "unknown": 4, "ineligible": PEOPLE - 4 - kras}


def test_suspended_arms_are_matched_only_when_they_are_asked_for(here: Path) -> None:
    """The dose level is suspended."""
    match(here, "run", "--site", "oslo", "--trials", "ctml.json", *DAY, "--closed-arms", "--out", "m.csv")
    assert set(rows(here / "m.csv")["level"]) == {"arm", "dose"}


def test_in_the_closed_world_who_was_not_tested_is_ineligible(here: Path) -> None:
    """Unknown does not occur."""
    match(here, "run", "--site", "oslo", "--trials", "ctml.json", *DAY, "--closed-world", "--out", "m.csv")
    assert set(rows(here / "m.csv")["verdict"]) == {"eligible", "ineligible"}


def test_source_ids_are_added_on_ones_own_site_and_entered_in_the_ledger(here: Path) -> None:
    """Two more columns; the patients can see who looked."""
    done = match(here, "run", "--site", "oslo", "--trials", "own.yaml", *DAY, "--with-source-ids", "--out", "m.csv")
    assert done.returncode == 0, done.stderr
    found = rows(here / "m.csv")
    assert found.columns[-2:] == ["patient_source_id", "sample_source_id"]
    assert sorted(found["sample_source_id"].unique()) == sorted(SAMPLES)
    assert (found["sample_source_id"] == found["patient_source_id"] + "-T").all()
    person = int(found["person"][0])
    with Ledger(here / "oslo" / "records.db") as ledger:
        told = [entry.what for entry in ledger.entries_about(person)]
    assert len(told) >= 2
    assert any("source" in what for what in told)


def test_explain_names_file_and_line_and_the_missing_fact(here: Path) -> None:
    """A patient is asked for by pseudonym or by the id at the source; the tree stands on lines of the files."""
    done = match(here, "explain", "--site", "oslo", "--trials", "own.yaml", "--patient", "P001", "--arm", "BRAF", *DAY)
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    assert "OWN-1 BRAF: eligible." in text
    line = next(
        number for number, line in enumerate(study_files()["data_mutations.txt"].splitlines(), 1)
        if line.startswith("BRAF") and "P001-T" in line
    )  # fmt: skip
    assert f"Met: any mutation of BRAF. [data_mutations.txt:{line}]" in text
    missing = match(here, "explain", "--site", "oslo", "--trials", "own.yaml", "--patient", "P021", *DAY)
    assert "Eligible with: mutation test of BRAF: any mutation of BRAF." in " ".join(missing.stdout.split())


def test_explain_as_json_has_the_tree_with_rows(here: Path) -> None:
    """For other programs: verdict, parts, and each row with table, id, file and line."""
    command = ("explain", "--site", "oslo", "--trials", "own.yaml", "--patient", "P001", "--arm", "BRAF", "--json")
    (arm,) = json.loads(match(here, *command, *DAY).stdout)
    assert (arm["verdict"], arm["level"], arm["missing"]) == ("eligible", "cohort", [])
    assert arm["reason"]["parts"][0]["rows"][0]["file"] == "data_mutations.txt"


def test_options_of_a_patient_are_ranked(here: Path) -> None:
    """What fits comes before what is unknown."""
    done = match(here, "options", "--site", "oslo", "--trials", "own.yaml", "--patient", "P001", *DAY, "--json")
    found = json.loads(done.stdout)
    assert [option["arm"] for option in found][:1] == ["BRAF"]
    assert found[0]["verdict"] == "eligible"


def test_missing_ranks_facts_over_all_arms(here: Path) -> None:
    """Three patients outside skin were not tested: BRAF settles them, whatever comes out; a plan goes on from there."""
    done = match(here, "missing", "--site", "oslo", "--trials", "own.yaml", *DAY, "--plan", "2", "--json")
    told = json.loads(done.stdout)
    first = told["facts"][0]
    assert (first["fact"], first["lacking"], first["would_settle"]) == ("mutation test of BRAF", 3, 3)
    assert [step["step"] for step in told["plan"]] == [1, 2]
    assert "mutation test of BRAF" in match(here, "missing", "--site", "oslo", "--trials", "own.yaml", *DAY).stdout


def test_near_tells_by_how_much(here: Path) -> None:
    """Each near miss with what was found instead."""
    done = match(here, "near", "--site", "oslo", "--trials", "own.yaml", *DAY, "--out", "near.csv")
    assert done.returncode == 0, done.stderr
    found = rows(here / "near.csv")
    assert found.height
    assert {"requirement", "found", "short_by", "recoverable"} <= set(found.columns)


def test_feasibility_of_two_sites_is_their_sum(here: Path) -> None:
    """Counts by site, attrition, what each criterion costs, pairs, and calendar time."""
    Site.create(here / "bergen", "Bergen", "NO").ingest([write_study(here / "study")])
    command = ("feasibility", "--site", "oslo", "--site", "bergen", "--trials", "own.yaml", *DAY)
    told = json.loads(match(here, *command, "--json").stdout)
    assert set(told) == {"counts", "attrition", "costs", "pairs", "calendar"}
    by_site = {(row["site"], row["arm"]): row["eligible"] for row in told["counts"]}
    assert by_site["Oslo", "BRAF"] == by_site["Bergen", "BRAF"] > 0
    shown = match(here, *command).stdout
    assert f"{2 * by_site['Oslo', 'BRAF']} of {2 * PEOPLE} fit" in shown


def test_lint_names_rule_place_and_remedy_and_can_fail(here: Path) -> None:
    """Exit 1 for what the caller asked to fail on; the good trial passes."""
    (here / "odd.json").write_text(json.dumps(CTML).replace('"KRAS"', '"KRASS"'))
    done = match(here, "lint", "odd.json", "--fail-on", "warning", "--json")
    assert done.returncode == 1
    assert "unknown-gene" in {problem["rule"] for problem in json.loads(done.stdout)}
    assert match(here, "lint", "own.yaml").returncode == 0
    at_site = match(here, "lint", "own.yaml", "--site", "oslo", *DAY, "--json", "--fail-on", "never")
    assert "unanswerable" in {problem["rule"] for problem in json.loads(at_site.stdout)}


def test_the_same_mistake_many_times_is_told_once(here: Path) -> None:
    """Three leaves with the same misspelt class are one line on standard error, with their number."""
    leaf = {"genomic": {"hugo_symbol": "KRAS", "variant_category": "Mutation", "variant_classification": "Misence"}}
    trial = json.loads(json.dumps(CTML))
    trial["treatment_list"]["step"][0]["arm"][0]["match"] = [{"or": [leaf, leaf, leaf]}]
    (here / "odd.json").write_text(json.dumps(trial))
    done = match(here, "run", "--site", "oslo", "--trials", "odd.json", *DAY)
    assert done.returncode == 0
    assert done.stderr.count("Misence") == 1
    assert "(and 2 more like it)" in done.stderr


def test_schema_prints_the_json_schema(here: Path) -> None:
    """Editors complete and check with it."""
    assert json.loads(match(here, "schema").stdout)["title"] == "Kohort trial"


def test_watch_says_what_changed_and_why(here: Path) -> None:
    """First nothing to compare with; then an edited trial; then a new delivery of the study."""
    command = ("watch", "--site", "oslo", "--trials", "own.yaml", "--state", "kept", "--once", *DAY)
    assert "First matching" in match(here, *command).stdout
    assert "Nothing changed" in match(here, *command).stdout
    (here / "own.yaml").write_text(YAML.replace("mutation: {gene: BRAF}", "mutation: {gene: KRAS}"))
    told = json.loads(match(here, *command, "--json").stdout)
    assert {row["why"] for row in told} == {"criteria"}
    files = study_files()
    line = files["data_mutations.txt"].splitlines()[1].replace("BRAF", "KRAS").replace("\t7\t", "\t8\t")
    extra = f"{files['data_mutations.txt']}{line}\n"
    Site.open(here / "oslo").ingest([write_study(here / "study", data_mutations=extra)])
    told = json.loads(match(here, *command, "--json").stdout)
    assert {(row["arm"], row["change"], row["why"]) for row in told} == {("BRAF", "new", "rows")}


def test_every_command_enters_its_read_into_the_ledger(here: Path) -> None:
    """One entry a command, also where only counts are shown."""
    person = int(Site.open(here / "oslo").tables.frame("person")["person"][0])

    def entries() -> int:
        with Ledger(here / "oslo" / "records.db") as ledger:
            return len(ledger.entries_about(person))

    before = entries()
    for name in ("run", "missing", "near", "feasibility"):
        match(here, name, "--site", "oslo", "--trials", "own.yaml", *DAY)
    match(here, "explain", "--site", "oslo", "--trials", "own.yaml", "--person", str(person), *DAY)
    match(here, "options", "--site", "oslo", "--trials", "own.yaml", "--person", str(person), *DAY)
    match(here, "lint", "own.yaml", "--site", "oslo", *DAY)
    assert entries() == before + 7


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "--site", "oslo", "--trials", "nowhere.yaml"), "No trial could be read"),
        (("run", "--site", "oslo", "--out", "m.xlsx"), "is no format"),
        (("run", "--site", "oslo", "--out", "nowhere/m.csv"), "There is no folder"),
        (("run", "--site", "oslo", "--verdict", "maybe"), "is no verdict"),
        (("run", "--site", "oslo", "--as-of", "yesterday"), "yyyy-mm-dd"),
        (("explain", "--site", "oslo"), "Which patient"),
        (("explain", "--site", "oslo", "--patient", "P999"), "no patient of that id"),
        (("explain", "--site", "oslo", "--person", "1"), "not in this population"),
        (("explain", "--site", "oslo", "--patient", "P001", "--arm", "NONE"), "There is no arm 'NONE'"),
        (("feasibility", "--site", "oslo", "--by", "week"), "is no period"),
        (("lint", "nowhere.yaml"), "There is no file"),
        (("lint", "own.yaml", "--fail-on", "all"), "is no severity"),
        (("watch", "--site", "oslo", "--state", "nowhere/kept", "--once"), "There is no folder"),
        ((), "Which site"),
    ],
)
def test_wrong_use_of_matching_exits_with_2(here: Path, arguments: tuple[str, ...], words: str) -> None:
    """The error says what is wrong and what to do; never a traceback."""
    done = match(here, *arguments)
    assert done.returncode == 2
    assert words in " ".join((done.stderr + done.stdout).split())
