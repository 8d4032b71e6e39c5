"""What can be asked of the synthetic hospitals, and what was written: hospitals, habits, mess, faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal

__all__ = ["FAULTS", "Fault", "Habits", "Hospital", "Mess", "PanelUse", "WrittenStudy"]

HeaderCase = Literal["format", "lower", "title"]
ColumnOrder = Literal["given", "sample_first", "sorted"]


@dataclass(frozen=True, slots=True)
class Habits:
    """How one hospital writes its files.

    Attributes:
        newline: line end of all its data files.
        comment_lines: begin clinical files with cBioPortal's four ``#`` lines.
        header_case: case of the column names: as cBioPortal's format has it, lower, or ``Patient_Id``.
        column_order: order of the columns in the clinical files.
        mixed_encoding: some lines of the clinical patient file are Latin-1, pasted from another system; else UTF-8.
        birth: whether a birth date or only a birth year is exported.
        combination: what stands between the drugs of a combination.
        split_combinations: one row a drug for standard combinations (trial treatments stay together).
        short_responses: ``PR`` instead of ``partial response``.
        places: places of the referring hospitals, an extra column with letters outside ASCII.
    """

    newline: Literal["\n", "\r\n"] = "\n"
    comment_lines: bool = True
    header_case: HeaderCase = "format"
    column_order: ColumnOrder = "given"
    mixed_encoding: bool = False
    birth: Literal["date", "year"] = "date"
    combination: str = " + "
    split_combinations: bool = False
    short_responses: bool = False
    places: tuple[str, ...] = ("Tromsø", "Ålesund", "Førde", "Hamar")

    def __post_init__(self) -> None:
        """Refuse separators that a reader could not tell from a drug's name, and an empty list of places."""
        if self.combination.strip() not in {"+", "/", ",", ";"}:
            raise ValueError(f"combination {self.combination!r} is none of + / , ;")
        if not self.places:
            raise ValueError("places is empty")


@dataclass(frozen=True, slots=True)
class PanelUse:
    """One gene panel in use at a hospital.

    Attributes:
        panel: stable id, e.g. ``KOHORT500``.
        genes: which invented panel, ``"500"`` or ``"161"``.
        megabases: size of its coding region.
        share: share of the tested samples.
        copy_number: also reads copy number and rearrangements.
    """

    panel: str
    genes: Literal["161", "500"]
    megabases: float
    share: float
    copy_number: bool = True

    def __post_init__(self) -> None:
        """Refuse a panel without size or share."""
        if self.megabases <= 0 or not 0 < self.share <= 1:
            raise ValueError(f"panel {self.panel}: megabases and share must be positive, share at most 1")


@dataclass(frozen=True, slots=True)
class Hospital:
    """A hospital that never was.

    Attributes:
        code: short lower-case name; folder of its study.
        name: name for people.
        country: ISO code, ``NO``, ``SE`` or ``DK``; sets the tumour mix.
        share: share of all patients.
        ids: patient ids: Norwegian numbers of the reserved synthetic series (month + 80), or local numbers.
        id_prefix: prefix of local patient ids and of sample ids.
        panels: gene panels in use.
        untested: share of ordinary patients without any test.
        referred: share of patients who were referred for a treatment cohort and treated in it.
        habits: how it writes its files.
    """

    code: str
    name: str
    country: Literal["NO", "SE", "DK"]
    share: float
    ids: Literal["norwegian", "local"]
    id_prefix: str
    panels: tuple[PanelUse, ...]
    untested: float = 0.08
    referred: float = 0.30
    habits: Habits = field(default_factory=Habits)

    def __post_init__(self) -> None:
        """Refuse shares outside 0 to 1 and a hospital without a panel."""
        if not self.code.isidentifier():
            raise ValueError(f"hospital code {self.code!r} cannot name a folder")
        if self.share <= 0 or not 0 <= self.untested <= 1 or not 0 <= self.referred <= 1:
            raise ValueError(f"hospital {self.code}: share > 0; untested and referred between 0 and 1")
        if not self.panels:
            raise ValueError(f"hospital {self.code} has no panel")


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of fault that is planted, and where.

    Attributes:
        name: field of `Mess` and key of `WrittenStudy.planted`.
        file: the file it stands in.
        words: what is wrong.
    """

    name: str
    file: str
    words: str


FAULTS: tuple[Fault, ...] = (
    Fault("drug_spelling", "data_timeline_treatment.txt", "A drug is not written by its international name."),
    Fault("duplicate_treatment", "data_timeline_treatment.txt", "A line is an exact copy of an earlier one."),
    Fault("text_start_date", "data_timeline_treatment.txt", "START_DATE is not a number."),
    Fault("stop_before_start", "data_timeline_treatment.txt", "STOP_DATE lies before START_DATE."),
    Fault("stray_quote", "data_timeline_treatment.txt", 'AGENT begins with a " that is never closed.'),
    Fault("duplicate_mutation", "data_mutations.txt", "A line is an exact copy of an earlier one."),
    Fault("truncated_line", "data_mutations.txt", "A line ends too early: columns are missing."),
    Fault("unknown_oncotree", "data_clinical_sample.txt", "ONCOTREE_CODE is not in OncoTree."),
    Fault("unknown_patient", "data_clinical_sample.txt", "The sample's PATIENT_ID is not in the patient file."),
    Fault("sample_without_panel", "data_gene_panel_matrix.txt", "A sample of the sample file has no line."),
    Fault("lower_case_icd", "data_clinical_patient.txt", "ICD_10 is written in lower case."),
    Fault("impossible_date", "data_clinical_patient.txt", "DATE_OF_DIAGNOSIS is no day of the calendar."),
    Fault("shared_id", "data_clinical_patient.txt", "A second patient (other sex, other birth) has the same id."),
    Fault("latin1_line", "data_clinical_patient.txt", "A line holds bytes that are not UTF-8."),
    Fault("extra_tab", "data_timeline_status.txt", "A line has one column too many."),
)


@dataclass(frozen=True, slots=True)
class Mess:
    """How messy the files are: for each fault of `FAULTS` the share of the file's lines that have it.

    A share above zero plants at least one in each study, however small; exactly ``max(1, floor(share x lines))``
    where there are enough lines to choose from. ``drug_spelling`` is drawn line by line instead.
    ``latin1_line`` is planted only where the hospital's habit is a mixed encoding. To ``sample_without_panel`` (here
    the share of *tested* samples) come the hospital's untested patients.
    """

    drug_spelling: float = 0.25
    duplicate_treatment: float = 0.01
    text_start_date: float = 0.001
    stop_before_start: float = 0.002
    stray_quote: float = 0.0005
    duplicate_mutation: float = 0.004
    truncated_line: float = 0.0005
    unknown_oncotree: float = 0.01
    unknown_patient: float = 0.001
    sample_without_panel: float = 0.01
    lower_case_icd: float = 0.1
    impossible_date: float = 0.001
    shared_id: float = 0.001
    latin1_line: float = 0.002
    extra_tab: float = 0.001

    def __post_init__(self) -> None:
        """Refuse shares outside 0 to 0.5."""
        for each in fields(self):
            if not 0 <= getattr(self, each.name) <= 0.5:
                raise ValueError(f"mess {each.name} must lie between 0 and 0.5")

    @classmethod
    def none(cls) -> Mess:
        """Files without a planted fault."""
        return cls(**{each.name: 0.0 for each in fields(cls)})


@dataclass(frozen=True, slots=True)
class WrittenStudy:
    """A study folder that was written.

    Attributes:
        path: the folder.
        hospital: the hospital.
        patients: persons (the second person behind a shared id is not counted).
        samples: samples of these persons.
        tested: samples with a line in the gene panel matrix.
        variants: lines of small variants without planted copies.
        therapies: treatment lines without planted copies.
        lines: file name -> data lines in it, header and comments not counted, faulty lines counted.
        planted: fault name -> how many were planted; every fault of `FAULTS` has a key.
    """

    path: Path
    hospital: Hospital
    patients: int
    samples: int
    tested: int
    variants: int
    therapies: int
    lines: Mapping[str, int]
    planted: Mapping[str, int]
