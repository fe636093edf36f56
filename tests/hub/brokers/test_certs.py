"""The hub's own authority: what it issues, how long, and what it never does."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError
from typer.testing import CliRunner

from hub.brokers.certs import ALARM_BEFORE, LIFE, RENEW_BEFORE, Authority
from hub.brokers.mosquitto import acl_file
from hub.brokers.pem import VALID_FROM, CertsError, load_cert
from hub.cli import app

NOW = datetime(2026, 5, 3, tzinfo=UTC)
NODES = [f"p{no:02d}" for no in range(1, 13)]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path / "certs")
    made.issue(["hub", *NODES], ["hub.lan", "127.0.0.1"], NOW)
    return made


def verifies(authority: Authority, at: datetime) -> bool:
    """As a node without a clock would look at the broker at that time."""
    policy = PolicyBuilder().store(Store([load_cert(authority.ca)])).time(at)
    verifier = policy.build_server_verifier(x509.DNSName("hub.lan"))
    try:
        verifier.verify(load_cert(authority.broker.cert), [])
    except VerificationError:
        return False
    return True


def test_a_node_without_a_clock_believes_the_broker(authority: Authority) -> None:
    assert verifies(authority, VALID_FROM + timedelta(hours=1))
    assert verifies(authority, NOW)
    assert not verifies(authority, NOW + LIFE + timedelta(days=100))
    starts = [load_cert(one.path).not_valid_before_utc for one in authority.issued()]
    assert set(starts) == {VALID_FROM}


def test_no_fleet_goes_dark_on_one_day(authority: Authority) -> None:
    ends = {one.until.date() for one in authority.issued() if one.use == "client"}
    assert len(ends) > len(NODES) // 2
    assert min(ends) >= (NOW + LIFE).date()


def test_keys_are_the_owners_alone(authority: Authority) -> None:
    keys = [*authority.folder.rglob("*.key")]
    assert len(keys) == 2 + len(NODES) + 1
    for path in authority.folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_second_issue_makes_nothing(authority: Authority) -> None:
    assert authority.issue(["hub", *NODES], [], NOW) == []
    assert authority.issue(["hub", *NODES], ["127.0.0.1", "hub.lan"], NOW) == []
    assert [one.name for one in authority.issue([], ["hub.other"], NOW)] == ["broker"]


def test_a_renewal_comes_before_the_alarm_and_keeps_the_key(authority: Authority) -> None:
    first = min((one for one in authority.issued() if one.use == "client"), key=lambda o: o.until)
    files = authority.client(first.name)
    key, before = files.key.read_bytes(), load_cert(files.cert)
    late = first.until - RENEW_BEFORE + timedelta(days=1)
    assert not first.ends_soon(late)
    assert RENEW_BEFORE > ALARM_BEFORE
    assert first.name in [one.name for one in authority.issue(["hub", *NODES], [], late)]
    after = load_cert(files.cert)
    assert files.key.read_bytes() == key
    assert after.public_key() == before.public_key()
    assert after.not_valid_after_utc > late + LIFE
    assert authority.revoke(first.name, late) == 2, "the old one is still good, and goes too"
    crl = x509.load_pem_x509_crl(authority.crl.read_bytes())
    assert {one.serial_number for one in crl} == {before.serial_number, after.serial_number}
    authority.issue([first.name], [], late)
    assert load_pem_private_key(files.key.read_bytes(), None).public_key() != after.public_key()


def test_an_authority_that_lost_its_key_makes_no_other(authority: Authority) -> None:
    (authority.folder / "ca.key").unlink()
    with pytest.raises(CertsError, match=r"ca\.key: missing; put it back"):
        authority.issue(["p99"], [], NOW)


def test_a_node_may_say_three_things_and_hear_five() -> None:
    rights = acl_file(community="lhyy", hub="hub", nodes=["p01"]).split("user p01\n")[1]
    lines = rights.split()
    assert (lines.count("write"), lines.count("read")) == (3, 5)
    assert "#" not in rights
    assert "readwrite" not in rights


def run(*words: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(word) for word in words])
    return done.exit_code, done.output


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "hub.toml"
    file.write_text(
        'community = "lhyy"\ndata = "d"\nnodes = ["p01"]\n[broker]\nca = "d/certs/ca.crt"\n'
        'cert = "d/certs/clients/hub.crt"\nkey = "d/certs/clients/hub.key"\n'
    )
    return file


def test_the_commands_say_what_is_missing_and_what_ends(config: Path, tmp_path: Path) -> None:
    store = ("--store", tmp_path / "b", "--mqtt-port", 8883)
    code, said = run("broker-config", "--config", config, "--kind", "mosquitto", *store)
    assert (code, "run lianxin-hub certs issue first" in said) == (1, True), said
    code, said = run("certs", "issue", "--config", config)
    assert (code, "--host NAME" in said) == (1, True), said
    code, said = run("certs", "issue", "--config", config, "--host", "hub.lan")
    assert (code, said.strip().endswith("3 made")) == (0, True), said
    code, said = run("certs", "list", "--config", config)
    assert (code, said.count("good until")) == (0, 4), said
    authority = Authority(tmp_path / "d" / "certs")
    authority.client("p01").cert.unlink()
    soon = datetime.now(UTC) - timedelta(days=60)
    authority.issue(["p01"], [], soon, life=timedelta(days=1))
    code, said = run("certs", "list", "--config", config)
    assert (code, "p01" in said.splitlines()[0]) == (1, True), said
    code, said = run("certs", "revoke", "p77", "--config", config)
    assert (code, "p77.crt: no such certificate" in said) == (1, True), said


def test_mosquitto_without_certificates_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "hub.toml"
    file.write_text(
        'community = "lhyy"\ndata = "d"\nnodes = { p01 = "n" }\n[broker]\npassword = "h"\n'
    )
    store = ("--store", tmp_path / "b", "--mqtt-port", 8883)
    code, said = run("broker-config", "--config", file, "--kind", "mosquitto", *store)
    assert (code, "mosquitto is set up with certificates only" in said) == (2, True), said


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('nodes = ["p01"]\n[broker]\npassword = "h"\n', "p01 without password"),
        ('nodes = { hub = "n" }\n[broker]\npassword = "h"\n', "the hub's own user name"),
        ('[broker]\nca = "a"\ncert = "b"\n', "give ca, cert and key together"),
        ('[broker]\nca = "a"\ncert = "b"\nkey = "c"\npassword = "h"\n', "two credentials"),
        ("[broker]\nport = 1\n", "broker.password: missing"),
    ],
)
def test_a_credential_that_cannot_work_is_told(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "hub.toml"
    file.write_text(f'community = "lhyy"\ndata = "d"\n{text}')
    code, said = run("config", "check", file)
    assert code == 2
    assert problem in said, said
