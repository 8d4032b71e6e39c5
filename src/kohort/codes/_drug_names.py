"""How drug names are compared: the pure text rules behind `kohort.codes.drugs`.

A *key* is a name without case, accents, blanks and punctuation: ``5-FU``, ``5 fu`` and ``5fu`` share one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

__all__ = ["Speller", "choice_left_open", "key", "split_parts", "strip_noise", "trim", "variants"]

SALTS = """hydrochloride hydrocloride hcl hci mesylate mesilate tosylate ditosylate besylate tartrate
bitartrate citrate acetate maleate malate fumarate sulfate sulphate phosphate isethionate succinate lactate
sodium disodium potassium dihydrate monohydrate anhydrous"""

NOISE = """oral orally po iv i.v im sc intravenous intravenously intravesical intravesicular intrathecal
subcutaneous topical injection inj infusion infusional continuous bolus capsule capsules caps tablet tablets
tabs tablet high low dose doses metronomic escalation weekly biweekly daily adjuvant neoadjuvant maintenance
therapy treatment chemo chemotherapy cycle cycles day days hour hours hrs over x
auc mg mg/m2 g iu mcg kg m2 generic brand"""

_NOISE_WORDS = frozenset(f"{SALTS} {NOISE}".split())
_EDGES = " .:\"'"
_COUNT = re.compile(r"#?\d+([.,-]\d+)?(st|nd|rd|th|mg|g|x|%)?|c\d{1,2}|#\S*")
_SPLIT = re.compile(r"\s*(?:[+/;,&|_]|\band\b|\bog\b|\bplus\b|\s-+\s*|\s*-+\s)\s*")
_OPEN = re.compile(
    r"\b(?:placebo|blinded|or|eller|vs|versus|without|no|not|never|ikke|uten|declined|refused|withheld|planned"
    r"|cancell?ed)\b|\+\s*/\s*-|\+-|±|\?",
    re.IGNORECASE,
)


def key(name: str) -> str:
    """A name for comparison: lower-case letters and digits only."""
    decomposed = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in decomposed if c.isalnum())


def choice_left_open(text: str) -> bool:
    """True if the text names a choice (``or``, ``vs``), a placebo, a doubt or a denial."""
    return _OPEN.search(text) is not None


def split_parts(text: str) -> list[tuple[int, int]]:
    """Where the parts of a combination begin and end.

    Divided at ``+ / ; , & | _``, ``and``, ``og``, ``plus`` and a dash beside a blank. Divisions inside brackets
    do not count, for a bracket explains the name before it.
    """
    masked = re.sub(r"\([^)]*\)", lambda bracket: "\0" * len(bracket[0]), text)
    cuts = [(0, 0), *(cut.span() for cut in _SPLIT.finditer(masked)), (len(text), len(text))]
    between = ((before[1], after[0]) for before, after in pairwise(cuts))
    return [(start, end) for start, end in between if text[start:end].strip(_EDGES)]


def trim(part: str) -> str:
    """A part without the blanks, stops and quotes around it."""
    return part.strip(_EDGES)


def strip_noise(words: Iterable[str]) -> list[str]:
    """The words without salts, routes, doses, counts and the like."""
    return [word for word in words if word.casefold().strip(".") not in _NOISE_WORDS and not _is_count(word)]


def _is_count(word: str) -> bool:
    return _COUNT.fullmatch(word.casefold()) is not None


def variants(name_key: str) -> Iterator[str]:
    """Keys that an INN written in Latin, German or with a lost ending may stand for.

    ``paclitaxelum`` -> ``paclitaxel``, ``methotrexatum`` -> ``methotrexate``, ``cyclophosphamid`` ->
    ``cyclophosphamide``, ``doxorubicine`` -> ``doxorubicin``.
    """
    stems = [name_key]
    if name_key.endswith("um"):
        stems = [name_key[:-2]]
    elif name_key.endswith(("e", "a")):
        stems = [name_key[:-1]]
    for stem in stems:
        yield stem
        yield stem + "e"


def _distance(a: str, b: str, limit: int) -> int:
    """Optimal string alignment distance (neighbours may swap places); ``limit + 1`` if above."""
    if abs(len(a) - len(b)) > limit:
        return limit + 1
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        now = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, now[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and y == a[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            now.append(cost)
        if min(now) > limit:
            return limit + 1
        before, last = last, now
    return last[-1]


class Speller:
    """Finds the one name that a misspelt word can mean.

    Digits are never corrected (``abt888`` and ``abt869`` are different drugs), the first letter must be
    right, one error is allowed from five letters on and two from nine; from six on, letters in another order
    are one error. No other meaning may be within one more error, so that a near second choice forbids the
    first.

    Args:
        meanings: key to what it means, e.g. a drug's name.
    """

    def __init__(self, meanings: Mapping[str, str]) -> None:
        self._alike: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for known, meaning in meanings.items():
            if _is_spellable(known):
                self._alike.setdefault(_frame(known), []).append((known, meaning))

    def nearest(self, word: str) -> str | None:
        """What the misspelt key means, or None if nothing is near enough or several things are."""
        if not _is_spellable(word):
            return None
        allowed = 1 if len(word) < 9 else 2
        found: dict[str, int] = {}
        for known, meaning in self._alike.get(_frame(word), ()):
            errors = 1 if _is_anagram(word, known) else _distance(word, known, allowed + 1)
            found[meaning] = min(errors, found.get(meaning, errors))
        ranked = sorted((errors, meaning) for meaning, errors in found.items() if errors <= allowed + 1)
        if not ranked or ranked[0][0] > allowed:
            return None
        return ranked[0][1] if len(ranked) == 1 or ranked[1][0] > ranked[0][0] + 1 else None


def _is_spellable(word: str) -> bool:
    """Long enough to be told from other names in spite of an error."""
    letters = sum(c.isalpha() for c in word)
    return letters >= 5 if letters == len(word) else letters >= 8


def _is_anagram(word: str, known: str) -> bool:
    """The same letters in another order, in words long enough for that to be no accident."""
    return len(word) >= 6 and sorted(word) == sorted(known)


def _frame(word: str) -> tuple[str, str]:
    """What must be right in a misspelt word: its first letter or figure, and all its figures."""
    return word[0], "".join(c for c in word if c.isdigit())
