"""One thread for products of small matrices.

OpenBLAS shares every product among all cores and lets its threads spin while they wait. For the products of
thousands of small matrices that enumeration makes, that is up to ten times slower wherever another process
wants a core. Where numpy brings another library, nothing is changed.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

__all__ = ["one_thread"]

_Pair: TypeAlias = tuple[Callable[[], int], Callable[[int], object]]

NAMES = ("scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads64_", "openblas_{}_num_threads")


@functools.cache
def _openblas() -> _Pair | None:
    """Functions that read and set the number of threads of the OpenBLAS that numpy is linked with."""
    try:
        library = ctypes.CDLL(np._core._multiarray_umath.__file__)  # type: ignore[attr-defined]
    except (AttributeError, OSError):
        return None
    for name in NAMES:
        get, change = (getattr(library, name.format(verb), None) for verb in ("get", "set"))
        if get is not None and change is not None:
            return get, change
    return None


@contextlib.contextmanager
def one_thread() -> Iterator[None]:
    """Matrix products inside take one thread each; afterwards as many as before."""
    found = _openblas()
    if found is None:
        yield
        return
    get, change = found
    before = get()
    change(1)
    try:
        yield
    finally:
        change(before)
