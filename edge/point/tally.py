"""小结: what a shift saw, folded from its facts like the rest of the state. Pure."""

from dataclasses import dataclass, field

from wire.codec import Fact
from wire.facts import Deposit, Manual, Shift, Tap, Verdict, VerdictUndone
from wire.point_bus import ScreenCounts


@dataclass
class Tally:
    """Since the last shift began or ended; the verdict in force counts, once a visit."""

    taps: int = 0
    test_taps: int = 0
    manual: int = 0
    deposits: int = 0
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def apply(self, fact: Fact) -> None:
        """Take one recorded fact."""
        body = fact.body
        if isinstance(body, Shift):
            self._start_again()
        elif isinstance(body, Verdict):
            self.verdicts[body.visit] = body
        elif isinstance(body, VerdictUndone):
            self.verdicts.pop(body.visit, None)
        elif fact.envelope.test:
            self.test_taps += isinstance(body, Tap)
        else:
            self.taps += isinstance(body, Tap)
            self.manual += isinstance(body, Manual)
            self.deposits += isinstance(body, Deposit)

    def _start_again(self) -> None:
        self.taps = self.test_taps = self.manual = self.deposits = 0
        self.verdicts.clear()

    def counts(self) -> ScreenCounts:
        """For the screen."""
        values = [verdict.value for verdict in self.verdicts.values()]
        return ScreenCounts(
            taps=self.taps,
            manual=self.manual,
            accepted=values.count("accepted"),
            corrected=values.count("corrected"),
            rejected=values.count("rejected"),
            unclear=values.count("unclear"),
            bulk=sum(verdict.mode == "bulk" for verdict in self.verdicts.values()),
            deposits=self.deposits,
            test_taps=self.test_taps,
        )
