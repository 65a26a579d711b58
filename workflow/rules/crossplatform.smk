# Cross-platform: the fitted models on datasets measured otherwise (figure 4).
#
# REQUIRED INPUTS: inference/<model>/<selector>/k<k>/seed<seed>/{model,roles}.parquet, prepared/<dataset>.parquet,
#   data/<dataset>/genes.parquet
# OUTPUTS: crossplatform/<dataset>/matched.parquet,
#   crossplatform/<dataset>/<model>/<selector>/k<k>/seed<seed>/genes.parquet,
#   crossplatform/<dataset>/{targets,panels,selectors}.parquet


rule match_platform:
    input:
        unpack(mapped_into(INFERRED)),
        expression="<results>/prepared/{dataset}.parquet",
        genes="<results>/data/{dataset}/genes.parquet",
        compendium_genes=INFERRED_GENES,
        code=code("match_platform"),
    output:
        "<results>/crossplatform/{dataset}/matched.parquet",
    log:
        "<logs>/match_platform/{dataset}.log",
    benchmark:
        "<benchmarks>/match_platform/{dataset}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=memory("match_platform"),
        runtime=minutes(60),
        held_mb=config["memory_mb"],
    params:
        options=lambda w, input: options(compendium=input.get("compendium"), split=input.get("split")),
    shell:
        "landmarks --log {log} match-platform --expression {input.expression} --genes {input.genes}"
        " --compendium-genes {input.compendium_genes} {params.options} --memory-mb {resources.held_mb} --out {output}"


rule evaluate_crossplatform:
    input:
        expression="<results>/crossplatform/{dataset}/matched.parquet",
        model="<results>/inference/{model}/{selector}/k{k}/seed{seed}/model.parquet",
        roles="<results>/inference/{model}/{selector}/k{k}/seed{seed}/roles.parquet",
        code=code("evaluate_crossplatform"),
    output:
        "<results>/crossplatform/{dataset}/{model}/{selector}/k{k}/seed{seed}/genes.parquet",
    log:
        "<logs>/evaluate_crossplatform/{dataset}/{model}/{selector}/k{k}/seed{seed}.log",
    benchmark:
        "<benchmarks>/evaluate_crossplatform/{dataset}/{model}/{selector}/k{k}/seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=60,
    params:
        scalings=lambda w: "own,calibrated,training" if is_mapped(w.dataset) else "own,calibrated",
        seed=config["comparison"]["seed"],
    shell:
        "landmarks --log {log} evaluate-crossplatform --expression {input.expression} --model {input.model}"
        " --roles {input.roles} --scalings {params.scalings} --seed {params.seed} --out {output}"


rule compare_crossplatform:
    input:
        evaluations=lambda w: carried(
            f"<results>/crossplatform/{w.dataset}/{{model}}/{{selector}}/k{{k}}/seed{{seed}}/genes.parquet"
        ),
        code=code("compare_crossplatform"),
    output:
        targets="<results>/crossplatform/{dataset}/targets.parquet",
        panels="<results>/crossplatform/{dataset}/panels.parquet",
        selectors="<results>/crossplatform/{dataset}/selectors.parquet",
    log:
        "<logs>/compare_crossplatform/{dataset}.log",
    benchmark:
        "<benchmarks>/compare_crossplatform/{dataset}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=30,
    shell:
        "landmarks --log {log} compare-crossplatform {input.evaluations} --out-targets {output.targets}"
        " --out-panels {output.panels} --out-selectors {output.selectors}"
