"""Tests of `edge/`."""
