"""The daemon on the Raspberry Pi of one collection point."""
