"""Results and words -> Plotly figures; the same for screen, deck and report."""
