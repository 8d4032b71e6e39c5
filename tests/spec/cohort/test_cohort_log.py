"""The log of a programme on disk: lines that are only added, each chained to the one before.

Line n holds an event, the hash of line n - 1, and the hash of itself over number, event and that hash (BLAKE3). So a
line that is changed, taken out, put in or moved is found and named; a cut-off end is found against the head.
"""

from __future__ import annotations

import datetime as dt
import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kohort.access.entries import GENESIS, Head
from kohort.cohort import CohortEvent, EventKind
from kohort.cohort.conduct.answers import Answer
from kohort.cohort.conduct.log import CohortLog, decode, encode
from kohort.cohort.conduct.log_file import append_events, read_log
from kohort.errors import InputError

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
EVENTS = (
    CohortEvent("a", None, EventKind.OPENED, rule="f00d", site="Oslo", country="NO", on=dt.date(2026, 1, 7)),
    CohortEvent("a", 4711, EventKind.ENROLLED, setting="advanced", day=0, site="Oslo"),
    CohortEvent("a", 4711, EventKind.EVALUATED, response=False, day=112, site="Oslo", at=NOW),
    CohortEvent("a", None, EventKind.LOOKED, decision=Answer.NO_GO, looked_at=1),
    CohortEvent("b", 1, EventKind.ENROLLED, is_retrospective=True),
)


def clock() -> dt.datetime:
    return NOW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    append_events(tmp_path / "cohorts.jsonl", EVENTS, clock=clock)
    return tmp_path / "cohorts.jsonl"


def test_a_log_is_json_lines_with_what_is_known_of_each_event():
    """Entries at their default are left out; what is read is what was written."""
    log = CohortLog.of(EVENTS)
    assert encode(EVENTS[2]) == (
        '{"at":"2026-11-24T12:00:00+00:00","cohort":"a","day":112,"kind":"evaluated","person":4711,'
        '"response":false,"site":"Oslo"}'
    )
    assert CohortLog.from_bytes(log.to_bytes()) == log
    assert [decode(json.loads(encode(event))) for event in EVENTS] == list(EVENTS)
    assert CohortLog.from_bytes(b"") == CohortLog()


def test_each_line_carries_the_hash_of_the_one_before():
    """The head is number and hash of the last line; an empty log has zeros."""
    lines = [json.loads(line) for line in CohortLog.of(EVENTS).to_bytes().splitlines()]
    assert [line["n"] for line in lines] == [1, 2, 3, 4, 5]
    assert [line["previous"] for line in lines] == [GENESIS, *(line["hash"] for line in lines[:-1])]
    assert CohortLog.of(EVENTS).head == Head(5, lines[-1]["hash"])
    assert CohortLog().head == Head(0, GENESIS)


def test_adding_at_once_or_one_by_one_gives_the_same_log():
    """Hashes depend on the events and their order, on nothing else."""
    grown = CohortLog()
    for event in EVENTS:
        grown = grown.added([event])
    assert grown == CohortLog.of(EVENTS)
    assert grown.to_bytes(after=2) == b"".join(CohortLog.of(EVENTS).to_bytes().splitlines(keepends=True)[2:])


def tampered(path: Path, change) -> pytest.ExceptionInfo[InputError]:
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(change(lines)))
    with pytest.raises(InputError) as caught:
        read_log(path)
    assert caught.value.path == path
    assert "4711" not in str(caught.value)
    assert caught.value.remedy
    return caught


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (lambda at: [*at[:2], at[2].replace(b"false", b"true"), *at[3:]], 3, "not what was written"),
        (lambda at: [*at[:1], *at[2:]], 2, "Line 3 stands where line 2 belongs"),
        (lambda at: [at[1], at[0], *at[2:]], 1, "Line 2 stands where line 1 belongs"),
        (lambda at: [*at[:2], at[1], *at[2:]], 3, "Line 2 stands where line 3 belongs"),
        (lambda at: at[:3], 4, "lines 4 to 5 were there before"),
        (lambda at: [], 1, "lines 1 to 5 were there before"),
        (lambda at: [*at[:4], at[4][:30]], 5, "The last line is cut off"),
        (lambda at: [*at[:1], b"no json\n", *at[2:]], 2, "not one of a cohort log"),
        (lambda at: [*at[:1], b'{"n":2}\n', *at[2:]], 2, "not one of a cohort log"),
        (lambda at: [*at[:1], b"\n", *at[1:]], 2, "not one of a cohort log"),
    ],
)
def test_tampering_is_found_and_named_by_line(path: Path, change, line: int, words: str):
    """Changed, removed, moved, repeated, cut off: the message has file, line and remedy, and no pseudonym."""
    caught = tampered(path, change)
    assert words in str(caught.value)
    assert caught.value.line == line


def test_a_line_that_was_replaced_with_its_hash_breaks_the_next_one(path: Path):
    """Whoever rewrites one line must rewrite all that follow, and then the head does not fit."""
    forged = CohortLog.of([EVENTS[0], CohortEvent("a", 4711, EventKind.ENROLLED), *EVENTS[2:]])
    second = forged.to_bytes().splitlines(keepends=True)[1]
    assert "does not follow the one before" in str(tampered(path, lambda at: [at[0], second, *at[2:]]).value)
    assert "not the one known from before" in str(tampered(path, lambda at: [forged.to_bytes()]).value)


def test_a_keyed_log_cannot_be_forged_without_the_key(tmp_path: Path):
    """With another key no line fits."""
    key, path = b"k" * 32, tmp_path / "keyed.jsonl"
    log = append_events(path, EVENTS, key=key, clock=clock)
    assert read_log(path, key=key) == log
    with pytest.raises(InputError, match="or another key was used"):
        read_log(path)
    assert "kkkk" not in repr(log)


def test_a_head_kept_elsewhere_shows_that_a_whole_log_was_replaced(path: Path):
    """Even where log and head beside it were both exchanged."""
    known = read_log(path).head
    path.unlink()
    path.with_name("cohorts.jsonl.head").unlink()
    with pytest.raises(InputError, match="lines 1 to 5 were there before"):
        read_log(path, known=known)
    append_events(path, EVENTS[1:3], clock=clock)
    assert len(read_log(path)) == 2


def test_an_event_gets_the_moment_at_which_it_was_written_down(path: Path):
    """One that has its moment keeps it. The files are for their owner alone."""
    assert {event.at for event in read_log(path)} == {NOW}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.with_name("cohorts.jsonl.head").stat().st_mode) == 0o600
    added = append_events(path, [CohortEvent("b", 2, EventKind.ENROLLED)])
    assert added.events[-1].at is not None
    assert added == read_log(path)


def test_an_event_that_cannot_follow_is_refused_and_nothing_is_written(path: Path):
    """All events of a call are added or none."""
    before = path.read_bytes()
    with pytest.raises(InputError, match="never enrolled") as caught:
        append_events(path, [CohortEvent("b", 2, EventKind.ENROLLED), CohortEvent("b", 3, EventKind.VOIDED)])
    assert (caught.value.path, caught.value.line) == (path, 7)
    assert path.read_bytes() == before


def test_a_crash_between_line_and_head_loses_nothing(path: Path):
    """The line was confirmed to nobody, but it is whole: it counts, and the next head has it."""
    log = read_log(path).added([CohortEvent("b", 2, EventKind.ENROLLED)])
    path.write_bytes(log.to_bytes())
    assert read_log(path) == log
    assert len(append_events(path, [CohortEvent("b", 3, EventKind.ENROLLED)])) == 7
    path.write_bytes(log.as_of(5).to_bytes())
    with pytest.raises(InputError, match="lines 6 to 7 were there before"):
        read_log(path)


def test_a_damaged_note_of_the_head_is_told(path: Path):
    """It is a file of its own, so it is named."""
    path.with_name("cohorts.jsonl.head").write_text("{}")
    with pytest.raises(InputError, match=r"cohorts\.jsonl\.head.*damaged"):
        read_log(path)


def test_a_file_that_cannot_be_used_is_told(tmp_path: Path):
    """A folder is no log; a missing folder takes none; a missing file is an empty log."""
    with pytest.raises(InputError, match="cannot be read"):
        read_log(tmp_path)
    with pytest.raises(InputError, match="cannot be written"):
        append_events(tmp_path / "none" / "log.jsonl", EVENTS)
    assert read_log(tmp_path / "none.jsonl") == CohortLog()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"cohort": "a", "kind": "enrolled", "person": 4711, "dose": 1}, "no entry 'dose'"),
        ({"kind": "enrolled", "person": 4711}, "says its cohort"),
        ("enrolled", "says its cohort"),
        ({"cohort": "a", "kind": "enroled", "person": 4711}, "column kind: The entry is no kind of event"),
        ({"cohort": "a", "kind": "enrolled", "person": "4711"}, "column person: The entry is no whole number"),
        ({"cohort": "a", "kind": "enrolled", "person": 4711, "on": "7 Jan"}, "no day such as"),
        ({"cohort": "a", "kind": "enrolled", "person": 4711, "at": 1}, "no moment such as"),
        ({"cohort": "a", "kind": "evaluated", "person": 4711, "response": 1}, "no truth"),
        ({"cohort": "a", "kind": "evaluated", "person": 4711}, "with response None"),
    ],
)
def test_an_event_that_cannot_be_read_is_told_without_its_values(content: object, words: str):
    """File, line, column and what belongs there."""
    with pytest.raises(InputError, match=words) as caught:
        decode(content, path=Path("x.jsonl"), line=3)
    assert str(caught.value).startswith("x.jsonl, line 3")
    assert "4711" not in str(caught.value)


def test_a_log_can_be_asked_what_it_held_at_some_time():
    """By a number of lines, or by the moment at which lines were written down."""
    hours = [NOW.replace(hour=hour) for hour in (8, 9, 10)]
    log = CohortLog.of(CohortEvent("a", hour.hour, EventKind.ENROLLED, at=hour) for hour in hours)
    assert log.as_of(None) == log
    assert log.as_of(1) == CohortLog.of(log.events[:1])
    assert len(log.as_of(hours[1])) == 2
    assert len(log.as_of(NOW)) == 3
    with pytest.raises(InputError, match="has 3 lines, and 4 were asked for"):
        log.as_of(4)
    with pytest.raises(InputError, match="does not say when it was written down"):
        CohortLog.of(EVENTS).as_of(NOW)


def _enrol(path: Path, site: str) -> None:
    for person in range(10):
        append_events(path, [CohortEvent("a", person, EventKind.ENROLLED, site=site)])


def test_several_writers_may_add_at_once(tmp_path: Path):
    """The lock is of the file, so processes and threads wait for each other; no line is lost, the chain holds."""
    path = tmp_path / "cohorts.jsonl"
    with ThreadPoolExecutor() as pool:
        for written in [pool.submit(_enrol, path, site) for site in ("Oslo", "Bergen")]:
            written.result()
    assert len(read_log(path)) == 20
