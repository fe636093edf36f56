"""From the broker to committed facts, and the receipt back."""
