"""What the technician is told about certificates, at a real broker."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.doctor.brokers import _ask
from edge.doctor.certificates import certificates, ends
from tests.contract.servers import Broker
from wire.broker import BrokerConfig, wrong_tls


def told(broker: BrokerConfig) -> str:
    return str(_ask("hub_broker", broker, away="warn"))


# paho leaves a socket whose handshake failed to the collector
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_doctor_tells_one_refusal_from_another(broker: Broker) -> None:
    config = broker.edge_config("p01")
    assert told(config).startswith("ok")
    foreign = broker.certs.foreign
    refused = told(broker.edge_config("p01", foreign.client("p01")))
    assert refused.startswith("fail")
    assert "does not take" in refused
    stranger = told(config.model_copy(update={"ca": foreign.ca}))
    assert stranger.startswith("fail")
    assert "is hub_broker.ca the broker's authority" in stranger
    nowhere = config.model_copy(update={"cert": Path("no.crt")})
    assert "no.crt" in told(nowhere)
    assert wrong_tls({"hub_broker": config}) == []
    assert len(wrong_tls({"hub_broker": nowhere})) == 1


def test_the_doctor_knows_how_long_a_certificate_is_good(broker: Broker) -> None:
    config = broker.edge_config("p01")
    now_ms = round(datetime.now(UTC).timestamp() * 1000)
    assert [one.level for one in certificates(config, now_ms)] == ["ok", "ok"]
    until = datetime(2029, 5, 3, tzinfo=UTC)
    path = Path("p01.crt")
    assert ends(path, until, until - timedelta(days=59)).level == "warn"
    assert ends(path, until, until + timedelta(days=1)).level == "fail"
