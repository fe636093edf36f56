"""The three levels of grid contacts (三级网格) of every household."""
