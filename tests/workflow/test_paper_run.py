"""config/paper.yaml from downloads to report, on small files in the published forms from a server of this machine."""

import gzip
import hashlib
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import REPO, Config, Workflow
from loopback import gctx, serving

from landmarks.expression import read_expression
from landmarks.files import read_frame
from landmarks.normalise import map_to_quantiles, mean_quantiles

pytestmark = pytest.mark.slow

K, SAMPLES, PROBES = 10, 240, 90
LANDMARKS = 10
SQUAMOUS, ADENOCARCINOMAS, NORMAL = 16, 12, 12
PROBE_IDS = [f"{200_000 + number}_at" for number in range(PROBES)]


def gene_of(probe: int) -> int | None:
    """Return the number of a probe's gene: up to probe 69 each has its own, up to 79 it is a second one, then none."""
    return probe if probe < 70 else probe - 50 if probe < 80 else None


def ensembl(gene: int) -> str:
    return f"ENSG{gene:011d}"


def simulate() -> tuple[np.ndarray, np.ndarray]:
    """Return log2 expression of the compendium, then of the lung samples (three kinds), samples × probes."""
    generator = np.random.default_rng(3)
    loadings, baseline = generator.normal(0, 0.7, (4, PROBES)), generator.uniform(6, 12, PROBES)
    kind = np.repeat([0, 1, 2], [SQUAMOUS, ADENOCARCINOMAS, NORMAL])
    programmes = np.concatenate([generator.normal(0, 1, (SAMPLES, 4)), np.eye(4)[kind] * 3])
    values = baseline + programmes @ loadings + generator.normal(0, 0.2, (len(programmes), PROBES))
    values = np.clip(values, 4, 15).astype(np.float32)
    return values[:SAMPLES], values[SAMPLES:]


def series_matrix(name: str, sources: list[str], values: np.ndarray) -> bytes:
    ids = "\t".join(f'"{name}M{number}"' for number in range(len(sources)))
    described = "\t".join(f'"{source}"' for source in sources)
    lines = [f'!Series_geo_accession\t"{name}"', "", f"!Sample_geo_accession\t{ids}"]
    lines += [f"!Sample_source_name_ch1\t{described}", "!series_matrix_table_begin", f'"ID_REF"\t{ids}']
    lines += [f'"{probe}"\t' + "\t".join(map(str, row)) for probe, row in zip(PROBE_IDS, values.T, strict=True)]
    return gzip.compress("\n".join([*lines, "!series_matrix_table_end", ""]).encode())


def make_files() -> dict[str, bytes]:
    """Return the published files by name, in small."""
    compendium, lung = simulate()
    geo = pd.DataFrame(compendium, [f"GSM{number}" for number in range(SAMPLES)], PROBE_IDS)
    generator = np.random.default_rng(4)
    rpkm = np.exp2(compendium[:50, :70] * 0.7 - 3) * generator.lognormal(0, 0.1, (50, 70))
    rpkm[generator.random(rpkm.shape) < 0.05] = 0
    gtex = pd.DataFrame(rpkm, [f"GTEX-{n}" for n in range(50)], [f"{ensembl(gene)}.{gene % 7}" for gene in range(70)])
    annotation = ["^Annotation", "!platform_table_begin", "ID\tGene title\tGene symbol\tGene ID\tother"]
    for number, probe in enumerate(PROBE_IDS):
        gene = gene_of(number)
        annotation.append(f"{probe}\t\t\t\t" if gene is None else f"{probe}\ta gene\tGENE{gene}\t{1_000 + gene}\tx")
    lists = {"map_lm.txt": range(LANDMARKS), "map_tg.txt": range(LANDMARKS, 70)}
    probes = {gene: [PROBE_IDS[n] for n in range(80) if gene_of(n) == gene] for gene in range(70)}
    files = {
        name: "".join(f"GENE{gene}\t{ensembl(gene)}\t{','.join(probes[gene])}\n" for gene in genes).encode()
        for name, genes in lists.items()
    }
    squamous, others = lung[:SQUAMOUS], lung[SQUAMOUS:]
    kinds = ["Adenocarcinoma of the Lung"] * ADENOCARCINOMAS + ["Normal Lung Tissue"] * NORMAL
    sets = [["SET" + str(start), "about", *(f"GENE{gene}" for gene in range(start, start + 10))] for start in range(60)]
    return files | {
        "bgedv2_QNORM.gctx": gctx(geo),
        "GTEx_RNASeq_RPKM_n2921x55993.gctx": gctx(gtex),
        "GPL96.annot.gz": gzip.compress("\n".join([*annotation, "!platform_table_end", ""]).encode()),
        "GSE4573_series_matrix.txt.gz": series_matrix("GSE4573", ["lung tumour"] * SQUAMOUS, squamous),
        "GSE10072_series_matrix.txt.gz": series_matrix("GSE10072", kinds, others),
        "c5.mf.v7.0.symbols.gmt": "".join("\t".join(row) + "\n" for row in sets).encode(),
    }


def in_small(config: Config, address: str, files: dict[str, bytes]) -> Config:
    """Return the paper's config with other addresses and sums, and sizes that a test can wait for."""

    def served(entry: Config, key: str = "origin") -> None:
        name = entry[key].rsplit("/", 1)[1]
        entry |= {key: f"{address}{name}", "sha256": hashlib.sha256(files[name]).hexdigest()}

    datasets = config["datasets"]
    for dataset in datasets.values():
        served(dataset)
    for names in datasets["geo"]["gene_names"]:
        served(names)
    served(config["panels"]["l1000"], "file")
    served(config["gene_sets"], "gmt")
    for name, samples in (
        ("geo", SAMPLES),
        ("gtex", 50),
        ("gse4573", SQUAMOUS),
        ("gse10072", ADENOCARCINOMAS + NORMAL),
    ):
        datasets[name]["expected"]["samples"] = samples
    datasets["geo"]["expected"]["genes"], datasets["gtex"]["expected"]["genes"] = PROBES, 70
    config["duplicates"] = {"distance": 0.5, "clusters": 10}
    config["split"] |= {"validation": 30, "test": 60}
    config["autoencoder"] |= {
        "hidden": [16, 4],
        "dropout": 0.0,
        "epochs": 150,
        "batch_size": 8,
        "learning_rate": 1.0e-2,
    }
    config["attribution"] = {"shards": 3}
    config["memory_mb"] = 1000
    config["panels"] |= {name: {"sizes": [K]} for name in ("deeplift", "crossfit")}
    config["panels"]["l1000"]["sizes"] = [K]
    config["panels"]["random"] = {"sizes": [K], "seeds": 3}
    config["inference"]["ridge"] = {"penalties": [1, 10]}
    config["inference"]["dgex"] |= {"sizes": [K], "hidden": [16, 16], "epochs": 20, "batch_size": 8}
    config["figures"]["k"] = K
    return config | {"run": "tiny", "comparison": {"resamples": 100}, "enrichment": {"controls": 20}}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workflow]:
    config = yaml.safe_load((REPO / "config" / "paper.yaml").read_text(encoding="utf-8"))
    workflow = Workflow(tmp_path_factory.mktemp("paper"), REPO)
    with serving() as server:
        server.files |= make_files()
        workflow.write_config(in_small(config, server.address(""), server.files))
        workflow.snakemake()
        yield workflow


def test_every_file_was_imported_as_it_was_made(run: Workflow) -> None:
    compendium, lung = simulate()
    imported = read_expression(run.results / "data/geo/expression.parquet")
    assert imported.gene_ids.tolist() == PROBE_IDS
    np.testing.assert_array_equal(imported.values, compendium)
    series = read_expression(run.results / "data/gse10072/expression.parquet")
    np.testing.assert_allclose(series.values, lung[SQUAMOUS:], rtol=1e-6)
    samples = read_frame(run.results / "data/gse10072/samples.parquet")
    assert samples["label"].value_counts().to_dict() == {"adenocarcinoma": ADENOCARCINOMAS, "normal lung": NORMAL}


def test_the_published_split(run: Workflow) -> None:
    parts = read_frame(run.results / "split.parquet")["part"].value_counts()
    dropped = len(read_frame(run.results / "duplicates/geo.parquet"))
    assert parts.to_dict() == {"train": SAMPLES - dropped - 90, "test": 60, "validation": 30}


def test_probes_of_a_gene_are_averaged_and_normalised_again(run: Workflow) -> None:
    prepared = read_expression(run.results / "prepared/geo.parquet")
    columns = [[n for n in range(80) if gene_of(n) == gene] for gene in range(70)]
    means = np.stack([prepared.values[:, column].mean(axis=1) for column in columns], axis=1)
    train = (read_frame(run.results / "split.parquet")["part"] == "train").to_numpy()
    averaged = read_expression(run.results / "averaged/expression.parquet")
    expected = map_to_quantiles(means, mean_quantiles(means[train]))
    np.testing.assert_allclose(averaged.columns([ensembl(gene) for gene in range(70)]), expected, rtol=1e-5)
    panel = read_frame(run.results / f"gene_panels/l1000/k{K}/seed0.parquet")
    assert panel["gene_id"].tolist() == [ensembl(gene) for gene in range(LANDMARKS)]


def test_rna_seq_is_matched_by_ensembl_and_mapped_by_rank(run: Workflow) -> None:
    matched = read_expression(run.results / "crossplatform/gtex/matched.parquet")
    assert len(matched.gene_ids) == 70
    averaged = read_expression(run.results / "averaged/expression.parquet")
    assert averaged.values.min() - 1e-3 <= matched.values.min()
    assert matched.values.max() == pytest.approx(averaged.values[:, :].max(axis=1).mean(), abs=0.2)
    judged = read_frame(run.results / "crossplatform/gtex/panels.parquet")
    assert len(judged) and judged["mae"].notna().all()


def test_lung_samples_are_clustered(run: Workflow) -> None:
    scores = read_frame(run.results / "clustering/gse4573-gse10072/seed0/scores.parquet")
    assert set(scores["n_samples"]) == {SQUAMOUS + ADENOCARCINOMAS + NORMAL}
    assert set(scores["n_labels"]) == {3}
    assert scores.loc[scores["representation"] == "genes", "ari"].item() > 0.9


def test_every_published_number_stands_beside_one_of_the_run(run: Workflow) -> None:
    published = read_frame(run.results / "published.parquet")
    assert published["run"].notna().all(), published[published["run"].isna()]
    assert not published["comparable"].any()
    for figure in ("2a", "2b", "3a", "3b", "3c", "3d", "4a", "4b", "5a"):
        assert (run.results / f"figures/figure_{figure}.png").is_file()
    assert (run.results / "report.html").is_file()
