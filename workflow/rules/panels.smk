# Panels: the k landmark genes of each selector.
#
# REQUIRED INPUTS: prepared/<compendium>.parquet, split.parquet, data/<compendium>/genes.parquet,
#   importance/seed<seed>.parquet (deeplift), a list of genes (given)
# OUTPUTS: panels/<selector>/k<k>/seed<seed>.parquet


rule select_panel:
    input:
        unpack(panel_evidence),
        expression=f"<results>/prepared/{COMPENDIUM}.parquet",
        split="<results>/split.parquet",
        genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
        code=code("select_panel"),
    output:
        "<results>/panels/{selector}/k{k}/seed{seed}.parquet",
    log:
        "<logs>/select_panel/{selector}/k{k}/seed{seed}.log",
    benchmark:
        "<benchmarks>/select_panel/{selector}/k{k}/seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=60,
    params:
        evidence=lambda w, input: options(importance=input.get("importance"), listed=input.get("listed")),
    shell:
        "landmarks --log {log} select-panel --selector {wildcards.selector} --k {wildcards.k}"
        " --seed {wildcards.seed} --expression {input.expression} --split {input.split} --genes {input.genes}"
        " {params.evidence} --out {output}"
