# The arena: all panels chosen and judged anew with each fold of the studies or donors held out.
#
# REQUIRED INPUTS: prepared/<compendium>.parquet, data/<compendium>/genes.parquet, and of every fold
#   arena/fold<fold>/{split.parquet,panels/…,inference/…/model.parquet}, made by the rules that make the run's own
# OUTPUTS: arena/fold<fold>/{groups,targets}.parquet, arena/{comparison,panels,selectors}.parquet,
#   figures/size_curve.{pdf,png,parquet}


rule arena:
    input:
        "<results>/tables/arena.html",
        "<results>/tables/arena-pairs.html",
        "<results>/figures/size_curve.png",


rule judge_fold:
    input:
        panels=panel_files("{fold}"),
        models=arena_models("{fold}"),
        expression=f"<results>/prepared/{COMPENDIUM}.parquet",
        split="<results>/{fold}split.parquet",
        genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
        code=code("judge_fold"),
    output:
        groups="<results>/{fold}groups.parquet",
        targets="<results>/{fold}targets.parquet",
    log:
        "<logs>/judge_fold/{fold}judge_fold.log",
    benchmark:
        "<benchmarks>/judge_fold/{fold}judge_fold.tsv"
    wildcard_constraints:
        fold=r"arena/fold\d+/",
    conda:
        "../../envs/landmarks.yaml"
    threads: 2
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        penalties=options(penalties=joined(config["inference"].get("ridge", {}).get("penalties", [])) or None),
        models=lambda w, input: repeated("models", input.models),
    shell:
        "landmarks --log {log} judge-fold {input.panels} {params.models} --expression {input.expression}"
        " --split {input.split} --genes {input.genes} {params.penalties} --out {output.groups}"
        " --out-targets {output.targets}"


rule compare_folds:
    input:
        groups=folds("<results>/{fold}groups.parquet"),
        targets=folds("<results>/{fold}targets.parquet"),
        code=code("compare_folds"),
    output:
        comparison="<results>/arena/comparison.parquet",
        panels="<results>/arena/panels.parquet",
        selectors="<results>/arena/selectors.parquet",
    log:
        "<logs>/compare_folds.log",
    benchmark:
        "<benchmarks>/compare_folds.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        options=options(**{key: config["comparison"][key] for key in ("resamples", "seed")}),
        targets=lambda w, input: repeated("targets", input.targets),
    shell:
        "landmarks --log {log} compare-folds {input.groups} {params.targets} {params.options}"
        " --out {output.comparison} --out-panels {output.panels} --out-selectors {output.selectors}"


rule draw_size_curve:
    input:
        selectors="<results>/arena/selectors.parquet",
        panels="<results>/arena/panels.parquet",
        code=code("draw_size_curve"),
    output:
        pdf="<results>/figures/size_curve.pdf",
        png=report(
            "<results>/figures/size_curve.png",
            caption="../report/size_curve.rst",
            category="Arena",
            labels={"figure": "size curve"},
        ),
        parquet="<results>/figures/size_curve.parquet",
    log:
        "<logs>/draw_size_curve.log",
    benchmark:
        "<benchmarks>/draw_size_curve.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        stem=stem,
        selectors=joined(config["figures"]["selectors"]),
    shell:
        "landmarks --log {log} draw-size-curve --selectors {input.selectors} --panels {input.panels}"
        " --chosen {params.selectors} --out {params.stem}"
