"""Commands about profiles: run, patient, reinterpret, like, read, alterations, knowledge."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import polars as pl
import pytest

import kohort as library
from kohort.access import Ledger
from tests.spec.cli.command import kohort
from tests.study import CHANGES, write_study
from tests.tso500_files import tso500

COLUMNS = (
    "evidence_id", "gene", "alteration", "tumour", "drugs", "direction", "level", "level_system", "jurisdiction",
    "source_id", "source_date", "note",
)  # fmt: skip


def pack(folder: Path, *rows: str, version: str = "1", licence: str = "CC0-1.0") -> Path:
    """A pack of rows ``id gene alteration tumour drugs level``; all say that the tumour is sensitive."""
    folder.mkdir(parents=True)
    lines = ["\t".join(COLUMNS)]
    for row in rows:
        name, gene, change, tumour, drugs, level = row.split("|")
        lines.append(
            "\t".join(
                (name, gene, change, tumour, drugs, "sensitive", level, "CIViC", "international", "PMID:1", "2026", "")
            )
        )
    table = "\n".join(lines) + "\n"
    (folder / "evidence.tsv").write_text(table, encoding="utf-8")
    digest = hashlib.sha256(table.encode()).hexdigest()
    facts = {"name": "ours", "version": version, "date": "2026-11-01", "source": "invented", "licence": licence}
    text = "".join(f'{key} = "{value}"\n' for key, value in (facts | {"sha256": digest}).items())
    (folder / "manifest.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("profile")
    made = library.Site.create(folder / "oslo", "Oslo", "NO")
    made.ingest([write_study(folder / "study")])
    return made.path


def reads(site: Path) -> int:
    with Ledger(site / "records.db") as ledger:
        return len(ledger.entries())


def test_run_writes_one_row_per_alteration_and_evidence(site: Path, tmp_path: Path) -> None:
    """Each row has level, relation, tier with its rule, direction, drugs, jurisdiction, pack, source and date."""
    before = reads(site)
    done = kohort("profile", "run", "--site", site, "--out", tmp_path / "found.csv")
    assert done.returncode == 0, done.stderr
    rows = pl.read_csv(tmp_path / "found.csv", infer_schema_length=None)
    assert rows.height > 50
    wanted = (
        "match_level", "tumour_relation", "tier", "tier_rule", "direction", "jurisdiction", "pack", "pack_version",
        "source_id", "source_date",
    )  # fmt: skip
    assert rows.select(wanted).filter(pl.col("match_level") != "gene").null_count().sum_horizontal().item() == 0
    assert f"{rows.height:,} rows in" in done.stdout
    assert "kohort-starter" in done.stdout
    assert reads(site) == before + 1


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet"])
def test_running_twice_gives_the_same_bytes(site: Path, tmp_path: Path, ending: str) -> None:
    """Nothing in the output depends on the hour, the order of threads or the folder."""
    for name in ("one", "two"):
        assert kohort("profile", "run", "--site", site, "--out", tmp_path / f"{name}.{ending}").returncode == 0
    one, two = ((tmp_path / f"{name}.{ending}").read_bytes() for name in ("one", "two"))
    assert one == two


def test_a_pack_that_cannot_be_used_is_named_and_the_rest_goes_on(site: Path, tmp_path: Path) -> None:
    """A wrong sum and a missing licence leave the other pack in use; with none left the command stops with 2."""
    good = pack(tmp_path / "good", "E1|BRAF|p.V600E|LUAD|a drug|A")
    bad = pack(tmp_path / "bad", "E1|BRAF|p.V600E|LUAD|a drug|A", version="2")
    (bad / "evidence.tsv").write_text("changed", encoding="utf-8")
    none = pack(tmp_path / "none", "E1|BRAF|p.V600E|LUAD|a drug|A", version="3", licence="")
    three = [word for folder in (good, bad, none) for word in ("--knowledge", folder)]
    done = kohort("profile", "run", "--site", site, *three, "--json")
    assert [each["version"] for each in json.loads(done.stdout)["packs"]] == ["1"]
    assert "SHA-256" in done.stderr
    assert "licence" in done.stderr
    assert kohort("profile", "run", "--site", site, "--knowledge", bad).returncode == 2


def test_a_patient_straight_from_a_laboratory_file(tmp_path: Path) -> None:
    """A TSO500 file and a diagnosis give the board's table without any site."""
    file = tmp_path / "IPD9001_CombinedVariantOutput.tsv"
    file.write_text(tso500(), encoding="utf-8")
    done = kohort("profile", "patient", "--file", file, "--tumour", "LUAD", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    rows = {(row["gene"], row["alteration"]): row for row in told["board"]}
    assert rows["EGFR", "p.E746_A750del"]["tier"] == "I-A"
    assert "osimertinib" in rows["EGFR", "p.E746_A750del"]["sensitive"]
    assert rows[None, "MSI-H"]["sensitive"]
    assert told["tmb"][0]["region"] == 1.27
    shown = kohort("profile", "patient", "--file", file, "--tumour", "LUAD").stdout
    assert "TMB 7.8/Mb" in shown
    wrong = kohort("profile", "patient", "--file", file, "--tumour", "LUNGCANCER")
    assert (wrong.returncode, "OncoTree" in wrong.stderr) == (2, True)


def test_a_patient_of_a_site_is_entered_in_the_ledger(site: Path) -> None:
    """By her id at the source; the output names pack and source in each cell."""
    before = reads(site)
    done = kohort("profile", "patient", "--site", site, "--patient", "P001", "--json")
    assert done.returncode == 0, done.stderr
    assert {row["alteration"] for row in json.loads(done.stdout)["board"]} >= {CHANGES["BRAF"]}
    assert reads(site) == before + 1
    assert kohort("profile", "patient", "--site", site).returncode == 2
    assert kohort("profile", "patient", "--site", site, "--patient", "nobody").returncode == 2


def test_reinterpretation_lists_whose_options_changed(site: Path, tmp_path: Path) -> None:
    """A row gone is an option lost, a new row one gained, another level one moved; the rows responsible are named."""
    old = pack(tmp_path / "old", "E1|BRAF|p.V600E|LUAD|alpha|B", "E2|KRAS|p.G12D|COAD|beta|C", version="1")
    new = pack(tmp_path / "new", "E1|BRAF|p.V600E|LUAD|alpha|A", "E3|EGFR|p.L858R|LUAD|gamma|A", version="2")
    done = kohort(
        "profile", "reinterpret", "--site", site, "--from", old, "--to", new, "--out", tmp_path / "c.csv", "--json"
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["changes"]["gained"] > 0
    assert told["changes"]["moved"] > 0
    by_drug = {row["drugs"]: row for row in told["rows"]}
    assert (by_drug["gamma"]["change"], by_drug["gamma"]["new_rows"]) == ("gained", "ours:E3")
    assert (by_drug["alpha"]["change"], by_drug["alpha"]["old_rows"]) == ("moved", "ours:E1")
    assert pl.read_csv(tmp_path / "c.csv").height == len(told["rows"])
    shown = kohort("profile", "reinterpret", "--site", site, "--from", old, "--to", new).stdout
    assert "patients; options:" in shown
    nothing = kohort("profile", "reinterpret", "--site", site, "--from", old, "--to", old, "--json")
    assert json.loads(nothing.stdout)["patients"] == 0


def test_patients_like_one_are_shown_with_what_became_of_them(site: Path, tmp_path: Path) -> None:
    """The reading of all of them stands in the ledger."""
    before = reads(site)
    done = kohort("profile", "like", "--site", site, "--patient", "P001", "--most", "3", "--json")
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    assert len(rows) == 3
    assert rows[0]["likeness"] >= rows[-1]["likeness"]
    assert reads(site) == before + 1
    assert "Likeness" in kohort("profile", "like", "--site", site, "--patient", "P001").stdout


def test_read_says_how_one_alteration_is_understood() -> None:
    """Canonical form, kind and findings; what is not understood stays text, and no error."""
    done = kohort("profile", "read", "p.(Val600Glu)", "--gene", "BRAF")
    assert "p.V600E - missense" in done.stdout
    told = json.loads(kohort("profile", "read", "qwerty", "--gene", "MLL2", "--json").stdout)
    assert (told["kind"], told["alteration"]) == ("text", "qwerty")
    assert any("KMT2D" in finding for finding in told["findings"])


def test_alterations_counts_what_is_understood_and_lists_the_rest_by_reason(site: Path) -> None:
    """The share understood, the kinds, and each reason with its number."""
    told = json.loads(kohort("profile", "alterations", "--site", site, "--json").stdout)
    assert told["understood"] == 1
    assert told["kinds"]["missense"] > 10
    assert "understood" in kohort("profile", "alterations", "--site", site).stdout


def test_a_pack_is_added_listed_verified_and_compared(site: Path, tmp_path: Path) -> None:
    """Its licence is shown and its hash kept; a changed byte is found later, and the other packs go on."""
    first = pack(tmp_path / "a", "E1|BRAF|p.V600E|LUAD|alpha|B", "E2|KRAS|nonsense|COAD|beta|C")
    done = kohort("profile", "knowledge", "add", first, "--site", site)
    assert done.returncode == 0, done.stderr
    assert "CC0-1.0" in done.stdout
    assert "nothing changed" in kohort("profile", "knowledge", "add", first, "--site", site).stdout
    listed = json.loads(kohort("profile", "knowledge", "list", "--site", site, "--json").stdout)
    assert [each["name"] for each in listed] == ["kohort-starter", "ours"]
    assert kohort("profile", "knowledge", "verify", "--site", site).returncode == 0
    used = json.loads(kohort("profile", "run", "--site", site, "--json").stdout)
    assert [each["name"] for each in used["packs"]] == ["kohort-starter", "ours"]
    second = pack(tmp_path / "b", "E1|BRAF|p.V600E|LUAD|alpha|A", "E3|EGFR|p.L858R|LUAD|gamma|A", version="2")
    told = json.loads(kohort("profile", "knowledge", "diff", first, second, "--json").stdout)
    assert (told["added"], told["removed"], told["changed"]) == (1, 1, 1)
    stored = next((site / "knowledge").glob("*/evidence.tsv"))
    stored.write_bytes(stored.read_bytes() + b"x")
    bad = kohort("profile", "knowledge", "verify", "--site", site)
    assert (bad.returncode, "SHA-256" in bad.stderr) == (1, True)
    assert kohort("profile", "run", "--site", site).returncode == 0


def test_a_bare_file_without_a_known_licence_is_refused(tmp_path: Path) -> None:
    """Kohort's own table names no licence: whoever adds it must."""
    folder = pack(tmp_path / "a", "E1|BRAF|p.V600E|LUAD|alpha|B")
    bare = tmp_path / "evidence.tsv"
    bare.write_bytes((folder / "evidence.tsv").read_bytes())
    done = kohort("profile", "knowledge", "add", bare, "--folder", tmp_path / "packs")
    assert (done.returncode, "licence" in done.stderr.lower()) == (2, True)
    said = ("--licence", "CC0-1.0", "--source", "invented", "--name", "ours", "--version", "1")
    done = kohort("profile", "knowledge", "add", bare, "--folder", tmp_path / "packs", *said)
    assert done.returncode == 0, done.stderr
