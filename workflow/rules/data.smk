# From origins to prepared, split expression.
#
# REQUIRED INPUTS: the origins named in the config
# OUTPUTS: sources/, data/<dataset>/, prepared/<dataset>.parquet, duplicates/<dataset>.parquet, split.parquet


# Compute nodes often have no network: downloads run where Snakemake runs.
rule fetch:
    input:
        code=code("fetch"),
    output:
        file="<results>/sources/{key}/{file}",
        sha256="<results>/sources/{key}/{file}.sha256",
    log:
        "<logs>/fetch/{key}/{file}.log",
    benchmark:
        "<benchmarks>/fetch/{key}/{file}.tsv"
    wildcard_constraints:
        key="|".join(SOURCES),
        file=r"[^/]+(?<!\.sha256)",
    retries: 2
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=120,
    params:
        options=lambda w: options(origin=SOURCES[w.key][0], sha256=SOURCES[w.key][1]),
        # No input: it need not be there, and may go again once it was taken.
        by_hand="downloads/{key}/{file}",
    shell:
        "landmarks --log {log} fetch {params.options} --by-hand {params.by_hand:q} --out {output.file:q}"


rule import_expression:
    input:
        unpack(import_inputs),
        code=code("import_expression"),
    output:
        multiext("<results>/data/{dataset}/", "expression.parquet", "samples.parquet", "genes.parquet"),
    log:
        "<logs>/import_expression/{dataset}.log",
    benchmark:
        "<benchmarks>/import_expression/{dataset}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=900 + config["memory_mb"],
        runtime=60,
        held_mb=config["memory_mb"],
    params:
        options=import_options,
        folder=lambda w, output: os.path.dirname(output[0]),
    shell:
        "landmarks --log {log} import-expression {input.expression:q} {params.options}"
        " --memory-mb {resources.held_mb} --out-dir {params.folder:q}"


rule normalise:
    input:
        expression="<results>/data/{dataset}/expression.parquet",
        code=code("normalise"),
    output:
        temp("<results>/normalised/{dataset}.parquet"),
    log:
        "<logs>/normalise/{dataset}.log",
    benchmark:
        "<benchmarks>/normalise/{dataset}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=memory("normalise"),
        runtime=minutes(60),
        held_mb=config["memory_mb"],
    params:
        method=lambda w: config["datasets"][w.dataset]["normalise"],
    shell:
        "landmarks --log {log} normalise --expression {input.expression} --method {params.method}"
        " --memory-mb {resources.held_mb} --out {output}"


rule remove_duplicates:
    input:
        expression="<results>/normalised/{dataset}.parquet",
        code=code("remove_duplicates"),
    output:
        expression="<results>/prepared/{dataset}.parquet",
        duplicates="<results>/duplicates/{dataset}.parquet",
    log:
        "<logs>/remove_duplicates/{dataset}.log",
    benchmark:
        "<benchmarks>/remove_duplicates/{dataset}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 2
    resources:
        mem_mb=memory("remove_duplicates"),
        runtime=minutes(120),
        held_mb=config["memory_mb"],
    params:
        options=options(**config["duplicates"], seed=config["split"]["seed"]),
    shell:
        "landmarks --log {log} remove-duplicates --expression {input.expression} {params.options}"
        " --memory-mb {resources.held_mb} --out {output.expression} --out-duplicates {output.duplicates}"


rule split_samples:
    input:
        expression=f"<results>/prepared/{COMPENDIUM}.parquet",
        samples=f"<results>/data/{COMPENDIUM}/samples.parquet",
        code=code("split_samples"),
    output:
        "<results>/{fold}split.parquet",
    log:
        "<logs>/split_samples/{fold}split_samples.log",
    benchmark:
        "<benchmarks>/split_samples/{fold}split_samples.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=memory("split_samples"),
        runtime=minutes(10),
    params:
        options=split_options,
    shell:
        "landmarks --log {log} split-samples --expression {input.expression} --samples {input.samples}"
        " {params.options} --out {output}"
