"""``python -m tests.edge.store.teller PATH``: an outbox behind a pipe, one line a question."""

import secrets
import sys
from pathlib import Path

from edge.store.file import StoreFullError
from edge.store.outbox import NewFact, Outbox
from wire.codec import encode_fact
from wire.facts import Emptied, Stamp


def answer(outbox: Outbox, question: str) -> str:
    if question == "reopen":
        return "open" if outbox.reopen() else f"closed {outbox.trouble}"
    fact_id = secrets.token_hex(16)
    stamp = Stamp(boot=1, boot_id="b", up_ms=1, wall_ms=1, trust="hub")
    body = Emptied(bin=1, grams=9, level_g=0)
    fact = NewFact(fact_id, 1, encode_fact(fact_id, stamp, body))
    try:
        outbox.append([fact])
    except StoreFullError as error:
        return f"refused {fact.id} {error}"
    return f"recorded {fact.id}"


def main() -> None:
    outbox = Outbox(Path(sys.argv[1]), "lhyy", "p03")
    for question in sys.stdin:
        sys.stdout.write(answer(outbox, question.strip()) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
