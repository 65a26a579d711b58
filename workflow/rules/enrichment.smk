# Enrichment: which molecular functions a panel's genes share (figure 5).
#
# REQUIRED INPUTS: GO files or a GMT file, panels/<selector>/k<k>/seed<seed>.parquet, data/<compendium>/genes.parquet
# OUTPUTS: gene_sets/sets.{parquet,gmt}, enrichment/<selector>/k<k>/seed<seed>/{terms,controls}.parquet


rule build_gene_sets:
    input:
        unpack(gene_set_inputs),
        code=code("build_gene_sets"),
    output:
        parquet="<results>/gene_sets/sets.parquet",
        gmt="<results>/gene_sets/sets.gmt",
    log:
        "<logs>/build_gene_sets.log",
    benchmark:
        "<benchmarks>/build_gene_sets.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=30,
    params:
        files=lambda w, input: options(**{k: f for k, f in input.items() if k != "code"}),
        options=lambda w: options(**{k: config["gene_sets"][k] for k in ("namespace", "minimum", "maximum")}),
    shell:
        "landmarks --log {log} build-gene-sets {params.files} {params.options} --out-parquet {output.parquet}"
        " --out-gmt {output.gmt}"


rule enrich_panel:
    input:
        panel="<results>/panels/{selector}/k{k}/seed{seed}.parquet",
        genes=f"<results>/data/{COMPENDIUM}/genes.parquet",
        sets="<results>/gene_sets/sets.parquet",
        code=code("enrich_panel"),
    output:
        terms="<results>/enrichment/{selector}/k{k}/seed{seed}/terms.parquet",
        controls="<results>/enrichment/{selector}/k{k}/seed{seed}/controls.parquet",
    log:
        "<logs>/enrich_panel/{selector}/k{k}/seed{seed}.log",
    benchmark:
        "<benchmarks>/enrich_panel/{selector}/k{k}/seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=30,
    params:
        options=lambda w: options(**config["enrichment"], **{k: config["gene_sets"][k] for k in ("minimum", "maximum")}),
    shell:
        "landmarks --log {log} enrich-panel --panel {input.panel} --genes {input.genes} --sets {input.sets}"
        " {params.options} --out {output.terms} --out-controls {output.controls}"
