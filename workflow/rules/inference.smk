# Inference: each panel's landmarks infer the other genes, and panels are compared on common targets (figure 3).
#
# REQUIRED INPUTS: prepared/<compendium>.parquet, split.parquet, panels/<selector>/k<k>/seed<seed>.parquet
# OUTPUTS: inference/<model>/<selector>/k<k>/seed<seed>/{model,roles,genes}.parquet, comparison.parquet,
#   comparison/{targets,panels,selectors}.parquet, common.parquet, judged/ridge/{groups,targets}.parquet


# Where genes are inferred, not probes: one job for all panels of a fold.
rule average_probes:
    input:
        expression=prepared,
        genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
        split="<results>/{fold}split.parquet",
        code=code("average_probes"),
    output:
        expression="<results>/{fold}averaged/expression.parquet",
        genes="<results>/{fold}averaged/genes.parquet",
    log:
        "<logs>/average_probes/{fold}average_probes.log",
    benchmark:
        "<benchmarks>/average_probes/{fold}average_probes.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=memory("average_probes"),
        runtime=minutes(60),
        held_mb=config["memory_mb"],
    params:
        options=options(by=config.get("average_by"), normalise=config["datasets"][COMPENDIUM]["normalise"]),
    shell:
        "landmarks --log {log} average-probes --expression {input.expression} --genes {input.genes}"
        " --split {input.split} {params.options} --memory-mb {resources.held_mb} --out {output.expression} --out-genes {output.genes}"


rule translate_panels:
    input:
        panels=panel_files("{fold}", arena=False),
        genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
        code=code("translate_panels"),
    output:
        panel_files("{fold}", arena=False, folder="gene_panels"),
    log:
        "<logs>/translate_panels/{fold}translate_panels.log",
    benchmark:
        "<benchmarks>/translate_panels/{fold}translate_panels.tsv"
    wildcard_constraints:
        fold="(?:)",
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=30,
    params:
        by=config.get("average_by"),
        folders=lambda w: options(
            from_folder=f"results/{config['run']}/{w.fold}panels",
            to_folder=f"results/{config['run']}/{w.fold}gene_panels",
        ),
    shell:
        "landmarks --log {log} translate-panels {input.panels} --genes {input.genes} --by {params.by}"
        " {params.folders}"


use rule translate_panels as translate_fold_panels with:
    input:
        panels=panel_files("{fold}", arena=True),
        genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
        code=code("translate_panels"),
    output:
        panel_files("{fold}", arena=True, folder="gene_panels"),
    wildcard_constraints:
        fold="arena/.+/",


# A small network gains less from a second core than from another network beside it.
rule fit_inference:
    input:
        expression=INFERRED,
        split="<results>/split.parquet",
        panel=f"<results>/{JUDGED}/{{selector}}/k{{k}}/seed{{seed}}.parquet",
        code=lambda w: code("fit_inference", f"inference/{w.model}"),
    output:
        model="<results>/inference/{model}/{selector}/k{k}/seed{seed}/model.parquet",
        roles="<results>/inference/{model}/{selector}/k{k}/seed{seed}/roles.parquet",
    log:
        "<logs>/fit_inference/{model}/{selector}/k{k}/seed{seed}.log",
    benchmark:
        "<benchmarks>/fit_inference/{model}/{selector}/k{k}/seed{seed}.tsv"
    wildcard_constraints:
        model=WHOLE,
    conda:
        "../../envs/landmarks.yaml"
    threads: lambda w: 2 if max(config["inference"][w.model].get("hidden", [0])) > 1_000 else 1
    resources:
        mem_mb=memory("fit_inference"),
        runtime=minutes(720),
        held_mb=config["memory_mb"],
        device=config["device"],
        gpu=gpus,
        # As text: the jobs of a cluster get numbers as whole ones.
        checkpoint_minutes=str(config["checkpoints"]["minutes"]),
    params:
        settings=inference_settings,
        part=lambda w: options(part=w.get("part")),
        # No output: it must outlive a job that is killed, and is gone when the job ends well. Params know no pathvars.
        checkpoint=lambda w: f"results/{config['run']}/checkpoints/{w.model}/{w.selector}/k{w.k}/seed{w.seed}"
        + (f"part{w.part}.npz" if "part" in w.keys() else ".npz"),
    shell:
        "landmarks --log {log} fit-inference --model {wildcards.model} --expression {input.expression}"
        " --split {input.split} --panel {input.panel} --seed {wildcards.seed} --settings {params.settings:q}"
        " {params.part} --checkpoint {params.checkpoint} --checkpoint-minutes {resources.checkpoint_minutes}"
        " --device {resources.device} --memory-mb {resources.held_mb}"
        " --out {output.model} --out-roles {output.roles}"


# A network a job, on a GPU or a node of its own.
use rule fit_inference as fit_part with:
    output:
        model=temp("<results>/inference/{model}/{selector}/k{k}/seed{seed}/part{part}/model.parquet"),
        roles=temp("<results>/inference/{model}/{selector}/k{k}/seed{seed}/part{part}/roles.parquet"),
    log:
        "<logs>/fit_part/{model}/{selector}/k{k}/seed{seed}/part{part}.log",
    benchmark:
        "<benchmarks>/fit_part/{model}/{selector}/k{k}/seed{seed}/part{part}.tsv"
    wildcard_constraints:
        model=JOINED,
        part=r"\d+",


rule join_parts:
    input:
        models=lambda w: [
            f"<results>/inference/{w.model}/{w.selector}/k{w.k}/seed{w.seed}/part{part}/model.parquet"
            for part in range(PARTS[w.model])
        ],
        roles="<results>/inference/{model}/{selector}/k{k}/seed{seed}/part0/roles.parquet",
        code=code("join_parts"),
    output:
        model="<results>/inference/{model}/{selector}/k{k}/seed{seed}/model.parquet",
        roles="<results>/inference/{model}/{selector}/k{k}/seed{seed}/roles.parquet",
    log:
        "<logs>/join_parts/{model}/{selector}/k{k}/seed{seed}.log",
    benchmark:
        "<benchmarks>/join_parts/{model}/{selector}/k{k}/seed{seed}.tsv"
    wildcard_constraints:
        model=JOINED,
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=lambda w, input: int(500 + 4 * input.size_mb),
        runtime=10,
    shell:
        "landmarks --log {log} join-parts {input.models} --roles {input.roles} --out {output.model}"
        " --out-roles {output.roles}"


rule share_targets:
    input:
        panels=lambda w: panel_files(w.fold, is_no_control, folder=JUDGED),
        genes=INFERRED_GENES,
        code=code("share_targets"),
    output:
        "<results>/{fold}common.parquet",
    log:
        "<logs>/share_targets/{fold}share_targets.log",
    benchmark:
        "<benchmarks>/share_targets/{fold}share_targets.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    shell:
        "landmarks --log {log} share-targets {input.panels} --genes {input.genes} --out {output}"


# All in one job: with the samples once read, a panel takes a fraction of a second.
rule judge_ridge:
    input:
        panels=panel_files("", folder=JUDGED),
        expression=INFERRED,
        split="<results>/split.parquet",
        genes=INFERRED_GENES,
        common="<results>/common.parquet",
        code=code("judge_ridge"),
    output:
        ridge_evaluations() or "<results>/inference/ridge/none",
        groups="<results>/judged/ridge/groups.parquet",
        targets="<results>/judged/ridge/targets.parquet",
    log:
        "<logs>/judge_ridge.log",
    benchmark:
        "<benchmarks>/judge_ridge.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 2
    resources:
        mem_mb=memory("judge_ridge"),
        runtime=minutes(240),
        held_mb=config["memory_mb"],
    params:
        penalties=joined(config["inference"].get("ridge", {}).get("penalties", [])),
        tested=config["comparison"]["tested_controls"],
        method=config["split"]["method"],
        # From …/ridge/<selector>/k<k>/seed<seed>/genes.parquet.
        folder=lambda w, output: os.path.dirname(output[0]).rsplit("/", 3)[0],
    shell:
        "landmarks --log {log} judge-ridge {input.panels} --expression {input.expression} --split {input.split}"
        " --method {params.method} --genes {input.genes} --common {input.common} --penalties {params.penalties}"
        " --memory-mb {resources.held_mb} --tested {params.tested} --out-dir {params.folder} --out {output.groups} --out-targets {output.targets}"


rule evaluate_inference:
    input:
        expression=INFERRED,
        split="<results>/split.parquet",
        model="<results>/inference/{model}/{selector}/k{k}/seed{seed}/model.parquet",
        roles="<results>/inference/{model}/{selector}/k{k}/seed{seed}/roles.parquet",
        code=code("evaluate_inference"),
    output:
        "<results>/inference/{model}/{selector}/k{k}/seed{seed}/genes.parquet",
    log:
        "<logs>/evaluate_inference/{model}/{selector}/k{k}/seed{seed}.log",
    benchmark:
        "<benchmarks>/evaluate_inference/{model}/{selector}/k{k}/seed{seed}.tsv"
    wildcard_constraints:
        model="dgex|knn|mlp",
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=memory("evaluate_inference"),
        runtime=minutes(60),
        held_mb=config["memory_mb"],
    shell:
        "landmarks --log {log} evaluate-inference --expression {input.expression} --split {input.split}"
        " --model {input.model} --roles {input.roles} --memory-mb {resources.held_mb} --out {output}"


rule compare_panels:
    input:
        evaluations=evaluated("<results>/inference/{model}/{selector}/k{k}/seed{seed}/genes.parquet"),
        code=code("compare_panels"),
    output:
        comparison="<results>/comparison.parquet",
        targets="<results>/comparison/targets.parquet",
        panels="<results>/comparison/panels.parquet",
        selectors="<results>/comparison/selectors.parquet",
    log:
        "<logs>/compare_panels.log",
    benchmark:
        "<benchmarks>/compare_panels.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    params:
        options=options(**{key: config["comparison"][key] for key in ("resamples", "seed")}),
    shell:
        "landmarks --log {log} compare-panels {input.evaluations} {params.options} --out {output.comparison}"
        " --out-targets {output.targets} --out-panels {output.panels} --out-selectors {output.selectors}"
