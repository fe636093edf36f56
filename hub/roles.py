"""Who may call the API, by what they do."""

from typing import Literal

Role = Literal[
    "admin", "office", "committee", "property", "volunteer", "technician", "auditor"
]  # fmt: skip
NAME_LENGTH = 64
"""Of a user name, at most."""
