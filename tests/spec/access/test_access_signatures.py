"""Signatures: who wrote a file, and that nobody has changed it since.

Ed25519 (RFC 8032). A signature covers content and purpose; the signing key is readable by its owner alone.
"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from kohort.access.signatures import PublicKey, Signature, SigningKey
from kohort.errors import AccessError

RULE = b'{"format":"kohort-rule/1"}'


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    return SigningKey.create(tmp_path / "keys")


def test_what_was_signed_is_accepted_with_the_public_key(key: SigningKey, tmp_path: Path):
    """The signer keeps the key; whoever checks has the public file."""
    signature = SigningKey.open(tmp_path / "keys" / "signing.key").sign("rule", RULE)
    PublicKey.read(tmp_path / "keys" / "signing.pub").verify("rule", RULE, signature)
    assert signature == key.sign("rule", RULE)
    assert signature.key == key.public.id


def test_changed_content_purpose_or_signature_is_refused_in_words(key: SigningKey):
    """One byte is enough; nothing is said of the content."""
    signature = key.sign("rule", RULE)
    flipped = Signature(signature.key, ("0" if signature.value[0] != "0" else "1") + signature.value[1:])
    for purpose, content, given in (
        ("rule", RULE + b" ", signature),
        ("permit", RULE, signature),
        ("rul", b"e\0" + RULE, signature),
        ("rule", RULE, flipped),
        ("rule", RULE, Signature(signature.key, "no signature")),
        ("rule", RULE, Signature(signature.key, "")),
    ):
        with pytest.raises(AccessError, match="what was signed is not what stands here"):
            key.public.verify(purpose, content, given)


def test_the_key_of_somebody_else_is_refused_by_its_id(key: SigningKey, tmp_path: Path):
    """The message names both keys, so that the right public file can be found."""
    other = SigningKey.create(tmp_path / "others")
    with pytest.raises(AccessError, match=f"by key {other.public.id}, not by {key.public.id}"):
        key.public.verify("rule", RULE, other.sign("rule", RULE))


def test_a_purpose_is_a_word(key: SigningKey):
    """A zero byte would let purpose and content run into each other."""
    with pytest.raises(AccessError, match="A purpose is a word"):
        key.sign("rule\0", RULE)


@pytest.mark.usefixtures("key")
def test_only_the_owner_can_read_the_signing_key(tmp_path: Path):
    """The folder has mode 0700 and the key 0600; the public key can be read by all who get there."""
    folder = tmp_path / "keys"
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "signing.key", folder / "signing.pub")]
    assert modes == [0o700, 0o600, 0o644]
    (folder / "signing.key").chmod(0o640)
    with pytest.raises(AccessError, match="Others can read the signing key"):
        SigningKey.open(folder / "signing.key")


def test_a_key_is_never_overwritten_or_put_where_others_can_go(key: SigningKey, tmp_path: Path):
    """A lost key makes every later signature new, so making one again is refused."""
    assert "PRIVATE" not in repr(key)
    assert key.public.id in repr(key)
    with pytest.raises(AccessError, match="has a key 'signing' already"):
        SigningKey.create(tmp_path / "keys")
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(AccessError, match="Others can enter"):
        SigningKey.create(tmp_path / "open")
    with pytest.raises(AccessError, match="is no path"):
        SigningKey.create(tmp_path / "keys", "../signing")
    (tmp_path / "file").write_text("")
    with pytest.raises(AccessError, match="No key can be written"):
        SigningKey.create(tmp_path / "file")


def test_a_file_that_holds_no_key_is_refused(tmp_path: Path):
    """Missing, another text, or a key for something else."""
    with pytest.raises(AccessError, match="cannot be read"):
        SigningKey.open(tmp_path / "none.key")
    with pytest.raises(AccessError, match="cannot be read"):
        PublicKey.read(tmp_path / "none.pub")
    exchange = X25519PrivateKey.generate()
    for content in (b"no key", exchange.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())):
        path = tmp_path / "signing.key"
        path.write_bytes(content)
        path.chmod(0o600)
        with pytest.raises(AccessError, match="holds no signing key"):
            SigningKey.open(path)
    for content in (b"no key", exchange.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)):
        (tmp_path / "signing.pub").write_bytes(content)
        with pytest.raises(AccessError, match="holds no public key"):
            PublicKey.read(tmp_path / "signing.pub")
    with pytest.raises(AccessError, match="has 32 bytes"):
        PublicKey(b"short")


def test_signatures_are_those_of_the_standard():
    """RFC 8032, section 7.1, test 1: the empty message."""
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    standard = Ed25519PrivateKey.from_private_bytes(secret)
    key = SigningKey(standard)
    public = standard.public_key().public_bytes_raw().hex()
    assert public == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert standard.sign(b"").hex().startswith("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155")
    assert key.sign("", b"").value == standard.sign(b"\0").hex()
