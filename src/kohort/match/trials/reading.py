"""Reading trials: many files at once, each in the format it is written in. A bad trial never stops the others."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path

from kohort.errors import InputError, IntegrityError
from kohort.match.trials import ctml, yaml_reader
from kohort.match.trials.documents import Located, documents
from kohort.match.trials.problems import Problem
from kohort.match.trials.protocol import Trial

__all__ = ["default_protocol", "read_trials"]

_SUFFIXES = {".yaml", ".yml", ".json"}


def read_trials(paths: str | Path | Iterable[str | Path]) -> tuple[list[Trial], list[Problem]]:
    """Trials from files in CTML or in Kohort's YAML, and what is wrong or odd about them.

    Args:
        paths: files, or folders whose ``.yaml``, ``.yml`` and ``.json`` files are read in name order. One
            file may hold several trials: YAML divided by ``---``, JSON one after the other, or a list.

    Returns:
        The trials in order, and the problems. A problem of severity ``error`` is a trial or a part of one that
        was not understood; such a part is unknown for everybody, and the rest is matched.
    """
    given = [paths] if isinstance(paths, (str, Path)) else list(paths)
    trials: dict[str, Trial] = {}
    problems: list[Problem] = []
    for path in _files(map(Path, given)):
        for document in _documents(path):
            if isinstance(document, InputError):
                problems.append(Problem("error", document))
                continue
            trial, found = _read(document, _name(path, trials))
            problems += found
            if trial is not None:
                if trial.id in trials:
                    trial = _renamed(trial, document, trials, problems)
                trials[trial.id] = trial
    return list(trials.values()), problems


@functools.cache
def default_protocol() -> Trial:
    """The protocol that travels with Kohort: illustrative, in the shape of DRUP-like trials; no real one.

    Raises:
        IntegrityError: the file in the package is damaged.
    """
    with resources.as_file(resources.files("kohort.match") / "data" / "impress_like.yaml") as path:
        trials, problems = read_trials(path)
    if not trials:
        raise IntegrityError(f"The protocol that travels with Kohort cannot be read. {problems[0]}")
    return trials[0]


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(child for child in path.iterdir() if child.suffix.lower() in _SUFFIXES)
        else:
            yield path


def _documents(path: Path) -> Iterator[Located | InputError]:
    """The documents of a file, a list of trials taken apart."""
    try:
        for document in documents(path):
            if isinstance(document, Located) and isinstance(document.value, list) and not ctml.is_clause(document):
                yield from document.value if any(map(_is_trial, document.value)) else [document]
            else:
                yield document
    except InputError as error:
        yield error


def _is_trial(document: Located) -> bool:
    return ctml.is_ctml(document) or (isinstance(document.value, dict) and "format" in document.value)


def _read(document: Located, name: str) -> tuple[Trial | None, list[Problem]]:
    try:
        if ctml.is_ctml(document):
            return ctml.read_trial(document, name)
        if ctml.is_clause(document):
            remedy = "Put it into a trial, or read it with read_clause."
            raise document.error("this is a match clause of CTML without its trial.", remedy)
        return yaml_reader.read_trial(document)
    except InputError as error:
        return None, [Problem("error", error)]


def _renamed(trial: Trial, document: Located, taken: dict[str, Trial], problems: list[Problem]) -> Trial:
    """A trial whose id another has: nothing is lost, it goes on under a numbered id, and that is said."""
    names = (f"{trial.id[:58]}.{number}" for number in range(2, len(taken) + 3))
    name = next(name for name in names if name not in taken)
    words = f"a trial of the id {trial.id!r} was read before; this one is matched as {name!r}."
    problems.append(Problem("warning", document.error(words, "Rename one, or leave one out."), "duplicate-trial"))
    return replace(trial, id=name)


def _name(path: Path, taken: dict[str, Trial]) -> str:
    """A name for a trial that gives none: that of its file, numbered where it holds several."""
    names = (path.stem if number == 1 else f"{path.stem}-{number}" for number in range(1, len(taken) + 2))
    return next(name for name in names if name not in taken)
