"""Mine landmark genes: the few genes from which the rest of a transcriptome is inferred best."""

__version__ = "0.1.0"
