"""Genes in the free text that describes a structural variant; only what can be read with certainty."""

from __future__ import annotations

import functools
import re

from kohort.codes import genes

__all__ = ["genes_in_comment"]

_DENIED = re.compile(
    r"\b(?:no|not|negative|without|absence|absent|neither|nor|none|wild|cannot|excluded?|perhaps|possibl[ey]|uncertain|"
    r"unclear|equivocal|suspected|suspicious)\b",
    re.IGNORECASE,
)
"""Words by which a comment denies or doubts what it speaks of."""
_WORD = re.compile(r"[A-Z0-9][A-Z0-9]*(?:-[A-Z0-9]+)*")
_PAIR = re.compile(r"\b([A-Z][A-Z0-9]{1,14})\s*(?:::|--|-|/|\u2013)\s*([A-Z][A-Z0-9]{1,14})\b(\s+(?:gene )?fusion)?")
_SHORTEST = 3
"""Letters of a symbol that may be read out of running text; shorter ones are words as often as genes."""


def genes_in_comment(text: str) -> tuple[str | None, str | None]:
    """The gene and its fusion partner that a comment names, as written.

    A pair is two gene symbols with a dash, slash or ``::`` between them, and the only one of the comment; where the
    word *fusion* follows, one of the two may be a gene that the gene table lacks. Without a pair, the only gene symbol
    of the comment is the gene. A comment that denies or doubts something is not read, and neither is one all in
    capitals, in which words look like symbols (*SET*, *REST*).

    Returns:
        Gene and partner; None for what the comment does not say with certainty.
    """
    if _DENIED.search(text):
        return None, None
    pairs = [(found[1], found[2]) for found in _PAIR.finditer(text) if _is_pair(*found.groups())]
    if pairs:
        return pairs[0] if len({frozenset(pair) for pair in pairs}) == 1 else (None, None)
    if text.isupper() and " " in text.strip():
        return None, None
    named = {word for word in _WORD.findall(text) if len(word) >= _SHORTEST and _is_gene(word)}
    return (named.pop(), None) if len(named) == 1 else (None, None)


def _is_pair(one: str, other: str, fusion: str | None) -> bool:
    known = _is_gene(one) + _is_gene(other)
    return one != other and known >= (1 if fusion else 2)


@functools.lru_cache(maxsize=1 << 12)
def _is_gene(word: str) -> bool:
    return genes.resolve(word) is not None
