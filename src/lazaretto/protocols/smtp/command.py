"""Commands of an SMTP or LMTP client, parsed and written (RFC 5321 section 4.1 and the extensions named below)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from lazaretto.errors import ProtocolError
from lazaretto.protocols.smtp import xtext
from lazaretto.protocols.smtp.path import read_path
from lazaretto.protocols.smtp.reply import Reply


class BadCommand(ProtocolError):
    """The command cannot be obeyed; ``reply`` says why.  ``fatal``: what follows cannot be told apart from it."""

    def __init__(self, reply: str, *, fatal: bool = False) -> None:
        self.reply, self.fatal = Reply.of(reply), fatal
        super().__init__(reply)


@dataclass(frozen=True, slots=True)
class Command:
    """A verb that needs no parsing beyond its name, or the common part of one that does."""

    verb: str  # upper case
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Mail(Command):
    """MAIL FROM (RFC 5321 4.1.1.2; SIZE: RFC 1870, BODY: RFC 6152, SMTPUTF8: RFC 6531, RET and ENVID: RFC 3461)."""

    sender: str = ""  # "" is the null path
    size: int | None = None
    body: str = ""  # "7BIT", "8BITMIME" or not said
    smtputf8: bool = False
    ret: str = ""
    envid: str = ""  # xtext, passed on as it is


@dataclass(frozen=True, slots=True)
class Recipient(Command):
    """RCPT TO (RFC 5321 4.1.1.3; NOTIFY and ORCPT: RFC 3461)."""

    address: str = ""
    notify: str = ""
    orcpt: str = ""


@dataclass(frozen=True, slots=True)
class Chunk(Command):
    """BDAT (RFC 3030 section 2): ``size`` octets of the message follow."""

    size: int = 0
    last: bool = False


@dataclass(frozen=True, slots=True)
class Attributes(Command):
    """XCLIENT and XFORWARD (postfix.org, XCLIENT_README and XFORWARD_README): values decoded, None: unavailable."""

    values: Mapping[str, str | None] = field(default_factory=dict)


_ARGUMENT_NEEDED = frozenset({"EHLO", "HELO", "LHLO", "VRFY", "EXPN"})
_NO_ARGUMENT = frozenset({"DATA", "RSET", "QUIT", "STARTTLS"})  # RFC 5321 section 4.1.1.4 and others; RFC 3207
_FREE = frozenset({"HELP", "NOOP"})
_PARAMETER = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)(?:=([^\x00-\x20=\x7f][^\x00-\x20\x7f]*))?")
_NOTIFY = re.compile(r"NEVER|(?:SUCCESS|FAILURE|DELAY)(?:,(?:SUCCESS|FAILURE|DELAY))*")
_ORCPT = re.compile(r"[A-Za-z0-9-]+;\S+")


def parse(line: bytes) -> Command:
    """One command line without its CRLF.  Raises BadCommand."""
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        raise BadCommand("500 5.5.2 Neither ASCII nor UTF-8") from None
    word, _, argument = text.partition(" ")
    verb, argument = word.upper(), argument.strip(" ")
    if parser := _PARSERS.get(verb):
        return parser(argument)
    if verb in _FREE:
        return Command(verb, argument)
    if verb in _ARGUMENT_NEEDED:
        if not argument:
            raise BadCommand(f"501 5.5.4 Syntax: {verb} name")
        return Command(verb, argument)
    if verb in _NO_ARGUMENT:
        if argument:
            raise BadCommand(f"501 5.5.4 Syntax: {verb}")
        return Command(verb)
    raise BadCommand("500 5.5.2 Command not recognised")


def _mail(argument: str) -> Mail:
    sender, given = _path_and_parameters(argument, "FROM:", "501 5.1.7 Syntax: MAIL FROM:<address>")
    size = given.pop("SIZE", None)
    if size is not None and not re.fullmatch(r"[0-9]{1,20}", size):
        raise BadCommand("501 5.5.4 SIZE is not a number")
    body = given.pop("BODY", "").upper()
    if body not in ("", "7BIT", "8BITMIME"):
        raise BadCommand("501 5.5.4 BODY is neither 7BIT nor 8BITMIME")
    smtputf8 = "SMTPUTF8" in given
    if given.pop("SMTPUTF8", ""):
        raise BadCommand("501 5.5.4 SMTPUTF8 takes no value")
    ret, envid = given.pop("RET", "").upper(), given.pop("ENVID", "")
    if ret not in ("", "FULL", "HDRS") or not xtext.is_xtext(envid):
        raise BadCommand("501 5.5.4 RET or ENVID is malformed")
    # RFC 4954 section 5: who does not offer AUTH may be given AUTH= all the same by a lax client; it says nothing
    # that we could vouch for, and a next hop has to take its absence as AUTH=<>.
    given.pop("AUTH", None)
    _none_left(given)
    _need_smtputf8(sender, smtputf8)
    return Mail("MAIL", argument, sender, int(size) if size else None, body, smtputf8, ret, envid)


def _recipient(argument: str) -> Recipient:
    syntax = "501 5.1.3 Syntax: RCPT TO:<address>"
    address, given = _path_and_parameters(argument, "TO:", syntax)
    if not address:
        raise BadCommand(syntax)
    notify, orcpt = given.pop("NOTIFY", "").upper(), given.pop("ORCPT", "")
    if (notify and not _NOTIFY.fullmatch(notify)) or (orcpt and not _ORCPT.fullmatch(orcpt)):
        raise BadCommand("501 5.5.4 NOTIFY or ORCPT is malformed")
    _none_left(given)
    return Recipient("RCPT", argument, address, notify, orcpt)


def _chunk(argument: str) -> Chunk:
    # RFC 3030 section 2: after a size that cannot be read, nothing that follows can.
    found = re.fullmatch(r"([0-9]{1,19})( +LAST)?", argument, re.IGNORECASE)
    if found is None:
        raise BadCommand("501 5.5.4 Syntax: BDAT size [LAST]", fatal=True)
    return Chunk("BDAT", argument, int(found[1]), found[2] is not None)


def _attributes(verb: str) -> Callable[[str], Attributes]:
    def parser(argument: str) -> Attributes:
        values: dict[str, str | None] = {}
        for pair in argument.split():
            name, equals, value = pair.partition("=")
            try:
                decoded = xtext.decode(value)
            except ValueError:
                equals = ""
            if not equals or any(char < " " or char == "\x7f" for char in decoded):
                raise BadCommand(f"501 5.5.4 Syntax: {verb} attribute=value ...")
            values[name.upper()] = None if decoded.upper() in ("[UNAVAILABLE]", "[TEMPUNAVAIL]", "") else decoded
        if not values:
            raise BadCommand(f"501 5.5.4 Syntax: {verb} attribute=value ...")
        return Attributes(verb, argument, values)

    return parser


def _path_and_parameters(argument: str, keyword: str, syntax: str) -> tuple[str, dict[str, str]]:
    if argument[: len(keyword)].upper() != keyword:
        raise BadCommand(syntax)
    found = read_path(argument[len(keyword) :].lstrip(" "))
    if found is None:
        raise BadCommand(syntax)
    path, rest = found
    given: dict[str, str] = {}
    for word in rest.split():
        parameter = _PARAMETER.fullmatch(word)
        if parameter is None or parameter[1].upper() in given:
            raise BadCommand("501 5.5.4 Malformed or repeated parameter")
        given[parameter[1].upper()] = parameter[2] or ""
    return path, given


def _none_left(given: dict[str, str]) -> None:
    if given:
        raise BadCommand("555 5.5.4 Parameter not recognised")  # RFC 5321 section 4.1.1.11


def _need_smtputf8(address: str, allowed: bool) -> None:
    if not allowed and not address.isascii():
        raise BadCommand("553 5.6.7 Address needs SMTPUTF8")  # RFC 6531 section 3.5


_PARSERS: Mapping[str, Callable[[str], Command]] = {
    "MAIL": _mail,
    "RCPT": _recipient,
    "BDAT": _chunk,
    "XCLIENT": _attributes("XCLIENT"),
    "XFORWARD": _attributes("XFORWARD"),
}


# ---------------------------------------------------------------------------- what a client writes


def mail_line(mail: Mail, offers: Mapping[str, str]) -> bytes:
    """MAIL with those parameters that the server offers.  Raises BadCommand with the reply that the message
    deserves when it needs what the server lacks: to send it all the same would damage it."""
    words = [f"MAIL FROM:<{mail.sender}>"]
    if mail.size is not None and "SIZE" in offers:
        words.append(f"SIZE={mail.size}")
    if mail.body == "8BITMIME" and "8BITMIME" not in offers:
        raise BadCommand("554 5.6.3 8-bit content cannot be handed on")  # RFC 6152 section 3
    if mail.body and "8BITMIME" in offers:
        words.append(f"BODY={mail.body}")
    if mail.smtputf8:
        if "SMTPUTF8" not in offers:
            raise BadCommand("550 5.6.7 Internationalised mail cannot be handed on")  # RFC 6531 section 3.5
        words.append("SMTPUTF8")
    if "DSN" in offers:
        words += [f"{name}={value}" for name, value in (("RET", mail.ret), ("ENVID", mail.envid)) if value]
    return f"{' '.join(words)}\r\n".encode()


def recipient_line(recipient: Recipient, offers: Mapping[str, str]) -> bytes:
    words = [f"RCPT TO:<{recipient.address}>"]
    if "DSN" in offers:
        words += [
            f"{name}={value}" for name, value in (("NOTIFY", recipient.notify), ("ORCPT", recipient.orcpt)) if value
        ]
    return f"{' '.join(words)}\r\n".encode()


def xforward_lines(values: Mapping[str, str], offered: str) -> list[bytes]:
    """XFORWARD with the attributes that the server takes, in as many commands as 512 octets each ask for."""
    lines: list[list[str]] = []
    words: list[str] = []
    length = 0
    taken = set(offered.upper().split())
    for name, value in values.items():
        if name not in taken:
            continue
        word = f"{name}={xtext.encode(value[:255]) if value else '[UNAVAILABLE]'}"
        if words and length + len(word) > 480:
            lines.append(words)
            words, length = [], 0
        words.append(word)
        length += len(word) + 1
    if words:
        lines.append(words)
    return [f"XFORWARD {' '.join(each)}\r\n".encode() for each in lines]
