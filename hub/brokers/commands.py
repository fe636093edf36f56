"""``lianxin-hub broker-config`` and ``lianxin-hub certs``.

What reads certificates is imported by who needs it: 9 MB that a serving hub does not.
"""

import logging
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from hub.brokers.mosquitto import acl_file, broker_files, mosquitto_config
from hub.brokers.nats import nats_config
from hub.clock import hub_clock
from hub.command import ConfigFile, fail, load
from hub.config import HubConfig

if TYPE_CHECKING:
    from hub.brokers.certs import Authority, Issued

certs = typer.Typer(no_args_is_help=True, help="Certificates of the broker, the hub and the nodes.")
log = logging.getLogger(__name__)


def broker_config(
    *,
    config: ConfigFile,
    mqtt_port: Annotated[int, typer.Option(min=1, max=65535)],
    store: Annotated[Path, typer.Option(help="folder of the broker; it may be lost")],
    kind: Annotated[Literal["nats", "mosquitto"], typer.Option()] = "nats",
    client_port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="nats: its own protocol, loopback only")
    ] = None,
    host: Annotated[str, typer.Option(help="address to listen on")] = "127.0.0.1",
    run_as: Annotated[
        str, typer.Option(help="mosquitto: the user it runs as, who will own --store")
    ] = "mosquitto",
) -> None:
    """Print the broker's configuration; with [broker] cert in hub.toml it asks for certificates.

    For mosquitto its certificates and the list of rights are written to --store. Without
    certificates the text holds passwords: keep it in mode 600.

    Example: lianxin-hub broker-config --config hub.toml --kind mosquitto --host 0.0.0.0
    --mqtt-port 8883 --store /etc/mosquitto/lianxin > /etc/mosquitto/conf.d/lianxin.conf
    """
    settings = load(config)
    authority = _authority(settings)
    if kind == "mosquitto":
        if authority is None:
            fail(["[broker] ca, cert, key: missing; mosquitto is set up with certificates only"], 2)
        _write_files(settings, authority, store, run_as)
        text = mosquitto_config(folder=store, port=mqtt_port, host=host, run_as=run_as)
        typer.echo(text, nl=False)
        return
    if client_port is None:
        fail(["--client-port: missing; nats-server needs one"], 2)
    if authority is None and host != "127.0.0.1":
        fail([f"--host: found {host}; without certificates only 127.0.0.1: see docs/brokers.md"], 2)
    text = nats_config(
        community=settings.community,
        hub=(settings.broker.username, settings.broker.password or ""),
        nodes=settings.nodes, mqtt_port=mqtt_port, client_port=client_port, store=store, host=host,
        authority=authority,
    )  # fmt: skip
    typer.echo(text, nl=False)


def _authority(settings: HubConfig) -> "Authority | None":
    """Without its files a broker would not start, and say so only in its log."""
    from hub.brokers.certs import Authority  # noqa: PLC0415

    if settings.broker.cert is None:
        return None
    authority = Authority(settings.certs)
    for path in (authority.ca, authority.broker.cert, authority.broker.key, authority.crl):
        if not path.exists():
            fail([f"{path}: no such file; run lianxin-hub certs issue first"], 1)
    return authority


def _write_files(settings: HubConfig, authority: "Authority", store: Path, run_as: str) -> None:
    from hub.brokers.pem import write_private  # noqa: PLC0415

    acl = acl_file(community=settings.community, hub=settings.broker.username, nodes=settings.nodes)
    try:
        for name, content in broker_files(authority, acl).items():
            write_private(store / name, content)
        if os.geteuid() == 0:
            for path in (store, *store.iterdir()):
                shutil.chown(path, run_as)
    except OSError as error:
        fail([f"{store}: cannot be written: {error.strerror}; choose another --store"], 1)
    except LookupError:
        fail([f"--run-as: found {run_as}, no user of this machine; install mosquitto first"], 1)


@certs.command(name="issue")
def issue(
    config: ConfigFile,
    host: Annotated[
        list[str] | None, typer.Option(help="name or address of the broker; several times")
    ] = None,
) -> None:
    """Make every certificate that is missing and renew what ends within 120 days.

    A renewal keeps the key: bring the node its new .crt, or let it run out. Run it every week.

    Example: lianxin-hub certs issue --config hub.toml --host hub.lan --host 192.168.1.10
    """
    from hub.brokers.certs import Authority  # noqa: PLC0415
    from hub.brokers.pem import CertsError  # noqa: PLC0415

    settings = load(config)
    names = [settings.broker.username, *sorted(settings.nodes)]
    try:
        made = Authority(settings.certs).issue(names, host or [], _now(settings))
    except (CertsError, OSError, ValueError) as error:
        fail([f"lianxin-hub: {error}"], 1)
    for one in made:
        typer.echo(f"{one.use} {one.name}: until {one.until:%Y-%m-%d}: {one.path}")
    typer.echo(f"{len(made)} made")


@certs.command(name="list")
def list_certs(config: ConfigFile) -> None:
    """Say how long each certificate is good; exit code 1 if one ends within 60 days.

    Example: lianxin-hub certs list --config hub.toml
    """
    from hub.brokers.certs import Authority  # noqa: PLC0415
    from hub.brokers.pem import CertsError  # noqa: PLC0415

    settings = load(config)
    now = _now(settings)
    try:
        issued = Authority(settings.certs).issued()
    except (CertsError, OSError) as error:
        fail([f"lianxin-hub: {error}"], 1)
    for one in issued:
        typer.echo(f"{one.use} {one.name}: {_left(one, now)}")
    missing = sorted({*settings.nodes, settings.broker.username} - {one.name for one in issued})
    if settings.broker.cert is not None and missing:
        typer.echo(f"missing: {', '.join(missing)}; run lianxin-hub certs issue")
    if any(one.ends_soon(now) for one in issued):
        raise typer.Exit(1)


@certs.command(name="revoke")
def revoke(config: ConfigFile, name: str) -> None:
    """Refuse a node's certificates, of a stolen machine for example; the next issue makes new ones.

    Example: lianxin-hub certs revoke p07 --config hub.toml
    """
    from hub.brokers.certs import Authority  # noqa: PLC0415
    from hub.brokers.pem import CertsError  # noqa: PLC0415

    settings = load(config)
    try:
        count = Authority(settings.certs).revoke(name, _now(settings))
    except (CertsError, OSError) as error:
        fail([f"lianxin-hub: {error}"], 1)
    typer.echo(f"{name}: {count} revoked; now run lianxin-hub broker-config and restart the broker")


def warn_of_ends(settings: HubConfig) -> None:
    """One line in the log for each certificate that ends soon."""
    if settings.broker.cert is None:
        return
    from hub.brokers.certs import Authority  # noqa: PLC0415
    from hub.brokers.pem import CertsError  # noqa: PLC0415

    now = _now(settings)
    try:
        issued = Authority(settings.certs).issued()
    except (CertsError, OSError) as error:
        log.warning("certs event=unreadable why=%s", error)
        return
    for one in issued:
        if one.ends_soon(now):
            log.warning("certs event=ends-soon %s=%s %s", one.use, one.name, _left(one, now))


def _left(one: "Issued", now: datetime) -> str:
    days = (one.until - now).days
    if days < 0:
        return f"ended on {one.until:%Y-%m-%d}; run lianxin-hub certs issue, bring it its .crt"
    if one.ends_soon(now):
        return f"{days} days left; run lianxin-hub certs issue, bring it its .crt"
    return f"good until {one.until:%Y-%m-%d}"


def _now(settings: HubConfig) -> datetime:
    return datetime.fromtimestamp(hub_clock(settings.rehearsal_offset_s)() / 1000, UTC)
