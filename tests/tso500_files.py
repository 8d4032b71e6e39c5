"""Files of TSO500 and TSOPPI of an invented patient, as text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

DNA, RNA = "IPD9001-D01-P01-A15", "IPD9001-R03-P01-A15"
"""Samples of one invented patient of InPreD: DNA and RNA of an untreated primary lung tumour, embedded in paraffin."""

TSO500 = f"""\
TruSight Oncology 500 - Combined Variant Output
For Research Use Only. Not for use in diagnostic procedures.

[Analysis Details]
Pair ID\tIPD9001
DNA Sample ID\t{DNA}
RNA Sample ID\t{RNA}
Output Date\t2026-03-09
Output Time\t10:11:12
Module Version\t2.2.0.1
Pipeline Version\truo-2.2.0.12

[TMB]
Total TMB\t7.8
Coding Region Size in Megabases\t1.27
Number of Passing Eligible Variants\t10

[MSI]
Usable MSI Sites\t120
Total MSI Sites Unstable\t30
Percent Unstable MSI Sites\t25.00

[Gene Amplifications]
Gene\tFold Change
MET\t4.231

[Splice Variants]
Gene\tAffected Exon\tBreakpoint 1\tBreakpoint 2\tSplice Supporting Reads\tReference Reads Transcript
MET\t14\tchr7:116411708\tchr7:116414935\t25\t300

[Fusions]
Gene Pair\tBreakpoint 1\tBreakpoint 2\tFusion Supporting Reads\tGene 1 Reference Reads\tGene 2 Reference Reads
EML4-ALK\tchr2:42522656\tchr2:29446394\t18\t2\t429

[Small Variants]
Gene\tChromosome\tGenomic Position\tReference Call\tAlternative Call\tAllele Frequency\tDepth\tP-Dot Notation\t\
C-Dot Notation\tConsequence(s)\tAffected Exon(s)
BRAF\tchr7\t140453136\tA\tT\t0.31\t512\tNP_004324.2:p.(Val600Glu)\tNM_004333.4:c.1799T>A\tmissense_variant\t15
EGFR\tchr7\t55242464\tAGGAATTAAGAGAAGC\tA\t0.12\t800\tNP_005219.2:p.(Glu746_Ala750del)\t\
NM_005228.3:c.2235_2249del\tinframe_deletion\t19
"""
"""A combined variant output of the local app: every section with a finding."""

VARIANT_COLUMNS = (
    "Sample_ID", "Gene_symbol", "Ensembl_transcript_ID", "RefSeq_mRNA", "Genomic_location", "DNA_change",
    "cDNA_change", "Exon_number", "Protein_change_short", "Protein_change", "Change_summary", "Coding_status",
    "Depth_tumor_DNA", "AF_tumor_DNA", "Depth_normal_DNA", "AF_normal_DNA", "Depth_tumor_RNA", "AF_tumor_RNA",
    "COSMIC_ID", "dbSNP_rs_ID", "ClinVar_variation_ID", "Global_AF_gnomAD", "Global_AF_1KG", "EUR_AF_gnomAD",
    "Population_frequencies", "Mutation_hotspot", "TCGA_frequency", "ICGC_PCAWG_occurrence", "TSO500_recurrence",
    "Putative_driver", "Signaling_pathway", "Gene_predisposition", "Gene_CN", "Tier", "CPSR_ACMG_class",
    "CPSR_ClinVar_class", "TSO500_LocalApp_class", "Functional_domain", "Drugs", "Coding_transcript_consequences",
    "Inclusion_criteria", "Filters", "F1LCDx_targets", "IGV_QC", "Run_QC", "Class_judgement",
    "Class_judgement_comments", "Reporting_judgement", "Reporting_judgement_comments",
)  # fmt: skip
"""The 49 columns of TSOPPI's small-variant table."""

R273H: dict[str, str] = {
    "Sample_ID": DNA, "Gene_symbol": "TP53", "Ensembl_transcript_ID": "ENST00000269305", "RefSeq_mRNA": "NM_000546",
    "Genomic_location": "17:7577120", "DNA_change": "C>T", "cDNA_change": "c.818G>A", "Exon_number": "exon8",
    "Protein_change_short": "R273H", "Protein_change": "Arg273His", "Coding_status": "missense_variant",
    "Depth_tumor_DNA": "219", "AF_tumor_DNA": "0.393", "Tier": "TIER_2", "CPSR_ACMG_class": "Pathogenic",
    "CPSR_ClinVar_class": "Likely_Pathogenic", "TSO500_LocalApp_class": "SOM", "Class_judgement": "include",
    "Class_judgement_comments": ".", "Reporting_judgement": ".", "Reporting_judgement_comments": ".",
}  # fmt: skip
"""One variant as TSOPPI writes it; columns left out are ``NA``."""


def tso500(*changes: tuple[str, str]) -> str:
    """The TSO500 file with each of these texts replaced by another."""
    text = TSO500
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


def without_section(title: str) -> str:
    """The TSO500 file without a section."""
    start = TSO500.index(f"[{title}]")
    end = TSO500.find("\n[", start)
    return TSO500[:start] + ("" if end < 0 else TSO500[end + 1 :])


def variant_table(*rows: Mapping[str, str], region: str = "1.27", remarks: tuple[str, ...] = ()) -> str:
    """TSOPPI's small-variant table; each row is ``R273H`` with some columns changed."""
    head = [
        f"# [{DNA}] Version string: 2.2.0.12/0.3.2:22-06-07/1.0.0/1.0.0/hg19/TR",
        f"# [{DNA}] Size of the target coding region (in millions of bases): {region}",
        f"# [{DNA}] Specified tumor purity (as a fraction between 0 and 1): 0.4",
        f"# [{DNA}] ID of the matched normal DNA sample: NA",
        f"# [{DNA}] ID of the matched tumor RNA sample: {RNA}",
        *remarks,
    ]
    lines = ["\t".join({**R273H, **row}.get(name, "NA") for name in VARIANT_COLUMNS) for row in rows]
    return "\n".join([*head, "\t".join(VARIANT_COLUMNS), *lines]) + "\n"


def summary(*rows: tuple[str, ...]) -> str:
    """TSOPPI's variant summary."""
    header = ("sample_id", "TMB", "MSI", "gene_amplifications", "splice_variants", "fusions")
    head = ["# Field formats:", "# - fusions: gene_1-gene_2 (breakpoint_gene_1-breakpoint_gene_2) reads"]
    return "\n".join([*head, *("\t".join(row) for row in (header, *rows))]) + "\n"


def write(folder: Path, **files: str | bytes) -> Path:
    """Write files into a folder; ``__`` in a name stands for the dot before its ending."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = folder / name.replace("__", ".")
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder
