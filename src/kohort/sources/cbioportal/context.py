"""What the lines of one file of a study need to know from its other files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from kohort.codes import oncotree
from kohort.sources.delimited import DelimitedFile
from kohort.sources.model import LINE

__all__ = ["BUILDS", "MISSING", "PROFILES", "TUMOUR_COLUMNS", "Study", "known_oncotree", "read_study", "tumour_key"]

TUMOUR_COLUMNS = (
    "ICD_10", "ICD_O_3_SITE", "ICD_O_3_HISTOLOGY", "GRADE", "AGE", "YEAR_OF_DIAGNOSIS", "DATE_OF_DIAGNOSIS",
)  # fmt: skip
"""Columns of the patient file that describe the tumour; cBioPortal keeps them beside the patient."""


@dataclass(frozen=True, slots=True)
class Study:
    """The context of a study.

    Attributes:
        name: the study's identifier.
        patients: PATIENT_ID, the tumour columns that the study has, and TUMOUR (natural key of the first tumour).
        conflicts: patient ids that two lines claim with different content.
        samples: SAMPLE_ID, PATIENT_ID, TUMOUR.
        unlisted: for each assay the samples that the panel matrix does not list.
        panels: panel id to its genes.
        genome_build: GRCh37, GRCh38 or None.
        digest: SHA-256 of the files from which all this was read.
        tested: for each assay SAMPLE_ID and PANEL, where the panel matrix names a panel that has a gene list.
    """

    name: str
    patients: pl.DataFrame
    conflicts: frozenset[str]
    samples: pl.DataFrame
    unlisted: Mapping[str, pl.Series]
    panels: Mapping[str, tuple[str, ...]]
    genome_build: str | None
    digest: str
    tested: Mapping[str, pl.DataFrame] = field(default_factory=dict)


PROFILES = {
    "MUTATIONS": "mutation", "CNA": "copy_number", "GISTIC": "copy_number", "STRUCTURAL_VARIANTS": "structural_variant",
    "FUSION": "structural_variant",
}  # fmt: skip
"""Columns of the panel matrix and the assays that they are about."""

MISSING = [
    "-", ".",
    *(
        spelling
        for word in ("NA", "N/A", "NaN", "Null", "None", "[Not Available]", "[Not Applicable]", "[Unknown]")
        for spelling in dict.fromkeys((word, word.upper(), word.lower()))
    ),
]  # fmt: skip
"""Spellings of "nothing is recorded" seen in exports."""


def read_study(name: str, files: Mapping[str, Path], panels: Mapping[str, tuple[str, ...]], encoding: str) -> Study:
    """Read what the files of a study need to know of each other.

    Args:
        name: the study's identifier.
        files: ``patient``, ``sample``, ``matrix``, ``mutations`` to their paths, as far as the study has them.
        panels: panel id to its genes.
        encoding: encoding of files without a byte-order mark.
    """
    patients, conflicts = _patients(files.get("patient"), encoding)
    samples = _samples(files.get("sample"), encoding)
    first = samples.group_by("PATIENT_ID", maintain_order=True).agg(pl.col("TUMOUR").first())
    patients = patients.join(first, on="PATIENT_ID", how="left", maintain_order="left")
    matrix = _columns(files["matrix"], encoding) if "matrix" in files else pl.DataFrame()
    unlisted, tested = _unlisted(samples, matrix), _tested(matrix, panels)
    build = _build(files.get("mutations"), encoding)
    read = (files[role] for role in ("patient", "sample", "matrix") if role in files)
    digest = _digest(read, name, build, *(f"{panel}:{' '.join(genes)}" for panel, genes in sorted(panels.items())))
    return Study(name, patients, conflicts, samples, unlisted, panels, build, digest, tested)


def _digest(paths: Iterable[Path], *texts: str | None) -> str:
    """SHA-256 of files and texts, one after the other."""
    whole = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    whole.update("\n".join(text or "" for text in texts).encode())
    return whole.hexdigest()


def tumour_key(patient: pl.Expr, diagnosis: pl.Expr) -> pl.Expr:
    """Natural key of a patient's primary tumour: patient and diagnosis, in OncoTree where it is recognised."""
    return pl.concat_str([patient, pl.lit("primary"), diagnosis.fill_null("?")], separator="|")


def _columns(path: Path, encoding: str, *wanted: str) -> pl.DataFrame:
    """These columns of a file (all if none is named), without ``_line`` and without findings."""
    frames = []
    for chunk in DelimitedFile(path, encoding).chunks():
        keep = [n for n in chunk.frame.columns if n != LINE and (not wanted or n in wanted)]
        frames.append(chunk.frame.select(keep))
    return pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(wanted, pl.String))


def _patients(path: Path | None, encoding: str) -> tuple[pl.DataFrame, frozenset[str]]:
    nobody = pl.DataFrame(schema={"PATIENT_ID": pl.String})
    if path is None:
        return nobody, frozenset()
    frames, hashes = [], []
    for chunk in DelimitedFile(path, encoding).chunks():
        if "PATIENT_ID" not in chunk.header:
            return nobody, frozenset()
        content = chunk.frame.drop(LINE)
        wanted = [n for n in ("PATIENT_ID", *TUMOUR_COLUMNS) if n in content.columns]
        frames.append(content.select(wanted))
        hashes.append(content.select("PATIENT_ID", content.hash_rows().alias("content")))
    if not frames:
        return nobody, frozenset()
    versions = pl.concat(hashes).group_by("PATIENT_ID").agg(pl.col("content").n_unique())
    conflicts = versions.filter((pl.col("content") > 1) & pl.col("PATIENT_ID").is_not_null())["PATIENT_ID"]
    known = pl.concat(frames).filter(pl.col("PATIENT_ID").is_not_null())
    known = known.unique("PATIENT_ID", keep="first", maintain_order=True)
    return known.filter(~pl.col("PATIENT_ID").is_in(conflicts.implode())), frozenset(conflicts.to_list())


def _samples(path: Path | None, encoding: str) -> pl.DataFrame:
    schema = {"SAMPLE_ID": pl.String, "PATIENT_ID": pl.String, "TUMOUR": pl.String}
    if path is None:
        return pl.DataFrame(schema=schema)
    frame = _columns(path, encoding, "SAMPLE_ID", "PATIENT_ID", "ONCOTREE_CODE")
    if not {"SAMPLE_ID", "PATIENT_ID"} <= set(frame.columns):
        return pl.DataFrame(schema=schema)
    code = pl.col("ONCOTREE_CODE") if "ONCOTREE_CODE" in frame.columns else pl.lit(None, dtype=pl.String)
    keyed = frame.select(
        "SAMPLE_ID", "PATIENT_ID", tumour_key(pl.col("PATIENT_ID"), code.str.strip_chars()).alias("TUMOUR")
    )
    return keyed.unique("SAMPLE_ID", keep="first", maintain_order=True)


def _unlisted(samples: pl.DataFrame, matrix: pl.DataFrame) -> dict[str, pl.Series]:
    """For each assay the samples that the panel matrix does not list; all of them without a matrix."""
    every = samples["SAMPLE_ID"]
    found = dict.fromkeys(PROFILES.values(), every)
    if "SAMPLE_ID" not in matrix.columns:  # a matrix without it is reported when the file itself is read
        return found
    for column, assay in PROFILES.items():
        if column in matrix.columns:
            listed = matrix.filter(pl.col(column).is_not_null() & ~pl.col(column).is_in(MISSING))["SAMPLE_ID"]
            found[assay] = found[assay].filter(~found[assay].is_in(listed.implode()))
    return found


def _tested(matrix: pl.DataFrame, panels: Mapping[str, tuple[str, ...]]) -> dict[str, pl.DataFrame]:
    """For each assay the samples with a panel whose genes are known."""
    if "SAMPLE_ID" not in matrix.columns:
        return {}
    known = [panel for panel, genes in panels.items() if genes]
    columns = [(assay, column) for column, assay in PROFILES.items() if column in matrix.columns]
    return {
        assay: matrix.select("SAMPLE_ID", pl.col(column).alias("PANEL"))
        .filter(pl.col("PANEL").is_in(known))
        .unique("SAMPLE_ID", keep="first", maintain_order=True)
        for assay, column in columns
    }


BUILDS = {
    "GRCH37": "GRCh37", "HG19": "GRCh37", "37": "GRCh37", "GRCH38": "GRCh38", "HG38": "GRCh38", "38": "GRCh38",
}  # fmt: skip
"""Spellings of a genome build, in upper case, and its name."""


def _build(path: Path | None, encoding: str) -> str | None:
    """Reference genome as the first line of the mutation file names it."""
    if path is None:
        return None
    for chunk in DelimitedFile(path, encoding, block_bytes=1 << 16).chunks():
        if "NCBI_BUILD" not in chunk.frame.columns:
            return None
        if chunk.frame.height:
            return BUILDS.get((chunk.frame["NCBI_BUILD"][0] or "").strip().upper())
    return None


def known_oncotree() -> list[str]:
    """All OncoTree codes, in order."""
    return sorted(oncotree.all_codes())
