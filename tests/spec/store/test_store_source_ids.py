"""Ids at the source: the way back from a pseudonym to the hospital's own id, for its owner alone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest

import kohort
from kohort.access import Ledger
from kohort.errors import AccessError, InputError, SiteError, UnknownNameError
from kohort.store import manifest
from tests.study import IDS, PEOPLE, SAMPLES, study_files, write_study


@pytest.fixture
def site(tmp_path: Path) -> kohort.Site:
    made = kohort.Site.create(tmp_path / "site", "Oslo", "NO")
    made.ingest([write_study(tmp_path / "study")])
    return made


def everybody(site: kohort.Site) -> list[int]:
    return site.tables.frame("person")["person"].to_list()


def maps(site: kohort.Site) -> list[Path]:
    return sorted((site.path / "keys" / "source_ids").iterdir())


def test_pseudonyms_lead_back_to_the_ids_of_the_hospital(site: kohort.Site) -> None:
    """`site.source_ids("person", ...)` gives id and source id, one row a patient; of specimens the sample ids."""
    people = site.source_ids("person", who="Kari", purpose="care", persons=everybody(site))
    assert sorted(people["source_id"]) == IDS
    assert people["id"].to_list() == site.tables.frame("person")["id"].to_list()
    samples = site.source_ids("specimen", who="Kari", purpose="care", persons=everybody(site))
    assert sorted(samples["source_id"]) == SAMPLES
    owners = site.tables.frame("specimen", ["id", "person"]).join(samples, on="id")
    paired = owners.join(people.rename({"id": "person", "source_id": "patient"}), on="person")
    assert all(sample == f"{patient}-T" for sample, patient in paired.select("source_id", "patient").iter_rows())


def test_only_the_persons_asked_for_are_shown(site: kohort.Site) -> None:
    """The caller names the patients; the ledger names the same."""
    some = everybody(site)[:3]
    assert site.source_ids("person", who="Kari", purpose="care", persons=some)["id"].to_list() == some
    assert site.source_ids("specimen", who="Kari", purpose="care", persons=some).height == 3
    assert site.source_ids("person", who="Kari", purpose="care", persons=[]).height == 0


def test_each_look_is_in_the_ledger(site: kohort.Site) -> None:
    """Who asked, what for, and whose ids were shown; each of these patients may see the entry."""
    some = everybody(site)[:3]
    site.source_ids("person", who="Kari Nordmann", purpose="care", persons=some)
    with Ledger(site.path / "records.db") as ledger:
        (entry,) = ledger.entries()
        assert (entry.who, entry.purpose, entry.action, entry.n_persons) == ("Kari Nordmann", "care", "read", 3)
        assert "ids at the source" in entry.what
        assert [e.sequence for e in ledger.entries_about(some[0])] == [entry.sequence]
        assert not ledger.entries_about(everybody(site)[3])


def test_without_a_name_and_a_purpose_nothing_is_shown(site: kohort.Site) -> None:
    """An empty asker or purpose is refused by the ledger, and then no id is given."""
    with pytest.raises(AccessError):
        site.source_ids("person", who="", purpose="care", persons=everybody(site))
    with pytest.raises(AccessError):
        site.source_ids("person", who="Kari", purpose="", persons=everybody(site))


def test_other_tables_have_no_ids_at_the_source(site: kohort.Site) -> None:
    """Only patients and specimens are known by an id of the hospital."""
    with pytest.raises(UnknownNameError, match="variant"):
        site.source_ids("variant", who="Kari", purpose="care", persons=[])  # type: ignore[arg-type]


def test_the_ids_lie_beside_the_key_and_only_their_owner_can_read_them(site: kohort.Site) -> None:
    """`keys/source_ids` has mode 0700 and holds one file a batch, mode 0600."""
    folder = site.path / "keys" / "source_ids"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in maps(site)] == ["000001.parquet"]
    assert [path.stat().st_mode & 0o777 for path in maps(site)] == [0o600]


def test_no_id_of_the_source_is_anywhere_else(site: kohort.Site) -> None:
    """Neither tables, manifest nor records hold one, not even after a look; of Parquet files each value is compared."""
    site.source_ids("specimen", who="Kari", purpose="care", persons=everybody(site))
    held = {}
    for path in site.path.rglob("*"):
        if not path.is_file():
            continue
        texts = [path.read_bytes()]
        if path.suffix == ".parquet":
            frame = pl.read_parquet(path)
            texts += [str(v).encode() for c in frame.select(pl.col(pl.String)).iter_columns() for v in c.drop_nulls()]
        held[path.relative_to(site.path)] = any(b"P001" in text for text in texts)
    assert [str(path) for path, found in held.items() if found] == ["keys/source_ids/000001.parquet"]
    assert {"manifest.jsonl", "records.db"} <= {str(path) for path in held}


def test_reading_the_same_files_again_adds_no_map(site: kohort.Site, tmp_path: Path) -> None:
    """A second ingest changes no byte of `keys/`; a correction adds only what is new."""
    before = {path: path.read_bytes() for path in maps(site)}
    site.ingest([tmp_path / "study"])
    assert {path: path.read_bytes() for path in maps(site)} == before
    more = study_files()["data_clinical_sample.txt"] + "P001\tP001-M\tLUAD\tMetastasis\tH0\tMSS\n"
    site.ingest([write_study(tmp_path / "more", data_clinical_sample=more)])
    assert pl.read_parquet(maps(site)[1])["source_id"].to_list() == ["P001-M"]
    assert site.source_ids("specimen", who="Kari", purpose="care", persons=everybody(site)).height == PEOPLE + 1


def test_a_site_filled_before_ids_were_kept_says_how_to_get_them(site: kohort.Site, tmp_path: Path) -> None:
    """The error names the remedy: ingest the same files again. That takes the ids and changes no table."""
    shutil.rmtree(site.path / "keys" / "source_ids")
    with pytest.raises(SiteError, match=f"{PEOPLE} of {PEOPLE} rows.*Ingest the same files again"):
        site.source_ids("person", who="Kari", purpose="care", persons=everybody(site))
    tables = {path: path.read_bytes() for path in (site.path / "tables").rglob("*.parquet")}
    report = site.ingest([tmp_path / "study"])
    assert {file.state for file in report.files} == {"known"}
    assert {path: path.read_bytes() for path in (site.path / "tables").rglob("*.parquet")} == tables
    people = site.source_ids("person", who="Kari", purpose="care", persons=everybody(site))
    assert sorted(people["source_id"]) == IDS
    assert site.ingest([tmp_path / "study"]).batch is None


def test_a_look_that_fails_is_not_in_the_ledger_as_a_look(site: kohort.Site) -> None:
    """What was not shown was not read."""
    shutil.rmtree(site.path / "keys" / "source_ids")
    with pytest.raises(SiteError):
        site.source_ids("person", who="Kari", purpose="care", persons=everybody(site))
    with Ledger(site.path / "records.db") as ledger:
        assert ledger.entries() == []


def test_ids_of_a_site_that_somebody_else_owns_are_refused(site: kohort.Site) -> None:
    """Who cannot read the folder, or only can because of being the machine's administrator, gets no id."""
    folder = site.path / "keys" / "source_ids"
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
    else:
        folder.chmod(0o000)
    with pytest.raises(AccessError, match="your own site"):
        site.source_ids("person", who="Kari", purpose="care", persons=everybody(site))
    folder.chmod(0o700)


def test_ids_that_others_can_read_are_refused(site: kohort.Site) -> None:
    """A mode wider than the owner's is an error with its remedy, as it is for the key."""
    maps(site)[0].chmod(0o640)
    with pytest.raises(SiteError, match="chmod 600"):
        site.source_ids("person", who="Kari", purpose="care", persons=everybody(site))


class KilledError(BaseException):
    """Stands for the end of the process at a step that reaches the disk."""


@pytest.mark.parametrize("step", range(0, 36, 3))
def test_a_killed_ingest_leaves_no_map_of_people_who_never_came(
    step: int, site: kohort.Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The map comes with its batch or not at all: what a killed ingest left is neither read nor kept."""
    more = study_files()["data_clinical_sample.txt"] + "P001\tP001-M\tLUAD\tMetastasis\tH0\tMSS\n"
    study = write_study(tmp_path / "more", data_clinical_sample=more)
    steps = 0

    def fatal(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal steps
            steps += 1
            if steps > step:
                raise KilledError
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fatal(os.fsync))
        patch.setattr(Path, "replace", fatal(Path.replace))
        patch.setattr(manifest, "append", fatal(manifest.append))
        patch.setattr("kohort.store.batch.BatchWriter.discard", lambda _self: None)  # the dead clean nothing up
        with suppress(KilledError):
            site.ingest([study])
    committed = len(site.batches) == 2
    shown = site.source_ids("specimen", who="Kari", purpose="care", persons=everybody(site))
    assert ("P001-M" in shown["source_id"].to_list()) == committed
    site.ingest([study])
    assert [path.name for path in maps(site)] == ["000001.parquet", "000002.parquet"]
    shown = site.source_ids("specimen", who="Kari", purpose="care", persons=everybody(site))
    assert sorted(shown["source_id"]) == sorted([*SAMPLES, "P001-M"])


def test_an_id_at_the_source_leads_to_its_pseudonym(site: kohort.Site) -> None:
    """Who knows the id may ask for the patient by it; the site's key makes the pseudonym again."""
    people = site.source_ids("person", who="Kari", purpose="care", persons=everybody(site))
    for pseudonym, source_id in people.iter_rows():
        assert site.pseudonym(f" {source_id} ") == pseudonym


def test_an_unknown_id_is_refused_and_not_repeated(site: kohort.Site) -> None:
    """The error says that there is none, without the id."""
    with pytest.raises(InputError, match="no patient of that id") as caught:
        site.pseudonym("P-4711")
    assert "4711" not in str(caught.value)
