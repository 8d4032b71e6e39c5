"""The alteration that a genomic node asks for: mutation, copy number, rearrangement, wild type, or any of them."""

from __future__ import annotations

import difflib
from typing import Any

from kohort.errors import UserError
from kohort.match.criteria import CopyNumber, Criterion, FreeText, Mutation, Rearrangement, WildType
from kohort.match.trials.ctml.changes import Asked, read_function, read_variant
from kohort.match.trials.ctml.findings import Findings
from kohort.match.trials.ctml.genes import ANY_GENE, INTERGENIC, is_found_by_the_engine, read_gene
from kohort.match.trials.ctml.values import Word, unread
from kohort.match.trials.ctml.views import NEVER, all_of, any_of
from kohort.match.trials.located import Located

__all__ = ["alteration"]

Pair = tuple[Criterion, Criterion]

_CALLS = {
    "High Amplification": "amplification",
    "High level amplification": "amplification",
    "Low Amplification": "gain",
    "Gain": "gain",
    "Homozygous Deletion": "deep_loss",
    "Homozygous deletion": "deep_loss",
    "Heterozygous Deletion": "loss",
    "Heterozygous deletion": "loss",
}
"""The calls as the engine knows them, in the trials' spelling and the patients'."""

_PATIENTS = {
    "High level amplification": "High Amplification",
    "Gain": "Low Amplification",
    "Homozygous deletion": "Homozygous Deletion",
    "Heterozygous deletion": "Heterozygous Deletion",
}
"""The patients' spelling of the calls, to the trials'."""

_OF_A_VARIANT = frozenset(
    {
        "protein_change",
        "wildcard_protein_change",
        "exon",
        "true_transcript_exon",
        "variant_classification",
        "molecular_function",
    }
)


def alteration(category: str | None, words: dict[str, Word], place: Located, findings: Findings) -> Pair:
    """What is meant and what the engine reads; keys that were used are taken out of ``words``.

    Args:
        category: the sort of alteration, None where the node names none.
        words: the values of the node by key.
        place: the node.
        findings: receives what is wrong.
    """
    symbols = [words.get(key) for key in ("hugo_symbol", "fusion_partner_hugo_symbol")]
    gene = read_gene(words.pop("hugo_symbol", None), findings)
    meant, engine = _alteration(category, gene, words, place, findings)
    return meant, engine if all(map(is_found_by_the_engine, symbols)) else NEVER


def _alteration(
    category: str | None, gene: str | None, words: dict[str, Word], place: Located, findings: Findings
) -> Pair:
    if category == "structured":
        return _rearrangement(gene, words, place, findings)
    if gene is None or gene in {ANY_GENE, INTERGENIC}:
        partner = words.get("fusion_partner_hugo_symbol")
        if category == "structural" and partner is not None:
            return _rearrangement(gene, words, place, findings)[0], NEVER
        words.clear()
        return _no_gene(place, findings)
    return _of_gene(category or _implied(words), gene, words, place, findings)


def _no_gene(place: Located, findings: Findings) -> Pair:
    why = "this node names no gene, and nothing else that could be looked for."
    return unread("genomic", place, why, rule="null-node", findings=findings, remedy="Give hugo_symbol."), NEVER


def _implied(words: dict[str, Word]) -> str:
    """The sort of alteration that the keys ask for, where none is named."""
    if words.keys() & _OF_A_VARIANT:
        return "mutation"
    if "cnv_call" in words:
        return "copy number"
    if "fusion_partner_hugo_symbol" in words:
        return "structural"
    return "any sort" if "wildtype" not in words else "wild type by flag"


def _of_gene(category: str, gene: str, words: dict[str, Word], place: Located, findings: Findings) -> Pair:
    flag = words.pop("wildtype", None)
    if flag is not None and flag.text.casefold() == "true":
        return _wild_type(gene, flag, findings)
    match category:
        case "mutation":
            pair = _mutation(gene, words, place, findings)
        case "copy number":
            pair = _copy_number(gene, words, findings)
        case "structural":
            has_partner = "fusion_partner_hugo_symbol" in words
            meant, engine = _rearrangement(gene, words, place, findings)
            pair = meant, NEVER if has_partner else engine
        case "wild type":
            pair = WildType(gene), NEVER
        case "signature":
            why = "a signature is asked for, and none is named."
            pair = unread("genomic", place, why, rule="unknown-value", findings=findings), NEVER
        case _:
            pair = _any_sort(category, gene, words, place, findings)
    return pair


def _wild_type(gene: str, flag: Word, findings: Findings) -> Pair:
    found = WildType(gene)
    if isinstance(flag.place.value, bool):
        return found, found
    what = "wildtype is a text; matchengine-V2 compares it with true and false and never finds it."
    findings.add("warning", "wrong-type", flag.place, what, "Write true without quotation marks.")
    return found, NEVER


def _mutation(gene: str, words: dict[str, Word], place: Located, findings: Findings) -> Pair:
    asked = read_variant(words, gene, findings)
    try:
        found = Mutation(gene, **asked.fields)
    except UserError as error:
        return unread("genomic", place, error.what, rule="unknown-value", findings=findings), NEVER
    return _with(found, asked)


def _with(found: Criterion, asked: Asked) -> Pair:
    return all_of([found, *asked.odd]), found if asked.engine_meets else NEVER


def _copy_number(gene: str, words: dict[str, Word], findings: Findings) -> Pair:
    asked = _effect(f"the copy-number change of {gene}", words, findings)
    call: Any = None
    if word := words.pop("cnv_call", None):
        folded = {name.casefold(): call for name, call in _CALLS.items()}
        call = _CALLS.get(word.as_compared, folded.get(word.text.casefold()))
        if word.as_compared in _PATIENTS:
            what = f"{word.text!r} is how patients' documents spell this call; matchengine-V2 finds it all the same."
            findings.add("note", "call-spelling", word.place, what, f"Write {_PATIENTS[word.as_compared]!r}.")
        elif word.as_compared not in _CALLS:
            _misspelt(asked, word, findings, understood=call is not None)
    return _with(CopyNumber(gene, call), asked)


def _misspelt(asked: Asked, word: Word, findings: Findings, *, understood: bool) -> None:
    near = difflib.get_close_matches(word.text, _CALLS, n=1)
    what = f"matchengine-V2 never finds the call {word.as_compared!r}: it is no copy-number call of CTML."
    remedy = f"Did you mean {near[0]!r}?" if near else f"Write {', '.join(list(_CALLS)[::2])}."
    asked.engine_meets = False
    if understood:
        findings.add("warning", "misspelt-call", word.place, what, remedy)
    else:
        asked.refuse("cnv_call", word, UserError(what, remedy=remedy), findings, rule="misspelt-call")


def _rearrangement(gene: str | None, words: dict[str, Word], place: Located, findings: Findings) -> Pair:
    partner = read_gene(words.pop("fusion_partner_hugo_symbol", None), findings)
    ends = [end for end in (gene, partner) if end is not None]
    named = [end for end in ends if end not in {ANY_GENE, INTERGENIC}]
    asked = _effect(f"the rearrangement of {' and '.join(ends)}", words, findings)
    if not named:
        asked.engine_meets = False
        if not ends:
            return _no_gene(place, findings)
        words_for = {ANY_GENE: "any gene", INTERGENIC: "a place between genes"}
        return _with(FreeText(f"a rearrangement of {' and '.join(words_for[end] for end in ends)}"), asked)
    first, *others = [*named, *(end for end in ends if end not in named)]
    return _with(Rearrangement(first, others[0] if others else None), asked)


def _effect(subject: str, words: dict[str, Word], findings: Findings) -> Asked:
    """An effect of something else than a small variant: understood, and for people to judge."""
    asked = Asked()
    if word := words.pop("molecular_function", None):
        asked.engine_meets = False
        function = read_function(word)
        asked.odd.append(FreeText(f"{subject} is {function or word.text}"))
        what = "no table says what this alteration does to the protein: people have to judge it."
        findings.add("note", "judged-by-people", word.place, what)
    return asked


def _any_sort(category: str, gene: str, words: dict[str, Word], place: Located, findings: Findings) -> Pair:
    """Any alteration; the engine's *Any Variation* knows mutations and copy numbers, not rearrangements."""
    if words.keys() & _OF_A_VARIANT:
        return _mutation(gene, words, place, findings)
    if "cnv_call" in words:
        return _copy_number(gene, words, findings)
    small: list[Criterion] = [Mutation(gene), CopyNumber(gene, None)]
    every = any_of([*small, Rearrangement(gene)])
    if category != "any":
        return every, every
    what = "matchengine-V2 reads 'Any Variation' as a mutation or copy-number change, never as a rearrangement."
    findings.add("note", "any-variation", place, what)
    return every, any_of(small)
