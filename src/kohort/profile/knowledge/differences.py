"""What changed between two packs, item by item.

Rows are the same item where they have the same id. A row that is the same in everything but its id was renamed: sources
number anew when they merge or split items, and that changes nothing for a patient.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from kohort.profile.knowledge.pack import Pack

__all__ = ["Difference", "diff"]

_LABELS = frozenset({"pack", "pack_version"})


@dataclass(frozen=True, slots=True, eq=False)
class Difference:
    """What must be done to the older pack's rows to have the newer one's.

    Attributes:
        old: name and version of the older pack.
        new: name and version of the newer pack.
        added: rows that only the newer pack has, with all columns of the pack's frame.
        removed: rows that only the older pack has, likewise.
        changed: cells that differ between rows of one id: the id's column, ``column``, and ``old`` and ``new`` as text,
            null for an empty cell.
        renamed: rows that differ in nothing but their id: ``old_id``, ``new_id``.
        unchanged: number of rows that are the same, id and all.
        approvals: the same of the decisions of authorities; None where neither pack has any.
    """

    old: tuple[str, str]
    new: tuple[str, str]
    added: pl.DataFrame = field(repr=False)
    removed: pl.DataFrame = field(repr=False)
    changed: pl.DataFrame = field(repr=False)
    renamed: pl.DataFrame = field(repr=False)
    unchanged: int
    approvals: Difference | None = None

    @property
    def is_empty(self) -> bool:
        """True if the two packs say the same under the same ids."""
        rows = (self.added, self.removed, self.changed, self.renamed)
        return all(frame.is_empty() for frame in rows) and (self.approvals is None or self.approvals.is_empty)

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows added, removed, changed, renamed and unchanged."""
        return {
            "added": self.added.height,
            "removed": self.removed.height,
            "changed": self.changed[:, 0].n_unique(),
            "renamed": self.renamed.height,
            "unchanged": self.unchanged,
        }


def diff(a: Pack, b: Pack) -> Difference:
    """The difference from pack ``a`` to pack ``b``; their names and versions count for nothing.

    Returns:
        frames in order of ids. Of rows that say the same under other ids, the first of ``a`` becomes the first of
        ``b``.
    """
    names = ((a.name, a.version), (b.name, b.version))
    approvals = None
    if not (a.approvals.is_empty() and b.approvals.is_empty()):
        approvals = Difference(*names, *_compared(a.approvals, b.approvals, "approval_id"))
    return Difference(*names, *_compared(a.frame, b.frame, "evidence_id"), approvals=approvals)


_Parts = tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame, pl.DataFrame, int]


def _compared(old: pl.DataFrame, new: pl.DataFrame, key: str) -> _Parts:
    """Rows added, removed, changed, renamed, and the number of those unchanged."""
    content = [name for name in old.columns if name not in _LABELS and name != key]
    gone, come = old.join(new, on=key, how="anti"), new.join(old, on=key, how="anti")
    renamed = _renamed(gone, come, key, content)
    both = old.join(new, on=key, suffix=" new").sort(key)
    changed = _changed(both, key, content)
    return (
        come.join(renamed, left_on=key, right_on="new_id", how="anti").sort(key),
        gone.join(renamed, left_on=key, right_on="old_id", how="anti").sort(key),
        changed,
        renamed,
        both.height - changed[key].n_unique(),
    )


def _renamed(gone: pl.DataFrame, come: pl.DataFrame, key: str, content: list[str]) -> pl.DataFrame:
    """Pairs of rows that differ only in their id; equal rows are paired in order of their ids."""
    old, new = (
        frame.sort(key).with_columns(pl.int_range(pl.len()).over(content).alias("turn")) for frame in (gone, come)
    )
    pairs = old.join(new, on=[*content, "turn"], nulls_equal=True, suffix=" new")
    return pairs.select(pl.col(key).alias("old_id"), pl.col(f"{key} new").alias("new_id")).sort("old_id")


def _changed(both: pl.DataFrame, key: str, content: list[str]) -> pl.DataFrame:
    """The cells that differ, one a row."""
    cells = [
        both.filter(pl.col(name).ne_missing(pl.col(f"{name} new"))).select(
            key,
            pl.lit(name).alias("column"),
            pl.col(name).cast(pl.String).alias("old"),
            pl.col(f"{name} new").cast(pl.String).alias("new"),
        )
        for name in content
    ]
    return pl.concat(cells).sort(key, maintain_order=True)
