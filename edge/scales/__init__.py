"""Scales: register blocks and texts to grams, and grams to deposits."""
