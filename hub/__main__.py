"""``python -m hub``."""

from hub.cli import app


def main() -> None:
    """Run lianxin-hub."""
    app(prog_name="lianxin-hub")


if __name__ == "__main__":
    main()
