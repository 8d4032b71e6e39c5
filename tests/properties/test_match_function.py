"""What a change does: the engine against a slow reading of the same table, on changes drawn around its entries."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.match.criteria.molecular import Function
from kohort.match.rules.functions import has_function
from kohort.profile import normalise
from kohort.profile.alterations.function import possible_effects
from tests.spec.match.match_function_reference import FACTS, function, may_be

FUNCTIONS: tuple[Function, ...] = ("activating", "inactivating", "pathogenic")
CLASSES = (
    None, "Missense_Mutation", "Nonsense_Mutation", "Frame_Shift_Del", "In_Frame_Del", "In_Frame_Ins", "Splice_Site",
    "Translation_Start_Site", "Silent",
)  # fmt: skip
RESIDUES = st.sampled_from("ACDEFGHIKLMNPQRSTVWY")


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, str | None]:
    """A gene of the table (or none) and a change: as listed there, or another that lies near one that is."""
    row = draw(st.sampled_from(FACTS))
    listed = [text for text in row["changes"].split("; ") if text]
    text = draw(st.sampled_from(listed)) if listed else "R100"
    gene = draw(st.sampled_from([row["gene"], row["gene"], row["gene"], "ZNF99", "TP53", "BRAF"]))
    if draw(st.booleans()):
        return gene, draw(st.sampled_from([text, f"p.{text}", None]))
    numbers = [int(number) for number in re.findall("[0-9]+", text)] or [100]
    place = max(1, draw(st.sampled_from(numbers)) + draw(st.integers(-3, 3)))
    end = place + draw(st.integers(1, 6))
    ref, last, alt = (draw(RESIDUES) for _ in range(3))
    letter = re.match("[A-Z]", text)
    ref = letter[0] if letter is not None and draw(st.booleans()) else ref
    span, new = f"{ref}{place}_{last}{end}", alt * draw(st.integers(1, 8))
    forms = (
        f"{ref}{place}{alt}", f"{ref}{place}*", f"{ref}{place}fs", f"{ref}{place}{alt}fs*9", f"X{place}_splice",
        f"{ref}{place}del", f"{span}del", f"{span}dup", f"{span}delins{new}", f"{ref}{place}_{last}{place + 1}ins{new}",
        f"{ref}{place}=", f"{ref}{place}{alt}/{last}",
    )  # fmt: skip
    return gene, draw(st.sampled_from(forms))


@settings(max_examples=500, deadline=None)
@given(changes(), st.sampled_from(CLASSES), st.sampled_from([None, None, 3, 9, 11, 12, 14, 18, 19, 20]))
def test_the_function_of_a_change_equals_a_slow_reading_of_the_table(
    change: tuple[str, str | None], classification: str | None, exon: int | None
) -> None:
    """What may be the case, and the answer to each question."""
    gene, written = change
    seen = normalise(written, gene, classification=classification)
    assert {effect[0].upper() for effect in possible_effects(seen, exon)} == may_be(seen.gene or gene, seen, exon)
    for asked in FUNCTIONS:
        expected = function(asked, gene, written, classification, exon)
        assert has_function(asked, gene, written, classification, exon) is expected


@settings(max_examples=100, deadline=None)
@given(changes(), st.sampled_from(CLASSES))
def test_naming_the_exon_never_turns_a_known_function_over(
    change: tuple[str, str | None], classification: str | None
) -> None:
    """More is known with it, or the same."""
    gene, written = change
    seen = normalise(written, gene, classification=classification)
    for exon in (3, 14, 19):
        assert possible_effects(seen, exon) <= possible_effects(seen)
