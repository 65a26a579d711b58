"""Every piece of config in docs/howto.md is valid beside the tests' small config."""

import re
from pathlib import Path

import pytest
import yaml
from conftest import REPO, Config, write_inputs

from landmarks.config import check_config

BLOCKS = re.findall(
    r"^```yaml\n(.*?)^```", (REPO / "docs/howto.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


def merged(config: Config, piece: Config) -> Config:
    """Return a config with the keys of a piece set, mappings key by key."""
    both = {
        key: merged(config[key], piece[key]) for key in config.keys() & piece.keys() if isinstance(piece[key], dict)
    }
    return {**config, **piece, **both}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split(":")[0])
def test_piece_of_config_is_valid(block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_inputs(tmp_path)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "path/to").mkdir(parents=True)
    (tmp_path / "path/to/list.tsv").write_text("1\tGENE1\n", encoding="utf-8")
    config = merged(yaml.safe_load((tmp_path / "config.yaml").read_text(encoding="utf-8")), yaml.safe_load(block))
    assert check_config(config, REPO / "workflow/schemas/config.schema.yaml")["run"] == "tiny"
