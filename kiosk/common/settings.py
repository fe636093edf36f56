"""What the files of a desk and of a self-check machine share: the hub, the cards, the colours."""

from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from wire.base import TopicPart
from wire.config_file import FilePath, Section


def on_this_machine(host: str) -> bool:
    """Whether a name or address never leaves the machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _private(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        msg = "expected https://host or https://host:port"
        raise ValueError(msg)
    if parts.scheme == "http" and not on_this_machine(parts.hostname):
        msg = "names and cards would cross the network unprotected; expected https://"
        raise ValueError(msg)
    return url.rstrip("/")


HubUrl = Annotated[str, AfterValidator(_private)]


class HubConfig(Section):
    """The hub and this machine's account there."""

    url: HubUrl
    username: str
    password: str
    ca: Annotated[FilePath | None, Field(description="the hub's own authority, PEM")] = None


class TerminalConfig(Section):
    """A terminal that works over HTTP. ``taps``: a reader's socket, or what the hub passes on."""

    desk: TopicPart
    title: Annotated[str, Field(max_length=12)] = ""
    language: Literal["zh", "en"] = "zh"
    theme: Literal["day", "night"] = "day"
    taps: Annotated[Literal["hub"] | FilePath, Field(union_mode="left_to_right")]
    hub: HubConfig
