"""What holds for every test: how much Hypothesis tries, and a last word on what could not run here."""

from __future__ import annotations

import os
from collections import defaultdict

import pytest
from hypothesis import HealthCheck, settings

# A shared machine is slow at random: no deadlines. Each run tries the same examples unless told to search.
settings.register_profile("default", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the parts that did not run, and why, instead of a bare number of skips."""
    parts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        parts[reason.removeprefix("Skipped: ")][report.nodeid.partition("::")[0]] += 1
    if not parts:
        return
    terminalreporter.section("not run here")
    for reason, files in sorted(parts.items()):
        terminalreporter.write_line(f"{reason}:")
        for name, count in sorted(files.items()):
            terminalreporter.write_line(f"    {name} ({count} {'test' if count == 1 else 'tests'})")
