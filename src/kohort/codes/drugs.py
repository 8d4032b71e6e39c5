"""Anticancer drugs: from what was written in a record to INN names.

A record says ``Taxol``, ``paciltaxel``, ``5-FU/LV`` or ``adriamycin+cyclophosphamid``. `parse` says which
drugs that is, how each was recognised, and what was not. It never guesses: a placebo, a choice (``taxol or
taxotere``), a class (``taxane``) and a misspelling that two drugs could explain stay text.

The table is Kohort's own (``data/drugs.tsv``, ``data/regimens.tsv``), written from public facts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import polars as pl

from kohort.codes import _data
from kohort.codes._drug_names import Speller, choice_left_open, key, split_parts, strip_noise, trim, variants
from kohort.errors import UnknownNameError

__all__ = ["Drug", "DrugMention", "How", "all_drugs", "find", "parse", "parse_series", "regimens"]

MOST_PARTS = 4
"""A name holds at most three dividing signs itself (``tegafur/gimeracil/oteracil`` has two)."""

How = Literal["exact", "synonym", "regimen", "spelling"]


@dataclass(frozen=True, slots=True)
class Drug:
    """One substance, or one fixed combination sold as one product.

    Attributes:
        name: international non-proprietary name (INN), lower case.
        atc: ATC code, empty if none is known with certainty.
        classes: the modality first (``chemotherapy``, ``targeted therapy``, ``immunotherapy``,
            ``hormone therapy``, ``supportive`` ...), then from the general to the special.
        synonyms: brand names, code names and short forms, lower case.
    """

    name: str
    atc: str
    classes: tuple[str, ...]
    synonyms: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a name with capitals, a malformed ATC code, and a drug without a class."""
        if not self.name or self.name != self.name.lower():
            raise ValueError(f"drug name {self.name!r} must be lower case")
        if self.atc and not re.fullmatch(r"[A-Z]\d{2}[A-Z]{2}\d{2}", self.atc):
            raise ValueError(f"drug {self.name}: {self.atc!r} is not an ATC code of the fifth level")
        if not self.classes:
            raise ValueError(f"drug {self.name} has no class")


@dataclass(frozen=True, slots=True)
class DrugMention:
    """What a text says about drugs.

    Attributes:
        text: the text as written.
        drugs: the drugs it names, each once, in the order of the text.
        how: for each drug how it was recognised: ``exact`` its INN, ``synonym`` another name of it,
            ``regimen`` a regimen's name, ``spelling`` another ending or a misspelling.
        unknown: the parts that name no drug with certainty, as written.
    """

    text: str
    drugs: tuple[Drug, ...]
    how: tuple[How, ...]
    unknown: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse a mention whose lists do not belong together."""
        if len(self.drugs) != len(self.how):
            raise ValueError("a drug mention needs one way of recognition for each drug")

    @property
    def is_complete(self) -> bool:
        """True if there is a drug and no part is unknown."""
        return bool(self.drugs) and not self.unknown


Hit = tuple[tuple[str, ...], How]
"""Names of the drugs meant, and how they were recognised."""


@dataclass(frozen=True)
class _Lexicon:
    """Everything a key can mean."""

    drugs: Mapping[str, Drug]
    regimens: Mapping[str, tuple[str, ...]]
    meanings: Mapping[str, Hit]
    speller: Speller
    longest: int

    def known(self, name: str) -> Hit | None:
        """The meaning of a name as it stands."""
        return self.meanings.get(key(name))

    def spelt(self, word: str) -> Hit | None:
        """The meaning of a name with a Latin or lost ending, or misspelt."""
        name_key = key(word)
        for variant in variants(name_key):
            hit = self.meanings.get(variant)
            if hit is not None and len(variant) >= 5:
                return hit[0], "regimen" if hit[1] == "regimen" else "spelling"
        tries = [name_key, *(variants(name_key) if len(name_key) >= 10 else ())]
        corrected = next(filter(None, map(self.speller.nearest, tries)), None)
        return None if corrected is None else ((corrected,), "spelling")


@functools.cache
def _lexicon() -> _Lexicon:
    _, rows = _data.package_table("drugs.tsv", "Kohort drugs")
    drugs = {row["name"]: _drug(row) for row in rows}
    meanings: dict[str, Hit] = {}
    for drug in drugs.values():
        for synonym in drug.synonyms:
            _enter(meanings, synonym, ((drug.name,), "synonym"))
    for drug in drugs.values():
        meanings[key(drug.name)] = ((drug.name,), "exact")
    single = {name_key: hit[0][0] for name_key, hit in meanings.items()}
    _, rows = _data.package_table("regimens.tsv", "Kohort regimens")
    regimens = {row["name"]: tuple(row["drugs"].split(";")) for row in rows}
    for row in rows:
        for name in (row["name"], *filter(None, row["synonyms"].split(";"))):
            _enter(meanings, name, (regimens[row["name"]], "regimen"))
    longest = max(len(name.split()) for drug in drugs.values() for name in (drug.name, *drug.synonyms))
    return _Lexicon(drugs, regimens, meanings, Speller(single), longest)


def _drug(row: dict[str, str]) -> Drug:
    classes, synonyms = (tuple(filter(None, row[column].split(";"))) for column in ("classes", "synonyms"))
    return Drug(row["name"], row["atc"], classes, synonyms)


def _enter(meanings: dict[str, Hit], name: str, hit: Hit) -> None:
    """Enter a name; a table in which one name means two things is wrong."""
    known = meanings.setdefault(key(name), hit)
    if known[0] != hit[0]:
        raise ValueError(f"{name!r} means both {known[0]} and {hit[0]}")


def all_drugs() -> tuple[Drug, ...]:
    """All drugs of the table, by name."""
    return tuple(_lexicon().drugs.values())


def regimens() -> Mapping[str, tuple[str, ...]]:
    """Regimen names and the names of their drugs."""
    return _lexicon().regimens


def find(name: str) -> Drug:
    """The drug of an INN or another exact name of it; misspellings are for `parse`.

    Raises:
        UnknownNameError: no drug has that name (or it is a regimen of several).
    """
    lexicon = _lexicon()
    hit = lexicon.known(name)
    if hit is None or hit[1] == "regimen":
        raise UnknownNameError("drug", name, (*lexicon.drugs, *(s for d in all_drugs() for s in d.synonyms)))
    return lexicon.drugs[hit[0][0]]


def parse(text: str) -> DrugMention:
    """The drugs that a text names.

    A text that leaves a choice open asserts nothing. Else the whole is looked up first, then the parts of a
    combination, a bracket that explains a name, and names that follow each other; then endings and misspellings.

    Args:
        text: e.g. ``"carboplatin/paclitaxel"``, ``"FOLFOX"``, ``"5-flourouracil"``.
    """
    lexicon = _lexicon()
    cleaned = re.sub(r"\s+", " ", text).strip()
    if not key(cleaned):
        return DrugMention(text, (), (), ())
    if choice_left_open(cleaned):
        return DrugMention(text, (), (), (cleaned,))
    whole = lexicon.known(cleaned)
    if whole is not None:
        return _mention(text, [whole], [])
    hits: list[Hit] = []
    unknown: list[str] = []
    for part, found in _read_parts(lexicon, cleaned):
        hits += found or []
        unknown += [part] if found is None else []
    return _mention(text, hits, unknown)


def _read_parts(lexicon: _Lexicon, text: str) -> Iterator[tuple[str, list[Hit] | None]]:
    """The parts of a combination and their drugs, None for a part that is not understood.

    A name that holds a dividing sign itself (``trifluridine/tipiracil``, ``5-fu/lv``) is tried before its parts.
    """
    spans = split_parts(text)
    place = 0
    while place < len(spans):
        start = spans[place][0]
        for after in range(min(len(spans), place + MOST_PARTS), place, -1):
            part = trim(text[start : spans[after - 1][1]])
            known = lexicon.known(part)
            if known is not None:
                yield part, [known]
                place = after
                break
        else:
            part = trim(text[slice(*spans[place])])
            yield part, _read_part(lexicon, part)
            place += 1


def _mention(text: str, hits: Sequence[Hit], unknown: Sequence[str]) -> DrugMention:
    drugs: dict[str, How] = {}
    for names, how in hits:
        for name in names:
            drugs.setdefault(name, how)
    table = _lexicon().drugs
    return DrugMention(text, tuple(table[n] for n in drugs), tuple(drugs.values()), tuple(unknown))


def _read_part(lexicon: _Lexicon, part: str) -> list[Hit] | None:
    """Drugs of one part of a combination; None if a word is not understood, [] if it is all dose and route."""
    known = lexicon.known(part)
    if known is not None:
        return [known]
    outside, _, bracket = part.partition("(")
    inside = bracket.partition(")")[0]
    if inside:
        return _read_bracket(lexicon, outside, inside)
    words = part.split()
    bare = strip_noise(words)
    if not bare:
        return []
    hit = lexicon.known(" ".join(bare)) or lexicon.spelt(" ".join(bare))
    return [hit] if hit is not None else _read_words(lexicon, words)


def _read_bracket(lexicon: _Lexicon, outside: str, inside: str) -> list[Hit] | None:
    """A name with an explanation in brackets: one must be understood; two different drugs are both named."""
    named = _read_part(lexicon, outside.strip()) if outside.strip() else None
    explained = [hit for _, found in _read_parts(lexicon, inside) for hit in found or ()]
    if named:
        return [*named, *explained]
    return explained or None


def _read_words(lexicon: _Lexicon, words: list[str]) -> list[Hit] | None:
    """Names that follow each other without a sign between them; every word must belong to one or be noise."""
    hits: list[Hit] = []
    place = 0
    while place < len(words):
        step = next(_names_at(lexicon, words, place), None)
        if step is not None:
            place += step[0]
            hits.append(step[1])
        elif strip_noise(words[place : place + 1]):
            return None
        else:
            place += 1
    return hits


def _names_at(lexicon: _Lexicon, words: list[str], place: int) -> Iterator[tuple[int, Hit]]:
    """Names that begin at a place, the longest first; a misspelt single word last."""
    for length in range(min(lexicon.longest, len(words) - place), 0, -1):
        hit = lexicon.known(" ".join(words[place : place + length]))
        if hit is not None:
            yield length, hit
    hit = lexicon.spelt(words[place]) if strip_noise(words[place : place + 1]) else None
    if hit is not None:
        yield 1, hit


def parse_series(texts: pl.Series) -> pl.DataFrame:
    """Parse a whole column; each distinct text is parsed once.

    Args:
        texts: text, nulls allowed, n rows.

    Returns:
        n rows in the same order: ``text`` as written, ``drugs`` (list of INN names) and ``unknown`` (list of
        parts); both lists are empty where the text is null or blank.
    """
    distinct = texts.drop_nulls().unique().to_list()
    mentions = [parse(text) for text in distinct]
    lists = pl.List(pl.String)
    found = pl.DataFrame(
        {
            "text": distinct,
            "drugs": [[drug.name for drug in mention.drugs] for mention in mentions],
            "unknown": [list(mention.unknown) for mention in mentions],
        },
        schema={"text": pl.String, "drugs": lists, "unknown": lists},
    )
    asked = texts.cast(pl.String).alias("text").to_frame()
    joined = asked.join(found, on="text", how="left", maintain_order="left")
    return joined.with_columns(pl.col("drugs", "unknown").fill_null(pl.lit([], dtype=lists)))
