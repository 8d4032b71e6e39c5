"""Laws of comparing packs: a pack equals itself, and a difference carried out gives the newer pack."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from kohort.profile.knowledge.differences import Difference, diff
from kohort.profile.knowledge.pack import EVIDENCE_SCHEMA, Manifest, Pack

Row = dict[str, object]


@st.composite
def packs(draw: st.DrawFn) -> Pack:
    """A small pack; few words, so that rows and ids meet by chance."""
    ids = draw(st.lists(st.sampled_from([f"E{number}" for number in range(8)]), unique=True, max_size=8))
    rows = [
        {
            "evidence_id": name,
            "gene": draw(st.sampled_from(["BRAF", None])),
            "level": draw(st.sampled_from(["A", "B"])),
            "patients": draw(st.sampled_from([None, 8, 24])),
            "source_id": "PMID:1",
            "source_date": "2015",
        }
        for name in ids
    ]
    return Pack(Manifest("p", draw(st.sampled_from("12")), "", "s", "l", "0"), pl.DataFrame(rows, EVIDENCE_SCHEMA))


def carried_out(rows: pl.DataFrame, change: Difference) -> dict[object, Row]:
    """The rows after a difference, one by one, by id."""
    found = {row["evidence_id"]: dict(row) for row in rows.iter_rows(named=True)}
    for name in change.removed["evidence_id"]:
        del found[name]
    moved = {new: found.pop(old) | {"evidence_id": new} for old, new in change.renamed.iter_rows()}
    for name, column, old, new in change.changed.iter_rows():
        assert (None if found[name][column] is None else str(found[name][column])) == old
        found[name][column] = int(new) if column == "patients" and new is not None else new
    return found | moved | {row["evidence_id"]: dict(row) for row in change.added.iter_rows(named=True)}


@given(packs())
def test_a_pack_never_differs_from_itself(pack: Pack) -> None:
    """Whatever it holds, duplicates and empty cells among it, in whatever order."""
    turned = Pack(pack.manifest, pack.frame.reverse())
    assert diff(pack, turned).is_empty


@given(packs(), packs())
def test_a_difference_carried_out_gives_the_newer_pack(old: Pack, new: Pack) -> None:
    """Rows removed, renamed, changed and added, and nothing else."""
    change = diff(old, new)
    assert carried_out(old.frame, change) == {row["evidence_id"]: row for row in new.frame.iter_rows(named=True)}


@given(packs(), packs())
def test_each_row_is_counted_once(old: Pack, new: Pack) -> None:
    """On the older side as on the newer."""
    counts = diff(old, new).counts
    stays = counts["changed"] + counts["renamed"] + counts["unchanged"]
    assert (stays + counts["removed"], stays + counts["added"]) == (old.frame.height, new.frame.height)


@given(packs(), packs())
def test_the_way_back_is_the_mirror_of_the_way_there(old: Pack, new: Pack) -> None:
    """What was gained is lost again, and each cell changes back."""
    there, back = diff(old, new), diff(new, old)
    assert there.counts | {"added": 0, "removed": 0} == back.counts | {"added": 0, "removed": 0}
    assert there.changed.rows() == [(name, column, new, old) for name, column, old, new in back.changed.rows()]
    assert (there.added.height, there.removed.height) == (back.removed.height, back.added.height)
