"""Everything that is said in a milter conversation: commands of the mail server, replies of the filter.

Strings are bytes, as on the wire: what a stranger put into an address is not ours to decode here.  Header values
are exact: leading space kept, lines of a folded field separated by CRLF as in the message.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag

import msgspec


class Action(IntFlag):
    """What a filter may do with a message (``SMFIF_*``); offered by the mail server, chosen by the filter."""

    ADD_HEADERS = 0x001
    CHANGE_BODY = 0x002
    ADD_RECIPIENTS = 0x004
    DELETE_RECIPIENTS = 0x008
    CHANGE_HEADERS = 0x010
    QUARANTINE = 0x020
    CHANGE_SENDER = 0x040  # version 6
    ADD_RECIPIENTS_ARGS = 0x080  # version 6
    SET_MACROS = 0x100  # version 6: the filter names the macros it wants


class Option(IntFlag):
    """Which steps the filter does without, and which it will not answer (``SMFIP_*``)."""

    NO_CONNECT = 0x000001
    NO_HELO = 0x000002
    NO_MAIL = 0x000004
    NO_RCPT = 0x000008
    NO_BODY = 0x000010
    NO_HEADERS = 0x000020
    NO_END_OF_HEADERS = 0x000040
    QUIET_HEADERS = 0x000080  # "quiet": the filter sends no reply to this step
    NO_UNKNOWN = 0x000100
    NO_DATA = 0x000200
    SKIP = 0x000400  # the mail server understands Skip
    REJECTED_RCPT = 0x000800  # the filter wants to see recipients that were refused
    QUIET_CONNECT = 0x001000
    QUIET_HELO = 0x002000
    QUIET_MAIL = 0x004000
    QUIET_RCPT = 0x008000
    QUIET_DATA = 0x010000
    QUIET_UNKNOWN = 0x020000
    QUIET_END_OF_HEADERS = 0x040000
    QUIET_BODY = 0x080000
    LEADING_SPACE = 0x100000  # header values come and go with the space after the colon


class Stage(IntEnum):
    """Where macros belong (``SMFIM_*``); used to name the macros that are wanted."""

    CONNECT = 0
    HELO = 1
    MAIL = 2
    RCPT = 3
    DATA = 4
    END_OF_MESSAGE = 5
    END_OF_HEADERS = 6


class _Said(msgspec.Struct, frozen=True):
    """Compared by type and content, cheap to make: a message is some hundred of these."""


# ---------------------------------------------------------------------------- commands of the mail server


class Negotiate(_Said, frozen=True):
    """Goes both ways: the mail server offers, the filter chooses.  ``macros`` only from the filter."""

    version: int
    actions: Action
    options: Option
    macros: tuple[tuple[Stage, bytes], ...] = ()


class Macros(_Said, frozen=True):
    """Values for the command whose code is ``step`` (b"C" for Connect ...), which comes next or was not wanted.
    Names are without braces."""

    step: bytes
    values: dict[bytes, bytes]


class Connect(_Said, frozen=True):
    """``family`` is b"4", b"6", b"L" (Unix socket) or b"U" (unknown: no port, no address)."""

    hostname: bytes
    family: bytes = b"U"
    port: int = 0
    address: bytes = b""


class Helo(_Said, frozen=True):
    name: bytes


class MailFrom(_Said, frozen=True):
    """``address`` as in the command, with its angle brackets; ``args`` are the ESMTP parameters."""

    address: bytes
    args: tuple[bytes, ...] = ()


class RcptTo(_Said, frozen=True):
    address: bytes
    args: tuple[bytes, ...] = ()


class Data(_Said, frozen=True):
    pass


class Header(_Said, frozen=True):
    name: bytes
    value: bytes


class EndOfHeaders(_Said, frozen=True):
    pass


class Body(_Said, frozen=True):
    data: bytes


class EndOfMessage(_Said, frozen=True):
    """The verdict is due."""


class Abort(_Said, frozen=True):
    """The message is given up; the connection goes on."""


class Quit(_Said, frozen=True):
    pass


class QuitNewConnection(_Said, frozen=True):
    """This SMTP session is over, the connection will be used for another one."""


class Unknown(_Said, frozen=True):
    """An SMTP command that the mail server did not know."""

    line: bytes


Command = (
    Negotiate
    | Macros
    | Connect
    | Helo
    | MailFrom
    | RcptTo
    | Data
    | Header
    | EndOfHeaders
    | Body
    | EndOfMessage
    | Abort
    | Quit
    | QuitNewConnection
    | Unknown
)

# ---------------------------------------------------------------------------- replies of the filter


class Continue(_Said, frozen=True):
    """Go on; at the end of the message: let it pass, other filters may still judge."""


class Accept(_Said, frozen=True):
    pass


class Reject(_Said, frozen=True):
    pass


class TempFail(_Said, frozen=True):
    pass


class Discard(_Said, frozen=True):
    """Tell the sender that it was taken and deliver it to nobody."""


class ReplyCode(_Said, frozen=True):
    """A refusal in our own words: ``code`` 4xx or 5xx, ``enhanced`` as in RFC 3463 with the same first digit."""

    code: int
    enhanced: bytes
    text: bytes


class Skip(_Said, frozen=True):
    """No more commands of this kind for this message."""


class Progress(_Said, frozen=True):
    """Still working: the mail server starts its time-out anew."""


class AddHeader(_Said, frozen=True):
    """At the end of the header."""

    name: bytes
    value: bytes


class InsertHeader(_Said, frozen=True):
    """Before field number ``index`` of the message as it will be delivered.  0 is above the Received field
    that the mail server itself puts on top (and does not show to filters), 1 right below it."""

    index: int
    name: bytes
    value: bytes


class ChangeHeader(_Said, frozen=True):
    """Field number ``index`` (from 1) of those named ``name``; an empty value removes it."""

    index: int
    name: bytes
    value: bytes


class ReplaceBody(_Said, frozen=True):
    """The whole new body; sent in chunks."""

    data: bytes


class Quarantine(_Said, frozen=True):
    """Into the mail server's own hold queue."""

    reason: bytes


class AddRecipient(_Said, frozen=True):
    address: bytes
    args: bytes = b""


class DeleteRecipient(_Said, frozen=True):
    address: bytes


class ChangeSender(_Said, frozen=True):
    address: bytes
    args: bytes = b""


Final = Continue | Accept | Reject | TempFail | Discard | ReplyCode | Skip
Modification = (
    AddHeader
    | InsertHeader
    | ChangeHeader
    | ReplaceBody
    | Quarantine
    | AddRecipient
    | DeleteRecipient
    | ChangeSender
    | Progress
)
Replies = Final | Modification
