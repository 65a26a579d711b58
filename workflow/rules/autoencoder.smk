# The autoencoder: trained, judged (figure 2a), and used to encode samples (figure 2b).
#
# REQUIRED INPUTS: prepared/<compendium>.parquet, split.parquet
# OUTPUTS: autoencoder/seed<seed>/{parameters,history,genes}.parquet, codes/<dataset>/seed<seed>.parquet


rule train_autoencoder:
    input:
        expression=prepared,
        split="<results>/{fold}split.parquet",
        code=code("train_autoencoder"),
    output:
        parameters="<results>/{fold}autoencoder/seed{seed}/parameters.parquet",
        history="<results>/{fold}autoencoder/seed{seed}/history.parquet",
    log:
        "<logs>/train_autoencoder/{fold}seed{seed}.log",
    benchmark:
        "<benchmarks>/train_autoencoder/{fold}seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 2
    resources:
        mem_mb=memory("train_autoencoder"),
        runtime=minutes(720),
        held_mb=config["memory_mb"],
        device=config["device"],
        gpu=gpus,
        # As text: the jobs of a cluster get numbers as whole ones.
        checkpoint_minutes=str(config["checkpoints"]["minutes"]),
    params:
        options=options(
            hidden=joined(config["autoencoder"]["hidden"]),
            trained_on=joined(config["autoencoder"]["trained_on"]),
            **{
                key: config["autoencoder"][key]
                for key in ("dropout", "penalty", "epochs", "batch_size", "learning_rate", "precision")
            },
        ),
        checkpoint=f"results/{config['run']}/checkpoints/{{fold}}autoencoder/seed{{seed}}.npz",
    shell:
        "landmarks --log {log} train-autoencoder --expression {input.expression} --split {input.split}"
        " {params.options} --seed {wildcards.seed} --device {resources.device} --memory-mb {resources.held_mb}"
        " --checkpoint {params.checkpoint} --checkpoint-minutes {resources.checkpoint_minutes}"
        " --out {output.parameters} --out-history {output.history}"


rule evaluate_autoencoder:
    input:
        expression=prepared,
        split="<results>/{fold}split.parquet",
        parameters="<results>/{fold}autoencoder/seed{seed}/parameters.parquet",
        code=code("evaluate_autoencoder"),
    output:
        "<results>/{fold}autoencoder/seed{seed}/genes.parquet",
    log:
        "<logs>/evaluate_autoencoder/{fold}seed{seed}.log",
    benchmark:
        "<benchmarks>/evaluate_autoencoder/{fold}seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 2
    resources:
        mem_mb=memory("evaluate_autoencoder"),
        runtime=minutes(60),
        held_mb=config["memory_mb"],
    params:
        trained_on=joined(config["autoencoder"]["trained_on"]),
    shell:
        "landmarks --log {log} evaluate-autoencoder --expression {input.expression} --split {input.split}"
        " --parameters {input.parameters} --trained-on {params.trained_on} --memory-mb {resources.held_mb}"
        " --out {output}"


rule encode_samples:
    input:
        expression=lambda w: encoded_file(w.dataset),
        parameters="<results>/autoencoder/seed{seed}/parameters.parquet",
        genes=f"<results>/prepared/{COMPENDIUM}.parquet",
        code=code("encode_samples"),
    output:
        "<results>/codes/{dataset}/seed{seed}.parquet",
    log:
        "<logs>/encode_samples/{dataset}/seed{seed}.log",
    benchmark:
        "<benchmarks>/encode_samples/{dataset}/seed{seed}.tsv"
    conda:
        "../../envs/landmarks.yaml"
    threads: 1
    resources:
        mem_mb=memory("encode_samples"),
        runtime=minutes(60),
        held_mb=config["memory_mb"],
    shell:
        "landmarks --log {log} encode-samples --expression {input.expression} --parameters {input.parameters}"
        " --genes {input.genes} --memory-mb {resources.held_mb} --out {output}"
