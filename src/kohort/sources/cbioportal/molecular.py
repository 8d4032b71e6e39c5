"""Mutations (MAF), discrete copy number (matrix and long form) and structural variants."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from kohort.sources.cbioportal.context import MISSING, Study
from kohort.sources.cbioportal.contradictions import (
    beside_panel,
    columns_disagree,
    matrix_beside_panel,
    mixed_builds,
)
from kohort.sources.cbioportal.mapping import (
    Kind,
    LineCheck,
    clean,
    first_of,
    not_integer,
    not_number,
    number_of,
)
from kohort.sources.cbioportal.panels import implied_tests
from kohort.sources.model import KEY, LINE, PERSON, Rows

__all__ = ["COPY_NUMBER_LONG", "COPY_NUMBER_MATRIX", "COPY_NUMBER_RENAMED", "MUTATIONS", "STRUCTURAL_VARIANTS"]

_MAF_SAMPLE = "TUMOR_SAMPLE_BARCODE"
_MAF_INTEGERS = ("START_POSITION", "END_POSITION")
_MAF_NUMBERS = ("T_DEPTH", "T_VAF", "T_ALT_COUNT", "T_REF_COUNT")
_MAF_ORDER = (
    "HUGO_SYMBOL", "NCBI_BUILD", "CHROMOSOME", "START_POSITION", "END_POSITION", "VARIANT_CLASSIFICATION",
    "VARIANT_TYPE", "REFERENCE_ALLELE", "TUMOR_SEQ_ALLELE1", "TUMOR_SEQ_ALLELE2", _MAF_SAMPLE,
)  # fmt: skip
_MAF_KNOWN = frozenset(
    {
        "HUGO_SYMBOL", "ENTREZ_GENE_ID", "NCBI_BUILD", "CHROMOSOME", "START_POSITION", "END_POSITION", "STRAND",
        "VARIANT_CLASSIFICATION", "VARIANT_TYPE", "REFERENCE_ALLELE", "TUMOR_SEQ_ALLELE1", "TUMOR_SEQ_ALLELE2",
        _MAF_SAMPLE, "HGVSP_SHORT", "HGVSP", "HGVSC", "TRANSCRIPT_ID", "EXON_NUMBER", "MUTATION_STATUS", *_MAF_NUMBERS,
    }
)  # fmt: skip
_CALLS = {
    "-2": -2,
    "-1.5": -2,
    "-1": -1,
    "0": 0,
    "1": 1,
    "2": 2,
    "AMP": 2,
    "GAIN": 1,
    "DEEPDEL": -2,
    "HOMDEL": -2,
    "HETLOSS": -1,
}
_VARIANT_TYPES = ("SNP", "DNP", "TNP", "ONP", "INS", "DEL")
_LONG_NAMES = {"SAMPLES": "SAMPLE_ID", "GENE": "HUGO_SYMBOL", "CNA": "VALUE"}
"""Other names of the long copy-number columns, as published studies write them."""
_SV_SAMPLE = "SAMPLE_ID"
_SV_KNOWN = frozenset(
    {"SAMPLE_ID", "SV_STATUS", "CLASS", "EVENT_INFO", "SITE1_HUGO_SYMBOL", "SITE2_HUGO_SYMBOL", "SITE1_ENTREZ_GENE_ID",
     "SITE2_ENTREZ_GENE_ID", "SITE1_CHROMOSOME", "SITE1_POSITION", "SITE2_CHROMOSOME", "SITE2_POSITION"}
)  # fmt: skip
_NO_GENE = "The line names no gene. Fill the gene symbol."


def _unknown_sample(column: str) -> LineCheck:
    """The rule that a sample is in the sample file; there alone stands which patient it is of."""
    message = "The sample is not in the sample file, so its patient is not known. Correct the id or add the sample."
    return LineCheck("unknown_sample", column, pl.col("PATIENT_ID").is_null(), message)


def _no_gene(*columns: str) -> LineCheck:
    empty = pl.all_horizontal([pl.col(name).str.strip_chars().fill_null("") == "" for name in columns])
    return LineCheck("missing_gene", columns[0], empty, _NO_GENE)


def mutation_checks(frame: pl.DataFrame, study: Study) -> Sequence[LineCheck]:
    """Rules for lines of the mutation file."""
    checks = [_unknown_sample(_MAF_SAMPLE), _no_gene("HUGO_SYMBOL")]
    if "VARIANT_CLASSIFICATION" in frame.columns:
        message = (
            "The classification holds a variant type: cells of this line stand in the wrong column. Bases, "
            "classification and kind were not taken from it (the kind is read from HGVSc). Move the cells back."
        )
        checks.append(LineCheck("shifted_columns", "VARIANT_CLASSIFICATION", _is_shifted(frame), message, "warning"))
    checks += [*mixed_builds(frame, study), *columns_disagree(frame)]
    checks += beside_panel(frame, study, "mutation", _MAF_SAMPLE, "HUGO_SYMBOL")
    return checks + not_integer(frame, *_MAF_INTEGERS) + not_number(frame, *_MAF_NUMBERS)


def _is_shifted(frame: pl.DataFrame) -> pl.Expr:
    """True where the classification is a variant type: the cells before it stand one place to the left."""
    if "VARIANT_CLASSIFICATION" not in frame.columns:
        return pl.lit(value=False)
    return pl.col("VARIANT_CLASSIFICATION").is_in(_VARIANT_TYPES).fill_null(value=False)


def _variant_class(frame: pl.DataFrame, ref: pl.Expr, alt: pl.Expr) -> pl.Expr:
    """Snv or indel, by the variant type and the bases; of a shifted line by its HGVSc."""
    short = ref.str.len_bytes().eq(alt.str.len_bytes()) & (ref != "-") & (alt != "-")
    as_written = _as_written(frame, "VARIANT_TYPE").is_in(["INS", "DEL", "ins", "del"]) | ~short
    by_change = first_of(frame, "HGVSC").str.contains("del|ins|dup")
    is_indel = pl.when(_is_shifted(frame)).then(by_change).otherwise(as_written)
    return pl.when(is_indel).then(pl.lit("indel")).otherwise(pl.lit("snv"))


def mutation_rows(frame: pl.DataFrame, study: Study) -> Sequence[Rows]:
    """Standard rows of the mutation file."""
    whole = {name: _whole(frame, name) for name in _MAF_INTEGERS}
    ref, alt = _as_written(frame, "REFERENCE_ALLELE"), _as_written(frame, "TUMOR_SEQ_ALLELE2", "TUMOR_SEQ_ALLELE1")
    altered, depth = _reads(frame)
    in_place = ~_is_shifted(frame)
    protein = first_of(frame, "HGVSP_SHORT", "HGVSP")
    made = frame.select(
        pl.col("PATIENT_ID").alias(PERSON),
        _mutation_key(frame).alias(KEY),
        LINE,
        pl.concat_str([pl.col(_MAF_SAMPLE), pl.lit("|mutation")]).alias("test"),
        _variant_class(frame, ref, alt).alias("class"),
        clean("HUGO_SYMBOL").alias("gene"),
        _chromosome(_as_written(frame, "CHROMOSOME")).alias("chromosome"),
        whole["START_POSITION"].alias("position"),
        whole["END_POSITION"].alias("end_position"),
        pl.when(in_place).then(ref).alias("ref"),
        pl.when(in_place).then(alt).alias("alt"),
        first_of(frame, "HGVSC").alias("hgvs_c"),
        protein.alias("hgvs_p"),
        first_of(frame, "TRANSCRIPT_ID").alias("transcript"),
        first_of(frame, "EXON_NUMBER").str.extract(r"^(\d+)", 1).cast(pl.Int32, strict=False).alias("exon"),
        pl.coalesce(number_of(frame, "T_VAF"), pl.when(depth > 0).then(altered / depth)).alias("vaf"),
        depth.alias("depth"),
        _origin(first_of(frame, "MUTATION_STATUS")).alias("origin"),
        pl.when(in_place).then(first_of(frame, "VARIANT_CLASSIFICATION")).alias("classification"),
    )
    return [Rows("variant", made), implied_tests(frame, study, _MAF_SAMPLE, "mutation")]


def _mutation_key(frame: pl.DataFrame) -> pl.Expr:
    """Sample, position and bases; where there is no position, gene and change."""
    named = [
        n for n in ("HUGO_SYMBOL", "HGVSP_SHORT", "HGVSP", "HGVSC", "VARIANT_CLASSIFICATION") if n in frame.columns
    ]
    placed = [n for n in ("CHROMOSOME", *_MAF_INTEGERS, "REFERENCE_ALLELE", "TUMOR_SEQ_ALLELE2") if n in frame.columns]
    whole = len(placed) == 5 and not any(frame[name].null_count() for name in placed)
    return _joined(_MAF_SAMPLE, *placed, *([] if whole else named))


def _joined(*columns: str) -> pl.Expr:
    return pl.concat_str([pl.col(name).cast(pl.String).fill_null("") for name in columns], separator="|")


def _whole(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A column of whole numbers as int64, also where it came as text such as 5.0."""
    if name in frame.columns and frame.schema[name] == pl.Int64:
        return pl.col(name)
    return number_of(frame, name).cast(pl.Int64, strict=False)


def _as_written(frame: pl.DataFrame, *names: str) -> pl.Expr:
    """The first of these columns that the file has, as written: in MAF a lone ``-`` means no bases."""
    for name in names:
        if name in frame.columns:
            return pl.col(name)
    return pl.lit(None, dtype=pl.String)


def _reads(frame: pl.DataFrame) -> tuple[pl.Expr, pl.Expr]:
    """Reads with the variant, and all reads at the position."""
    altered, reference = number_of(frame, "T_ALT_COUNT"), number_of(frame, "T_REF_COUNT")
    return altered, pl.coalesce(number_of(frame, "T_DEPTH"), altered + reference)


def _with_patient(frame: pl.DataFrame, study: Study, sample: str) -> pl.DataFrame:
    """The frame with the patient of each sample; null where the sample file has no such sample."""
    owners = study.samples.select(pl.col("SAMPLE_ID").alias(sample), "PATIENT_ID")
    if 4 * frame.height > owners.height > 4096:  # a join builds a table of its right side: keep that small
        runs = frame[sample].rle().struct.field("value").unique()
        owners = owners.filter(pl.col(sample).is_in(runs.implode()))
    return frame.drop("PATIENT_ID", strict=False).join(owners, on=sample, how="left", maintain_order="left")


_ASSEMBLY = {"X": ("23", "x"), "Y": ("24", "y"), "MT": ("M", "25")}
_CHROMOSOMES = {
    **{f"chr{i}": str(i) for i in range(1, 23)},
    **{f"chr{name}": name for name in _ASSEMBLY},
    **{f"{prefix}{other}": name for name, others in _ASSEMBLY.items() for other in others for prefix in ("", "chr")},
    **dict.fromkeys(MISSING),
}


def _chromosome(text: pl.Expr) -> pl.Expr:
    """Chromosome without chr; 23, 24, 25 and M in the names of the assembly."""
    return text.replace(_CHROMOSOMES)


def _origin(status: pl.Expr) -> pl.Expr:
    lower = status.str.to_lowercase()
    return (
        pl.when(lower.str.contains("germline")).then(pl.lit("germline"))
        .when(lower.str.contains("somatic")).then(pl.lit("somatic"))
        .when(lower.is_not_null()).then(pl.lit("unknown"))
    )  # fmt: skip


def _matrix_samples(frame: pl.DataFrame) -> list[str]:
    return [
        n
        for n in frame.columns
        if n not in ("HUGO_SYMBOL", "ENTREZ_GENE_ID", "CYTOBAND", LINE) and not n.startswith("_")
    ]


def matrix_checks(frame: pl.DataFrame, study: Study) -> Sequence[LineCheck]:
    """Rules for lines of the copy-number matrix."""
    known = set(study.samples["SAMPLE_ID"].str.to_uppercase())
    strangers = [name for name in _matrix_samples(frame) if name not in known]
    checks = [_no_gene("HUGO_SYMBOL")]
    if strangers and frame.height:
        message = (
            f"{len(strangers)} columns are samples that the sample file lacks; their calls were left out. Add them."
        )
        first = pl.col(LINE) == frame[LINE][0]
        checks.append(LineCheck("unknown_sample_column", "HUGO_SYMBOL", first, message, "warning"))
    named = {name.upper(): name for name in study.samples["SAMPLE_ID"]}
    checks += matrix_beside_panel(frame, study, {n: named[n] for n in _matrix_samples(frame) if n in named})
    return checks + [_no_call(name) for name in _matrix_samples(frame)]


def _no_call(column: str) -> LineCheck:
    value = clean(column).str.to_uppercase()
    message = "The value is no copy-number call (-2, -1, 0, 1, 2 or NA); it was taken as not read. Correct it."
    return LineCheck(
        "no_copy_number_call", column, value.is_not_null() & ~value.is_in(list(_CALLS)), message, "warning"
    )


def matrix_rows(frame: pl.DataFrame, study: Study) -> Sequence[Rows]:
    """Standard rows of the copy-number matrix: calls that differ from neutral, and genes that were not read."""
    names = {name.upper(): name for name in study.samples["SAMPLE_ID"]}
    samples = [name for name in _matrix_samples(frame) if name in names]
    if not samples:
        return []
    long = frame.unpivot(on=samples, index=["HUGO_SYMBOL", LINE], variable_name="SAMPLE_ID", value_name="VALUE")
    return _calls(_with_patient(long.with_columns(pl.col("SAMPLE_ID").replace(names)), study, "SAMPLE_ID"), study)


def long_checks(frame: pl.DataFrame, study: Study) -> Sequence[LineCheck]:
    """Rules for lines of the long copy-number file."""
    called = frame.with_columns(pl.when(clean("VALUE").fill_null("0") != "0").then("HUGO_SYMBOL").alias("HUGO_SYMBOL"))
    checks = [_unknown_sample("SAMPLE_ID"), _no_gene("HUGO_SYMBOL"), _no_call("VALUE")]
    return checks + beside_panel(called, study, "copy_number", "SAMPLE_ID", "HUGO_SYMBOL")


def long_rows(frame: pl.DataFrame, study: Study) -> Sequence[Rows]:
    """Standard rows of the long copy-number file."""
    return _calls(frame.select("HUGO_SYMBOL", LINE, "SAMPLE_ID", "PATIENT_ID", "VALUE"), study)


def _calls(long: pl.DataFrame, study: Study) -> Sequence[Rows]:
    value = clean("VALUE").str.to_uppercase()
    linked = long.with_columns(value.replace_strict(_CALLS, default=None, return_dtype=pl.Int32).alias("copies"))
    told = linked.filter(pl.col("copies").is_null() | (pl.col("copies") != 0))
    made = told.select(
        pl.col("PATIENT_ID").alias(PERSON),
        pl.concat_str([pl.col("SAMPLE_ID"), pl.col("HUGO_SYMBOL"), pl.lit("cnv")], separator="|").alias(KEY),
        LINE,
        pl.concat_str([pl.col("SAMPLE_ID"), pl.lit("|copy_number")]).alias("test"),
        pl.when(pl.col("copies").is_null()).then(pl.lit("not_assessed")).otherwise(pl.lit("cnv")).alias("class"),
        clean("HUGO_SYMBOL").alias("gene"),
        "copies",
    )
    tests = implied_tests(linked, study, "SAMPLE_ID", "copy_number", panel=f"{study.name}/copy_number")
    genes = linked.unique("HUGO_SYMBOL", keep="first", maintain_order=True).select(
        pl.lit(None, dtype=pl.String).alias(PERSON),
        pl.concat_str([pl.lit(f"panel/{study.name}/copy_number|"), pl.col("HUGO_SYMBOL")]).alias(KEY),
        LINE,
        pl.lit(f"panel/{study.name}/copy_number").alias("system"),
        clean("HUGO_SYMBOL").alias("code"),
    )
    return [Rows("variant", made), tests, Rows("code", genes, implied=True)]


def structural_checks(frame: pl.DataFrame, study: Study) -> Sequence[LineCheck]:
    """Rules for lines of the structural-variant file."""
    sites = [n for n in ("SITE1_HUGO_SYMBOL", "SITE2_HUGO_SYMBOL") if n in frame.columns]
    checks = [_unknown_sample(_SV_SAMPLE), _no_gene(*sites)]
    return checks + beside_panel(frame, study, "structural_variant", _SV_SAMPLE, *sites)


def structural_rows(frame: pl.DataFrame, study: Study) -> Sequence[Rows]:
    """Standard rows of the structural-variant file."""
    left, right = first_of(frame, "SITE1_HUGO_SYMBOL"), first_of(frame, "SITE2_HUGO_SYMBOL")
    gene, partner = pl.coalesce(left, right), pl.when(left.is_not_null()).then(right)
    fusion = partner.is_not_null() & (gene != partner)
    told = (
        "SITE1_HUGO_SYMBOL",
        "SITE2_HUGO_SYMBOL",
        "CLASS",
        "EVENT_INFO",
        "SITE1_POSITION",
        "SITE2_POSITION",
    )
    made = frame.select(
        pl.col("PATIENT_ID").alias(PERSON),
        _joined(_SV_SAMPLE, *(name for name in told if name in frame.columns)).alias(KEY),
        LINE,
        pl.concat_str([pl.col(_SV_SAMPLE), pl.lit("|structural_variant")]).alias("test"),
        pl.when(fusion).then(pl.lit("fusion")).otherwise(pl.lit("sv")).alias("class"),
        gene.alias("gene"),
        partner.alias("partner"),
        _chromosome(first_of(frame, "SITE1_CHROMOSOME")).alias("chromosome"),
        first_of(frame, "SITE1_POSITION").cast(pl.Int64, strict=False).alias("position"),
        _origin(first_of(frame, "SV_STATUS")).alias("origin"),
        pl.coalesce(first_of(frame, "CLASS"), first_of(frame, "EVENT_INFO")).alias("classification"),
    )
    return [Rows("variant", made), implied_tests(frame, study, _SV_SAMPLE, "structural_variant")]


def _renamed(frame: pl.DataFrame, study: Study) -> pl.DataFrame:
    return _with_patient(frame.rename(_LONG_NAMES), study, "SAMPLE_ID")


def _linked(sample: str) -> Callable[[pl.DataFrame, Study], pl.DataFrame]:
    return lambda frame, study: _with_patient(frame, study, sample)


MUTATIONS = Kind(
    "mutations",
    ("HUGO_SYMBOL", _MAF_SAMPLE),
    mutation_checks,
    mutation_rows,
    frozenset({_MAF_SAMPLE}),
    _MAF_KNOWN,
    {**dict.fromkeys(_MAF_INTEGERS, pl.Int64()), **dict.fromkeys(_MAF_NUMBERS, pl.Float64())},
    _MAF_ORDER,
    _linked(_MAF_SAMPLE),
)
COPY_NUMBER_MATRIX = Kind("copy_number_matrix", ("HUGO_SYMBOL",), matrix_checks, matrix_rows)
COPY_NUMBER_LONG = Kind(
    "copy_number_long",
    ("HUGO_SYMBOL", "SAMPLE_ID", "VALUE"),
    long_checks,
    long_rows,
    frozenset({"SAMPLE_ID"}),
    frozenset({"HUGO_SYMBOL", "SAMPLE_ID", "VALUE", "ENTREZ_GENE_ID", "CYTOBAND", "GENE PANEL"}),
    prepare=_linked("SAMPLE_ID"),
)
COPY_NUMBER_RENAMED = Kind(
    "copy_number_long",
    tuple(_LONG_NAMES),
    long_checks,
    long_rows,
    frozenset({"SAMPLES", "SAMPLE_ID"}),
    frozenset({*_LONG_NAMES, "CYTOBAND", "GENE PANEL"}),
    prepare=_renamed,
)
STRUCTURAL_VARIANTS = Kind(
    "structural_variants",
    (_SV_SAMPLE, "SITE1_HUGO_SYMBOL"),
    structural_checks,
    structural_rows,
    frozenset({_SV_SAMPLE}),
    _SV_KNOWN,
    prepare=_linked(_SV_SAMPLE),
)
