"""Visits and verdicts as the facts tell them; a projection that can be rebuilt."""
