"""The publication's figures: `*_numbers` gathers what is shown, `draw_*` draws just that frame."""
