"""Genes that can stand in for a landmark, and what is lost with each: for assays that fail, and for designers.

A panel S is worth what its ridge regressions explain of all genes, as in `landmarks.panels.forward`: with X the
(samples, genes) z-scores, λ the penalty and K = (I + X_S X_Sᵀ/λ)⁻¹, the sum of squares minus Σ_t x_tᵀ K x_t. Neither
removing a landmark nor replacing it needs new regressions. Let P = X Xᵀ and, for a landmark g, u = K x_g and
δ = λ − x_gᵀ u. Without g, K becomes K' = K + u uᵀ/δ (Sherman and Morrison 1950), so that

- removing g costs      uᵀ P u / δ,
- adding h then gains   q'_h / (d'_h + λ),   with a_h = x_hᵀ u,   b_h = x_hᵀ K P u   and
  d'_h = d_h + a_h²/δ,   q'_h = q_h + 2 a_h b_h/δ + a_h² (uᵀ P u)/δ²,

where d_h = x_hᵀ K x_h and q_h = Σ_t (x_tᵀ K x_h)² are those of the whole panel. All pairs of landmark and gene take
two products, of the profiles with the vectors u and K P u of every landmark.

A good substitute need not resemble its landmark: where the panel is far from the best one, or small changes hardly
matter, the gene that the panel lacks most replaces any landmark. `families_of` asks for both, worth and resemblance.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from landmarks.metrics import pearson
from landmarks.panels.forward import Regressions, all_samples
from landmarks.progress import track

BLOCK = 64
"""Landmarks worked on at a time: bounds the temporaries, which have a value for each of them and every gene."""


def substitutes_of(
    profiles: npt.NDArray[np.floating],
    panel: npt.NDArray[np.int64],
    open_genes: npt.NDArray[np.bool_],
    *,
    gene_ids: npt.NDArray[np.object_],
    penalty: float,
    count: int,
) -> pd.DataFrame:
    """Find, for each landmark of a panel, the genes outside it that replace it best, all other landmarks staying.

    Parameters
    ----------
    profiles
        z-scores of training samples, shape (samples, genes). Calculated in double precision: what a substitute
        loses is a small difference of what two panels explain.
    panel
        int64 positions of the landmarks in order of rank, shape (k,).
    open_genes
        bool, shape (genes,): genes that may be substitutes; landmarks never are.
    gene_ids
        Shape (genes,).
    penalty
        λ of the ridge regressions, above 0.
    count
        Substitutes for each landmark, fewer if fewer genes are open.

    Returns
    -------
    pandas.DataFrame
        ``gene_id``, ``rank`` (of the landmark, from 1), ``substitute``, ``place`` (from 1, the best), ``loss`` (by the
        exchange) and ``loss_removed`` (without any substitute), both in percent of the variance that the panel
        explains; negative where the substitute is better than the landmark; ``correlation`` of the two over the
        samples (0 for a constant gene); ``kept``: 1 − loss / loss_removed, the share of the landmark's own
        contribution that the substitute keeps. Missing for a constant landmark, which contributes nothing.
    """
    x = torch.from_numpy(np.ascontiguousarray(profiles, np.float64))
    (regressions,) = all_samples(x.numpy(), penalty)
    regressions.refresh(panel.tolist())
    explained = float((x**2).sum() - regressions.length.sum())
    closed = torch.from_numpy(~open_genes)
    closed[torch.from_numpy(panel)] = True
    size = min(count, int((~closed).sum()))
    chosen, losses, removed = [], [], []
    for start in track(range(0, len(panel), BLOCK), "finding substitutes"):
        landmarks = x[:, torch.from_numpy(panel[start : start + BLOCK])]
        removal, gain = _exchanges(x, regressions, landmarks)
        gain[:, closed] = -torch.inf
        best = gain.topk(size, dim=1)
        chosen.append(best.indices)
        losses.append(removal - best.values)
        removed.append(removal)
    positions = torch.cat(chosen).flatten().numpy()
    loss, loss_removed = torch.cat(losses).flatten().numpy(), torch.cat(removed).flatten().numpy().repeat(size)
    owners = panel.repeat(size)
    values = profiles.astype(np.float32, copy=False)
    kept = np.divide(loss, loss_removed, out=np.full(len(loss), np.nan), where=loss_removed > 0)
    return pd.DataFrame(
        {
            "gene_id": gene_ids[owners],
            "rank": np.arange(1, len(panel) + 1).repeat(size),
            "substitute": gene_ids[positions],
            "place": np.tile(np.arange(1, size + 1), len(panel)),
            "loss": 100 * loss / explained,
            "loss_removed": 100 * loss_removed / explained,
            "correlation": pearson(values[:, owners], values[:, positions]),
            "kept": 1 - kept,
        }
    )


def _exchanges(x: torch.Tensor, regressions: Regressions, landmarks: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return what removing each landmark costs, shape (landmarks, 1), and what each gene gains then, (…, genes)."""
    residuals = regressions.kernel @ landmarks
    spread = regressions.products @ residuals
    left = regressions.penalty - (landmarks * residuals).sum(dim=0)[:, None]
    removal = (residuals * spread).sum(dim=0)[:, None] / left
    shared = residuals.T @ x / left
    length = regressions.length + shared**2 * left
    covariance = (
        regressions.covariance + 2 * shared * ((regressions.kernel @ spread).T @ x) + shared**2 * removal * left
    )
    return removal, covariance / (length + regressions.penalty)


def families_of(substitutes: pd.DataFrame, kept: float = 0.8, correlation: float = 0.7) -> pd.DataFrame:
    """Divide a panel's landmarks and their substitutes into families of interchangeable genes.

    A landmark and a substitute are of one family if the substitute keeps enough of the landmark's contribution and
    correlates with it. Either alone joins what is not alike: on 400 array samples with k = 943, 96% of the first five
    substitutes keep 0.8, most with correlations below 0.5, and would join 898 landmarks to one family.

    Families are connected components: landmarks with a common substitute are one family, since that gene can stand
    in for either, though not for both. So every gene is in exactly one family, and a family with m landmarks says that
    the panel measures m of these genes. Members at the two ends of a chain may correlate less than the bound.

    Parameters
    ----------
    substitutes
        From `substitutes_of`.
    kept, correlation
        The least share of the landmark's contribution, and the least absolute correlation, of a member.

    Returns
    -------
    pandas.DataFrame
        ``family`` (from 1, by its landmark of best rank), ``gene_id``, ``landmark`` (bool). Landmarks come first. One
        that nothing resembles and replaces is a family of its own.
    """
    ordered = substitutes.sort_values(["rank", "place"])
    pairs = ordered[(ordered["kept"] >= kept) & (ordered["correlation"].abs() >= correlation)]
    landmarks = ordered["gene_id"].unique()
    genes = pd.Index(pd.concat([pd.Series(landmarks, dtype=object), pairs["substitute"]]).unique())
    ends = genes.get_indexer(pairs["gene_id"]), genes.get_indexer(pairs["substitute"])
    links = coo_array((np.ones(len(pairs)), ends), shape=(len(genes), len(genes)))
    components = connected_components(links, directed=False)[1]
    frame = pd.DataFrame({"family": pd.factorize(components)[0] + 1, "gene_id": genes.to_numpy(object)})
    frame["landmark"] = frame.index < len(landmarks)
    return frame.sort_values("family", kind="stable", ignore_index=True)
