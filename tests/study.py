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
        types, ranks = ("#" + "\t".join([word] * len(head)) for word in ("STRING", "1"))
        lines = ["#" + lines[0], "#" + lines[0], types, ranks, *lines]
    return "\n".join(lines) + "\n"


IDS = [f"P{i:03d}" for i in range(1, PEOPLE + 1)]
SAMPLES = [f"{person}-T" for person in IDS]
TESTED = SAMPLES[:-4]


def _patients() -> str:
    head = ["PATIENT_ID", "SEX", "AGE", "DATE_OF_DIAGNOSIS", "OS_STATUS", "OS_MONTHS", "ECOG", "REGION"]
    rows = [
        [p, "Female" if i % 2 else "Male", str(40 + i), f"2021-{i % 12 + 1:02d}-15",
         "1:DECEASED" if i % 3 == 0 else "0:LIVING", f"{i + 1}.5", str(i % 3), f"R{i % 3}"]
        for i, p in enumerate(IDS)
    ]  # fmt: skip
    return _table(head, rows, comments=True)


def _samples() -> str:
    head = ["PATIENT_ID", "SAMPLE_ID", "ONCOTREE_CODE", "SAMPLE_TYPE", "HOSPITAL", "MSI_STATUS"]
    rows = [
        [p, s, CODES[i % 4], "Primary", f"H{i % 5}", "MSI-H" if i % 7 == 0 else "MSS"]
        for i, (p, s) in enumerate(zip(IDS, SAMPLES, strict=True))
    ]
    return _table(head, rows, comments=True)


def _mutations() -> str:
    place = ["Hugo_Symbol", "Chromosome", "Start_Position", "End_Position", "Variant_Classification", "Variant_Type"]
    head = [*place, "Reference_Allele", "Tumor_Seq_Allele2", "Tumor_Sample_Barcode", "HGVSp_Short", "t_depth", "t_vaf"]
    rows = [
        [g, str(7 + j), str(1000 * j + i), str(1000 * j + i), "Missense_Mutation", "SNP", "A", "T", s, CHANGES[g],
         str(100 + i), f"0.{10 + j}"]
        for i, s in enumerate(TESTED)
        for j, g in enumerate(CHANGES)
        if (i + j) % 3 == 0
    ]  # fmt: skip
    return _table(head, rows)


def _copy_numbers() -> str:
    def call(i: int, j: int) -> str:
        return "2" if (i + j) % 9 == 0 else "NA" if (i + j) % 11 == 0 else "0"

    return _table(
        ["Hugo_Symbol", *TESTED], [[g, *(call(i, j) for i in range(len(TESTED)))] for j, g in enumerate(GENES)]
    )


def _treatments() -> str:
    head = ["PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE", "TREATMENT_TYPE", "AGENT", "MEASURE_OF_RESPONSE"]
    rows = [
        [p, str(30 + i), str(120 + i), "TREATMENT", "Chemotherapy", "cisplatin + etoposide" if i % 2 else "Taxol",
         ("partial response", "stable disease", "")[i % 3]]
        for i, p in enumerate(IDS)
    ]  # fmt: skip
    return _table(head, rows)


def study_files() -> dict[str, str]:
    """File name to text of a clean study: 24 patients, 7 genes, panels, copy numbers, fusions, timelines."""
    matrix = [[s, "SEVEN", "SEVEN"] for s in TESTED]
    fusions = [[TESTED[3], "SOMATIC", "EML4", "ALK", "FUSION"], [TESTED[8], "SOMATIC", "ALK", "STRN", "FUSION"]]
    events = [[p, str(200 + i), "STATUS", "Distant Metastasis", "Liver"] for i, p in enumerate(IDS) if i % 2]
    return {
        "meta_study.txt": "type_of_cancer: mixed\ncancer_study_identifier: small\nname: Small\ndescription: invented\n",
        "data_clinical_patient.txt": _patients(),
        "data_clinical_sample.txt": _samples(),
        "data_gene_panel_SEVEN.txt": f"stable_id: SEVEN\ndescription: seven genes\ngene_list: {chr(9).join(GENES)}\n",
        "data_gene_panel_matrix.txt": _table(["SAMPLE_ID", "mutations", "structural_variants"], matrix),
        "data_mutations.txt": _mutations(),
        "data_cna.txt": _copy_numbers(),
        "data_sv.txt": _table(["Sample_Id", "SV_Status", "Site1_Hugo_Symbol", "Site2_Hugo_Symbol", "Class"], fusions),
        "data_timeline_treatment.txt": _treatments(),
        "data_timeline_status.txt": _table(["PATIENT_ID", "START_DATE", "EVENT_TYPE", "STATUS", "SITE"], events),
    }


def write_study(folder: Path, files: dict[str, str | bytes] | None = None, **changed: str | bytes) -> Path:
    """Write a study; ``changed`` replaces files by the stem of their name."""
    folder.mkdir(parents=True, exist_ok=True)
    texts: dict[str, str | bytes] = {**(files or study_files())}
    for stem, text in changed.items():
        texts[f"{stem}.txt"] = text
    for name, text in texts.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder
