"""What really happened, and a judge who believes only that and the public API."""
