"""ClamAV's signature files, by the end of their names: what is read of them, what comes of a content.

Source: ClamAV documentation, "Creating signatures for ClamAV".
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

from lazaretto.engines.patterns import hashes
from lazaretto.engines.patterns.clam import container, logical, program, targets
from lazaretto.engines.patterns.clam.body import Unsupported
from lazaretto.engines.patterns.clam.database import Database
from lazaretto.engines.patterns.clam.ignored import Ignored
from lazaretto.engines.patterns.clam.logical import Signature
from lazaretto.engines.patterns.clam.occurrences import ExhaustedError
from lazaretto.engines.patterns.hashes import HashSet
from lazaretto.model import Artifact, one_line

LISTS = frozenset({".ign", ".ign2"})
FILES = frozenset({".hdb", ".hsb", ".hdu", ".hsu", ".sha256", ".md5"})
SECTIONS = frozenset({".mdb", ".msb", ".mdu", ".msu"})
TRUSTED = frozenset({".fp", ".sfp"})
BODIES: dict[str, Callable[[str], Signature]] = {
    ".ndb": logical.extended,
    ".ndu": logical.extended,
    ".ldb": logical.logical,
    ".ldu": logical.logical,
}
UNWANTED = frozenset({".hdu", ".hsu", ".mdu", ".msu", ".ndu", ".ldu"})  # potentially unwanted programs
CONTAINERS = frozenset({".cvd", ".cld", ".cud"})
UNSUPPORTED = {
    ".db": "old body signatures",
    ".zmd": "old metadata of archives",
    ".rmd": "old metadata of archives",
    ".cbc": "bytecode",
    ".idb": "icons",
    ".cdb": "metadata of containers",
    ".crb": "certificates",
    ".cat": "catalogues of certificates",
    ".pdb": "domains that are imitated",
    ".gdb": "hashes of links",
    ".wdb": "domains that may be imitated",
    ".ftm": "file types",
    ".imp": "hashes of import tables",
    ".pwdb": "passwords",
    ".ioc": "indicators in OpenIOC",
}
"""Recognised and counted, and not in force."""
FEATURES = (
    ("hex, `??`, `a?`, `?a`, `*`, `{n}`, `{n-m}`, `{-n}`, `{n-}` of any size", "as ClamAV"),
    ("`[n-m]` beside a single byte; it is no part of what matches", "as ClamAV"),
    ("`(aa|bbcc|d?)`, `!(aa|bb)`, `(B)`, `(L)`, `(W)` and their negations", "as ClamAV"),
    ("alternatives within alternatives", "unsupported"),
    ("offsets `*`, `n`, `n,m`, `EOF-n`", "as ClamAV"),
    ("offsets `EP+n`, `EP-n`, `Sx+n`, `SL+n`, `SEx`", "as ClamAV for PE and ELF; unsupported for Mach-O"),
    ("offset `VI`, macro groups `$n`", "unsupported"),
    ("logical expressions: `&`, `|`, groups, `=n`, `<n`, `>n`, `=n,m`", "as ClamAV"),
    ("modifiers `::i`, `::w`, `::a`, `::f`", "as ClamAV"),
    ("`Engine`, `Target`, `FileSize`; `EntryPoint`, `NumberOfSections` of PE and ELF", "as ClamAV (level 214)"),
    ("`Container`, `Intermediates`, `HandlerType`, `IconGroup1`, `IconGroup2`", "unsupported"),
    ("byte compare: `i`, `d`, big-endian `h`", "as ClamAV"),
    ("byte compare: `a`, little-endian `h`", "unsupported"),
    ("PCRE: flags `g r e i s m x A U`, triggers, offsets", "whether it matches, as ClamAV; not how often"),
    ("PCRE: back references, looking around, whatever else is not regular", "unsupported"),
    ("macro subsignatures, fuzzy hashes of pictures", "unsupported"),
    ("text (target 7)", "normalised: lower case, blanks run together, printable ASCII; as it is for target 0"),
    ("HTML (target 3)", "normalised, with tags and without; scripts are not rewritten, data: URLs are members"),
)
"""For the reference page.  tests/e2e/test_clamscan.py tries what is said to be as ClamAV's, but for the flags m, x, A
and U of regular expressions, old ignore lists and containers, which have tests of our own alone."""
QUIET = frozenset({".info", ".cfg", ".sign", ".txt"})  # in containers, and no signatures
SUFFIXES = LISTS | FILES | SECTIONS | TRUSTED | BODIES.keys() | CONTAINERS | UNSUPPORTED.keys()


@dataclass
class Outcome:
    """What came of one file, for the operator."""

    what: str
    count: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)  # line and reason
    unsupported: Counter[str] = field(default_factory=Counter)
    member: str = ""  # of a container


@dataclass
class Reading:
    """What is gathered while files are read; ``unwanted``: signatures of potentially unwanted programs serve too."""

    unwanted: bool = False
    files: HashSet = field(default_factory=HashSet)
    sections: HashSet = field(default_factory=HashSet)
    trusted: HashSet = field(default_factory=HashSet)
    ignored: Ignored = field(default_factory=Ignored)
    signatures: list[Signature] = field(default_factory=list)

    def read(self, name: str, content: bytes) -> Iterator[Outcome]:
        """An outcome for the file, or for each member of a container."""
        suffix = PurePath(name).suffix
        if suffix in CONTAINERS:
            yield from self._container(suffix, content)
        else:
            yield self._file(name, suffix, content)

    def finish(self) -> Signatures:
        for table in (self.files, self.sections, self.trusted):
            table.seal()
        silent = self.ignored.silent
        database = Database([each for each in self.signatures if each.name not in silent])
        return Signatures(self.files, self.sections, self.trusted, silent, database)

    def _file(self, name: str, suffix: str, content: bytes) -> Outcome:
        lines = io.TextIOWrapper(io.BytesIO(content), "utf-8-sig", "surrogateescape")
        if suffix in UNWANTED and not self.unwanted:
            return Outcome(
                "signatures", 0, [], Counter({"of unwanted programs (engines.patterns.unwanted)": _count(lines)})
            )
        if suffix in UNSUPPORTED:
            return Outcome(
                "signatures", 0, [], Counter({UNSUPPORTED[suffix]: 1 if suffix == ".cbc" else _count(lines)})
            )
        if suffix in LISTS:
            before = len(self.ignored)
            refused = self.ignored.read(list(lines), suffix == ".ign")
            return Outcome("ignored signatures", len(self.ignored) - before, refused)
        if suffix in BODIES:
            return self._bodies(lines, BODIES[suffix])
        table = self.trusted if suffix in TRUSTED else self.sections if suffix in SECTIONS else self.files
        before = len(table)
        refused = hashes.read(lines, table, PurePath(name).stem, suffix in SECTIONS, self.ignored)
        what = "trusted files" if suffix in TRUSTED else "hashes"
        return Outcome(what, len(table) - before, refused)

    def _bodies(self, lines: io.TextIOWrapper, parse: Callable[[str], Signature]) -> Outcome:
        outcome = Outcome("signatures")
        for number, line in enumerate(lines, 1):
            text = line.strip()
            if not text or text[0] == "#":
                continue
            try:
                signature = parse(text)
            except Unsupported as error:
                outcome.unsupported[str(error)] += 1
            except ValueError as error:
                outcome.refused.append((number, str(error)) if len(outcome.refused) < hashes.TOLD else hashes.MORE)
            else:
                if not self.ignored(signature.name, text):
                    self.signatures.append(signature)
                    outcome.count += 1
        return outcome

    def _container(self, suffix: str, content: bytes) -> Iterator[Outcome]:
        try:
            about = container.header(content)
            level = f"version {about.version} of {about.time}, its digital signature is not verified;"
            yield Outcome(f"{level} signatures by its header", about.signatures)
            # Lists of what is ignored come first, wherever they stand.
            found = sorted(container.members(content, suffix == ".cvd"), key=lambda each: _suffix(each[0]) not in LISTS)
        except ValueError as error:
            yield Outcome("signatures", 0, [(0, str(error))])
            return
        for name, inner in found:
            if (kind := _suffix(name)) in SUFFIXES and kind not in CONTAINERS:
                outcome = self._file(name, kind, inner)
                outcome.member = PurePath(name).name
                yield outcome
            elif kind not in QUIET:
                unknown = Counter({f"file {kind[:10] or PurePath(name).name[:10]}": 1})
                yield Outcome("signatures", 0, [], unknown, PurePath(name).name)


@dataclass(frozen=True)
class Signatures:
    """What is in force."""

    files: HashSet
    sections: HashSet
    trusted: HashSet
    silent: frozenset[str]
    database: Database

    def match(self, artifact: Artifact) -> Iterator[tuple[str, str]]:
        """Names and evidence.  Nothing is said about a file that the operator trusts by its hash.  Raises
        ExhaustedError when confirming takes too long."""
        trusted: bool | None = None
        try:
            for name, evidence in self._matches(artifact):
                if trusted is None:  # looked up only where there is something to keep quiet
                    trusted = self._trusts(artifact)
                if trusted:
                    return
                if name not in self.silent:
                    yield one_line(name, 300), evidence  # of a list in any character set
        except ExhaustedError:
            if not self._trusts(artifact):
                raise

    def _trusts(self, artifact: Artifact) -> bool:
        return any(self.trusted.match(artifact.data, artifact.sha256))

    def _matches(self, artifact: Artifact) -> Iterator[tuple[str, str]]:
        for name, digest in self.files.match(artifact.data, artifact.sha256):
            yield name, f"hash {digest}"
        for hit in self.database.match(artifact.data, artifact.type):
            where = f" at {hit.place}" if hit.place >= 0 else ""
            yield hit.name, f"ClamAV signature matches{where}"
        if len(self.sections) and 1 in targets.of(artifact.type):
            yield from self._in_sections(artifact.data)

    def _in_sections(self, data: bytes) -> Iterator[tuple[str, str]]:
        layout = program.read(data)
        left = 2 * len(data)  # sections of hostile programs are all the same bytes
        for number, (start, size) in enumerate(layout.sections if layout else ()):
            section = data[start : start + size]
            left -= len(section)
            if left < 0:
                raise ExhaustedError
            for name, digest in self.sections.match(section) if section else ():
                yield name, f"hash {digest} of section {number}"


def _suffix(name: str) -> str:
    return PurePath(name).suffix


def _count(lines: io.TextIOWrapper) -> int:
    return sum(1 for line in lines if line.strip() and line[0] != "#")
