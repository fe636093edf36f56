"""A copy of the store while it is in use, and putting one back."""
