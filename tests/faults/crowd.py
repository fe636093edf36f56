"""A crowd that taps without pause and a supervisor who accepts everybody, as threads."""

import os
import secrets
import threading
import time

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from tests.faults.site import CARDS, POINT, Site, card_frame, supervisor_frame
from wire import topics
from wire.codec import decode, encode
from wire.point_bus import Command, Reply, Screen, Signal

TAP_EVERY_S = 0.06
ASK_AGAIN_S = 1.0


class Crowd:
    """The truth: which facts were answered "recorded", which verdicts were answered "done"."""

    def __init__(self, site: Site, master: int) -> None:
        self.recorded: set[str] = set()
        self.done: set[str] = set()
        self.tapped = 0
        self.last_signal_s = 0.0
        self._master = master
        self._screen: Screen | None = None
        self._asked: dict[str, Command] = {}
        self._paused = threading.Event()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="terminal")
        self._client.username_pw_set(f"terminal-{POINT}", "t")
        self._client.on_message = self._heard
        self._client.on_connect = self._subscribe
        self._client.connect("127.0.0.1", site.ports["bus"])
        self._client.loop_start()
        self._threads = [threading.Thread(target=run) for run in (self._tap, self._judge)]
        for thread in self._threads:
            thread.start()

    def _subscribe(self, client: mqtt.Client, *_: object) -> None:
        for topic in (topics.SCREEN, topics.REPLY, topics.SIGNAL):
            client.subscribe(topic.of(POINT), 1)

    def _heard(self, _client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        payload = bytes(message.payload)
        with self._lock:
            if message.topic == topics.SCREEN.of(POINT):
                self._screen = decode(payload, Screen)
            elif message.topic == topics.SIGNAL.of(POINT):
                signal = decode(payload, Signal)
                if signal.reader == "reader-1" and signal.fact and not message.retain:
                    self.recorded.add(signal.fact)
                    self.last_signal_s = time.monotonic()
            else:
                reply = decode(payload, Reply)
                if self._asked.pop(reply.command_id, None) and reply.fact:
                    self.done.add(reply.fact)

    def _tap(self) -> None:
        while not self._stop.wait(TAP_EVERY_S):
            if self._paused.is_set():
                continue
            with self._lock:
                screen = self._screen
            if screen is not None and screen.shift is None and self.tapped % 60 == 0:
                os.write(self._master, supervisor_frame())  # not held: again after 5 s
            self.tapped += 1
            os.write(self._master, card_frame(self.tapped % CARDS + 1))

    def _judge(self) -> None:
        """Asks again until answered, as a terminal does; looks at the new screen when stale."""
        again_s: dict[str, float] = {}
        while not self._stop.wait(0.2):
            with self._lock:
                screen = self._screen
                asked = {command.visit for command in self._asked.values()}
                for visit in screen.visits[:10] if screen and screen.shift else ():
                    if visit.visit not in asked and screen is not None:
                        command = Command(
                            command_id=secrets.token_hex(16), screen_rev=screen.screen_rev,
                            action="judge", visit=visit.visit, value="accepted",
                        )  # fmt: skip
                        self._asked[command.command_id] = command
                commands = list(self._asked.values())
            for command in commands:
                if time.monotonic() >= again_s.get(command.command_id, 0.0):
                    again_s[command.command_id] = time.monotonic() + ASK_AGAIN_S
                    self._client.publish(topics.COMMAND.of(POINT), encode(command), 1)

    def busy(self) -> bool:
        """Whether something was answered in the last moments."""
        return time.monotonic() - self.last_signal_s < 1

    def attended(self) -> bool:
        """Whether the shift is open."""
        with self._lock:
            return self._screen is not None and self._screen.shift is not None

    def pause(self) -> None:
        self._paused.set()

    def go_on(self) -> None:
        self._paused.clear()

    def all_judged(self) -> bool:
        with self._lock:
            return not self._asked and self._screen is not None and not self._screen.visits

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._client.disconnect()
        self._client.loop_stop()
