from snakemake.utils import min_version

min_version("9.20")


# A config given by --configfile replaces the default one; Snakemake would merge the two key by key.
if not workflow.configfiles:

    configfile: "config/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/inputs.smk"
include: "workflow/rules/resources.smk"
include: "workflow/rules/targets.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/autoencoder.smk"
include: "workflow/rules/attribution.smk"
include: "workflow/rules/panels.smk"
include: "workflow/rules/inference.smk"
include: "workflow/rules/arena.smk"
include: "workflow/rules/standings.smk"
include: "workflow/rules/stability.smk"
include: "workflow/rules/crossplatform.smk"
include: "workflow/rules/clustering.smk"
include: "workflow/rules/enrichment.smk"
include: "workflow/rules/published.smk"
include: "workflow/rules/export.smk"
include: "workflow/rules/figures.smk"


rule all:
    default_target: True
    input:
        TARGETS,
        "<results>/summary.html",
        "<results>/report.html",
