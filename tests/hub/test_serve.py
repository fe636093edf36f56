"""The hub as a process: starts, refuses to start, and ends, each with one clear line."""

import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest
from sqlmodel import Session
from typer.testing import CliRunner, Result

from hub.access.users import role_of
from hub.brokers.nats import nats_config
from hub.cli import app
from hub.db import make_engine
from tests.programs import NatsServer, free_port, until

HUB = (sys.executable, "-m", "hub")
ROOT = Path(__file__).parents[2]


def write_config(folder: Path, *, http_port: int = 0, broker_port: int = 1, more: str = "") -> Path:
    path = folder / "hub.toml"
    path.write_text(
        f'community = "lhyy"\ndata = "data"\nnodes = {{ p01 = "n1" }}\n{more}\n'
        f"[http]\nport = {http_port}\n"
        f'[broker]\nport = {broker_port}\npassword = "h"\n'
    )
    path.chmod(0o600)
    return path


def run(*words: str | Path) -> Result:
    """The command in this process: a start of its own costs seconds and shows no more."""
    mask = os.umask(0o022)
    try:
        return CliRunner().invoke(app, [str(word) for word in words])
    finally:
        os.umask(mask)


@contextmanager
def serving(config: Path, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    log = config.with_suffix(".log")
    with log.open("w") as out:
        process = subprocess.Popen(
            [*HUB, "serve", "--config", config], cwd=ROOT, stdout=out, stderr=out, text=True,
            env=os.environ | (env or {}),
        )  # fmt: skip
    try:
        until(lambda: "lianxin-hub: lhyy at" in log.read_text(), "the hub serves")
        yield process
    finally:
        process.kill()
        process.wait()


def url_of(config: Path) -> str:
    text = config.with_suffix(".log").read_text()
    return text.split("lianxin-hub: lhyy at ")[1].split()[0]


def test_it_serves_without_a_broker_says_so_once_and_ends_cleanly(tmp_path: Path) -> None:
    config = write_config(tmp_path, broker_port=free_port())
    with serving(config) as process:
        url = url_of(config)
        assert httpx2.get(f"{url}/healthz").status_code == 200
        until(lambda: "no answer" in config.with_suffix(".log").read_text(), "it is told")
        assert httpx2.get(f"{url}/readyz").status_code == 503
        password = config.with_suffix(".log").read_text().split("admin password: ")[1].split()[0]
        form = {"username": "admin", "password": password}
        assert httpx2.post(f"{url}/auth/token", data=form).status_code == 200
        second = run("serve", "--config", config)
        assert (second.exit_code, second.stderr.count("\n")) == (1, 1)
        assert "another lianxin-hub serves this folder" in second.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0
    log = config.with_suffix(".log").read_text()
    assert "Traceback" not in log
    assert log.count("event=down") == 1
    assert log.count("admin password") == 1


def test_it_is_ready_with_a_broker(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "nats.conf").write_text(
        nats_config(
            community="lhyy", hub=("hub", "h"), nodes={"p01": "n1"}, mqtt_port=port,
            client_port=free_port(), store=tmp_path / "nats",
        )
    )  # fmt: skip
    config = write_config(tmp_path, broker_port=port)
    with NatsServer(tmp_path / "nats.conf", port), serving(config) as process:
        url = url_of(config)
        until(lambda: httpx2.get(f"{url}/readyz").status_code == 200, "the hub is ready")
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
    assert "Traceback" not in config.with_suffix(".log").read_text()


def test_a_dead_worker_ends_the_process(tmp_path: Path) -> None:
    config = write_config(tmp_path, broker_port=free_port())
    site = tmp_path / "broken"
    site.mkdir()
    (site / "sitecustomize.py").write_text(
        "import hub.intake.inbox as i\n"
        "def take(self, timeout_s):\n"
        "    raise RuntimeError('made to fail')\n"
        "i.Inbox.take = take\n"
    )
    done = subprocess.run(
        [*HUB, "serve", "--config", config], cwd=ROOT, capture_output=True, text=True, timeout=60,
        check=False, env=os.environ | {"PYTHONPATH": f"{site}:{ROOT}"},
    )  # fmt: skip
    assert done.returncode == 1
    assert "thread=intake event=died why=RuntimeError: made to fail" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_busy_port_is_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("serve", "--config", write_config(tmp_path, http_port=port))
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert f"127.0.0.1:{port}: cannot listen" in done.stderr


def test_a_store_that_is_none_is_one_line(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "hub.db").write_bytes(b"this is not a database, " * 100)
    done = run("serve", "--config", config)
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1), done.stderr
    assert "not a database" in done.stderr


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql+pg8000://hub:s3cret@127.0.0.1/hub", "pg8000 is not installed"),
        ("postgresql+pg8000://hub@127.0.0.1/hub?password=s3cret", "pg8000 is not installed"),
        ("oracel://hub:s3cret@127.0.0.1/hub", "unknown kind of database"),
        ("hub:s3cret", "no URL at all"),
    ],
)
def test_a_store_of_another_kind_is_one_line_without_its_password(
    tmp_path: Path, url: str, says: str
) -> None:
    config = write_config(tmp_path, more=f'database = "{url}"')
    for command in ("init", "serve", "rebuild"):
        done = run(command, "--config", config)
        assert (done.exit_code, done.stderr.count("\n")) == (1, 1), done.stderr
        assert says in done.stderr
        assert "s3cret" not in done.output


def test_what_a_command_makes_is_nobody_elses_to_read(tmp_path: Path) -> None:
    run("init", "--config", write_config(tmp_path))
    data = tmp_path / "data"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (data, *data.iterdir())}
    assert modes == {"data": 0o700, "hub.db": 0o600, "secret": 0o600}


def test_a_wrong_configuration_tells_everything_at_once(tmp_path: Path) -> None:
    config = tmp_path / "hub.toml"
    config.write_text(
        'community = "Luo Hu"\ndata = "d"\nnodes = { "P 1" = "x", p02 = "a b" }\nspeed = 1\n'
        '[http]\nport = 99999\n[broker]\nport = "x"\n'
    )
    done = run("config", "check", config)
    assert done.exit_code == 2
    for key in ("community", "nodes", "speed", "http.port", "broker.port", "broker.password"):
        assert f"{config}: {key}" in done.stderr, done.stderr
    assert "a b" not in done.stderr, "a password is never shown"
    assert "Traceback" not in done.stderr


def test_init_import_and_user_from_the_command_line(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    first, again = run("init", "--config", config), run("init", "--config", config)
    assert first.stdout.count("admin password: ") == 1
    assert "admin password" not in again.stdout
    homes = tmp_path / "h.csv"
    homes.write_text("building,unit,room,kind,from_day\n1,1,101,residence,2026-01-01\n")
    dry = run("import", "--config", config, "--households", homes, "--dry-run")
    assert dry.stdout == "checked: 1 households (rows: 3 new, 0 changed, 0 as before)\n"
    assert "imported: 1" in run("import", "--config", config, "--households", homes).stdout
    homes.write_text("building,unit,room,kind,from_day\n1,1,101,palace,2026-01-01\n")
    bad = run("import", "--config", config, "--households", homes)
    assert (bad.exit_code, "h.csv:2: kind" in bad.stderr) == (2, True)
    user = run("user", "add", "li.fang", "--role", "office", "--config", config)
    assert user.stdout.startswith("li.fang password: ")
    assert run("user", "add", "li.fang", "--config", config).exit_code == 1
    assert run("user", "add", "l" * 65, "--config", config).exit_code == 2
    assert run("user", "reset", "nobody", "--config", config).exit_code == 1
    reset = run("user", "reset", "li.fang", "--config", config)
    assert reset.stdout.startswith("li.fang password: ")
    old, new = (done.stdout.split()[-1] for done in (user, reset))
    engine = make_engine(f"sqlite:///{tmp_path / 'data' / 'hub.db'}")
    with Session(engine) as session:
        assert role_of(session, "lhyy", "li.fang", new) == "office"
        assert role_of(session, "lhyy", "li.fang", old) is None
    engine.dispose()
    assert "rebuilt from 0 facts" in run("rebuild", "--config", config).stdout


def test_a_hub_at_rest_has_not_loaded_what_only_a_start_or_an_import_needs() -> None:
    code = "import sys, hub.serve; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "pydantic.v1.main" not in done.stdout.split()
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert "uvicorn" in loaded
    assert not loaded & {"pypinyin", "openpyxl", "alembic"}
