"""The roster at a point: swapped in whole, found again after a start, held once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from edge.link.roster_cache import RosterCache, page_ref
from hub.registry.roster import Roster, encode_roster
from tests.edge.points import SUPERVISOR, card
from wire.roster import CARDS_PER_PAGE, RosterCard

CARDS = CARDS_PER_PAGE + 5
DOORS = 300


def _roster(version: int, *, blocked: int = 7) -> tuple[bytes, list[bytes]]:
    cards: tuple[RosterCard, ...] = tuple(
        (card(number), f"{number % DOORS}-1-101", "blocked" if number == blocked else "ok")
        for number in range(CARDS)
    )
    manifest, pages = encode_roster(Roster(cards, (SUPERVISOR,)), version, 0)
    return manifest, list(pages.values())


@pytest.fixture
def cache(tmp_path: Path) -> RosterCache:
    return RosterCache(tmp_path)


def _take(cache: RosterCache, version: int, *, blocked: int = 7) -> None:
    manifest, pages = _roster(version, blocked=blocked)
    for page in pages:
        cache.take_page(page)
    cache.take_manifest(manifest)


def _is_whole(cache: RosterCache, version: int) -> None:
    assert (cache.version, len(cache.doors), list(cache.people)) == (version, CARDS, ["v03"])
    assert cache.door_of(card(301)) == "1-1-101"
    assert [cache.look_up([card(number)]) for number in (6, 7, CARDS)] == [
        "known", "blocked", "unknown",
    ]  # fmt: skip
    assert cache.look_up([card(7), card(8)]) == "known", "one good token is enough"
    assert cache.knows_door("299-1-101")
    assert not cache.knows_door("300-1-101")


@pytest.mark.parametrize("first", ["manifest", "pages"])
def test_pages_and_manifest_come_in_any_order(cache: RosterCache, first: str) -> None:
    manifest, (one, two) = _roster(3)
    if first == "manifest":
        cache.take_manifest(manifest)
    cache.take_page(two)
    assert cache.version == 0, "half a roster is none"
    cache.take_page(one)
    cache.take_manifest(manifest)
    _is_whole(cache, 3)


def test_a_start_without_a_hub_finds_it(cache: RosterCache, tmp_path: Path) -> None:
    _take(cache, 3)
    _is_whole(RosterCache(tmp_path), 3)


def test_a_damaged_cache_is_no_roster_until_the_hub_sends_it_again(
    cache: RosterCache, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _take(cache, 3)
    page = max(
        (tmp_path / "roster").glob("page-*"), key=lambda path: b"blocked" in path.read_bytes()
    )
    page.write_bytes(page.read_bytes().replace(b"blocked", b"ok").replace(b'"ok"', b'"ok" ', 1))
    fresh = RosterCache(tmp_path)
    assert (fresh.version, fresh.doors) == (0, {})
    assert "is not what the manifest names" in caplog.text
    _take(fresh, 3)
    _is_whole(fresh, 3)


def test_what_is_retained_and_in_use_is_not_held_a_second_time(cache: RosterCache) -> None:
    _take(cache, 3)
    _take(cache, 3)  # every connection brings it again
    assert not cache._pages
    _take(cache, 4, blocked=9)
    assert (cache.version, cache.look_up([card(7)]), cache.look_up([card(9)])) == (
        4, "known", "blocked",
    )  # fmt: skip


def test_a_power_cut_between_new_pages_and_their_manifest_leaves_the_old_roster(
    tmp_path: Path,
) -> None:
    _take(RosterCache(tmp_path), 3)
    (tmp_path / "roster" / "half.part").write_bytes(b"{")
    child = subprocess.run(
        [sys.executable, "-c", _TAKES_VERSION_4, tmp_path],
        env={**os.environ, "LIANXIN_FAILPOINT": "edge-before-manifest"},
        check=False,
    )
    assert child.returncode == -signal.SIGKILL
    _is_whole(RosterCache(tmp_path), 3)
    cache = RosterCache(tmp_path)
    _take(cache, 4, blocked=9)
    assert RosterCache(tmp_path).look_up([card(9)]) == "blocked"
    left = {path.name for path in (tmp_path / "roster").iterdir()}
    assert len(left) == 3, "two pages and their manifest; the old ones are gone"


_TAKES_VERSION_4 = """
import sys
from pathlib import Path
from edge.link.roster_cache import RosterCache
from tests.edge.test_roster_cache import _take
_take(RosterCache(Path(sys.argv[1])), 4, blocked=9)
"""


def test_a_page_that_cannot_be_written_leaves_the_old_roster(
    cache: RosterCache, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _take(cache, 3)
    _, (_, page) = _roster(4, blocked=CARDS - 1)
    ref = page_ref(1, page)
    (tmp_path / "roster" / f"page-{ref.sha256}.part").mkdir()  # nobody can write this file
    _take(cache, 4, blocked=CARDS - 1)
    assert "not cached" in caplog.text
    assert (cache.version, cache.look_up([card(CARDS - 1)])) == (4, "blocked"), "used all the same"
    _is_whole(RosterCache(tmp_path), 3)
