"""The roster and settings a point works with for weeks without a hub."""

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.failpoints import reached
from edge.store.file import sync_folder
from wire.base import Door
from wire.codec import BadMessageError, decode, encode
from wire.facts import CardState
from wire.roster import PageRef, RosterManifest, RosterPage, RosterPerson, Settings

log = logging.getLogger(__name__)


class RosterCache:
    """Pages are swapped in together, when every page of a manifest is there and whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "roster"
        self._manifest: RosterManifest | None = None
        self._pages: dict[int, bytes] = {}
        self._whole = False
        self.version = 0
        self.doors: dict[str, Door] = {}
        self.blocked: set[str] = set()
        self.people: dict[str, RosterPerson] = {}
        self.settings = Settings()
        self._load()

    def take_manifest(self, payload: bytes) -> None:
        """A new table of pages; raises BadMessageError."""
        manifest = decode(payload, RosterManifest)
        if self._manifest is None or manifest.pages != self._manifest.pages:
            self._manifest, self._whole = manifest, False
        self._swap_when_complete()

    def take_page(self, payload: bytes) -> None:
        """One page, in any order and before or after its manifest; raises BadMessageError."""
        page = decode(payload, RosterPage)
        manifest = self._manifest if self._whole else None
        if manifest is not None and page_ref(page.no, payload) in manifest.pages:
            return  # in use already: what is retained comes with every connection
        self._pages[page.no] = payload
        self._swap_when_complete()

    def take_settings(self, payload: bytes) -> None:
        """What the hub may change here; raises BadMessageError."""
        settings = decode(payload, Settings)
        if settings != self.settings:
            self.settings = settings
            with self._caching():
                _write(self._folder / "settings.json", payload)

    def look_up(self, tokens: list[str]) -> CardState:
        """What the roster says of a card under any of its tokens."""
        found = [token for token in tokens if token in self.doors]
        if not found:
            return "unknown"
        return "blocked" if self.blocked.issuperset(found) else "known"

    def door_of(self, token: str) -> Door | None:
        """The door a card belongs to."""
        return self.doors.get(token)

    def knows_door(self, door: str) -> bool:
        """Whether some card of the roster opens onto this door."""
        return door in self.doors.values()

    def person_with(self, tokens: list[str]) -> RosterPerson | None:
        """Somebody who may open a shift with this card."""
        return next((p for p in self.people.values() if p.card in tokens), None)

    def _swap_when_complete(self) -> None:
        manifest = self._manifest
        if manifest is None or self._whole:
            return
        pages = [self._pages.get(page.no) for page in manifest.pages]
        whole = [
            payload
            for payload, page in zip(pages, manifest.pages, strict=True)
            if payload is not None and page_ref(page.no, payload) == page
        ]
        if len(whole) < len(manifest.pages):
            return
        with self._caching():
            self._keep(manifest, whole)
        self._use(manifest.version, whole)
        self._whole = True
        self._pages.clear()

    def _keep(self, manifest: RosterManifest, payloads: list[bytes]) -> None:
        """New pages beside the old ones, then the manifest that names them, then the old go."""
        for page, payload in zip(manifest.pages, payloads, strict=True):
            _write(self._page_file(page), payload)
        reached("edge-before-manifest")
        _write(self._folder / "manifest.json", encode(manifest))
        named = {self._page_file(page) for page in manifest.pages}
        for old in {*self._folder.glob("page-*"), *self._folder.glob("*.part")} - named:
            old.unlink()

    @contextmanager
    def _caching(self) -> Iterator[None]:
        """Without space the roster is used all the same; the hub sends it after a restart."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            yield
        except OSError as error:
            log.warning("%s: not cached: %s; free space", self._folder, error)

    def _use(self, version: int, payloads: Iterable[bytes]) -> None:
        doors: dict[str, Door] = {}
        blocked: set[str] = set()
        people: dict[str, RosterPerson] = {}
        one_of_each: dict[str, Door] = {}
        for payload in payloads:  # a page at a time: 11,000 cards as models take megabytes
            page = decode(payload, RosterPage)
            for card, door, state in page.cards:
                doors[card] = one_of_each.setdefault(door, door)
                if state == "blocked":
                    blocked.add(card)
            people |= {person.person: person for person in page.people}
        self.doors, self.blocked, self.people = doors, blocked, people
        self.version = version
        log.info("roster %d: %d cards, %d people", version, len(self.doors), len(self.people))

    def _load(self) -> None:
        """What was cached; a damaged cache is ignored, the hub sends it again."""
        try:
            manifest = decode((self._folder / "manifest.json").read_bytes(), RosterManifest)
            self._use(manifest.version, self._cached(manifest))
            self._manifest, self._whole = manifest, True
        except FileNotFoundError:
            pass
        except (BadMessageError, OSError) as error:
            log.warning("%s: ignored: %s; waiting for the hub", self._folder, error)
        try:
            self.settings = decode((self._folder / "settings.json").read_bytes(), Settings)
        except FileNotFoundError:
            pass
        except (BadMessageError, OSError) as error:
            log.warning("%s: settings ignored: %s; using defaults", self._folder, error)

    def _cached(self, manifest: RosterManifest) -> Iterator[bytes]:
        for page in manifest.pages:
            payload = self._page_file(page).read_bytes()
            if page_ref(page.no, payload) != page:
                raise BadMessageError("bad_page", f"page {page.no} is not what the manifest names")
            yield payload

    def _page_file(self, page: PageRef) -> Path:
        """Named by its content: a half-changed roster never stands under the old manifest."""
        return self._folder / f"page-{page.sha256}.json"


def page_ref(no: int, payload: bytes) -> PageRef:
    """How a manifest names this page."""
    return PageRef(no=no, sha256=hashlib.sha256(payload).hexdigest())


def _write(path: Path, payload: bytes) -> None:
    """Replace as a whole, on the disk when this returns: a power cut leaves the old or the new."""
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(payload)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)
