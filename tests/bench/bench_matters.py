"""Lists of matters and search over HTTP, 200,000 matters in the store, 5,000 of them open."""

import os
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

import httpx2

from tests.bench import compound, matter_store
from tests.bench.bench_point_memory import memory_mb
from tests.bench.harness import Figure, Place, percentile
from tests.bench.matter_store import MATTERS, NOW_MS
from tests.hub.test_serve import serving, url_of, write_config

LIMIT_MS = 30
ASKED = 100
"""A round and kind of question."""
ALIKE = 200
PAGE = 90
"""What a desk fetches at once."""
PEOPLE = ("o01", "o02", "o03", "o04", "o05", "o06")
BODIES = ("committee", "property")
STATES = ("assigned", "in_progress", "suspended", "to_verify", "closed")
QUEUES = ("open", "unclear", "watch", "call_back", "due", "to_verify", "to_confer", "all")


def figures(place: Place) -> Iterator[Figure]:
    """A serving process over a kept connection; every round asks every kind of question."""
    (place.folder / "data").mkdir()
    engine, password = matter_store.fill(place.folder / "data" / "hub.db")
    other = matter_store.differing(engine, ALIKE)
    engine.dispose()
    yield Figure(f"of {ALIKE} matters, other than the hub writes", "", [len(other)], 0)
    moved_s = NOW_MS // 1000 - round(time.time())
    config = write_config(place.folder, more=f"rehearsal_offset_s = {moved_s}")
    with serving(config) as process, httpx2.Client(base_url=url_of(config), timeout=30) as client:
        form = {"username": "a-desk", "password": password}
        token = client.post("/auth/token", data=form).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        questions = dict(_questions(client))
        rounds = {name: list[list[float]]() for name in questions}
        used = {name: list[float]() for name in questions}
        for _ in range(place.pairs):
            for name, asked in questions.items():
                before_ms = cpu_ms(process.pid)
                rounds[name].append(_round(client, asked))
                used[name].append((cpu_ms(process.pid) - before_ms) / ASKED)
        for name, taken in rounds.items():
            yield _figure(name, taken, used[name])
        memory = memory_mb(process.pid)["VmRSS"]
    yield Figure("the hub resident after it", "MB", [memory], None)


def cpu_ms(pid: int) -> float:
    """What a process has had of the processors, its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) * 1000 / os.sysconf("SC_CLK_TCK")


def _figure(name: str, rounds: list[list[float]], used_ms: list[float]) -> Figure:
    p50 = [percentile(taken, 50) for taken in rounds]
    note = f"p50 {median(p50):.1f}, best {min(p50):.1f} ms; processor {median(used_ms):.1f} ms"
    p99 = [percentile(taken, 99) for taken in rounds]
    return Figure(f"{name}, p99", "ms", p99, LIMIT_MS, note=note)


def _round(client: httpx2.Client, paths: list[str]) -> list[float]:
    taken = []
    for path in islice(cycle(paths), ASKED):
        begun = time.perf_counter()
        answer = client.get(path)
        taken.append((time.perf_counter() - begun) * 1000)
        assert answer.status_code == 200, answer.text
    return taken


def _questions(client: httpx2.Client) -> Iterator[tuple[str, list[str]]]:
    """What a desk asks; addresses by the name of the question."""
    doors = [compound.home(number * 31) for number in range(20)]
    for queue in QUEUES:
        yield f"list {queue}", [_list(queue=queue)]
    yield "list open, 20 a page", [_list(queue="open", limit=20)]
    yield "list mine", [_list(queue="mine", person=person) for person in PEOPLE]
    yield "list of a side", [_list(queue="open", body=body) for body in BODIES]
    yield "list by state", [_list(queue="all", state=state) for state in STATES]
    yield "list by kind", [_list(queue="all", kind=kind) for kind in ("repair", "culture")]
    yield "open ones by kind", [_list(queue="open", kind=kind) for kind in ("other", "rental")]
    yield "list by household", [_list(queue="all", household=door) for door in doors]
    yield "open ones by household", [_list(queue="open", household=door) for door in doors]
    yield "page 2", [_second(client, queue) for queue in ("open", "watch", "all", "to_verify")]
    yield "search, rare words", [_search(word) for word in matter_store.RARE]
    yield "search, common words", [_search(word) for word in matter_store.COMMON]
    pairs = zip(matter_store.SPOTS, matter_store.WHAT, strict=False)
    yield "search, two words", [_search(f"{spot} {what}") for spot, what in pairs]
    yield "search, no such words", [_search(word) for word in ("龙鳄", "灯龙", "zq", "消防龙鳄")]
    yield "search, a door", [_search(_place(door)) for door in doors]
    yield "search, a door as 3-2-501", [_search(door) for door in doors]
    yield "search, a door and a word", [_search(f"{door} 不亮") for door in doors]
    yield "search of open ones", [_list(queue="open", text=w) for w in matter_store.COMMON]
    yield "search of due ones", [_list(queue="due", text=w) for w in matter_store.COMMON]
    yield "a matter by its number", [f"/matters/{n * 9_973 % MATTERS + 1}" for n in range(50)]
    yield "counts of the header", ["/matters/summary", "/matters/summary?body=property"]


def _list(**asked: str | int) -> str:
    return "/matters?" + urlencode({"limit": PAGE} | asked)


def _search(text: str) -> str:
    return _list(queue="all", text=text)


def _second(client: httpx2.Client, queue: str) -> str:
    after = client.get(_list(queue=queue)).json()["next"]
    return _list(queue=queue, after=after)


def _place(door: str) -> str:
    building, unit, room = door.split("-")
    return f"{building}号楼{unit}单元{room}"
