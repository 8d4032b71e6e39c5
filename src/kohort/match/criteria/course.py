"""Criteria on the course of the disease: histology, status, where it has spread to, other diseases."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kohort.codes.icd import BEHAVIOURS
from kohort.errors import UnknownNameError, UserError
from kohort.match.criteria.logic import Fact, Leaf
from kohort.match.rules.icd_codes import codes_of, prefixes

__all__ = [
    "DISEASE_STATUSES",
    "METASTASIS_SITES",
    "Comorbidity",
    "DiseaseStatus",
    "Histology",
    "MetastasisSite",
]

DISEASE_STATUSES = (
    "untreated",
    "localized",
    "locally advanced",
    "metastatic",
    "advanced",
    "recurrent",
    "refractory",
    "unresectable",
    "early stage",
)
"""The words of CTML for the status of a disease, in lower case."""

METASTASIS_SITES = (
    "adrenal",
    "bone",
    "brain",
    "kidney",
    "liver",
    "lung",
    "lymph node",
    "ovary",
    "peritoneum",
    "pleura",
    "skin",
    "soft tissue",
)
"""Where metastases can be asked for."""

_SAME_SITE = {"bones": "bone", "lungs": "lung", "lymph nodes": "lymph node", "adrenal gland": "adrenal"}
_MORPHOLOGY = re.compile(r"M?-?([89]\d{3})(?:-([89]\d{3}))?(?:/([012369]))?")


def _filled(words: Iterable[str], what: str, remedy: str) -> tuple[str, ...]:
    made = tuple(sorted(set(words)))
    if not made:
        raise UserError(f"{what} is missing.", remedy=remedy)
    return made


@dataclass(frozen=True, slots=True)
class Histology(Leaf):
    """Site, histology and behaviour of a primary tumour; all that is given must hold of one tumour.

    A record coarser than what is asked is unknown: C34 where C34.1 is asked, C34.9 (not otherwise specified) as
    well, neoplasm or carcinoma without further word where a histology is. A code that the recorded system does
    not have (C81 of ICD-10 in a registry that writes ICD-O-3) is unknown.

    Attributes:
        topography: ICD-O-3 topographies or ICD-10 codes, with all below each; ranges of categories (C81-C96).
        morphology: ICD-O-3 histologies (``8140``), with behaviour (``8140/3``), or ranges (``8140-8147``).
        behaviour: figures of ICD-O-3 behaviour: 0, 1, 2, 3, 6, 9.
    """

    topography: tuple[str, ...] = ()
    morphology: tuple[str, ...] = ()
    behaviour: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Bring the codes into normal form; UserError if there is none or one is not of that form."""
        object.__setattr__(self, "topography", codes_of(self.topography))
        object.__setattr__(self, "morphology", tuple(sorted({_morphology(text) for text in self.morphology})))
        object.__setattr__(self, "behaviour", tuple(sorted(set(self.behaviour))))
        wrong = [figure for figure in self.behaviour if figure not in BEHAVIOURS]
        if wrong:
            raise UserError(f"{wrong[0]!r} is no ICD-O-3 behaviour.", remedy=f"Use {', '.join(BEHAVIOURS)}.")
        if not (self.topography or self.morphology or self.behaviour):
            raise UserError(
                "A histology is asked by nothing.", remedy="Give topography, morphology or behaviour, or several."
            )

    @property
    def words(self) -> str:
        """The codes."""
        said = (("topography", self.topography), ("morphology", self.morphology), ("behaviour", self.behaviour))
        return " and ".join(f"{name} {' or '.join(codes)}" for name, codes in said if codes)

    @property
    def fact(self) -> Fact:
        """The histology."""
        return Fact("histology", "", "Site, histology or behaviour of the tumour is not recorded finely enough.")


def _morphology(text: str) -> str:
    found = _MORPHOLOGY.fullmatch(re.sub(r"\s+", "", text).upper())
    if found is None or (found[2] is not None and found[2] <= found[1]):
        raise UserError(
            f"{text!r} is no ICD-O-3 morphology.", remedy="Write it like 8140, 8140/3 or, for a range, 8140-8147."
        )
    histologies = found[1] if found[2] is None else f"{found[1]}-{found[2]}"
    return histologies if found[3] is None else f"{histologies}/{found[3]}"


@dataclass(frozen=True, slots=True)
class DiseaseStatus(Leaf):
    """The disease has one of several statuses, in the words of CTML (any case, normal form lower case).

    Each status is true if a record says so in words; and *metastatic* by M1, a metastasis or a specimen of one;
    *advanced* also if metastatic or locally advanced; *recurrent* by a recorded recurrence. It is false if a
    record says the opposite: *untreated* by a systemic therapy; *metastatic* by M0 or a disease called localized
    or of early stage; *localized*, *locally advanced* and *early stage* by a later degree. A stage group or T
    category decides none of them, and no recorded therapy is not *untreated*: both are unknown.

    Attributes:
        statuses: one or more of `DISEASE_STATUSES`; any of them meets it.
    """

    statuses: tuple[str, ...]

    def __post_init__(self) -> None:
        """Bring the words into normal form; UserError if there is none or one is not in the list."""
        words = {status: " ".join(status.casefold().replace("_", " ").split()) for status in self.statuses}
        for written, word in words.items():
            if word not in DISEASE_STATUSES:
                raise UnknownNameError("disease status", written, DISEASE_STATUSES)
        made = _filled(words.values(), "A disease status", f"Use {', '.join(DISEASE_STATUSES)}.")
        object.__setattr__(self, "statuses", made)

    @property
    def words(self) -> str:
        """The statuses."""
        return f"disease status {' or '.join(self.statuses)}"

    @property
    def fact(self) -> Fact:
        """The status."""
        return Fact("disease status", "", "The status of the disease is not recorded.")


@dataclass(frozen=True, slots=True)
class MetastasisSite(Leaf):
    """A metastasis at a site: from metastases and specimens of them, by ICD code or by name.

    Without distant metastasis (M0, and none recorded) it is no; for lymph nodes N1 to N3 are yes, and no needs
    N0 besides. Other sites of metastases say nothing about this one, a metastasis at a site that was not named
    leaves it open.

    Attributes:
        site: one of `METASTASIS_SITES`.
    """

    site: str

    def __post_init__(self) -> None:
        """Bring the site into normal form; UnknownNameError if it is not in the list."""
        word = " ".join(self.site.casefold().replace("_", " ").split())
        word = _SAME_SITE.get(word, word)
        if word not in METASTASIS_SITES:
            raise UnknownNameError("site of metastasis", self.site, METASTASIS_SITES)
        object.__setattr__(self, "site", word)

    @property
    def words(self) -> str:
        """The site."""
        return f"{self.site} metastasis"

    @property
    def fact(self) -> Fact:
        """Whether there is one."""
        return Fact("metastasis status", self.site, f"It is not recorded whether there is a {self.site} metastasis.")


@dataclass(frozen=True, slots=True)
class Comorbidity(Leaf):
    """Another disease, by ICD-10: any of several codes, with all below each.

    A recorded diagnosis is yes unless its value says ``absent``, which is no for its code and all below. A record
    coarser than what is asked is unknown, and so is everything of which nothing is recorded.

    Attributes:
        icd10: categories (``E11``), codes (``I50.1``) or ranges of categories (``I20-I25``).
    """

    icd10: tuple[str, ...]

    def __post_init__(self) -> None:
        """Bring the codes into normal form; UserError if there is none or one is no code."""
        codes = _filled(codes_of(self.icd10), "The code of a comorbidity", "Write ICD-10 codes like E11 or I20-I25.")
        object.__setattr__(self, "icd10", codes)

    @property
    def categories(self) -> tuple[str, ...]:
        """The codes with each range written out."""
        return tuple(prefix for code in self.icd10 for prefix in prefixes(code))

    @property
    def words(self) -> str:
        """The codes."""
        return f"comorbidity {' or '.join(self.icd10)}"

    @property
    def fact(self) -> Fact:
        """The medical history."""
        return Fact("medical history", " or ".join(self.icd10), "It is not recorded whether this disease is present.")
