"""The way to the hub: hello, batches, receipts, roster."""
