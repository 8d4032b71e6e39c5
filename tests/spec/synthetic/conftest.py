"""Studies that several tests read: written once."""

from __future__ import annotations

from pathlib import Path

import pytest

from kohort.synthetic import WrittenStudy, write_hospitals


@pytest.fixture(scope="session")
def studies(tmp_path_factory: pytest.TempPathFactory) -> list[WrittenStudy]:
    """The demo's three hospitals with 900 patients."""
    return write_hospitals(tmp_path_factory.mktemp("synthetic") / "demo", patients=900, seed=1)


@pytest.fixture(scope="session")
def by_code(studies: list[WrittenStudy]) -> dict[str, Path]:
    """Hospital code -> folder of its study."""
    return {study.hospital.code: study.path for study in studies}
