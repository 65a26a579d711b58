# Panels: the k landmark genes of each selector, and of chance.
#
# REQUIRED INPUTS: prepared/<compendium>.parquet, split.parquet, data/<dataset>/genes.parquet,
#   importance/seed<seed>.parquet (deeplift, deeplift_nonredundant), autoencoder/seed<seed>/parameters.parquet
#   (greedy_autoencoder), a list of genes (given), a table of costs (constraints)
# OUTPUTS: candidates.parquet, panels/<selector>/k<k>/seed<seed>.parquet


rule constrain_candidates:
    input:
        unpack(constraint_tables),
        expression=f"<results>/prepared/{COMPENDIUM}.parquet",
        split="<results>/{fold}split.parquet",
        genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
        code=code("constrain_candidates"),
    output:
        "<results>/{fold}candidates.parquet",
    log:
        "<logs>/constrain_candidates/{fold}constrain_candidates.log",
    benchmark:
        "<benchmarks>/constrain_candidates/{fold}constrain_candidates.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        options=constraint_options,
    shell:
        "landmarks --log {log} constrain-candidates --expression {input.expression} --split {input.split}"
        " --genes {input.genes} {params.options} --out {output}"


rule select_panel:
    input:
        unpack(panel_evidence),
        expression=f"<results>/prepared/{COMPENDIUM}.parquet",
        split="<results>/{fold}split.parquet",
        genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
        code=lambda w: code("select_panel", f"panels/{w.selector}"),
    output:
        "<results>/{fold}panels/{selector}/k{k}/seed{seed}.parquet",
    log:
        "<logs>/select_panel/{fold}{selector}/k{k}/seed{seed}.log",
    benchmark:
        "<benchmarks>/select_panel/{fold}{selector}/k{k}/seed{seed}.tsv"
    wildcard_constraints:
        selector="|".join(name for name in SELECTORS if name not in CONTROLS),
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


# All in one job: a panel takes milliseconds, a job a second.
rule draw_controls:
    input:
        unpack(imitated_panels),
        expression=f"<results>/prepared/{COMPENDIUM}.parquet",
        split="<results>/{fold}split.parquet",
        genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
        candidates="<results>/{fold}candidates.parquet",
        code=code("draw_controls"),
    output:
        panel_files("{fold}", controls=True) or "<results>/{fold}panels/none",
    log:
        "<logs>/draw_controls/{fold}draw_controls.log",
    benchmark:
        "<benchmarks>/draw_controls/{fold}draw_controls.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        options=control_options,
    shell:
        "landmarks --log {log} draw-controls {output} --expression {input.expression} --split {input.split}"
        " --genes {input.genes} --candidates {input.candidates} {params.options}"
