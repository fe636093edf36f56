"""Terminals: the supervisor's screen at a point, later the joint desk."""
