"""VCF files: which transcript, which column, which allele a variant is read from.

VCF 4.x (https://samtools.github.io/hts-specs/VCFv4.3.pdf), annotated by VEP (INFO ``CSQ``) or SnpEff (INFO ``ANN``).
"""

from __future__ import annotations

import gzip
from dataclasses import replace
from pathlib import Path

import pytest

from kohort.sources.laboratory.vcf import VCF
from kohort.sources.lines import count_lines
from tests.laboratory_files import SHEET, Told, read_file, read_lines
from tests.support import SHARED, needs_shared

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
FIELDS = (
    "Allele|Consequence|IMPACT|SYMBOL|Feature|EXON|HGVSc|HGVSp|PICK|MANE_SELECT|CANONICAL|gnomADe_AF|gnomADe_AFR_AF"
    "|CLIN_SIG|STRAND"
)
SNPEFF = (
    "Functional annotations: 'Allele | Annotation | Annotation_Impact | Gene_Name | Gene_ID | Feature_Type | "
    "Feature_ID | Transcript_BioType | Rank | HGVS.c | HGVS.p | cDNA.pos / cDNA.length | CDS.pos / CDS.length | "
    "AA.pos / AA.length | Distance | ERRORS / WARNINGS / INFO'"
)


def header(*meta: str, samples: tuple[str, ...] = ("S1",)) -> list[str]:
    columns = "\t".join([COLUMNS, "FORMAT", *samples]) if samples else COLUMNS
    return ["##fileformat=VCFv4.2", *meta, columns]


def vep(key: str = "CSQ") -> str:
    words = "Consequence annotations from Ensembl VEP. Format: "
    return f'##INFO=<ID={key},Number=.,Type=String,Description="{words}{FIELDS}">'


def annotation(**given: str) -> str:
    """One annotation of VEP; fields by name."""
    return "|".join(given.get(name, "") for name in FIELDS.split("|"))


def record(ref: str = "A", alt: str = "T", info: str = ".", form: str = "GT", *cells: str, **more: str) -> str:
    place = [more.get("chromosome", "7"), more.get("position", "140453136"), more.get("id", "."), ref, alt]
    samples = cells or (("0/1",) if form == "GT" else ())
    return "\t".join([*place, ".", more.get("filter", "PASS"), info, form, *samples])


BRAF = annotation(
    Allele="T", Consequence="missense_variant", IMPACT="MODERATE", SYMBOL="BRAF", Feature="ENST00000646891",
    EXON="15/18", HGVSc="ENST00000646891.2:c.1799T>A", HGVSp="ENSP00000493543.1:p.Val600Glu",
)  # fmt: skip


def read(tmp_path: Path, *lines: str, sheet: object = SHEET, name: str = "S1.vcf") -> Told:
    return read_lines(VCF, tmp_path, name, lines, sheet)  # type: ignore[arg-type]


def one(told: Told) -> dict[str, object]:
    (variant,) = told.variants
    return variant


def test_an_annotation_of_vep_names_gene_change_and_transcript(tmp_path: Path) -> None:
    """HGVSc and HGVSp lose the sequence they are written on; the transcript keeps its version; EXON n/m is exon n."""
    variant = one(read(tmp_path, *header(vep()), record(info=f"CSQ={BRAF}")))
    told = ("gene", "hgvs_c", "hgvs_p", "transcript", "exon", "classification", "class")
    assert [variant[name] for name in told] == [
        "BRAF", "c.1799T>A", "p.Val600Glu", "ENST00000646891.2", 15, "missense_variant", "snv"
    ]  # fmt: skip
    assert (variant["chromosome"], variant["position"], variant["ref"], variant["alt"]) == ("7", 140453136, "A", "T")
    assert (variant["_person"], variant["test"]) == ("P1", "S1|mutation")


def test_vep_may_write_under_the_key_of_snpeff(tmp_path: Path) -> None:
    """What the fields are stands in the header's Description; the key ANN says nothing."""
    told = read(tmp_path, *header(vep("ANN")), record(info=f"DP=90;ANN={BRAF}"))
    assert (one(told)["gene"], one(told)["hgvs_p"]) == ("BRAF", "p.Val600Glu")


def test_an_annotation_of_snpeff_has_sixteen_fields(tmp_path: Path) -> None:
    """Annotation is the consequence, Gene_Name the gene, Rank the exon, HGVS.c and HGVS.p the change."""
    fields = "T|missense_variant|MODERATE|BRAF|ENSG1|transcript|NM_004333.6|protein_coding|15/18|c.1799T>A|p.Val600Glu"
    meta = f'##INFO=<ID=ANN,Number=.,Type=String,Description="{SNPEFF}">'
    variant = one(read(tmp_path, *header(meta), record(info=f"ANN={fields}|1|2|3||")))
    told = ("gene", "hgvs_c", "hgvs_p", "transcript", "exon", "classification")
    assert [variant[n] for n in told] == ["BRAF", "c.1799T>A", "p.Val600Glu", "NM_004333.6", 15, "missense_variant"]


@pytest.mark.parametrize(
    ("marked", "chosen"),
    [
        ({"B": {"PICK": "1"}, "C": {"MANE_SELECT": "NM_1"}}, "B"),
        ({"C": {"MANE_SELECT": "NM_1"}, "D": {"CANONICAL": "YES"}}, "C"),
        ({"D": {"CANONICAL": "YES"}}, "D"),
        ({}, "B"),
    ],
)
def test_one_transcript_is_chosen_for_a_gene(tmp_path: Path, marked: dict[str, dict[str, str]], chosen: str) -> None:
    """Picked by VEP, else MANE Select, else canonical, else the first of the most severe consequence."""
    words = {"A": "synonymous_variant", "B": "stop_gained", "C": "missense_variant", "D": "intron_variant"}
    each = [
        annotation(Allele="T", Consequence=word, SYMBOL="TP53", Feature=name, **marked.get(name, {}))
        for name, word in words.items()
    ]
    told = read(tmp_path, *header(vep()), record(info=f"CSQ={','.join(each)}"))
    assert (one(told)["transcript"], one(told)["classification"]) == (chosen, words[chosen])
    assert ("transcript_by_consequence" in {rule for rule, _, _ in told.findings}) == (not marked)


def test_a_variant_in_two_genes_has_a_row_for_each(tmp_path: Path) -> None:
    """A gene that the variant only lies near has none, unless VEP picked it or no other gene is hit."""
    hit = annotation(Allele="T", Consequence="missense_variant", IMPACT="MODERATE", SYMBOL="A")
    other = annotation(Allele="T", Consequence="stop_gained", IMPACT="HIGH", SYMBOL="B")
    near = annotation(Allele="T", Consequence="upstream_gene_variant", IMPACT="MODIFIER", SYMBOL="TERT")
    between = annotation(Allele="T", Consequence="intergenic_variant", IMPACT="MODIFIER")
    told = read(
        tmp_path, *header(vep()), record(info=f"CSQ={near},{hit},{other}"),
        record(info=f"CSQ={between},{near}", position="2"), record(info=f"CSQ={between}", position="3"),
    )  # fmt: skip
    assert [(v.get("gene"), v["classification"]) for v in told.variants] == [
        ("B", "stop_gained"), ("A", "missense_variant"), ("TERT", "upstream_gene_variant"),
        (None, "intergenic_variant"),
    ]  # fmt: skip
    assert len({str(v["_key"]) for v in told.variants}) == 4


def test_of_several_consequences_the_most_severe_is_the_classification(tmp_path: Path) -> None:
    """In the order of Ensembl, in the words of Sequence Ontology."""
    both = annotation(Allele="T", Consequence="splice_region_variant&missense_variant", SYMBOL="MET")
    assert one(read(tmp_path, *header(vep()), record(info=f"CSQ={both}")))["classification"] == "missense_variant"


def test_a_silent_change_is_written_with_its_sign(tmp_path: Path) -> None:
    """VEP escapes = as %3D, because = divides key and value in INFO."""
    silent = annotation(Allele="T", Consequence="synonymous_variant", SYMBOL="KIT", HGVSp="ENSP1.1:p.Leu862%3D")
    assert one(read(tmp_path, *header(vep()), record(info=f"CSQ={silent}")))["hgvs_p"] == "p.Leu862="


def test_each_allele_of_a_site_has_its_own_annotation_and_reads(tmp_path: Path) -> None:
    """VEP names alleles without the base that all share: `-` is the deletion, `GG` the longer insertion."""
    gone = annotation(Allele="-", Consequence="frameshift_variant", SYMBOL="APC", HGVSp="ENSP1:p.Lys1fs")
    more = annotation(Allele="GG", Consequence="inframe_insertion", SYMBOL="APC", HGVSp="ENSP1:p.Gly1dup")
    told = read(
        tmp_path, *header(vep()),
        record("CG", "C,CGG", f"CSQ={more},{gone}", "GT:AD:AF:DP", "0/1/2:60,30,10:0.3,0.1:100"),
    )  # fmt: skip
    assert [(v["alt"], v["hgvs_p"], v["vaf"], v["depth"], v["class"]) for v in told.variants] == [
        ("C", "p.Lys1fs", 0.3, 100.0, "indel"), ("CGG", "p.Gly1dup", 0.1, 100.0, "indel"),
    ]  # fmt: skip


def test_an_annotation_of_no_allele_is_named(tmp_path: Path) -> None:
    """Site and annotation were edited apart; the variant stays, without gene."""
    told = read(tmp_path, *header(vep()), record("A", "C,G", f"CSQ={BRAF}", "GT", "1/2"))
    assert told.findings == [("annotation_of_no_allele", 4, "INFO")]
    assert [v.get("gene") for v in told.variants] == [None, None]


def test_an_annotation_with_too_few_fields_is_named(tmp_path: Path) -> None:
    """It may be cut; what it says before the cut is kept."""
    cut = "T|missense_variant|MODERATE|BRAF"
    told = read(tmp_path, *header(vep()), record(info=f"CSQ={cut}"))
    assert (one(told)["gene"], told.findings) == ("BRAF", [("uneven_annotation", 4, "INFO")])


def test_a_deletion_that_spans_the_base_is_no_variant_of_its_own(tmp_path: Path) -> None:
    """Allele * has its own line elsewhere; a finding says that it was left out here."""
    told = read(tmp_path, *header(vep()), record("A", "T,*", f"CSQ={BRAF}"))
    assert (one(told)["gene"], told.findings) == ("BRAF", [("spanning_deletion", 4, "ALT")])


@pytest.mark.parametrize(
    ("info", "form", "cells", "vaf", "depth"),
    [
        ("TDP=144;TVAF=0.22", "GT:AD:DP", "0/1:1,9:10", 0.22, 144),
        (".", "GT:AD:AF:DP", "0/1:75,25:0.24:101", 0.24, 101),
        (".", "GT:AD", "0/1:75,25", 0.25, 100),
        (".", "GT:RD:AD:FREQ", "0/1:80:20:20.5%", 0.205, 100),
        (".", "GT:RO:AO", "0/1:30,:10", None, None),
        (".", "GT:RO:AO", "0/1:30:10", 0.25, 40),
        (".", "AU:CU:GU:TU:DP", "60,61:0,0:0,0:20,21:82", 0.25, 82),
        ("DP=77", "GT", "0/1", None, 77),
    ],
)
def test_depth_and_share_have_no_agreed_place(
    tmp_path: Path, info: str, form: str, cells: str, vaf: float | None, depth: float | None
) -> None:
    """PCGR's INFO tags, else Mutect2's and DRAGEN's FORMAT fields, else those of VarScan, FreeBayes and Strelka."""
    told = one(read(tmp_path, *header(vep()), record("A", "T", f"{info};CSQ={BRAF}", form, cells)))
    assert told.get("vaf") == (None if vaf is None else pytest.approx(vaf))
    assert told.get("depth") == depth


def test_the_tumour_column_is_the_one_that_the_caller_names(tmp_path: Path) -> None:
    """Mutect2 writes ##tumor_sample; the normal's reads are not taken, and what was compared is somatic."""
    meta = ("##tumor_sample=S2", "##normal_sample=S1")
    line = record("A", "T", f"CSQ={BRAF}", "GT:AD", "0/0:50,0", "0/1:60,40")
    told = one(read(tmp_path, *header(vep(), *meta, samples=("S1", "S2")), line))
    assert (told["_person"], told["vaf"], told["origin"]) == ("P2", 0.4, "somatic")


def test_columns_called_tumour_take_the_sample_from_the_name_of_the_file(tmp_path: Path) -> None:
    """Strelka and VarScan name them so; PCGR's files begin with the sample, too."""
    line = record("A", "T", f"CSQ={BRAF}", "AD", "50,0", "60,40")
    told = read(tmp_path, *header(vep(), samples=("NORMAL", "TUMOR")), line, name="S2.strelka.vcf")
    assert (one(told)["_person"], one(told)["vaf"]) == ("P2", 0.4)


def test_samples_without_a_tumour_among_them_are_named(tmp_path: Path) -> None:
    """Nothing is guessed: the variants are kept without reads."""
    line = record("A", "T", f"CSQ={BRAF}", "AD", "50,5", "60,40")
    told = read(tmp_path, *header(vep(), samples=("X", "Y")), line)
    assert told.findings == [("unknown_tumour_column", 3, "#CHROM")]
    assert "vaf" not in one(told)


def test_several_samples_of_the_sheet_are_read_each_for_itself(tmp_path: Path) -> None:
    """Each has the alleles that its genotype holds."""
    lines = [record(info=f"CSQ={BRAF}", form="GT", position=str(n)) for n in (1, 2)]
    lines = [line.removesuffix("0/1") + cells for line, cells in zip(lines, ("0/1\t0/0", "1|0\t0|1"), strict=True)]
    told = read(tmp_path, *header(vep(), samples=("S1", "S2")), *lines)
    assert [(v["_line"], v["_person"]) for v in told.variants] == [(4, "P1"), (5, "P1"), (5, "P2")]


def test_a_filter_that_objects_is_kept_beside_the_variant(tmp_path: Path) -> None:
    """A dot counts as PASS, as in PCGR; no call is dropped."""
    calls = [record(position=str(n), filter=word) for n, word in enumerate(("PASS", ".", "germline;weak"), 1)]
    told = read(tmp_path, *header(vep()), *calls)
    assert [(v["call_filter"], v["origin"]) for v in told.variants] == [
        ("PASS", "unknown"), ("PASS", "unknown"), ("germline;weak", "germline")
    ]  # fmt: skip


def test_flags_say_whether_a_variant_is_inherited(tmp_path: Path) -> None:
    """SOMATIC and GERMLINE of INFO, SS of VarScan, STATUS of VarDict; without any of them it is unknown."""
    flags = ("SOMATIC", "GERMLINE;DP=3", "SS=1", "SS=2", "STATUS=StrongSomatic", "DP=4")
    told = read(tmp_path, *header(), *(record(info=flag, position=str(n)) for n, flag in enumerate(flags, 1)))
    assert [v["origin"] for v in told.variants] == [
        "somatic", "germline", "germline", "somatic", "somatic", "unknown"
    ]  # fmt: skip


def test_the_highest_population_frequency_and_clinvar_are_kept(tmp_path: Path) -> None:
    """Of all fields of gnomAD; several values of one field are joined by &."""
    known = annotation(
        Allele="T", Consequence="missense_variant", SYMBOL="BRAF", gnomADe_AF="0.0001", gnomADe_AFR_AF="0.002&0.001",
        CLIN_SIG="pathogenic",
    )  # fmt: skip
    told = one(read(tmp_path, *header(vep()), record(info=f"CSQ={known}")))
    assert (told["population_frequency"], told["significance"]) == (0.002, "pathogenic")


def test_a_file_without_annotation_keeps_places_and_bases(tmp_path: Path) -> None:
    """No gene is guessed from a position; one finding says how to annotate the file."""
    told = read(tmp_path, *header(), record(), record(position="5"))
    assert told.findings == [("no_annotation", 0, "INFO")]
    assert [(v.get("gene"), v["position"]) for v in told.variants] == [(None, 140453136), (None, 5)]
    assert "snpEff" in told.chunk.findings[0].message


def test_a_line_without_annotation_among_others_is_named(tmp_path: Path) -> None:
    """The annotation may have failed there."""
    told = read(tmp_path, *header(vep()), record(info=f"CSQ={BRAF}"), record(position="5"))
    assert told.findings == [("no_annotation", 5, "INFO")]


@pytest.mark.parametrize(
    ("meta", "build"),
    [
        ("##reference=file:///ref/human_g1k_v37.fasta", "GRCh37"),
        ("##reference=/ref/Homo_sapiens_assembly38.fasta", "GRCh38"),
        ("##contig=<ID=chr7,length=159345973>", "GRCh38"),
        ("##contig=<ID=7,length=159138663,assembly=b37>", "GRCh37"),
        ('##VEP="v110" cache="/c" assembly="GRCh38.p14"', "GRCh38"),
        ("##source=caller", None),
    ],
)
def test_the_genome_build_stands_in_several_places(tmp_path: Path, meta: str, build: str | None) -> None:
    """The reference, the lengths of the contigs, or the command line of the annotator."""
    told = read(tmp_path, *header(meta, vep()), record(info=f"CSQ={BRAF}"))
    assert told.table("test")["genome_build"].to_list() == [build]


def test_two_genome_builds_are_named_and_none_is_taken(tmp_path: Path) -> None:
    """The reference says GRCh37, the length of a contig GRCh38; a sheet or a file name may contradict, too."""
    meta = ("##reference=hs37d5.fa", "##contig=<ID=7,length=159345973>")
    told = read(tmp_path, *header(*meta, vep()), record(info=f"CSQ={BRAF}"))
    assert told.findings == [("mixed_builds", 3, "##reference")]
    assert told.table("test")["genome_build"].to_list() == [None]
    sheet = replace(SHEET, genome_build="GRCh38")
    told = read(tmp_path, *header(meta[0], vep()), record(info=f"CSQ={BRAF}"), sheet=sheet)
    assert told.findings == [("mixed_builds", 2, "##reference")]


def test_a_position_that_the_chromosome_does_not_have_is_named(tmp_path: Path) -> None:
    """A sure sign of another genome build: chromosome 7 of GRCh37 ends at 159,138,663."""
    told = read(tmp_path, *header("##reference=hg19", vep()), record(info=f"CSQ={BRAF}", position="159200000"))
    assert told.findings == [("beyond_chromosome", 5, "POS")]


def test_the_panel_of_the_sheet_says_which_genes_were_tested(tmp_path: Path) -> None:
    """A VCF does not say it; WES and WGS cover the whole, a panel what its gene list says."""
    lines = (*header(vep()), record(info=f"CSQ={BRAF}"))
    assert read(tmp_path, *lines).table("test")["coverage"].to_list() == ["unknown"]
    sheet = replace(SHEET, panels={"S1": "WES"})
    assert read(tmp_path, *lines, sheet=sheet).table("test")["coverage"].to_list() == ["exome"]
    sheet = replace(SHEET, panels={"S1": "SMALL"}, genes={"SMALL": ("KRAS",)})
    told = read(tmp_path, *lines, sheet=sheet)
    assert told.table("test")["panel"].to_list() == ["SMALL"]
    assert told.findings == [("panel_contradicts", 4, "gene")]


def test_a_file_of_no_variant_still_says_that_the_sample_was_tested(tmp_path: Path) -> None:
    """Tested, nothing found."""
    told = read(tmp_path, *header(vep()))
    assert told.variants == []
    assert told.table("test").select("_key", "specimen").rows() == [("S1|mutation", "S1")]


def test_symbolic_alleles_are_structural_variants(tmp_path: Path) -> None:
    """Each gene that the variant lies in has a row; INFO END is its end."""
    meta = (vep(), '##INFO=<ID=SVTYPE,Number=1,Type=String,Description="Type">')
    lost = [annotation(Allele="deletion", Consequence="transcript_ablation", SYMBOL=g) for g in ("CDKN2A", "CDKN2B")]
    told = read(
        tmp_path, *header(*meta), record("N", "<DEL>", f"SVTYPE=DEL;END=140459000;CSQ={','.join(lost)}"),
        record("N", "<DUP:TANDEM>", "SVTYPE=DUP;END=140459001", position="140453137"),
    )  # fmt: skip
    assert [(v["class"], v.get("gene"), v["end_position"], v["classification"]) for v in told.variants] == [
        ("sv", "CDKN2A", 140459000, "DEL"), ("sv", "CDKN2B", 140459000, "DEL"), ("sv", None, 140459001, "DUP"),
    ]  # fmt: skip
    assert told.table("test")["assay"].to_list() == ["structural_variant"]


def test_the_two_breakends_of_a_rearrangement_are_one_fusion(tmp_path: Path) -> None:
    """The gene that keeps its beginning stands first: of ALK, on the reverse strand, the right side is kept."""
    alk = annotation(Allele="T", Consequence="intron_variant", SYMBOL="ALK", STRAND="-1")
    eml4 = annotation(Allele="T", Consequence="intron_variant", SYMBOL="EML4", STRAND="1")
    told = read(
        tmp_path, *header(vep()),
        record("A", "A]2:42522694]", f"SVTYPE=BND;MATEID=b;CSQ={alk}", "PR:SR", "20,6:30,4", chromosome="chr2", id="a"),
        record("T", "T]2:29446394]", f"SVTYPE=BND;MATEID=a;CSQ={eml4}", "PR:SR", "20,6:30,4", chromosome="2", id="b"),
    )  # fmt: skip
    told_of = one(told)
    assert [told_of[n] for n in ("class", "gene", "partner", "reads")] == ["fusion", "EML4", "ALK", 10.0]
    assert told.chunk.quarantined == []


def test_snpeff_names_both_genes_of_a_fusion(tmp_path: Path) -> None:
    """Annotation gene_fusion, Gene_Name A&B."""
    meta = f'##INFO=<ID=ANN,Number=.,Type=String,Description="{SNPEFF}">'
    fields = "A[9:133589332[|gene_fusion|HIGH|BCR&ABL1|ENSG1&ENSG2|gene_variant|ENSG1|||||||||"
    told = one(read(tmp_path, *header(meta), record("A", "A[9:133589332[", f"ANN={fields}", chromosome="22")))
    assert (told["class"], told["gene"], told["partner"]) == ("fusion", "BCR", "ABL1")


def test_lines_that_are_no_records_are_set_aside_with_their_reason(tmp_path: Path) -> None:
    """Physical lines are accepted or set aside; the others are read."""
    good = record(info=f"CSQ={BRAF}")
    told = read(
        tmp_path, *header(vep()), good, "7\t12", f"{good}\tmore", record(position="many"), record(ref="?"),
        record(alt="A-T"), record(chromosome="."), "", "#CHROM\tagain", record(alt="A"), record(alt="."),
    )  # fmt: skip
    assert told.findings == [
        ("too_few_columns", 5, None), ("too_many_columns", 6, None), ("not_a_whole_number", 7, "POS"),
        ("no_bases", 8, "REF"), ("no_bases", 9, "ALT"), ("missing_chromosome", 10, "CHROM"),
        ("second_header", 12, "#CHROM"), ("no_change", 13, "ALT"),
    ]  # fmt: skip
    assert (told.chunk.lines, told.accepted, one(told)["_line"]) == (14, 8, 4)


def test_a_file_without_its_line_of_columns_is_set_aside_whole(tmp_path: Path) -> None:
    """Which cell is which is not known."""
    told = read(tmp_path, "##fileformat=VCFv4.2", record(), record())
    assert told.findings == [("missing_header", 0, "#CHROM")]
    assert told.accepted == 0


@pytest.mark.parametrize("many", [1, 2])
def test_bgzip_is_many_small_files_in_one(tmp_path: Path, many: int) -> None:
    """Blocks of gzip after each other, the last one empty; a plain gzip is one block."""
    lines = [*header(vep()), record(info=f"CSQ={BRAF}"), record(info=f"CSQ={BRAF}", position="9")]
    content = "".join(f"{line}\n" for line in lines).encode()
    cut = len(content) // many
    blocks = [content[:cut], content[cut:], b""] if many > 1 else [content]
    path = tmp_path / "S1.vcf.gz"
    path.write_bytes(b"".join(gzip.compress(block) for block in blocks))
    told = read_file(VCF, path)
    assert (len(told.variants), told.findings, told.chunk.lines) == (2, [], count_lines(path))


@needs_shared
@pytest.mark.realdata
@pytest.mark.parametrize(("name", "snv", "indel"), [("BRCA", 196, 0), ("COAD", 2670, 647)])
def test_real_calls_without_annotation_are_kept_whole(name: str, snv: int, indel: int) -> None:
    """PCGR's two example tumours, lifted to GRCh37: 196 and 3,317 records with INFO TDP and TVAF."""
    path = SHARED / "formats" / "vcf" / f"T001-{name}.grch37.vcf.gz"
    told = read_file(VCF, path, replace(SHEET, patients={}))
    variants = told.table("variant")
    assert dict(variants["class"].value_counts().iter_rows()) == (
        {"snv": snv, "indel": indel} if indel else {"snv": snv}
    )
    assert variants["vaf"].null_count() == variants["depth"].null_count() == 0
    assert told.findings == [("no_annotation", 0, "INFO")]
    assert told.table("test").select("specimen", "genome_build").rows() == [(f"T001-{name}", "GRCh37")]
    assert told.accepted == told.chunk.lines == count_lines(path)
