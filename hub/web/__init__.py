"""What every router shares: sessions, callers, problem documents."""

import sys

# FastAPI asks of every model whether it is one of pydantic 1, and loads all of it: 2 MB for a no.
sys.modules.setdefault("pydantic.v1", None)  # type: ignore[arg-type]
