"""The filter's side of a milter connection: commands in, replies out, and the order they must come in.

The shape is h11's: ``receive`` bytes, take ``next_event`` until it is None, ``send`` replies::

    connection = FilterConnection(actions, options, macros)
    connection.receive(data)
    while (event := connection.next_event()) is not None:
        if isinstance(event, Negotiate):
            out = connection.agree(event)
        elif connection.owes_reply:
            out = connection.send(Continue())
"""

from __future__ import annotations

from enum import IntFlag

from lazaretto.errors import ProtocolError
from lazaretto.protocols.milter import events as e
from lazaretto.protocols.milter import packets

VERSION = 6


class WrongReply(RuntimeError):
    """A reply that must not be sent now: our own mistake, never the peer's."""


class State(IntFlag):
    """Where a connection is; flags, so that a set of states is a plain number (this is asked for every packet)."""

    NEW = 1  # negotiation comes first
    IDLE = 2  # no message
    ENVELOPE = 4
    HEADERS = 8
    BODY = 16
    VERDICT = 32  # the message is whole, the mail server waits
    CLOSED = 64


_OPEN = State.ENVELOPE | State.HEADERS | State.BODY
_BEFORE_VERDICT = State.IDLE | _OPEN

# Code -> states it may come in, state it leads to (None: no change).  A command that starts something anew in the
# middle of a message gives the message up, as libmilter has it (engine.c, "try to abort").
_ORDER: dict[bytes, tuple[State, State | None]] = {
    b"C": (_BEFORE_VERDICT, State.IDLE),
    b"H": (_BEFORE_VERDICT, State.IDLE),
    b"M": (_BEFORE_VERDICT, State.ENVELOPE),
    b"R": (State.ENVELOPE, None),
    b"T": (State.ENVELOPE, None),
    b"L": (State.ENVELOPE | State.HEADERS, State.HEADERS),
    b"N": (State.ENVELOPE | State.HEADERS, State.BODY),
    b"B": (_OPEN, State.BODY),
    b"E": (_OPEN, State.VERDICT),
    b"U": (_BEFORE_VERDICT, None),
    b"D": (_BEFORE_VERDICT, None),
    b"A": (_BEFORE_VERDICT | State.VERDICT, State.IDLE),
    b"K": (_BEFORE_VERDICT | State.VERDICT, State.IDLE),
    b"Q": (State.NEW | _BEFORE_VERDICT | State.VERDICT, State.CLOSED),
    b"O": (State.NEW, None),
}
_RULES = {
    code[0]: (code, int(states), None if following is None else int(following), packets.COMMANDS[code])
    for code, (states, following) in _ORDER.items()
}
_HEADER, _MACROS, _END = b"LDE"
_IDLE = int(State.IDLE)

_QUIET: dict[bytes, e.Option] = {
    b"C": e.Option.QUIET_CONNECT,
    b"H": e.Option.QUIET_HELO,
    b"M": e.Option.QUIET_MAIL,
    b"R": e.Option.QUIET_RCPT,
    b"T": e.Option.QUIET_DATA,
    b"L": e.Option.QUIET_HEADERS,
    b"N": e.Option.QUIET_END_OF_HEADERS,
    b"B": e.Option.QUIET_BODY,
    b"U": e.Option.QUIET_UNKNOWN,
    b"E": e.Option(0),
}

_MESSAGE_STEPS = (b"E", b"B", b"N", b"L", b"T", b"R", b"M")

_NEEDS: dict[type[e.Replies], e.Action] = {
    e.AddHeader: e.Action.ADD_HEADERS,
    e.InsertHeader: e.Action.ADD_HEADERS,
    e.ChangeHeader: e.Action.CHANGE_HEADERS,
    e.ReplaceBody: e.Action.CHANGE_BODY,
    e.Quarantine: e.Action.QUARANTINE,
    e.DeleteRecipient: e.Action.DELETE_RECIPIENTS,
    e.ChangeSender: e.Action.CHANGE_SENDER,
}


class FilterConnection:
    """``actions`` we may want to take, ``options`` we should like, ``macros`` wanted at each stage (all of them
    are cut down to what the mail server offers).  After negotiation ``actions`` and ``options`` are what holds."""

    def __init__(
        self,
        actions: e.Action,
        options: e.Option,
        macros: tuple[tuple[e.Stage, bytes], ...] = (),
        longest: int = packets.MAX_PACKET,
    ) -> None:
        self.actions = actions
        self.options = options
        self._state = int(State.NEW)
        self.owes_reply = False
        self._wanted = macros
        self._framer = packets.Framer(longest)
        self._macros: dict[bytes, dict[bytes, bytes]] = {}
        self._step = b""  # command that the owed reply answers
        self._answered: frozenset[bytes] = frozenset()
        self._idle = int(State.IDLE)
        self._leading_space = True
        self._after: e.Command | None = None

    def receive(self, data: bytes) -> None:
        self._framer.receive(data)

    def next_event(self) -> e.Command | None:
        """The next command, or None when more bytes are needed.  Raises ProtocolError, after which the
        connection is of no use."""
        if self._after is not None:
            return self._finish_message()
        framed = self._framer.next_packet()
        if framed is None:
            return None
        number, data = framed
        rule = _RULES.get(number)
        if rule is None or not rule[1] & self._state:
            raise ProtocolError(f"milter command {number:#x} in state {self.state.name}")
        code, _, following, decode = rule
        if number == _END and data:  # Sendmail may send the last chunk along with the end
            self._after = e.EndOfMessage()
            self._state = State.BODY.value
            return e.Body(data)
        if number == _HEADER:
            event: e.Command = packets.header(data, self._leading_space)
        else:
            event = decode(data)
        self._enter(code, following)
        if number == _MACROS and isinstance(event, e.Macros):
            self._macros[event.step] = event.values
        return event

    @property
    def state(self) -> State:
        return State(self._state)

    def _finish_message(self) -> e.Command | None:
        event, self._after = self._after, None
        self._enter(b"E", State.VERDICT.value)
        return event

    def _enter(self, code: bytes, following: int | None) -> None:
        if following is not None:
            self._state = self._idle if following == _IDLE else following
        self.owes_reply = code in self._answered
        self._step = code
        if code in (b"A", b"K"):
            self._forget(everything=code == b"K")

    def _forget(self, everything: bool = False) -> None:
        """Macros live as long as what they belong to."""
        if everything:
            self._macros.clear()
        for step in _MESSAGE_STEPS:
            self._macros.pop(step, None)

    def macro(self, name: bytes) -> bytes:
        """The macro's value (name without braces) at the latest step that gave it; b"" when none did."""
        for step in (*_MESSAGE_STEPS, b"H", b"C"):
            values = self._macros.get(step)
            if values and name in values:
                return values[name]
        return b""

    def agree(self, offer: e.Negotiate) -> bytes:
        """Our answer to the mail server's offer.  Raises ProtocolError when there is no common version."""
        if self._state != State.NEW:
            raise WrongReply("negotiation is over")
        if offer.version < 2:
            raise ProtocolError(f"milter protocol version {offer.version} is too old")
        self.actions &= offer.actions
        self.options &= offer.options
        self._leading_space = bool(self.options & e.Option.LEADING_SPACE)
        self._answered = frozenset(code for code, quiet in _QUIET.items() if not quiet & self.options)
        self._idle = int(State.ENVELOPE if self.options & e.Option.NO_MAIL else State.IDLE)
        self._state = self._idle
        macros = self._wanted if self.actions & e.Action.SET_MACROS else ()
        return packets.negotiate(e.Negotiate(min(offer.version, VERSION), self.actions, self.options, macros))

    def send(self, reply: e.Replies) -> bytes:
        """The bytes of a reply.  Modifications come before the final reply, at the end of the message only.
        Raises WrongReply when it is out of place and ValueError when it cannot be expressed."""
        if not self.owes_reply:
            raise WrongReply(f"nobody waits for {type(reply).__name__}")
        if not isinstance(reply, e.Final | e.Progress):
            if self._state != State.VERDICT:
                raise WrongReply(f"{type(reply).__name__} before the end of the message")
            if self._needs(reply) & ~self.actions:
                raise WrongReply(f"{type(reply).__name__} was not negotiated")
        data = packets.reply(reply, self._leading_space)
        if isinstance(reply, e.Final):
            self._settle(reply)
        return data

    @staticmethod
    def _needs(reply: e.Replies) -> e.Action:
        if isinstance(reply, e.AddRecipient):
            return e.Action.ADD_RECIPIENTS_ARGS if reply.args else e.Action.ADD_RECIPIENTS
        return _NEEDS[type(reply)]

    def _settle(self, reply: e.Final) -> None:
        """A final reply ends the message, except Continue and Skip before its end and a refused recipient."""
        self.owes_reply = False
        if self._step in (b"C", b"H", b"U"):
            return
        goes_on = isinstance(reply, e.Continue | e.Skip) and self._state != State.VERDICT
        refused = self._step == b"R" and not isinstance(reply, e.Accept | e.Discard)
        if not goes_on and not refused:
            self._state = self._idle
            self._forget()
