"""Whatever a broker or a stranger may do to messages, done by a client of the hub's broker."""

import queue
import time
from contextlib import ExitStack
from typing import Any

from paho.mqtt.client import Client, MQTTMessage, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion

from device_sim.compound.files import HOST
from device_sim.compound.town import COMMUNITY
from device_sim.demo.trouble import DemoError
from device_sim.fault.place import Place
from wire.codec import decode_batch, encode, encode_batch
from wire.session import FactsHeader, Receipt
from wire.topics import FACTS, QOS, RECEIPT

CAUGHT = 12
HEAR_S = 30.0


def at_the_broker(place: Place) -> None:
    """Batches again, late, backwards, torn, forged and as another node's; receipts that lie."""
    victim, other = place.points[0], place.points[1]
    with ExitStack() as held:
        hub = _client(place, "hub", place.site.passwords.hub, held)
        node = _client(place, victim, place.site.passwords.nodes[victim], held)
        caught = _catch(hub, {victim, other})
        mine = [payload for point, payload in caught if point == victim]
        foreign = [payload for point, payload in caught if point == other]
        bad = [*reversed(mine), *mine, *map(_other_bytes, mine), *foreign, *_torn(mine[0])]
        for payload in bad:
            node.publish(FACTS.of(COMMUNITY, victim), payload, QOS).wait_for_publish(5)
        lies = [lie for payload in mine for lie in _lies(payload)]
        for lie in lies:
            hub.publish(RECEIPT.of(COMMUNITY, victim), lie, QOS).wait_for_publish(5)
    place.wait_for_traffic(taps=10)
    letters = list(place.api.pages("/dead-letters"))
    if not {"conflict", "bad_message", "too_long"} <= {letter["reason"] for letter in letters}:
        msg = f"{len(letters)} dead letters at the hub; expected conflicts and garbage among them"
        raise DemoError(msg)
    place.done.append(f"{len(bad)} false batches, {len(lies)} false receipts")


def _client(place: Place, user: str, password: str, held: ExitStack) -> Client:
    client = Client(CallbackAPIVersion.VERSION2, client_id=f"stranger-{user}", protocol=MQTTv311)
    client.username_pw_set(user, password)
    client.connect(HOST, place.site.ports.hub_mqtt)
    client.loop_start()
    held.callback(client.loop_stop)
    held.callback(client.disconnect)
    return client


def _catch(hub: Client, points: set[str]) -> list[tuple[str, bytes]]:
    """Real batches on their way, of each of these points."""
    heard: queue.Queue[tuple[str, bytes]] = queue.Queue()

    def keep(_client: Client, _data: Any, message: MQTTMessage) -> None:
        heard.put((message.topic.split("/")[3], bytes(message.payload)))

    hub.on_message = keep
    for point in points:
        hub.subscribe(FACTS.of(COMMUNITY, point), QOS)
    end_s, caught = time.monotonic() + HEAR_S, list[tuple[str, bytes]]()
    while len(caught) < CAUGHT or {point for point, _ in caught} != points:
        try:
            caught.append(heard.get(timeout=max(0.1, end_s - time.monotonic())))
        except queue.Empty:
            raise DemoError(f"only {len(caught)} batches were heard in {HEAR_S} s") from None
    return caught


def _other_bytes(payload: bytes) -> bytes:
    """The same keys with another card."""
    header, lines = decode_batch(payload)
    return encode_batch(header, [line.replace(b'"wall_ms":1', b'"wall_ms":2') for line in lines])


def _torn(payload: bytes) -> list[bytes]:
    return [b"", payload[:-9], payload + b"x" * 20_000, b"\xff\xfe" + payload, b'{"v":1}\n']


def _lies(payload: bytes) -> list[bytes]:
    """A receipt from the future, one of another epoch, one with another chain."""
    header, _ = decode_batch(payload)
    return [
        _receipt(header, upto=header.first_seq + 10_000),
        _receipt(header, epoch="ab" * 16),
        _receipt(header),
    ]


def _receipt(header: FactsHeader, *, upto: int | None = None, epoch: str | None = None) -> bytes:
    return encode(
        Receipt(
            epoch=epoch or header.epoch, upto=upto or header.first_seq, chain_at_upto="cd" * 32,
            hub_generation="ef" * 16,
        )
    )  # fmt: skip
