"""Signatures: who wrote a file, and that nobody has changed it since (Ed25519).

A signature covers the content and what it is for, so one made for a rule is worth nothing on anything else.
The signing key is a file that only its owner can read; the public key may be shown to everybody, and belongs
wherever signatures are checked. Keys are PEM files that other software reads too.

References:
    Josefsson S, Liusvaara I. RFC 8032: Edwards-Curve Digital Signature Algorithm (Ed25519), 2017.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from kohort.errors import AccessError

__all__ = ["PublicKey", "Signature", "SigningKey"]

_ID_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as text.

    Attributes:
        key: id of the key that signed.
        value: the 64 bytes of the signature, hexadecimal.
    """

    key: str
    value: str


class PublicKey:
    """A key that checks signatures. It may be shown to anybody.

    Args:
        raw: the 32 bytes of the key.

    Raises:
        AccessError: they make no key.
    """

    def __init__(self, raw: bytes) -> None:
        try:
            self._key = Ed25519PublicKey.from_public_bytes(raw)
        except ValueError:
            raise AccessError("A public key has 32 bytes.", remedy="Ask the signer for the file again.") from None

    @classmethod
    def read(cls, path: Path) -> Self:
        """The public key in a PEM file.

        Raises:
            AccessError: there is no such file, or it holds no Ed25519 public key.
        """
        try:
            key = load_pem_public_key(_read(path, "public"))
        except (ValueError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PublicKey):
            raise AccessError(f"{path} holds no public key for signatures.", remedy="Give the file that ends in .pub.")
        return cls(key.public_bytes_raw())

    @property
    def id(self) -> str:
        """What the key is called: the first 16 hexadecimal digits of its SHA-256."""
        return sha256(self._key.public_bytes_raw()).hexdigest()[:_ID_LENGTH]

    @property
    def pem(self) -> bytes:
        """The key as a file for everybody."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def verify(self, purpose: str, content: bytes, signature: Signature) -> None:
        """Return if this key signed exactly this content for this purpose.

        Raises:
            AccessError: another key signed, or purpose, content or signature were changed since.
        """
        if signature.key != self.id:
            raise AccessError(
                f"The signature is by key {signature.key}, not by {self.id}.",
                remedy="Check it with the public key of whoever signed, if you trust them.",
            )
        try:
            self._key.verify(bytes.fromhex(signature.value), _message(purpose, content))
        except (InvalidSignature, ValueError):
            raise AccessError(
                "The signature does not fit: what was signed is not what stands here.",
                remedy="Ask the signer for the file again, and find out who changed this one.",
            ) from None


class SigningKey:
    """A key that signs. It never leaves its file; nothing prints it."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def __repr__(self) -> str:
        """The id, never the key."""
        return f"SigningKey({self.public.id})"

    @classmethod
    def create(cls, folder: Path, name: str = "signing") -> Self:
        """Make a key: ``<name>.key`` for its owner alone (0600, the folder 0700) and ``<name>.pub`` for all.

        Raises:
            AccessError: the folder has such a key, others can enter it, or it cannot be written.
        """
        if Path(name).name != name or not name:
            raise AccessError("The name of a key is no path.", remedy="Give a plain name such as 'signing'.")
        made = cls(Ed25519PrivateKey.generate())
        secret = made._key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        try:
            if not folder.is_dir():
                folder.mkdir(mode=0o700, parents=True)
            if stat.S_IMODE(folder.stat().st_mode) & 0o077:
                raise AccessError(f"Others can enter {folder}.", remedy="Run chmod 700 on the folder of the keys.")
            if (folder / f"{name}.key").exists():
                raise AccessError(f"{folder} has a key {name!r} already.", remedy="Use it, or name the new one apart.")
            _write_new(folder / f"{name}.key", secret, 0o600)
            _write_new(folder / f"{name}.pub", made.public.pem, 0o644)
        except OSError as error:
            raise AccessError(
                f"No key can be written to {folder}: {error.strerror}.", remedy="Give a folder that you can write to."
            ) from error
        return made

    @classmethod
    def open(cls, path: Path) -> Self:
        """The key in a PEM file.

        Raises:
            AccessError: there is no such file, others can read it, or it holds no Ed25519 private key.
        """
        content = _read(path, "signing")
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise AccessError(f"Others can read the signing key {path}.", remedy="Run chmod 600 on it.")
        try:
            key = load_pem_private_key(content, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise AccessError(f"{path} holds no signing key.", remedy="Give the file that ends in .key.")
        return cls(key)

    @property
    def public(self) -> PublicKey:
        """The key that checks what this one signs."""
        return PublicKey(self._key.public_key().public_bytes_raw())

    def sign(self, purpose: str, content: bytes) -> Signature:
        """Sign content for one purpose, e.g. ``kohort-rule/1``. The same content gives the same signature."""
        return Signature(self.public.id, self._key.sign(_message(purpose, content)).hex())


def _message(purpose: str, content: bytes) -> bytes:
    """Purpose and content, with nothing that could belong to either."""
    if "\0" in purpose:
        raise AccessError("A purpose is a word.", remedy="Give a purpose such as 'kohort-rule/1'.")
    return purpose.encode() + b"\0" + content


def _read(path: Path, kind: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AccessError(
            f"The {kind} key {path} cannot be read: {error.strerror}.", remedy="Check the path and its permissions."
        ) from error


def _write_new(path: Path, content: bytes, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), mode)  # whatever the umask takes away
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
