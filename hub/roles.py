"""Who may call the API, by what they do; a desk and a self-check machine are callers too."""

from typing import Literal

Role = Literal[
    "admin", "office", "committee", "property", "volunteer", "technician", "auditor",
    "desk", "selfcheck",
]  # fmt: skip
NAME_LENGTH = 64
"""Of a user name, at most."""
