"""Decision rules as documents: fixed, hashed and signed before the first patient.

A rule has one text (canonical JSON, ``kohort-rule/1``); its hash is the SHA-256 of that text. Every setting is
written down, defaults too. A signed file holds the rule, its hash and an Ed25519 signature.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from kohort.access.signatures import SigningKey
from kohort.cohort import EIGHT_PLUS_SIXTEEN, TwoStageDesign
from kohort.cohort.borrowing.bhm import BHM
from kohort.cohort.borrowing.calibrated import CalibratedBHM
from kohort.cohort.borrowing.exnex import EXNEX, Exchangeable
from kohort.cohort.borrowing.fujikawa import Fujikawa
from kohort.cohort.borrowing.local_mem import LocalMEM
from kohort.cohort.borrowing.mem import MEM
from kohort.cohort.borrowing.model import BorrowingModel
from kohort.cohort.borrowing.pooled import Pooled
from kohort.cohort.borrowing.power_prior import GlobalWeight, PowerPrior
from kohort.cohort.borrowing.separate import Separate
from kohort.cohort.rules.codec import decoded, encoded
from kohort.cohort.rules.conditions import Boundary, Evidence, MeanAbove, Probability, ResponderCount
from kohort.cohort.rules.rule import DecisionRule
from kohort.cohort.rules.signed import read_rule, sign, verify
from kohort.errors import AccessError, InputError, StatisticsError

RULE = DecisionRule(
    "exnex-95",
    EIGHT_PLUS_SIXTEEN,
    final=Boundary(go=(Probability(above=0.95), MeanAbove(0.2)), no_go=(Probability(rate=0.15, below=0.5),)),
    interim=Boundary(no_go=(ResponderCount(at_most=0),)),
    model=Separate(0.1),
    group="drug",
)


def test_a_rule_has_one_text_and_one_hash():
    """Keys in order, no spaces, every setting; the hash is the SHA-256 of that."""
    plain = DecisionRule("plain", EIGHT_PLUS_SIXTEEN)
    assert plain.to_json() == (
        '{"format":"kohort-rule/1","rule":{"design":{"is":"TwoStageDesign","n":24,"n1":8,"p0":0.1,"p1":0.3,"r":4,'
        '"r1":0},"final":null,"group":"","interim":null,"is":"DecisionRule","model":null,"name":"plain"}}'
    )
    assert plain.hash == hashlib.sha256(plain.to_json().encode()).hexdigest()
    assert DecisionRule.from_json(plain.to_json()) == plain


def test_equal_rules_have_equal_hashes_however_they_were_written():
    """1 and 1.0 are one number; how a design was found and how a file is spaced do not matter."""
    again = DecisionRule("a", TwoStageDesign(0, 8, 4, 24, 0.1, 0.3, type="admissible", q_range=(0.0, 0.4)))
    assert again.hash == DecisionRule("a", EIGHT_PLUS_SIXTEEN).hash
    assert DecisionRule("a", EIGHT_PLUS_SIXTEEN, model=Separate(0.1, shape=(1, 1))).hash == (
        DecisionRule("a", EIGHT_PLUS_SIXTEEN, model=Separate(0.1)).hash
    )
    assert Probability(above=1).above == 1
    assert encoded(Probability(above=1)) == encoded(Probability(above=1.0))
    assert DecisionRule.from_json(json.dumps(json.loads(RULE.to_json()), indent=4)).hash == RULE.hash


def test_one_changed_setting_is_another_hash():
    """A cut-off, a threshold, a prior, a name."""
    others = [
        DecisionRule("exnex-95", EIGHT_PLUS_SIXTEEN),
        DecisionRule("exnex-95", EIGHT_PLUS_SIXTEEN, model=Separate(0.1, shape=(0.5, 0.5))),
        DecisionRule("exnex-95", TwoStageDesign(0, 8, 5, 24, 0.1, 0.3)),
        DecisionRule("exnex-94", EIGHT_PLUS_SIXTEEN),
    ]
    assert len({rule.hash for rule in [RULE, *others]}) == 5


@pytest.mark.parametrize(
    "model",
    [
        Separate((0.1, 0.2), shape=((1.0, 1.0), (0.5, 0.5))),
        Pooled(0.1),
        BHM(0.1, target=0.3),
        EXNEX(0.1, weight=(0.3, 0.4), nex_mean=(-2.0, -1.0), further=(Exchangeable.at_rate(0.3, 0.25),)),
        MEM(0.1, prior=((1.0, 0.5), (0.5, 1.0))),
        LocalMEM(0.1, delta=0),
        PowerPrior(0.1, weights="jsd", prune=0.95, global_weight=GlobalWeight(2)),
        PowerPrior(0.1, weights="mml"),
        PowerPrior(0.1),
        Fujikawa(0.1, epsilon=2, tau=0, base=float(np.e)),
        CalibratedBHM(0.1, 0.3, (24, 24), coefficients=(-1.5, 3.75)),
    ],
    ids=lambda model: type(model).__name__,
)
def test_a_rule_names_its_model_with_all_settings(model: BorrowingModel):
    """Numbers, tuples, and settings that are objects themselves; read back they are equal."""
    rule = DecisionRule("borrows", EIGHT_PLUS_SIXTEEN, model=model)
    again = DecisionRule.from_json(rule.to_json())
    assert again == rule
    assert (again.hash, type(again.model)) == (rule.hash, type(model))


def changed(path: str, value: object) -> str:
    content = json.loads(RULE.to_json())
    *steps, last = path.split(".")
    place = content
    for step in steps:
        place = place[int(step) if step.isdigit() else step]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return json.dumps(content)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is written in JSON"),
        ("[]", "The format None"),
        (changed("format", "kohort-rule/2"), "The format 'kohort-rule/2' is not 'kohort-rule/1'"),
        (changed("rule", 1), "rule is 1"),
        (changed("rule.is", "Rule"), "rule is a 'Rule', which cannot stand there"),
        (changed("rule.model.is", "Magic"), "rule.model is a 'Magic'.*Known there: BHM, .*Separate"),
        (changed("rule.model.shape", None), r"rule.model \(Separate\) says nothing of shape"),
        (changed("rule.model.speed", 1), "rule.model .* has a setting that nobody knows: speed"),
        (changed("rule.model.shape", [1]), r"rule.model.shape\[0\] is 1"),
        (changed("rule.model.shape", [1, "a"]), r'rule.model.shape\[1\] is "a"'),
        (changed("rule.design.n1", 8.5), "rule.design.n1 is 8.5.*Expected: int"),
        (changed("rule.design.n1", True), "rule.design.n1 is true"),
        (changed("rule.final.go.0.is", "ResponderCount"), r"rule.final.go\[0\] \(ResponderCount\) says nothing of"),
        (changed("rule.group", 3), "rule.group is 3"),
        (changed("rule.final.go", 3), "rule.final.go is 3"),
    ],
)
def test_a_text_that_is_no_rule_is_refused_with_its_place(text: str, words: str):
    """What is wrong, where, and what belongs there."""
    with pytest.raises(InputError, match=words):
        DecisionRule.from_json(text)


def test_settings_that_make_no_rule_are_refused_by_what_they_set():
    """The design itself says what is wrong with it; what is no number cannot be written."""
    with pytest.raises(StatisticsError, match="no two stages"):
        DecisionRule.from_json(changed("rule.design.n1", 24))
    for wrong in (float("nan"), lambda: 1, {1}):
        with pytest.raises(StatisticsError, match="A rule cannot hold a"):
            encoded(wrong)
    assert encoded(np.arange(2.0)) == [0.0, 1.0]
    with pytest.raises(InputError, match="spreads has 1 entries"):
        decoded([1], tuple[float, float], {}, "spreads")


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return SigningKey.create(tmp_path / "keys")


def test_a_signed_rule_is_read_with_the_public_key(key: SigningKey, tmp_path: Path):
    """The file is JSON for people too; the signature covers the rule's own text."""
    path = tmp_path / "rule.json"
    path.write_text(sign(RULE, key))
    assert read_rule(path, key.public) == RULE
    content = json.loads(path.read_text())
    assert content["hash"] == RULE.hash
    assert content["signature"]["algorithm"] == "Ed25519"
    assert DecisionRule.from_json(path.read_text()) == RULE


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda c: c["rule"]["design"].update(r=3), "was changed after it was written: its hash is"),
        (lambda c: c.update(hash="0" * 64), "was changed after it was written"),
        (lambda c: c.pop("hash"), "was changed after it was written"),
        (lambda c: c.pop("signature"), "is not signed"),
        (lambda c: c["signature"].pop("value"), "is not signed"),
        (lambda c: c["signature"].update(value="00" * 64), "what was signed is not what stands here"),
        (lambda c: c["signature"].update(key="0" * 16), "by key 0000000000000000"),
    ],
)
def test_a_tampered_rule_is_refused_in_words(key: SigningKey, change, words: str):
    """A threshold moved by one, a hash or a signature that does not fit."""
    content = json.loads(sign(RULE, key))
    change(content)
    with pytest.raises(AccessError, match=words):
        verify(json.dumps(content), key.public)


def test_a_rule_changed_together_with_its_hash_is_refused(key: SigningKey):
    """The signature still is that of the other rule."""
    other = DecisionRule("exnex-95", TwoStageDesign(0, 8, 3, 24, 0.1, 0.3))
    content = json.loads(sign(RULE, key)) | {"rule": json.loads(other.to_json())["rule"], "hash": other.hash}
    with pytest.raises(AccessError, match="what was signed is not what stands here"):
        verify(json.dumps(content), key.public)


def test_a_file_that_cannot_be_read_is_told_with_its_path(key: SigningKey, tmp_path: Path):
    """Missing, no text, no rule."""
    path = tmp_path / "rule.json"
    with pytest.raises(InputError, match=r"rule\.json: The file cannot be read"):
        read_rule(path, key.public)
    path.write_bytes(b"\xff")
    with pytest.raises(InputError, match=r"rule\.json: The file cannot be read"):
        read_rule(path, key.public)
    path.write_text("\n{,")
    with pytest.raises(InputError, match=r"rule\.json, line 2"):
        read_rule(path, key.public)


def test_conditions_tell_what_they_compare():
    """The value beside the limit, for reasons in words."""
    responders, n, mean = np.array([[3]]), np.array([[10]]), np.array([[0.3]])
    seen = Evidence(responders, n, lambda rate: np.array([[rate or 0.5]]), lambda: mean)
    assert Probability(rate=0.2, above=0.1).value(seen) == 0.2
    assert MeanAbove(0.2).value(seen) == 0.3
    assert ResponderCount(at_least=1).value(seen) == 3
