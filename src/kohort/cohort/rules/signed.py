"""A rule in a file, signed: what was fixed before the first patient, by whom, and that it is still the same."""

from __future__ import annotations

import json
from pathlib import Path

from kohort.access.signatures import PublicKey, Signature, SigningKey
from kohort.cohort.rules.rule import FORMAT, DecisionRule
from kohort.errors import AccessError, InputError

__all__ = ["read_rule", "sign", "verify"]


def sign(rule: DecisionRule, key: SigningKey) -> str:
    """The text of a signed rule: the rule, its hash, and the signature over the rule's own text."""
    text = rule.to_json()
    signature = key.sign(FORMAT, text.encode())
    content = {
        **json.loads(text),
        "hash": rule.hash,
        "signature": {"algorithm": "Ed25519", "key": signature.key, "value": signature.value},
    }
    return json.dumps(content, indent=2) + "\n"


def verify(text: str | bytes, key: PublicKey) -> DecisionRule:
    """The rule of a signed text, if it is what the owner of the key signed.

    Raises:
        InputError: no rule can be read.
        AccessError: no signature, another key, or a rule that was changed after it was signed.
    """
    rule = DecisionRule.from_json(text)
    content = json.loads(text)
    if content.get("hash") != rule.hash:
        raise AccessError(
            f"The rule {rule.name!r} was changed after it was written: its hash is {rule.hash[:12]}, and the file "
            f"says {str(content.get('hash'))[:12]}.",
            remedy="Take the file that was signed; a new rule needs a new signature and new cohorts.",
        )
    key.verify(FORMAT, rule.to_json().encode(), _signature(content.get("signature"), rule.name))
    return rule


def read_rule(path: Path, key: PublicKey) -> DecisionRule:
    """The signed rule in a file.

    Raises:
        InputError: the file cannot be read as a rule; with its path.
        AccessError: the signature does not fit; see ``verify``.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return verify(text, key)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("The file cannot be read.", path=path, remedy="Check its path and permissions.") from error
    except InputError as error:
        raise InputError(error.reason, path=path, line=error.line, remedy=error.remedy) from error


def _signature(given: object, name: str) -> Signature:
    if isinstance(given, dict) and isinstance(given.get("key"), str) and isinstance(given.get("value"), str):
        return Signature(given["key"], given["value"])
    raise AccessError(f"The rule {name!r} is not signed.", remedy="Have it signed before the first patient.")
