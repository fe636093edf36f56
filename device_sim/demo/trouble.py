"""What stops a rehearsal: always one line that names what, where and the next step."""


class DemoError(Exception):
    """Shown as one line; the exit code is 1."""
