# Exports: what leaves the run, to be used elsewhere. A model in a folder of its own; a panel as a list and a page.
#
# REQUIRED INPUTS: prepared/<compendium>.parquet, split.parquet, inference/<model>/<selector>/k<k>/seed<seed>/*.parquet
# OUTPUTS: models/<model>/<selector>/k<k>/seed<seed>/{parameters.parquet,genes.parquet,card.json},
#   design/<model>/<selector>/k<k>/seed<seed>/{panel.tsv,targets.tsv,sheet.html}, summary.html


rule export_model:
    input:
        expression=INFERRED,
        split="<results>/split.parquet",
        model="<results>/inference/{model}/{selector}/k{k}/seed{seed}/model.parquet",
        roles="<results>/inference/{model}/{selector}/k{k}/seed{seed}/roles.parquet",
        evaluation="<results>/inference/{model}/{selector}/k{k}/seed{seed}/genes.parquet",
        genes=INFERRED_GENES,
        code=code("export_model"),
    output:
        parameters="<results>/models/{model}/{selector}/k{k}/seed{seed}/parameters.parquet",
        genes="<results>/models/{model}/{selector}/k{k}/seed{seed}/genes.parquet",
        card="<results>/models/{model}/{selector}/k{k}/seed{seed}/card.json",
    log:
        "<logs>/export_model/{model}/{selector}/k{k}/seed{seed}.log",
    benchmark:
        "<benchmarks>/export_model/{model}/{selector}/k{k}/seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 2
    resources:
        mem_mb=memory("export_model"),
        runtime=minutes(60),
        held_mb=config["memory_mb"],
    params:
        facts=model_facts,
        method=config["split"]["method"],
        level=config["intervals"]["level"],
        folder=lambda w, output: os.path.dirname(output.card),
    shell:
        "landmarks --log {log} export-model --expression {input.expression} --split {input.split}"
        " --method {params.method} --model {input.model} --roles {input.roles} --evaluation {input.evaluation}"
        " --genes {input.genes} --facts {params.facts:q} --level {params.level} --memory-mb {resources.held_mb}"
        " --out-dir {params.folder}"


rule export_panel:
    input:
        card="<results>/models/{model}/{selector}/k{k}/seed{seed}/card.json",
        panel=f"<results>/{JUDGED}/{{selector}}/k{{k}}/seed{{seed}}.parquet",
        standings="<results>/standings/selectors.parquet",
        split="<results>/split.parquet",
        evidence=panel_details,
        code=code("design"),
        template=template("sheet"),
    output:
        panel="<results>/design/{model}/{selector}/k{k}/seed{seed}/panel.tsv",
        targets="<results>/design/{model}/{selector}/k{k}/seed{seed}/targets.tsv",
        sheet="<results>/design/{model}/{selector}/k{k}/seed{seed}/sheet.html",
    log:
        "<logs>/export_panel/{model}/{selector}/k{k}/seed{seed}.log",
    benchmark:
        "<benchmarks>/export_panel/{model}/{selector}/k{k}/seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        folder=lambda w, output: os.path.dirname(output.sheet),
        # From <results>/split.parquet.
        run=lambda w, input: os.path.dirname(input.split),
    shell:
        "landmarks --log {log} design --run {params.run} --model {wildcards.model}/{wildcards.selector}/k{wildcards.k}/seed{wildcards.seed}"
        " --out-dir {params.folder}"


rule write_summary:
    input:
        cards=[f"<results>/models/{folder}/card.json" for folder in list_exported()],
        design=[f"<results>/design/{folder}/panel.tsv" for folder in list_exported()],
        figures=[target for target in TARGETS if target.endswith(".png")],
        standings="<results>/standings/selectors.parquet",
        split="<results>/split.parquet",
        network=f"<results>/autoencoder/seed{SEED}/genes.parquet",
        checks=f"<results>/importance/checks/seed{SEED}.parquet",
        platforms=expand("<results>/crossplatform/{name}/selectors.parquet", name=config["crossplatform"]),
        config="<results>/config.yaml",
        code=code("write_summary"),
        template=template("summary"),
    output:
        "<results>/summary.html",
    log:
        "<logs>/write_summary.log",
    benchmark:
        "<benchmarks>/write_summary.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        run=lambda w, input: os.path.dirname(input.split),
    shell:
        "landmarks --log {log} write-summary --run {params.run} --out {output}"
