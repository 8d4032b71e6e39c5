"""Two-stage designs and rates to try laws on."""

from __future__ import annotations

from hypothesis import strategies as st

from kohort.cohort.designs.two_stage import TwoStageDesign

rates = st.fractions(0, 1, max_denominator=100)


@st.composite
def designs(draw: st.DrawFn, largest: int = 30) -> TwoStageDesign:
    n1 = draw(st.integers(1, largest - 1))
    n = draw(st.integers(n1 + 1, largest))
    r1 = draw(st.integers(0, n1 - 1))
    r = draw(st.integers(r1, n - 1))
    p0 = draw(st.floats(0.02, 0.6))
    return TwoStageDesign(r1, n1, r, n, p0, p0 + draw(st.floats(0.05, 0.35)))
