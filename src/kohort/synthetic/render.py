"""A block of patients as the rows of the clinical, timeline and molecular files, clean and in plain column names."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kohort.synthetic.agents import Agents
from kohort.synthetic.block import NOT_READ, Block
from kohort.synthetic.course import NO_RESPONSE, OPERATION, RADIOTHERAPY, Treatments
from kohort.synthetic.frequencies import copy_number_rates, fusions, genes, tumours
from kohort.synthetic.lifetimes import DAYS_A_YEAR
from kohort.synthetic.model import Habits, Hospital
from kohort.synthetic.population import UNTESTED
from kohort.synthetic.regimens import ADJUVANT, regimens
from kohort.synthetic.variants import variant_frame

__all__ = [
    "COHORT_INDICATION",
    "copy_number_frame",
    "fusion_frame",
    "mutation_frame",
    "panel_frame",
    "patient_frame",
    "sample_frame",
    "status_frame",
    "treatment_frame",
]

COHORT_INDICATION = "IMPRESS-like cohort"
DAYS_A_MONTH = 30.4375
FIRST_EVALUATION_DAYS = 30.0
EVALUATED_IN_COHORT, EVALUATED_OTHERWISE = 0.94, 0.6
BLANK_SHARE = 0.1
_STAGE_WORDS = (("Stage I", "Stage II"), ("Stage IIIA", "Stage IIIB"), ("Stage IV", "Stage IV"))
_RESPONSES = ("complete response", "partial response", "stable disease", "progressive disease")
_SHORT_RESPONSES = ("CR", "PR", "SD", "PD")


def _texts(pool: tuple[str, ...], places: NDArray[np.int64]) -> pl.Series:
    return pl.Series(pool)[places]


def _blank(rng: np.random.Generator, name: str, values: NDArray[np.generic], share: float = BLANK_SHARE) -> pl.Series:
    """Values with a share of blanks."""
    series = pl.Series(name, values)
    return series.zip_with(pl.Series(rng.random(len(values)) >= share), pl.Series(name, [None], dtype=series.dtype))


def patient_frame(rng: np.random.Generator, block: Block, habits: Habits) -> pl.DataFrame:
    """Rows of data_clinical_patient.txt."""
    known, people, calendar, count = tumours(), block.people, block.calendar, len(block.people)
    born, diagnosed = pl.Series(calendar.born), pl.Series(calendar.diagnosed)
    years = (calendar.diagnosed - calendar.born).astype(np.int64) // DAYS_A_YEAR
    words = np.array(_STAGE_WORDS)[people.stage, rng.integers(0, 2, count)]
    staged = ~np.isin(people.tumour, [known.index[code] for code in ("GB", "ASTR", "CUP")])
    height = np.where(people.female, 166, 179) + 6.5 * rng.standard_normal(count)
    weight = np.maximum(42, (height / 100) ** 2 * (25 + 4 * rng.standard_normal(count)))
    ecog = rng.choice(3, size=count, p=[0.45, 0.42, 0.13])
    birth = {"BIRTH_DATE": born.cast(pl.String)} if habits.birth == "date" else {"YEAR_OF_BIRTH": born.dt.year()}
    return pl.DataFrame(
        {
            "PATIENT_ID": block.ids,
            "SEX": _texts(("Male", "Female"), people.female.astype(np.int64)),
            "AGE": years.astype(np.int64),
            **birth,
            "DATE_OF_DIAGNOSIS": diagnosed.cast(pl.String),
            "YEAR_OF_DIAGNOSIS": diagnosed.dt.year(),
            "ICD_10": _texts(known.icd10, people.tumour),
            "ICD_O_3_HISTOLOGY": _texts(known.histology, people.tumour),
            "AJCC_STAGE": pl.Series(np.where(staged, words, ""), dtype=pl.String),
            "ECOG": _blank(rng, "ECOG", ecog),
            "HEIGHT_CM": _blank(rng, "HEIGHT_CM", height.astype(np.int64)),
            "WEIGHT_KG": _blank(rng, "WEIGHT_KG", weight.round(1)),
            "OS_STATUS": _texts(("0:LIVING", "1:DECEASED"), calendar.dead.astype(np.int64)),
            "OS_MONTHS": (calendar.last_day / DAYS_A_MONTH).round(2),
            "REFERRING_PLACE": _texts(habits.places, rng.integers(0, len(habits.places), count)),
        }
    )


def _receptors(rng: np.random.Generator, block: Block) -> dict[str, pl.Series]:
    """ER, PR and HER2 where they are looked at: breast, and HER2 in stomach and oesophagus as well.

    HER2 follows the amplification of ERBB2; oestrogen receptors are positive in four of five.
    """
    known, samples = tumours(), block.samples
    tumour = block.people.tumour[samples.patient]
    breast = tumour == known.index["IDC"]
    gastric = np.isin(tumour, [known.index[code] for code in ("STAD", "ESCA")])
    oestrogen = rng.random(len(block.people))[samples.patient] < 0.8
    progesterone = oestrogen & (rng.random(len(block.people))[samples.patient] < 0.85)
    column = copy_number_rates().column["ERBB2"]
    amplified = block.alterations.copies[samples.patient, column] == 2
    equivocal = ~amplified & (rng.random(len(tumour)) < 0.08)
    her2 = np.where(amplified, "positive", np.where(equivocal, "equivocal", "negative"))

    def where(looked_at: NDArray[np.bool_], words: NDArray[np.str_]) -> pl.Series:
        return pl.Series(np.where(looked_at, words, ""), dtype=pl.String)

    return {
        "ER_STATUS": where(breast, np.where(oestrogen, "positive", "negative")),
        "PR_STATUS": where(breast, np.where(progesterone, "positive", "negative")),
        "HER2_STATUS": where(breast | gastric, her2),
    }


def sample_frame(rng: np.random.Generator, block: Block, hospital: Hospital) -> pl.DataFrame:
    """Rows of data_clinical_sample.txt."""
    samples, truth = block.samples, block.alterations
    tested = samples.panel != UNTESTED
    large = np.array([use.genes == "500" for use in hospital.panels])[samples.panel] & tested
    kind = np.where(samples.metastasis, "Metastasis", "Primary")
    stable = np.where(rng.random(len(kind)) < 0.04, "MSI-L", "MSS")
    instability = np.where(truth.unstable[samples.patient], "MSI-H", stable)
    burden = pl.Series(truth.burden[samples.patient].round(1))
    return pl.DataFrame(
        {
            "PATIENT_ID": block.ids[samples.patient],
            "SAMPLE_ID": samples.ids,
            "ONCOTREE_CODE": _texts(tumours().codes, block.people.tumour[samples.patient]),
            "SAMPLE_TYPE": pl.Series(kind, dtype=pl.String),
            **_receptors(rng, block),
            "MSI_STATUS": pl.Series(np.where(tested, instability, ""), dtype=pl.String),
            "TMB_SCORE": burden.zip_with(pl.Series(large), pl.Series([None], dtype=pl.Float64)),
            "TUMOR_PURITY": samples.purity,
        }
    )


def mutation_frame(rng: np.random.Generator, block: Block) -> pl.DataFrame:
    """Rows of data_mutations.txt."""
    rows = variant_frame(rng, block.samples.variants, block.samples.purity)
    return rows.with_columns(block.samples.ids[rows["sample"]].alias("Tumor_Sample_Barcode"))


def panel_frame(block: Block, hospital: Hospital) -> pl.DataFrame:
    """Rows of data_gene_panel_matrix.txt: the tested samples."""
    tested = np.flatnonzero(block.samples.panel != UNTESTED)
    panel = block.samples.panel[tested]
    wide = pl.Series([use.panel if use.copy_number else "NA" for use in hospital.panels])
    return pl.DataFrame(
        {
            "SAMPLE_ID": block.samples.ids[tested],
            "mutations": _texts(tuple(use.panel for use in hospital.panels), panel),
            "cna": wide[panel],
            "structural_variants": wide[panel],
        }
    )


def copy_number_frame(block: Block) -> pl.DataFrame:
    """Changed copy numbers as gene, sample and value; unchanged genes (0) are left out."""
    copies = block.samples.copies
    sample, column = np.nonzero((copies != 0) & (copies != NOT_READ))
    symbols = pl.Series(tuple(copy_number_rates().column))
    return pl.DataFrame(
        {
            "Hugo_Symbol": symbols[column],
            "Sample_Id": block.samples.ids[sample],
            "Value": copies[sample, column],
        }
    )


def fusion_frame(rng: np.random.Generator, block: Block) -> pl.DataFrame:
    """Rows of data_sv.txt."""
    known, places = fusions(), genes()
    sample, column = np.nonzero(block.samples.fused)

    def position(symbols: tuple[str, ...]) -> pl.Series:
        """A base inside the gene; blank for partners without a known place."""
        index = np.array([places.index.get(symbol, -1) for symbol in symbols])[column]
        span = places.end[index] - places.start[index]
        base = places.start[index] + (rng.random(len(index)) * span).astype(np.int64)
        return pl.Series(base).zip_with(pl.Series(index >= 0), pl.Series([None], dtype=pl.Int64))

    return pl.DataFrame(
        {
            "Sample_Id": block.samples.ids[sample],
            "SV_Status": pl.Series(["SOMATIC"]).new_from_index(0, len(sample)),
            "Site1_Hugo_Symbol": _texts(known.five, column),
            "Site1_Chromosome": _texts(known.five_chromosome, column),
            "Site1_Position": position(known.five),
            "Site2_Hugo_Symbol": _texts(known.three, column),
            "Site2_Chromosome": _texts(known.three_chromosome, column),
            "Site2_Position": position(known.three),
            "Site2_Effect_On_Frame": pl.Series(["In_frame"]).new_from_index(0, len(sample)),
            "Class": _texts(known.classes, column),
            "Event_Info": _texts(tuple(name.replace("::", "-") + " fusion" for name in known.names), column),
            "NCBI_Build": pl.Series(["GRCh37"]).new_from_index(0, len(sample)),
        }
    )


def _shown_responses(
    rng: np.random.Generator, block: Block, given: Treatments, begun: NDArray[np.int64], habits: Habits
) -> NDArray[np.str_]:
    """The response as recorded; blank where it is too early, was not judged, or cannot be."""
    late = given.start[begun] + FIRST_EVALUATION_DAYS < block.calendar.last_day[given.patient[begun]]
    judged = np.where(given.in_cohort[begun], EVALUATED_IN_COHORT, EVALUATED_OTHERWISE)
    response = given.response[begun]
    known = (response != NO_RESPONSE) & late & (rng.random(len(begun)) < judged)
    words = np.array(_SHORT_RESPONSES if habits.short_responses else _RESPONSES)
    return np.where(known, words[np.maximum(response, 0)], "")


def _indications(given: Treatments, begun: NDArray[np.int64]) -> NDArray[np.str_]:
    line = given.line[begun]
    words = np.select([line == ADJUVANT, line == 1], ["adjuvant", "palliative"], "progression")
    return np.where(given.in_cohort[begun], COHORT_INDICATION, words)


def treatment_frame(
    rng: np.random.Generator, block: Block, habits: Habits, agents: Agents, misspelt: float
) -> pl.DataFrame:
    """Rows of data_timeline_treatment.txt, and column ``raw``: the agent has a raw spelling.

    Treatments that would begin after death or after the end of follow-up are left out; one that death ends stops
    that day; one that goes on has no stop.
    """
    given, last_day = block.course.treatments, block.calendar.last_day
    begun = np.flatnonzero(np.floor(given.start) < last_day[given.patient])
    begun = begun[np.lexsort((given.start[begun], given.patient[begun]))]
    patient, regimen = given.patient[begun], given.regimen[begun]
    over = given.stop[begun] <= last_day[patient]
    stop = np.where(over, given.stop[begun], last_day[patient]).astype(np.int64)
    shown = pl.Series(over | block.calendar.dead[patient])
    types = pl.Series([*(treatment.type for treatment in regimens().all), "radiation", "surgery"])
    kind = np.select([regimen == OPERATION, regimen == RADIOTHERAPY], [len(types) - 1, len(types) - 2], regimen)
    rows = pl.DataFrame(
        {
            "PATIENT_ID": block.ids[patient],
            "START_DATE": np.floor(given.start[begun]).astype(np.int64),
            "STOP_DATE": pl.Series(stop).zip_with(shown, pl.Series([None], dtype=pl.Int64)),
            "EVENT_TYPE": pl.Series(["TREATMENT"]).new_from_index(0, len(begun)),
            "TREATMENT_TYPE": types[kind],
            "INDICATION": pl.Series(_indications(given, begun), dtype=pl.String),
            "MEASURE_OF_RESPONSE": pl.Series(_shown_responses(rng, block, given, begun, habits), dtype=pl.String),
        }
    )
    entry, place = regimen, np.arange(len(begun))
    if habits.split_combinations:
        entry, place = _split(agents, regimen, given.in_cohort[begun])
    text, raw = agents.write(rng, entry, misspelt)
    return rows[place].with_columns(text.alias("AGENT"), pl.Series("raw", raw))


def _split(
    agents: Agents, regimen: NDArray[np.int64], together: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """One row a drug, except where the drugs stay together: entries, and the rows they come from."""
    single = np.array([len(entries) for entries in agents.single])
    apart = (regimen >= 0) & ~together
    number = np.where(apart, single[np.maximum(regimen, 0)], 1)
    place = np.repeat(np.arange(len(regimen)), number)
    nth = np.arange(len(place)) - np.repeat(number.cumsum() - number, number)
    drug = np.zeros((len(single), int(single.max())), dtype=np.int64)
    for row, entries in enumerate(agents.single):
        drug[row, : len(entries)] = entries
    return np.where(apart[place], drug[np.maximum(regimen, 0)[place], nth], regimen[place]), place


def status_frame(rng: np.random.Generator, block: Block) -> pl.DataFrame:
    """Rows of data_timeline_status.txt: spread, and progression at the end of each line for advanced disease."""
    given, lives, last_day = block.course.treatments, block.course.lives, block.calendar.last_day
    spread = np.flatnonzero((lives.advanced > 0) & (lives.advanced < last_day))
    ended = np.flatnonzero((given.line != ADJUVANT) & (given.stop < last_day[given.patient]))
    patient = np.r_[spread, given.patient[ended]]
    day = np.r_[lives.advanced[spread], given.stop[ended]].astype(np.int64)
    words = np.r_[np.zeros(len(spread), dtype=np.int64), np.ones(len(ended), dtype=np.int64)]
    anywhere = rng.choice(np.array(["Lung", "Liver", "Bone", "Lymph node", "Brain", "Peritoneum"]), len(patient))
    usual = np.array(tumours().sites)[block.people.tumour[patient]]
    site = np.where(rng.random(len(patient)) < 0.5, usual, anywhere)
    order = np.lexsort((words, day, patient))
    return pl.DataFrame(
        {
            "PATIENT_ID": block.ids[patient[order]],
            "START_DATE": day[order],
            "STOP_DATE": pl.Series([None], dtype=pl.Int64).new_from_index(0, len(order)),
            "EVENT_TYPE": pl.Series(["STATUS"]).new_from_index(0, len(order)),
            "STATUS": _texts(("Distant Metastasis", "Progression"), words[order]),
            "SITE": pl.Series(site[order], dtype=pl.String),
        }
    )
