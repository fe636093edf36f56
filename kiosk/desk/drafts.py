"""What was written and not sent: nine drafts by number, and the words of acts by whose they are.

Kept in one file. No personal log.
"""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kiosk.common.once import new_key

MOST = 9
OWNER_ONLY = 0o600
MOST_WORDS = 40
WORDS_MS = 7 * 86_400_000
"""Words that nobody came back to for a week go when others are written."""
Asking = Literal["kind", "place", "text", "phone", "settle", "result"]


class Draft(BaseModel):
    """A matter that is being written."""

    model_config = ConfigDict(frozen=True)

    key: str = Field(default_factory=new_key)
    made_ms: int = 0
    household: str | None = None
    door: str = ""
    kind: str = ""
    place: str = ""
    text: str = ""
    phone: str = ""
    result: str = ""
    asking: Asking = "kind"

    @property
    def empty(self) -> bool:
        """Whether nothing would be lost."""
        return not (self.kind or self.text or self.phone)


class Words(BaseModel):
    """What somebody wrote for an act, question by question, and the key under which it is done."""

    model_config = ConfigDict(frozen=True)

    key: str = Field(default_factory=new_key)
    made_ms: int = 0
    texts: dict[str, str] = {}


class Box(BaseModel):
    """Draft number → draft; officer and what is acted on → words."""

    model_config = ConfigDict(frozen=True)

    drafts: dict[Annotated[int, Field(ge=1, le=MOST)], Draft] = {}
    words: dict[str, Words] = {}

    def free(self) -> int | None:
        """The lowest number without a draft; None when all nine are taken."""
        return next((no for no in range(1, MOST + 1) if no not in self.drafts), None)

    def put(self, number: int, draft: Draft) -> "Box":
        """With this draft at this number."""
        return Box(drafts=dict(sorted({**self.drafts, number: draft}.items())), words=self.words)

    def drop(self, number: int) -> "Box":
        """Without it, and without what was written about it."""
        gone = self.drafts[number].key if number in self.drafts else None
        left = {no: draft for no, draft in self.drafts.items() if no != number}
        words = {where: one for where, one in self.words.items() if f"/draft-{gone}/" not in where}
        return Box(drafts=left, words=words)

    def write(self, place: str, words: Words) -> "Box":
        """With these words there, or none if no text is left; old ones go."""
        since_ms = words.made_ms - WORDS_MS
        kept = [
            (where, one)
            for where, one in self.words.items()
            if where != place and one.made_ms >= since_ms
        ]
        if any(words.texts.values()):
            kept.append((place, words))
        return Box(drafts=self.drafts, words=dict(kept[-MOST_WORDS:]))


def write(path: Path, box: Box) -> None:
    """Whole or not at all, and on the disk when it returns; raises OSError."""
    fresh = path.with_suffix(".new")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNER_ONLY), "wb") as file:
        file.write(box.model_dump_json(indent=1).encode())
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(path: Path) -> tuple[Box, Path | None]:
    """The drafts, and where a damaged file was set aside; raises OSError."""
    try:
        return Box.model_validate_json(path.read_bytes()), None
    except FileNotFoundError:
        return Box(), None
    except ValueError:
        aside = path.with_suffix(".damaged")
        path.replace(aside)
        return Box(), aside
