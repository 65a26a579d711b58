"""DeepLIFT at the paper's size: the closed form beside Captum, SHAP and the machine's matrix products.

The floor is one product of units × hidden × genes a sample at rate F. All are measured in turns in one run, by time
for a sample and unit. Captum does the same whole job, sums included, for some of the units, at the workflow's batch
and at others, since its speed depends on it.
"""

import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import typer
from common import gemm_gflops, in_turns, seconds, spread, tabulate_ratios, write_results
from torch import nn

from landmarks.captum_engine import attribute_with_captum
from landmarks.deeplift import attribute_samples
from landmarks.networks import read_encoder, select_units
from landmarks.sampling import BATCH

CAPTUM_BATCHES = (32, 64, 128, BATCH)

FEW = 20
"""Units that Captum attributes: it takes one after the other."""


def shap_seconds(network: nn.Sequential, units: int, samples: torch.Tensor) -> Callable[[], float] | None:
    """Return a measurement of shap.DeepExplainer on a network of a few units, None where shap is not installed."""
    try:
        import shap
    except ImportError:
        return None
    explainer = shap.DeepExplainer(network, torch.zeros(1, samples.shape[1]))
    call = partial(explainer.shap_values, samples, check_additivity=False)
    return lambda: seconds(call) / len(samples) / units


def main(
    genes: Annotated[int, typer.Option()] = 22_268,
    hidden: Annotated[int, typer.Option()] = 500,
    units: Annotated[int, typer.Option()] = 100,
    samples: Annotated[int, typer.Option(help="for the closed form")] = 256,
    rounds: Annotated[int, typer.Option()] = 5,
    out_dir: Annotated[Path, typer.Option()] = Path("results/benchmarks"),
) -> None:
    """Measure and print."""
    warnings.simplefilter("ignore", UserWarning)
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(genes, hidden), nn.Sigmoid(), nn.Linear(hidden, units), nn.Sigmoid()).eval()
    encoder = read_encoder(network)
    few = select_units(encoder, list(range(FEW)))
    z, reference = torch.randn(max(samples, BATCH), genes), torch.zeros(genes)

    def exact(aggregation: str) -> float:
        call = partial(attribute_samples, encoder, z[:samples], reference, aggregation=aggregation)
        return seconds(call) / samples / units

    def captum(batch: int) -> float:
        call = partial(attribute_with_captum, few, z[:batch], reference, aggregation="mean_abs")
        return seconds(call) / batch / FEW

    candidates: dict[str, Callable[[], float]] = {
        "F": gemm_gflops,
        "exact, mean_abs": partial(exact, "mean_abs"),
        "exact, mean_signed": partial(exact, "mean_signed"),
        **{f"Captum, batches of {batch}": partial(captum, batch) for batch in CAPTUM_BATCHES},
    }
    if shap := shap_seconds(select_units(encoder, list(range(4))), 4, z[:64]):
        candidates["shap.DeepExplainer, batches of 64"] = shap
    in_turns(candidates, 1)  # warm-up
    measured = in_turns(candidates, rounds)
    rate = measured.pop("F")
    floor = [2 * hidden * genes / flops / 1e9 for flops in rate]
    measured = {"floor: the product alone": floor, **measured}
    frame = tabulate_ratios(measured, "exact, mean_abs", unit="µs", ratio="times_exact", scale=1e6)
    frame["gflops_F"] = spread(rate)["median"]
    write_results("attribution", frame, out_dir)


if __name__ == "__main__":
    typer.run(main)
