"""One very large mutation file with the small files around it: the load for measuring ingest."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import numpy as np
import polars as pl

from kohort.errors import InputError
from kohort.synthetic.alterations import NO_HOTSPOT
from kohort.synthetic.frequencies import alleles, genes, tumours
from kohort.synthetic.layout import DataFile, write_meta_files, write_panel
from kohort.synthetic.mess import to_lines
from kohort.synthetic.model import Habits, Hospital, PanelUse, WrittenStudy
from kohort.synthetic.population import pick
from kohort.synthetic.study import STUDY_PREFIX, prepare_folder
from kohort.synthetic.variants import MUTATION_COLUMNS, VariantPlaces, variant_frame

__all__ = ["MOST_ROWS", "VARIANTS_A_SAMPLE", "write_variants"]

MOST_ROWS = 200_000_000
VARIANTS_A_SAMPLE = 40
BLOCK_SAMPLES = 5_000
HOTSPOT_SHARE = 0.15

_FILES: dict[str, tuple[str, ...]] = {
    "data_clinical_patient.txt": ("PATIENT_ID", "SEX"),
    "data_clinical_sample.txt": ("PATIENT_ID", "SAMPLE_ID", "ONCOTREE_CODE"),
    "data_gene_panel_matrix.txt": ("SAMPLE_ID", "mutations"),
    "data_mutations.txt": MUTATION_COLUMNS,
}
_HOSPITAL = Hospital(
    code="variants",
    name="Variants",
    country="NO",
    share=1.0,
    ids="local",
    id_prefix="VAR",
    panels=(PanelUse("KOHORT500", "500", megabases=1.29, share=1.0),),
    untested=0.0,
    habits=Habits(comment_lines=False),
)


def write_variants(path: str | Path, rows: int, seed: int = 1) -> WrittenStudy:
    """Writes a study folder whose mutation file has ``rows`` lines of 13 columns, and no fault.

    Each sample has `VARIANTS_A_SAMPLE` variants (the last one the rest) in as many different genes. Memory is bounded
    by a block of `BLOCK_SAMPLES` samples, at any size; the same arguments give the same bytes.

    Args:
        path: the study folder; an older study of this function is replaced.
        rows: lines of data_mutations.txt, 1 to 200,000,000.
        seed: seed of all random numbers.

    Raises:
        InputError: ``rows`` is out of range, or the folder holds other files.
    """
    if not 1 <= rows <= MOST_ROWS:
        raise InputError(f"{rows} rows cannot be written.", remedy=f"Ask for 1 to {MOST_ROWS:,} rows.")
    folder = prepare_folder(Path(path))
    samples = -(-rows // VARIANTS_A_SAMPLE)
    write_meta_files(folder, STUDY_PREFIX + "variants", _HOSPITAL, copy_number=None, patients=samples)
    write_panel(folder, _HOSPITAL.panels[0])
    with ExitStack() as stack:
        files = {name: DataFile(folder / name, list(columns), _HOSPITAL.habits) for name, columns in _FILES.items()}
        for file in files.values():
            stack.callback(file.close)
        for number, own in enumerate(np.random.SeedSequence(seed).spawn(-(-samples // BLOCK_SAMPLES))):
            first = number * BLOCK_SAMPLES
            count = min(BLOCK_SAMPLES, samples - first)
            wanted = min(rows - first * VARIANTS_A_SAMPLE, count * VARIANTS_A_SAMPLE)
            for name, frame in _draw(np.random.default_rng(own), first, count, wanted).items():
                files[name].append(to_lines(frame, files[name].columns))
    return WrittenStudy(
        path=folder,
        hospital=_HOSPITAL,
        patients=samples,
        samples=samples,
        tested=samples,
        variants=rows,
        therapies=0,
        lines={name: file.lines for name, file in files.items()},
        planted={},
    )


def _draw(rng: np.random.Generator, first: int, count: int, wanted: int) -> dict[str, pl.DataFrame]:
    """The rows of all files for a block of samples."""
    serial = pl.int_range(first + 1, first + count + 1, eager=True).cast(pl.String).str.zfill(8)
    patient, sample = "VAR-" + serial, "VAR-S" + serial + "A"
    tumour = pick(rng, tumours().weight.cumsum(), count)
    female = rng.random(count) < tumours().female[tumour]
    variants = _draw_places(rng, count, wanted)
    rows = variant_frame(rng, variants, np.clip(0.55 + 0.18 * rng.standard_normal(count), 0.1, 0.95))
    return {
        "data_clinical_patient.txt": pl.DataFrame(
            {"PATIENT_ID": patient, "SEX": pl.Series(["Male", "Female"])[female.astype(np.int64)]}
        ),
        "data_clinical_sample.txt": pl.DataFrame(
            {"PATIENT_ID": patient, "SAMPLE_ID": sample, "ONCOTREE_CODE": pl.Series(tumours().codes)[tumour]}
        ),
        "data_gene_panel_matrix.txt": pl.DataFrame(
            {"SAMPLE_ID": sample, "mutations": pl.Series(["KOHORT500"]).new_from_index(0, count)}
        ),
        "data_mutations.txt": rows.with_columns(sample[rows["sample"]].alias("Tumor_Sample_Barcode")),
    }


def _draw_places(rng: np.random.Generator, count: int, wanted: int) -> VariantPlaces:
    """Genes of each sample's variants: steps of random length around the panel, so none comes twice."""
    readable = np.flatnonzero(genes().panels["500"])
    stride = len(readable) // VARIANTS_A_SAMPLE
    offset = rng.integers(0, len(readable), count)[:, None]
    jitter = rng.integers(0, stride, (count, VARIANTS_A_SAMPLE))
    place = (offset + np.arange(VARIANTS_A_SAMPLE) * stride + jitter) % len(readable)
    gene = readable[place].ravel()[:wanted]
    order = np.argsort(alleles().gene, kind="stable")
    begin = np.searchsorted(alleles().gene[order], gene)
    size = np.bincount(alleles().gene, minlength=len(genes().symbols))[gene]
    hot = (size > 0) & (rng.random(len(gene)) < HOTSPOT_SHARE)
    chosen = begin + (rng.random(len(gene)) * size).astype(np.int64)
    allele = np.where(hot, order[np.minimum(chosen, len(order) - 1)], NO_HOTSPOT)
    return VariantPlaces(np.repeat(np.arange(count), VARIANTS_A_SAMPLE)[:wanted], gene, allele)
