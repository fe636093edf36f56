"""One-line faults that must turn the suite red: the proof that the tests prove something."""
