# The arena: all panels chosen and judged anew with each fold of the studies or donors held out, and once, as
# published, with samples held out at random.
#
# REQUIRED INPUTS: data/<compendium>/{expression,genes}.parquet, prepared/<compendium>.parquet, and of every fold
#   arena/<fold>/{split,candidates,common}.parquet and arena/<fold>/panels/, made by the rules that make the run's own
# OUTPUTS: arena/<fold>/prepared.parquet, arena/<fold>/judged/<model>/…/{groups,targets}.parquet


rule arena:
    input:
        ARENA_TARGETS,
        "<results>/arena_report.html",


rule prepare_fold:
    input:
        expression=f"<results>/data/{COMPENDIUM}/expression.parquet",
        split="<results>/{fold}split.parquet",
        code=code("prepare_fold"),
    output:
        "<results>/{fold}prepared.parquet",
    log:
        "<logs>/prepare_fold/{fold}prepare_fold.log",
    benchmark:
        "<benchmarks>/prepare_fold/{fold}prepare_fold.tsv"
    wildcard_constraints:
        fold=r"arena/fold\d+/",
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=memory("prepare_fold"),
        runtime=minutes(60),
        held_mb=config["memory_mb"],
    shell:
        "landmarks --log {log} prepare-fold --expression {input.expression} --split {input.split}"
        " --memory-mb {resources.held_mb} --out {output}"


rule judge_panels:
    input:
        panels=lambda w: [
            f"<results>/{w.fold}{JUDGED}/{selector}/k{k}/seed{seed}.parquet"
            for model, selector, k, seed in ARENA_EVALUATIONS
            if model == w.model
        ],
        expression=inferred,
        split="<results>/{fold}split.parquet",
        genes=INFERRED_GENES,
        common="<results>/{fold}common.parquet",
        code=code("judge_panels"),
    output:
        groups="<results>/{fold}judged/{model}/groups.parquet",
        targets="<results>/{fold}judged/{model}/targets.parquet",
    log:
        "<logs>/judge_panels/{fold}{model}.log",
    benchmark:
        "<benchmarks>/judge_panels/{fold}{model}.tsv"
    wildcard_constraints:
        fold="arena/.+/",
        model="|".join(CLOSED),
    conda:
        "../../envs/landmarks.yaml"
    threads: 2
    resources:
        mem_mb=memory("judge_panels"),
        runtime=minutes(240),
        held_mb=config["memory_mb"],
    params:
        method=split_method,
        options=closed_options,
    shell:
        "landmarks --log {log} judge-panels {input.panels} --model {wildcards.model} --expression {input.expression}"
        " --split {input.split} --method {params.method} --genes {input.genes} --common {input.common}"
        " {params.options} --memory-mb {resources.held_mb} --out {output.groups} --out-targets {output.targets}"


rule judge_model:
    input:
        panel=f"<results>/{{fold}}{JUDGED}/{{selector}}/k{{k}}/seed{{seed}}.parquet",
        expression=inferred,
        split="<results>/{fold}split.parquet",
        genes=INFERRED_GENES,
        common="<results>/{fold}common.parquet",
        code=lambda w: code("judge_model", f"inference/{w.model}"),
    output:
        groups="<results>/{fold}judged/{model}/{selector}/k{k}/seed{seed}/groups.parquet",
        targets="<results>/{fold}judged/{model}/{selector}/k{k}/seed{seed}/targets.parquet",
    log:
        "<logs>/judge_model/{fold}{model}/{selector}/k{k}/seed{seed}.log",
    benchmark:
        "<benchmarks>/judge_model/{fold}{model}/{selector}/k{k}/seed{seed}.tsv"
    wildcard_constraints:
        fold="arena/.+/",
    conda:
        "../../envs/landmarks.yaml"
    threads: lambda w: 2 if max(config["inference"][w.model].get("hidden", [0])) > 1_000 else 1
    resources:
        mem_mb=memory("judge_model"),
        runtime=minutes(720),
        held_mb=config["memory_mb"],
        device=config["device"],
        gpu=gpus,
    params:
        method=split_method,
        settings=inference_settings,
    shell:
        "landmarks --log {log} judge-model --panel {input.panel} --model {wildcards.model}"
        " --settings {params.settings:q} --expression {input.expression} --split {input.split}"
        " --method {params.method} --genes {input.genes} --common {input.common}"
        " --device {resources.device} --memory-mb {resources.held_mb}"
        " --out {output.groups} --out-targets {output.targets}"
