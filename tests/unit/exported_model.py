"""A model fitted on a small compendium, judged and exported."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
from inference_data import simulate, split_of

from landmarks.expression import Expression
from landmarks.files import write_frame
from landmarks.portable import read_model
from landmarks.steps import evaluate_inference, export_model, fit_inference
from landmarks.writing import write_expression

SAMPLES, GENES, K = 200, 60, 6
SETTINGS = {
    "ridge": {"penalties": [1, 10]},
    "knn": {"neighbours": [3, 5]},
    "dgex": {"hidden": [8], "keep": 0.9, "epochs": 3, "batch_size": 10, "learning_rate": 5e-4},
}


def export(folder: Path, name: str = "ridge", samples: int = SAMPLES) -> tuple[Path, Expression]:
    """Fit, judge and export a model; return its folder and the compendium."""
    data = simulate(samples, GENES)
    write_expression(folder / "expression.parquet", data)
    write_frame(split_of(data), folder / "split.parquet")
    write_frame(pd.DataFrame({"gene_id": data.gene_ids[[40, 3, 14, 15, 9, 26]]}), folder / "panel.parquet")
    names = {"symbol": [f"SYM{i}" for i in range(GENES)], "entrez": [str(100 + i) for i in range(GENES)]}
    names["ensembl"] = [f"ENSG{i:011d}" for i in range(GENES)]
    write_frame(pd.DataFrame({"gene_id": data.gene_ids, **names}), folder / "genes.parquet")
    files: dict[str, Any] = {kind: folder / f"{kind}.parquet" for kind in ("expression", "split")}
    model, roles, evaluation = (folder / f"{kind}.parquet" for kind in ("model", "roles", "evaluation"))
    fit_inference.main(
        **files,
        panel=folder / "panel.parquet",
        model=name,
        seed=0,
        settings=json.dumps(SETTINGS[name]),
        checkpoint=folder / "checkpoint.npz",
        checkpoint_minutes=10,
        device="cpu",
        memory_mb=100,
        out=model,
        out_roles=roles,
    )
    evaluate_inference.main(**files, model=model, roles=roles, memory_mb=100, out=evaluation)
    export_model.main(
        **files,
        model=model,
        roles=roles,
        evaluation=evaluation,
        genes=folder / "genes.parquet",
        level=0.9,
        method="random",
        facts='{"run": "tried"}',
        out_dir=folder / "exported",
    )
    return folder / "exported", data


def landmarks_of(model: Path) -> list[str]:
    return read_model(model).of("landmark")["gene_id"].tolist()
