"""What the keypad's other keys open: each a page of its own, none over another."""
