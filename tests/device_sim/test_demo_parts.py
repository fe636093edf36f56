"""The parts of a rehearsal that fail in front of people: folder, ports, children, link."""

import contextlib
import os
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from device_sim.compound.files import HOST, Ports
from device_sim.demo import folder as demo_folder
from device_sim.demo.children import Children, run_step
from device_sim.demo.display import HEAD, Row, summary
from device_sim.demo.link_proxy import LinkProxy
from device_sim.demo.trouble import DemoError
from device_sim.truth.log import BadTruthError, TruthLog, read_truth
from tests.device_sim.world import start, tap
from tests.programs import free_port, until


def test_a_folder_is_emptied_and_belongs_to_one_demo(tmp_path: Path) -> None:
    place = tmp_path / "demo"
    with demo_folder.claim(place):
        (place / "old").mkdir()
        (place / "old" / "file").touch()
        with pytest.raises(DemoError, match=f"already runs .*process {os.getpid()}"):
            demo_folder.claim(place)
    with demo_folder.claim(place):
        assert not (place / "old").exists()


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(DemoError, match="holds other files"):
        demo_folder.claim(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_a_file_in_the_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "demo").touch()
    with pytest.raises(DemoError, match="pass --folder"):
        demo_folder.claim(tmp_path / "demo")


def test_a_full_disk_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=1))
    with pytest.raises(DemoError, match="the disk is full"):
        demo_folder.check_space(tmp_path)


def test_every_busy_port_is_named_at_once() -> None:
    with socket.create_server((HOST, 0)) as one, socket.create_server((HOST, 0)) as two:
        busy = (one.getsockname()[1], two.getsockname()[1])
        ports = Ports(busy[0], free_port(), free_port(), busy[1], free_port(), free_port())
        with pytest.raises(DemoError) as trouble:
            demo_folder.check_ports(ports)
    assert all(str(port) in str(trouble.value) for port in busy)
    assert "--port-base" in str(trouble.value)


@pytest.fixture
def children(tmp_path: Path) -> Iterator[Children]:
    family = Children(tmp_path, end_timeout_s=1.0)
    yield family
    family.end(())


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_a_child_that_ends_by_itself_is_named_with_its_last_words(children: Children) -> None:
    children.start("hub", python("import sys; sys.exit('hub.db: disk I/O error')"))

    def ended() -> bool:
        with contextlib.suppress(DemoError):
            children.check()
            return False
        return True

    until(ended, "the condition")
    with pytest.raises(DemoError, match=r"hub ended by itself .*disk I/O error.*hub\.log"):
        children.check()
    children.check(frozenset({"hub"}))


def test_every_child_ends_even_a_stubborn_one(children: Children, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    deaf = f"import signal,time,pathlib; signal.signal(15, 1); pathlib.Path({str(ready)!r}).touch()"
    children.start("deaf", python(f"{deaf}; time.sleep(99)"))
    children.start("polite", python("import time; time.sleep(99)"))
    until(ready.exists, "the condition")
    pids = children.pids()
    children.end(("deaf",))
    for pid in pids.values():
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_killed_child_starts_again_with_the_same_words(children: Children) -> None:
    children.start("node", python("import time; time.sleep(99)"))
    first = children.pids()["node"]
    children.kill("node")
    children.again("node")
    children.check()
    assert children.pids()["node"] != first


def test_a_failed_step_says_why(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match=r"import failed .exit code 3.: row 7: no such door"):
        run_step(
            "import",
            python("import sys; print('row 7: no such door', file=sys.stderr); sys.exit(3)"),
            tmp_path,
        )
    assert run_step("echo", python("import os; print(os.environ['W'])"), tmp_path, {"W": "x"}) == (
        "x\n"
    )


@pytest.fixture
def echo() -> Iterator[tuple[str, int]]:
    """A server that sends everything back."""
    server = socket.create_server((HOST, 0))

    def serve() -> None:
        while True:
            try:
                end, _ = server.accept()
            except OSError:
                return
            with end:
                while data := end.recv(1024):
                    end.sendall(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_a_cut_link_drops_everybody_and_comes_back(echo: tuple[str, int]) -> None:
    here = (HOST, free_port())
    link = LinkProxy(here, echo)
    with socket.create_connection(here) as node:
        node.sendall(b"fact")
        assert node.recv(10) == b"fact"
        link.cut()
        assert node.recv(10) == b""
    with socket.create_connection(here) as refused:
        assert refused.recv(10) == b""
    link.restore()
    with socket.create_connection(here) as node:
        node.sendall(b"again")
        assert node.recv(10) == b"again"
    link.close()


def test_the_truth_is_on_disk_before_anything_else_happens(tmp_path: Path) -> None:
    log = TruthLog(tmp_path / "truth.jsonl", offset_ms=0)
    lines = [start(), *tap(1, "1-1-101"), *tap(2, None, heard=False)]
    for record in lines:
        log.write(record)
        assert read_truth(tmp_path / "truth.jsonl")[-1] == record
    log.close()
    assert read_truth(tmp_path / "truth.jsonl") == lines


def test_a_torn_truth_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "torn").write_text(start().model_dump_json() + '\n{"kind":"tap"')
    with pytest.raises(BadTruthError, match="torn:2"):
        read_truth(tmp_path / "torn")


def test_a_row_stands_under_its_headings() -> None:
    row = Row("p01", 14, 9, 8, 2, 0, link=True, trust="hub", on_duty="v01").text()
    assert [row[HEAD.index(word) :][: len(word)].strip() for word in ("clock", "on duty")] == [
        "hub",
        "v01",
    ]
    assert summary([Row("p01", taps=3), Row("p02", taps=4, link=True)]).startswith("taps=7 ")
    assert summary([Row("p01"), Row("p02", link=True)]).endswith("links=1/2")
