"""Actions of a PDF (ISO 32000-1, 12.6.4) that reach out of the document: what is worth saying of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lazaretto.model import Finding, Kind, Severity, one_line

_LINES = 10  # of evidence for one finding
_LONGEST = 300  # characters of one line
_WORTH: dict[str, tuple[Kind, Severity]] = {
    "pdf.launch": (Kind.SCRIPT, Severity.MEDIUM),  # starts a program or opens a file with one
    "pdf.launch-command": (Kind.SCRIPT, Severity.HIGH),  # with arguments, or a program by its name
    "pdf.remote": (Kind.SCRIPT, Severity.MEDIUM),  # asks a file server, and shows it who asks
    "pdf.import": (Kind.CONTENT, Severity.LOW),
    "pdf.submit": (Kind.CONTENT, Severity.INFORMATIONAL),
    "pdf.javascript": (Kind.SCRIPT, Severity.INFORMATIONAL),
    "pdf.media": (Kind.CONTENT, Severity.INFORMATIONAL),
    "pdf.opening": (Kind.CONTENT, Severity.INFORMATIONAL),  # acts when it, or a page of it, is opened
    "pdf.inner": (Kind.CONTENT, Severity.INFORMATIONAL),  # opens a document that is embedded in it
    "pdf.escaped": (Kind.CONTENT, Severity.INFORMATIONAL),  # names of actions written so that no search finds them
    "pdf.filters": (Kind.CONTENT, Severity.INFORMATIONAL),  # that nobody needs
    "pdf.wide-link": (Kind.CONTENT, Severity.INFORMATIONAL),  # a click nearly anywhere leads away
    "pdf.picture": (Kind.CONTENT, Severity.INFORMATIONAL),  # nothing to read: a picture and a link
}
# A file server: not what lies on the reader's own disk, which converters leave in many documents.
_SERVER = r"\\\\|smb:|file:(?://(?!/|localhost\b|[a-z][:|])|////|\\\\)|(?:search-ms|ms-[a-z-]+):"
_REMOTE = re.compile(rf"\s*(?:{_SERVER}|//)", re.IGNORECASE)
_REMOTE_LINK = re.compile(rf"\s*(?:{_SERVER})", re.IGNORECASE)  # "//" of a link is a host of the web
_PROGRAM = re.compile(
    r"\.(?:exe|com$|scr|pif|bat|cmd|ps1|vb[se]|jse?|ws[fh]|hta|msi|cpl|lnk|jar|dll|sh)\b|\b(?:cmd|powershell|mshta)\b",
    re.IGNORECASE,
)
_MEDIA = frozenset({"RichMedia", "3D", "Movie", "Screen", "Sound"})
# 12.6.3: events of an entry AA that come without the reader's doing; those of annotations are mouse and keys, but for
# the page that is opened, shown or in view.
_EVENTS = frozenset({"O", "C", "WC", "WS", "DS", "WP", "DP", "PO", "PC", "PV", "PI"})
_ACTS = frozenset({"JavaScript", "Launch", "URI", "SubmitForm", "GoToR", "GoToE", "ImportData", "Rendition", "Movie"})
_CHAIN = 16  # actions that follow one another
_FILED = {"GoToR": "", "GoToE": "", "Thread": "", "SubmitForm": "pdf.submit", "ImportData": "pdf.import"}

Text = Callable[[object], str]
Resolve = Callable[[object], object]


class Reports:
    """Findings by name, each once with the first lines of evidence."""

    def __init__(self) -> None:
        self._lines: dict[str, dict[str, None]] = {}

    def add(self, name: str, line: str) -> None:
        lines = self._lines.setdefault(name, {})
        if len(lines) < _LINES:
            lines[one_line(line)[:_LONGEST]] = None

    def findings(self) -> Iterator[Finding]:
        for name, (kind, severity) in _WORTH.items():
            if name in self._lines:
                yield Finding("unpack", name, kind, severity, evidence=tuple(self._lines[name]))

    def action(self, value: dict[str, object], text: Text, resolve: Resolve) -> None:
        """``text`` reads a string or a file specification, ``resolve`` follows a reference."""
        kind = value.get("S")
        if kind == "Launch":
            self._launch(value, text, resolve)
        elif isinstance(kind, str) and kind in _FILED and (target := text(value.get("F"))):
            if _REMOTE.match(target):
                self.add("pdf.remote", f"{kind} {target}")
            elif name := _FILED[kind]:
                self.add(name, f"{kind} {target}")
        if kind == "GoToE":
            self.add("pdf.inner", text(value.get("F")) or "in it")

    def opening(self, value: dict[str, object], resolve: Resolve) -> None:
        """7.7.2, 12.6.3: OpenAction of the document, and what AA says is done at an event.  An action may have others
        that follow it (12.6.2, Next)."""
        waiting = [resolve(value["OpenAction"])] if "OpenAction" in value else []
        if isinstance(events := resolve(value.get("AA")), dict):
            waiting += [resolve(each) for event, each in events.items() if event in _EVENTS]
        for action in waiting:  # grows while it is read
            if isinstance(action, list):
                waiting += [resolve(each) for each in action[: _CHAIN - len(waiting)] if not isinstance(each, str)]
            elif isinstance(action, dict):
                if isinstance(kind := action.get("S"), str) and kind in _ACTS:
                    self.add("pdf.opening", kind)
                if "Next" in action and len(waiting) < _CHAIN:
                    waiting.append(resolve(action["Next"]))

    def _launch(self, value: dict[str, object], text: Text, resolve: Resolve) -> None:
        """12.6.4.5: F, or under Win F with its arguments P."""
        targets, arguments = [text(value.get("F"))], ""
        for system in ("Win", "Mac", "Unix"):
            inner = resolve(value.get(system))
            if isinstance(inner, dict):
                targets.append(text(inner.get("F")))
                arguments = arguments or text(inner.get("P"))
            elif inner is not None:
                targets.append(text(inner))
        line = " ".join(each for each in (*targets, arguments) if each)
        program = arguments or any(_PROGRAM.search(target) for target in targets)
        self.add("pdf.launch-command" if program else "pdf.launch", f"Launch {line}")

    def link(self, link: str) -> None:
        if _REMOTE_LINK.match(link):
            self.add("pdf.remote", f"URI {link}")

    def media(self, value: dict[str, object]) -> None:
        """Annotations that play something: Flash, 3D, films."""
        kind = value.get("Subtype")
        if isinstance(kind, str) and kind in _MEDIA:
            self.add("pdf.media", kind)
