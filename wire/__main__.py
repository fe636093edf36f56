"""``python -m wire`` prints docs/wire.md."""

import sys

from wire.describe import describe

if __name__ == "__main__":
    sys.stdout.write(describe())
