"""Commands about cohorts: design, decide, record, status, simulate, sensitivity, pool."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.spec.cli.command import kohort

PROTOCOL = """
format: kohort-trial/1
id: DEMO-1
title: A demonstration
design: {r1: 0, n1: 8, r: 4, n: 24, p0: 0.10, p1: 0.30}
cohorts:
  - id: BRAF
    title: BRAF V600
    drugs: [dabrafenib, trametinib]
    source: invented for this test
    criteria:
      - mutation: {gene: BRAF, codon: 600}
  - id: MSI
    title: MSI-high
    drugs: [pembrolizumab]
    source: invented for this test
    criteria:
      - msi: MSI-H
"""
VEMURAFENIB = ("--responders", "8,0,1,1,6,2", "--evaluable", "19,10,26,8,14,7", "--p0", "0.15")


@pytest.fixture
def protocol(tmp_path: Path) -> Path:
    path = tmp_path / "protocol.yaml"
    path.write_text(PROTOCOL, encoding="utf-8")
    return path


def record(log: Path, *entries: str) -> None:
    """Write events of the cohort BRAF, each as ``event person [response]``."""
    for entry in entries:
        event, person, *response = entry.rsplit(" ", 2) if entry.startswith("evaluated") else entry.rsplit(" ", 1)
        answer = ["--response" if response == ["yes"] else "--no-response"] if response else []
        done = kohort(
            "cohort", "record", "--log", log, "--cohort", "BRAF", "--event", event, "--person", person, *answer
        )
        assert done.returncode == 0, done.stderr


def test_a_decision_gives_the_chances_while_a_cohort_runs_and_the_estimates_when_it_has_ended() -> None:
    """Conditional and predictive power before the end; unbiased rate, p value and interval after it."""
    running = json.loads(kohort("cohort", "decide", "--responders", "1", "--evaluable", "8", "--json").stdout)
    assert running["conditional_power_p1"] == pytest.approx(0.754, abs=5e-4)
    assert running["predictive_power"] == pytest.approx(0.3905, abs=5e-5)
    assert running["estimates"] is None
    ended = json.loads(kohort("cohort", "decide", "--responders", "5", "--evaluable", "24", "--json").stdout)
    assert ended["estimates"]["p_value"] == pytest.approx(0.07775522, abs=1e-8)
    assert ended["estimates"]["interval_90"] == pytest.approx([0.0881289, 0.4013], abs=1e-4)
    assert "predictive_power" not in ended


def test_another_design_is_written_in_simons_convention() -> None:
    """TAPUR: 1/10,6/28 goes on with 2 of 10 and succeeds with 7 of 28."""
    tapur = ("--design", "1/10,6/28", "--p0", "0.15", "--p1", "0.35", "--json")
    for responders, verdict in ((6, "negative"), (7, "positive")):
        done = kohort("cohort", "decide", "--responders", str(responders), "--evaluable", "28", *tapur)
        assert json.loads(done.stdout)["verdict"] == verdict


def test_events_are_recorded_and_the_status_is_their_replay(tmp_path: Path, protocol: Path) -> None:
    """Eight enrolled, seven without a response, one pending who decides."""
    log = tmp_path / "log.jsonl"
    record(log, *(f"enrolled {person}" for person in range(1, 9)))
    record(log, *(f"evaluated {person} no" for person in range(1, 8)))
    done = kohort("cohort", "status", "--trials", protocol, "--log", log, "--json")
    state = json.loads(done.stdout)
    braf, msi = state["cohorts"]
    assert (braf["cohort"], braf["answer"], braf["best"], braf["worst"]) == ("BRAF", "too early", "go on", "no-go")
    assert [patient["decisive"] for patient in braf["pending"]] == [True]
    assert (msi["counts"]["enrolled"], msi["places"]["open"]) == (0, 0)
    assert state["log"]["lines"] == 15
    assert kohort("cohort", "status", "--trials", protocol, "--log", log, "--json").stdout == done.stdout
    told = kohort("cohort", "status", "--trials", protocol, "--log", log).stdout
    assert "1 cohort has no patient yet" in told


def test_a_late_correction_names_the_decision_it_would_have_changed(tmp_path: Path, protocol: Path) -> None:
    """The eighth patient was no responder; months later she is found to have been one."""
    log = tmp_path / "log.jsonl"
    record(log, *(f"enrolled {person}" for person in range(1, 9)))
    record(log, *(f"evaluated {person} no" for person in range(1, 9)), "evaluated 8 yes")
    done = kohort("cohort", "status", "--trials", protocol, "--log", log)
    assert done.returncode == 0
    assert "no-go" in done.stderr
    assert "go on" in done.stderr


def test_a_log_that_was_changed_by_hand_is_refused_with_its_line(tmp_path: Path, protocol: Path) -> None:
    """Each line is sealed to the one before."""
    log = tmp_path / "log.jsonl"
    record(log, "enrolled 1", "enrolled 2", "evaluated 1 no")
    log.write_text(log.read_text().replace('"response":false', '"response":true'))
    done = kohort("cohort", "status", "--trials", protocol, "--log", log)
    assert done.returncode == 2
    assert "line 3" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_simulation_is_exact_where_it_can_be_and_says_so() -> None:
    """Three cohorts of 8 + 16: all outcomes are summed; the error stands in the answer."""
    done = kohort("cohort", "simulate", "--model", "separate", "--cohorts", "3", "--cutoff", "0.9", "--json")
    found = json.loads(done.stdout)
    assert found["method"] == "exact"
    assert len(found["family"]) == 4
    null = [row for row in found["cohorts"] if row["rate"] == 0.1]
    assert len({round(row["go"], 12) for row in null}) == 1  # without borrowing the others do not matter
    told = kohort("cohort", "simulate", "--model", "separate", "--cohorts", "3", "--cutoff", "0.9").stdout
    assert "All outcomes were summed" in told


def test_the_same_counts_under_every_model_name_the_cohorts_they_disagree_on() -> None:
    """The vemurafenib basket; MEM is that of the package basket."""
    found = json.loads(kohort("cohort", "sensitivity", *VEMURAFENIB, "--json").stdout)
    assert len({row["model"] for row in found["rows"]}) == 11
    mem = [row["prob_greater"] for row in found["rows"] if row["model"] == "mem"]
    assert mem[:2] == pytest.approx([0.99972196, 0.02740205], abs=1e-8)
    assert "6" in found["disputed"]
    assert "1" not in found["disputed"]


def test_a_model_that_the_counts_do_not_allow_is_named_and_left_out() -> None:
    """MEM of ten cohorts needs too much memory; the other models answer."""
    many = ("--responders", ",".join("1" * 10), "--evaluable", ",".join(["8"] * 10))
    done = kohort("cohort", "sensitivity", *many, "--json")
    assert done.returncode == 0
    assert "Without mem:" in done.stderr
    assert "exnex" in {row["model"] for row in json.loads(done.stdout)["rows"]}
    assert kohort("cohort", "sensitivity", *many, "--model", "mem").returncode == 2


def test_counts_of_sister_trials_are_pooled_from_a_file(tmp_path: Path) -> None:
    """1 of 6 and 0 of 3 are 1 of 9: stage 2 may open, and that hangs on the Netherlands."""
    counts = tmp_path / "counts.csv"
    counts.write_text("trial,country,cohort,responders,evaluable\nDRUP,NL,BRAF,1,6\nIMPRESS,NO,BRAF,0,3\n")
    (found,) = json.loads(kohort("cohort", "pool", counts, "--json").stdout)
    assert (found["responders"], found["evaluable"], found["verdict"]) == (1, 9, "go on")
    assert found["without"]["NL"]["changes_verdict"]
    assert kohort("cohort", "pool", counts, "--method", "hierarchical").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["decide", "--responders", "1", "--evaluable", "8", "--design", "0-8"], "r1/n1,r/n"),
        (["sensitivity", "--responders", "1,2", "--evaluable", "8"], "--evaluable has 1"),
        (["sensitivity", "--responders", "1,x", "--evaluable", "8,9"], "no list of counts"),
        (["sensitivity", "--responders", "9", "--evaluable", "8"], "9 responders of 8"),
        (["sensitivity"], "There are no counts"),
        (["simulate", "--model", "exnexx"], "exnex"),
        (["simulate", "--rates", "0.1"], "two rates"),
        (["simulate", "--truth", "0.1,much"], "no list of numbers"),
        (["pool", "nowhere.csv"], "cannot be read"),
        (["status"], "--log"),
        (["status", "--log", "nowhere.jsonl"], "there is no such log"),
        (["swimmer", "--log", "nowhere.jsonl", "--cohort", "B", "--out", "b.svg"], "there is no such log"),
        (["decide", "--responders", "1", "--evaluable", "8", "--picture", "b.gif"], ".svg or .png"),
        (["record", "--log", "x.jsonl", "--cohort", "B", "--event", "evaluated", "--person", "1"], "response"),
    ],
)
def test_wrong_use_is_told_in_words(arguments: list[str], words: str, tmp_path: Path) -> None:
    """Exit code 2, what is wrong, what to do, no traceback."""
    done = kohort("cohort", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in " ".join((done.stderr + done.stdout).split())
    assert "Traceback" not in done.stderr + done.stdout
