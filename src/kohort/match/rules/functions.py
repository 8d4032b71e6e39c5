"""What a variant row says about a change's function: by the table of known effects, each distinct change read once."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from kohort.match.criteria.molecular import Function
from kohort.match.engine.truth import Mask
from kohort.match.people.columns import Coded
from kohort.profile import normalise
from kohort.profile.alterations.function import Effect, possible_effects

__all__ = ["functions", "has_function"]

_ASKED: dict[Function, frozenset[Effect]] = {
    "activating": frozenset({"activating"}),
    "inactivating": frozenset({"inactivating"}),
    "pathogenic": frozenset({"activating", "inactivating"}),
}


def has_function(
    asked: Function, gene: str, written: str | None, classification: str | None = None, exon: int | None = None
) -> bool | None:
    """True if a change is known to have the function, False if it is known not to, None if that is not known.

    Args:
        asked: the function.
        gene: approved symbol.
        written: the protein change in any notation; None where the source gives none.
        classification: effect in the words of a MAF, e.g. ``Splice_Site``.
        exon: exon number, used where the change names no residue.
    """
    possible, wanted = _possible(gene, written, classification, exon), _ASKED[asked]
    return True if possible <= wanted else None if possible & wanted else False


@functools.cache
def _possible(gene: str, written: str | None, classification: str | None, exon: int | None) -> frozenset[Effect]:
    return possible_effects(normalise(written, gene, classification=classification), exon)


def functions(
    asked: Function, gene: str, changes: Coded, classes: Coded, exons: NDArray[np.float64]
) -> tuple[Mask, Mask]:
    """Rows of one gene whose change is known to have the function, and rows whose change is known not to."""
    exon = np.where(np.isnan(exons), 0, exons).astype(np.int64)
    key = (changes.codes.astype(np.int64) + 1) * (len(classes.values) + 1) + classes.codes + 1
    key = key * (int(exon.max(initial=0)) + 1) + exon
    _, first, which = np.unique(key, return_index=True, return_inverse=True)
    verdicts = np.full(len(first), -1, dtype=np.int8)
    for number, row in enumerate(first.tolist()):
        verdict = has_function(asked, gene, changes.text(row), classes.text(row), int(exon[row]) or None)
        verdicts[number] = -1 if verdict is None else int(verdict)
    found = verdicts[which]
    return found == 1, found == 0
