"""A group of messages becomes one transaction: facts, cursors, projections; then the answers."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlmodel import SQLModel

from hub.intake import store
from hub.intake.decide import Answer, Batch, Cursor, Lease, judge_batch, lease, overlap
from hub.intake.decide import superseded_after as after
from hub.intake.inbound import Inbound, Outbound
from hub.intake.marks import next_mark
from hub.intake.states import PointStates
from hub.intake.store import Epoch
from hub.intake.tables import DeadLetter, FactAlias, FactRow
from hub.meta import ensure_generation, new_generation
from hub.registry.rotation import carry_over
from hub.visits.accepted import Accepted
from hub.visits.project import project
from wire.codec import BadMessageError, Fact, chain_next, decode, decode_batch, decode_fact, encode
from wire.session import MAX_BATCH_LINES, Hello, Receipt, Rejected, Status, Welcome
from wire.topics import RECEIPT, WELCOME, node_of

KEPT_BYTES = 4096


@dataclass(frozen=True)
class Site:
    """Whom this intake serves."""

    community: str
    points: frozenset[str]
    now_ms: Callable[[], int]


@dataclass(frozen=True)
class _Candidate:
    epoch: Epoch
    seq: int
    line: bytes
    message: Inbound


class Unit:
    """Takes messages in order, then writes them; ``answers`` are for after the commit."""

    def __init__(self, connection: Connection, site: Site) -> None:
        self.answers: list[Outbound] = []
        self.counts: Counter[str] = Counter()
        self.accepted: list[Accepted] = []
        self.rosters: dict[str, int] = {}
        self.rolled_back: list[str] = []
        self._connection = connection
        self._site = site
        self._generation = ensure_generation(connection)
        self._epochs: dict[tuple[str, str], Epoch] = {}
        self._receipts: dict[tuple[str, str], list[Rejected]] = {}
        self._candidates: list[_Candidate] = []
        self._pending: dict[tuple[str, str], dict[int, bytes]] = {}
        self._letters: list[dict[str, Any]] = []
        self._states = PointStates()
        self._kinds = {"hello": self._hello, "facts": self._facts, "status": self._status}

    def take(self, message: Inbound) -> None:
        """One message; whatever is wrong with it becomes a dead letter."""
        where = node_of(message.topic)
        if where is None or where[2] not in self._kinds:
            return self._dead(message, "foreign_topic", "not a topic of a node")
        community, point, name = where
        if community != self._site.community:
            return self._dead(message, "foreign_community", f"expected {self._site.community}")
        if point not in self._site.points:
            return self._dead(message, "unknown_node", f"{point} is not in [nodes] of hub.toml")
        if not message.retain:
            self._states.contact(point, message.received_ms)
        try:
            self._kinds[name](point, message)
        except BadMessageError as error:
            self._dead(message, error.reason, error.detail, point=point)

    def finish(self) -> None:
        """Write everything taken; the caller commits."""
        facts, aliases = self._sort_out()
        self._states.write(self._connection, self._site.community)
        rows: dict[type[SQLModel], list[dict[str, Any]]] = {
            FactRow: facts,
            FactAlias: aliases,
            DeadLetter: self._letters,
        }
        store.save(self._connection, self._site.community, rows, self._epochs.values())
        bodies = [one.body for one in self.accepted]
        carry_over(self._connection, self._site.community, bodies, self._site.now_ms())
        project(self._connection, self._site.community, self.accepted)
        for key, rejected in self._receipts.items():
            self._answer_receipts(self._epochs[key], rejected)

    def _epoch(self, point: str, name: str) -> Epoch | None:
        key = (point, name)
        if key not in self._epochs:
            found = store.load_epoch(self._connection, self._site.community, point, name)
            if found is None:
                return None
            self._epochs[key] = found
        return self._epochs[key]

    def _hello(self, point: str, message: Inbound) -> None:
        hello = decode(message.payload, Hello)
        if hello.node not in self._site.points:
            raise BadMessageError("unknown_node", f"{hello.node} is not in [nodes] of hub.toml")
        epoch = self._epoch(point, hello.epoch)
        if epoch is None:
            epoch = self._epochs[(point, hello.epoch)] = store.new_epoch(point, hello.epoch)
        done = lease(hello.nonce, epoch.nonce, epoch.superseded, quarantined=epoch.quarantined)
        self.counts[f"hello_{done}"] += 1
        if done is Lease.QUARANTINED:
            epoch.quarantined = True
        elif done is Lease.TAKEN:
            epoch.superseded = after(epoch.nonce, epoch.superseded)
            epoch.nonce = hello.nonce
        epoch.hello = {
            "node": hello.node,
            "boot": hello.boot,
            "boot_id": hello.boot_id,
            "software": hello.software,
            "hello_ms": message.received_ms,
        }
        if hello.roster is not None:
            self.rosters[point] = hello.roster
        if hello.hub_generation == self._generation and hello.acked > epoch.upto:
            self._roll_back(point, hello, epoch)
        welcome = Welcome(
            nonce=hello.nonce,
            utc_ms=self._site.now_ms(),
            hub_generation=self._generation,
            epoch=hello.epoch,
            upto=epoch.upto,
            chain=epoch.chain.hex(),
            state="quarantined" if epoch.quarantined else "leased",
        )
        topic = WELCOME.of(self._site.community, point)
        self.answers.append(Outbound(topic, encode(welcome), now=True))

    def _roll_back(self, point: str, hello: Hello, epoch: Epoch) -> None:
        """What was acknowledged is not held: this store is an older copy put back.

        Under a new generation every node compares what it has with what is held here.
        """
        self._generation = new_generation(self._connection)
        self.counts["rolled_back"] += 1
        self.rolled_back.append(
            f"point={point} epoch={hello.epoch} acknowledged={hello.acked} held={epoch.upto}"
        )

    def _facts(self, point: str, message: Inbound) -> None:
        header, lines = decode_batch(message.payload)
        epoch = self._epoch(point, header.epoch)
        if epoch is None:
            self.counts["no_hello"] += 1
            return
        batch = judge_batch(
            Cursor(epoch.upto, epoch.nonce, epoch.quarantined),
            header.nonce,
            header.first_seq,
            lines,
            self._held(epoch, header.first_seq, len(lines)),
        )
        self.counts[batch.answer] += 1
        if batch.answer in (Answer.NOT_LEASED, Answer.QUARANTINED):
            return
        self._receipts.setdefault((point, header.epoch), [])
        if batch.answer is Answer.CONFLICT:
            self._conflict(message, epoch, batch)
        elif batch.answer is Answer.TAKE:
            for line in lines[batch.skip :]:
                self._append(epoch, line, message)

    def _held(self, epoch: Epoch, first_seq: int, count: int) -> Mapping[int, bytes]:
        known = overlap(Cursor(epoch.upto, None, quarantined=False), first_seq, count)
        pending = self._pending.get((epoch.point, epoch.epoch), {})
        held = store.held_lines(self._connection, self._site.community, epoch, known)
        return held | {seq: pending[seq] for seq in known if seq in pending}

    def _append(self, epoch: Epoch, line: bytes, message: Inbound) -> None:
        epoch.upto += 1
        epoch.chain = chain_next(epoch.chain, line)
        self._pending.setdefault((epoch.point, epoch.epoch), {})[epoch.upto] = line
        self._candidates.append(_Candidate(epoch, epoch.upto, line, message))

    def _conflict(self, message: Inbound, epoch: Epoch, batch: Batch) -> None:
        detail = f"position {batch.seq} is held with other bytes; expected the same line again"
        self._dead(message, "conflict", detail, epoch=epoch, seq=batch.seq)

    def _status(self, point: str, message: Inbound) -> None:
        if message.payload:
            decode(message.payload, Status)
            self._states.status(point, message.payload)

    def _sort_out(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Fact rows and alias rows of the candidates: each id once, whatever its keys."""
        decoded = [read_line(candidate.line) for candidate in self._candidates]
        ids = {fact.id for fact in decoded if isinstance(fact, Fact)}
        store.take_turn(self._connection)
        known = store.lines_by_id(self._connection, self._site.community, ids)
        arrival, mark = store.newest(self._connection, self._site.community)
        facts: list[dict[str, Any]] = []
        aliases: list[dict[str, Any]] = []
        for candidate, fact in zip(self._candidates, decoded, strict=True):
            key = self._key(candidate)
            if isinstance(fact, BadMessageError):
                aliases.append(key | self._reject(candidate, fact))
            elif fact.id not in known:
                known[fact.id] = candidate.line
                arrival += 1
                facts.append(key | self._accept(candidate, fact, arrival, mark))
                mark = facts[-1]["mark"]
            elif known[fact.id] == candidate.line:
                self.counts["same_fact_again"] += 1
                aliases.append(key | {"fact_id": fact.id, "reason": None, "line": None})
            else:
                other = BadMessageError("id_conflict", f"fact {fact.id} is held with other bytes")
                aliases.append(key | self._reject(candidate, other))
        return facts, aliases

    def _key(self, candidate: _Candidate) -> dict[str, Any]:
        epoch = candidate.epoch
        key = {"community": self._site.community, "point": epoch.point}
        return key | {"epoch": epoch.epoch, "seq": candidate.seq}

    def _accept(
        self, candidate: _Candidate, fact: Fact, arrival: int, before: bytes
    ) -> dict[str, Any]:
        epoch, received_ms = candidate.epoch, candidate.message.received_ms
        epoch.facts += 1
        self.accepted.append(Accepted(arrival, epoch.point, received_ms, fact))
        mark = next_mark(
            before, arrival=arrival, point=epoch.point, epoch=epoch.epoch, seq=candidate.seq,
            received_ms=received_ms, line=candidate.line,
        )  # fmt: skip
        row = {"arrival": arrival, "fact_id": fact.id, "kind": fact.envelope.kind}
        return row | {"received_ms": received_ms, "line": candidate.line, "mark": mark}

    def _reject(self, candidate: _Candidate, error: BadMessageError) -> dict[str, Any]:
        epoch = candidate.epoch
        self._receipts[(epoch.point, epoch.epoch)].append(
            Rejected(seq=candidate.seq, reason=error.reason)
        )
        message = Inbound(candidate.message.topic, candidate.line, candidate.message.received_ms)
        self._dead(message, error.reason, error.detail, epoch=epoch, seq=candidate.seq)
        return {"fact_id": None, "reason": error.reason, "line": candidate.line}

    def _answer_receipts(self, epoch: Epoch, rejected: list[Rejected]) -> None:
        topic = RECEIPT.of(self._site.community, epoch.point)
        for start in range(0, max(1, len(rejected)), MAX_BATCH_LINES):
            receipt = Receipt(
                epoch=epoch.epoch,
                upto=epoch.upto,
                chain_at_upto=epoch.chain.hex(),
                hub_generation=self._generation,
                rejected=tuple(rejected[start : start + MAX_BATCH_LINES]),
            )
            self.answers.append(Outbound(topic, encode(receipt)))

    def _dead(
        self,
        message: Inbound,
        reason: str,
        detail: str,
        *,
        point: str | None = None,
        epoch: Epoch | None = None,
        seq: int | None = None,
    ) -> None:
        self.counts["dead_letters"] += 1
        self._letters.append(
            {
                "community": self._site.community,
                "received_ms": message.received_ms,
                "topic": message.topic[:200],
                "point": epoch.point if epoch else point,
                "epoch": epoch.epoch if epoch else None,
                "seq": seq,
                "reason": reason,
                "detail": detail[:300],
                "size": len(message.payload),
                "payload": message.payload[:KEPT_BYTES],
            }
        )


def read_line(line: bytes) -> Fact | BadMessageError:
    """The fact, or why its line cannot be one."""
    if b"\\u0000" in line:
        return BadMessageError("bad_fact", "holds a NUL, which no text column can keep")
    try:
        return decode_fact(line)
    except BadMessageError as error:
        return error
