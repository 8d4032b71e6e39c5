"""A site on disk: batches, lineage, quarantine, pseudonyms."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import polars as pl
import pytest

import kohort
from kohort.errors import InputError, SiteError, UnknownNameError, UserError
from tests.study import PEOPLE, study_files, write_study


@pytest.fixture
def site(tmp_path: Path) -> kohort.Site:
    return kohort.Site.create(tmp_path / "site", "Oslo", "NO")


def digests(folder: Path) -> dict[str, str]:
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*")) if p.is_file()
    }  # fmt: skip


def changed_line(text: str, start: str, old: str, new: str) -> str:
    return "\n".join(line.replace(old, new) if line.startswith(start) else line for line in text.split("\n"))


def test_a_new_site_has_a_key_that_only_its_owner_can_read(site: kohort.Site) -> None:
    """`Site.create` makes `keys/` with mode 0700 and a key of 32 random bytes with mode 0600."""
    key = site.path / "keys" / "pseudonym.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert key.parent.stat().st_mode & 0o777 == 0o700
    assert len(key.read_bytes()) == 32


def test_a_site_is_never_made_over_something_else(tmp_path: Path) -> None:
    """A folder that is not empty is refused."""
    (tmp_path / "thing").write_text("x")
    with pytest.raises(SiteError, match="not empty"):
        kohort.Site.create(tmp_path, "Oslo", "NO")


@pytest.mark.parametrize(("name", "country"), [("", "NO"), ("Oslo", "Norway"), ("Oslo", "N1")])
def test_a_site_needs_a_name_and_a_country_code(tmp_path: Path, name: str, country: str) -> None:
    """An empty name or a country that is no ISO 3166 code is refused."""
    with pytest.raises(UserError):
        kohort.Site.create(tmp_path / "s", name, country)


def test_opening_what_is_no_site_says_how_to_make_one(tmp_path: Path) -> None:
    """The error names the command."""
    with pytest.raises(SiteError, match="kohort site create"):
        kohort.Site.open(tmp_path)


def test_a_key_that_others_can_read_is_refused(site: kohort.Site, tmp_path: Path) -> None:
    """A site whose key is open to others takes no data."""
    (site.path / "keys" / "pseudonym.key").chmod(0o644)
    with pytest.raises(SiteError, match="chmod 600"):
        site.ingest([write_study(tmp_path / "study")])


def test_lines_are_accepted_plus_quarantined(site: kohort.Site, tmp_path: Path) -> None:
    """For each file and in all, physical lines = accepted + quarantined."""
    report = site.ingest([write_study(tmp_path / "study")])
    for file in report.files:
        text = (tmp_path / "study" / file.name).read_text()
        assert file.lines == text.count("\n")
        assert file.lines == file.accepted + file.quarantined
    assert report.lines == report.accepted + report.quarantined
    assert report.quarantined == 0
    assert [f.rule for f in report.findings] == []


def test_tables_are_ibis_tables_and_polars_frames(site: kohort.Site, tmp_path: Path) -> None:
    """`site.tables.person` is an Ibis table; `site.tables.frame` gives the same rows as Polars."""
    site.ingest([write_study(tmp_path / "study")])
    assert site.tables.person.count().execute() == PEOPLE
    assert site.tables.frame("person").height == PEOPLE
    ibis_rows = site.tables.person.order_by("id").to_polars()
    assert ibis_rows.equals(site.tables.frame("person").sort("id"))


def test_tables_of_a_site_can_be_filtered_and_joined(site: kohort.Site, tmp_path: Path) -> None:
    """Expressions of one site belong together: columns filter their table, tables join."""
    site.ingest([write_study(tmp_path / "study")])
    variant, person = site.tables.variant, site.tables.person
    braf = site.tables.variant.filter(site.tables.variant.gene == "BRAF")
    women = braf.join(person, "person").filter(person.sex_code == "female").person.nunique().to_pyarrow().as_py()
    rows = site.tables.frame("variant").filter(pl.col("gene") == "BRAF").join(site.tables.frame("person"), on="person")
    assert women == rows.filter(pl.col("sex_code") == "female")["person"].n_unique()
    assert variant.count().to_pyarrow().as_py() == site.tables.frame("variant").height


def test_a_table_shows_a_batch_as_soon_as_it_is_there(site: kohort.Site, tmp_path: Path) -> None:
    """An empty site has empty tables; after an ingest the same attribute shows the rows."""
    assert site.tables.person.count().to_pyarrow().as_py() == 0
    site.ingest([write_study(tmp_path / "a")])
    assert site.tables.person.count().to_pyarrow().as_py() == PEOPLE
    corrected = changed_line(study_files()["data_clinical_patient.txt"], "P003", "Male", "Female")
    site.ingest([write_study(tmp_path / "b", data_clinical_patient=corrected)])
    assert site.tables.person.count().to_pyarrow().as_py() == PEOPLE


def test_an_unknown_table_suggests_near_names(site: kohort.Site) -> None:
    """`site.tables.persons` says: did you mean person."""
    with pytest.raises(UnknownNameError, match="person"):
        _ = site.tables.persons


def test_each_row_is_traced_to_file_and_line(site: kohort.Site, tmp_path: Path) -> None:
    """`source_file` and `source_line` lead from a row back to the physical line it came from."""
    study = write_study(tmp_path / "study")
    site.ingest([study])
    files = site.tables.frame("ingest").select(pl.col("file").alias("source_file"), "name")
    rows = site.tables.frame("variant", ["source_file", "source_line", "gene", "hgvs_p"]).filter(
        pl.col("gene").is_in(["BRAF", "KRAS"]) & pl.col("hgvs_p").is_not_null()
    )
    assert rows.height > 5
    for file, line, gene, change in (
        rows.join(files, on="source_file").select("name", "source_line", "gene", "hgvs_p").iter_rows()
    ):
        text = (study / file).read_text().split("\n")[line - 1]
        assert text.startswith(gene)
        assert change in text


def test_reading_the_same_files_again_changes_no_byte(site: kohort.Site, tmp_path: Path) -> None:
    """A second ingest of the same folder leaves every byte under `tables/` as it was, and the manifest too."""
    study = write_study(tmp_path / "study")
    first = site.ingest([study])
    before = digests(site.path)
    second = site.ingest([study])
    assert digests(site.path) == before
    assert second.batch is None
    assert {file.state for file in second.files} == {"known"}
    assert (second.lines, second.accepted) == (first.lines, first.accepted)


def test_the_same_key_and_files_give_the_same_ids_everywhere(tmp_path: Path) -> None:
    """Ids depend on the key and the natural key alone, not on order or time."""
    one, two = (kohort.Site.create(tmp_path / n, "Oslo", "NO") for n in ("one", "two"))
    (two.path / "keys" / "pseudonym.key").write_bytes((one.path / "keys" / "pseudonym.key").read_bytes())
    study = write_study(tmp_path / "study")
    one.ingest([study])
    two.ingest([study])
    assert one.tables.frame("variant").equals(two.tables.frame("variant"))


def test_two_keys_give_pseudonyms_that_do_not_join(tmp_path: Path) -> None:
    """Pseudonyms of two sites (two keys) of the same people have nobody in common."""
    study = write_study(tmp_path / "study")
    people = []
    for name in ("one", "two"):
        site = kohort.Site.create(tmp_path / name, name, "NO")
        site.ingest([study])
        people.append(set(site.tables.frame("person")["person"]))
    assert len(people[0]) == PEOPLE
    assert not people[0] & people[1]


def test_a_corrected_row_replaces_the_earlier_one_and_both_stay_readable(site: kohort.Site, tmp_path: Path) -> None:
    """A row that comes again with other content is a new version; `valid_to` of the old one is the new batch."""
    site.ingest([write_study(tmp_path / "a")])
    corrected = changed_line(study_files()["data_clinical_patient.txt"], "P003", "Male", "Female")
    report = site.ingest([write_study(tmp_path / "b", data_clinical_patient=corrected)])
    assert report.rows["person"] == 1
    now = site.tables.frame("person")
    assert now.height == PEOPLE
    assert (now["sex_code"] == "female").sum() == (
        site.tables.as_of(1).frame("person")["sex_code"] == "female"
    ).sum() + 1
    history = site.tables.history("person")
    assert history.height == PEOPLE + 1
    assert history["valid_to"].drop_nulls().to_list() == [2]


def test_rows_that_come_again_unchanged_are_not_stored_twice(site: kohort.Site, tmp_path: Path) -> None:
    """A file with one more line brings one more row."""
    site.ingest([write_study(tmp_path / "a")])
    text = study_files()["data_timeline_status.txt"]
    more = text + "P001\t999\tSTATUS\tRecurrence\tLung\n"
    report = site.ingest([write_study(tmp_path / "b", data_timeline_status=more)])
    assert report.rows["finding"] == 1
    assert report.accepted == report.lines


def test_a_corrected_file_lets_the_lines_arrive_that_waited_for_it(site: kohort.Site, tmp_path: Path) -> None:
    """Variants of a sample that was missing arrive when the sample file is mended, though their file is the same."""
    whole = study_files()["data_clinical_sample.txt"]
    without = "\n".join(line for line in whole.split("\n") if "P001-T" not in line)
    first = site.ingest([write_study(tmp_path / "a", data_clinical_sample=without)])
    waiting = next(f.count for f in first.findings if f.rule == "unknown_sample" and f.file == "data_mutations.txt")
    second = site.ingest([write_study(tmp_path / "b")])
    file = next(f for f in second.files if f.name == "data_mutations.txt")
    assert (file.state, file.rows["variant"], file.quarantined) == ("read", waiting, 0)
    assert site.ingest([tmp_path / "b"]).batch is None
    twin = kohort.Site.create(tmp_path / "twin", "Oslo", "NO")
    twin.ingest([tmp_path / "b"])
    assert site.tables.frame("variant").height == twin.tables.frame("variant").height


def test_a_file_is_read_again_when_its_encoding_is_named(site: kohort.Site, tmp_path: Path) -> None:
    """The remedy for bytes that are not UTF-8 works on the same file."""
    files: dict[str, str | bytes] = {**study_files()}
    files["data_timeline_status.txt"] = (
        study_files()["data_timeline_status.txt"].replace("Liver", "Bryst\u00f8", 1).encode("cp1252")
    )
    study = write_study(tmp_path / "study", files)
    assert site.ingest([study]).quarantined == 1
    again = site.ingest([study], encoding="cp1252")
    assert again.quarantined == 0
    assert again.rows["finding"] == 1


def test_no_id_of_the_source_is_in_any_table(site: kohort.Site, tmp_path: Path) -> None:
    """Neither patient nor sample ids are in any table of the site, also not in the quarantine."""
    bad = study_files()["data_mutations.txt"] + "BRAF\t7\t1\t1\tMissense_Mutation\tSNP\tA\tT\tP999-T\tp.V600E\t1\t0.1\n"
    site.ingest([write_study(tmp_path / "study", data_mutations=bad)])
    quarantine = site.tables.frame("quarantine")
    assert quarantine["value"].to_list() == ["***"]
    for name in ("person", "specimen", "test", "variant", "therapy", "finding", "quarantine", "ingest", "tumour"):
        for column in site.tables.frame(name).select(pl.col(pl.String)).iter_columns():
            assert not [v for v in column.drop_nulls() if re.search(r"\bP\d{3}\b", v)], (name, column.name)


def test_a_path_that_is_not_there_is_named(site: kohort.Site, tmp_path: Path) -> None:
    """The error names the path."""
    with pytest.raises(InputError, match="nothing-here"):
        site.ingest([tmp_path / "nothing-here"])


def test_only_one_process_writes_at_a_time(site: kohort.Site, tmp_path: Path) -> None:
    """While one ingest runs, another is refused with a clear word."""
    study = write_study(tmp_path / "study")

    def again(_name: str, _lines: int) -> None:
        with pytest.raises(SiteError, match="Another process"):
            site.ingest([study])

    site.ingest([study], progress=again)
    assert len(site.batches) == 1


def test_a_site_from_before_a_column_was_added_is_read_with_nulls(site: kohort.Site, tmp_path: Path) -> None:
    """Tables gain columns; what was written before stays readable, as a Polars frame and as an Ibis table."""
    site.ingest([write_study(tmp_path / "study")])
    for file in (site.path / "tables" / "variant").rglob("*.parquet"):
        pl.read_parquet(file).drop("amount", "reads").write_parquet(file)
    opened = kohort.Site.open(site.path)
    assert opened.tables.frame("variant")["amount"].null_count() == opened.tables.frame("variant").height > 0
    assert opened.tables.variant.filter(opened.tables.variant.amount.notnull()).count().execute() == 0
