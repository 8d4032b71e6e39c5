"""The report in a real browser: for every reader, on every screen, without network and without scripts."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from kohort.web import write
from tests.browser.report_factory import report

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (/usr/bin/chromium)"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(report(), tmp_path_factory.mktemp("report") / "report.html").as_uri()


def opened(browser: Browser, address: str, **context: Any) -> Page:
    page = browser.new_context(**context).new_page()
    page.goto(address)
    return page


def open_all(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [WIDE, PHONE], ids=["wide", "phone"])
def test_axe_finds_no_violation(browser: Browser, address: str, scheme: str, screen: dict[str, int]) -> None:
    """All rules of axe-core hold in both themes, on a wide screen and on a phone, with everything unfolded."""
    page = opened(browser, address, color_scheme=scheme, viewport=screen)
    open_all(page)
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.context.close()


def test_the_page_asks_the_network_for_nothing(browser: Browser, address: str) -> None:
    """The only request is the page itself, and the browser has no complaint, of the content policy or else."""
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(address, wait_until="networkidle")
    assert [url for url in asked if not url.startswith("data:")] == [address]
    assert said == []
    context.close()


@pytest.mark.parametrize("width", [320, 360, 390, 768, 1024, 1280, 1920])
def test_the_page_never_scrolls_sideways(browser: Browser, address: str, width: int) -> None:
    """Tables scroll in their own frames; the page itself fits every width, folded or unfolded."""
    page = opened(browser, address, viewport={"width": width, "height": 800})
    for _ in range(2):
        sizes = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert sizes[0] <= sizes[1]
        open_all(page)
    page.context.close()


def test_the_page_can_be_read_without_scripts(browser: Browser, address: str) -> None:
    """With scripts off the pictures are drawn and the tables unfold."""
    page = opened(browser, address, java_script_enabled=False, viewport=WIDE)
    assert page.locator("h1").inner_text() == report().title
    assert page.locator("#survival-1-wide").is_visible()
    page.get_by_text("The same numbers as a table, by site").click()
    assert page.locator("#table-funnel").is_visible()
    page.context.close()


@pytest.mark.parametrize(("screen", "shown", "not_shown"), [(WIDE, "wide", "narrow"), (PHONE, "narrow", "wide")])
def test_each_screen_gets_its_own_picture(
    browser: Browser, address: str, screen: dict[str, int], shown: str, not_shown: str
) -> None:
    """One drawing of each chart is shown, the one whose letters can be read at that width."""
    page = opened(browser, address, viewport=screen)
    for chart in ("funnel", "oncoprint", "cohorts", "survival-1", "survival-2"):
        assert page.locator(f"#{chart}-{shown}").is_visible()
        assert not page.locator(f"#{chart}-{not_shown}").is_visible()
    smallest = page.evaluate(
        "Math.min(...[...document.querySelectorAll('svg." + shown + " text')].map(text => "
        "parseFloat(getComputedStyle(text).fontSize) * Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b)))"
    )
    assert smallest >= 11
    page.context.close()


def test_no_two_labels_of_a_picture_lie_on_each_other(browser: Browser, address: str) -> None:
    """Labels of the funnel, the cohorts and the survival curves keep apart in both drawings."""
    overlapping = """pictures => pictures.flatMap(picture => {
        const texts = [...picture.querySelectorAll('text')];
        const level = texts.filter(text => text.textContent && !text.getAttribute('transform'));
        const boxes = level.map(text => [text.textContent, text.getBoundingClientRect()]);
        return boxes.flatMap(([one, a], i) => boxes.slice(i + 1).filter(([, b]) =>
            a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4)
            .map(([other]) => picture.id + ': ' + one + ' / ' + other));
    })"""
    for screen in (WIDE, PHONE):
        page = opened(browser, address, viewport=screen)
        assert page.locator("svg:visible").evaluate_all(overlapping) == []
        page.context.close()


def test_the_first_key_leads_past_the_contents(browser: Browser, address: str) -> None:
    """Tab shows the link to the report, Enter follows it, and the focus stands at the main part."""
    page = opened(browser, address, viewport=WIDE)
    page.keyboard.press("Tab")
    assert page.locator(".skip").bounding_box() is not None
    assert (page.locator(".skip").bounding_box() or {})["y"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.context.close()


def test_a_table_that_is_too_wide_can_be_scrolled_by_keyboard(browser: Browser, address: str) -> None:
    """The frame of a table takes the focus, and the arrow key moves it."""
    page = opened(browser, address, viewport=PHONE)
    frame = page.locator(".scroll", has=page.locator("#table-cohorts"))
    frame.focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('#table-cohorts').parentElement.scrollLeft > 0")
    page.context.close()


def test_on_paper_everything_is_unfolded_and_the_contents_are_left_out(browser: Browser, address: str) -> None:
    """The printed page has dark ink on white, no contents, the wide pictures and every table."""
    page = opened(browser, address, viewport=PHONE, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator("nav").is_visible()
    assert page.locator("#funnel-wide").is_visible()
    assert page.locator("#table-funnel").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.context.close()


def test_a_screenshot_of_each_part_can_be_taken(browser: Browser, address: str, tmp_path: Path) -> None:
    """Every section has an id under which a picture of it can be made."""
    page = opened(browser, address, viewport=WIDE)
    for section in ("glance", "sites", "funnel", "alterations", "cohorts", "survival", "patient", "reading"):
        page.locator(f"#{section}").screenshot(path=tmp_path / f"{section}.png")
    assert len(list(tmp_path.iterdir())) == 8
    page.context.close()
