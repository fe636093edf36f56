"""Double entry in integer fen, append-only."""
