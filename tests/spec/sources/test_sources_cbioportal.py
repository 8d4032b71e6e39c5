"""cBioPortal study folders: how each file becomes rows."""

from __future__ import annotations

import gzip
from pathlib import Path

import polars as pl
import pytest

import kohort
from kohort.errors import InputError
from kohort.store import IngestReport
from tests.study import GENES, PEOPLE, study_files, write_study


@pytest.fixture
def site(tmp_path: Path) -> kohort.Site:
    return kohort.Site.create(tmp_path / "site", "Oslo", "NO")


def ingest(site: kohort.Site, tmp_path: Path, **changed: str | bytes) -> IngestReport:
    return site.ingest([write_study(tmp_path / "study", None, **changed)])


def rules(report: IngestReport) -> dict[str, tuple[str, int, str | None]]:
    return {f.rule: (f.file, f.line, f.column) for f in report.findings}


def replaced(name: str, old: str, new: str, count: int = 1) -> str:
    text = study_files()[name]
    assert old in text
    return text.replace(old, new, count)


def test_a_patient_line_becomes_a_person(site: kohort.Site, tmp_path: Path) -> None:
    """Sex is coded, months of survival become days (times 30.4375), and the country is that of the site."""
    ingest(site, tmp_path)
    first = site.tables.frame("person").sort("source_line").row(0, named=True)
    assert (first["sex_code"], first["sex_text"], first["country"]) == ("male", "Male", "NO")
    assert (first["deceased"], first["death_day"], first["last_alive_day"]) == (True, round(1.5 * 30.4375), None)


def test_relative_days_never_become_dates(site: kohort.Site, tmp_path: Path) -> None:
    """A study counts days from diagnosis: the day columns are filled, the calendar columns stay empty."""
    ingest(site, tmp_path)
    person = site.tables.frame("person")
    assert person["birth"].null_count() == person["death"].null_count() == PEOPLE
    assert person["origin"].unique().to_list() == ["diagnosis"]
    therapy = site.tables.frame("therapy")
    assert therapy["start"].null_count() == PEOPLE
    assert therapy["start_day"].min() == 30


def test_a_calendar_date_is_kept_with_its_precision(site: kohort.Site, tmp_path: Path) -> None:
    """A whole date has precision 3, a year alone precision 1."""
    ingest(site, tmp_path, data_clinical_patient=replaced("data_clinical_patient.txt", "2021-02-15", "2021"))
    tumour = site.tables.frame("tumour").filter(pl.col("kind") == "primary")
    assert tumour.filter(pl.col("diagnosed_precision") == 1).height == 1
    assert tumour.filter(pl.col("diagnosed_precision") == 3).height == PEOPLE - 1


def test_columns_without_a_place_are_kept_as_findings(site: kohort.Site, tmp_path: Path) -> None:
    """REGION and HOSPITAL have no column in the tables: each value is a finding of kind attribute."""
    ingest(site, tmp_path)
    kept = site.tables.frame("finding").filter(pl.col("kind") == "attribute")
    assert dict(kept["code_code"].value_counts().iter_rows()) == {"REGION": PEOPLE, "HOSPITAL": PEOPLE}


def test_samples_of_one_diagnosis_share_a_tumour(site: kohort.Site, tmp_path: Path) -> None:
    """Two samples of a patient with one OncoTree code are two specimens of one primary tumour."""
    text = study_files()["data_clinical_sample.txt"] + "P001\tP001-M\tLUAD\tMetastasis\tH0\tMSS\n"
    ingest(site, tmp_path, data_clinical_sample=text)
    assert site.tables.frame("specimen").height == PEOPLE + 1
    assert site.tables.frame("tumour").filter(pl.col("kind") == "primary").height == PEOPLE


def test_the_panel_matrix_says_who_was_tested_for_what(site: kohort.Site, tmp_path: Path) -> None:
    """Each listed sample has one test a profile; the genes of the panel stand in the code table."""
    ingest(site, tmp_path)
    tests = site.tables.frame("test").filter(pl.col("assay") == "mutation")
    assert tests.height == PEOPLE - 4
    assert tests["coverage"].unique().to_list() == ["panel"]
    panel = site.tables.frame("code").filter(pl.col("system") == "panel/SEVEN")
    assert set(panel["code"]) == set(GENES)


def test_without_a_panel_matrix_the_coverage_is_unknown(site: kohort.Site, tmp_path: Path) -> None:
    """A sample with a variant was tested, but for which genes nobody knows."""
    study = write_study(tmp_path / "study")
    (study / "data_gene_panel_matrix.txt").unlink()
    (study / "data_gene_panel_SEVEN.txt").unlink()
    site.ingest([study])
    tests = site.tables.frame("test").filter(pl.col("assay") == "mutation")
    assert tests.height > 10
    assert tests["coverage"].unique().to_list() == ["unknown"]


def test_a_panel_without_a_gene_list_is_named(site: kohort.Site, tmp_path: Path) -> None:
    """Coverage is unknown, and a warning names the column."""
    study = write_study(tmp_path / "study")
    (study / "data_gene_panel_SEVEN.txt").unlink()
    report = site.ingest([study])
    named = {f.column: (f.file, f.line) for f in report.findings if f.rule == "unknown_panel"}
    assert named["MUTATIONS"] == ("data_gene_panel_matrix.txt", 2)
    assert set(site.tables.frame("test").filter(pl.col("assay") == "mutation")["coverage"]) == {"unknown"}


def test_copy_numbers_keep_neutral_and_not_read_apart(site: kohort.Site, tmp_path: Path) -> None:
    """0 is no row (tested, neutral); NA is a row not_assessed; 2 is a row with two copies more."""
    ingest(site, tmp_path)
    cells = [c for line in study_files()["data_cna.txt"].splitlines()[1:] for c in line.split("\t")[1:]]
    called = site.tables.frame("variant").filter(pl.col("copies").is_not_null())
    unread = site.tables.frame("variant").filter(pl.col("class") == "not_assessed")
    assert called.height == cells.count("2")
    assert unread.height == cells.count("NA")


def test_copy_numbers_may_come_in_the_long_form(site: kohort.Site, tmp_path: Path) -> None:
    """Hugo_Symbol, Sample_Id, Value says the same as the matrix."""
    rows = [line.split("\t") for line in study_files()["data_cna.txt"].splitlines()]
    long = ["Hugo_Symbol\tSample_Id\tValue"]
    long += [
        f"{row[0]}\t{sample}\t{value}" for row in rows[1:] for sample, value in zip(rows[0][1:], row[1:], strict=True)
    ]
    ingest(site, tmp_path)
    other = kohort.Site.create(tmp_path / "other", "Oslo", "NO")
    other.ingest([write_study(tmp_path / "long", data_cna="\n".join(long) + "\n")])
    for where in (pl.col("copies") == 2, pl.col("class") == "not_assessed"):
        assert (
            site.tables.frame("variant").filter(where).height == other.tables.frame("variant").filter(where).height > 0
        )


def test_a_structural_variant_of_two_genes_is_a_fusion(site: kohort.Site, tmp_path: Path) -> None:
    """Gene and partner are kept in the order of the file."""
    ingest(site, tmp_path)
    fusions = site.tables.frame("variant").filter(pl.col("class") == "fusion").sort("source_line")
    assert fusions.select("gene", "partner", "origin").rows() == [
        ("EML4", "ALK", "somatic"),
        ("ALK", "STRN", "somatic"),
    ]


def test_a_cell_with_two_drugs_gives_two_items_of_one_therapy(site: kohort.Site, tmp_path: Path) -> None:
    """`cisplatin + etoposide` is one therapy with two items; `Taxol` is paclitaxel; the text stays as written."""
    ingest(site, tmp_path)
    assert site.tables.frame("therapy").height == PEOPLE
    items = site.tables.frame("therapy_item")
    assert set(items["item_code"]) == {"cisplatin", "etoposide", "paclitaxel"}
    assert items.filter(pl.col("item_code") == "paclitaxel")["item_text"].unique().to_list() == ["Taxol"]
    assert items.height == PEOPLE // 2 * 3


def test_a_recorded_response_points_to_its_therapy(site: kohort.Site, tmp_path: Path) -> None:
    """`partial response` becomes PR of that therapy; a blank is no response row."""
    ingest(site, tmp_path)
    joined = site.tables.frame("response").join(site.tables.frame("therapy"), left_on="therapy", right_on="id")
    assert dict(joined["category"].value_counts().iter_rows()) == {"PR": 8, "SD": 8}


def test_a_distant_metastasis_is_a_tumour_with_its_primary_as_parent(site: kohort.Site, tmp_path: Path) -> None:
    """The event keeps its day; the words of the source stay as a finding."""
    ingest(site, tmp_path)
    tumours = site.tables.frame("tumour")
    metastases = tumours.filter(pl.col("kind") == "metastasis")
    assert metastases.height == PEOPLE // 2
    assert set(metastases["parent"]) <= set(tumours.filter(pl.col("kind") == "primary")["id"])
    assert site.tables.frame("finding").filter(pl.col("kind") == "status").height == PEOPLE // 2


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_of_any_kind_are_read_alike(site: kohort.Site, tmp_path: Path, end: str) -> None:
    """LF, CRLF and lone CR each end a line."""
    files = {name: text.replace("\n", end) for name, text in study_files().items()}
    report = site.ingest([write_study(tmp_path / "study", {**files})])
    plain = kohort.Site.create(tmp_path / "plain", "Oslo", "NO")
    twin = plain.ingest([write_study(tmp_path / "lf")])
    assert report.rows == twin.rows
    assert report.lines == twin.lines


def test_mixed_case_headers_and_any_order_of_columns_are_read(site: kohort.Site, tmp_path: Path) -> None:
    """Columns are found by name, without case; an order that the format does not have is warned of."""
    lines = [line.split("\t") for line in study_files()["data_timeline_treatment.txt"].splitlines()]
    turned = ["\t".join(reversed(line)) for line in lines]
    turned[0] = turned[0].title()
    report = ingest(site, tmp_path, data_timeline_treatment="\n".join(turned) + "\n")
    assert report.rows["therapy"] == PEOPLE
    assert list(rules(report)) == ["unusual_column_order"]


def test_a_sex_or_status_that_is_none_is_named(site: kohort.Site, tmp_path: Path) -> None:
    """A header that belongs to other columns shows in such values; the lines are kept."""
    right = "\nPATIENT_ID\tSEX\tAGE\tDATE_OF_DIAGNOSIS\tOS_STATUS"
    wrong = "\nPATIENT_ID\tOS_STATUS\tSEX\tAGE\tDATE_OF_DIAGNOSIS"
    report = ingest(site, tmp_path, data_clinical_patient=replaced("data_clinical_patient.txt", right, wrong))
    assert {"unknown_sex", "unknown_status", "not_a_number", "impossible_date"} <= set(rules(report))
    assert site.tables.frame("person")["deceased"].null_count() == PEOPLE


def test_a_compressed_file_is_read_by_its_content(site: kohort.Site, tmp_path: Path) -> None:
    """Gzip is known by its first bytes."""
    packed = gzip.compress(study_files()["data_mutations.txt"].encode(), mtime=0)
    report = ingest(site, tmp_path, data_mutations=packed)
    assert not report.findings
    assert report.rows["variant"] > 30


def test_a_cut_gzip_gives_its_whole_lines_and_is_marked_damaged(site: kohort.Site, tmp_path: Path) -> None:
    """The good rows arrive; the file's state is damaged; the whole file brings only what was missing."""
    packed = gzip.compress(study_files()["data_timeline_treatment.txt"].encode(), mtime=0)
    report = ingest(site, tmp_path, data_timeline_treatment=packed[: len(packed) * 2 // 3])
    assert "truncated_gzip" in rules(report)
    assert {f.state for f in report.files if "treatment" in f.name} == {"damaged"}
    arrived = site.tables.frame("therapy").height
    assert 0 < arrived < PEOPLE
    more = site.ingest([write_study(tmp_path / "again")])
    assert more.rows["therapy"] == PEOPLE - arrived


def test_an_unknown_oncotree_code_is_kept_as_text_and_named(site: kohort.Site, tmp_path: Path) -> None:
    """The row stays, without a code; the finding names file, line and column."""
    report = ingest(site, tmp_path, data_clinical_sample=replaced("data_clinical_sample.txt", "\tLUAD\t", "\tLUADX\t"))
    assert rules(report)["unknown_oncotree_code"] == ("data_clinical_sample.txt", 6, "ONCOTREE_CODE")
    odd = site.tables.frame("tumour").filter(pl.col("oncotree_text") == "LUADX")
    assert odd["oncotree_code"].to_list() == [None]


def test_a_date_that_does_not_exist_is_set_aside_and_the_line_kept(site: kohort.Site, tmp_path: Path) -> None:
    """30 February is named with its line; the person is there, without that date."""
    text = replaced("data_clinical_patient.txt", "2021-02-15", "2021-02-30")
    report = ingest(site, tmp_path, data_clinical_patient=text)
    file, line, column = rules(report)["impossible_date"]
    assert (file, column) == ("data_clinical_patient.txt", "DATE_OF_DIAGNOSIS")
    assert "2021-02-30" in text.split("\n")[line - 1]
    assert site.tables.frame("person").height == PEOPLE


def test_two_patients_with_one_id_are_both_set_aside(site: kohort.Site, tmp_path: Path) -> None:
    """Nobody gets another's data: all lines of the id, also its samples and treatments, wait in the quarantine."""
    report = ingest(site, tmp_path, data_clinical_patient=replaced("data_clinical_patient.txt", "\nP002\t", "\nP001\t"))
    assert site.tables.frame("person").height == PEOPLE - 2
    found = rules(report)
    assert found["two_patients_one_id"] == ("data_clinical_patient.txt", 6, "PATIENT_ID")
    assert {"patient_in_quarantine", "unknown_patient"} <= set(found)


def test_a_missing_mandatory_column_sets_the_file_aside_and_reads_the_others(site: kohort.Site, tmp_path: Path) -> None:
    """The finding names the column; all lines of that file are in the quarantine; the other files arrive."""
    text = replaced("data_mutations.txt", "Tumor_Sample_Barcode", "Sample")
    report = ingest(site, tmp_path, data_mutations=text)
    assert rules(report)["missing_column"] == ("data_mutations.txt", 0, "TUMOR_SAMPLE_BARCODE")
    file = next(f for f in report.files if f.name == "data_mutations.txt")
    assert (file.accepted, file.quarantined) == (0, file.lines)
    assert site.tables.frame("person").height == PEOPLE


def test_a_short_line_and_a_long_one_do_not_hide_each_other(site: kohort.Site, tmp_path: Path) -> None:
    """The number of tabs is right in all, yet two lines are wrong: both are named, also where the first line is one."""
    lines = study_files()["data_timeline_status.txt"].splitlines()
    lines[1] = lines[1].rpartition("\t")[0]
    lines[4] += "\tmore"
    report = ingest(site, tmp_path, data_timeline_status="\n".join(lines) + "\n")
    found = rules(report)
    assert (found["too_few_columns"][1], found["too_many_columns"][1]) == (2, 5)
    assert report.quarantined == 2
    assert report.rows["finding"] > len(lines) - 4


def test_one_open_quote_costs_one_line(site: kohort.Site, tmp_path: Path) -> None:
    """The line with the quote is set aside; every line after it arrives."""
    text = replaced("data_mutations.txt", "p.V600E", '"p.V600E')
    report = ingest(site, tmp_path, data_mutations=text)
    assert report.quarantined == 1
    assert rules(report)["unbalanced_quote"] == ("data_mutations.txt", 2, None)


def test_cells_wrapped_in_quotes_are_unwrapped(site: kohort.Site, tmp_path: Path) -> None:
    """A spreadsheet's quotes are no part of the value."""
    ingest(site, tmp_path, data_mutations=replaced("data_mutations.txt", "p.V600E", '"p.V600E"'))
    assert set(site.tables.frame("variant").filter(pl.col("gene") == "BRAF")["hgvs_p"].drop_nulls()) == {"p.V600E"}


def test_bytes_that_are_not_utf8_are_set_aside_unless_the_encoding_is_named(tmp_path: Path) -> None:
    """No encoding is guessed; with `encoding="cp1252"` the line is read."""
    files: dict[str, str | bytes] = {**study_files()}
    text = study_files()["data_timeline_status.txt"].replace("Liver", "Brøstvegg", 1)
    files["data_timeline_status.txt"] = text.encode("cp1252")
    study = write_study(tmp_path / "study", files)
    strict = kohort.Site.create(tmp_path / "strict", "Oslo", "NO")
    assert strict.ingest([study]).quarantined == 1
    named = kohort.Site.create(tmp_path / "named", "Oslo", "NO")
    report = named.ingest([study], encoding="cp1252")
    assert report.quarantined == 0
    assert "Brøstvegg" in named.tables.frame("finding")["value_text"].drop_nulls().to_list()


def test_a_study_without_a_sample_file_is_refused_with_the_remedy(site: kohort.Site, tmp_path: Path) -> None:
    """Nothing could be linked to a patient."""
    study = write_study(tmp_path / "study")
    (study / "data_clinical_sample.txt").unlink()
    with pytest.raises(InputError, match="data_clinical_sample"):
        site.ingest([study])


def test_a_single_file_is_read_in_the_context_of_its_folder(site: kohort.Site, tmp_path: Path) -> None:
    """A mutation file alone finds its patients through the sample file beside it."""
    study = write_study(tmp_path / "study")
    report = site.ingest([study / "data_mutations.txt"])
    assert [f.name for f in report.files] == ["data_mutations.txt"]
    assert site.tables.frame("variant")["person"].n_unique() > 10


def test_a_file_that_is_no_part_of_a_study_is_named(site: kohort.Site, tmp_path: Path) -> None:
    """It is left unread, and said so."""
    study = write_study(tmp_path / "study")
    (study / "data_expression.txt").write_text("Hugo_Symbol\tP001-T\nBRAF\t1.0\n")
    assert rules(site.ingest([study]))["unrecognised_file"][0] == "data_expression.txt"


def test_numbers_that_are_none_are_warned_of_and_the_line_is_kept(site: kohort.Site, tmp_path: Path) -> None:
    """A depth of `many` is left out; the variant stays."""
    report = ingest(site, tmp_path, data_mutations=replaced("data_mutations.txt", "\t100\t", "\tmany\t"))
    assert rules(report)["not_a_number"] == ("data_mutations.txt", 2, "T_DEPTH")
    assert report.quarantined == 0
    assert site.tables.frame("variant").filter(pl.col("class") == "snv")["depth"].null_count() == 1


def test_a_stop_before_its_start_is_left_out(site: kohort.Site, tmp_path: Path) -> None:
    """The therapy stays with its start."""
    report = ingest(
        site, tmp_path, data_timeline_treatment=replaced("data_timeline_treatment.txt", "\t120\t", "\t12\t")
    )
    assert rules(report)["stop_before_start"][2] == "STOP_DATE"
    assert site.tables.frame("therapy")["stop_day"].null_count() == 1
