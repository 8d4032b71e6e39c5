"""JAGS, the Markov chain sampler that the field's packages stand on, run on the same models as ours."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kohort.cohort import BHM, EXNEX

Array = NDArray[np.float64]

needs_jags = pytest.mark.skipif(shutil.which("jags") is None, reason="JAGS is not installed")

BATCHES = 50
_HYPER = """
  mu ~ dnorm(mu_mean, pow(mu_sd, -2))
  tau ~ dnorm(0, pow(tau_scale, -2)) T(0,)
"""
_BHM = """model {
  for (j in 1:J) {
    r[j] ~ dbin(p[j], n[j])
    p[j] <- ilogit(theta[j] + offset[j])
    theta[j] ~ dnorm(mu, pow(tau, -2))
    above[j] <- step(p[j] - p0[j])
  }"""
_EXNEX = """model {
  for (j in 1:J) {
    r[j] ~ dbin(p[j], n[j])
    p[j] <- ilogit(exchangeable[j] * shared[j] + (1 - exchangeable[j]) * alone[j])
    exchangeable[j] ~ dbern(weight[j])
    shared[j] ~ dnorm(mu, pow(tau, -2))
    alone[j] ~ dnorm(nex_mean[j], pow(nex_sd[j], -2))
    above[j] <- step(p[j] - p0[j])
  }"""


@dataclass(frozen=True)
class Sampled:
    """Means of J cohorts over the chain, and their Monte Carlo standard errors by batches."""

    mean: Array
    mean_error: Array
    above: Array
    above_error: Array
    exchangeable: Array
    exchangeable_error: Array


def sample(model: BHM | EXNEX, responders: list[int], n: list[int], draws: int = 50_000, seed: int = 1) -> Sampled:
    """One chain of ``draws`` after a burn-in of a tenth, from a fixed seed."""
    data, text = _data(model, responders, n), f"{_BHM if isinstance(model, BHM) else _EXNEX}{_HYPER}}}\n"
    watched = ["p", "above"] + ["exchangeable"] * isinstance(model, EXNEX)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.bug").write_text(text)
        (folder / "data.R").write_text("".join(f"{key} <- {_dump(value)}\n" for key, value in data.items()))
        (folder / "start.R").write_text(f'".RNG.name" <- "base::Mersenne-Twister"\n".RNG.seed" <- {seed}\n')
        commands = [
            'model in "model.bug"', 'data in "data.R"', "compile, nchains(1)", 'parameters in "start.R"', "initialize",
            f"update {draws // 10}, by(0)", *(f"monitor {each}" for each in watched), f"update {draws}, by(0)",
            'coda *, stem("out")', "exit",
        ]  # fmt: skip
        done = subprocess.run(
            ["jags"], input="\n".join(commands) + "\n", cwd=folder, capture_output=True, text=True, check=False
        )
        if not (folder / "outchain1.txt").exists():
            raise RuntimeError(done.stdout + done.stderr)
        values = np.loadtxt(folder / "outchain1.txt", usecols=1).reshape(-1, draws)
        names = [line.split()[0].split("[")[0] for line in (folder / "outindex.txt").read_text().splitlines()]
    kept = {each: values[[name == each for name in names]] for each in watched}
    told = [_with_error(kept.get(each, np.full((len(n), draws), np.nan))) for each in ("p", "above", "exchangeable")]
    return Sampled(*(part for pair in told for part in pair))


def _data(model: BHM | EXNEX, responders: list[int], n: list[int]) -> dict[str, object]:
    cohorts = len(n)
    each = np.ones(cohorts)
    p0 = np.asarray(model.p0) * each
    shared = {
        "J": cohorts, "r": np.array(responders), "n": np.array(n), "p0": p0, "mu_mean": model.mu_mean,
        "mu_sd": model.mu_sd, "tau_scale": model.tau_scale,
    }  # fmt: skip
    if isinstance(model, BHM):
        target = p0 if model.target is None else np.asarray(model.target) * each
        return {**shared, "offset": np.log(target / (1 - target))}
    alone = {name: np.asarray(getattr(model, name)) * each for name in ("weight", "nex_mean", "nex_sd")}
    return {**shared, **alone}


def _dump(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"c({', '.join(repr(part) for part in value.tolist())})"
    return repr(value)


def _with_error(chains: Array) -> tuple[Array, Array]:
    """Mean of each row and its standard error by batch means, which carry the chain's correlation."""
    batches = chains[:, : chains.shape[1] // BATCHES * BATCHES].reshape(len(chains), BATCHES, -1).mean(axis=2)
    return chains.mean(axis=1), batches.std(axis=1, ddof=1) / np.sqrt(BATCHES)
