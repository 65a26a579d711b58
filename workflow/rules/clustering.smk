# Clustering: do held-out samples of a label lie together in the bottleneck (figure 2b)?
#
# REQUIRED INPUTS: codes/<compendium>/seed<seed>.parquet, prepared/<compendium>.parquet, split.parquet,
#   data/<compendium>/samples.parquet with labels
# OUTPUTS: clustering/<compendium>/seed<seed>/{scores,linkage,assignments}.parquet


rule cluster_samples:
    input:
        codes="<results>/codes/{dataset}/seed{seed}.parquet",
        expression="<results>/prepared/{dataset}.parquet",
        split="<results>/split.parquet",
        samples="<results>/data/{dataset}/samples.parquet",
        code=code("cluster_samples"),
    output:
        scores="<results>/clustering/{dataset}/seed{seed}/scores.parquet",
        linkage="<results>/clustering/{dataset}/seed{seed}/linkage.parquet",
        assignments="<results>/clustering/{dataset}/seed{seed}/assignments.parquet",
    log:
        "<logs>/cluster_samples/{dataset}/seed{seed}.log",
    benchmark:
        "<benchmarks>/cluster_samples/{dataset}/seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=60,
    shell:
        "landmarks --log {log} cluster-samples --codes {input.codes} --expression {input.expression}"
        " --split {input.split} --samples {input.samples} --seed {wildcards.seed} --out {output.scores}"
        " --out-linkage {output.linkage} --out-order {output.assignments}"
