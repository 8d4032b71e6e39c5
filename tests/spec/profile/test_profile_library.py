"""A library holds the packs of a site; each is checked when it is added, and can be checked again at any time."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from kohort.errors import InputError, UserError
from kohort.profile import load_pack
from kohort.profile.knowledge.download import download
from kohort.profile.knowledge.library import Stated, add, packs_in, verify

HEADER = (
    "evidence_id\tgene\talteration\ttumour\tdrugs\tdirection\tlevel\tlevel_system\tjurisdiction\tsource_id\t"
    "source_date\tnote\n"
)
ROW = "E1\tBRAF\tp.V600E\tMEL\tvemurafenib\tsensitive\tI-A\tESCAT\tNO\tinvented\t2020\t\n"
OURS = (HEADER + ROW).encode()
CIVIC = (
    b"gene\tvariant\tdisease\tdrugs\tdrug_interaction_type\tevidence_type\tevidence_direction\tevidence_level\t"
    b"clinical_significance\tpubmed_id\tsource_type\tcitation\tevidence_id\n"
    b"BRAF\tV600E\tMelanoma\tVemurafenib\t\tPredictive\tSupports\tA\tSensitivity/Response\t1\tPubMed\tA, 2011\t7\n"
    b"BRAF\tV600E\n"
)
STATED = Stated(name="ours", source="our board", licence="CC0-1.0", jurisdiction=("NO",))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """An evidence table of our own, which says nothing of licence or source."""
    path = tmp_path / "board-2026-02-03.tsv"
    path.write_bytes(OURS)
    return path


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A site's folder of packs, which does not exist yet."""
    return tmp_path / "site" / "knowledge"


def test_a_pack_is_copied_byte_for_byte_with_a_manifest(table: Path, library: Path) -> None:
    """The manifest says where the data come from, how they may be used, and their SHA-256; the day is the caller's."""
    done = add(table, library, STATED, added="2026-03-01")
    assert done.folder == library / "ours-2026-02-03"
    assert (done.folder / table.name).read_bytes() == OURS
    assert tomllib.loads((done.folder / "manifest.toml").read_text(encoding="utf-8")) == {
        "name": "ours",
        "version": "2026-02-03",
        "date": "2026-02-03",
        "source": "our board",
        "licence": "CC0-1.0",
        "sha256": hashlib.sha256(OURS).hexdigest(),
        "format": "kohort",
        "data": "board-2026-02-03.tsv",
        "jurisdiction": ["NO"],
        "may_ship": False,
        "added": "2026-03-01",
    }
    again = load_pack(done.folder)
    assert again.manifest == done.pack.manifest
    assert again.frame.equals(done.pack.frame)


def test_a_pack_whose_licence_nobody_names_is_refused(table: Path, library: Path) -> None:
    """The remedy says how to name it, and nothing is written."""
    with pytest.raises(InputError, match="licence") as error:
        add(table, library, Stated(source="our board"))
    assert "--licence" in error.value.remedy
    assert not library.exists()
    with pytest.raises(InputError, match="source"):
        add(table, library, Stated(licence="CC0-1.0"))


def test_a_known_form_brings_its_licence_and_its_way_to_be_cited(tmp_path: Path, library: Path) -> None:
    """CIViC is CC0 1.0 and may be passed on."""
    path = tmp_path / "civic-2022-05-30.tsv"
    path.write_bytes(CIVIC)
    manifest = add(path, library).pack.manifest
    assert (manifest.licence, manifest.jurisdiction, manifest.may_ship) == ("CC0-1.0", ("international",), True)
    assert "10.1038/ng.3774" in manifest.cite


def test_rows_that_cannot_be_read_are_counted_and_listed_when_added(tmp_path: Path, library: Path) -> None:
    """The pack is added with the rest; the cut line is named."""
    path = tmp_path / "civic-2022-05-30.tsv"
    path.write_bytes(CIVIC)
    done = add(path, library)
    assert (done.pack.lines, done.pack.frame.height, done.new) == (2, 1, True)
    assert [finding.evidence_id for finding in done.left_out] == ["line 3"]
    assert set(done.left_out) <= set(done.findings)


def test_adding_the_same_bytes_twice_changes_nothing(table: Path, library: Path) -> None:
    """Not even the day on which it was added."""
    first = add(table, library, STATED, added="2026-03-01")
    before = {path: path.read_bytes() for path in library.rglob("*") if path.is_file()}
    second = add(table, library, STATED, added="2026-04-01")
    assert (second.new, second.folder, second.pack.manifest.added) == (False, first.folder, "2026-03-01")
    assert {path: path.read_bytes() for path in library.rglob("*") if path.is_file()} == before


def test_other_content_under_the_same_name_and_version_is_refused(table: Path, library: Path) -> None:
    """A name and a version always mean the same bytes; a new version is another pack."""
    add(table, library, STATED)
    table.write_bytes(OURS + ROW.replace("E1", "E2").encode())
    with pytest.raises(UserError, match="other data") as error:
        add(table, library, STATED)
    assert "another version" in error.value.remedy
    newer = Stated(name="ours", version="2", source="our board", licence="CC0-1.0", jurisdiction=("NO",))
    assert add(table, library, newer).folder == library / "ours-2"
    assert [pack.version for pack in packs_in(library)] == ["2", "2026-02-03"]


def test_the_same_bytes_under_another_licence_are_refused(table: Path, library: Path) -> None:
    """A licence does not change in silence."""
    add(table, library, STATED)
    with pytest.raises(UserError, match="another licence"):
        add(table, library, Stated(name="ours", source="our board", licence="MIT", jurisdiction=("NO",)))


def test_two_names_that_would_share_a_folder_are_told(table: Path, library: Path) -> None:
    """Folder names are plain; the second name must differ in more than signs."""
    add(table, library, STATED)
    with pytest.raises(UserError, match="taken"):
        add(table, library, Stated(name="OURS", source="our board", licence="CC0-1.0", jurisdiction=("NO",)))


def test_a_pack_folder_is_added_with_its_manifest_checked(table: Path, library: Path, tmp_path: Path) -> None:
    """Its data must be those that the manifest names, and nothing that is stated may contradict it."""
    folder = add(table, tmp_path / "elsewhere", STATED, added="2026-03-01").folder
    done = add(folder, library, added="2026-04-01")
    assert (done.pack.manifest.licence, done.pack.manifest.added) == ("CC0-1.0", "2026-04-01")
    assert (done.folder / table.name).read_bytes() == OURS
    assert add(folder, library, STATED).new is False
    with pytest.raises(InputError, match="another licence") as error:
        add(folder, library, Stated(licence="MIT"))
    assert error.value.column == "licence"
    (folder / table.name).write_bytes(OURS + b"\n")
    with pytest.raises(InputError, match="SHA-256 differs"):
        add(folder, library)


def test_a_sum_that_is_stated_must_be_that_of_the_data(table: Path, library: Path) -> None:
    """So that a file that was changed on its way is not used."""
    right = hashlib.sha256(OURS).hexdigest()
    stated = Stated(source="our board", licence="CC0-1.0", sha256=right.upper())
    assert add(table, library, stated).new
    with pytest.raises(InputError, match="SHA-256 differs"):
        add(table, library, Stated(source="our board", licence="CC0-1.0", sha256="0" * 64))
    with pytest.raises(UserError, match="64 hexadecimal digits"):
        Stated(sha256="abc")


def test_a_manifest_may_not_reach_out_of_its_folder(table: Path, library: Path, tmp_path: Path) -> None:
    """Data lie beside their manifest; a path to anywhere else is refused."""
    folder = add(table, tmp_path / "elsewhere", STATED).folder
    manifest = folder / "manifest.toml"
    manifest.write_text(manifest.read_text().replace('data = "', 'data = "../'), encoding="utf-8")
    with pytest.raises(InputError, match="outside") as error:
        add(folder, library)
    assert error.value.column == "data"


def test_data_whose_licence_forbids_it_never_ship(table: Path, tmp_path: Path) -> None:
    """MOAlmanac may be read and not passed on: a manifest that says otherwise is refused."""
    folder = add(table, tmp_path / "elsewhere", STATED).folder
    manifest = folder / "manifest.toml"
    text = manifest.read_text(encoding="utf-8").replace("may_ship = false", "may_ship = true")
    manifest.write_text(text.replace('"kohort"', '"moalmanac"'), encoding="utf-8")
    with pytest.raises(InputError, match="may not be passed on") as error:
        load_pack(folder)
    assert error.value.column == "may_ship"


def test_verify_names_each_bad_pack_and_goes_on(table: Path, library: Path) -> None:
    """A changed byte, a missing licence, a damaged manifest, a copy in another folder; the sound pack stays sound."""
    for name in ("a", "b", "c", "d"):
        add(table, library, Stated(name=name, version="1", source="s", licence="CC0-1.0"))
    (library / "b-1" / table.name).write_bytes(OURS + b"\n")
    for folder, old, new in (("c-1", 'licence = "CC0-1.0"', 'licence = ""'), ("d-1", "name = ", "name = = ")):
        manifest = library / folder / "manifest.toml"
        manifest.write_text(manifest.read_text().replace(old, new), encoding="utf-8")
    (library / "e-1").mkdir()
    (library / "f-1").mkdir()
    for path in (library / "a-1").iterdir():
        (library / "f-1" / path.name).write_bytes(path.read_bytes())
    checked = verify(library)
    assert [(found.folder.name, found.ok) for found in checked] == [
        ("a-1", True), ("b-1", False), ("c-1", False), ("d-1", False), ("e-1", False), ("f-1", False),
    ]  # fmt: skip
    for found, word in zip(checked[1:], ("SHA-256", "licence", "not TOML", "manifest.toml", "same name"), strict=True):
        assert word in found.what
    with pytest.raises(InputError):
        packs_in(library)


def test_loose_files_and_hidden_folders_are_no_packs(table: Path, library: Path) -> None:
    """A folder that an interrupted copy left behind is passed over."""
    add(table, library, STATED)
    (library / "oncotree.json").write_text("{}", encoding="utf-8")
    (library / ".adding-x").mkdir()
    assert [pack.name for pack in packs_in(library)] == ["ours"]
    assert [found.ok for found in verify(library)] == [True]


def test_a_library_that_is_not_there_is_told(tmp_path: Path) -> None:
    """An empty answer would hide a misspelt path."""
    with pytest.raises(InputError, match="cannot be read"):
        verify(tmp_path / "nowhere")


def test_a_pack_that_cannot_be_written_leaves_nothing_behind(table: Path, tmp_path: Path) -> None:
    """The library is a file: the message names it."""
    (tmp_path / "library").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be written"):
        add(table, tmp_path / "library", STATED)


def test_a_copy_that_fails_half_way_leaves_nothing_behind(
    table: Path, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A library never holds half a pack."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(InputError, match="No space left"):
        add(table, library, STATED)
    assert list(library.iterdir()) == []


def test_a_damaged_neighbour_does_not_stop_a_pack_from_being_added(table: Path, library: Path) -> None:
    """It is for `verify` to name it."""
    (library / "old").mkdir(parents=True)
    (library / "old" / "manifest.toml").write_text("name = = 1", encoding="utf-8")
    assert add(table, library, STATED).new


# -- from an address ---------------------------------------------------------------------------------------------------

Answers = dict[str, tuple[int, dict[str, str], bytes]]


@pytest.fixture
def serve() -> Iterator[Callable[[Answers], str]]:
    """A server on this machine alone that gives the stated answers; it returns its address."""
    servers: list[ThreadingHTTPServer] = []

    def start(answers: Answers) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, headers, body = answers[self.path.partition("?")[0]]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name that the base class gives it
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_pack_is_added_from_an_address(serve: Callable[[Answers], str], library: Path) -> None:
    """The name of the file is that of the address; a question behind it is not kept."""
    site = serve({"/packs/civic-2022-05-30.tsv": (200, {}, CIVIC)})
    done = add(f"{site}/packs/civic-2022-05-30.tsv?token=1", library)
    assert (done.pack.name, done.pack.version) == ("civic", "2022-05-30")
    assert (done.folder / "civic-2022-05-30.tsv").read_bytes() == CIVIC
    assert "token" not in (done.folder / "manifest.toml").read_text(encoding="utf-8")


def test_a_redirection_is_followed_to_http_and_no_further(
    serve: Callable[[Answers], str], table: Path, library: Path
) -> None:
    """A server cannot lead the reader to a file of this machine."""
    site = serve(
        {
            "/new.tsv": (302, {"Location": "/civic-2022-05-30.tsv"}, b""),
            "/civic-2022-05-30.tsv": (200, {}, CIVIC),
            "/odd.tsv": (302, {"Location": f"file://{table}"}, b""),
            "/ftp.tsv": (302, {"Location": "ftp://127.0.0.1/x.tsv"}, b""),
        }
    )
    assert add(f"{site}/new.tsv", library).new
    for name in ("odd", "ftp"):
        with pytest.raises(InputError):
            add(f"{site}/{name}.tsv", library, STATED)


def test_a_refusal_a_silence_and_a_flood_are_told(serve: Callable[[Answers], str], library: Path) -> None:
    """Each names the address and what to do."""
    site = serve({"/gone.tsv": (404, {}, b""), "/big.tsv": (200, {}, b"x" * 101)})
    with pytest.raises(InputError, match="answers 404"):
        add(f"{site}/gone.tsv", library)
    with pytest.raises(InputError, match="larger than 100 bytes"):
        download(f"{site}/big.tsv", largest=100)
    assert download(f"{site}/big.tsv", largest=101)[0] == b"x" * 101
    with pytest.raises(InputError, match="cannot be reached") as error:
        download("http://127.0.0.1:9/x.tsv", timeout_seconds=1)
    assert "yourself" in error.value.remedy


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("ftp://example.org/x.tsv", "not http or https"),
        ("file:///etc/passwd", "not http or https"),
        ("https:///x.tsv", "not http or https"),
        ("https://me:secret@example.org/x.tsv", "password"),
    ],
)
def test_only_plain_http_addresses_are_asked(address: str, words: str, library: Path) -> None:
    """No other scheme, and no password that would end up in a log."""
    with pytest.raises(InputError, match=words) as error:
        add(address, library)
    assert "secret" not in str(error.value)
