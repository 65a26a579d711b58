# The standings: panels and selectors beside chance, of the run's own split and of the arena (scope arena/).
#
# REQUIRED INPUTS: judged/ridge/{groups,targets}.parquet, or those of all models and folds under arena/<fold>/judged/
# OUTPUTS: {,arena/}standings/{comparison,panels,selectors,sizes,overview}.parquet,
#   {,arena/}figures/{size_curve,forest}.{pdf,png,parquet}


rule compare_folds:
    input:
        groups=lambda w: [f"{folder}/groups.parquet" for folder in folders_judged(w.scope)],
        targets=lambda w: [f"{folder}/targets.parquet" for folder in folders_judged(w.scope)],
        code=code("compare_folds"),
    output:
        comparison="<results>/{scope}standings/comparison.parquet",
        panels="<results>/{scope}standings/panels.parquet",
        selectors="<results>/{scope}standings/selectors.parquet",
    log:
        "<logs>/compare_folds/{scope}compare_folds.log",
    benchmark:
        "<benchmarks>/compare_folds/{scope}compare_folds.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        options=options(**{key: config["comparison"][key] for key in ("resamples", "seed")}),
        folders=lambda w, input: [os.path.dirname(file) for file in input.groups],
    shell:
        "landmarks --log {log} compare-folds {params.folders} {params.options}"
        " --out {output.comparison} --out-panels {output.panels} --out-selectors {output.selectors}"


rule match_sizes:
    input:
        selectors="<results>/{scope}standings/selectors.parquet",
        code=code("match_sizes"),
    output:
        "<results>/{scope}standings/sizes.parquet",
    log:
        "<logs>/match_sizes/{scope}match_sizes.log",
    benchmark:
        "<benchmarks>/match_sizes/{scope}match_sizes.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    shell:
        "landmarks --log {log} match-sizes --selectors {input.selectors} --out {output}"


rule tabulate_standings:
    input:
        selectors="<results>/{scope}standings/selectors.parquet",
        sizes="<results>/{scope}standings/sizes.parquet",
        code=code("tabulate_standings"),
    output:
        overview="<results>/{scope}standings/overview.parquet",
        matches="<results>/{scope}standings/matches.parquet",
    log:
        "<logs>/tabulate_standings/{scope}tabulate_standings.log",
    benchmark:
        "<benchmarks>/tabulate_standings/{scope}tabulate_standings.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        options=lambda w: options(view=view_shown(w), columns=joined(sizes_shown(w)), reference=reference_shown(w)),
    shell:
        "landmarks --log {log} tabulate-standings --selectors {input.selectors} --sizes {input.sizes} {params.options}"
        " --out {output.overview} --out-matches {output.matches}"


rule draw_size_curve:
    input:
        selectors="<results>/{scope}standings/selectors.parquet",
        panels="<results>/{scope}standings/panels.parquet",
        code=code("draw_size_curve"),
    output:
        pdf="<results>/{scope}figures/size_curve.pdf",
        png=report(
            "<results>/{scope}figures/size_curve.png",
            caption="../report/size_curve.rst",
            category="Panels beside chance",
            labels={"figure": "size curve"},
        ),
        parquet="<results>/{scope}figures/size_curve.parquet",
    log:
        "<logs>/draw_size_curve/{scope}draw_size_curve.log",
    benchmark:
        "<benchmarks>/draw_size_curve/{scope}draw_size_curve.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        stem=stem,
        view=view_shown,
    shell:
        "landmarks --log {log} draw-size-curve --selectors {input.selectors} --panels {input.panels}"
        " --view {params.view} --out {params.stem}"


rule draw_forest:
    input:
        selectors="<results>/{scope}standings/selectors.parquet",
        panels="<results>/{scope}standings/panels.parquet",
        code=code("draw_forest"),
    output:
        pdf="<results>/{scope}figures/forest.pdf",
        png=report(
            "<results>/{scope}figures/forest.png",
            caption="../report/forest.rst",
            category="Panels beside chance",
            labels={"figure": "forest of panels"},
        ),
        parquet="<results>/{scope}figures/forest.parquet",
    log:
        "<logs>/draw_forest/{scope}draw_forest.log",
    benchmark:
        "<benchmarks>/draw_forest/{scope}draw_forest.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        stem=stem,
        view=view_shown,
        sizes=lambda w: joined(sizes_shown(w)),
    shell:
        "landmarks --log {log} draw-forest --selectors {input.selectors} --panels {input.panels}"
        " --view {params.view} --sizes {params.sizes} --model ridge --out {params.stem}"
