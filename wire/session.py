"""The conversation between a node and its hub: hello, welcome, facts, receipt, status."""

from typing import Annotated, Literal

from pydantic import Field

from wire.base import (
    Code,
    Count,
    Cursor,
    Hex128,
    Hex256,
    Message,
    Seq,
    Text,
    TopicPart,
    Trust,
    UtcMs,
    WireModel,
)

MAX_BATCH_LINES = 50
MAX_BATCH_BYTES = 16 * 1024
MAX_UNRECEIPTED = 200
"""Facts a node may have sent without a receipt."""


class Hello(Message):
    """A node is here; sent on every connect, and again when its welcome does not come."""

    node: TopicPart = Field(description="the credential; the fact key names the point instead")
    epoch: Hex128
    boot: Count
    boot_id: Code
    next_seq: Seq
    acked: Cursor = Field(description="the node's own record of the last receipt")
    nonce: Hex128 = Field(description="one per start; two live ones are a cloned card")
    software: Text
    roster: Count | None = Field(
        None, description="version of the roster held; the hub publishes another one again"
    )
    hub_generation: Hex128 | None = Field(
        None, description="the hub that acknowledged; if it now holds less, it was rolled back"
    )


class Welcome(Message):
    """The hub's answer to one hello, named by its nonce; also its time of day."""

    nonce: Hex128
    utc_ms: UtcMs = Field(description="hub time; uncertain by half the round trip")
    hub_generation: Hex128 = Field(description="new when the hub lost or restored its store")
    epoch: Hex128
    upto: Cursor
    chain: Hex256 = Field(description="the hub's chain at upto")
    state: Literal["leased", "quarantined"]


class FactsHeader(Message):
    """First line of a facts payload; ``count`` fact lines follow, each ended by LF."""

    epoch: Hex128
    first_seq: Seq
    count: Annotated[int, Field(ge=1, le=MAX_BATCH_LINES)]
    nonce: Hex128


class Rejected(WireModel):
    """A line that was received, kept and shown, but not understood."""

    seq: Seq
    reason: Code


class Receipt(Message):
    """Everything up to ``upto`` is committed at the hub. A PUBACK means nothing."""

    epoch: Hex128
    upto: Cursor
    chain_at_upto: Hex256
    hub_generation: Hex128
    rejected: Annotated[tuple[Rejected, ...], Field(max_length=MAX_BATCH_LINES)] = ()


class PortStatus(WireModel):
    """One device connection, with the counters that tell a wrong speed from a dead cable."""

    name: Code
    kind: Code
    up: bool
    bytes: Count = 0
    frames: Count = 0
    errors: Count = 0
    last_error: Text = ""


class Status(Message):
    """Retained; the last will is the same with ``online`` false, boot and nonce."""

    online: bool
    boot: Count
    nonce: Hex128
    at_ms: UtcMs | None = None
    trust: Trust = "none"
    attended: bool = False
    taps: Count = 0
    deposits: Count = 0
    verdicts: Count = 0
    unjudged: Count = 0
    waiting: Count = Field(0, description="facts without a receipt")
    oldest_waiting_ms: UtcMs | None = None
    scales_ok: Count = 0
    scales_total: Count = 0
    ports: Annotated[tuple[PortStatus, ...], Field(max_length=40)] = ()
    software: Text = ""
