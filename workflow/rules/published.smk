# What the paper reports beside this run's numbers.
#
# REQUIRED INPUTS: split.parquet, duplicates/<compendium>.parquet, autoencoder/seed<seed>/genes.parquet; where the run has
#   them, of DeepLIFT's panel and of L1000's list at figures.k: panels/, inference/, crossplatform/, enrichment/
# OUTPUTS: published.parquet, published/table.parquet

# The panels that the paper compares, at the size of the figures, as far as this run has them.
PAPER_PANELS = [
    (selector, k, seed)
    for selector, k, seed in list_panels(config)
    if k == config["figures"]["k"] and (selector, seed) in (("deeplift", SEED), ("l1000", 0))
]
PAPER_FITS = [
    (model, *panel)
    for model, *panel in EVALUATIONS
    if model == config["figures"]["model"] and tuple(panel) in PAPER_PANELS
]
# The platform of figure 4, or the paper's.
PAPER_PLATFORM = sorted(config["crossplatform"], key=lambda name: name.lower() != "gtex")[:1]


rule compare_published:
    input:
        split="<results>/split.parquet",
        duplicates=f"<results>/duplicates/{COMPENDIUM}.parquet",
        autoencoder=f"<results>/autoencoder/seed{SEED}/genes.parquet",
        panels=["<results>/panels/{}/k{}/seed{}.parquet".format(*panel) for panel in PAPER_PANELS],
        evaluations=["<results>/inference/{}/{}/k{}/seed{}/genes.parquet".format(*fit) for fit in PAPER_FITS],
        transfer=[
            "<results>/crossplatform/{}/{}/{}/k{}/seed{}/genes.parquet".format(name, *fit)
            for name in PAPER_PLATFORM
            for fit in PAPER_FITS
            if "deeplift" in fit
        ],
        terms=[
            "<results>/enrichment/{}/k{}/seed{}/terms.parquet".format(*panel)
            for panel in PAPER_PANELS
            if "deeplift" in panel and "gene_sets" in config
        ],
        code=code("compare_published"),
    output:
        numbers="<results>/published.parquet",
        table="<results>/published/table.parquet",
    log:
        "<logs>/compare_published.log",
    benchmark:
        "<benchmarks>/compare_published.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        files=lambda w, input: " ".join(
            repeated(name, input[name]) for name in ("panels", "evaluations", "transfer", "terms")
        ),
        # A function, since Snakemake would take the braces of JSON for wildcards.
        options=lambda w: options(
            dataset=next(iter(PAPER_PLATFORM), None),
            # Groups that the config names are no random samples.
            method="grouped" if config["split"].get("test_groups") else config["split"]["method"],
            model=config["figures"]["model"],
            k=config["figures"]["k"],
            duplicate_settings=json.dumps(config["duplicates"]),
            autoencoder_settings=json.dumps(config["autoencoder"]),
            model_settings=json.dumps(config["inference"].get(config["figures"]["model"], {})),
        ),
    shell:
        "landmarks --log {log} compare-published --split {input.split} --duplicates {input.duplicates}"
        " --autoencoder {input.autoencoder} {params.files} {params.options} --out {output.numbers}"
        " --out-table {output.table}"
