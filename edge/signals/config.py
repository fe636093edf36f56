"""``[signals]`` of edge.toml: the loudspeaker, what is broadcast when, the lamps' pins."""

import re
from collections.abc import Iterator
from datetime import datetime, time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from wire.base import Code
from wire.config_file import FilePath, Section

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LampName = Literal["recorded", "accepted", "see_supervisor"]
Pin = Annotated[int, Field(ge=2, le=27, description="BCM number")]

_NUMBER = "[0-9一二三四五六七八九十百零〇两]+"
_DASH = "[-‐-―－~～]"
_PRIVATE = (
    ("a door", re.compile(rf"[0-9]+\s*{_DASH}\s*[0-9]+\s*{_DASH}\s*[0-9]+")),
    ("a door", re.compile(rf"[0-9]+\s*{_DASH}\s*[0-9]{{3,}}")),
    ("a door", re.compile(rf"{_NUMBER}\s*单元|([0-9]|[一二三四五六七八九零〇]{{2}})\s*室")),
    ("a sum", re.compile(rf"[0-9]\s*(元|角|毛|块)|{_NUMBER}(元|角钱|毛钱|块钱|分钱)")),
)


def private_parts(text: str) -> list[str]:
    """What looks like a door or a sum; no pattern can tell a name."""
    return [f"{what}, {found[0]!r}" for what, form in _PRIVATE if (found := form.search(text))]


def _time_of_day(value: Any) -> Any:
    if isinstance(value, time) and value.tzinfo is None and not value.second:
        return value.replace(microsecond=0)
    if isinstance(value, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        return datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007 - a time of day
    msg = "expected a time of day in Asia/Shanghai as HH:MM, quoted"
    raise ValueError(msg)


TimeOfDay = Annotated[time, BeforeValidator(_time_of_day)]


class BroadcastConfig(Section):
    """One announcement: a recorded file, or a text that is spoken where the file is not usable."""

    at: TimeOfDay
    days: Annotated[tuple[Weekday, ...], Field(min_length=1)] = WEEKDAYS
    file: FilePath | None = Field(None, description="WAV, 16-bit PCM, at most 5 minutes")
    text: Annotated[str, Field(min_length=1, max_length=500)] | None = None

    @model_validator(mode="after")
    def _neutral(self) -> "BroadcastConfig":
        if self.file is None and self.text is None:
            msg = "a broadcast needs file, or text, or both"
            raise ValueError(msg)
        if found := private_parts(self.text or ""):
            msg = f"text names {'; '.join(found)}; a broadcast names no door and no sum"
            raise ValueError(msg)
        return self


class LampPins(Section):
    """One lamp a signal; an absent one stays dark."""

    recorded: Pin | None = None
    accepted: Pin | None = None
    see_supervisor: Pin | None = None

    def pins(self) -> dict[LampName, int]:
        """Those that are wired."""
        names: tuple[LampName, ...] = ("recorded", "accepted", "see_supervisor")
        return {name: pin for name in names if (pin := getattr(self, name)) is not None}


class LampsConfig(LampPins):
    """Lamps of the point, and of a reader that has its own."""

    active_high: bool = True
    readers: dict[Code, LampPins] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _each_pin_once(self) -> "LampsConfig":
        used = [pin for lamps in (self, *self.readers.values()) for pin in lamps.pins().values()]
        twice = sorted({pin for pin in used if used.count(pin) > 1})
        if twice:
            msg = f"pins {twice} are used twice; expected one lamp a pin"
            raise ValueError(msg)
        return self


class SignalsConfig(Section):
    """An absent section is a silent and dark point."""

    sound: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9:_,.=-]*$", max_length=80)] = Field(
        "default", description='ALSA device, or "none"'
    )
    volume: Annotated[int, Field(ge=0, le=100)] = 80
    quiet_from: TimeOfDay | None = None
    quiet_to: TimeOfDay | None = None
    quiet_volume: Annotated[
        int, Field(ge=0, le=100, description="of the tones in quiet hours; no broadcast then")
    ] = 20
    broadcasts: tuple[BroadcastConfig, ...] = ()
    leds: LampsConfig | None = None

    @model_validator(mode="after")
    def _consistent(self) -> "SignalsConfig":
        problems = [*self._quiet_problems(), *self._repeated()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _quiet_problems(self) -> Iterator[str]:
        if (self.quiet_from is None) != (self.quiet_to is None):
            yield "quiet_from and quiet_to belong together; set both or none"
        elif self.quiet_from is not None and self.quiet_from == self.quiet_to:
            yield "quiet_from equals quiet_to; for silence set sound to none"
        for broadcast in self.broadcasts:
            if self.is_quiet(broadcast.at):
                yield f"broadcast at {broadcast.at:%H:%M} lies in the quiet hours; move one of them"

    def _repeated(self) -> Iterator[str]:
        slots = [(b.at, day) for b in self.broadcasts for day in dict.fromkeys(b.days)]
        for at, day in sorted({slot for slot in slots if slots.count(slot) > 1}):
            yield f"two broadcasts on {day} at {at:%H:%M}; move one by a minute or more"

    def is_quiet(self, at: time) -> bool:
        """Whether a time of day lies in the quiet hours, which may pass midnight."""
        if self.quiet_from is None or self.quiet_to is None:
            return False
        if self.quiet_from < self.quiet_to:
            return self.quiet_from <= at < self.quiet_to
        return at >= self.quiet_from or at < self.quiet_to
