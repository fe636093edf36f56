"""Money is integer fen; nothing in the system divides it."""

from typing import Annotated

from pydantic import Field

Fen = Annotated[int, Field(ge=-(2**62), le=2**62, description="fen; 100 fen = 1 yuan")]


def format_yuan(amount_fen: int) -> str:
    """``-870`` → ``-8.70``; exact, for people."""
    sign = "-" if amount_fen < 0 else ""
    yuan, fen = divmod(abs(amount_fen), 100)
    return f"{sign}{yuan}.{fen:02d}"
