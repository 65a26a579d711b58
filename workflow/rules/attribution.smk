# DeepLIFT: how much each gene drives the bottleneck.
#
# REQUIRED INPUTS: prepared/<compendium>.parquet, split.parquet, autoencoder/seed<seed>/{parameters,genes}.parquet
# OUTPUTS: attribution/seed<seed>/{sums,checks}.parquet, importance/seed<seed>.parquet


rule attribute_deeplift:
    input:
        expression=f"<results>/prepared/{COMPENDIUM}.parquet",
        split="<results>/split.parquet",
        parameters="<results>/autoencoder/seed{seed}/parameters.parquet",
        # Not read: a network that does not beat the median is refused before it is attributed.
        judged="<results>/autoencoder/seed{seed}/genes.parquet",
        code=code("attribute_deeplift"),
    output:
        sums="<results>/attribution/seed{seed}/sums.parquet",
        checks="<results>/attribution/seed{seed}/checks.parquet",
    log:
        "<logs>/attribute_deeplift/seed{seed}.log",
    benchmark:
        "<benchmarks>/attribute_deeplift/seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 2
    resources:
        mem_mb=2500,
        runtime=720,
    params:
        options=lambda w: options(**config["attribution"]),
    shell:
        "landmarks --log {log} attribute-deeplift --expression {input.expression} --split {input.split}"
        " --parameters {input.parameters} {params.options} --out {output.sums} --out-checks {output.checks}"


rule rank_genes:
    input:
        sums="<results>/attribution/seed{seed}/sums.parquet",
        code=code("rank_genes"),
    output:
        "<results>/importance/seed{seed}.parquet",
    log:
        "<logs>/rank_genes/seed{seed}.log",
    benchmark:
        "<benchmarks>/rank_genes/seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    params:
        aggregation=config["attribution"]["aggregation"],
    shell:
        "landmarks --log {log} rank-genes --sums {input.sums} --aggregation {params.aggregation} --out {output}"
