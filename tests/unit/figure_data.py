"""Small frames for the figures, and what every figure must keep to."""

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from scipy.cluster.hierarchy import fcluster, leaves_list, linkage

ODD_IDS = ["a b", "GSM'1", "(x:1,y);", "é[z]", 'q"', "N_1", "0"]


def clusters(count: int = 7) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return a linkage, assignments with odd sample ids, and scores."""
    points = np.random.default_rng(3).normal(size=(count, 3))
    merges = linkage(points, "ward")
    samples = pd.DataFrame(
        {
            "sample_id": [ODD_IDS[i] if i < len(ODD_IDS) else f"s{i}" for i in range(count)],
            "label": ["tumour" if i % 3 else "normal" for i in range(count)],
            "cluster": fcluster(merges, 2, "maxclust"),
            "leaf": np.argsort(leaves_list(merges)),
        }
    )
    scores = pd.DataFrame({"representation": ["pca"], "ari": [-0.5], "nmi": [0.25], "silhouette": [0.125]})
    return pd.DataFrame(merges, columns=["left", "right", "height", "size"]), samples, scores


def target_frame(genes: int = 40) -> pd.DataFrame:
    """Return the common targets of two selectors."""
    generator = np.random.default_rng(1)
    blocks = [
        pd.DataFrame(
            {
                "model": "dgex",
                "k": 250,
                "selector": selector,
                "gene_id": [f"g{i}" for i in range(genes)],
                "scaling": "own",
                "mae": generator.uniform(0.2, 1.0, genes),
                "pcc": generator.uniform(-0.2, 1.0, genes),
            }
        )
        for selector in ("deeplift", "random")
    ]
    return pd.concat(blocks, ignore_index=True)


def gene_frame() -> pd.DataFrame:
    """Return four genes: medians and means can be checked by hand."""
    return pd.DataFrame(
        {
            "gene_id": list("abcd"),
            "mae": [0.1, 0.2, 0.3, 0.8],
            "mae_null": [1.0, 1.0, 1.0, 1.0],
            "pcc": [0.9, 0.8, np.nan, 0.4],
            "significant": [True, True, False, False],
        }
    )


def term_frame(q: list[float]) -> pd.DataFrame:
    """Return a term a value of q; p is a tenth of it."""
    count = len(q)
    return pd.DataFrame(
        {
            "term_id": [f"GO:{i}" for i in range(count)],
            "term_name": ["binding of a long and winding name, " * 3] * count,
            "n_background": 1000,
            "n_term": 50,
            "n_panel": 100,
            "n_overlap": np.arange(count) + 5,
            "fold": np.linspace(1.5, 4, count),
            "p": np.array(q, dtype=float) / 10,
            "q": np.array(q, dtype=float),
            "genes": "A;B",
        }
    )


CONTROLS = pd.DataFrame({"replicate": range(20), "n_significant": [0] * 18 + [2, 7]})


def texts(figure: Figure) -> str:
    """Return every text in a figure."""
    return "\n".join(artist.get_text() for artist in figure.findobj(mpl.text.Text))


def check_whole(figure: Figure) -> None:
    """Fail if anything reaches beyond the figure."""
    figure.draw_without_rendering()  # lets the layout settle
    inside = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert inside.x0 >= 0 and inside.y0 >= 0 and inside.x1 <= width and inside.y1 <= height
