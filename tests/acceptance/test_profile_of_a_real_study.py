"""A real study against the real CIViC file, by the commands that people type."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import polars as pl
import pytest

import kohort as library
from kohort.profile import TIERS, load_pack, reinterpret, starter_pack
from tests.spec.cli.command import kohort
from tests.support import SHARED, needs_shared

pytestmark = [pytest.mark.realdata, needs_shared]

CIVIC = SHARED / "knowledge" / "civic-2022-05-30-clinical-evidence.tsv"
WANTED = (
    "match_level", "tumour_relation", "direction", "pack", "pack_version", "evidence_id", "source_id", "source_date",
    "tier_rule", "jurisdiction",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = library.Site.create(tmp_path_factory.mktemp("tcga") / "site", "Registry", "NO")
    made.ingest([SHARED / "tcga"])
    return made.path


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody may speak to another machine."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_every_alteration_of_the_study_is_understood(site: Path) -> None:
    """At least 99 % are asked for; all 55,215 distinct rows are read."""
    told = json.loads(kohort("profile", "alterations", "--site", site, "--json").stdout)
    assert told["alterations"] == 55_215
    assert told["understood"] == 1
    assert told["not_understood"] == {}


def test_run_cites_each_row_and_gives_the_same_bytes_twice(site: Path, tmp_path: Path) -> None:
    """One row per alteration x evidence; nothing without level, relation, pack, source and date."""
    for name in ("one.csv", "two.csv"):
        done = kohort("profile", "run", "--site", site, "--knowledge", CIVIC, "--out", tmp_path / name)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "one.csv").read_bytes() == (tmp_path / "two.csv").read_bytes()
    rows = pl.read_csv(tmp_path / "one.csv", infer_schema_length=None)
    assert rows.height > 200_000
    assert rows.select(WANTED).null_count().sum_horizontal().item() == 0
    assert set(rows["pack_version"].cast(pl.String)) == {"2022-05-30"}
    gene = rows.filter(pl.col("match_level") == "gene")
    assert set(gene["tier"].drop_nulls()) <= {"III"}, "a match of the whole gene raises no tier"
    assert set(rows["tier"].drop_nulls()) <= set(TIERS["tier"])


def test_the_literature_on_braf_v600e_stands_with_its_tumours(site: Path, tmp_path: Path) -> None:
    """42 colon tumours carry it: resistance to anti-EGFR antibodies there, sensitivity in other tumours, both shown."""
    assert (
        kohort("profile", "run", "--site", site, "--knowledge", CIVIC, "--out", tmp_path / "a.parquet").returncode == 0
    )
    rows = pl.read_parquet(tmp_path / "a.parquet").filter(
        (pl.col("gene") == "BRAF") & (pl.col("alteration") == "p.V600E") & (pl.col("patient_tumour") == "COAD")
    )
    assert rows["person"].n_unique() == 42
    resistant = rows.filter(
        (pl.col("direction") == "resistant") & (pl.col("tumour_relation").is_in(["exact", "descendant"]))
    )
    assert {"cetuximab", "panitumumab"} <= {drug for cell in resistant["drugs"] for drug in cell.split("+")}
    elsewhere = rows.filter((pl.col("drugs") == "vemurafenib") & (pl.col("direction") == "sensitive"))
    assert set(elsewhere.filter(pl.col("tumour_relation") == "other")["tier"]) <= {"II-C", "III"}


def test_new_knowledge_lists_the_patients_it_concerns(site: Path) -> None:
    """From the starter pack to CIViC: every change names the patient, both standings and the rows responsible."""
    found = reinterpret(library.Site.open(site), [starter_pack()], [load_pack(CIVIC)])
    counts = found.counts()
    assert min(counts.values()) > 0
    gained = found.changes.filter(pl.col("change") == "gained")
    assert gained["new_rows"].null_count() == 0
    assert set(gained["new_rows"].str.slice(0, 6)) == {"civic:"}
    lost = found.changes.filter(pl.col("change") == "lost")
    assert lost["old_rows"].null_count() == 0
    assert found.patients <= 7_556
