"""Sounds that can be played from any place in them: tones, recorded files, spoken text."""

import tempfile
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from edge.signals import tones
from edge.signals.config import SignalsConfig
from edge.signals.program import SoundError, Stop, run

LONGEST_S = 300
SPEAKING_S = 20.0
PLAYING_S = 2.0
VOICE = "cmn-latn-pinyin"
"""espeak-ng 1.51 (Debian 12) reads Chinese with ``cmn`` as English letters and tone numbers."""


class SoundFileError(SoundError):
    """A recorded file that cannot be played."""


@dataclass(frozen=True)
class Sound:
    """16-bit samples in a file without a name, so that a player can start anywhere."""

    file: IO[bytes]
    rate_hz: int
    channels: int
    frames: int

    def play(self, device: str, stop: Stop, from_frame: int = 0) -> int:
        """Through aplay; the frame that was reached. Raises as program.run."""
        self.file.seek(from_frame * self.channels * 2)
        command = [
            "aplay", "-q", "-D", device, "-t", "raw", "-f", "S16_LE",
            "-r", str(self.rate_hz), "-c", str(self.channels), "-",
        ]  # fmt: skip
        left_s = (self.frames - from_frame) / self.rate_hz
        stopped_s = run(command, left_s + PLAYING_S, stop, self.file)
        if stopped_s is None:
            return self.frames
        return min(from_frame + round(stopped_s * self.rate_hz), self.frames)


def tone(name: tones.ToneName, volume: int) -> Sound:
    """One of the tones."""
    return _sound(tones.RATE_HZ, 1, lambda out: out.write(tones.samples(name, volume)))


def silence() -> Sound:
    """Short: whether it can be played says whether anything can."""
    return _sound(tones.RATE_HZ, 1, lambda out: out.write(bytes(tones.RATE_HZ // 50 * 2)))


def recorded(path: Path, volume: int) -> Sound:
    """A WAV file at a volume; raises SoundFileError naming what was found and expected."""
    try:
        with wave.open(str(path)) as source:
            _check(path, source)

            def copy(out: IO[bytes]) -> None:
                while chunk := source.readframes(source.getframerate()):
                    out.write(tones.levelled(chunk, volume))

            return _sound(source.getframerate(), source.getnchannels(), copy)
    except (wave.Error, EOFError, OSError) as error:
        if isinstance(error, SoundFileError):
            raise
        what = error.strerror if isinstance(error, OSError) and error.strerror else error
        msg = f"{path}: {what or 'not a WAV file'}; expected WAV, 16-bit PCM"
        raise SoundFileError(msg) from None


def _check(path: Path, source: wave.Wave_read) -> None:
    seconds = source.getnframes() / source.getframerate()
    found = f"{source.getsampwidth() * 8} bit, {source.getnchannels()} channels, {seconds:.0f} s"
    if source.getsampwidth() != 2 or source.getnchannels() > 2 or not 0 < seconds <= LONGEST_S:
        msg = f"{path}: {found}; expected 16 bit, 1 or 2 channels, at most {LONGEST_S} s"
        raise SoundFileError(msg)


def spoken(text: str, volume: int, stop: Stop) -> Sound | None:
    """By espeak-ng in Mandarin; None when ``stop`` said so. Raises as program.run."""
    with tempfile.TemporaryDirectory(prefix="lianxin-") as folder:
        path = Path(folder) / "spoken.wav"
        command = ["espeak-ng", "-v", VOICE, "-a", str(volume), "-w", str(path), "--", text]
        if run(command, SPEAKING_S, stop) is not None:
            return None
        return recorded(path, 100)


def problems(config: SignalsConfig | None) -> list[str]:
    """What is wrong with the recorded files; for a daemon it is no reason not to start."""
    found = []
    for number, broadcast in enumerate(config.broadcasts if config else ()):
        if broadcast.file is None:
            continue
        try:
            recorded(broadcast.file, 100).file.close()
        except SoundFileError as error:
            found.append(f"signals.broadcasts[{number}].file: {error}")
    return found


def _sound(rate_hz: int, channels: int, write: Callable[[IO[bytes]], object]) -> Sound:
    file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - lives as long as the sound
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    return Sound(file, rate_hz, channels, size // (2 * channels))
