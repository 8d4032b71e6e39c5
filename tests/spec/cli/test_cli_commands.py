"""Commands: what they print, their exit codes, and never a traceback for a user's mistake."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kohort import __version__
from tests.spec.cli.command import kohort
from tests.study import PEOPLE, study_files, write_study


@pytest.fixture
def site(tmp_path: Path) -> Path:
    done = kohort("site", "create", tmp_path / "oslo", "--name", "Oslo", "--country", "NO")
    assert done.returncode == 0
    return tmp_path / "oslo"


def test_the_entry_point_starts() -> None:
    """The command in a process of its own prints its version."""
    start = "from kohort.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", start, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"kohort {__version__}\n"


def test_a_site_is_made_and_shown(site: Path) -> None:
    """`kohort site create` and `kohort site show`."""
    assert (site / "site.toml").exists()
    shown = json.loads(kohort("site", "show", site, "--json").stdout)
    assert (shown["name"], shown["country"], shown["batches"]) == ("Oslo", "NO", [])


def test_an_ingest_prints_the_balance_of_lines(site: Path, tmp_path: Path) -> None:
    """The last line says lines = accepted + set aside; again nothing is new."""
    study = write_study(tmp_path / "study")
    done = kohort("ingest", "--site", site, study)
    assert done.returncode == 0
    total = sum(text.count("\n") for text in study_files().values())
    assert f"{total:,} lines = {total:,} accepted + 0 set aside; batch 1." in done.stdout
    assert "nothing new, no byte changed" in kohort("ingest", "--site", site, study).stdout
    assert done.stderr == ""


def test_json_is_one_document(site: Path, tmp_path: Path) -> None:
    """`--json` prints the report for machines and nothing else."""
    report = json.loads(kohort("ingest", "--site", site, write_study(tmp_path / "study"), "--json").stdout)
    assert report["rows"]["person"] == PEOPLE
    assert report["lines"] == report["accepted"] + report["quarantined"]


def test_a_finding_fails_the_command_only_if_asked(site: Path, tmp_path: Path) -> None:
    """Exit code 1 is for a finding that the caller asked to fail on."""
    text = study_files()["data_mutations.txt"] + "BRAF\tcut\n"
    study = write_study(tmp_path / "study", data_mutations=text)
    done = kohort("ingest", "--site", site, study, "--fail-on-quarantine")
    assert done.returncode == 1
    assert "too_few_columns" in done.stdout
    assert "data_mutations.txt, line" in done.stdout
    other = kohort("ingest", "--site", site, write_study(tmp_path / "more", data_sv="Sample_Id\tx\n"))
    assert other.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ingest", "--site", "nowhere", "x"], "There is no site in nowhere"),
        (["site", "create", "s", "--name", "N", "--country", "Norway"], "Use two letters"),
        (["ingest", "x"], "--site"),
        (["nonsense"], "nonsense"),
        (["demo", "--nosuch"], "--nosuch"),
        (["demo", "--split-by", "HOSPITAL"], "--split-by goes with --study"),
        (["demo", "--study", "nowhere", "--split-by", "X"], "no such folder"),
        (["demo", "--patients", "3"], "Ask for 100"),
        (["demo", "--as-of", "2026-02-30"], "yyyy-mm-dd"),
        (["match", "--site", "nowhere"], "There is no site"),
        (["cohort", "decide", "--responders", "3", "--evaluable", "2"], "responders"),
        (["cohort", "design", "--p0", "0.5", "--p1", "0.2"], "p0"),
    ],
)
def test_wrong_use_exits_with_2_and_no_traceback(arguments: list[str], words: str, tmp_path: Path) -> None:
    """The error says what is wrong and what to do."""
    done = kohort(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in " ".join((done.stderr + done.stdout).split())
    assert "Traceback" not in done.stderr + done.stdout


def test_an_unknown_column_suggests_near_names(tmp_path: Path) -> None:
    """`--split-by HOSPITL` asks: did you mean HOSPITAL."""
    done = kohort(
        "demo", "--study", write_study(tmp_path / "study"), "--split-by", "HOSPITL", "--out", tmp_path / "out"
    )
    assert done.returncode == 2
    assert "'HOSPITAL'" in done.stderr


def test_a_folder_that_is_not_a_demonstration_is_never_emptied(tmp_path: Path) -> None:
    """`--out` takes a new folder, an empty one, or one of an earlier demonstration."""
    (tmp_path / "thesis.txt").write_text("years of work")
    done = kohort("demo", "--out", tmp_path)
    assert done.returncode == 2
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_match_writes_into_the_ledger_whose_rows_were_read(site: Path, tmp_path: Path) -> None:
    """Every read of a patient is in the ledger of her site."""
    from kohort.access import Ledger
    from kohort.store import Site

    kohort("ingest", "--site", site, write_study(tmp_path / "study"))
    done = kohort("match", "--site", site, "--as-of", "2026-11-23", "--json")
    assert done.returncode == 0
    counts = json.loads(done.stdout)["arms"]
    assert all(row["eligible"] + row["unknown"] + row["ineligible"] == PEOPLE for row in counts)
    person = Site.open(site).tables.frame("person")["person"][0]
    with Ledger(site / "records.db") as ledger:
        assert [entry.action for entry in ledger.entries_about(person)] == ["read"]
        assert ledger.verify() == ()


def test_a_decision_says_the_verdict_and_what_is_pending(tmp_path: Path) -> None:
    """One responder among eight goes on."""
    done = kohort("cohort", "decide", "--responders", "1", "--evaluable", "8", "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["verdict"] == "go on"
    stop = json.loads(kohort("cohort", "decide", "--responders", "0", "--evaluable", "8", "--json").stdout)
    assert stop["verdict"] == "stop for futility"


def test_the_design_of_the_protocol_is_found(tmp_path: Path) -> None:
    """0 of 8, 4 of 24 is the admissible design for 10 against 30 percent."""
    rows = json.loads(kohort("cohort", "design", "--alpha", "0.078", "--json", cwd=tmp_path).stdout)
    assert (0, 8, 4, 24) in {(r["r1"], r["n1"], r["r"], r["n"]) for r in rows}


def test_the_demonstration_runs_on_a_study_of_ones_own(tmp_path: Path) -> None:
    """The report stands in the folder that was named, and a second run replaces the first."""
    study = write_study(tmp_path / "study")
    for _ in range(2):
        done = kohort("demo", "--study", study, "--split-by", "hospital", "--sites", "2", "--out", tmp_path / "out")
        assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "P001" not in page
    assert "Site 2" in page
