# What rules ask for: memory, from the shapes of the files they read; time; a GPU. More of the first two at every attempt.
# And which run beside Snakemake itself, no job of a cluster's.
#
# REQUIRED INPUTS: common.smk
# OUTPUTS: none; defines functions

import functools

import pyarrow.parquet as pq

from landmarks.needs import Case, megabytes


# Compute nodes may have no way to the internet. The others read tables of genes or of panels: at 22,268 genes each took at
# most 3 s and 400 MB, less than to submit it.
localrules:
    fetch,
    save_config,
    rank_genes,
    share_targets,
    assess_stability,
    match_sizes,
    tabulate_standings,
    compare_published,
    write_table,
    export_panel,
    write_summary,
    write_report,
    write_arena_report,
    arena,


@functools.cache
def shape_of(path, changed):
    """Samples and genes of an expression file, as of its last change."""
    metadata = pq.read_metadata(path)
    return metadata.num_rows, metadata.num_columns - 1


def share_tested(fold, samples):
    """The share of samples that are held out."""
    if fold.startswith("arena/fold"):
        return 1 / config["arena"]["folds"]
    tested = config["split"]["test"]
    return tested if tested < 1 else tested / samples


def layers_of(step, wildcards, genes):
    """Widths of the network that a step learns or applies."""
    if hasattr(wildcards, "model"):
        return [int(wildcards.get("k", 0)), *config["inference"][wildcards.model].get("hidden", []), genes]
    hidden = config["autoencoder"]["hidden"]
    return [genes, *hidden, *hidden[-2::-1], genes]


def memory(step):
    """mem_mb of a step, as a function of its rule's wildcards and input; half as much again at every further attempt."""

    def find(wildcards, input, attempt):
        # Where values are mapped into the compendium's distribution, the compendium is what is large.
        large = input.get("compendium") or input.expression
        path = str(large if isinstance(large, str) else large[0])
        # Raises where the file is not made yet: Snakemake then asks again before the job is run.
        samples, genes = shape_of(path, os.stat(path).st_mtime_ns)
        case = Case(
            samples=samples,
            genes=genes,
            tested=share_tested(wildcards.get("fold", ""), samples),
            held=config["memory_mb"],
            evidence=config["evidence_samples"],
            layers=layers_of(step, wildcards, genes),
        )
        return int(megabytes(step, case) * (1 + attempt) / 2)

    return find


def minutes(number):
    """runtime of a rule: as much again at every further attempt. Trainings and attributions go on where they were."""

    def find(wildcards, attempt):
        return number * attempt

    return find


def gpus(wildcards):
    """The GPUs of a job that trains, or runs a network over many samples: one, if the config insists on it.

    With `device: auto` a job takes a GPU where it finds one, and a profile asks for it: profiles/gpu.
    """
    return int(config["device"] == "cuda" and wildcards.get("model") not in CLOSED)
