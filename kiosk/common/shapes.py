"""What the hub answers, as far as more than one terminal shows it."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """Read only. What else comes is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class LastTap(Shape):
    """When and where a card was tapped last."""

    day: str
    point: str


class HeldCard(Shape):
    """A card that a household has, by its printed serial if it bears one."""

    serial: str | None
    since: str = "—"
    last_tap: LastTap | None = None
    blocked: bool


class Step(Shape):
    """One of 民提 民议 民决 民办 民评."""

    name: str
    state: str
