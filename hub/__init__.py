"""The hub: intake, registry, rewards, ledger and HTTP API of one compound."""
