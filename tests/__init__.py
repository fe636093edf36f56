"""The proof: one folder per program, and those that cross them."""
