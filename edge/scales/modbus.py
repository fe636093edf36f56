"""A Modbus register block to grams, by the profile of the transmitter.

Everything of a slave is read in one request: an RTU answer carries no register address, so a late
answer to another block would be taken for this one.
"""

import struct
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.readings import WeightFault, WeightRead

_WIDTH = {"int16": 1, "int32": 2, "float32": 2}
_FORMAT = {"int16": ">h", "int32": ">i", "float32": ">f"}
MAX_GRAMS = 9_999_999


class ModbusProfile(BaseModel):
    """What the data sheet of the transmitter says about its registers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    function: Literal[3, 4] = 3
    address: Annotated[int, Field(ge=0, le=65535, description="0-based first register")] = 0
    count: Annotated[int, Field(ge=1, le=32)]
    value: Literal["int16", "int32", "float32"] = "int32"
    value_register: Annotated[int, Field(ge=0, le=31, description="offset in the block")] = 0
    word_order: Literal["high", "low"] = "high"
    grams_per_count: Decimal = Decimal(1)
    status_register: Annotated[int | None, Field(ge=0, le=31)] = None
    stable_mask: Annotated[int, Field(ge=0, le=65535)] = 0
    overload_mask: Annotated[int, Field(ge=0, le=65535)] = 0

    @model_validator(mode="after")
    def _fits(self) -> "ModbusProfile":
        needed = max(self.value_register + _WIDTH[self.value], (self.status_register or 0) + 1)
        if needed > self.count:
            msg = f"count is {self.count}, but the value and status need {needed} registers"
            raise ValueError(msg)
        return self


def weight_of(registers: list[int], profile: ModbusProfile) -> WeightRead | WeightFault:
    """The reading of one block; overload and impossible numbers are faults, never weights."""
    if len(registers) != profile.count:
        return WeightFault("short", f"{len(registers)} registers, expected {profile.count}")
    stable = None
    if profile.status_register is not None:
        status = registers[profile.status_register]
        if status & profile.overload_mask:
            return WeightFault("overload", f"status 0x{status:04X}")
        if profile.stable_mask:
            stable = bool(status & profile.stable_mask)
    width = _WIDTH[profile.value]
    words = registers[profile.value_register : profile.value_register + width]
    if profile.word_order == "low":
        words.reverse()
    (raw,) = struct.unpack(_FORMAT[profile.value], struct.pack(f">{width}H", *words))
    value = Decimal(str(raw))
    if not value.is_finite():
        return WeightFault("not_a_number", str(raw))
    return whole_grams(value * profile.grams_per_count, stable)


def whole_grams(grams: Decimal, stable: bool | None) -> WeightRead | WeightFault:
    """Rounded half to even, or a fault beyond what any bin scale weighs."""
    if abs(grams) > MAX_GRAMS:
        return WeightFault("out_of_range", f"{grams} g, at most {MAX_GRAMS}")
    return WeightRead(int(grams.to_integral_value(ROUND_HALF_EVEN)), stable)
