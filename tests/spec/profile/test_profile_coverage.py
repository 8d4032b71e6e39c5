"""Real alterations are classified, and the few that are not are listed by reason.

At least 99 % of the alterations of the real studies, trials and laboratory files get a kind, and at least 98 % of
CIViC's distinct names; what stays text is named here with the reason, so that nothing is lost in silence.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

from kohort.profile import normalise, normalise_frame
from tests.spec.profile.tcga_tables import raw_variants
from tests.spec.profile.test_profile_civic_key import names_of_civic
from tests.support import SHARED, needs_shared

pytestmark = [pytest.mark.realdata, needs_shared]


def kinds_of(variants: pl.DataFrame) -> pl.DataFrame:
    """Gene, text as written, kind and remark of each row."""
    return normalise_frame(variants).select("gene", "hgvs_p", "kind", "remark")


def unread(normal: pl.DataFrame) -> pl.DataFrame:
    """Rows that stay text."""
    return normal.filter(pl.col("kind").is_null() | (pl.col("kind") == "text"))


def test_every_alteration_of_the_real_study_is_classified() -> None:
    """55,216 of 55,216; the two written as a dot take their kind from the classification, and say so."""
    raw = raw_variants().select(
        pl.col("Hugo_Symbol").alias("gene"),
        pl.col("HGVSp_Short").alias("hgvs_p"),
        pl.col("Variant_Classification").alias("classification"),
    )
    normal = kinds_of(raw)
    assert unread(normal).height <= 0.01 * raw.height
    assert unread(normal).rows() == []
    reasons = normal.filter(pl.col("remark").is_not_null()).group_by("remark").len()
    assert {text.split(".")[0] for text in reasons["remark"]} == REMARKS_OF_TCGA


REMARKS_OF_TCGA = {
    "No protein change is given; the kind is taken from the classification",
    "The inserted residues hold a stop",
}
"""All that is odd about a read row of the real study."""


def summit(name: str) -> pl.DataFrame:
    """A file of the real basket trial, as text."""
    return pl.read_csv(SHARED / "summit" / name, separator="\t", infer_schema=False, quote_char=None)


def test_every_mutation_of_the_basket_trial_is_classified() -> None:
    """190 of 190, with ``p.`` and without; the file's classification stands one column to the left of its header."""
    raw = summit("data_mutations_extended.txt")
    renamed = raw.select(
        pl.col("Hugo_Symbol").alias("gene"),
        pl.col("HGVSp_Short").alias("hgvs_p"),
        pl.col("Consequence").alias("classification"),
    )
    normal = kinds_of(renamed)
    assert normal.height == 190
    assert unread(normal).rows() == []
    assert normal["remark"].str.contains("disagree").sum() == 0


def test_every_copy_number_call_of_the_basket_trial_is_classified() -> None:
    """Its words are ``AMP`` and ``DeepDel``."""
    calls = summit("data_CNA.tsv").select("Gene", "CNA")
    kinds = {normalise(call, gene).kind for gene, call in calls.iter_rows()}
    assert kinds == {"amplification", "deletion"}


class Leaf(NamedTuple):
    """One statement of a trial on a gene, in words that the normaliser is asked for."""

    gene: str | None
    text: str


CATEGORIES = {
    "SV": "rearrangement",
    "Structural Variation": "rearrangement",
    "Any Variation": "mutation or copy number variation or rearrangement",
}
"""CTML's own words for kinds, in words of the field."""


def trial_files() -> list[Path]:
    """All trial files in CTML, real and synthetic."""
    found = sorted((SHARED / "trials").rglob("*.json"))
    assert len(found) > 30
    return found


def genomic_leaves(node: Any) -> Iterator[dict[str, Any]]:
    """The genomic criteria anywhere in a document."""
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "genomic" and isinstance(value, dict):
                yield value
            yield from genomic_leaves(value)
    elif isinstance(node, list):
        for value in node:
            yield from genomic_leaves(value)


def documents(path: Path) -> Iterator[Any]:
    """The JSON values of a file; one file of the peer holds two, one a line."""
    text, decoder, at = path.read_text(encoding="utf-8"), json.JSONDecoder(), 0
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        yield value


def statements(leaf: dict[str, Any]) -> Iterator[Leaf]:
    """What a leaf says of its gene. CTML's ``!`` negates the leaf, so it is no part of the alteration."""
    said = {name: str(value).removeprefix("!") for name, value in leaf.items()}
    gene = said.get("hugo_symbol")
    for name in ("protein_change", "wildcard_protein_change", "cnv_call", "mmr_status", "ms_status"):
        if name in said:
            yield Leaf(gene, said[name])
    for name in said:
        if name.endswith("_signature"):
            yield Leaf(None, name.replace("_", " "))
    ends = [said.get(name, "") for name in ("hugo_symbol", "fusion_partner_hugo_symbol")]
    genes = list(dict.fromkeys(end for end in ends if end and end.lower() not in {"any_gene", "intergenic"}))
    if ends[1] and genes:
        yield Leaf(genes[0], "::".join(genes) if len(genes) > 1 else f"{genes[0]} fusion")
    elif "variant_category" in said and not {"protein_change", "wildcard_protein_change", "cnv_call"} & set(said):
        yield Leaf(gene, CATEGORIES.get(said["variant_category"], said["variant_category"]))


UNREAD_IN_TRIALS = {
    "High Amplication": "a slip of the trial's author; not mended in silence",
    "p.L755_T75del": "a slip of the trial's author: the deletion ends before it begins",
    "BRCA fusion": "BRCA is no gene: BRCA1 or BRCA2",
}
"""What the trials say and nobody can read, with the reason."""


def test_alterations_of_the_trial_files_are_classified_and_the_rest_has_a_reason() -> None:
    """Protein changes, wildcards, copy-number calls, fusions, categories, instability and signatures."""
    leaves = [leaf for path in trial_files() for document in documents(path) for leaf in genomic_leaves(document)]
    said = [statement for leaf in leaves for statement in statements(leaf)]
    lost = [one.text for one in said if normalise(one.text, one.gene).kind == "text"]
    assert len(said) > 320
    assert set(lost) == set(UNREAD_IN_TRIALS)
    assert len(lost) <= 0.01 * len(said)


UNREAD_CLASSES = {
    "Del_Ins": "no class of MAF: In_Frame_Del or In_Frame_Ins is meant, not said which",
    "Missense and Splice_Region": "two classes at once",
}
"""Classes of trial files that say no single kind."""


def test_classes_of_the_trial_files_are_read_and_the_rest_has_a_reason() -> None:
    """A class stands for a change of its kind; where it says none, the criterion is left as written."""
    leaves = [leaf for path in trial_files() for document in documents(path) for leaf in genomic_leaves(document)]
    classes = {leaf["variant_classification"].removeprefix("!") for leaf in leaves if "variant_classification" in leaf}
    assert {name for name in classes if normalise(None, classification=name).kind == "text"} == set(UNREAD_CLASSES)


@pytest.mark.parametrize("sample", ["BRCA", "COAD"])
def test_fusions_beside_the_vcf_are_classified(sample: str) -> None:
    """``EML4--ALK``, as STAR-Fusion and PCGR write."""
    path = SHARED / "formats" / "vcf" / f"T001-{sample}.grch37.fusions.tsv"
    with path.open(encoding="utf-8", newline="") as lines:
        names = [row["FusionGene"] for row in csv.DictReader(lines, delimiter="\t")]
    assert len(names) == 13
    assert {normalise(name).kind for name in names} == {"fusion"}
    assert all(
        gene in str(normalise(name)) or name in {f"--{gene}", f"{gene}--"} for name in names for gene in sides(name)
    )


def sides(name: str) -> list[str]:
    """The genes that a name holds; of ``--ALK`` the other side was not found."""
    return [side for side in name.split("--") if side]


UNREAD_IN_CIVIC: dict[tuple[str, str], str] = {
    ("ABL1", "Double Ph"): "two Philadelphia chromosomes: a count of fusions, for which there is no kind",
    ("EGFR", "RARE EGRF MUT"): "the gene is misspelt, and what is rare is not said",
    ("HSPH1", "T17 DELETION"): "a shorter run of 17 T in an intron, no residue and no loss of the gene",
}
"""CIViC's names that stay text, with the reason."""


def test_names_of_civic_are_classified_and_the_rest_has_a_reason() -> None:
    """At least 98 % of the 918 distinct gene-variant names."""
    names = names_of_civic()
    lost = {(gene, name) for gene, name in names if normalise(name, gene).kind == "text"}
    assert len(names) == 918
    assert lost == set(UNREAD_IN_CIVIC)
    assert len(lost) <= 0.02 * len(names)


def test_the_table_reads_the_names_of_civic_as_one_by_one() -> None:
    """The vectorised way and the readable way agree on every odd notation."""
    names = sorted(names_of_civic())
    found = normalise_frame(pl.DataFrame(names, schema={"gene": pl.String, "hgvs_p": pl.String}, orient="row"))
    single = [normalise(name, gene) for gene, name in names]
    assert found["kind"].to_list() == [one.kind for one in single]
    assert found["alteration"].to_list() == [str(one) for one in single]
    assert found["remark"].to_list() == [" ".join(one.findings) or None for one in single]
