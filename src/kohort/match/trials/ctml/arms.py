"""The parts of a CTML trial that ask something of a patient: steps, arms and dose levels, each on its own."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from kohort.match.criteria.logic import Criterion
from kohort.match.trials.ctml.clauses import read_match
from kohort.match.trials.ctml.findings import Findings
from kohort.match.trials.ctml.views import NEVER, View, all_of
from kohort.match.trials.located import Located
from kohort.match.trials.protocol import Arm, ArmStatus, Level

__all__ = ["Part", "arms_of", "parts_of"]

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,57}")


@dataclass(frozen=True, slots=True)
class Part:
    """A step, an arm or a dose level.

    Attributes:
        level: which of the three.
        place: where it stands.
        position: its place among the others, e.g. ``step1.arm2.dose1``.
        below: the parts below it: arms of a step, dose levels of an arm.
    """

    level: Level
    place: Located
    position: str
    below: tuple[Part, ...]

    def text(self, key: str) -> str:
        """One of its fields as text, empty if it is missing."""
        value = self.place.mapping().get(key)
        return "" if value is None else value.written.strip()


_KEYS: dict[Level, tuple[str, Level]] = {"step": ("arm", "arm"), "arm": ("dose_level", "dose")}
_PREFIX: dict[Level, str] = {"step": "step", "arm": "arm", "dose": "level"}


def parts_of(treatments: Located, findings: Findings) -> list[Part]:
    """The steps of a treatment list with all that lies below them."""
    found = treatments.value if isinstance(treatments.value, dict) else {}
    return list(_parts(found.get("step"), treatments, "step", "", findings))


def _parts(place: Located | None, above: Located, level: Level, position: str, findings: Findings) -> Iterator[Part]:
    if place is None or place.value is None:
        return
    if not isinstance(place.value, list):
        findings.add("error", "wrong-type", place, f"the {level}s are no list.", "Begin each with a dash.")
        return
    for number, item in enumerate(place.value, start=1):
        own = f"{position}{level}{number}"
        if not isinstance(item.value, dict):
            findings.add("error", "null-node", item, f"this {level} holds no keys.", "Fill it, or leave it out.")
            continue
        below: tuple[Part, ...] = ()
        if level in _KEYS:
            key, lower = _KEYS[level]
            below = tuple(_parts(item.value.get(key), item, lower, f"{own}.", findings))
        yield Part(level, item, own, below)


def arms_of(steps: list[Part], drugs: tuple[str, ...], common: Criterion, findings: Findings) -> list[Arm]:
    """Every part with a match clause, from top to bottom.

    Args:
        steps: the trial's steps.
        drugs: names of the trial's drugs.
        common: what the trial asks besides; the engine never loads it.
        findings: receives what is wrong.
    """
    parts = [part for step in steps for part in _with_below(step)]
    names = _names(parts)
    only_one = sum(part.level == "arm" for part in parts) == 1
    arms = []
    for part in parts:
        own = Findings()
        status = _status(part, own)
        view = _view(part, own)
        if view is not None:
            given = _drugs(part, drugs, everything=only_one)
            arm = _arm(part, names[part.position], view, common, stopped=own.stop_the_engine)
            arms.append(replace(arm, drugs=given, status=status))
        findings.take(own)
    return arms


def _with_below(part: Part) -> Iterator[Part]:
    yield part
    for lower in part.below:
        yield from _with_below(lower)


def _view(part: Part, findings: Findings) -> View | None:
    match = part.place.mapping().get("match")
    return None if match is None else read_match(match, findings)


def _arm(part: Part, name: str, view: View, common: Criterion, *, stopped: bool) -> Arm:
    meant = all_of([common, view.meant])
    skipped = part.level == "step" and not part.below
    engine = NEVER if stopped or skipped else view.engine
    code = part.text(f"{_PREFIX[part.level]}_code")
    title = part.text(f"{_PREFIX[part.level]}_description") or code or name
    return Arm(
        id=name,
        title=title,
        drugs=(),
        criteria=meant,
        level=part.level,
        code=code,
        path=part.place.key,
        matchengine=None if engine == meant else engine,
        line=part.place.line,
    )


def _names(parts: Iterable[Part]) -> dict[str, str]:
    """An identifier for each part: its internal id where it has one that no other part of its level has."""
    parts = list(parts)
    given = {part.position: f"{part.level}-{part.text(f'{_PREFIX[part.level]}_internal_id')}" for part in parts}
    often = Counter(given.values())
    return {
        position: name if often[name] == 1 and _ID.fullmatch(name.partition("-")[2]) else position
        for position, name in given.items()
    }


def _status(part: Part, findings: Findings) -> ArmStatus:
    if part.level == "step":
        return _step_status(part, findings)
    word = part.place.mapping().get(f"{_PREFIX[part.level]}_suspended")
    return "suspended" if _is_suspended(word, findings) else "open"


def _step_status(step: Part, findings: Findings) -> ArmStatus:
    asks = "match" in step.place.mapping()
    if not step.below:
        if asks:
            what = "this step has a match clause and no arm: matchengine-V2 skips it."
            findings.add("warning", "step-without-arm", step.place, what, "Give it an arm.")
        return "open"
    silent = Findings()
    words = [arm.place.mapping().get("arm_suspended") for arm in step.below]
    return "suspended" if all(_is_suspended(word, silent) for word in words) else "open"


def _is_suspended(word: Located | None, findings: Findings) -> bool:
    """Only ``y`` counts for the engine; ``yes`` and truths are understood, and noted."""
    if word is None or word.value is None or isinstance(word.value, (dict, list)):
        return False
    text = word.written.strip().casefold()
    suspended = text in {"y", "yes", "true", "suspended"}
    if isinstance(word.value, bool):
        findings.stops(word, "this is a truth, not Y or N.", "Write 'Y' or 'N'.")
    elif text not in {"y", "n", "no", "false", "open", "yes", "true", "suspended"}:
        what = f"{word.written!r} is neither Y nor N; the part is taken as open."
        findings.add("warning", "suspended-word", word, what, "Write 'Y' or 'N'.")
    elif suspended and text != "y":
        what = f"{word.written!r} is read as suspended; matchengine-V2 reads only Y so, and takes patients here."
        findings.add("warning", "suspended-word", word, what, "Write 'Y'.")
    return suspended


def _drugs(part: Part, listed: tuple[str, ...], *, everything: bool) -> tuple[str, ...]:
    """Those of the trial's drugs that the texts of a part or of the dose levels below it name.

    A trial with one arm gives all of its drugs there.
    """
    fields = [
        (lower, f"{_PREFIX[lower.level]}_{end}") for lower in _with_below(part) for end in ("code", "description")
    ]
    texts = " ".join(lower.text(name) for lower, name in fields).casefold()
    named = tuple(name for name in listed if re.search(rf"(?<!\w){re.escape(name.casefold())}(?!\w)", texts))
    return named or (listed if everything and part.level != "dose" else ())
