"""The outbox: what was recorded stays until the hub has it."""
