"""Residents at the reader and supervisors at the terminal, acting out a plan."""
