"""Households, cards, people: who is who in the compound."""
