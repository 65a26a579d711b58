# What a run makes, and which of it tables and figures show.
#
# REQUIRED INPUTS: common.smk, inputs.smk
# OUTPUTS: none; defines functions and lists


def view_shown(wildcards):
    """The view of the standings that figures and the overview show: the cleanest there is."""
    return "as_published" if not wildcards.scope and config["split"]["method"] == "random" else "clean"


def sizes_shown(wildcards):
    """The panel sizes of the overview and of the forest."""
    arena = config["arena"].get("sizes") if wildcards.scope else None
    return arena or sorted(config["panels"][PANEL]["sizes"])


def panel_size(scope):
    """The size of the panel that is shown gene by gene: the figures', or the nearest that the arena holds."""
    sizes = {k for selector, k, _ in list_panels(config, arena=scope != "") if selector == PANEL}
    return min(sizes, key=lambda k: abs(k - config["figures"]["k"]))


def reference_shown(wildcards):
    """The selectors whose panels other selectors are to match with fewer genes: the lists, and DeepLIFT."""
    lists = [name for name, settings in config["panels"].items() if is_given(settings)]
    return ",".join([*lists, *(name for name in ("deeplift",) if name in config["panels"])]) or None


def folds_of(scope):
    """The folds of whole groups of the arena, or the run's own split."""
    return [fold for fold in FOLDS if fold.startswith("arena/fold")] if scope else [""]


def panels_of_scope(wildcards):
    """The panels whose stability is assessed: chance has none, and lists are given."""
    return [file for fold in folds_of(wildcards.scope) for file in panel_files(fold, is_chosen)]


def has_labels():
    """Whether there are samples whose clusters can be compared with labels."""
    return bool(config["clustering"]) or "labels" in config["datasets"][COMPENDIUM]


def list_tables():
    """The report's tables, by name, and the frames they show."""
    tables = {
        "overview": "<results>/standings/overview.parquet",
        "matches": "<results>/standings/matches.parquet",
        "attribution": f"<results>/importance/checks/seed{SEED}.parquet",
        "selectors": "<results>/comparison/selectors.parquet",
        "pairs": "<results>/comparison.parquet",
        "published": "<results>/published/table.parquet",
        "substitutes": f"<results>/substitutes/{PANEL}/k{config['figures']['k']}/seed0/substitutes.parquet",
    }
    if has_labels():
        tables["clustering"] = f"<results>/clustering/{CLUSTERED}/seed{SEED}/scores.parquet"
    for name in config["crossplatform"]:
        tables[f"crossplatform-{name}"] = f"<results>/crossplatform/{name}/selectors.parquet"
    return tables


TABLES = list_tables()
ARENA_TABLES = {
    "arena-overview": "<results>/arena/standings/overview.parquet",
    "arena-matches": "<results>/arena/standings/matches.parquet",
    "arena-selectors": "<results>/arena/standings/selectors.parquet",
    "arena-pairs": "<results>/arena/standings/comparison.parquet",
    "arena-stability": "<results>/arena/stability/overlap.parquet",
}
STANDINGS_FIGURES = ("size_curve", "forest", "stability")


def list_exported():
    """The models that are exported: all of the panel that is shown, of its first seed."""
    shown = [one for one in EVALUATIONS if one[1:3] == (PANEL, config["figures"]["k"])]
    return [f"{model}/{selector}/k{k}/seed{seed}" for model, selector, k, seed in shown if seed == shown[0][3]]


def list_targets():
    """What a run makes, but for the report."""
    figures = ["2a", "3a", "3b", "3c", "3d"]
    targets = [f"<results>/tables/{table}.html" for table in TABLES]
    targets += [f"<results>/importance/seed{seed}.parquet" for seed in config["autoencoder"]["seeds"]]
    targets += panel_files("")
    targets += [f"<results>/figures/{figure}.png" for figure in STANDINGS_FIGURES]
    targets += [f"<results>/design/{folder}/sheet.html" for folder in list_exported()]
    if has_labels():
        figures.append("2b")
    if config["crossplatform"]:
        figures += ["4a", "4b"]
    if "gene_sets" in config:
        figures.append("5a")
    return targets + [f"<results>/figures/figure_{figure}.png" for figure in figures]


TARGETS = list_targets()
ARENA_TARGETS = [
    *(f"<results>/tables/{table}.html" for table in ARENA_TABLES),
    *(f"<results>/arena/figures/{figure}.png" for figure in STANDINGS_FIGURES),
]
