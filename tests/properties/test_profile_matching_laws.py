"""Laws of matching: the joins agree with a matcher that can be read; what is unrelated or unknown changes no answer."""

from __future__ import annotations

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kohort.profile import Alteration, normalise, normalise_frame
from kohort.profile.matching.coverage import Coverage
from kohort.profile.matching.edits import same_protein
from kohort.profile.matching.pairs import match_alterations
from kohort.tables import MemoryTables
from tests.properties.profile_matching_reference import Found, Pair, match

CHANGES: dict[str, tuple[str, ...]] = {
    "BRAF": ("p.V600E", "p.V600K", "p.600E", "p.K601N", "p.V600_K601delinsEN", "p.V600fs", "p.T599dup", "odd text"),
    "EGFR": (
        "p.L858R", "p.E746_A750del", "p.L747_P753delinsS", "p.H773_V774insH", "p.H773dup", "p.773_774insH",
        "p.A767_V769dup", "p.V769_D770insASV", "p.M766_A767insASV", "p.R705_K708del", "p.V30_R297delinsG",
    ),
    "MET": ("p.X1010_splice", "p.X985_splice", "splice", "p.D963_D1010del", "p.D1010N"),
    "EZH2": ("p.Y646N", "p.Y641N", "p.Y641F"),
    "FLT3": ("FLT3-ITD", "p.F594_R595insG", "p.E598_Y599dup", "p.D835Y", "p.D835del"),
    "TP53": ("p.R213*", "p.R248Q", "p.R209fs", "p.R209Kfs*6", "p.X125_splice", "p.M1?", "splice"),
    "ALK": ("fusion", "p.F1174L", "EML4::ALK", "ALK::EML4", "KIF5B::ALK", "amplification"),
    "PTEN": ("deletion", "loss", "gain", "p.R130*", "wild type"),
}  # fmt: skip
"""Changes of patients, by gene."""

LEAVES = (
    "BRAF p.V600E", "BRAF p.V600", "BRAF p.V600_K601delinsEN", "BRAF kinase domain mutation", "BRAF mutation",
    "BRAF activating mutation", "EGFR exon 19 deletion", "EGFR exon 20 insertion", "EGFR p.H773dup", "EGFR variant III",
    "EGFR p.A767_V769dup", "EGFR p.L858R", "MET exon 14 skipping", "EZH2 p.Y646N", "EZH2 p.Y641",
    "FLT3 internal tandem duplication", "FLT3 p.D835", "TP53 truncating", "TP53 loss of function", "TP53 p.R209fs",
    "TP53 p.R209Kfs*9", "TP53 p.R213*", "TP53 mutation", "ALK fusion", "EML4::ALK", "ALK amplification", "PTEN loss",
    "PTEN deletion", "PTEN loss of function", "PTEN wild type", "TP53 wild type",
)  # fmt: skip
ASSAYS = ("mutation", "copy_number", "structural_variant")

few = settings(max_examples=settings().max_examples // 4)
"""For laws that match two or three times a case."""

Variants = list[dict[str, object]]
Packs = list[tuple[str, str | None]]
Tested = set[tuple[int, str, str]]
Case = tuple[Variants, Packs, Tested]

origins = st.sampled_from([None, None, "germline", "somatic"])


@st.composite
def variants(draw: st.DrawFn, genes: tuple[str, ...] = tuple(CHANGES)) -> dict[str, object]:
    """One variant of one of three tumours."""
    gene = draw(st.sampled_from(genes))
    return {
        "subject": draw(st.integers(1, 3)),
        "gene": gene,
        "hgvs_p": draw(st.sampled_from(CHANGES[gene])),
        "origin": draw(st.sampled_from([None, "unknown", "germline", "somatic"])),
        "exon": draw(st.sampled_from([None, None, 14, 19])),
    }


@st.composite
def patterns(draw: st.DrawFn, genes: tuple[str, ...]) -> str:
    """Alternatives of compounds of leaves on these genes, some negated."""
    leaves = st.sampled_from([leaf for leaf in LEAVES if any(gene in leaf for gene in genes)])
    terms = st.tuples(st.booleans(), leaves).map(lambda pair: pair[1] if pair[0] else f"not {pair[1]}")
    options = draw(st.lists(st.lists(terms, min_size=1, max_size=3), min_size=1, max_size=2))
    return " or ".join(" and ".join(option) for option in options)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Variants, Packs, Tested]:
    """Variants of three tumours, patterns on the same one or two genes, and what was looked at."""
    genes = draw(st.sampled_from([*((gene,) for gene in CHANGES), ("BRAF", "EGFR"), ("TP53", "PTEN"), ("ALK", "MET")]))
    rows = draw(st.lists(variants(genes), min_size=2, max_size=8))
    pack = draw(st.lists(st.tuples(patterns(genes), origins), min_size=1, max_size=6))
    looked_at = st.tuples(st.integers(1, 3), st.sampled_from(genes), st.sampled_from(ASSAYS))
    looked: Tested = draw(st.sets(looked_at, max_size=12))
    return rows, pack, looked


def coverage(looked: Tested) -> Coverage:
    """Tables in which each gene looked at has a panel of its own; person and tumour have the number of the subject."""
    rows = sorted(looked)
    persons = [{"person": n, "id": n} for n in (1, 2, 3)]
    return Coverage.of(
        MemoryTables(
            {
                "tumour": persons,
                "specimen": [row | {"tumour": row["person"]} for row in persons],
                "test": [
                    {"person": n, "id": place, "specimen": n, "assay": assay, "panel": gene, "coverage": "panel"}
                    for place, (n, gene, assay) in enumerate(rows)
                ],
                "code": [{"system": f"panel/{gene}", "code": gene} for gene in CHANGES],
            }
        )
    )


def fast(rows: Variants, pack: Packs, looked: Tested) -> set[Pair]:
    """The pairs that the joins find."""
    schema = {"subject": pl.UInt32, "gene": pl.String, "hgvs_p": pl.String, "origin": pl.String, "exon": pl.Int32}
    table = normalise_frame(pl.DataFrame(rows, schema=schema, orient="row")).with_row_index("alteration_row")
    read = [(normalise(text), origin) for text, origin in pack]
    evidence = pl.DataFrame(
        [(n, pattern.gene, pattern.text, origin) for n, (pattern, origin) in enumerate(read)],
        schema={"evidence_row": pl.UInt32, "gene": pl.String, "alteration": pl.String, "origin": pl.String},
        orient="row",
    )
    found = match_alterations(table, evidence, coverage(looked))
    return set(found.with_columns(pl.col("match_level").cast(pl.String)).iter_rows())


def slow(rows: Variants, pack: Packs, looked: Tested) -> set[Pair]:
    """The pairs that the reference finds."""
    found = [
        Found(int(str(row["subject"])), normalise(str(row["hgvs_p"]), str(row["gene"])), row["origin"], row["exon"])  # type: ignore[arg-type]
        for row in rows
    ]
    return match(found, [(normalise(text), origin) for text, origin in pack], looked)


@given(cases())
def test_the_joins_agree_with_the_matcher_that_can_be_read(case: Case) -> None:
    """Levels, compounds, absences, wild types, origins and open conditions: both give the same pairs."""
    assert fast(*case) == slow(*case)


@few
@given(cases(), variants())
def test_a_variant_of_another_patient_changes_no_other_row(case: Case, more: dict[str, object]) -> None:
    """Only its own rows are added."""
    rows, pack, looked = case
    others = [row | {"subject": 1 + int(str(row["subject"])) % 2} for row in rows]
    before, after = fast(others, pack, looked), fast([*others, more | {"subject": 3}], pack, looked)
    assert before == {row for row in after if row[0] < len(others)}


@few
@given(cases())
def test_a_variant_of_a_gene_that_no_pattern_names_changes_no_row(case: Case) -> None:
    """Unrelated is without effect, also on what is refused."""
    rows, pack, looked = case
    more = [{"subject": n, "gene": "KRAS", "hgvs_p": "p.G12D", "origin": None, "exon": None} for n in (1, 2, 3)]
    assert fast([*rows, *more], pack, looked) == fast(rows, pack, looked)


@few
@given(cases())
def test_tests_close_conditions_and_change_nothing_else(case: Case) -> None:
    """Without tests every pair is still there: unknown is never a no. A pair that holds stays as it is."""
    rows, pack, looked = case
    everything = {(n, gene, assay) for n in (1, 2, 3) for gene in CHANGES for assay in ASSAYS}
    unknown, some, whole = (fast(rows, pack, known) for known in (set[tuple[int, str, str]](), looked, everything))
    assert {row[:2] for row in unknown} == {row[:2] for row in some} == {row[:2] for row in whole}
    assert {row[:2] for row in some if row[3] is None} <= {row[:2] for row in whole if row[3] is None}


RESIDUES = "ACDEFGHIKLMNPQRSTVWY"


@st.composite
def edits(draw: st.DrawFn, protein: str) -> tuple[Alteration, str]:
    """A change in the frame of a protein, truly written, and the protein after it."""
    first = draw(st.integers(1, len(protein) - 3))
    last = draw(st.integers(first, min(first + 3, len(protein) - 1)))
    span = f"{protein[first - 1]}{first}" + (f"_{protein[last - 1]}{last}" if last > first else "")
    new = draw(st.text("AS", min_size=1, max_size=4))
    kind = draw(st.sampled_from(["del", "dup", "ins", "delins"]))
    if kind == "ins":
        text = f"{protein[first - 1]}{first}_{protein[first]}{first + 1}ins{new}"
        after = protein[:first] + new + protein[first:]
    else:
        text = f"{span}{kind}{new if kind == 'delins' else ''}"
        kept = {"del": "", "dup": 2 * protein[first - 1 : last], "delins": new}[kind]
        after = protein[: first - 1] + kept + protein[last:]
    return normalise(f"p.{text}", "EGFR"), after


@given(st.text("AS", min_size=8, max_size=10).flatmap(lambda p: st.tuples(edits(p), edits(p))))
def test_notations_called_the_same_give_the_same_protein(
    pair: tuple[tuple[Alteration, str], tuple[Alteration, str]],
) -> None:
    """Over proteins of two residues, in which many notations coincide, none is called the same that is not."""
    (one, first), (other, second) = pair
    if one.kind != "synonymous" and other.kind != "synonymous" and same_protein(one, other):
        assert first == second


@given(st.text("AS", min_size=9, max_size=10), st.integers(1, 6), st.integers(1, 3))
def test_a_duplication_is_the_insertion_of_its_residues_at_either_end(protein: str, first: int, size: int) -> None:
    """``dup`` and ``ins`` of the same residues, before or behind them."""
    last = first + size - 1
    residues = protein[first - 1 : last]
    span = f"{residues[0]}{first}" + (f"_{residues[-1]}{last}" if size > 1 else "")
    doubled = normalise(f"p.{span}dup", "EGFR")
    behind = normalise(f"p.{residues[-1]}{last}_{protein[last]}{last + 1}ins{residues}", "EGFR")
    assert same_protein(doubled, behind)
    if first > 1:
        before = normalise(f"p.{protein[first - 2]}{first - 1}_{residues[0]}{first}ins{residues}", "EGFR")
        assert same_protein(doubled, before)
