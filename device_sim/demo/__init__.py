"""The whole compound on one machine: every program real, faults on the way, then the judge."""
