# Cross-platform: the fitted models on datasets measured otherwise (figure 4).
#
# REQUIRED INPUTS: inference/<model>/<selector>/k<k>/seed<seed>/{model,roles}.parquet, prepared/<dataset>.parquet,
#   data/<dataset>/genes.parquet
# OUTPUTS: crossplatform/<dataset>/<model>/<selector>/k<k>/seed<seed>/genes.parquet,
#   crossplatform/<dataset>/{targets,panels,selectors}.parquet


rule evaluate_crossplatform:
    input:
        expression="<results>/prepared/{dataset}.parquet",
        genes="<results>/data/{dataset}/genes.parquet",
        compendium_genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
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
        seed=config["comparison"]["seed"],
    shell:
        "landmarks --log {log} evaluate-crossplatform --expression {input.expression} --genes {input.genes}"
        " --compendium-genes {input.compendium_genes} --model {input.model} --roles {input.roles}"
        " --seed {params.seed} --out {output}"


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
