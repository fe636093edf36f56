"""The supervisor's screen of one point."""
