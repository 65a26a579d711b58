# Figures 2 to 5 of the paper, tables and the report.
#
# REQUIRED INPUTS: what the stages wrote
# OUTPUTS: figures/figure_<n><letter>.{pdf,png,parquet}, tables/<table>.{tsv,html}, config.yaml, report.html


rule draw_figure_2a:
    input:
        genes=f"<results>/autoencoder/seed{SEED}/genes.parquet",
        code=code("draw_figure_2a"),
    output:
        pdf="<results>/figures/figure_2a.pdf",
        png=report(
            "<results>/figures/figure_2a.png",
            caption="../report/figure_2a.rst",
            category="Figure 2: the autoencoder",
            labels={"figure": "2a MAE and PCC"},
        ),
        parquet="<results>/figures/figure_2a.parquet",
    log:
        "<logs>/draw_figure_2a.log",
    benchmark:
        "<benchmarks>/draw_figure_2a.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        stem=stem,
    shell:
        "landmarks --log {log} draw-figure-2a --genes {input.genes} --out {params.stem}"


rule draw_figure_2b:
    input:
        linkage=f"<results>/clustering/{CLUSTERED}/seed{SEED}/linkage.parquet",
        assignments=f"<results>/clustering/{CLUSTERED}/seed{SEED}/assignments.parquet",
        scores=f"<results>/clustering/{CLUSTERED}/seed{SEED}/scores.parquet",
        code=code("draw_figure_2b"),
    output:
        pdf="<results>/figures/figure_2b.pdf",
        png=report(
            "<results>/figures/figure_2b.png",
            caption="../report/figure_2b.rst",
            category="Figure 2: the autoencoder",
            labels={"figure": "2b clustering"},
        ),
        parquet="<results>/figures/figure_2b.parquet",
    log:
        "<logs>/draw_figure_2b.log",
    benchmark:
        "<benchmarks>/draw_figure_2b.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        stem=stem,
    shell:
        "landmarks --log {log} draw-figure-2b --linkage {input.linkage} --assignments {input.assignments}"
        " --scores {input.scores} --out {params.stem}"


rule draw_figure_3ab:
    input:
        targets="<results>/comparison/targets.parquet",
        code=code("draw_figure_3ab"),
    output:
        pdf="<results>/figures/figure_3{letter}.pdf",
        png=report(
            "<results>/figures/figure_3{letter}.png",
            caption="../report/figure_3ab.rst",
            category="Figure 3: panels compared",
            labels={"figure": "3{letter} densities"},
        ),
        parquet="<results>/figures/figure_3{letter}.parquet",
    log:
        "<logs>/draw_figure_3ab/{letter}.log",
    benchmark:
        "<benchmarks>/draw_figure_3ab/{letter}.tsv"
    wildcard_constraints:
        letter="[ab]",
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        stem=stem,
        model=config["figures"]["model"],
        k=config["figures"]["k"],
        metric=lambda w: {"a": "mae", "b": "pcc"}[w.letter],
        selectors=joined(config["figures"]["selectors"]),
    shell:
        "landmarks --log {log} draw-figure-3ab --targets {input.targets} --model {params.model} --k {params.k}"
        " --metric {params.metric} --selectors {params.selectors} --out {params.stem}"


rule draw_figure_3cd:
    input:
        targets="<results>/comparison/targets.parquet",
        code=code("draw_figure_3cd"),
    output:
        pdf="<results>/figures/figure_3{letter}.pdf",
        png=report(
            "<results>/figures/figure_3{letter}.png",
            caption="../report/figure_3cd.rst",
            category="Figure 3: panels compared",
            labels={"figure": "3{letter} gene by gene"},
        ),
        parquet="<results>/figures/figure_3{letter}.parquet",
    log:
        "<logs>/draw_figure_3cd/{letter}.log",
    benchmark:
        "<benchmarks>/draw_figure_3cd/{letter}.tsv"
    wildcard_constraints:
        letter="[cd]",
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        stem=stem,
        model=config["figures"]["model"],
        k=config["figures"]["k"],
        a=config["figures"]["pair"][0],
        b=config["figures"]["pair"][1],
        metric=lambda w: {"c": "mae", "d": "pcc"}[w.letter],
    shell:
        "landmarks --log {log} draw-figure-3cd --targets {input.targets} --model {params.model} --k {params.k}"
        " --selector-a {params.a} --selector-b {params.b} --metric {params.metric} --out {params.stem}"


rule draw_figure_4ab:
    input:
        targets=lambda w: f"<results>/crossplatform/{config['crossplatform'][0]}/targets.parquet",
        code=code("draw_figure_4ab"),
    output:
        pdf="<results>/figures/figure_4{letter}.pdf",
        png=report(
            "<results>/figures/figure_4{letter}.png",
            caption="../report/figure_4ab.rst",
            category="Figure 4: another platform",
            labels={"figure": "4{letter} densities"},
        ),
        parquet="<results>/figures/figure_4{letter}.parquet",
    log:
        "<logs>/draw_figure_4ab/{letter}.log",
    benchmark:
        "<benchmarks>/draw_figure_4ab/{letter}.tsv"
    wildcard_constraints:
        letter="[ab]",
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        stem=stem,
        dataset=lambda w: config["crossplatform"][0],
        model=config["figures"]["model"],
        k=config["figures"]["k"],
        metric=lambda w: {"a": "mae", "b": "pcc"}[w.letter],
        selectors=joined(config["figures"]["selectors"]),
    shell:
        "landmarks --log {log} draw-figure-4ab --targets {input.targets} --dataset {params.dataset}"
        " --model {params.model} --k {params.k} --scaling own --metric {params.metric} --selectors {params.selectors} --out {params.stem}"


rule draw_figure_5a:
    input:
        terms=f"<results>/enrichment/{config['figures']['pair'][0]}/k{config['figures']['k']}/seed{SEED}/terms.parquet",
        controls=f"<results>/enrichment/{config['figures']['pair'][0]}/k{config['figures']['k']}/seed{SEED}/controls.parquet",
        code=code("draw_figure_5a"),
    output:
        pdf="<results>/figures/figure_5a.pdf",
        png=report(
            "<results>/figures/figure_5a.png",
            caption="../report/figure_5a.rst",
            category="Figure 5: molecular functions",
            labels={"figure": "5a enriched terms"},
        ),
        parquet="<results>/figures/figure_5a.parquet",
    log:
        "<logs>/draw_figure_5a.log",
    benchmark:
        "<benchmarks>/draw_figure_5a.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        stem=stem,
    shell:
        "landmarks --log {log} draw-figure-5a --enrichment {input.terms} --controls {input.controls} --out {params.stem}"


rule write_table:
    input:
        frame=lambda w: (TABLES | ARENA_TABLES)[w.table],
        code=code("write_table"),
    output:
        tsv="<results>/tables/{table}.tsv",
        page=report(
            "<results>/tables/{table}.html",
            caption="../report/table.rst",
            category="Tables",
            labels={"table": "{table}"},
        ),
    log:
        "<logs>/write_table/{table}.log",
    benchmark:
        "<benchmarks>/write_table/{table}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    shell:
        "landmarks --log {log} write-table --frame {input.frame} --out {output.tsv} --out-page {output.page}"


rule save_config:
    input:
        code=code("save_config"),
    output:
        "<results>/config.yaml",
    log:
        "<logs>/save_config.log",
    benchmark:
        "<benchmarks>/save_config.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=300,
        runtime=5,
    params:
        # A function, since Snakemake would take the braces of JSON for wildcards.
        text=lambda w: json.dumps(config),
    shell:
        "landmarks --log {log} save-config --text {params.text:q} --out {output}"


rule write_report:
    input:
        results=lambda w: TARGETS,
        config="<results>/config.yaml",
    output:
        "<results>/report.html",
    log:
        "<logs>/write_report.log",
    benchmark:
        "<benchmarks>/write_report.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        # Relative: a project that is moved keeps its report.
        snakefile=os.path.relpath(workflow.main_snakefile),
    shell:
        # Snakemake writes its own report; this run holds the lock, and only finished results are named.
        "snakemake --nolock --cores 1 --snakefile {params.snakefile:q} --configfile {input.config:q}"
        " --report {output:q} -- {input.results} > {log} 2>&1"


use rule write_report as write_arena_report with:
    input:
        results=ARENA_TARGETS,
        config="<results>/config.yaml",
    output:
        "<results>/arena_report.html",
    log:
        "<logs>/write_arena_report.log",
    benchmark:
        "<benchmarks>/write_arena_report.tsv"
