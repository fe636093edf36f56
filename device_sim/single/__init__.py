"""One simulated device in a terminal, for an installer without hardware."""
