"""The service hall during a rehearsal: it settles days and decides one held visit."""

from device_sim.hub_client import HubClient
from device_sim.truth.log import TruthLog
from device_sim.truth.records import Office as Decision
from device_sim.truth.records import Settle
from wire.day import business_day
from wire.money import format_yuan


class Office:
    """An officer with the password of admin, over the public API."""

    def __init__(self, hub: HubClient, truth: TruthLog, began_ms: int | None = None) -> None:
        self._hub = hub
        self._truth = truth
        self._began = business_day(truth.now_ms() if began_ms is None else began_ms)

    def settle(self) -> list[str]:
        """Settle every business day of the rehearsal; what to tell the onlooker."""
        days = sorted({self._began, business_day(self._truth.now_ms())})
        said = []
        for day in days:
            self._truth.write(Settle(at_ms=self._truth.now_ms(), day=str(day)))
            run = self._hub.post("/settlements", {"day": str(day), "early": True})
            said.append(
                f"{day} is settled: {run['entries']} entries, "
                f"{format_yuan(run['amount_fen'])} yuan, {run['held']} held"
            )
        return said

    def decide_one(self) -> str:
        """The office decides the first held visit in the household's favour."""
        held = next(iter(self._hub.pages("/held")), None)
        if held is None:
            return "nothing is held"
        self._truth.write(
            Decision(at_ms=self._truth.now_ms(), visit=held["visit"], value="accepted")
        )
        body = {"value": "accepted", "reason": "督导员当场口头确认已分类"}
        self._hub.post(f"/held/{held['visit']}/decision", body)
        return f"the office decides one held visit at {held['point']}: accepted"
