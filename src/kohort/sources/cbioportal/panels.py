"""Gene panels and the panel matrix: what was looked at, without which an absent variant means nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kohort.sources.cbioportal.context import PROFILES, Study
from kohort.sources.cbioportal.mapping import Kind, LineCheck, clean
from kohort.sources.lines import LineBlocks
from kohort.sources.model import KEY, LINE, PERSON, Chunk, LineFinding, Rows

__all__ = ["PANEL_MATRIX", "PropertyFile", "implied_tests", "properties"]

_WHOLE = {"WES": "exome", "WXS": "exome", "WHOLE_EXOME": "exome", "WGS": "genome", "WHOLE_GENOME": "genome"}


def properties(path: Path, encoding: str) -> dict[str, str]:
    """The ``key: value`` lines of a meta or panel file; lines that are none are left out."""
    found: dict[str, str] = {}
    for block in LineBlocks(path, encoding):
        for text in block.decode("utf-8", "replace").splitlines():
            key, colon, value = text.partition(":")
            if colon:
                found.setdefault(key.strip().lower(), value.strip())
    return found


@dataclass(frozen=True, slots=True)
class PropertyFile:
    """A file of ``key: value`` lines: a meta file, or a gene panel (then each gene becomes a code row)."""

    path: Path
    encoding: str = "utf-8"
    panel: bool = False

    @property
    def adapter(self) -> str:
        """Format and version of the reader."""
        return f"cbioportal.{'gene_panel' if self.panel else 'meta'}/1"

    @property
    def reading(self) -> str:
        """Reader and encoding: such a file stands alone."""
        return f"{self.adapter}|{self.encoding}"

    @property
    def private_columns(self) -> frozenset[str]:
        """None: such a file names no patient."""
        return frozenset()

    def chunks(self) -> Iterator[Chunk]:
        """The file in one piece."""
        blocks = LineBlocks(self.path, self.encoding)
        lines = [text for block in blocks for text in block.split(b"\n")[:-1]]
        aside = [n for n, text in enumerate(lines, 1) if text.strip() and b":" not in text]
        message = "The line is no `key: value` pair. Correct it."
        findings = [LineFinding(n, "quarantined", "no_property", message) for n in aside]
        findings += blocks.closing_findings(len(lines))
        yield Chunk([self._genes(lines)] if self.panel else [], findings, len(lines), aside)

    def _genes(self, lines: Sequence[bytes]) -> Rows:
        panel = properties(self.path, self.encoding).get("stable_id", self.path.stem)
        number = next((n for n, text in enumerate(lines, 1) if text.lower().startswith(b"gene_list")), 0)
        genes = panel_genes(lines[number - 1].decode("utf-8", "replace")) if number else ()
        system = f"panel/{panel}"
        frame = pl.DataFrame(
            {
                PERSON: pl.Series([None] * len(genes), dtype=pl.String),
                KEY: [f"{system}|{gene}" for gene in genes],
                LINE: pl.Series([number] * len(genes), dtype=pl.Int64),
                "system": [system] * len(genes),
                "code": list(genes),
            }
        )
        return Rows("code", frame, implied=True)


def panel_genes(text: str) -> tuple[str, ...]:
    """Genes of a ``gene_list:`` line, separated by tabs or blanks, each once, in order."""
    return tuple(dict.fromkeys(text.partition(":")[2].split()))


def read_panels(paths: Sequence[Path], encoding: str) -> dict[str, tuple[str, ...]]:
    """Panel id to genes for all panel files of a study."""
    found = {}
    for path in paths:
        given = properties(path, encoding)
        found[given.get("stable_id", path.stem)] = panel_genes(f"gene_list: {given.get('gene_list', '')}")
    return found


def _profiles(frame: pl.DataFrame) -> dict[str, str]:
    return {name: PROFILES[name] for name in frame.columns if name in PROFILES}


def matrix_checks(frame: pl.DataFrame, study: Study) -> Sequence[LineCheck]:
    """Rules for lines of the panel matrix."""
    stranger = ~pl.col("SAMPLE_ID").is_in(study.samples["SAMPLE_ID"].implode())
    message = "The sample is not in the sample file. Correct the id or add the sample."
    checks = [LineCheck("unknown_sample", "SAMPLE_ID", stranger, message)]
    known = [*study.panels, *_WHOLE]
    for column in _profiles(frame):
        panel = clean(column)
        unknown = panel.is_not_null() & ~panel.is_in(known)
        text = (
            "The panel has no gene list in the study; which genes it covers is unknown. Add its data_gene_panel file."
        )
        checks.append(LineCheck("unknown_panel", column, unknown, text, "warning"))
    return checks


def matrix_rows(frame: pl.DataFrame, study: Study) -> Sequence[Rows]:
    """One test for each sample and profile that names a panel."""
    owners = study.samples.select("SAMPLE_ID", "PATIENT_ID")
    linked = frame.drop("PATIENT_ID", strict=False).join(owners, on="SAMPLE_ID", how="left", maintain_order="left")
    parts = [_tests(linked, "SAMPLE_ID", assay, clean(column), study) for column, assay in _profiles(frame).items()]
    return [Rows("test", pl.concat(parts))] if parts else []


def _tests(frame: pl.DataFrame, sample: str, assay: str, panel: pl.Expr, study: Study) -> pl.DataFrame:
    whole = panel.str.to_uppercase().replace_strict(_WHOLE, default=None, return_dtype=pl.String)
    listed = pl.when(panel.is_in([*study.panels, f"{study.name}/copy_number"])).then(pl.lit("panel"))
    return frame.filter(panel.is_not_null()).select(
        pl.col("PATIENT_ID").alias(PERSON),
        pl.concat_str([pl.col(sample), pl.lit(f"|{assay}")]).alias(KEY),
        LINE,
        pl.col(sample).alias("specimen"),
        pl.lit(assay).alias("assay"),
        panel.alias("panel"),
        pl.coalesce(listed, whole, pl.lit("unknown")).alias("coverage"),
        pl.lit(study.genome_build, dtype=pl.String).alias("genome_build"),
    )


def implied_tests(frame: pl.DataFrame, study: Study, sample: str, assay: str, panel: str | None = None) -> Rows:
    """Tests that must have been made, since they found something, where the panel matrix does not list them.

    Args:
        frame: lines with ``PATIENT_ID`` and the column ``sample``.
        study: the study.
        sample: name of the sample column.
        assay: what was read.
        panel: genes that were read, if the file itself tells.
    """
    rest = study.unlisted[assay]
    if not rest.len():
        frame = frame.clear()
    once = frame.filter(pl.col(sample).is_in(rest.implode())).unique(sample, keep="first", maintain_order=True)
    made = once.select(
        pl.col("PATIENT_ID").alias(PERSON),
        pl.concat_str([pl.col(sample), pl.lit(f"|{assay}")]).alias(KEY),
        LINE,
        pl.col(sample).alias("specimen"),
        pl.lit(assay).alias("assay"),
        pl.lit(panel, dtype=pl.String).alias("panel"),
        pl.lit("unknown" if panel is None else "panel").alias("coverage"),
        pl.lit(study.genome_build, dtype=pl.String).alias("genome_build"),
    )
    return Rows("test", made, implied=True)


PANEL_MATRIX = Kind("gene_panel_matrix", ("SAMPLE_ID",), matrix_checks, matrix_rows, frozenset({"SAMPLE_ID"}))
