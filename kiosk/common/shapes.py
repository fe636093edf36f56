"""What the hub answers, as far as more than one terminal shows it."""

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """Read only. What else comes is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Step(Shape):
    """One of 民提 民议 民决 民办 民评."""

    name: str
    state: str
