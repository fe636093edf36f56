"""Cards: frames of readers and the token that replaces a card number."""
