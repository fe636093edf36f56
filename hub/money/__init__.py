"""Money and points on their way out, on somebody's order."""
