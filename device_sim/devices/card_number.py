"""A card's number as it is typed."""


def card_number(card: str, *sizes: int) -> bytes:
    """The bytes of a number in hex; ValueError says which sizes are expected."""
    expected = " or ".join(f"{size} ({2 * size} hex digits)" for size in sizes)
    try:
        number = bytes.fromhex(card)
    except ValueError:
        msg = f"card {card!r}: no hex digits, expected bytes: {expected}"
        raise ValueError(msg) from None
    if len(number) not in sizes:
        msg = f"card {card!r}: found {len(number)} bytes, expected {expected}"
        raise ValueError(msg)
    return number
