"""Laws of VCF, MAF, GISTIC, OncoKB and PCGR files: no content stops a reader, and a site is its alleles."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kohort.sources.laboratory.delivery import LAYOUTS
from kohort.sources.laboratory.model import Layout, Reading, Sheet
from kohort.sources.laboratory.vcf import VCF

META = '##INFO=<ID=CSQ,Number=.,Type=String,Description="Ensembl VEP. Format: Allele|Consequence|SYMBOL|HGVSp">'
COLUMNS = "#CHROM POS ID REF ALT QUAL FILTER INFO FORMAT S1"
FILES = {
    "vcf": ["##fileformat=VCFv4.2", META, COLUMNS,
            "7 9 . A T,* . PASS CSQ=T|missense_variant|MET|p.V1E GT:AD 0/1:1,2,0",
            "7 9 . N <DEL> . . SVTYPE=DEL;END=12 GT:AD 0/1:.", "7 9 a C C]3:5] . . MATEID=b GT:AD 0/1:3,4"],
    "maf": ["#version 2.4",
            "Hugo_Symbol NCBI_Build Tumor_Sample_Barcode Variant_Classification HGVSp_Short HGVSp t_depth",
            "MET GRCh37 S1 Missense_Mutation p.V1E p.Val1Glu 9"],
    "gistic": ["Gene~Symbol Locus~ID Cytoband S1 S2", "MET 1 7q 1 -2", "KIT 2 4q NA 0"],
    "oncokb_copy_numbers": ["Tumor_Sample_Barcode Hugo_Symbol Copy_Number_Alteration", "S1 MET 2"],
    "oncokb_fusions": ["Tumor_Sample_Barcode Fusion", "S1 ALK-EML4"],
    "oncokb_structural": ["Tumor_Sample_Barcode GeneA GeneB Sv_Type", "S1 ALK EML4 FUSION"],
    "oncokb_alterations": ["SAMPLE_ID HUGO_SYMBOL ALTERATION", "S1 EGFR vIII", "S1 MET Amplification"],
    "pcgr_segments": ["Chromosome Start End nMajor nMinor", "1 1 9 5 2"],
    "pcgr_fusions": ["FusionGene LeftBreakpoint RightBreakpoint SplitReads", "EML4--ALK 2:1 2:9 5"],
    "pcgr_expression": ["TargetID TPM", "MET 5"],
    "pcgr_variants": ["SAMPLE_ID GENOMIC_CHANGE SYMBOL CONSEQUENCE VAF_TUMOR",
                      "S1 g.chr1:5:A>T MET missense_variant 0.1"],
    "pcgr_copy_numbers": ["SAMPLE_ID SYMBOL CN_MAJOR CN_MINOR VARIANT_CLASS", "S1 MET 5 5 gain"],
}  # fmt: skip
BY_NAME = {layout.name: layout for layout in LAYOUTS}
SHEET = Sheet(patients={"S1": "P1"}, panels={"*": "X"}, genes={"X": ("MET",)}, genome_build="GRCh38")

odd = st.one_of(
    st.sampled_from(
        ["", ".", "NA", "*", "|", ",", ";", "=", "-1", "nan", "1e400", "9" * 30, '"', "--", "::", "<", "^a$", "\0"]
    ),
    st.text(max_size=8).filter(lambda text: not set("\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029") & set(text)),
)  # fmt: skip
harm = st.tuples(st.integers(0, 20), st.integers(0, 20), odd, st.sampled_from(["replace", "append", "drop", "double"]))


def lines_of(name: str) -> list[str]:
    return [line if line.startswith("##") else line.replace(" ", "\t").replace("~", " ") for line in FILES[name]]


def harmed(lines: list[str], harms: list[tuple[int, int, str, str]]) -> list[str]:
    for number, column, text, kind in harms:
        place = number % len(lines)
        cells = lines[place].split("\t")
        if kind == "double" or (kind == "drop" and len(lines) > 1):
            lines[place : place + 1] = [lines[place]] * 2 if kind == "double" else []
        else:
            at = column % len(cells)
            cells[at] = text if kind == "replace" else cells[at] + text
            lines[place] = "\t".join(cells)
    return lines


def read(layout: Layout, lines: list[str]) -> Reading:
    return layout.read(lines, Path("S1.grch37.txt"), SHEET)


@pytest.mark.parametrize("name", sorted(FILES))
@settings(max_examples=25, deadline=None)
@given(harms=st.lists(harm, min_size=1, max_size=5))
def test_no_content_stops_a_reader(name: str, harms: list[tuple[int, int, str, str]]) -> None:
    """Each line set aside exists and has a finding, unless the file as a whole has one."""
    layout, lines = BY_NAME[name], harmed(lines_of(name), harms)
    if not layout.recognises(name, "\n".join(lines) + "\n"):
        return
    found = read(layout, lines)
    aside = {finding.line for finding in found.findings if finding.severity == "quarantined"}
    assert set(found.quarantined) <= set(range(1, len(lines) + 1))
    assert 0 in aside or aside == set(found.quarantined)


bases = st.text(alphabet="ACGT", min_size=1, max_size=4)


def named_by_vep(ref: str, alts: list[str]) -> list[str]:
    """Alleles of a site as VEP names them: without the first base, where all begin with it and one is an indel."""
    shared = {text[0] for text in (ref, *alts)} == {ref[0]} and any(len(alt) != len(ref) for alt in alts)
    return [alt[1:] or "-" for alt in alts] if shared else alts


@settings(max_examples=60, deadline=None)
@given(ref=bases, alts=st.lists(bases, min_size=1, max_size=3, unique=True))
def test_a_site_of_several_alleles_is_as_many_sites_of_one(ref: str, alts: list[str]) -> None:
    """Splitting a line by its alleles changes no variant: annotation and reads go with their allele."""
    assume(ref not in alts)
    names = named_by_vep(ref, alts)
    notes = [f"{name}|missense_variant|G{place}|p.V{place + 1}E" for place, name in enumerate(names)]
    start, counts = f"7\t9\t.\t{ref}", [str(10 + place) for place in range(len(alts))]
    whole = f"{start}\t{','.join(alts)}\t.\t.\tCSQ={','.join(reversed(notes))}\tDP:AD\t90:50,{','.join(counts)}"
    split = [
        f"{start}\t{alt}\t.\t.\tCSQ={note}\tDP:AD\t90:50,{count}"
        for alt, note, count in zip(alts, notes, counts, strict=True)
    ]
    one, many = (read(VCF, lines_of("vcf")[:3] + lines) for lines in ([whole], split))
    assert {finding.rule for finding in one.findings} <= {"panel_contradicts", "mixed_builds"}  # of the sheet
    told = [
        sorted(rows.frame.select("alt", "gene", "hgvs_p", "class", "depth", "_key").rows())
        for found in (one, many)
        for rows in found.rows
        if rows.table == "variant"
    ]
    assert told[0] == told[1]
