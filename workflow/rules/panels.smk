# Panels: the k landmark genes of each selector.
#
# REQUIRED INPUTS: prepared/<compendium>.parquet, split.parquet, data/<compendium>/genes.parquet,
#   importance/seed<seed>.parquet (deeplift, deeplift_nonredundant), autoencoder/seed<seed>/parameters.parquet
#   (greedy_autoencoder), a list of genes (given), another panel (random_matched), data/<dataset>/genes.parquet and
#   a table of costs (constraints)
# OUTPUTS: panels/<selector>/k<k>/seed<seed>.parquet


rule select_panel:
    input:
        unpack(panel_evidence),
        unpack(constraint_tables),
        expression=f"<results>/prepared/{COMPENDIUM}.parquet",
        split="<results>/split.parquet",
        genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
        code=lambda w: code("select_panel", f"panels/{w.selector}"),
    output:
        "<results>/panels/{selector}/k{k}/seed{seed}.parquet",
    log:
        "<logs>/select_panel/{selector}/k{k}/seed{seed}.log",
    benchmark:
        "<benchmarks>/select_panel/{selector}/k{k}/seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: lambda w: 1 if w.selector in QUICK else 2
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        options=panel_options,
    shell:
        "landmarks --log {log} select-panel --selector {wildcards.selector} --k {wildcards.k}"
        " --seed {wildcards.seed} --expression {input.expression} --split {input.split} --genes {input.genes}"
        " {params.options} --out {output}"
