# Clustering: do labelled samples that were not learnt from lie together in the bottleneck (figure 2b)?
#
# REQUIRED INPUTS: codes/<dataset>/seed<seed>.parquet, prepared/<compendium>.parquet, split.parquet,
#   data/<dataset>/{samples,genes}.parquet
# OUTPUTS: encoded/<dataset>/matched.parquet of other datasets, clustering/<datasets>/seed<seed>/{scores,linkage,assignments}.parquet


use rule match_platform as match_encoded with:
    input:
        unpack(mapped_into(f"<results>/prepared/{COMPENDIUM}.parquet")),
        expression="<results>/prepared/{dataset}.parquet",
        genes="<results>/data/{dataset}/genes.parquet",
        compendium_genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
        code=code("match_platform"),
    output:
        "<results>/encoded/{dataset}/matched.parquet",
    log:
        "<logs>/match_encoded/{dataset}.log",
    benchmark:
        "<benchmarks>/match_encoded/{dataset}.tsv"


rule cluster_samples:
    input:
        codes=[f"<results>/codes/{dataset}/seed{{seed}}.parquet" for dataset in [COMPENDIUM, *config["clustering"]]],
        expression=[encoded_file(dataset) for dataset in [COMPENDIUM, *config["clustering"]]],
        samples=[f"<results>/data/{dataset}/samples.parquet" for dataset in [COMPENDIUM, *config["clustering"]]],
        split="<results>/split.parquet",
        code=code("cluster_samples"),
    output:
        scores=f"<results>/clustering/{CLUSTERED}/seed{{seed}}/scores.parquet",
        linkage=f"<results>/clustering/{CLUSTERED}/seed{{seed}}/linkage.parquet",
        assignments=f"<results>/clustering/{CLUSTERED}/seed{{seed}}/assignments.parquet",
    log:
        "<logs>/cluster_samples/seed{seed}.log",
    benchmark:
        "<benchmarks>/cluster_samples/seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=memory("cluster_samples"),
        runtime=minutes(60),
    params:
        options=lambda w, input: " ".join(
            repeated(name, input.get(name)) for name in ("codes", "expression", "samples")
        ),
    shell:
        "landmarks --log {log} cluster-samples {params.options} --split {input.split} --seed {wildcards.seed}"
        " --out {output.scores} --out-linkage {output.linkage} --out-order {output.assignments}"
