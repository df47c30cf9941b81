"""Every exception that Lazaretto raises on purpose.

::

    LazarettoError
    ├── ConfigError         the operator's mess: all problems at once, each with file, line and remedy
    ├── HostileInput        a stranger's mess: never passes unpack/, engines/ or filters/, becomes a finding there
    │   ├── Malformed       not what it claims to be, cannot be read
    │   ├── LimitExceeded   deeper, bigger, longer or more than we are willing to look at
    │   └── Encrypted       cannot be read without a password
    ├── ProtocolError       a peer broke its protocol; the door answers generically and goes on
    ├── Temporary           cannot be done now, may work later: a door answers 4xx
    │   ├── NextHopError    the next mail server refused, dropped or timed out
    │   ├── WorkerError     no worker could finish the inspection
    │   └── StorageError    journal or vault cannot write (disk full, damaged, key missing)
    ├── NotFound            no such item, message, job
    └── ControlError        the control API answered with an error

Anything else that escapes is our bug.  ``str(error)`` is for the operator and says what to do next; what
strangers are told is generic and is chosen by the door.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class LazarettoError(Exception):
    """Root of the tree."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file the operator wrote."""

    file: Path | None
    line: int | None  # counted from 1
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: " if self.file and self.line else f"{self.file}: " if self.file else ""
        return f"{where}{self.what}" + (f"\n    {self.remedy}" if self.remedy else "")


class ConfigError(LazarettoError):
    """Configuration, policy or patterns that cannot be used; carries every problem found, not the first."""

    def __init__(self, *problems: Problem) -> None:
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


class HostileInput(LazarettoError):
    """Input that cannot be inspected as it should; becomes a finding where it is caught."""


class Malformed(HostileInput):
    """Not what it claims to be."""


class LimitExceeded(HostileInput):
    """``name`` is the limit as in the configuration ("depth", "total_bytes" ...)."""

    def __init__(self, name: str, detail: str = "") -> None:
        self.name = name
        super().__init__(detail or f"limit {name} exceeded")


class Encrypted(HostileInput):
    """Cannot be opened without a password."""


class ProtocolError(LazarettoError):
    """A peer broke its protocol."""


class Temporary(LazarettoError):
    """May work later: a gateway defers, a store retries."""


class NextHopError(Temporary):
    """The next mail server did not take the message.

    ``code`` and ``text`` are its reply when it gave one (a 5xx is passed on as it is), else 0 and "".
    """

    def __init__(self, detail: str, code: int = 0, text: str = "") -> None:
        self.code, self.text = code, text
        super().__init__(detail)


class WorkerError(Temporary):
    """No worker could finish the inspection."""


class StorageError(Temporary):
    """Journal or vault cannot be read or written."""


class NotFound(LazarettoError):
    """No such item, message or job."""


class ControlError(LazarettoError):
    """The control API answered with an error."""
