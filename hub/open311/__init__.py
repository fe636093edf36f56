"""Open311 GeoReport v2: matters for other programs, without a word of who reported them."""
