"""Writes the study folders of the hospitals, block by block: memory does not grow with the number of patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.errors import InputError
from kohort.synthetic.agents import Agents
from kohort.synthetic.block import NOT_READ, Block, Identities, draw_block
from kohort.synthetic.hospitals import DEFAULT_HOSPITALS
from kohort.synthetic.identities import LocalNumbers, NorwegianNumbers
from kohort.synthetic.layout import (
    COPY_NUMBER,
    DataFile,
    clinical_columns,
    columns_of,
    write_copy_number_matrix,
    write_meta_files,
    write_panel,
)
from kohort.synthetic.mess import (
    Planter,
    plant_in_mutations,
    plant_in_panels,
    plant_in_patients,
    plant_in_samples,
    plant_in_status,
    plant_in_treatments,
    to_lines,
)
from kohort.synthetic.model import Hospital, Mess, WrittenStudy
from kohort.synthetic.population import UNTESTED
from kohort.synthetic.render import (
    copy_number_frame,
    fusion_frame,
    mutation_frame,
    panel_frame,
    patient_frame,
    sample_frame,
    status_frame,
    treatment_frame,
)

__all__ = [
    "BLOCK_PATIENTS",
    "FEWEST",
    "MATRIX_PATIENTS",
    "MOST",
    "STUDY_PREFIX",
    "prepare_folder",
    "split_patients",
    "write_hospitals",
]

FEWEST, MOST = 100, 10_000_000
# Part of what a seed means: every block has its own random numbers, so this size decides the bytes.
BLOCK_PATIENTS = 10_000
# Up to here copy number is a genes x samples matrix; with some second samples that stays below 5,000 columns.
MATRIX_PATIENTS = 4_500
STRANGERS_A_BLOCK = 64
STUDY_PREFIX = "kohort_synthetic_"


def split_patients(patients: int, hospitals: Sequence[Hospital]) -> list[int]:
    """Patients of each hospital by its share; largest remainders first, the sum is exact."""
    shares = np.array([hospital.share for hospital in hospitals])
    exact = patients * shares / shares.sum()
    counts = np.floor(exact).astype(np.int64)
    for place in np.argsort(counts - exact, kind="stable")[: patients - int(counts.sum())]:
        counts[place] += 1
    return counts.tolist()


def write_hospitals(
    folder: str | Path,
    patients: int = 600,
    seed: int = 1,
    hospitals: Sequence[Hospital] = DEFAULT_HOSPITALS,
    mess: Mess | None = None,
    progress: Callable[[int], None] | None = None,
) -> list[WrittenStudy]:
    """Writes one messy cBioPortal study folder for each hospital: patients who never lived.

    The same arguments give the same bytes. Memory is bounded by a block of `BLOCK_PATIENTS` patients, at any size.

    Args:
        folder: where the study folders are made, one named after each hospital's code; older studies of this
            function are replaced.
        patients: number of patients of all hospitals together, 100 to 10,000,000.
        seed: seed of all random numbers.
        hospitals: the hospitals.
        mess: shares of planted faults; None: the default ones.
        progress: called with the number of patients after each block.

    Returns:
        What was written and planted, one for each hospital.

    Raises:
        InputError: the number of patients is out of range, there is no hospital, or a study folder already holds
            other files.
    """
    _check(patients, hospitals)
    root = Path(folder)
    seeds = np.random.SeedSequence(seed).spawn(len(hospitals))
    counts = split_patients(patients, hospitals)
    targets = [prepare_folder(root / hospital.code) for hospital in hospitals]
    return [
        _write_study(target, hospital, count, own, Mess() if mess is None else mess, progress)
        for target, hospital, count, own in zip(targets, hospitals, counts, seeds, strict=True)
    ]


def _check(patients: int, hospitals: Sequence[Hospital]) -> None:
    """Refuses what cannot be written."""
    if not FEWEST <= patients <= MOST:
        raise InputError(f"{patients} patients cannot be written.", remedy=f"Ask for {FEWEST:,} to {MOST:,} patients.")
    if not hospitals or len({hospital.code for hospital in hospitals}) < len(hospitals):
        raise InputError(
            "the hospitals need to be at least one, each with its own code.", remedy="Give each another code."
        )


def prepare_folder(folder: Path) -> Path:
    """Makes the folder; one with files is taken only if this module wrote them, and is emptied of data files."""
    folder.mkdir(parents=True, exist_ok=True)
    meta = folder / "meta_study.txt"
    ours = meta.is_file() and STUDY_PREFIX in meta.read_text(encoding="utf-8")
    if any(folder.iterdir()) and not ours:
        raise InputError(
            "the folder holds files that are not a synthetic study.", path=folder, remedy="Name an empty folder."
        )
    for old in [*folder.glob("data_*.txt"), *folder.glob("meta_*.txt")]:
        old.unlink()
    return folder


@dataclass
class _Study:
    """A study while it is written."""

    folder: Path
    hospital: Hospital
    planter: Planter
    identities: Identities
    agents: Agents
    files: dict[str, DataFile]
    matrix: bool
    matrix_ids: list[pl.Series] = field(default_factory=list)
    matrix_copies: list[NDArray[np.int8]] = field(default_factory=list)
    samples: int = 0
    tested: int = 0
    variants: int = 0
    therapies: int = 0
    strangers: int = 0

    def write(self, rng: np.random.Generator, mess_rng: np.random.Generator, block: Block) -> None:
        """Appends a block to all files."""
        self._write_clinical(rng, mess_rng, block)
        self._write_molecular(rng, mess_rng, block)
        self._write_timelines(rng, mess_rng, block)

    def _append(self, file: str, frame: pl.DataFrame) -> None:
        self.files[file].append(to_lines(frame, self.files[file].columns))

    def _write_clinical(self, rng: np.random.Generator, mess_rng: np.random.Generator, block: Block) -> None:
        name, habits = "data_clinical_patient.txt", self.hospital.habits
        people, latin1 = plant_in_patients(
            mess_rng, self.planter, patient_frame(rng, block, habits), mixed_encoding=habits.mixed_encoding
        )
        self.files[name].append(to_lines(people, self.files[name].columns), latin1=latin1.tolist())
        born = block.calendar.born[:STRANGERS_A_BLOCK]
        strangers, _ = self.identities.draw(born, block.people.female[:STRANGERS_A_BLOCK])
        rows = sample_frame(rng, block, self.hospital)
        self.samples += rows.height
        messy = plant_in_samples(mess_rng, self.planter, rows, strangers)
        self.strangers += messy.height - rows.height
        self._append("data_clinical_sample.txt", messy)

    def _write_molecular(self, rng: np.random.Generator, mess_rng: np.random.Generator, block: Block) -> None:
        name = "data_mutations.txt"
        rows = mutation_frame(rng, block)
        self.variants += rows.height
        lines = to_lines(rows, self.files[name].columns)
        self.files[name].append(plant_in_mutations(mess_rng, self.planter, lines))
        self._append("data_sv.txt", fusion_frame(rng, block))
        panels = plant_in_panels(mess_rng, self.planter, panel_frame(block, self.hospital))
        self.tested += panels.height
        self._append("data_gene_panel_matrix.txt", panels)
        if self.matrix:
            wide = np.array([use.copy_number for use in self.hospital.panels])[block.samples.panel]
            read = np.flatnonzero(wide & (block.samples.panel != UNTESTED))
            self.matrix_ids.append(block.samples.ids[read])
            self.matrix_copies.append(block.samples.copies[read])
        else:
            self._append(COPY_NUMBER, copy_number_frame(block))

    def _write_timelines(self, rng: np.random.Generator, mess_rng: np.random.Generator, block: Block) -> None:
        misspelt = self.planter.mess.drug_spelling
        rows = treatment_frame(rng, block, self.hospital.habits, self.agents, misspelt)
        self.therapies += rows.height
        self._append("data_timeline_treatment.txt", plant_in_treatments(mess_rng, self.planter, rows))
        name = "data_timeline_status.txt"
        lines = to_lines(status_frame(rng, block), self.files[name].columns)
        self.files[name].append(plant_in_status(mess_rng, self.planter, lines))

    def finish(self, patients: int) -> WrittenStudy:
        """Writes what needs all blocks, and reports."""
        lines = {name: file.lines for name, file in self.files.items()}
        if self.matrix:
            lines[COPY_NUMBER] = write_copy_number_matrix(
                self.folder / COPY_NUMBER,
                self.hospital.habits,
                pl.concat(self.matrix_ids),
                np.concatenate(self.matrix_copies),
                NOT_READ,
            )
        self.planter.planted["sample_without_panel"] = self.samples + self.strangers - self.tested
        return WrittenStudy(
            path=self.folder,
            hospital=self.hospital,
            patients=patients,
            samples=self.samples,
            tested=self.tested,
            variants=self.variants,
            therapies=self.therapies,
            lines=lines,
            planted=dict(self.planter.planted),
        )


def _open_files(stack: ExitStack, folder: Path, hospital: Hospital, *, matrix: bool) -> dict[str, DataFile]:
    """All data files that grow, with their headers written."""
    habits = hospital.habits
    birth = "BIRTH_DATE" if habits.birth == "date" else "YEAR_OF_BIRTH"
    plain = {
        "data_clinical_patient.txt": (
            *("PATIENT_ID", "SEX", "AGE", birth, "DATE_OF_DIAGNOSIS", "YEAR_OF_DIAGNOSIS", "ICD_10"),
            *("ICD_O_3_HISTOLOGY", "AJCC_STAGE", "ECOG", "HEIGHT_CM", "WEIGHT_KG", "OS_STATUS", "OS_MONTHS"),
            "REFERRING_PLACE",
        ),
        **{
            name: columns_of(name)
            for name in (
                "data_clinical_sample.txt",
                "data_mutations.txt",
                "data_sv.txt",
                "data_gene_panel_matrix.txt",
                "data_timeline_treatment.txt",
                "data_timeline_status.txt",
                *(() if matrix else (COPY_NUMBER,)),
            )
        },
    }
    files = {}
    for name, columns in plain.items():
        ordered = clinical_columns(columns, habits) if name.startswith("data_clinical") else list(columns)
        files[name] = DataFile(folder / name, ordered, habits)
        stack.callback(files[name].close)
    return files


def _write_study(
    folder: Path,
    hospital: Hospital,
    patients: int,
    seed: np.random.SeedSequence,
    mess: Mess,
    progress: Callable[[int], None] | None,
) -> WrittenStudy:
    """Writes one hospital's study."""
    matrix = patients <= MATRIX_PATIENTS
    write_meta_files(
        folder,
        STUDY_PREFIX + hospital.code,
        hospital,
        copy_number="DISCRETE" if matrix else "DISCRETE_LONG",
        patients=patients,
    )
    for use in hospital.panels:
        write_panel(folder, use)
    agents_seed, *block_seeds = seed.spawn(1 + -(-patients // BLOCK_PATIENTS))
    norwegian = hospital.ids == "norwegian"
    with ExitStack() as stack:
        study = _Study(
            folder=folder,
            hospital=hospital,
            planter=Planter(mess),
            identities=NorwegianNumbers() if norwegian else LocalNumbers(hospital.id_prefix),
            agents=Agents.of(np.random.default_rng(agents_seed), hospital.habits.combination),
            files=_open_files(stack, folder, hospital, matrix=matrix),
            matrix=matrix,
        )
        for number, block_seed in enumerate(block_seeds):
            first = number * BLOCK_PATIENTS
            count = min(BLOCK_PATIENTS, patients - first)
            rng, mess_rng = (np.random.default_rng(child) for child in block_seed.spawn(2))
            block = draw_block(rng, hospital, count, first, study.identities)
            study.write(rng, mess_rng, block)
            if progress is not None:
                progress(count)
    return study.finish(patients)
