"""A small study folder of invented people, written for tests."""

from __future__ import annotations

from pathlib import Path

PEOPLE = 24
GENES = ("BRAF", "KRAS", "EGFR", "TP53", "ERBB2", "PIK3CA", "ALK")
CODES = ("LUAD", "COAD", "BRCA", "SKCM")
CHANGES = {"BRAF": "p.V600E", "KRAS": "p.G12D", "EGFR": "p.L858R", "TP53": "p.R175H", "PIK3CA": "p.H1047R"}


def _table(head: list[str], rows: list[list[str]], comments: bool = False) -> str:
    lines = ["\t".join(row) for row in [head, *rows]]
    if comments:
        lines = ["#" + lines[0], "#" + lines[0], "#" + "\t".join("STRING" for _ in head), "#" + "\t".join("1" for _ in head)] + lines
    return "\n".join(lines) + "\n"


def study_files() -> dict[str, str]:
    """File name to text of a clean study: 24 patients, 7 genes, panels, copy numbers, fusions, timelines."""
    ids = [f"P{i:03d}" for i in range(1, PEOPLE + 1)]
    samples = [f"{p}-T" for p in ids]
    tested = samples[:-4]
    return {
        "meta_study.txt": "type_of_cancer: mixed\ncancer_study_identifier: small\nname: Small\ndescription: invented\n",
        "data_clinical_patient.txt": _table(
            ["PATIENT_ID", "SEX", "AGE", "DATE_OF_DIAGNOSIS", "OS_STATUS", "OS_MONTHS", "ECOG", "REGION"],
            [
                [p, "Female" if i % 2 else "Male", str(40 + i), f"2021-{i % 12 + 1:02d}-15",
                 "1:DECEASED" if i % 3 == 0 else "0:LIVING", f"{i + 1}.5", str(i % 3), f"R{i % 3}"]
                for i, p in enumerate(ids)
            ],
            comments=True,
        ),
        "data_clinical_sample.txt": _table(
            ["PATIENT_ID", "SAMPLE_ID", "ONCOTREE_CODE", "SAMPLE_TYPE", "HOSPITAL", "MSI_STATUS"],
            [
                [p, s, CODES[i % 4], "Primary", f"H{i % 5}", "MSI-H" if i % 7 == 0 else "MSS"]
                for i, (p, s) in enumerate(zip(ids, samples, strict=True))
            ],
            comments=True,
        ),
        "data_gene_panel_SEVEN.txt": f"stable_id: SEVEN\ndescription: seven genes\ngene_list: {chr(9).join(GENES)}\n",
        "data_gene_panel_matrix.txt": _table(
            ["SAMPLE_ID", "mutations", "structural_variants"], [[s, "SEVEN", "SEVEN"] for s in tested]
        ),
        "data_mutations.txt": _table(
            ["Hugo_Symbol", "Chromosome", "Start_Position", "End_Position", "Variant_Classification", "Variant_Type",
             "Reference_Allele", "Tumor_Seq_Allele2", "Tumor_Sample_Barcode", "HGVSp_Short", "t_depth", "t_vaf"],
            [
                [g, str(7 + j), str(1000 * j + i), str(1000 * j + i), "Missense_Mutation", "SNP", "A", "T", s, CHANGES[g],
                 str(100 + i), f"0.{10 + j}"]
                for i, s in enumerate(tested)
                for j, g in enumerate(CHANGES)
                if (i + j) % 3 == 0
            ],
        ),
        "data_cna.txt": _table(
            ["Hugo_Symbol", *tested],
            [[g, *[("2" if (i + j) % 9 == 0 else "NA" if (i + j) % 11 == 0 else "0") for i in range(len(tested))]]
             for j, g in enumerate(GENES)],
        ),
        "data_sv.txt": _table(
            ["Sample_Id", "SV_Status", "Site1_Hugo_Symbol", "Site2_Hugo_Symbol", "Class"],
            [[tested[3], "SOMATIC", "EML4", "ALK", "FUSION"], [tested[8], "SOMATIC", "ALK", "STRN", "FUSION"]],
        ),
        "data_timeline_treatment.txt": _table(
            ["PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE", "TREATMENT_TYPE", "AGENT", "MEASURE_OF_RESPONSE"],
            [
                [p, str(30 + i), str(120 + i), "TREATMENT", "Chemotherapy", "cisplatin + etoposide" if i % 2 else "Taxol",
                 ("partial response", "stable disease", "")[i % 3]]
                for i, p in enumerate(ids)
            ],
        ),
        "data_timeline_status.txt": _table(
            ["PATIENT_ID", "START_DATE", "EVENT_TYPE", "STATUS", "SITE"],
            [[p, str(200 + i), "STATUS", "Distant Metastasis", "Liver"] for i, p in enumerate(ids) if i % 2],
        ),
    }  # fmt: skip


def write_study(folder: Path, files: dict[str, str | bytes] | None = None, **changed: str | bytes) -> Path:
    """Write a study; ``changed`` replaces files by the stem of their name."""
    folder.mkdir(parents=True, exist_ok=True)
    texts: dict[str, str | bytes] = {**(files or study_files())}
    for stem, text in changed.items():
        texts[f"{stem}.txt"] = text
    for name, text in texts.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder
