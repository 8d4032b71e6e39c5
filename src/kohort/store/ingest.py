"""Reading files into a batch: each physical line is accepted or quarantined, and the sum is checked."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from kohort.errors import IntegrityError
from kohort.sources.lines import count_lines
from kohort.sources.model import KEY, LINE, Chunk, LineFinding, Rows, Source, SourceFile
from kohort.store import manifest
from kohort.store.batch import BatchWriter
from kohort.store.keyed import keyed, linked, masked
from kohort.store.keys import Keys
from kohort.store.reading import SiteTables
from kohort.store.report import FileReport, Finding, summarise_findings
from kohort.store.seen import SeenIds
from kohort.store.source_ids import SOURCE_TABLES, unmapped_files
from kohort.tables import frame_of, table

__all__ = ["Ingest", "Progress", "utc_now"]

Progress = Callable[[str, int], None]
"""Called with the file's name and the lines read since the last call."""

_DUPLICATE = (
    "The line states again what another line states: same patient, thing and place. The first one counts; "
    "remove the copy, or correct the one that is wrong."
)


@dataclass
class _FileState:
    """What is known of a file while it is read."""

    number: int
    name: str
    format: str
    sha256: str
    size: int
    started: str
    lines: int = 0
    quarantined: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    findings: list[LineFinding] = field(default_factory=list)


class Ingest:
    """One batch being read.

    Args:
        root: the site's folder.
        keys: the site's keys.
        batch: number of the new batch.
        known: file number of each file read before, by `reading_key`.
        country: country of the site, given to each person who has none.
        encoding: encoding of files without a byte-order mark.
        progress: called as lines are read.
    """

    def __init__(
        self,
        root: Path,
        keys: Keys,
        batch: int,
        known: dict[str, int],
        *,
        country: str,
        encoding: str = "utf-8",
        progress: Progress | None = None,
    ) -> None:
        self._keys = keys
        self._batch = batch
        self._country = country
        self._encoding = encoding
        self._progress = progress
        self._before = SiteTables(root)
        self._known = known
        self._unmapped = unmapped_files(root, manifest.read(root / "manifest.jsonl"))
        self._next = max(known.values(), default=0) + 1
        self._counts: dict[int, tuple[int, int, int]] = {}
        self._seen: dict[str, SeenIds] = {}
        self._stored: dict[str, SeenIds] = {}
        self.writer = BatchWriter(root, batch)
        self.files: dict[str, int] = {}
        self.reports: list[FileReport] = []
        self.findings: list[Finding] = []

    def read_all(self, source: Source) -> None:
        """Read the files of a source, in order, while the next ones are hashed in another thread."""
        with ThreadPoolExecutor(1) as pool:
            digests = [pool.submit(_sha256, file.path) for file in source.files]
            try:
                for file, digest in zip(source.files, digests, strict=True):
                    self._read(file, digest.result(), source.findings.get(file.path, ()))
            finally:
                pool.shutdown(cancel_futures=True)
        read = {file.path for file in source.files}
        for path, findings in source.findings.items():
            if path not in read:
                self.findings += summarise_findings(path.name, findings)

    def _read(self, file: SourceFile, sha256: str, extra: Sequence[LineFinding]) -> None:
        """Read one file; a file whose bytes were read before is only reported."""
        key = reading_key(sha256, file.reading)
        number = self._known.get(key, self.files.get(key))
        if number is not None:
            if number in self._unmapped and key not in self.files:
                self._recall(file, number)
                self.files[key] = number
            self._report_known(file, sha256, number)
            return
        made_by = file.adapter.partition(".")[0]
        state = _FileState(self._next, file.path.name, made_by, sha256, file.path.stat().st_size, utc_now())
        self._next += 1
        self.files[key] = state.number
        with ThreadPoolExecutor(1) as pool:
            counted = pool.submit(count_lines, file.path, self._encoding)
            for chunk in _ahead(map(self._linked, file.chunks())):
                self._take(chunk, state)
                if self._progress is not None:
                    self._progress(state.name, chunk.lines)
            lines = counted.result()
        if state.lines != lines:
            raise IntegrityError(f"{state.name}: {lines} lines, but {state.lines} were accounted for.")
        state.findings += extra
        self._close(file, state)

    def _recall(self, file: SourceFile, number: int) -> None:
        """Take nothing but ids at the source from a file that was read before they were kept."""
        for chunk in file.chunks():
            for rows in chunk.rows:
                if rows.table in SOURCE_TABLES:
                    frame, _ = keyed(linked(rows, self._keys), self._keys, file=number, batch=self._batch)
                    self.writer.source_ids.add(rows.table, frame["id"], frame[KEY])

    def _linked(self, chunk: Chunk) -> Chunk:
        """The chunk with patients and references hashed; done in the reading thread, which has the time for it."""
        return replace(chunk, rows=[linked(self._with_country(rows), self._keys) for rows in chunk.rows])

    def _with_country(self, rows: Rows) -> Rows:
        if rows.table != "person" or "country" in rows.frame.columns:
            return rows
        return replace(rows, frame=rows.frame.with_columns(pl.lit(self._country).alias("country")))

    def _take(self, chunk: Chunk, state: _FileState) -> None:
        made: list[tuple[Rows, pl.DataFrame]] = []
        findings = list(chunk.findings)
        for rows in chunk.rows:
            frame, broken = keyed(rows, self._keys, file=state.number, batch=self._batch)
            findings += broken
            made.append((rows, frame))
        aside = {f.line for f in findings if f.severity == "quarantined"}.union(chunk.quarantined)
        aside.discard(0)
        made = [(rows, _without(frame, aside)) for rows, frame in made]
        repeated = self._repeated(made)
        findings += [LineFinding(line, "quarantined", "duplicate_line", _DUPLICATE) for line in sorted(repeated)]
        for rows, frame in made:
            self._write(rows, _without(frame, repeated), state)
        state.lines += chunk.lines
        state.quarantined += len(aside | repeated)
        state.findings += findings

    def _repeated(self, made: list[tuple[Rows, pl.DataFrame]]) -> set[int]:
        """Lines all of whose own rows were stated before in this batch; rows stated before leave ``made``."""
        own = [i for i, (rows, frame) in enumerate(made) if frame.height and not rows.implied]
        seen = {i: self._first_time(*made[i]) for i in own}
        if all(mask is None for mask in seen.values()):
            return set()
        told: set[int] = set()
        again: set[int] = set()
        for i, mask in seen.items():
            rows, frame = made[i]
            kept = frame if mask is None else frame.filter(~mask)
            told.update(kept[LINE].to_list())
            again.update(() if mask is None else frame[LINE].filter(mask).to_list())
            made[i] = (rows, kept)
        return again - told

    def _first_time(self, rows: Rows, frame: pl.DataFrame) -> pl.Series | None:
        """True where a row was stated before in this batch; None if none was."""
        seen = self._seen.setdefault(rows.table, SeenIds()).add(frame["id"].to_numpy())
        return pl.Series(seen) if seen.any() else None

    def _write(self, rows: Rows, frame: pl.DataFrame, state: _FileState) -> None:
        if rows.implied and frame.height and (again := self._first_time(rows, frame)) is not None:
            frame = frame.filter(~again)
        if rows.table in SOURCE_TABLES:
            self.writer.source_ids.add(rows.table, frame["id"], frame[KEY])
        told = frame.drop(LINE, KEY, strict=False)
        fresh = self._changed(rows.table, self._unknown(rows.table, told, state) if rows.mention else told)
        self.writer.write(rows.table, fresh)
        if fresh.height:
            state.rows[rows.table] = state.rows.get(rows.table, 0) + fresh.height

    def _unknown(self, name: str, frame: pl.DataFrame, state: _FileState) -> pl.DataFrame:
        """Of rows that are only mentioned, those that the site has from no file of another format."""
        hits = self._hits(name, frame)
        if not hits.height:
            return frame
        read = self._before.frame("ingest", ["file", "adapter"])
        own = read.filter(pl.col("adapter").str.starts_with(f"{state.format}."))["file"]
        earlier = self._before.rows_with_ids(name, hits["id"])
        kept = earlier.filter(~pl.col("source_file").is_in(own.implode()))["id"]
        return frame.filter(~pl.col("id").is_in(kept.implode()))

    def _hits(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of which the site has a version."""
        if self._batch == 1 or not frame.height:
            return frame.clear()
        if name not in self._stored:
            self._stored[name] = SeenIds()
            self._stored[name].add(self._before.frame(name, ["id"])["id"].to_numpy())
        return frame.filter(pl.Series(self._stored[name].contains(frame["id"].to_numpy())))

    def _changed(self, name: str, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows that the site has not in the same words; an earlier version of a row is replaced."""
        hits = self._hits(name, frame)
        if not hits.height:
            return frame
        earlier = self._before.rows_with_ids(name, hits["id"])
        content = [c for c in table(name).names if c not in _VERSION_COLUMNS]
        same = frame_of(table(name), hits).join(earlier, on=content, how="semi", nulls_equal=True)["id"]
        fresh = frame.filter(~pl.col("id").is_in(same.implode()))
        self.writer.replace(name, earlier.filter(~pl.col("id").is_in(same.implode())).select("id", "batch"))
        return fresh

    def _close(self, file: SourceFile, state: _FileState) -> None:
        damaged = any(f.rule == "truncated_gzip" for f in state.findings)
        accepted = state.lines - state.quarantined
        self._counts[state.number] = (state.lines, accepted, state.quarantined)
        self._write_control(file, state, accepted, "damaged" if damaged else "read")
        self.findings += summarise_findings(state.name, state.findings)
        self.reports.append(
            FileReport(
                state.name, state.sha256, state.lines, accepted, state.quarantined, state.rows,
                "damaged" if damaged else "read", file.adapter,
            )
        )  # fmt: skip

    def _write_control(self, file: SourceFile, state: _FileState, accepted: int, outcome: str) -> None:
        entry = {
            "id": _id(self._keys, "ingest", f"{state.name}|{state.sha256}"), "batch": self._batch,
            "file": state.number, "name": state.name, "sha256": state.sha256, "bytes": state.size,
            "lines": state.lines, "accepted": accepted, "quarantined": state.quarantined,
            "adapter": file.adapter, "started": state.started, "ended": utc_now(), "state": outcome,
        }  # fmt: skip
        self.writer.write("ingest", _typed("ingest", [entry]))
        noted = [
            {
                "id": _id(self._keys, "quarantine", f"{state.number}|{f.line}|{f.rule}|{f.column}"),
                "batch": self._batch, "file": state.number, "line": f.line, "byte_offset": f.offset,
                "severity": f.severity, "rule": f.rule, "column": f.column,
                "value": masked(f, file.private_columns), "message": f.message, "state": "open",
            }
            for f in state.findings
        ]  # fmt: skip
        if noted:
            self.writer.write("quarantine", _typed("quarantine", noted))

    def _report_known(self, file: SourceFile, sha256: str, number: int) -> None:
        if number in self._counts:
            lines, accepted, quarantined = self._counts[number]
        else:
            read = self._before.frame("ingest", ["file", "lines", "accepted", "quarantined"])
            _, lines, accepted, quarantined = read.row(by_predicate=pl.col("file") == number)
        self.reports.append(FileReport(file.path.name, sha256, lines, accepted, quarantined, {}, "known", file.adapter))


def reading_key(sha256: str, reading: str) -> str:
    """By what a file is known again: its bytes, and all else that decides how it is read."""
    return hashlib.sha256(f"{sha256}|{reading}".encode()).hexdigest()


_VERSION_COLUMNS = frozenset({"source_file", "source_line", "batch", "valid_from", "valid_to"})
"""Columns that say where a row came from, not what it says."""


def _without(frame: pl.DataFrame, lines: set[int]) -> pl.DataFrame:
    if not lines or not frame.height:
        return frame
    return frame.filter(~pl.col(LINE).is_in(pl.Series(sorted(lines), dtype=pl.Int64).implode()))


def _typed(name: str, entries: list[dict[str, object]]) -> pl.DataFrame:
    return pl.DataFrame(entries, schema=table(name).polars_schema)


def _id(keys: Keys, name: str, text: str) -> int:
    return keys.hashes(name, pl.Series([text])).item()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def utc_now() -> str:
    """The time now, as it stands in records (UTC, ISO 8601, whole seconds)."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _ahead(chunks: Iterator[Chunk]) -> Iterator[Chunk]:
    """The same chunks, read one ahead in another thread: parsing and hashing then use a core each."""
    waiting: queue.Queue[Chunk | BaseException | None] = queue.Queue(maxsize=1)
    stop = threading.Event()

    def offer(item: Chunk | BaseException | None) -> None:
        while not stop.is_set():
            try:
                waiting.put(item, timeout=0.1)
                return
            except queue.Full:
                continue

    def work() -> None:
        try:
            for chunk in chunks:
                offer(chunk)
                if stop.is_set():
                    return
            offer(None)
        except BaseException as problem:
            offer(problem)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stop.set()
        thread.join()
