"""Laws of the codes that hold for any input."""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from kohort.codes import dates, drugs, genes, icd, national_ids, oncotree

_CODES = st.sampled_from(sorted(oncotree.all_codes()))
_DRUGS = st.sampled_from([drug.name for drug in drugs.all_drugs()])
_BIRTHS = st.dates(date(1854, 1, 1), date(2039, 12, 31))
_SEXES = st.sampled_from(["female", "male"])
_KINDS: st.SearchStrategy[Literal["ordinary", "d"]] = st.sampled_from(["ordinary", "d"])
_ELEVEN = st.text("0123456789", min_size=11, max_size=11)


@given(_CODES, _CODES, _CODES)
def test_being_a_kind_of_is_an_order(a: str, b: str, c: str):
    """It is reflexive, antisymmetric and transitive, and agrees with the sets of descendants."""
    assert oncotree.is_a(a, a)
    assert not (oncotree.is_a(a, b) and oncotree.is_a(b, a)) or a == b
    assert not (oncotree.is_a(a, b) and oncotree.is_a(b, c)) or oncotree.is_a(a, c)
    assert oncotree.is_a(a, b) is (a in oncotree.descendants(b))


@given(_CODES)
def test_a_code_is_found_by_its_code_and_stays_itself(code: str):
    """`find` and `canonical` leave a current code as it is, and its tissue is above it."""
    node = oncotree.find(code.lower())
    assert node.code == oncotree.canonical(code) == code
    assert node.tissue == oncotree.find(node.tissue).tissue


@given(st.dates(date(1800, 1, 1), date(2199, 12, 31)), st.sampled_from([dates.YEAR, dates.MONTH, dates.DAY]))
def test_a_date_that_is_written_is_read_back(day: date, precision: int):
    """Reading undoes writing, at every precision."""
    first = {dates.YEAR: day.replace(month=1, day=1), dates.MONTH: day.replace(day=1), dates.DAY: day}[precision]
    written = dates.PartialDate(first, precision)
    assert dates.parse(str(written)) == written
    assert written.value <= day <= written.last


@given(st.text(max_size=12))
def test_any_text_is_a_date_or_is_refused(text: str):
    """No other error than ValueError, and the column form agrees."""
    row = dates.parse_series(pl.Series([text], dtype=pl.String)).row(0, named=True)
    if row["date"] is None:
        assert row["precision"] == 0
        assert (row["bad"] is None) is (not text.strip())
    else:
        assert dates.parse(text) == dates.PartialDate(row["date"], row["precision"])


@given(st.text(max_size=40))
def test_any_text_can_be_parsed_for_drugs(text: str):
    """Parsing never fails and names each drug once."""
    mention = drugs.parse(text)
    assert len(set(mention.drugs)) == len(mention.drugs)
    assert mention.text == text


@given(_DRUGS, _DRUGS, st.sampled_from([" + ", ", ", " and ", "; ", " & "]))
def test_a_combination_of_two_drugs_names_both_in_order(a: str, b: str, sign: str):
    """Dividing a combination gives what its parts give."""
    names = [drug.name for text in (a, b) for drug in drugs.parse(text).drugs]
    assert [drug.name for drug in drugs.parse(f"{a}{sign}{b}").drugs] == list(dict.fromkeys(names))


@given(_DRUGS, st.data())
def test_one_lost_letter_never_makes_another_drug(name: str, data: st.DataObject):
    """A long name with a letter lost is recognised as itself or not at all."""
    place = data.draw(st.integers(1, len(name) - 1))
    shortened = name[:place] + name[place + 1 :]
    mention = drugs.parse(shortened)
    if len(name) >= 9 and name.isalpha() and mention.how == ("spelling",):
        assert mention.drugs[0].name == name


@given(st.text(max_size=10))
def test_resolving_a_resolved_symbol_changes_nothing(name: str):
    """An approved symbol resolves to itself."""
    gene = genes.resolve(name)
    assert gene is None or genes.resolve(gene.symbol) == gene


@given(st.text(max_size=8))
def test_normalising_an_icd_code_twice_is_normalising_once(text: str):
    """The written form is a fixed point."""
    assert icd.normalise(icd.normalise(text)) == icd.normalise(text)


@given(_BIRTHS, _SEXES, st.integers(0, 80), _KINDS)
def test_an_invented_id_says_what_it_was_made_from(
    born: date, sex: national_ids.Sex, serial: int, kind: Literal["ordinary", "d"]
):
    """Reading undoes making; a D-number keeps the birth date to itself."""
    number = national_ids.make_synthetic_norwegian(born, sex, serial=serial, kind=kind)
    identity = national_ids.read_norwegian(number, allow_synthetic=True)
    assert (identity.kind, identity.sex, identity.synthetic) == (kind, sex, "tenor")
    assert identity.birth_date == (born if kind == "ordinary" else None)
    assert not national_ids.is_norwegian(number)
    assert [(s.start, s.end) for s in national_ids.find_ids(f"x {number} y")] == [(2, 13)]


@given(st.lists(st.one_of(st.none(), _ELEVEN, st.text(max_size=13)), max_size=30), st.booleans())
def test_a_column_of_ids_is_checked_as_one_by_one(texts: list[str | None], allow: bool):
    """The vectorised check and the reader agree."""
    column = pl.Series(texts, dtype=pl.String)
    one_by_one = [t is not None and national_ids.is_norwegian(t, allow_synthetic=allow) for t in texts]
    assert national_ids.check_norwegian(column, allow_synthetic=allow).tolist() == one_by_one


@given(st.integers(0, 2**32))
def test_the_reader_and_the_column_check_agree_where_the_sums_are_right(seed: int):
    """Numbers with right check figures and any day, month and individual number, so that most rules are reached."""
    generator = np.random.default_rng(seed)
    heads = generator.integers(0, 100, (50, 3))
    heads[:, 1] = generator.integers(0, 95, 50)
    numbers = [_with_sums(f"{d:02d}{m:02d}{y:02d}{generator.integers(1000):03d}") for d, m, y in heads.tolist()]
    column = pl.Series([number for number in numbers if number], dtype=pl.String)
    for allow in (False, True):
        one_by_one = [national_ids.is_norwegian(text, allow_synthetic=allow) for text in column]
        assert national_ids.check_norwegian(column, allow_synthetic=allow).tolist() == one_by_one


def _with_sums(nine: str) -> str | None:
    values = [int(figure) for figure in nine]
    for weights in ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)):
        values.append(-sum(w * v for w, v in zip(weights, values, strict=True)) % 11)
    return None if 10 in values[9:] else "".join(map(str, values))
