"""Devices as they really speak, the people who use them, and the truth about both."""
