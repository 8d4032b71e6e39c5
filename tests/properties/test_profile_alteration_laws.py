"""Laws of the canonical text over generated alterations of every kind, of logic, and of columns side by side."""

from __future__ import annotations

from itertools import product

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from kohort.profile import Alteration, normalise
from kohort.profile.alterations.agreement import agree, coding_remarks
from kohort.profile.alterations.coding import agree_with_coding
from kohort.profile.alterations.domains import domain_ranges
from kohort.profile.alterations.kinds import GENOME_WIDE, KINDS

GENE, OTHER = "BRAF", "KRAS"
AMINO = "ACDEFGHIKLMNPQRSTVWY"
residue = st.sampled_from(AMINO)
run = st.text(AMINO, min_size=1, max_size=5)
place = st.integers(2, 700)
size = st.integers(1, 40)
maybe_size = st.one_of(st.none(), size)
exon = st.integers(1, 40)
exons = st.tuples(exon, st.one_of(st.none(), st.integers(1, 20)))

BARE = {
    "internal tandem duplication", "kinase domain duplication", "variant III", "amplification", "gain", "copy neutral",
    "loss", "deletion", "copy number variation", "biallelic inactivation", "wild type", "underexpression",
    "serum level", "methylation", "activating mutation", "loss of function", "MSI", "dMMR", "TMB", "HRD",
    "intragenic rearrangement",
}  # fmt: skip
"""Kinds of which there is one alteration of a gene."""

SPANNING = {
    "mutation", "missense", "nonsense", "frameshift", "inframe deletion", "inframe insertion", "duplication",
    "exon skipping", "exon loss", "overexpression", "splice", "truncating",
}  # fmt: skip
"""Kinds that a class over an exon may have; a skipped exon or a domain may not hold each of them."""

DETAILS = {
    "polymorphism": st.sampled_from(["rs461155", "rs67376798 homozygosity", "allele *2A", "deletion polymorphism"]),
    "LOH": st.sampled_from(["", "copy-neutral"]),
    "expression": st.sampled_from(["", "nuclear", "isoform", "p16", "V7"]),
    "localisation": st.sampled_from(["nuclear", "cytoplasmic", "membrane"]),
    "alternative transcript": st.sampled_from(["ATI", "V7"]),
    "signature": st.sampled_from(["SBS3", "SBS17b", "ID6", "APOBEC signature"]),
    "arm gain": st.sampled_from(["chromosome 7", "1q", "Xp"]),
    "arm loss": st.sampled_from(["chromosome 10", "17p", "1p/19q"]),
    "coding": st.builds("c.{}{}>{}".format, st.integers(4, 2000), st.just("A"), st.sampled_from("CGT")),
    "noncoding": st.sampled_from(["c.-20G>A", "c.*32G>A", "c.902-30A>G", "c.902+15del"]),
}


def _span(kind: str, *, alt: bool = False) -> st.SearchStrategy[Alteration]:
    return st.builds(
        lambda ref, first, end_ref, more, new: Alteration(
            GENE, kind, ref=ref, position=first, end_ref=end_ref, end=first + more, alt=new if alt else ""
        ),
        residue, place, residue, st.integers(2, 30), run,
    )  # fmt: skip


def _over_exons(kind: str) -> st.SearchStrategy[Alteration]:
    return exons.map(
        lambda span: Alteration(GENE, kind, exon=span[0], last_exon=None if span[1] is None else span[0] + span[1])
    )


BUILT: dict[str, st.SearchStrategy[Alteration]] = {
    "missense": st.builds(
        lambda ref, at, alt: Alteration(GENE, "missense", ref=ref, position=at, alt=AMINO[AMINO.index(ref) - alt]),
        residue, place, st.integers(1, 19),
    ),
    "nonsense": st.builds(lambda ref, at: Alteration(GENE, "nonsense", ref=ref, position=at, alt="*"), residue, place),
    "frameshift": st.builds(
        lambda ref, at, alt, to: Alteration(GENE, "frameshift", ref=ref, position=at, alt=alt, length=to),
        residue, place, st.one_of(st.just(""), residue), maybe_size,
    ),
    "splice": st.builds(lambda at: Alteration(GENE, "splice", position=at), place),
    "start lost": st.builds(
        lambda alt: Alteration(GENE, "start lost", ref="M", position=1, alt=alt), st.sampled_from(["", "V", "K"])
    ),
    "stop lost": st.builds(
        lambda at, alt, to: Alteration(GENE, "stop lost", ref="*", position=at, alt=alt, length=to),
        place, residue, maybe_size,
    ),
    "extension": st.builds(lambda to: Alteration(GENE, "extension", ref="M", position=1, length=to), maybe_size),
    "inframe deletion": _span("inframe deletion"),
    "duplication": _span("duplication"),
    "inframe delins": _span("inframe delins", alt=True),
    "inframe insertion": st.builds(
        lambda ref, at, end_ref, alt: Alteration(
            GENE, "inframe insertion", ref=ref, position=at, end_ref=end_ref, end=at + 1, alt=alt
        ),
        residue, place, residue, run,
    ),
    "synonymous": st.builds(lambda ref, at: Alteration(GENE, "synonymous", ref=ref, position=at), residue, place),
    "codon": st.builds(
        lambda ref, at: Alteration(GENE, "codon", ref=ref, position=at), st.one_of(st.just(""), residue), place
    ),
    "phosphorylation": st.builds(
        lambda ref, at: Alteration(GENE, "phosphorylation", ref=ref, position=at), st.sampled_from("STY"), place
    ),
    "fusion": st.sampled_from([
        Alteration(GENE, "fusion"), Alteration(GENE, "fusion", detail="intron 9"),
        Alteration(GENE, "fusion", partner="KIAA1549"), Alteration(GENE, "fusion", partner="NKX2-1", five_prime=True),
    ]),
    "promoter": st.just(Alteration(GENE, "promoter")),
    "mutation": st.sampled_from([
        Alteration(GENE, "mutation"), *(Alteration(GENE, "mutation", domain=name) for _, name in domain_ranges()),
    ]),
}  # fmt: skip

for _kind in sorted(SPANNING):
    BUILT[_kind] = st.one_of(BUILT[_kind], _over_exons(_kind)) if _kind in BUILT else _over_exons(_kind)
for _kind in sorted(BARE):
    BUILT[_kind] = st.just(Alteration(None if _kind in GENOME_WIDE else GENE, _kind))
for _kind, _details in DETAILS.items():
    BUILT[_kind] = _details.map(
        lambda detail, kind=_kind: Alteration(None if kind in GENOME_WIDE else GENE, kind, detail=detail)
    )

single = st.sampled_from(sorted(BUILT)).flatmap(BUILT.__getitem__)


def test_every_kind_is_generated() -> None:
    """The laws below speak of all kinds; what joins others is generated from them."""
    assert set(BUILT) | {"alternatives", "compound", "absent", "text"} == set(KINDS)


@given(single)
def test_the_canonical_text_of_every_kind_is_read_back(alteration: Alteration) -> None:
    """Reading what was written gives the same alteration, with nothing left to be told of a notation."""
    read = normalise(alteration.text, alteration.gene)
    assert read == alteration
    assert (read.kind, read.detail, read.domain, read.exon, read.last_exon) == (
        alteration.kind, alteration.detail, alteration.domain, alteration.exon, alteration.last_exon,
    )  # fmt: skip


ATOMS = ("BRAF p.V600E", "BRAF amplification", "KRAS mutation", "BRAF exon 15 mutation", "MSI-H")
formula = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(st.tuples(st.sampled_from(["and", "or"]), inner, inner), st.tuples(st.just("not"), inner)),
    max_leaves=5,
)


def _written(tree: str | tuple) -> str:  # pyright: ignore[reportMissingTypeArgument]
    """A formula as text, every part in brackets."""
    if isinstance(tree, str):
        return tree
    if tree[0] == "not":
        return f"not ({_written(tree[1])})"
    return f"({_written(tree[1])}) {tree[0]} ({_written(tree[2])})"


def _truth(tree: str | tuple, facts: dict[str, bool]) -> bool:  # pyright: ignore[reportMissingTypeArgument]
    if isinstance(tree, str):
        return facts[tree]
    if tree[0] == "not":
        return not _truth(tree[1], facts)
    one, other = _truth(tree[1], facts), _truth(tree[2], facts)
    return (one and other) if tree[0] == "and" else (one or other)


def _holds(read: Alteration, facts: dict[Alteration, bool]) -> bool:
    if read.kind == "absent":
        return not facts[read.parts[0]]
    if read.parts:
        return (all if read.kind == "compound" else any)(_holds(part, facts) for part in read.parts)
    return facts[read]


@given(formula)
def test_the_normal_form_holds_exactly_when_the_formula_does(tree: str | tuple) -> None:  # pyright: ignore[reportMissingTypeArgument]
    """For every combination of facts, what was read and what was written are both true or both false."""
    read = normalise(_written(tree))
    named = {name: normalise(name) for name in ATOMS}
    for values in product([True, False], repeat=len(ATOMS)):
        facts: dict[str, bool] = dict(zip(ATOMS, values, strict=True))
        assert _holds(read, {named[name]: fact for name, fact in facts.items()}) is _truth(tree, facts)


@given(formula, st.sampled_from([None, GENE, OTHER]))
def test_the_text_of_a_condition_is_read_back(tree: str | tuple, gene: str | None) -> None:  # pyright: ignore[reportMissingTypeArgument]
    """The canonical text of whatever was joined and negated gives it again."""
    read = normalise(_written(tree), gene)
    assert normalise(read.text, read.gene) == read


_SHORT = ["missense", "nonsense", "synonymous", "frameshift", "splice", "extension", "start lost"]
_LONG = ["missense", "nonsense", "inframe delins", "inframe insertion", "inframe deletion", "stop lost"]
placed = st.one_of(
    st.builds(lambda kind, at: Alteration(GENE, kind, position=at), st.sampled_from(_SHORT), st.integers(1, 30)),
    st.builds(
        lambda kind, at, more: Alteration(GENE, kind, position=at, end=at + more),
        st.sampled_from(_LONG), st.integers(1, 30), st.integers(1, 5),
    ),
)  # fmt: skip
coding_change = st.one_of(
    st.builds("c.{}A>G".format, st.integers(1, 60)),
    st.builds(
        lambda first, more, how: f"c.{first}_{first + more}{how}",
        st.integers(1, 60), st.integers(1, 6), st.sampled_from(["del", "dup", "delinsT", "delinsTTTT", "inv"]),
    ),
    st.builds(lambda first, new: f"c.{first}_{first + 1}ins{new}", st.integers(1, 60), st.text("ACGT", max_size=7)),
    st.sampled_from(["c.10-1G>A", "c.-5A>G", "c.*3del", "garbage", "", None]),
)  # fmt: skip


@given(st.lists(st.tuples(placed, coding_change), max_size=12))
def test_columns_are_compared_one_by_one_as_they_are_compared_whole(rows: list[tuple[Alteration, str | None]]) -> None:
    """The vectorised comparison of c. and p. changes and the readable one say the same."""
    frame = pl.DataFrame(
        [(change.kind, change.position, change.end, coding) for change, coding in rows],
        schema={"kind": pl.String, "position_residue": pl.Int32, "end_residue": pl.Int32, "hgvs_c": pl.String},
        orient="row",
    )
    assert coding_remarks(frame).to_list() == [agree_with_coding(change, coding) for change, coding in rows]


@given(single, single)
def test_agreement_of_two_notations_does_not_depend_on_their_order(one: Alteration, other: Alteration) -> None:
    """An alteration agrees with itself, and disagreement is mutual."""
    assert agree(one.text, one.text, GENE) is None
    assert (agree(one.text, other.text, GENE) is None) == (agree(other.text, one.text, GENE) is None)
