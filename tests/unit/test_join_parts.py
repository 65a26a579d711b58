"""Parts of a model that were fitted one by one become one file."""

from pathlib import Path

import numpy as np
import pandas as pd

from landmarks.files import read_frame, write_frame
from landmarks.parameters import read_parameters, write_parameters
from landmarks.steps.join_parts import main


def test_tensors_of_all_parts_with_the_scaling_once(tmp_path: Path) -> None:
    scaling = {"input.mean": np.array([1.0, 2], np.float32), "output.mean": np.array([3.0], np.float32)}
    parts = [{f"part.{part}.layer.0.weight": np.full((2, 2), part, np.float32)} for part in (0, 1)]
    files = [tmp_path / f"part{part}" / "model.parquet" for part in (0, 1)]
    for file, part in zip(files, parts, strict=True):
        write_parameters(file, scaling | part)
    roles = pd.DataFrame({"gene_id": ["a", "b", "c"], "role": ["landmark", "landmark", "target"]})
    write_frame(roles, tmp_path / "part0" / "roles.parquet")
    out, out_roles = tmp_path / "model.parquet", tmp_path / "roles.parquet"
    main(models=files, roles=tmp_path / "part0" / "roles.parquet", out=out, out_roles=out_roles)
    joined = read_parameters(out)
    assert list(joined) == [*scaling, *parts[0], *parts[1]]
    for name, tensor in (scaling | parts[0] | parts[1]).items():
        np.testing.assert_array_equal(joined[name], tensor)
    pd.testing.assert_frame_equal(read_frame(out_roles), roles)
