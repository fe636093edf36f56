"""The loudspeaker's thread: plays what is wished for, and says when it cannot.

A tone cuts into a broadcast, which then goes on a second before the cut. Mixing both would need a
device that mixes, which not every sound card of a point is; and a tone under speech is not heard.
"""

import logging
import queue
from collections.abc import Callable
from typing import Literal

from edge.events import Event, PortDown, PortHeard
from edge.ports.worker import PortWorker
from edge.readings import BadFrame
from edge.signals import sounds, tones
from edge.signals.config import BroadcastConfig, SignalsConfig
from edge.signals.program import NoSoundError, SoundError
from edge.signals.sounds import Sound
from edge.signals.wishes import BroadcastWish, ToneWish, Wishes

NAME = "loudspeaker"
REWIND_S = 1.0
STALE_TONE_MS = 1500
STALE_BROADCAST_MS = 120_000
SoundState = Literal["ok", "none", "failed"]
log = logging.getLogger(__name__)


class Loudspeaker(PortWorker):
    """Tried again like a port; without a card it stays ``none`` and looks again now and then."""

    def __init__(
        self, config: SignalsConfig, events: "queue.Queue[Event]", up_ms: Callable[[], int]
    ) -> None:
        super().__init__(NAME, "sound", events)
        self.state: SoundState = "none"
        self._config = config
        self._up_ms = up_ms
        self._wishes = Wishes()
        self._tones: dict[tuple[tones.ToneName, bool], Sound] = {}
        self._recorded: dict[BroadcastConfig, Sound] = {}
        self._told = ""

    def tone(self, name: tones.ToneName, *, quiet: bool) -> None:
        """Ask for a tone; never blocks."""
        self._wishes.ask(ToneWish(name, quiet, self._up_ms()))

    def broadcast(self, broadcast: BroadcastConfig) -> None:
        """Ask for a broadcast; never blocks."""
        self._wishes.ask(BroadcastWish(broadcast, self._up_ms()))

    def hush(self) -> None:
        """End the running broadcast and forget the waiting one."""
        self._wishes.hush()

    def stop(self) -> None:
        super().stop()
        self._wishes.close()

    def pump(self) -> None:
        try:
            self._serve()
        except NoSoundError as error:
            self.state = "none"
            if str(error) != self._told:
                self._told = str(error)
                self._events.put(PortDown(self.name, self._told))
        except BaseException:
            self.state = "failed"
            raise

    def _run(self) -> None:
        try:
            super()._run()
        finally:
            for sound in (*self._tones.values(), *self._recorded.values()):
                sound.file.close()

    def _serve(self) -> None:
        self._prepare()
        self._probe()
        self.state, self._told = "ok", ""
        self.opened()
        while not self._stop.is_set():
            wish = self._wishes.take()
            if isinstance(wish, ToneWish):
                self._sound(wish)
            elif wish is not None and self._up_ms() - wish.up_ms <= STALE_BROADCAST_MS:
                self._say(wish.broadcast)

    def _prepare(self) -> None:
        """Once, before the first tone: levelling a minute of music must not keep a tone waiting."""
        if self._tones:
            return
        for broadcast in self._config.broadcasts:
            if broadcast.file is not None:
                try:
                    self._recorded[broadcast] = sounds.recorded(broadcast.file, self._config.volume)
                except SoundError as error:
                    self._broadcast_failed(error)
        self._tones = {
            (name, quiet): sounds.tone(name, volume)
            for name in tones.TONE_NAMES
            for quiet, volume in ((False, self._config.volume), (True, self._config.quiet_volume))
        }

    def _probe(self) -> None:
        silence = sounds.silence()
        try:
            silence.play(self._config.sound, self._wishes.cuts_tone)
        finally:
            silence.file.close()

    def _sound(self, wish: ToneWish) -> None:
        """A tone that comes too late would be taken for the next card's."""
        if self._up_ms() - wish.up_ms > STALE_TONE_MS:
            log.warning("tone %s was %d ms late; left out", wish.name, self._up_ms() - wish.up_ms)
            return
        sound = self._tones[wish.name, wish.quiet]
        sound.play(self._config.sound, self._wishes.cuts_tone)
        self._events.put(PortHeard(self.name, bytes=sound.frames * 2, frames=1))

    def _say(self, broadcast: BroadcastConfig) -> None:
        sound = self._recorded.get(broadcast)
        if sound is not None:
            self._air(sound)
        elif (spoken := self._spoken(broadcast)) is not None:
            with spoken.file:
                self._air(spoken)

    def _air(self, sound: Sound) -> None:
        frame = 0
        while frame < sound.frames and not self._wishes.ended():
            if (tone := self._wishes.take_tone()) is not None:
                self._sound(tone)
                frame = max(frame - round(REWIND_S * sound.rate_hz), 0)
            frame = sound.play(self._config.sound, self._wishes.cuts_broadcast, frame)
        self._events.put(PortHeard(self.name, bytes=frame * sound.channels * 2, frames=1))

    def _spoken(self, broadcast: BroadcastConfig) -> Sound | None:
        """Without espeak-ng there are still tones."""
        if broadcast.text is None:
            return None
        while not self._wishes.ended():
            if (tone := self._wishes.take_tone()) is not None:
                self._sound(tone)
            try:
                sound = sounds.spoken(
                    broadcast.text, self._config.volume, self._wishes.cuts_broadcast
                )
            except SoundError as error:
                self._broadcast_failed(error)
                return None
            if sound is not None:
                return sound
        return None

    def _broadcast_failed(self, error: SoundError) -> None:
        log.warning("broadcast: %s", error)
        bad = BadFrame("broadcast", str(error))
        self._events.put(PortHeard(self.name, bytes=0, frames=0, bad=(bad,)))
