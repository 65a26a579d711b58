"""Simulated compendia with known drivers: studies, tissues, batch effects, duplicates, and two companion data sets."""
