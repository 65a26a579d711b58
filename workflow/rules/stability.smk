# Stability: how far panels of several seeds and folds agree, and which genes could stand in for each landmark.
#
# REQUIRED INPUTS: {,arena/<fold>/}panels/<selector>/k<k>/seed<seed>.parquet, {,arena/<fold>/}candidates.parquet,
#   prepared/<compendium>.parquet, split.parquet
# OUTPUTS: {,arena/}stability/{overlap,frequency}.parquet, {,arena/}figures/stability.{pdf,png,parquet},
#   substitutes/<selector>/k<k>/seed<seed>/{substitutes,families}.parquet


rule assess_stability:
    input:
        panels=panels_of_scope,
        candidates=lambda w: [f"<results>/{fold}candidates.parquet" for fold in folds_of(w.scope)],
        code=code("assess_stability"),
    output:
        overlap="<results>/{scope}stability/overlap.parquet",
        frequency="<results>/{scope}stability/frequency.parquet",
    log:
        "<logs>/assess_stability/{scope}assess_stability.log",
    benchmark:
        "<benchmarks>/assess_stability/{scope}assess_stability.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        candidates=lambda w, input: repeated("candidates", input.candidates),
    shell:
        "landmarks --log {log} assess-stability {input.panels} {params.candidates} --out {output.overlap}"
        " --out-frequency {output.frequency}"


rule draw_stability:
    input:
        overlap="<results>/{scope}stability/overlap.parquet",
        frequency="<results>/{scope}stability/frequency.parquet",
        code=code("draw_stability"),
    output:
        pdf="<results>/{scope}figures/stability.pdf",
        png=report(
            "<results>/{scope}figures/stability.png",
            caption="../report/stability.rst",
            category="Panels beside chance",
            labels={"figure": "stability"},
        ),
        parquet="<results>/{scope}figures/stability.parquet",
    log:
        "<logs>/draw_stability/{scope}draw_stability.log",
    benchmark:
        "<benchmarks>/draw_stability/{scope}draw_stability.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        stem=stem,
        selector=PANEL,
        k=lambda w: panel_size(w.scope),
    shell:
        "landmarks --log {log} draw-stability --overlap {input.overlap} --frequency {input.frequency}"
        " --selector {params.selector} --k {params.k} --out {params.stem}"


rule find_substitutes:
    input:
        panel="<results>/panels/{selector}/k{k}/seed{seed}.parquet",
        expression=f"<results>/prepared/{COMPENDIUM}.parquet",
        split="<results>/split.parquet",
        candidates="<results>/candidates.parquet",
        code=code("find_substitutes"),
    output:
        substitutes="<results>/substitutes/{selector}/k{k}/seed{seed}/substitutes.parquet",
        families="<results>/substitutes/{selector}/k{k}/seed{seed}/families.parquet",
    log:
        "<logs>/find_substitutes/{selector}/k{k}/seed{seed}.log",
    benchmark:
        "<benchmarks>/find_substitutes/{selector}/k{k}/seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 2
    resources:
        mem_mb=memory("find_substitutes"),
        runtime=minutes(60),
    params:
        samples=config["evidence_samples"],
    shell:
        "landmarks --log {log} find-substitutes --panel {input.panel} --expression {input.expression}"
        " --split {input.split} --candidates {input.candidates} --count 5 --penalty 300 --samples {params.samples}"
        " --out {output.substitutes} --out-families {output.families}"
