"""The files of a cBioPortal study: names, columns, meta files, header lines; and a writer that appends lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BufferedWriter
from pathlib import Path
from typing import Literal

import numpy as np
import polars as pl

from kohort.synthetic.frequencies import copy_number_rates, genes
from kohort.synthetic.model import Habits, HeaderCase, Hospital, PanelUse
from kohort.synthetic.variants import MUTATION_COLUMNS

__all__ = [
    "COPY_NUMBER",
    "DataFile",
    "clinical_columns",
    "columns_of",
    "write_copy_number_matrix",
    "write_meta_files",
    "write_panel",
]

CopyNumberType = Literal["DISCRETE", "DISCRETE_LONG"]

COPY_NUMBER = "data_cna.txt"
_SMALL_SET = frozenset(
    ("meta_clinical_patient.txt", "meta_clinical_sample.txt", "meta_mutations.txt", "meta_gene_panel_matrix.txt")
)
_TIMELINE = ("PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE")
_NUMBERS = frozenset(
    ("AGE", "YEAR_OF_BIRTH", "YEAR_OF_DIAGNOSIS", "HEIGHT_CM", "WEIGHT_KG", "OS_MONTHS", "TMB_SCORE", "TUMOR_PURITY")
)
_COLUMNS: dict[str, tuple[str, ...]] = {
    "data_clinical_sample.txt": (
        *("PATIENT_ID", "SAMPLE_ID", "ONCOTREE_CODE", "SAMPLE_TYPE", "ER_STATUS", "PR_STATUS", "HER2_STATUS"),
        *("MSI_STATUS", "TMB_SCORE", "TUMOR_PURITY"),
    ),
    "data_mutations.txt": (*MUTATION_COLUMNS, "Exon_Number"),
    "data_sv.txt": (
        *("Sample_Id", "SV_Status", "Site1_Hugo_Symbol", "Site1_Chromosome", "Site1_Position", "Site2_Hugo_Symbol"),
        *("Site2_Chromosome", "Site2_Position", "Site2_Effect_On_Frame", "Class", "Event_Info", "NCBI_Build"),
    ),
    "data_gene_panel_matrix.txt": ("SAMPLE_ID", "mutations", "cna", "structural_variants"),
    "data_timeline_treatment.txt": (
        *_TIMELINE,
        *("TREATMENT_TYPE", "AGENT", "INDICATION", "MEASURE_OF_RESPONSE"),
    ),
    "data_timeline_status.txt": (*_TIMELINE, "STATUS", "SITE"),
    COPY_NUMBER: ("Hugo_Symbol", "Sample_Id", "Value"),
}
_METAS: dict[str, tuple[tuple[str, str], ...]] = {
    "meta_clinical_patient.txt": (
        ("genetic_alteration_type", "CLINICAL"),
        ("datatype", "PATIENT_ATTRIBUTES"),
        ("data_filename", "data_clinical_patient.txt"),
    ),
    "meta_clinical_sample.txt": (
        ("genetic_alteration_type", "CLINICAL"),
        ("datatype", "SAMPLE_ATTRIBUTES"),
        ("data_filename", "data_clinical_sample.txt"),
    ),
    "meta_mutations.txt": (
        ("genetic_alteration_type", "MUTATION_EXTENDED"),
        ("datatype", "MAF"),
        ("stable_id", "mutations"),
        ("show_profile_in_analysis_tab", "true"),
        ("profile_name", "Mutations"),
        ("profile_description", "Small variants of invented patients (GRCh37)"),
        ("data_filename", "data_mutations.txt"),
    ),
    "meta_sv.txt": (
        ("genetic_alteration_type", "STRUCTURAL_VARIANT"),
        ("datatype", "SV"),
        ("stable_id", "structural_variants"),
        ("show_profile_in_analysis_tab", "true"),
        ("profile_name", "Structural variants"),
        ("profile_description", "Fusions of invented patients"),
        ("data_filename", "data_sv.txt"),
    ),
    "meta_gene_panel_matrix.txt": (
        ("genetic_alteration_type", "GENE_PANEL_MATRIX"),
        ("datatype", "GENE_PANEL_MATRIX"),
        ("data_filename", "data_gene_panel_matrix.txt"),
    ),
    "meta_timeline_treatment.txt": (
        ("genetic_alteration_type", "CLINICAL"),
        ("datatype", "TIMELINE"),
        ("data_filename", "data_timeline_treatment.txt"),
    ),
    "meta_timeline_status.txt": (
        ("genetic_alteration_type", "CLINICAL"),
        ("datatype", "TIMELINE"),
        ("data_filename", "data_timeline_status.txt"),
    ),
}


def _meta_of_copy_number(datatype: CopyNumberType) -> tuple[tuple[str, str], ...]:
    return (
        ("genetic_alteration_type", "COPY_NUMBER_ALTERATION"),
        ("datatype", datatype),
        ("stable_id", "gistic" if datatype == "DISCRETE_LONG" else "cna"),
        ("show_profile_in_analysis_tab", "true"),
        ("profile_name", "Copy number"),
        ("profile_description", "Discrete copy number of invented patients, -2 to 2"),
        ("data_filename", COPY_NUMBER),
    )


def cased(name: str, case: HeaderCase) -> str:
    """A column name in the case that a hospital uses."""
    return name if case == "format" else name.lower() if case == "lower" else name.title()


def clinical_columns(names: Sequence[str], habits: Habits) -> list[str]:
    """The columns of a clinical file in the hospital's order."""
    if habits.column_order == "sorted":
        return sorted(names)
    if habits.column_order == "sample_first" and "SAMPLE_ID" in names:
        return ["SAMPLE_ID", *(name for name in names if name != "SAMPLE_ID")]
    return list(names)


def columns_of(file: str) -> tuple[str, ...]:
    """The columns of a data file in the format's order; the clinical patient file's depend on the hospital."""
    return _COLUMNS[file]


@dataclass
class DataFile:
    """A data file that grows line by line; ends of lines and case are the hospital's.

    Attributes:
        path: the file; an old one is replaced.
        columns: column names in order, plain.
        habits: the hospital's habits.
        lines: data lines written so far.
    """

    path: Path
    columns: list[str]
    habits: Habits
    lines: int = 0
    _stream: BufferedWriter = field(init=False)

    def __post_init__(self) -> None:
        """Opens the file and writes what stands above the data."""
        self._stream = self.path.open("wb")
        heads = [*self._comments(), "\t".join(cased(name, self.habits.header_case) for name in self.columns)]
        self._stream.writelines((head + self.habits.newline).encode() for head in heads)

    def _comments(self) -> list[str]:
        """Lines above the header: four of a clinical file (names, words, types, priorities), the version of a MAF."""
        if not self.habits.comment_lines:
            return []
        if self.path.name == "data_mutations.txt":
            return ["#version 2.4"]
        if not self.path.name.startswith("data_clinical"):
            return []
        titles = [name.replace("_", " ").title() for name in self.columns]
        words = [title.capitalize() for title in titles]
        types = ["NUMBER" if name in _NUMBERS else "STRING" for name in self.columns]
        return ["#" + "\t".join(cells) for cells in (titles, words, types, ["1"] * len(self.columns))]

    def append(self, lines: pl.Series, latin1: Sequence[int] = ()) -> None:
        """Writes lines (texts without their end) in UTF-8, those at the places ``latin1`` in Latin-1."""
        self.lines += len(lines)
        done = 0
        for place in latin1:
            self._write(lines.slice(done, place - done))
            self._stream.write((lines[place] + self.habits.newline).encode("latin-1"))
            done = place + 1
        self._write(lines.slice(done))

    def _write(self, lines: pl.Series) -> None:
        lines.to_frame().write_csv(
            self._stream, include_header=False, quote_style="never", line_terminator=self.habits.newline
        )

    def close(self) -> None:
        """Closes the file."""
        self._stream.close()


def write_copy_number_matrix(path: Path, habits: Habits, samples: pl.Series, copies: np.ndarray, not_read: int) -> int:
    """Writes genes x samples, ``NA`` where a gene was not read; returns the number of lines."""
    first = cased("Hugo_Symbol", habits.header_case)
    words = {**{value: str(value) for value in range(-2, 3)}, not_read: "NA"}
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write("\t".join([first, *samples]) + habits.newline)
        symbols = list(copy_number_rates().column)
        for symbol, values in zip(symbols, copies.T.tolist(), strict=True):
            stream.write("\t".join([symbol, *(words[value] for value in values)]) + habits.newline)
    return len(symbols)


def write_meta_files(
    folder: Path, study: str, hospital: Hospital, *, copy_number: CopyNumberType | None, patients: int
) -> None:
    """Writes meta_study.txt and a meta file for each data file; without copy number, of the small set of files."""
    about = (
        ("type_of_cancer", "mixed"),
        ("cancer_study_identifier", study),
        ("name", f"{hospital.name}: patients who never lived"),
        ("description", f"{patients} invented patients written by kohort.synthetic; no real person"),
        ("reference_genome", "hg19"),
    )
    metas = {name: said for name, said in _METAS.items() if copy_number is not None or name in _SMALL_SET}
    if copy_number is not None:
        metas["meta_cna.txt"] = _meta_of_copy_number(copy_number)
    _write_pairs(folder / "meta_study.txt", about)
    for name, said in metas.items():
        _write_pairs(folder / name, (("cancer_study_identifier", study), *said))


def _write_pairs(path: Path, said: Sequence[tuple[str, str]]) -> None:
    path.write_text("".join(f"{key}: {value}\n" for key, value in said), encoding="utf-8")


def write_panel(folder: Path, use: PanelUse) -> None:
    """Writes the gene list of a panel."""
    readable = genes().panels[use.genes]
    symbols = [symbol for symbol, on_panel in zip(genes().symbols, readable, strict=True) if on_panel]
    text = (
        f"stable_id: {use.panel}\n"
        f"description: {len(symbols)} genes, {use.megabases} Mb; invented for the demo\n"
        f"gene_list:\t" + "\t".join(symbols) + "\n"
    )
    (folder / f"data_gene_panel_{use.panel}.txt").write_text(text, encoding="utf-8")
