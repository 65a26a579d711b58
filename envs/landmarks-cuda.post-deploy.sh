#!/usr/bin/env bash
# Snakemake runs this in a new conda environment, from the folder of the workflow: the rules call `landmarks`.
set -euo pipefail
python -m pip install --no-deps .
