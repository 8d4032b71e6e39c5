"""Whether two columns of a table name one protein change, one in one letter and one in three letters a residue."""

from __future__ import annotations

import re

__all__ = ["disagree"]

_ONE = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G", "His": "H",
    "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W",
    "Tyr": "Y", "Val": "V", "Ter": "*", "Sec": "U", "Xaa": "X",
}  # fmt: skip
_THREE = re.compile("|".join(_ONE))
_CHANGE = re.compile(r"(?P<ref>[A-Z*]*)(?P<position>\d+)(?P<rest>.*)")
_SIMPLE = re.compile(r"[A-Z*]")


def disagree(short: str, long: str) -> bool:
    """True if two notations cannot mean the same change; false where one is in no form that can be compared.

    They agree if they name the same residue and, where both are a substitution, the same new residue. ``P289fs`` and
    ``Pro289AlafsTer28`` agree, and so do ``V379V`` and ``Val379=``, ``R445X`` and ``Arg445Ter``. A splice site
    (``X298_splice``) is no change of a residue, and a MAF of old writes ``446_448EEE>E`` without the first residue.
    """
    one, other = (_CHANGE.fullmatch(_plain(text)) for text in (short, long))
    if one is None or other is None or "splice" in f"{one['rest']} {other['rest']}":
        return False
    if one["position"] != other["position"]:
        return True
    if one["ref"] and other["ref"] and one["ref"][:1] != other["ref"][:1]:
        return True
    new = [_new(change) for change in (one, other)]
    return all(_SIMPLE.fullmatch(text) for text in new) and new[0] != new[1]


def _plain(text: str) -> str:
    """One letter a residue, without reference sequence, ``p.`` and parentheses."""
    bare = text.strip().replace("%3D", "=").rpartition(":")[2].removeprefix("p.").replace("(", "").replace(")", "")
    return _THREE.sub(lambda found: _ONE[found[0]], bare)


def _new(change: re.Match[str]) -> str:
    """The new residues; ``X`` at the end is a stop, ``=`` the old residue."""
    return {"X": "*", "=": change["ref"]}.get(change["rest"], change["rest"])
