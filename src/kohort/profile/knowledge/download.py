"""Fetching one file from an ``http(s)`` address: the only place of this room that uses the network, when asked to."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from kohort.errors import InputError

__all__ = ["LARGEST", "download", "is_url"]

LARGEST = 1 << 28
"""Bytes of the largest file that is fetched (256 MiB); the largest of the known forms has about a quarter."""

TIMEOUT_SECONDS = 30
"""How long a silent server is waited for."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


def is_url(place: str | Path) -> bool:
    """True for an address with a scheme; a path has none."""
    return isinstance(place, str) and _SCHEME.match(place) is not None


def download(address: str, *, largest: int = LARGEST, timeout_seconds: float = TIMEOUT_SECONDS) -> tuple[bytes, Path]:
    """The bytes at an address, and the name of the file there.

    Raises:
        InputError: another scheme than http and https, a password in the address, a server that does not answer or
            refuses, a redirection that leaves https, or a file larger than ``largest`` bytes.
    """
    parts = urlsplit(address)
    shown = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError("The address is not http or https.", path=shown, remedy="Give an http(s) address or a file.")
    if parts.username or parts.password:
        raise InputError("The address holds a password.", path=shown, remedy="Fetch the file yourself and add it.")
    content = _fetch(address, shown, largest, timeout_seconds)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", unquote(parts.path).rpartition("/")[2]).strip(".-")
    return content, Path(name or "data")


def _fetch(address: str, shown: str, largest: int, timeout_seconds: float) -> bytes:
    import http.client  # noqa: PLC0415 - loads the network
    import urllib.error  # noqa: PLC0415 - loads the network
    import urllib.request  # noqa: PLC0415 - loads the network

    # Of the standard handlers, those for files and ftp are left out, and for an https address that for http:
    # a redirection could lead there.
    plain = () if address.lower().startswith("https:") else (urllib.request.HTTPHandler,)
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler, urllib.request.UnknownHandler, *plain, urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler, urllib.request.HTTPRedirectHandler, urllib.request.HTTPErrorProcessor,
    ):  # fmt: skip
        opener.add_handler(handler())
    try:
        with opener.open(address, timeout=timeout_seconds) as answer:
            content = answer.read(largest + 1)
    except urllib.error.HTTPError as error:
        error.close()
        raise InputError(f"The server answers {error.code}.", path=shown, remedy="Check the address.") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise InputError(
            "The address cannot be reached.", path=shown,
            remedy="Check the address and the network, or fetch the file yourself and add it.",
        ) from error  # fmt: skip
    if len(content) > largest:
        raise InputError(
            f"The file is larger than {largest:,} bytes.", path=shown, remedy="Fetch it yourself and add the file."
        )
    return content
