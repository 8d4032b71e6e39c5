"""A knowledge pack is a folder with a manifest and a table; it is checked before a row of it is used."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from kohort.codes import drugs, oncotree
from kohort.errors import InputError
from kohort.profile import Pack, load_pack, normalise, starter_pack
from kohort.profile.knowledge.evidence_table import EVIDENCE_TABLE
from kohort.profile.knowledge.formats import Content
from kohort.profile.knowledge.levels import LEVELS
from kohort.profile.knowledge.load import make_pack
from kohort.profile.knowledge.pack import EVIDENCE_SCHEMA, Manifest
from kohort.profile.knowledge.reading import file_day
from kohort.profile.matching.patterns import is_matchable

COLUMNS = (
    "evidence_id", "gene", "alteration", "tumour", "drugs", "direction", "level", "level_system", "jurisdiction",
    "source_id", "source_date", "note",
)  # fmt: skip
ROW = {
    "evidence_id": "E1",
    "gene": "HER2",
    "alteration": "Amp",
    "tumour": "BRCA",
    "drugs": "trastuzumab",
    "direction": "sensitive",
    "level": "I-A",
    "level_system": "ESCAT",
    "jurisdiction": "EU",
    "source_id": "invented",
    "source_date": "2020-01",
    "note": "",
}

MakePack = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> MakePack:
    """A pack folder with the given rows; ``change`` edits the finished table behind the manifest's back."""

    def write(*rows: dict[str, str], manifest: str = "", header: str = "\t".join(COLUMNS), change: bytes = b"") -> Path:
        lines = [header, *("\t".join((ROW | row)[name] for name in COLUMNS) for row in rows)]
        content = ("\n".join(lines) + "\n").encode()
        (tmp_path / "evidence.tsv").write_bytes(content + change)
        text = manifest or (
            'name = "ours"\nversion = "1"\ndate = "2026-01-01"\nsource = "invented"\nlicence = "CC0-1.0"\n'
            f'sha256 = "{hashlib.sha256(content).hexdigest()}"\n'
        )
        (tmp_path / "manifest.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return write


def test_a_pack_is_loaded_with_gene_and_pattern_in_canonical_words(make: MakePack) -> None:
    """Gene names are resolved and patterns normalised when the pack is read, once."""
    pack = load_pack(make({}))
    assert (pack.name, pack.version, pack.manifest.licence, pack.findings) == ("ours", "1", "CC0-1.0", ())
    assert (pack.manifest.may_ship, pack.manifest.added) == (False, "")
    assert dict(pack.frame.schema) == EVIDENCE_SCHEMA
    row = pack.frame.row(0, named=True)
    assert (row["gene"], row["alteration"], row["tumour"], row["note"]) == ("ERBB2", "amplification", "BRCA", None)


def test_a_table_that_does_not_match_its_manifest_is_refused(make: MakePack) -> None:
    """A changed byte changes the SHA-256, and nothing of the pack is used."""
    with pytest.raises(InputError, match="SHA-256 differs"):
        load_pack(make({}, change=b"E2\n"))


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"source_id": ""}, "source_id"),
        ({"source_date": ""}, "source_date"),
        ({"source_date": "May 2020"}, "source_date"),
        ({"source_date": "2020-13"}, "source_date"),
        ({"drugs": " "}, "drugs"),
        ({"alteration": ""}, "alteration"),
        ({"direction": "good"}, "direction"),
        ({"level": "1A"}, "level"),
        ({"level_system": "own"}, "level_system"),
        ({"evidence_id": "E0"}, "evidence_id"),
    ],
)
def test_a_broken_cell_is_named_by_line_and_column(make: MakePack, change: dict[str, str], column: str) -> None:
    """No claim without source and date, no word outside its list, no id twice: the place and remedy are told."""
    with pytest.raises(InputError) as error:
        load_pack(make({"evidence_id": "E0"}, change))
    assert (error.value.line, error.value.column) == (3, column)
    assert error.value.remedy


def test_a_row_with_two_opposite_directions_is_named_and_unclear(make: MakePack) -> None:
    """Statements that were merged may contradict each other; the row stays, and says nothing of the effect."""
    pack = load_pack(make({"direction": "sensitive, resistant"}, {"evidence_id": "E2"}))
    assert pack.frame["direction"].to_list() == ["unclear", "sensitive"]
    assert [(finding.evidence_id, finding.column) for finding in pack.findings] == [("E1", "direction")]
    assert "two opposite directions" in pack.findings[0].what


def test_a_missing_column_is_named(make: MakePack) -> None:
    """The header must have all columns."""
    with pytest.raises(InputError) as error:
        load_pack(make(header="\t".join(name for name in COLUMNS if name != "level")))
    assert (error.value.line, error.value.column) == (1, "level")


def test_a_row_with_too_few_cells_is_named(make: MakePack) -> None:
    """A cut row is not filled up with blanks."""
    folder = make({})
    content = (folder / "evidence.tsv").read_bytes() + b"E2\tBRAF\n"
    (folder / "evidence.tsv").write_bytes(content)
    manifest = (folder / "manifest.toml").read_text()
    fixed = re.sub('sha256 = ".*"', f'sha256 = "{hashlib.sha256(content).hexdigest()}"', manifest)
    (folder / "manifest.toml").write_text(fixed)
    with pytest.raises(InputError, match="2 cells") as error:
        load_pack(folder)
    assert error.value.line == 3


def test_a_table_that_is_not_utf8_is_named_by_line(make: MakePack, tmp_path: Path) -> None:
    """The line of the first wrong byte is told."""
    folder = make({})
    content = (folder / "evidence.tsv").read_bytes() + b"\xff\n"
    (folder / "evidence.tsv").write_bytes(content)
    manifest = (folder / "manifest.toml").read_text()
    digest = hashlib.sha256(content).hexdigest()
    (folder / "manifest.toml").write_text(re.sub('sha256 = ".*"', f'sha256 = "{digest}"', manifest))
    with pytest.raises(InputError, match="not UTF-8") as error:
        load_pack(folder)
    assert error.value.line == 3


@pytest.mark.parametrize("key", ["name", "version", "date", "source", "licence", "sha256"])
def test_a_manifest_without_a_required_key_is_refused(make: MakePack, key: str) -> None:
    """Above all, a pack without a licence or a sum is not used."""
    keys = {"name": "n", "version": "1", "date": "2026", "source": "s", "licence": "l", "sha256": "0"}
    del keys[key]
    with pytest.raises(InputError) as error:
        load_pack(make({}, manifest="".join(f'{name} = "{value}"\n' for name, value in keys.items())))
    assert error.value.column == key


def test_a_manifest_that_is_not_toml_is_refused(make: MakePack) -> None:
    """The parser's own words name the line."""
    with pytest.raises(InputError, match="not TOML"):
        load_pack(make({}, manifest="name = \n"))


def test_a_folder_without_manifest_or_table_is_refused(make: MakePack, tmp_path: Path) -> None:
    """Both files are needed, and the message says so."""
    with pytest.raises(InputError, match=r"manifest\.toml"):
        load_pack(tmp_path / "nowhere")
    folder = make({})
    (folder / "evidence.tsv").unlink()
    with pytest.raises(InputError, match="cannot be read"):
        load_pack(folder)


def test_an_unknown_gene_alteration_or_tumour_is_a_finding_and_the_row_stays(make: MakePack) -> None:
    """What Kohort does not know is listed; the pack's other rows are used."""
    pack = load_pack(make({"gene": "NOTAGENE1"}, {"evidence_id": "E2", "alteration": "odd", "tumour": "ZZZ;BRCA"}))
    assert [(finding.evidence_id, finding.column) for finding in pack.findings] == [
        ("E1", "gene"),
        ("E2", "alteration"),
        ("E2", "tumour"),
    ]
    assert pack.frame["tumour"].to_list() == ["BRCA", "BRCA"]
    assert pack.frame["tumour_text"].to_list() == ["BRCA", "ZZZ;BRCA"]


def test_a_pack_checks_itself_when_it_is_made() -> None:
    """A frame with other columns, without a source, or with an id used twice cannot become a pack."""
    starter = starter_pack()

    def pack(frame: pl.DataFrame) -> Pack:
        return Pack(Manifest("n", "1", "", "s", "l", "0"), frame)

    with pytest.raises(ValueError, match="EVIDENCE_SCHEMA"):
        pack(starter.frame.drop("note"))
    with pytest.raises(ValueError, match="source"):
        pack(starter.frame.with_columns(pl.lit(None, dtype=pl.String).alias("source_id")))
    with pytest.raises(ValueError, match="once"):
        pack(starter.frame.with_columns(pl.lit("E1").alias("evidence_id")))


def test_a_manifest_checks_itself_when_it_is_made() -> None:
    """A pack without a name, a source or a licence cannot be made in code either."""
    with pytest.raises(ValueError, match="licence"):
        Manifest("n", "1", "", "s", " ", "0")


def test_rows_that_break_the_rules_of_a_pack_are_told_with_the_file(tmp_path: Path) -> None:
    """Two rows of one id would be one row of a report."""
    row = {"evidence_id": "E1", "source_id": "invented", "source_date": "2020"}
    with pytest.raises(InputError, match="used once") as error:
        make_pack(Manifest("n", "1", "", "s", "l", "0"), Content([row, row], (), 2), tmp_path / "x.tsv")
    assert error.value.path == tmp_path / "x.tsv"


def test_a_count_that_is_no_number_is_named(tmp_path: Path) -> None:
    """Responders and patients are whole numbers or empty."""
    path = tmp_path / "evidence.tsv"
    cells = [*(ROW[name] for name in COLUMNS), "few"]
    path.write_text("\t".join([*COLUMNS, "patients"]) + "\n" + "\t".join(cells) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="no whole number") as error:
        EVIDENCE_TABLE.read(path.read_bytes(), path)
    assert (error.value.line, error.value.column) == (2, "patients")


def test_the_starter_pack_has_at_least_120_rows_all_understood() -> None:
    """The pack that ships reads without a finding, and each of its patterns can match a patient."""
    pack = starter_pack()
    assert pack.frame.height >= 120
    assert pack.findings == ()
    patterns = [normalise(text, gene) for text, gene in pack.frame.select("alteration", "gene").iter_rows()]
    assert all(is_matchable(pattern) for pattern in patterns)


def test_each_starter_row_cites_a_source_of_a_known_form() -> None:
    """A label of FDA or EMA, a PubMed id or a registered trial; never a bare word."""
    form = re.compile(r"FDA label, [a-z].+|EMA EPAR, [a-z].+|PMID:[0-9]{7,8}|NCT[0-9]{8}")
    assert [text for text in starter_pack().frame["source_id"] if not form.fullmatch(text)] == []


def test_a_starter_row_for_a_label_names_its_jurisdiction() -> None:
    """FDA is US, EMA is EU, publications are international unless they are a national guideline."""
    frame = starter_pack().frame
    of = frame.with_columns(pl.col("source_id").str.slice(0, 3).alias("by"))
    assert set(of.filter(pl.col("by") == "FDA")["jurisdiction"]) == {"US"}
    assert set(of.filter(pl.col("by") == "EMA")["jurisdiction"]) == {"EU"}


def test_resistance_rows_have_a_level_of_their_own_and_sensitive_rows_an_escat_draft() -> None:
    """ESCAT has no tier for resistance, so the two are never mixed."""
    pairs = starter_pack().frame.select("direction", "level_system").unique().sort("direction").rows()
    assert pairs == [("resistant", "Kohort resistance"), ("sensitive", "ESCAT draft")]


def test_every_tumour_code_and_drug_of_the_starter_pack_is_known() -> None:
    """Codes are OncoTree's, drugs are INN of the drug table."""
    frame = starter_pack().frame
    codes = {code.removeprefix("!") for cell in frame["tumour"].drop_nulls() for code in cell.split(";")}
    assert {code for code in codes - {"solid"} if oncotree.node(code) is None} == set()
    names = {name for cell in frame["drugs"] for name in cell.split("+")}
    known = {drug.name for drug in drugs.all_drugs()}
    assert names - known <= {"dordaviprone"}


def test_levels_stand_strongest_first() -> None:
    """The order of the level systems is what reports sort by."""
    assert tuple(LEVELS["CIViC"]) == ("A", "B", "C", "D", "E")
    assert tuple(LEVELS["ESCAT"])[:3] == ("I-A", "I-B", "I-C")


def test_a_bare_table_of_our_own_needs_a_licence(make: MakePack) -> None:
    """Nobody has said how it may be used; the remedy says how to say it."""
    with pytest.raises(InputError, match="licence") as error:
        load_pack(make({}) / "evidence.tsv")
    assert "--licence" in error.value.remedy


def test_a_file_that_no_form_recognises_is_told_with_the_forms_that_are_known(tmp_path: Path) -> None:
    """Text, and bytes that only pretend to be compressed."""
    for content in (b"nothing\n", b"\x1f\x8b and no more"):
        path = tmp_path / "unknown.tsv"
        path.write_bytes(content)
        with pytest.raises(InputError, match="No form of knowledge") as error:
            load_pack(path)
        assert "CIViC" in error.value.remedy


def test_a_compressed_file_is_recognised_and_read(tmp_path: Path) -> None:
    """By gzip, as many sources give it."""
    header = "gene\tvariant\tdisease\tdrugs\tdrug_interaction_type\tevidence_type\tevidence_direction\tevidence_level\t"
    line = (
        "BRAF\tV600E\tMelanoma\tVemurafenib\t\tPredictive\tSupports\tA\tSensitivity/Response\t1\tPubMed\tA, 2011\t7\n"
    )
    text = f"{header}clinical_significance\tpubmed_id\tsource_type\tcitation\tevidence_id\n{line}"
    path = tmp_path / "civic-2022-05-30.tsv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    assert load_pack(path).frame["evidence_id"].to_list() == ["EID7"]


def test_a_manifest_of_a_form_that_is_not_known_is_refused(make: MakePack) -> None:
    """The known forms are listed."""
    folder = make({})
    manifest = folder / "manifest.toml"
    manifest.write_text(manifest.read_text() + 'format = "gossip"\n', encoding="utf-8")
    with pytest.raises(InputError, match="gossip") as error:
        load_pack(folder)
    assert (error.value.column, "civic" in error.value.remedy) == ("format", True)


def test_the_packs_that_ship_may_be_passed_on() -> None:
    """Their licences say so; a pack for research alone never ships."""
    assert starter_pack().manifest.may_ship
    assert starter_pack().manifest.jurisdiction == ("US", "EU", "international")


def test_a_label_of_the_starter_pack_is_an_approval_unless_it_advises_against() -> None:
    """A sensitive row of a label is ``approved`` there; no publication is an approval."""
    frame = starter_pack().frame.with_columns(pl.col("source_id").str.contains("^(FDA label|EMA EPAR)").alias("label"))
    approved = (pl.col("strength") == "approved") == (pl.col("label") & (pl.col("direction") == "sensitive"))
    assert frame.filter(~approved)["evidence_id"].to_list() == []


def test_labels_on_inherited_changes_say_so() -> None:
    """Olaparib in breast cancer needs a germline change of BRCA1 or BRCA2 (OlympiAD); in ovarian cancer any will do."""
    olaparib = starter_pack().frame.filter((pl.col("gene") == "BRCA1") & (pl.col("drugs") == "olaparib"))
    origins = dict(olaparib.select("tumour", "origin").unique().iter_rows())
    assert (origins["BRCA"], origins["PAAD"], origins["OVT;PSEC;HGSFT"]) == ("germline", "germline", None)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("civic-2022-05-30-clinical-evidence.tsv", "2022-05-30"),
        ("01-Oct-2026-ClinicalEvidenceSummaries.tsv", "2026-10-01"),
        ("1-sep-2026.tsv", "2026-09-01"),
        ("31-Foo-2026.tsv", None),
        ("evidence.tsv", None),
    ],
)
def test_the_day_in_a_files_name_is_read_alike_for_every_form(name: str, day: str | None) -> None:
    """ISO, or as nightly releases write it; a word that is no month gives no day."""
    assert file_day(Path(name)) == day
