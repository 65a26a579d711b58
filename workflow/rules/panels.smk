# Panels: the k landmark genes of each selector, and of chance.
#
# REQUIRED INPUTS: prepared/<compendium>.parquet, split.parquet, data/<dataset>/genes.parquet,
#   importance/seed<seed>.parquet (deeplift, deeplift_nonredundant), autoencoder/seed<seed>/parameters.parquet
#   (greedy_autoencoder), a list of genes (given), a table of costs (constraints)
# OUTPUTS: candidates.parquet, panels/<selector>/k<k>/seed<seed>.parquet


rule constrain_candidates:
    input:
        unpack(constraint_tables),
        expression=prepared,
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
        mem_mb=memory("constrain_candidates"),
        runtime=minutes(30),
        held_mb=config["memory_mb"],
    params:
        options=constraint_options,
    shell:
        "landmarks --log {log} constrain-candidates --expression {input.expression} --split {input.split}"
        " --genes {input.genes} {params.options} --memory-mb {resources.held_mb} --out {output}"


# One ranking gives the panels of all sizes; the run and the arena ask for different ones.
rule select_panels:
    input:
        unpack(panel_evidence),
        expression=prepared,
        split="<results>/{fold}split.parquet",
        genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
        code=lambda w: code("select_panels", f"panels/{module_of(w.selector)}"),
    output:
        nested_panels("{fold}", arena=False) or "<results>/{fold}panels/{selector}/seed{seed}/none",
    log:
        "<logs>/select_panels/{fold}{selector}/seed{seed}.log",
    benchmark:
        "<benchmarks>/select_panels/{fold}{selector}/seed{seed}.tsv"
    wildcard_constraints:
        fold="(?:)",
        selector="|".join(NESTED),
    conda:
        "../../envs/landmarks.yaml"
    threads: lambda w: 1 if w.selector in QUICK or module_of(w.selector) == "given" else 2
    resources:
        mem_mb=memory("select_panels"),
        runtime=minutes(60),
    params:
        samples=config["evidence_samples"],
        options=panel_options,
    shell:
        "landmarks --log {log} select-panels {output} --seed {wildcards.seed} --expression {input.expression}"
        " --split {input.split} --genes {input.genes} --samples {params.samples} {params.options}"


use rule select_panels as select_fold_panels with:
    output:
        nested_panels("{fold}", arena=True) or "<results>/{fold}panels/{selector}/seed{seed}/none",
    wildcard_constraints:
        fold="arena/.+/",
        selector="|".join(NESTED),


use rule select_panels as select_one_panel with:
    output:
        "<results>/{fold}panels/{selector}/k{k}/seed{seed}.parquet",
    log:
        "<logs>/select_panels/{fold}{selector}/k{k}/seed{seed}.log",
    benchmark:
        "<benchmarks>/select_panels/{fold}{selector}/k{k}/seed{seed}.tsv"
    wildcard_constraints:
        selector="|".join(name for name in config["panels"] if name not in (*NESTED, *CONTROLS)) or "none",


# All in one job: a panel takes milliseconds, a job a second.
rule draw_controls:
    input:
        unpack(imitated_panels(arena=False)),
        expression=prepared,
        split="<results>/{fold}split.parquet",
        genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
        candidates="<results>/{fold}candidates.parquet",
        code=code("draw_controls"),
    output:
        panel_files("{fold}", is_control, arena=False) or "<results>/{fold}panels/none",
    log:
        "<logs>/draw_controls/{fold}draw_controls.log",
    benchmark:
        "<benchmarks>/draw_controls/{fold}draw_controls.tsv"
    wildcard_constraints:
        fold="(?:)",
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=memory("draw_controls"),
        runtime=minutes(30),
    params:
        samples=config["evidence_samples"],
        options=control_options,
    shell:
        "landmarks --log {log} draw-controls {output} --expression {input.expression} --split {input.split}"
        " --genes {input.genes} --candidates {input.candidates} --samples {params.samples} {params.options}"


use rule draw_controls as draw_fold_controls with:
    input:
        unpack(imitated_panels(arena=True)),
        expression=prepared,
        split="<results>/{fold}split.parquet",
        genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
        candidates="<results>/{fold}candidates.parquet",
        code=code("draw_controls"),
    output:
        panel_files("{fold}", is_control, arena=True) or "<results>/{fold}panels/none",
    wildcard_constraints:
        fold="arena/.+/",
