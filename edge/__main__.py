"""``python -m edge`` and ``lianxin-edge``."""

from edge.cli import app


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
