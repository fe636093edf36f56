"""The hub's side of the conversation, as the wire document tells it, in memory."""

import secrets
from dataclasses import dataclass, field

from wire.codec import chain_next, chain_seed, decode_batch, decode_fact
from wire.session import Hello, Receipt, Welcome


@dataclass
class ModelHub:
    generation: str = field(default_factory=lambda: secrets.token_hex(16))
    lines: dict[tuple[str, int], bytes] = field(default_factory=dict)
    by_id: dict[str, bytes] = field(default_factory=dict)
    repeats: int = 0

    def cursor(self, epoch: str) -> tuple[int, str]:
        upto, chain = 0, chain_seed(epoch)
        while (line := self.lines.get((epoch, upto + 1))) is not None:
            upto, chain = upto + 1, chain_next(chain, line)
        return upto, chain.hex()

    def on_hello(self, hello: Hello) -> Welcome:
        upto, chain = self.cursor(hello.epoch)
        return Welcome(
            nonce=hello.nonce, utc_ms=0, hub_generation=self.generation, epoch=hello.epoch,
            upto=upto, chain=chain, state="leased",
        )  # fmt: skip

    def on_batch(self, payload: bytes) -> Receipt:
        header, lines = decode_batch(payload)
        upto, _ = self.cursor(header.epoch)
        for seq, line in enumerate(lines, start=header.first_seq):
            if seq <= upto:
                assert self.lines[header.epoch, seq] == line, "same key, other bytes"
            elif seq == upto + 1:
                upto = seq
                self.lines[header.epoch, seq] = line
                fact_id = decode_fact(line).id
                self.repeats += fact_id in self.by_id
                assert self.by_id.setdefault(fact_id, line) == line
        upto, chain = self.cursor(header.epoch)
        return Receipt(
            epoch=header.epoch, upto=upto, chain_at_upto=chain, hub_generation=self.generation
        )

    def restored(self) -> "ModelHub":
        """What a backup of now becomes when it is restored later."""
        return ModelHub(lines=dict(self.lines), by_id=dict(self.by_id))
