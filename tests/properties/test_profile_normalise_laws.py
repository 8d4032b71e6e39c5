"""Laws of the normaliser over generated changes: notations agree, reading twice changes nothing, nothing raises."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from kohort.profile import normalise, normalise_frame
from kohort.profile.alterations.protein import ONE_LETTER
from kohort.profile.alterations.words import CLASSIFICATION_KINDS

THREE = {one: three for three, one in ONE_LETTER.items() if three not in {"Stop", "Xaa"}}
residues = st.sampled_from("ACDEFGHIKLMNPQRSTVWY")
runs = st.text("ACDEFGHIKLMNPQRSTVWY", min_size=1, max_size=6)
places = st.integers(min_value=2, max_value=9000)


@st.composite
def changes(draw: st.DrawFn) -> str:
    """A protein change in the short form of HGVS."""
    first, last, place, size = draw(residues), draw(residues), draw(places), draw(st.integers(1, 30))
    span = f"{first}{place}_{last}{place + size}"
    return draw(
        st.sampled_from(
            [
                f"{first}{place}{draw(residues)}",
                f"{first}{place}*",
                f"{first}{place}=",
                f"{first}{place}fs",
                f"{first}{place}{last}fs*{size}",
                f"{first}{place}del",
                f"{span}del",
                f"{span}dup",
                f"{span}delins{draw(runs)}",
                f"{first}{place}_{last}{place + 1}ins{draw(runs)}",
                f"*{place}{first}ext*{size}",
            ]
        )
    )


def _three_letter(change: str) -> str:
    """The same change in three-letter residues; HGVS's words and the stop's length stay."""
    parts = []
    for piece in change.replace("delins", "#").replace("del", "%").replace("dup", "&").split("fs*"):
        letters = piece.replace("ins", "@").replace("ext*", "^").replace("fs", "~")
        spelt = "".join(THREE.get(letter, letter) for letter in letters)
        parts.append(spelt.replace("@", "ins").replace("^", "extTer").replace("~", "fs"))
    whole = "fsTer".join(parts)
    return whole.replace("#", "delins").replace("%", "del").replace("&", "dup")


@given(changes())
def test_one_and_three_letter_residues_mean_the_same(change: str) -> None:
    """Spelling residues out changes nothing, with or without ``p.`` and brackets."""
    short, long = normalise(f"p.{change}", "EGFR"), normalise(f"p.({_three_letter(change)})", "EGFR")
    assert short.kind != "text"
    assert short == long == normalise(change, "EGFR")


@given(changes())
def test_normalising_twice_changes_nothing(change: str) -> None:
    """The canonical text is read as the same alteration."""
    once = normalise(change, "EGFR")
    twice = normalise(once.text, "EGFR")
    assert twice == once
    assert twice.text == once.text


@given(runs, places, runs)
def test_the_old_form_of_maf_means_its_modern_writing(old: str, place: int, new: str) -> None:
    """``p.5_6RE>Q`` is read as the change that it makes to the sequence, however it is trimmed."""
    read = normalise(f"p.{place}_{place + len(old) - 1}{old}>{new}", "EGFR")
    assert _applied(read, old, place) == new


def _applied(read: object, old: str, place: int) -> str:
    """The residues after the change, computed from the normal form alone."""
    from kohort.profile import Alteration

    assert isinstance(read, Alteration)
    if read.kind == "synonymous":
        return old
    assert read.position is not None
    start = read.position - place
    end = (read.end or read.position) - place
    if read.kind == "inframe insertion":
        return old[: start + 1] + read.alt + old[start + 1 :]
    if read.kind == "duplication":
        return old[: end + 1] + old[start : end + 1] + old[end + 1 :]
    return old[:start] + ("" if read.kind == "inframe deletion" else read.alt) + old[end + 1 :]


@given(st.one_of(st.none(), st.text(max_size=60)), st.one_of(st.none(), st.text(max_size=12)))
def test_no_text_raises_and_every_text_is_stable(written: str | None, gene: str | None) -> None:
    """Any text at all gives an alteration, and its canonical text gives it again."""
    read = normalise(written, gene)
    assert normalise(read.text, read.gene).text == read.text


_NOTATION = st.text("ACDEFGHIKLMNPQRSTVWYX*p.()0123456789_>fsdelinup=?/-+: ", max_size=20)


@given(st.lists(st.tuples(st.sampled_from(["EGFR", "HER2", "ALK"]), st.one_of(changes(), _NOTATION)), max_size=20),
       st.sampled_from([None, *CLASSIFICATION_KINDS]))  # fmt: skip
def test_the_table_agrees_with_reading_one_by_one(rows: list[tuple[str, str]], classification: str | None) -> None:
    """The vectorised way and the readable way give the same kind, gene and text."""
    table = pl.DataFrame(rows, schema={"gene": pl.String, "hgvs_p": pl.String}, orient="row")
    found = normalise_frame(table.with_columns(pl.lit(classification, dtype=pl.String).alias("classification")))
    single = [normalise(text, gene, classification=classification) for gene, text in rows]
    assert found["kind"].to_list() == [read.kind for read in single]
    assert found["gene_symbol"].to_list() == [read.gene for read in single]
    assert found["alteration"].to_list() == [read.text for read in single]
    assert found["remark"].to_list() == [" ".join(read.findings) or None for read in single]
