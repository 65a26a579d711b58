# DeepLIFT: how much each gene drives the bottleneck.
#
# REQUIRED INPUTS: prepared/<compendium>.parquet, split.parquet, autoencoder/seed<seed>/{parameters,genes}.parquet
# OUTPUTS: attribution/seed<seed>/shard<shard>/{sums,checks}.parquet, importance/seed<seed>.parquet,
#   importance/checks/seed<seed>.parquet


rule attribute_deeplift:
    input:
        expression=prepared,
        split="<results>/{fold}split.parquet",
        parameters="<results>/{fold}autoencoder/seed{seed}/parameters.parquet",
        # Not read: a network that does not beat the median is refused before it is attributed. Judging it by
        # another metric changes no attribution.
        judged=ancient("<results>/{fold}autoencoder/seed{seed}/genes.parquet"),
        code=code("attribute_deeplift"),
    output:
        sums="<results>/{fold}attribution/seed{seed}/shard{shard}/sums.parquet",
        checks="<results>/{fold}attribution/seed{seed}/shard{shard}/checks.parquet",
    log:
        "<logs>/attribute_deeplift/{fold}seed{seed}/shard{shard}.log",
    benchmark:
        "<benchmarks>/attribute_deeplift/{fold}seed{seed}/shard{shard}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 2
    resources:
        mem_mb=memory("attribute_deeplift"),
        runtime=minutes(720),
        held_mb=config["memory_mb"],
        device=config["device"],
        gpu=gpus,
        # As text: the jobs of a cluster get numbers as whole ones.
        checkpoint_minutes=str(config["checkpoints"]["minutes"]),
    params:
        options=attribution_options,
        checkpoint=f"results/{config['run']}/checkpoints/{{fold}}attribution/seed{{seed}}/shard{{shard}}.npz",
    shell:
        "landmarks --log {log} attribute-deeplift --expression {input.expression} --split {input.split}"
        " --parameters {input.parameters} --shard {wildcards.shard} {params.options} --device {resources.device}"
        " --memory-mb {resources.held_mb}"
        " --checkpoint {params.checkpoint} --checkpoint-minutes {resources.checkpoint_minutes}"
        " --out {output.sums} --out-checks {output.checks}"


rule rank_genes:
    input:
        sums=shards("<results>/{{fold}}attribution/seed{{seed}}/shard{shard}/sums.parquet"),
        checks=shards("<results>/{{fold}}attribution/seed{{seed}}/shard{shard}/checks.parquet"),
        code=code("rank_genes"),
    output:
        importance="<results>/{fold}importance/seed{seed}.parquet",
        checks="<results>/{fold}importance/checks/seed{seed}.parquet",
    log:
        "<logs>/rank_genes/{fold}seed{seed}.log",
    benchmark:
        "<benchmarks>/rank_genes/{fold}seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    params:
        options=options(
            engine=config["attribution"]["engine"],
            aggregation=config["attribution"]["aggregation"],
            agreement_k=config["attribution"]["agreement"]["k"],
        ),
        checks=lambda w, input: repeated("checks", input.checks),
    shell:
        "landmarks --log {log} rank-genes {input.sums} {params.checks} {params.options}"
        " --out {output.importance} --out-checks {output.checks}"
