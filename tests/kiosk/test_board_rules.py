"""Any order of taps, keys, lost and late messages: no verdict lands on the neighbour."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kiosk.point.board import FRESH_MS, bus
from kiosk.point.keys import KEYS, Key
from kiosk.point.waiting import answered, due
from tests.kiosk.hand import Hand
from wire.point_bus import Command, Reply

ALL_KEYS: list[Key] = sorted(set(KEYS.values()))


class Terminal(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.hand = Hand()
        self.meant: dict[str, tuple[str, ...]] = {}
        self.on_the_way: list[Command] = []
        self.replies: list[Reply] = []

    @rule(ms=st.sampled_from([10, 100, 260, 1100, 5000]))
    def time_passes(self, ms: int) -> None:
        self.hand.wait(ms)

    @rule(known=st.booleans())
    def somebody_taps_unseen(self, known: bool) -> None:
        self.hand.point.tap("1-1-101" if known else None)

    @rule(known=st.booleans())
    def a_tap_alone_never_moves_the_arrow(self, known: bool) -> None:
        self.hand.look()
        before = self.hand.board.arrow
        self.hand.tap("9-9-999" if known else None)
        if before is not None:
            assert self.hand.board.arrow == before

    @rule(key=st.sampled_from(ALL_KEYS))
    def key(self, key: Key) -> None:
        before = self.hand.board
        meant = before.target.visit if before.target else ""
        listed = tuple(v.visit for v in before.listed)
        refusing = before.refusing is not None
        self.hand.press(key, apart_ms=1)
        board = self.hand.board
        new = [p for p in board.pending if p not in before.pending]
        new += [board.kept] if board.kept and board.kept != before.kept else []
        assert len(new) <= 1
        for pending in new:
            command = pending.command
            self.meant[command.command_id] = listed if command.action == "judge_all" else (meant,)
            if command.action == "judge" and not refusing:
                first_shown = before.shown_ms[meant]
                assert self.hand.now_ms - first_shown >= FRESH_MS
            if command.action == "judge":
                assert (command.value == "rejected") == (command.reason is not None) == refusing

    @rule()
    def send(self) -> None:
        self.hand.board, commands = due(self.hand.board, self.hand.now_ms)
        self.on_the_way += commands

    @precondition(lambda self: self.on_the_way)
    @rule(lost=st.booleans())
    def the_point_hears(self, lost: bool) -> None:
        command = self.on_the_way.pop(0)
        reply = self.hand.point.answer(command)
        if not lost:
            self.replies.append(reply)

    @precondition(lambda self: self.replies)
    @rule()
    def a_reply_arrives(self) -> None:
        reply = self.replies.pop(0)
        self.hand.board = answered(self.hand.board, reply, self.hand.now_ms)

    @rule()
    def the_screen_arrives(self) -> None:
        self.hand.look()

    @precondition(lambda self: self.hand.point.visits)
    @rule(data=st.data())
    def a_visit_changes_or_goes(self, data: st.DataObject) -> None:
        visit = data.draw(st.sampled_from(self.hand.point.visits)).visit
        if data.draw(st.booleans()):
            self.hand.point.change(visit)
        else:
            self.hand.point.leave(visit)

    @rule()
    def the_shift_changes(self) -> None:
        self.hand.point.on_duty = not self.hand.point.on_duty

    @rule(up=st.booleans())
    def the_bus_comes_or_goes(self, up: bool) -> None:
        if not up:
            self.on_the_way.clear()
            self.replies.clear()
        self.hand.board = bus(self.hand.board, up=up)

    @invariant()
    def the_arrow_stands_on_something_undecided_or_nothing_is(self) -> None:
        board = self.hand.board
        if board.pending:
            return
        assert (board.arrow is None) == (not board.visits)
        assert board.arrow is None or board.arrow in {v.visit for v in board.visits}

    @invariant()
    def every_verdict_is_on_the_visit_that_was_meant(self) -> None:
        for command in self.hand.point.received:
            if command.action == "judge":
                assert (command.visit,) == self.meant[command.command_id]
            elif command.action == "judge_all":
                assert command.shown == self.meant[command.command_id]

    @invariant()
    def half_made_decisions_exclude_each_other(self) -> None:
        assert not (self.hand.board.refusing and self.hand.board.listed)

    def teardown(self) -> None:
        """When the bus carries again, everything is answered and nothing stays pending."""
        self.hand.board = bus(self.hand.board, up=True)
        for _ in range(3):
            self.hand.wait(5000)
            self.hand.exchange()
        assert self.hand.board.pending == ()
        undecided = {v.visit for v in self.hand.board.undecided}
        assert undecided == {v.visit for v in self.hand.point.visits}


TestTerminal = Terminal.TestCase
TestTerminal.settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
