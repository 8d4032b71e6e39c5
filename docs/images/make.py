"""Make the pictures of the README and the manual: run the demonstration, open its report, take pictures of two parts.

Needs Chromium. Run: python docs/images/make.py
"""

from __future__ import annotations

import shutil
import tempfile
from datetime import date
from pathlib import Path

from playwright.sync_api import sync_playwright

from kohort.cli.demonstration.run import demonstrate

HERE = Path(__file__).parent
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PARTS = {"cohorts.png": "#cohorts-wide", "survival.png": "#survival-2-wide", "glance.png": "#glance"}


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="kohort-picture-"))
    made = demonstrate(
        folder / "demo", study=None, column=None, count=3, patients=900, seed=1, as_of=date(2026, 11, 23),
        progress=lambda _what, _lines: None,
    )  # fmt: skip
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1280, "height": 900}, device_scale_factor=1.5)
        page.goto(made.report.resolve().as_uri())
        for name, part in PARTS.items():
            page.locator(part).screenshot(path=HERE / name)
        browser.close()
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
