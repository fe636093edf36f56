"""What a hand can do to a simulated device, as words typed in a terminal."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device_sim.devices.asked_lines import AskedLine, ScaleBus
from device_sim.devices.load import Scale
from device_sim.devices.mischief import BusMischief
from device_sim.devices.mqtt_readers import WifiReader
from device_sim.devices.mqtt_scales import WifiScale
from device_sim.devices.serial_lines import CardSender, Indicator, Pn532Reader, SerialDevice

Device = SerialDevice | WifiReader | WifiScale


class HandError(ValueError):
    """Words that this device does not understand; says what it expects."""


@dataclass(frozen=True)
class Verb:
    """``fits`` says which devices understand it."""

    usage: str
    help: str
    fits: tuple[type, ...]
    do: Callable[..., None]


def _number(text: str, low: float, high: float) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        msg = f"{text!r}: expected a number from {low:g} to {high:g}"
        raise HandError(msg)
    return value


def _scale(device: Any, address: str) -> Scale:
    if not isinstance(device, AskedLine):
        found: Scale = device.scale
        return found
    scale = device.scales.get(_address(address))
    if scale is None:
        msg = f"address {address}: expected one of {', '.join(map(str, device.scales))}"
        raise HandError(msg)
    return scale


def _address(text: str) -> int:
    return round(_number(text, 1, 247))


def _drop(device: Any, kilograms: str, address: str = "1") -> None:
    grams = round(_number(kilograms, -150, 150) * 1000)
    _scale(device, address).load.drop(time.monotonic(), grams)


def _restart(device: Any, kilograms: str = "0", address: str = "1") -> None:
    _scale(device, address).restart(round(_number(kilograms, -150, 150) * 1000))


def _plug(device: Any, path: str = "") -> None:
    try:
        device.replug(Path(path) if path else None)
    except OSError as error:
        msg = f"{path}: {error.strerror}; expected a path that can be made"
        raise HandError(msg) from None


def _set(name: str) -> Callable[..., None]:
    def chance(device: Any, probability: str) -> None:
        setattr(device.mischief, name, _number(probability, 0, 1))

    return chance


def _well(device: Any) -> None:
    mischief = device.mischief
    mischief.noise = mischief.torn = mischief.flipped = 0.0
    mischief.stuck = mischief.silent = False
    if isinstance(mischief, BusMischief):
        for faults in (mischief.dead, mischief.late_s, mischief.refusing):
            faults.clear()


def _late(device: Any, address: str, seconds: str) -> None:
    device.mischief.late_s[_address(address)] = _number(seconds, 0, 60)


def _refuse(device: Any, address: str, code: str) -> None:
    device.mischief.refusing[_address(address)] = round(_number(code, 1, 11))


READER = (CardSender, Pn532Reader, WifiReader)
SCALE = (Indicator, AskedLine, WifiScale)
LINE = (SerialDevice,)
BUS = (AskedLine,)
WIFI = (WifiReader, WifiScale)
VERBS: Mapping[str, Verb] = {
    "card": Verb("card NUMBER", "lay a card on it", READER, lambda d, card: d.lay(card)),
    "take": Verb("take", "take the card away", READER, lambda d: d.take()),
    "drop": Verb("drop KG [ADDRESS]", "throw something in; negative: take it out", SCALE, _drop),
    "restart": Verb("restart [KG] [ADDRESS]", "a power cut; KG is the new zero", SCALE, _restart),
    "unplug": Verb("unplug", "pull it out of the machine", LINE, lambda d: d.unplug()),
    "plug": Verb("plug [PATH]", "put it back, as another node", LINE, _plug),
    "noise": Verb("noise CHANCE", "strange bytes before a frame", LINE, _set("noise")),
    "torn": Verb("torn CHANCE", "a frame without its end", LINE, _set("torn")),
    "flipped": Verb("flipped CHANCE", "one bit of a frame is wrong", LINE, _set("flipped")),
    "stuck": Verb(
        "stuck", "repeat the last frame", LINE, lambda d: setattr(d.mischief, "stuck", True)
    ),
    "silent": Verb(
        "silent", "say nothing", LINE, lambda d: setattr(d.mischief, "silent", True)
    ),
    "dead": Verb(
        "dead ADDRESS", "it no longer answers", BUS,
        lambda d, address: d.mischief.dead.add(_address(address)),
    ),
    "late": Verb("late ADDRESS SECONDS", "it answers later than it should", BUS, _late),
    "refuse": Verb("refuse ADDRESS CODE", "only exception replies", (ScaleBus,), _refuse),
    "well": Verb("well", "none of these faults any more", LINE, _well),
    "vanish": Verb("vanish", "its power fails: last will, no goodbye", WIFI, lambda d: d.vanish()),
}  # fmt: skip


def obey(device: Device, line: str) -> None:
    """Do what a line says; HandError says what it should have been."""
    word, *rest = line.split()
    verb = VERBS.get(word)
    if verb is None or not isinstance(device, verb.fits):
        msg = f"{word!r}: expected one of {', '.join(understood(device))}"
        raise HandError(msg)
    needed = sum(part.isalpha() and part.isupper() for part in verb.usage.split())
    if not needed <= len(rest) <= len(verb.usage.split()) - 1:
        msg = f"{line!r}: expected {verb.usage}"
        raise HandError(msg)
    try:
        verb.do(device, *rest)
    except HandError:
        raise
    except ValueError as error:
        raise HandError(str(error)) from None


def understood(device: Device) -> list[str]:
    """The words that fit this device."""
    return [word for word, verb in VERBS.items() if isinstance(device, verb.fits)]


def help_of(device: Device) -> str:
    """One line a word."""
    fitting = [VERBS[word] for word in understood(device)]
    return "\n".join(f"  {verb.usage:<26}{verb.help}" for verb in fitting)
