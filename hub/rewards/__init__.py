"""What a day is worth, and why: pure rules and the settlement that applies them."""
