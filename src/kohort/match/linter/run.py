"""All checks in one call."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

from kohort.match.criteria.logic import leaves
from kohort.match.criteria.molecular import Mutation
from kohort.match.linter.at_site import at_site
from kohort.match.linter.contradictions import contradictions
from kohort.match.linter.names import unknown_names
from kohort.match.linter.repetitions import duplicate_arms, repetitions
from kohort.match.linter.residues import Residues, residue_doubts, residues_of
from kohort.match.linter.solver import Logic
from kohort.match.linter.structure import shape
from kohort.match.linter.written import written_names
from kohort.match.people.population import Population
from kohort.match.trials.problems import Problem
from kohort.match.trials.protocol import Trial
from kohort.match.trials.reading import read_trials
from kohort.tables import HasTables, TableSet

__all__ = ["lint", "lint_trials"]

_SUFFIXES = {".yaml", ".yml", ".json"}
_QUOTED = re.compile(r"'([^']+)'")


def lint(
    paths: str | Path | Iterable[str | Path],
    site: TableSet | HasTables | Population | None = None,
    as_of: date | None = None,
) -> list[Problem]:
    """Everything that is wrong or odd about trial files, file by file.

    Args:
        paths: files, or folders whose trial files are read.
        site: a site, tables or population to check the criteria against; None for none.
        as_of: the day that ages are taken on at the site; None leaves criteria that need one out there.

    Returns:
        File by file what reading found, then what the checks found; each thing once.
    """
    given = [Path(path) for path in ([paths] if isinstance(paths, (str, Path)) else paths)]
    files = [file for path in given for file in _files(path)]
    read, problems = read_trials(given)
    trials = [replace(trial, file=_whole_path(trial.file, files)) for trial in read]
    population = _population(site, as_of)
    observed = _observed(trials, population)
    for file in files:
        problems += _new(written_names(file, observed), problems)
    problems += _new(_checks(trials, population, observed, as_of), problems)
    place = {file.name: number for number, file in enumerate(files)}
    return sorted(problems, key=lambda problem: place.get(_file(problem), len(place)))


def lint_trials(
    trials: Trial | Iterable[Trial],
    site: TableSet | HasTables | Population | None = None,
    as_of: date | None = None,
) -> list[Problem]:
    """What is wrong or odd about trials that were read, or made in Python.

    Args:
        trials: the trials.
        site: a site, tables or population to check the criteria against; None for none.
        as_of: the day that ages are taken on at the site; None leaves criteria that need one out there.
    """
    chosen = [trials] if isinstance(trials, Trial) else list(trials)
    population = _population(site, as_of)
    return list(_checks(chosen, population, _observed(chosen, population), as_of))


def _checks(
    trials: list[Trial], population: Population | None, observed: Residues, as_of: date | None
) -> Iterator[Problem]:
    for trial in trials:
        yield from shape(trial)
        yield from unknown_names(trial)
        for arm in trial.arms:
            yield from residue_doubts(trial, arm, observed)
            logic = Logic([trial.criteria_of(arm)])
            yield from contradictions(trial, arm, logic)
            yield from repetitions(trial, arm, logic)
        yield from duplicate_arms(trial)
        if population is not None:
            yield from at_site(trial, population, as_of)


def _population(site: TableSet | HasTables | Population | None, as_of: date | None) -> Population | None:
    return site if site is None or isinstance(site, Population) else Population.of(site, known_by=as_of)


def _observed(trials: list[Trial], population: Population | None) -> Residues:
    if population is None:
        return {}
    every = (leaf for trial in trials for arm in trial.arms for leaf in leaves(trial.criteria_of(arm)))
    return residues_of(population, frozenset(leaf.gene for leaf in every if isinstance(leaf, Mutation)))


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(child for child in path.iterdir() if child.suffix.lower() in _SUFFIXES)
    return [path]


def _new(found: Iterable[Problem], known: Iterable[Problem]) -> list[Problem]:
    """Findings that say something that is not known: one rule tells of one name in one file once."""
    told = {key for problem in known if (key := _about(problem)) is not None}
    return [problem for problem in found if _about(problem) not in told]


def _about(problem: Problem) -> tuple[str, str, str] | None:
    name = _QUOTED.search(problem.error.what)
    return (problem.rule, _file(problem), name[1].upper()) if name else None


def _whole_path(name: str, files: list[Path]) -> str:
    """The only file of that name with its folder, so that all findings write it alike."""
    found = [str(file) for file in files if file.name == name]
    return found[0] if len(found) == 1 else name


def _file(problem: Problem) -> str:
    return "" if problem.error.path is None else problem.error.path.name
