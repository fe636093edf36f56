"""Signals on real programs: aplay, espeak-ng, simulated pins."""
