"""Colours are read by everybody: enough contrast in both themes, and apart for colour-blind eyes."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import combinations, product

import numpy as np
import pytest

from kohort.web.report import content_policy

# Machado, Oliveira & Fernandes, IEEE Trans Vis Comput Graph 2009;15:1291, severity 1.0, linear RGB.
COLOUR_BLIND = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
THEMES = ("light", "dark", "dark, printed")


def themes() -> dict[str, dict[str, str]]:
    style = (files("kohort.web") / "templates" / "base.css").read_text("utf-8")
    found = [
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in re.findall(r":root \{(.*?)\}", style, re.S)
    ]
    return dict(zip(THEMES, [block for block in found if block], strict=True))


def linear(colour: str) -> np.ndarray:
    """Linear light of an sRGB colour (IEC 61966-2-1)."""
    values = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio."""
    dark, light = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(light: np.ndarray) -> np.ndarray:
    """CIE L*a*b* (D65) of linear light."""
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = to_xyz @ np.clip(light, 0, 1) / [0.9505, 1.0, 1.089]
    f = np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", ["paper", "panel"])
def test_words_have_a_contrast_of_at_least_4_5(theme: str, ground: str) -> None:
    """Text, quiet text, links, states and labels of curves meet WCAG AA on both grounds."""
    colours = themes()[theme]
    for name in ("ink", "quiet", "accent", "good", "bad", "c1", "c2", "c3", "c4", "c5"):
        assert contrast(colours[name], colours[ground]) >= 4.5, name
    assert contrast(colours["ink"], colours["notice"]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
def test_marks_have_a_contrast_of_at_least_3(theme: str) -> None:
    """Bars and curves stand out from the page (WCAG 1.4.11), and responders from those without response."""
    colours = themes()[theme]
    for name in ("c1", "c2", "c3", "c4", "c5", "c6"):
        assert contrast(colours[name], colours["panel"]) >= 3, name
    assert contrast(colours["c1"], colours["place"]) >= 3


@pytest.mark.parametrize(("theme", "eye"), [*product(THEMES, ["full colour", *COLOUR_BLIND])])
def test_the_first_three_colours_stay_apart_for_every_eye(theme: str, eye: str) -> None:
    """Sites and curves that lie on each other differ by at least 10 in L*a*b*; patterns and dashes do the rest."""
    colours = themes()[theme]
    seen = {
        name: lab(np.array(COLOUR_BLIND.get(eye, np.eye(3))) @ linear(colours[name])) for name in ("c1", "c2", "c3")
    }
    for one, other in combinations(seen, 2):
        assert np.linalg.norm(seen[one] - seen[other]) >= 10, (one, other)


def test_dark_pages_are_printed_in_the_colours_of_light_ones() -> None:
    """Ink on white: the colours for printing are those of the light theme."""
    assert themes()["dark, printed"] == themes()["light"]


def test_the_content_policy_follows_the_style_sheet() -> None:
    """Another style sheet has another hash."""
    assert content_policy("a") != content_policy("b")
