"""Kills at named places and at random: what was answered "recorded" is at the hub, once."""
