"""Pages of the self-check machine. Big words, one digit a choice, nothing spoken."""
