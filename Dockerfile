# UNTESTED: no image was built of it. It does what `make setup` does.
#   docker build -t landmarks .
#   docker run --rm -v "$PWD/results:/landmarks/results" landmarks --cores all
# Apptainer: apptainer build landmarks.sif docker-daemon://landmarks:latest
FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends make && rm -rf /var/lib/apt/lists/*
WORKDIR /landmarks
COPY requirements.lock pyproject.toml README.md LICENSE Makefile ./
COPY src src
# The package index's PyTorch brings CUDA; for processors alone, install its smaller build first.
RUN python -m pip install --no-cache-dir --requirement requirements.lock \
 && python -m pip install --no-cache-dir --no-deps --editable .
COPY Snakefile ./
COPY workflow workflow
COPY config config
COPY profiles profiles
COPY envs envs
ENTRYPOINT ["snakemake"]
