"""Residents' matters: who owns each, until when, and what was done."""
