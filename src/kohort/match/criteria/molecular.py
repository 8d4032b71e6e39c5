"""Criteria on alterations: mutation, copy number, fusion, wild type, microsatellites, mutational burden.

A gene criterion is true if the alteration was seen, false if the gene was tested and it was not seen, and
unknown otherwise: not on the panel, not tested, and *not assessed* are not "no".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from kohort.errors import UserError
from kohort.match.criteria.logic import Fact, Leaf
from kohort.match.criteria.ranges import Range
from kohort.match.criteria.vocabulary import TRUNCATING_CLASSES, approved_gene, protein_change, variant_class

__all__ = [
    "CALLS",
    "Call",
    "CopyNumber",
    "Function",
    "Fusion",
    "Mmr",
    "MmrStatus",
    "Msi",
    "MsiStatus",
    "Mutation",
    "Rearrangement",
    "Signature",
    "SignatureName",
    "Tmb",
    "WildType",
]

Call = Literal["amplification", "gain", "loss", "deep_loss"]
MsiStatus = Literal["MSI-H", "MSI-L", "MSS"]
MmrStatus = Literal["deficient", "proficient"]
Function = Literal["activating", "inactivating", "pathogenic"]
SignatureName = Literal["APOBEC", "POLE", "tobacco", "temozolomide", "UV"]

CALLS: dict[str, int] = {"amplification": 2, "gain": 1, "loss": -1, "deep_loss": -2}
"""Discrete copy-number calls by name; ``deep_loss`` is a homozygous deletion."""


_NO_GENE = ("any", "intergenic")


def _mutation_test(gene: str) -> Fact:
    return Fact("mutation test", gene, f"No test is recorded that could read {gene} for mutations.")


@dataclass(frozen=True, slots=True)
class Mutation(Leaf):
    """A small variant of a gene, not silent unless its class is asked for; all that is given holds of one.

    Attributes:
        gene: symbol; aliases become the approved one.
        protein_change: exactly this change, any notation: ``V600E``, ``p.Val600Glu``.
        codon: substitution by another amino acid at this residue: ``codon=600`` means p.V600 and any.
        exon: exon number.
        classes: MAF variant classes, one of which it has; ``truncating`` stands for those that end the
            protein.
        function: what the change does by the table of known effects: ``activating``, ``inactivating``, or
            ``pathogenic`` for either. A change of unknown effect leaves it open.
    """

    gene: str
    protein_change: str | None = None
    codon: int | None = None
    exon: int | None = None
    classes: tuple[str, ...] = ()
    function: Function | None = None

    def __post_init__(self) -> None:
        """Bring gene, change and classes into normal form; UserError for what cannot be meant."""
        object.__setattr__(self, "gene", approved_gene(self.gene))
        if self.protein_change is not None:
            change = protein_change(self.protein_change, self.gene)
            if change is None:
                raise UserError(
                    f"{self.protein_change!r} is not a protein change.",
                    remedy="Write one like p.V600E; use codon for any substitution at a residue.",
                )
            object.__setattr__(self, "protein_change", change.text)
        for name, number in (("codon", self.codon), ("exon", self.exon)):
            if number is not None and number < 1:
                raise UserError(f"The {name} {number} does not exist.", remedy="Count from 1.")
        words = [w for c in self.classes for w in (TRUNCATING_CLASSES if c == "truncating" else (c,))]
        classes = tuple(sorted({variant_class(word) for word in words}))
        object.__setattr__(self, "classes", classes)
        if self.function is not None and self.function not in get_args(Function):
            raise UserError(f"{self.function!r} is no effect.", remedy=f"Use {', '.join(get_args(Function))}.")

    @property
    def words(self) -> str:
        """The gene and what is asked of the change."""
        asked = [f"{self.function} mutation" if self.function else "", self.protein_change or ""]
        asked += [f"substitution at codon {self.codon}"] if self.codon else []
        asked += [f"in exon {self.exon}"] if self.exon else []
        asked += [f"of class {' or '.join(self.classes)}"] if self.classes else []
        detail = " ".join(part for part in asked if part)
        return f"{self.gene} {detail}" if detail else f"any mutation of {self.gene}"

    @property
    def fact(self) -> Fact:
        """A test of the gene for mutations."""
        return _mutation_test(self.gene)


@dataclass(frozen=True, slots=True)
class WildType(Leaf):
    """The gene was tested for mutations and none (but silent ones) was found."""

    gene: str

    def __post_init__(self) -> None:
        """Bring the gene into normal form."""
        object.__setattr__(self, "gene", approved_gene(self.gene))

    @property
    def words(self) -> str:
        """The gene, wild type."""
        return f"{self.gene} wild type"

    @property
    def fact(self) -> Fact:
        """A test of the gene for mutations."""
        return _mutation_test(self.gene)


@dataclass(frozen=True, slots=True)
class CopyNumber(Leaf):
    """A discrete copy-number call of a gene; a call that was reported is a result even if no panel is.

    Attributes:
        gene: symbol; aliases become the approved one.
        call: the call; None for any change of the copy number: a call of 0 is a measurement that says no.
    """

    gene: str
    call: Call | None = None

    def __post_init__(self) -> None:
        """Bring the gene into normal form; UserError for an unknown call."""
        object.__setattr__(self, "gene", approved_gene(self.gene))
        if self.call is not None and self.call not in CALLS:
            raise UserError(f"{self.call!r} is no copy-number call.", remedy=f"Use {', '.join(CALLS)}.")

    @property
    def words(self) -> str:
        """The gene and the call."""
        return f"{self.gene} {self.call.replace('_', ' ') if self.call else 'copy-number change'}"

    @property
    def fact(self) -> Fact:
        """A test of the gene's copy number."""
        return Fact("copy-number test", self.gene, f"The copy number of {self.gene} was not tested.")


@dataclass(frozen=True, slots=True)
class Fusion(Leaf):
    """A fusion of a gene with ``partner``, or with any other gene, in either order."""

    gene: str
    partner: str | None = None

    def __post_init__(self) -> None:
        """Bring both genes into normal form and one order; UserError if they are the same."""
        object.__setattr__(self, "gene", approved_gene(self.gene))
        if self.partner is None:
            return
        first, second = sorted((self.gene, approved_gene(self.partner)))
        if first == second:
            raise UserError(f"{first} cannot be fused with itself.", remedy="Name two genes.")
        object.__setattr__(self, "gene", first)
        object.__setattr__(self, "partner", second)

    @property
    def words(self) -> str:
        """The genes."""
        return f"{self.gene} fusion" if self.partner is None else f"{self.gene}-{self.partner} fusion"

    @property
    def fact(self) -> Fact:
        """A test of the gene (or of one of both) for structural variants."""
        genes = self.gene if self.partner is None else f"{self.gene} or {self.partner}"
        return Fact("structural-variant test", genes, f"No test is recorded that could find {self.words}s.")


@dataclass(frozen=True, slots=True)
class Rearrangement(Leaf):
    """A structural variant of any sort, as CTML asks for it; either end may be named first.

    Unlike `Fusion`, a rearrangement within one gene and one with a place between genes count.

    Attributes:
        gene: one end; None for any.
        partner: the other end: a gene, ``any`` (some gene must be named there), ``intergenic`` (none is), or
            None: nothing is asked of it.
    """

    gene: str | None
    partner: str | None = None

    def __post_init__(self) -> None:
        """Bring the genes into normal form and one order; UserError if neither end is a gene."""
        named = [approved_gene(end) for end in (self.gene, self.partner) if end is not None and end not in _NO_GENE]
        if not named or self.gene in _NO_GENE:
            raise UserError("A rearrangement of no gene is asked.", remedy="Name the gene, then its partner.")
        object.__setattr__(self, "gene", min(named))
        if self.partner not in _NO_GENE:
            object.__setattr__(self, "partner", max(named) if len(named) == 2 else None)

    @property
    def genes(self) -> tuple[str, ...]:
        """The genes that are named, each once."""
        ends = (str(self.gene), self.partner)
        return tuple(dict.fromkeys(end for end in ends if end is not None and end not in _NO_GENE))

    @property
    def words(self) -> str:
        """The ends."""
        if self.partner == self.gene:
            return f"rearrangement within {self.gene}"
        other = {None: "", "any": " with any gene", "intergenic": " with a place between genes"}
        return f"rearrangement of {self.gene}{other.get(self.partner, f' with {self.partner}')}"

    @property
    def fact(self) -> Fact:
        """A test of the gene (or of one of both) for structural variants."""
        subject = " or ".join(self.genes)
        return Fact("structural-variant test", subject, f"No test is recorded that could find a {self.words}.")


@dataclass(frozen=True, slots=True)
class Msi(Leaf):
    """Microsatellite status. Other systems join ``MSI-L`` and ``MSS`` as proficient; here they stay apart."""

    status: MsiStatus

    def __post_init__(self) -> None:
        """Refuse an unknown status."""
        if self.status not in get_args(MsiStatus):
            raise UserError(
                f"{self.status!r} is no microsatellite status.",
                remedy=f"Use {', '.join(get_args(MsiStatus))}.",
            )

    @property
    def words(self) -> str:
        """The status."""
        return f"microsatellite status {self.status}"

    @property
    def fact(self) -> Fact:
        """A microsatellite test."""
        return Fact("microsatellite test", "", "Microsatellite instability was not determined.")


@dataclass(frozen=True, slots=True)
class Mmr(Leaf):
    """Mismatch repair, by immunohistochemistry or read off the microsatellites.

    MSI-H is taken as deficient, MSS and MSI-L as proficient, as laboratories and matchengine-V2 do.
    """

    status: MmrStatus

    def __post_init__(self) -> None:
        """Refuse an unknown status."""
        if self.status not in get_args(MmrStatus):
            raise UserError(f"{self.status!r} is no mismatch-repair status.", remedy="Use deficient or proficient.")

    @property
    def words(self) -> str:
        """The status."""
        return f"mismatch repair {self.status}"

    @property
    def fact(self) -> Fact:
        """A test of mismatch repair or microsatellites."""
        return Fact("mismatch-repair or microsatellite test", "", "Mismatch repair was not determined.")


@dataclass(frozen=True, slots=True)
class Signature(Leaf):
    """A mutational signature, as a laboratory reported it.

    Attributes:
        name: the signature.
        present: True if it must have been seen, False if it must have been looked for and not seen.
    """

    name: SignatureName
    present: bool = True

    def __post_init__(self) -> None:
        """Refuse an unknown signature."""
        if self.name not in get_args(SignatureName):
            raise UserError(f"{self.name!r} is no signature.", remedy=f"Use {', '.join(get_args(SignatureName))}.")

    @property
    def words(self) -> str:
        """The signature."""
        return f"{self.name} signature {'present' if self.present else 'absent'}"

    @property
    def fact(self) -> Fact:
        """An analysis of mutational signatures."""
        return Fact("signature analysis", self.name, f"The {self.name} signature was not reported on.")


@dataclass(frozen=True, slots=True)
class Tmb(Leaf):
    """Tumour mutational burden, mutations per megabase, within a range."""

    per_mb: Range

    @property
    def words(self) -> str:
        """The range and the unit."""
        return f"tumour mutational burden {self.per_mb} per Mb"

    @property
    def fact(self) -> Fact:
        """A measurement of the burden."""
        return Fact("mutational burden", "", "The tumour mutational burden was not measured.")
