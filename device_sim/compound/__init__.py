"""A compound grown from a seed: doors, cards, volunteers, what everybody will do."""
