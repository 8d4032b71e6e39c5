"""An ingest that is killed at any point leaves the old state, and the next one completes it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import kohort
from kohort.store import batch, manifest
from tests.study import PEOPLE, study_files, write_study


class KilledError(BaseException):
    """Stands for the end of the process at a step that reaches the disk."""


def _tables(site: kohort.Site) -> dict[str, bytes]:
    kept = {**{p.name: p.read_bytes() for p in [site.path / "manifest.jsonl"] if p.exists()}}
    for name in ("person", "variant", "finding", "therapy"):
        kept[name] = site.tables.frame(name).drop("source_file").write_ipc(None).getvalue()
    return kept


def _two_studies(tmp_path: Path) -> tuple[Path, Path]:
    more = study_files()["data_timeline_status.txt"] + "P001\t999\tSTATUS\tRecurrence\tLung\n"
    return write_study(tmp_path / "a"), write_study(tmp_path / "b", data_timeline_status=more)


STEPS = 40


@pytest.mark.parametrize("step", range(0, STEPS, 2))
def test_a_kill_before_any_step_on_disk_leaves_the_old_state(
    step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends before its n-th write, sync or rename: readers see the old state; the next run completes."""
    first, second = _two_studies(tmp_path)
    site = kohort.Site.create(tmp_path / "site", "Oslo", "NO")
    site.ingest([first])
    old = _tables(site)
    twin = shutil.copytree(site.path, tmp_path / "twin")
    count = 0

    def fatal(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal count
            count += 1
            if count > step:
                raise KilledError
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fatal(os.fsync))
        patch.setattr(Path, "replace", fatal(Path.replace))
        patch.setattr(manifest, "append", fatal(manifest.append))
        patch.setattr(batch.BatchWriter, "write", fatal(batch.BatchWriter.write))
        patch.setattr(batch.BatchWriter, "discard", lambda _self: None)  # the dead clean nothing up
        killed = False
        try:
            site.ingest([second])
        except KilledError:
            killed = True
    committed = len(site.batches) == 2
    assert killed or committed
    if not committed:
        assert _tables(kohort.Site.open(site.path)) == old
    site.ingest([second])
    undisturbed = kohort.Site.open(twin)
    undisturbed.ingest([second])
    for name in ("person", "variant", "finding", "therapy"):
        assert site.tables.frame(name).equals(undisturbed.tables.frame(name))
    assert not (site.path / "batch.tmp").exists()


@pytest.mark.parametrize("seed", range(4))
def test_a_real_kill_at_a_random_moment_loses_nothing(seed: int, tmp_path: Path) -> None:
    """SIGKILL at a random moment: the site opens, shows no half batch, and takes the same files again."""
    study = write_study(tmp_path / "study")
    site = kohort.Site.create(tmp_path / "site", "Oslo", "NO")
    code = f"import kohort; print('go', flush=True); kohort.Site.open({str(site.path)!r}).ingest([{str(study)!r}])"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(random.Random(seed).uniform(0.0, 1.2))
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert site.tables.frame("person").height in (0, PEOPLE)
    report = kohort.Site.open(site.path).ingest([study])
    assert report.lines == report.accepted
    assert site.tables.frame("person").height == PEOPLE
    assert len(site.batches) == 1


def test_a_torn_line_at_the_end_of_the_manifest_is_a_batch_that_never_was(tmp_path: Path) -> None:
    """Half a manifest line (the machine stopped while writing it) is left out and overwritten by the next batch."""
    first, second = _two_studies(tmp_path)
    site = kohort.Site.create(tmp_path / "site", "Oslo", "NO")
    site.ingest([first])
    with (site.path / "manifest.jsonl").open("ab") as file:
        file.write(b'{"batch": 2, "comm')
    assert len(site.batches) == 1
    site.ingest([second])
    assert [entry.batch for entry in site.batches] == [1, 2]
