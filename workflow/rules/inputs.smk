# Inputs and options of rules that follow from the config.
#
# REQUIRED INPUTS: common.smk
# OUTPUTS: none; defines functions


def import_inputs(wildcards):
    """The dataset's matrix and, if it has any, its tables of genes and of labels."""
    files = source(f"datasets.{wildcards.dataset}")
    inputs = {"expression": files}
    if files[0].startswith("<results>"):
        inputs["digest"] = f"{files[0]}.sha256"
    for table in ("genes", "labels"):
        if f"datasets.{wildcards.dataset}.{table}" in SOURCES:
            inputs[table] = source(f"datasets.{wildcards.dataset}.{table}")
    for number in range(len(config["datasets"][wildcards.dataset]["gene_names"])):
        inputs[f"names{number}"] = source(f"datasets.{wildcards.dataset}.gene_names.{number}")
    return inputs


def import_options(wildcards, input):
    """What the config says of the dataset's file."""
    dataset = config["datasets"][wildcards.dataset]
    labels = dataset.get("labels", {})
    names, named = labels.get("names"), dataset["gene_names"]
    tables = [input.get(f"names{number}") for number in range(len(named))]
    columns = [joined(table.get("columns", [])) for table in named]
    single = options(
        format=dataset["format"],
        orientation=dataset["orientation"],
        scale=dataset["scale"],
        gene_pattern=dataset.get("gene_pattern"),
        gene_prefix=dataset.get("gene_prefix"),
        sample_column=dataset.get("sample_column"),
        group_pattern=dataset.get("group_pattern"),
        group_column=dataset.get("group_column"),
        gene_table=input.get("genes"),
        labels=input.get("labels"),
        label_id_column=labels.get("id_column"),
        label_column=labels.get("label_column"),
        label_pattern=labels.get("pattern"),
        label_names=names and ",".join(f"{code}={name}" for code, name in names.items()),
        expected=json.dumps(dataset["expected"]) if "expected" in dataset else None,
    )
    return f"{single} {repeated('gene-names', tables)} {repeated('gene-columns', columns)}"


def split_method(wildcards):
    """How test samples are held out: as the config says in the run, in whole groups in the arena's folds."""
    return {"": config["split"]["method"], "arena/random/": "random"}.get(wildcards.fold, "grouped")


def split_options(wildcards):
    """The settings of the split; which fold of the arena is held out, where one is."""
    settings = config["split"] | {"method": split_method(wildcards)}
    tested = settings.pop("test_groups")
    if wildcards.fold.startswith("arena/fold"):
        settings |= {"folds": config["arena"]["folds"], "fold": re.search(r"\d+", wildcards.fold)[0]}
    return f"{options(**settings)} {repeated('test-group', [] if wildcards.fold else tested)}"


def panel_files(fold, wanted=lambda selector: True, arena=None, folder="panels"):
    """One path for every panel of a fold, or of those selectors that are wanted."""
    return [
        f"<results>/{fold}{folder}/{selector}/k{k}/seed{seed}.parquet"
        for selector, k, seed in list_panels(config, arena=fold != "" if arena is None else arena)
        if wanted(selector)
    ]


def is_control(selector):
    """Whether a selector draws at random."""
    return selector in CONTROLS


def is_no_control(selector):
    """Whether a selector chooses, or lists, its genes."""
    return selector not in CONTROLS


def is_chosen(selector):
    """Whether a selector chooses its genes: a list is the same for every seed and fold."""
    return selector not in CONTROLS and not is_given(config["panels"][selector])


def nested_panels(fold, arena):
    """One path for every size of a nested selector's panels."""
    return [f"<results>/{fold}panels/{{selector}}/k{k}/seed{{seed}}.parquet" for k in nested_sizes(config, arena)]


def constraint_tables(wildcards):
    """The tables that the designer's constraints name."""
    constraints = config["constraints"]
    tables = {"measured": [f"<results>/data/{name}/genes.parquet" for name in constraints["measured_on"]]}
    return tables | ({"costs": constraints["costs"]} if "costs" in constraints else {})


def constraint_options(wildcards, input):
    """The designer's constraints."""
    constraints = config["constraints"]
    lists = {name: constraints[name] for name in ("include", "exclude")} | {"measured": input.get("measured", [])}
    single = options(
        minimum_expression=constraints.get("minimum_expression"),
        costs=input.get("costs"),
        averaged_by=config.get("average_by"),
    )
    flag = "--one-probe-a-gene" if constraints["one_probe_a_gene"] else ""
    return " ".join([single, flag, *(repeated(name, entries) for name, entries in lists.items())])


def panel_evidence(wildcards):
    """What the selector needs beyond the training samples; a given list is taken as it is."""
    settings = config["panels"][wildcards.selector]
    if is_given(settings):
        return {"listed": source(f"panels.{wildcards.selector}.file")}
    evidence = {"candidates": f"<results>/{wildcards.fold}candidates.parquet"}
    if wildcards.selector in ("deeplift", "deeplift_nonredundant"):
        evidence["importance"] = f"<results>/{wildcards.fold}importance/seed{wildcards.seed}.parquet"
    if wildcards.selector == "greedy_autoencoder":
        evidence["parameters"] = f"<results>/{wildcards.fold}autoencoder/seed{wildcards.seed}/parameters.parquet"
    if wildcards.selector == "consensus":
        evidence["followed"] = [
            f"<results>/{wildcards.fold}panels/{selector}/k{k}/seed{seed}.parquet"
            for selector, k, seed in list_panels(config, arena=wildcards.fold != "")
            if (selector, str(k)) == (settings["of"], wildcards.k)
        ]
    return evidence


def module_of(selector):
    """The module that ranks genes: of its name, or the one of lists."""
    return "given" if is_given(config["panels"][selector]) else selector


def own_settings(selector):
    """The settings of a selector, less those of the workflow, as an option."""
    of_workflow = ("sizes", "seeds", "file", "sha256", "column", "like", "of")
    own = {name: value for name, value in config["panels"].get(selector, {}).items() if name not in of_workflow}
    return options(settings=json.dumps(own) if own else None)


def panel_options(wildcards, input):
    """The selector's module, evidence and settings."""
    evidence = {name: input.get(name) for name in ("candidates", "importance", "parameters", "listed")}
    column = config["panels"][wildcards.selector].get("column")
    return " ".join(
        [
            options(selector=module_of(wildcards.selector), column=column, **evidence),
            repeated("followed", input.get("followed", [])),
            own_settings(wildcards.selector),
        ]
    )


def imitated_panels(arena):
    """The panels whose genes random_matched imitates, as a function of the wildcards."""

    def find(wildcards):
        sizes = sorted({k for selector, k, _ in list_panels(config, arena) if selector == "random_matched"})
        like = config["panels"].get("random_matched", {}).get("like")
        return {"like": [f"<results>/{wildcards.fold}panels/{like}/k{k}/seed0.parquet" for k in sizes]} if sizes else {}

    return find


def control_options(wildcards, input):
    """What random_matched imitates, and its settings."""
    return f"{repeated('like', input.get('like', []))} {own_settings('random_matched')}"


def closed_options(wildcards):
    """The candidates among which a model in closed form chooses."""
    settings = config["inference"].get(wildcards.model, {})
    return options(**{name: joined(settings[name]) for name in ("penalties", "neighbours") if name in settings})


def inference_settings(wildcards):
    """The settings of the model, less those of the workflow, as JSON."""
    settings = config["inference"][wildcards.model]
    return json.dumps(
        {name: value for name, value in settings.items() if name not in ("sizes", "random_seeds", "seeds")}
    )


def model_facts(wildcards):
    """What an exported model's card says of where it comes from, as JSON."""
    facts = {"run": config["run"], "compendium": COMPENDIUM, "model": wildcards.model, "selector": wildcards.selector}
    facts |= {"k": int(wildcards.k), "seed": int(wildcards.seed), "scale": "log2"}
    facts |= {"normalise": config["datasets"][COMPENDIUM]["normalise"], "average_by": config.get("average_by")}
    facts |= {"split": config["split"]["method"], "settings": json.loads(inference_settings(wildcards))}
    # A function, since Snakemake would take the braces of JSON for wildcards.
    return json.dumps(facts)


def panel_details(wildcards):
    """What the run knows of a panel's landmarks: the importance of its seed, and substitutes where it looks for them."""
    files = []
    if int(wildcards.seed) in config["autoencoder"]["seeds"]:
        files.append(f"<results>/importance/seed{wildcards.seed}.parquet")
    if (wildcards.selector, int(wildcards.k), wildcards.seed) == (PANEL, config["figures"]["k"], "0"):
        files.append("<results>/substitutes/{selector}/k{k}/seed{seed}/substitutes.parquet")
    return files


def is_mapped(dataset):
    """Whether another platform's values are mapped into the compendium's distribution."""
    return config["datasets"][dataset]["normalise"] == "compendium"


def encoded_file(dataset):
    """A dataset's expression as the autoencoder takes it: of the compendium's rows."""
    matched = f"<results>/encoded/{dataset}/matched.parquet"
    return f"<results>/prepared/{COMPENDIUM}.parquet" if dataset == COMPENDIUM else matched


def mapped_into(expression):
    """The compendium whose training samples give the distribution, where values are mapped into it."""

    def find(wildcards):
        return {"compendium": expression, "split": "<results>/split.parquet"} if is_mapped(wildcards.dataset) else {}

    return find


def gene_set_inputs(wildcards):
    """The files the gene sets are built from."""
    kinds = ("ontology", "associations", "identifiers", "gmt")
    return {kind: source(f"gene_sets.{kind}") for kind in kinds if kind in config["gene_sets"]}


def stem(wildcards, output):
    """A figure's path without its suffix."""
    return os.path.splitext(output.pdf)[0]
