"""Recurrent changes of cancer genes (https://www.cancerhotspots.org): a codon is a hotspot, and the changes seen at it.

Reads, as tab-separated text: the sheets of single residues and of in-frame indels of versions 1, 2 and 3, the site's
own residue table, and a plain table ``gene``, ``codon``. A codon is one row of evidence, *codon or change or change*:
a change that was seen there matches exactly and another one by its codon. Indels are seen changes alone.

Chang et al., Nat Biotechnol 2016, doi 10.1038/nbt.3391; Chang et al., Cancer Discov 2018, doi
10.1158/2159-8290.CD-17-0321. Open Database License as stated by the site. Recurrence is no proof of a function: the
level is ``recurrent``, its strength the weakest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kohort.errors import InputError
from kohort.profile.knowledge import reading
from kohort.profile.knowledge.formats import Content, Format
from kohort.profile.knowledge.levels import strength_of
from kohort.profile.knowledge.pack import Finding
from kohort.profile.knowledge.reading import Line

__all__ = ["HOTSPOTS"]

_GENES = ("hugo_symbol", "hugo symbol", "gene")
_CODONS = ("codon", "residue")
_PLACES = ("amino_acid_position", "codon_position", "amino acid position")
_REFERENCES = ("reference_amino_acid", "reference amino acid")
_VARIANTS = ("variant_amino_acid", "variant amino acid")
_COUNTS = ("total_samples", "tumor_count", "tumor count")
_PUBLISHED = {"v1": "2016", "v2": "2018", "v3": "2026"}
_CODON = re.compile(r"([A-Z*]?)([0-9]+)")
_SPLICE = re.compile(r"X?([0-9]+)_splice", re.IGNORECASE)
_RESIDUE = re.compile(r"[A-Z*]")


@dataclass(slots=True)
class _Spot:
    """One hotspot, gathered from all its lines.

    Attributes:
        gene: as written.
        place: the codon, the stretch of codons or the splice site, as written.
        residue: reference residue; empty if not known.
        seen: changes that were seen there, with their count; 0 where the table has none.
        notes: what the table says besides.
        version: version of the table; empty if it does not say.
    """

    gene: str
    place: str
    residue: str = ""
    seen: dict[str, int] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    version: str = ""


def _read(content: bytes, path: Path) -> Content:
    findings: list[Finding] = []
    lines = list(reading.tsv_lines(reading.text_of(content, path), path, (), findings))
    cut = len(findings)
    if lines and not (set(lines[0].cells) & set(_GENES) and set(lines[0].cells) & {*_CODONS, *_PLACES}):
        remedy = "Give a sheet of cancerhotspots.org as text, or a table of gene and codon."
        raise InputError("The column is missing.", path=path, line=1, column="Hugo_Symbol", remedy=remedy)
    spots: dict[tuple[str, str], _Spot] = {}
    for line in lines:
        place = line.first(*_CODONS) or line.first(*_PLACES)
        if not line.first(*_GENES) or not place:
            findings.append(Finding(f"line {line.number}", "codon", "The line names no gene or codon.", kept=False))
            continue
        bare = re.sub(r"\.0$", "", place)
        match = _CODON.fullmatch(bare)
        key = (line.first(*_GENES), match[2] if match else bare)
        _gather(spots.setdefault(key, _Spot(key[0], key[1], match[1] if match else "")), line)
    day = reading.file_day(path)
    found = [each for spot in spots.values() for each in _evidence(spot, day)]
    findings.extend(odd for _, odds in found for odd in odds)
    return Content([row for row, _ in found], findings, len(lines) + cut, date=day)


HOTSPOTS = Format(
    name="hotspots",
    title="cancer hotspots as text",
    recognises=lambda _, text: _is_hotspots({name.lower() for name in reading.header_of(text)}),
    read=_read,
    source="Cancer Hotspots, https://www.cancerhotspots.org",
    licence="ODbL-1.0",
    cite="Chang et al., Accelerating discovery of functional mutant alleles in cancer, Cancer Discov 2018, doi "
    "10.1158/2159-8290.CD-17-0321",
)
"""Sheets of cancerhotspots.org, and plain tables of gene and codon."""


def _is_hotspots(names: set[str]) -> bool:
    return bool(names & set(_VARIANTS) and names & {*_CODONS, *_PLACES}) or names in ({"gene", "codon"},)


def _gather(spot: _Spot, line: Line) -> None:
    """One more line of a hotspot."""
    reference = line.first(*_REFERENCES)
    if not spot.residue:
        spot.residue = next((word for word, _ in _parts(reference) if _RESIDUE.fullmatch(word)), "")
    variants = list(_parts(line.first(*_VARIANTS)))
    alone = reading.count_of(line["mutation_count"]) if len(variants) == 1 else None
    for word, count in variants:
        known = alone if count is None else count
        if word:
            spot.seen[word] = spot.seen.get(word, 0) + (known or 0)
    for name, columns in (("q-value", ("qvalue", "q-value")), ("samples", _COUNTS)):
        if line.first(*columns):
            spot.notes.setdefault(name, line.first(*columns))
    spot.version = spot.version or line["hotspot_version"].lower()


def _parts(cell: str) -> Iterator[tuple[str, int | None]]:
    """Words and counts of ``E:897|K:24``."""
    for part in cell.split("|"):
        word, _, count = part.strip().rpartition(":")
        yield (word, int(count)) if word and count.isdigit() else (part.strip(), None)


def _evidence(spot: _Spot, day: str | None) -> Iterator[tuple[dict[str, object], list[Finding]]]:
    """The rows of a hotspot; several where its changes make too long a pattern, or where some cannot be read."""
    own_id = f"Hotspot:{spot.gene} {spot.residue if spot.place.isdigit() else ''}{spot.place}"
    texts = reading.joined(list(_texts(spot)), spot.gene)
    seen = ", ".join(f"{word} {count}" if count else word for word, count in spot.seen.items())
    said = [f"Seen: {seen}" if seen else "", *(f"{name} {value}" for name, value in spot.notes.items())]
    common = {
        "evidence_type": "oncogenic",
        "direction": "oncogenic",
        "level": "recurrent",
        "level_system": "Hotspot",
        "strength": strength_of("Hotspot", "recurrent"),
        "jurisdiction": "international",
        "source_id": "cancerhotspots.org" + (f" {spot.version}" if spot.version else ""),
        "source_date": _PUBLISHED.get(spot.version) or day or reading.NOT_GIVEN,
        "note": "; ".join(filter(None, said)) + "." if any(said) else None,
    }
    for number, text in enumerate(texts, start=1):
        found = reading.pattern(text, spot.gene)
        row_id = own_id if len(texts) == 1 else f"{own_id}#{number}"
        row = common | {"evidence_id": row_id, "gene": found.gene, "alteration": found.text}
        yield row, list(reading.pattern_findings(row_id, found, "Variant_Amino_Acid"))


def _texts(spot: _Spot) -> Iterator[str]:
    """Patterns of which one must hold: the codon and the residues seen at it, a splice site, or the indels seen."""
    splice = _SPLICE.fullmatch(spot.place)
    codon = spot.place if spot.place.isdigit() else ""
    if splice is not None or set(spot.seen) in ({"sp"}, {"splice"}):
        yield f"p.X{splice[1] if splice else spot.place}_splice"
        return
    if codon:
        yield f"p.{spot.residue}{codon}" if spot.residue else f"codon {codon}"
    for word in spot.seen:
        if _RESIDUE.fullmatch(word):
            yield f"p.{spot.residue}{spot.place}{word}"
        else:
            yield f"p.X{spot.place}_splice" if word in {"sp", "splice"} else word
    if not codon and not spot.seen:
        yield f"p.{spot.place.replace('-', '_')}"
