"""Matrix products take one thread while outcomes are summed, and as many as before afterwards."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

import pytest

from kohort.cohort.maths import threads
from kohort.cohort.maths.threads import one_thread


@pytest.fixture(autouse=True)
def _looked_up_again() -> Iterator[None]:
    threads._openblas.cache_clear()
    yield
    threads._openblas.cache_clear()


class Library:
    """Stands for OpenBLAS with one of its names."""

    def __init__(self, *names: str) -> None:
        self.number = 4
        for name in names:
            setattr(self, name, self.change if "set" in name else lambda: self.number)

    def change(self, number: int) -> None:
        self.number = number


@pytest.mark.parametrize("name", ["scipy_openblas_{}_num_threads64_", "openblas_{}_num_threads"])
def test_threads_are_one_inside_and_as_before_outside(monkeypatch: pytest.MonkeyPatch, name: str):
    library = Library(name.format("get"), name.format("set"))
    monkeypatch.setattr(ctypes, "CDLL", lambda path: library)
    inside: list[int] = []

    @one_thread()
    def fail() -> None:
        inside.append(library.number)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert (inside, library.number) == ([1], 4)


def test_another_library_is_left_alone(monkeypatch: pytest.MonkeyPatch):
    library = Library("mkl_set_num_threads")
    monkeypatch.setattr(ctypes, "CDLL", lambda path: library)
    with one_thread():
        assert library.number == 4


def test_a_library_that_cannot_be_opened_is_left_alone(monkeypatch: pytest.MonkeyPatch):
    def missing(path: str) -> None:
        raise OSError(path)

    monkeypatch.setattr(ctypes, "CDLL", missing)
    with one_thread():
        assert threads._openblas() is None
