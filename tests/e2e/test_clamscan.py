"""The same signatures on the same files by clamscan and by us: the same hits."""

from __future__ import annotations

import hashlib
import random
import struct
import subprocess
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from lazaretto.engines.patterns.clamav import Reading
from lazaretto.model import Artifact
from lazaretto.unpack import identify

pytestmark = pytest.mark.e2e

FILES = 300
SIGNATURES = 200

WORDS = [
    "".join(random.Random(number).choices("abcdefghijklmnopqrstuvwxyz", k=9)) + f"{number:03d}" for number in range(40)
]


def hexes(text: str | bytes) -> str:
    return (text.encode() if isinstance(text, str) else text).hex()


# ---------------------------------------------------------------------------- files


def planted(dice: random.Random, binary: bool) -> bytes:
    """Words with all that signatures ask of what is between and around them."""
    out = []
    for _ in range(dice.randint(8, 24)):
        word = dice.choice(WORDS).encode()
        form = dice.randint(0, 5)
        if form == 0:
            word = word.upper()
        elif form == 1 and binary:
            word = b"".join(bytes((byte, 0)) for byte in word)
        elif form == 2:
            word = word[:4] + bytes([dice.choice(b"XYZ")]) + word[5:]
        out.append(word)
        if binary and dice.random() < 0.5:
            out.append(dice.randbytes(dice.choice((0, 1, 2, 4, 7, 30, 150))))
        else:
            out.append(dice.choice((b" ", b".", b"\n", b"-", b"", b"=", b"__", b"12345", b"ab", b" 0x1f ")))
        if dice.random() < 0.2:
            out.append(b"num=" + str(dice.randint(0, 300)).encode() + b";")
    # clamscan compares with what is behind the end of the file, where an alternative comes before it.
    return b"".join([*out, b" the end"])


def data_file(dice: random.Random) -> bytes:
    return b"GIF89a\x01\x00\x01\x00\x00\x00\x00," + dice.randbytes(dice.randint(3, 40)) + planted(dice, True)


def pdf_file(dice: random.Random) -> bytes:
    return b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n" + planted(dice, True) + b"\n%%EOF\n"


def text_file(dice: random.Random) -> bytes:
    return b"notes of the day \n" + planted(dice, False)


def html_file(dice: random.Random) -> bytes:
    return b"<html><head><title>page</title></head><body>\n" + planted(dice, False) + b"\n</body></html>\n"


def pe_file(dice: random.Random) -> bytes:
    count = dice.randint(1, 4)
    bodies = [planted(dice, True)[:0x600].ljust(0x600, b"\x90") for _ in range(count)]
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", 0x14C, count, 0, 0, 0, 0xE0, 0x102)
    entry = 0x1000 * dice.randint(1, count) + dice.choice((0, 0x10))
    optional = struct.pack("<HBBIIIIII", 0x10B, 8, 0, 0x600, 0, 0, entry, 0x1000, 0x1000)
    optional += struct.pack(
        "<IIIHHHHHHIIIIHHIIIIII",
        0x400000,
        0x1000,
        0x200,
        4,
        0,
        0,
        0,
        4,
        0,
        0,
        0x1000 * (count + 1),
        0x400,
        0,
        3,
        0,
        0x100000,
        0x1000,
        0x100000,
        0x1000,
        0,
        16,
    )
    optional = optional.ljust(0xE0, b"\0")
    table = b"".join(
        struct.pack(
            "<8sIIIIIIHHI", b".s%d" % at, 0x600, 0x1000 * (at + 1), 0x600, 0x400 + 0x600 * at, 0, 0, 0, 0, 0x60000020
        )
        for at in range(count)
    )
    return (head + coff + optional + table).ljust(0x400, b"\0") + b"".join(bodies)


def elf_file(dice: random.Random) -> bytes:
    code = planted(dice, True)
    start = 0x1000
    head = b"\x7fELF\x01\x01\x01".ljust(16, b"\0") + struct.pack(
        "<HHIIIIIHHHHHH", 2, 3, 1, 0x8048000 + start + 8, 52, 84, 0, 52, 32, 1, 40, 2, 0
    )
    segment = struct.pack("<IIIIIIII", 1, 0, 0x8048000, 0x8048000, start + len(code), start + len(code), 5, 0x1000)
    sections = struct.pack("<IIIIIIIIII", 0, 1, 6, 0x8048000 + start, start, len(code), 0, 0, 16, 0)
    sections += struct.pack("<IIIIIIIIII", 0, 1, 6, 0x8048000 + start, start + 32, len(code) - 32, 0, 0, 16, 0)
    return (head + segment + sections).ljust(start, b"\0") + code


KINDS = [data_file, data_file, pdf_file, text_file, html_file, pe_file, elf_file]


def files() -> list[bytes]:
    return [KINDS[number % len(KINDS)](random.Random(number)) for number in range(FILES)]


# ---------------------------------------------------------------------------- signatures

Maker = Callable[[random.Random, list[bytes]], str]


def pair(dice: random.Random) -> tuple[str, str]:
    a, b = dice.sample(WORDS, 2)
    return hexes(a), hexes(b)


def piece(dice: random.Random, contents: list[bytes], size: int = 24) -> str:
    """Bytes of a file, so that something is found."""
    data = dice.choice(contents)
    at = dice.randint(0, max(0, len(data) - size))
    return data[at : at + size].hex()


def ndb(offset: Callable[[random.Random, list[bytes]], str], body: Maker, target: int = 0) -> Maker:
    return lambda dice, contents: f"NAME:{target}:{offset(dice, contents)}:{body(dice, contents)}"


def ldb(expression: str, *subs: Callable[[random.Random], str], about: str = "Engine:81-255,Target:0") -> Maker:
    return lambda dice, contents: f"NAME;{about};{expression};" + ";".join(sub(dice) for sub in subs)


def anywhere(dice: random.Random, contents: list[bytes]) -> str:
    return "*"


def word(dice: random.Random, contents: list[bytes] | None = None) -> str:
    return hexes(dice.choice(WORDS))


def with_gap(gap: str, first: int = 12) -> Maker:
    def make(dice: random.Random, contents: list[bytes]) -> str:
        a, b = pair(dice)
        return f"{a[-2 * first :]}{gap}{b}"

    return make


def over(gap: int) -> Maker:
    """Two pieces of a file that are so far from each other.  Of files without runs of one byte: clamscan gives up
    where the first piece is there more often than it keeps places."""

    def make(dice: random.Random, contents: list[bytes]) -> str:
        data = dice.choice([each for each in contents if len(each) > gap + 30 and each[:4] == b"%PDF"])
        at = dice.randint(0, len(data) - gap - 24)
        return f"{data[at : at + 12].hex()}{{{gap}}}{data[at + 12 + gap : at + 24 + gap].hex()}"

    return make


def three(dice: random.Random, contents: list[bytes]) -> str:
    data = dice.choice([each for each in contents if len(each) > 300 and each[:4] == b"%PDF"])
    at = dice.randint(0, 60)
    first, second, third = (data[start : start + 8].hex() for start in (at, at + 90, at + dice.randint(120, 230)))
    return f"{first}*{second}{{-120}}{third}"


def before_a_gap(dice: random.Random, contents: list[bytes]) -> str:
    """A class at the end of a part takes no byte, also where a gap of one follows."""
    data = dice.choice([each for each in contents if len(each) > 300 and each[:4] == b"%PDF"])
    at = dice.randint(0, 200)
    first, second, third = data[at : at + 8], data[at + 20 : at + 28], data[at + 29 : at + 36]
    return f"{first.hex()}{{10-20}}{second.hex()}!(L){{1}}{third.hex()}"


def within(middle: Callable[[str], str]) -> Maker:
    """The fifth byte of a word is often something else: X, Y or Z."""

    def make(dice: random.Random, contents: list[bytes]) -> str:
        each = word(dice)
        return each[:8] + middle(each[8:10]) + each[10:]

    return make


def absolute(place: str) -> Maker:
    return lambda dice, contents: place


def modified(letters: str) -> Callable[[random.Random], str]:
    return lambda dice: f"{word(dice)}::{letters}"


def literal(text: str) -> Callable[[random.Random], str]:
    return lambda dice: text


def regex(form: str) -> Callable[[random.Random], str]:
    return lambda dice: form.replace("WORD", dice.choice(WORDS)).replace("STEM", dice.choice(WORDS)[:4])


def start_of(dice: random.Random, contents: list[bytes]) -> str:
    return dice.choice(contents)[:24].hex()


def end_of(dice: random.Random, contents: list[bytes]) -> str:
    return dice.choice(contents)[-20:].hex()


EXTENDED: dict[str, Maker] = {
    "any place": ndb(anywhere, word),
    "a piece": ndb(anywhere, piece),
    "absolute": ndb(absolute("0"), start_of),
    "floating": ndb(absolute("10,400"), word),
    "end": ndb(absolute("EOF-20"), end_of),
    "end floating": ndb(absolute("EOF-200,180"), word),
    "star": ndb(anywhere, with_gap("*")),
    "gap fixed": ndb(anywhere, over(1)),
    "gap fixed wide": ndb(anywhere, over(150)),
    "gap from to": ndb(anywhere, with_gap("{1-30}")),
    "gap fixed longer": ndb(anywhere, over(127)),
    "gap fixed longest": ndb(anywhere, over(128)),
    "gap large": ndb(anywhere, with_gap("{20-300}")),
    "gap to": ndb(anywhere, with_gap("{-40}")),
    "gap from": ndb(anywhere, with_gap("{50-}")),
    "any byte": ndb(anywhere, within(lambda _: "??")),
    "high nibble": ndb(anywhere, within(lambda _: "5?")),
    "low nibble": ndb(anywhere, within(lambda _: "?8")),
    "alternatives": ndb(anywhere, within(lambda own: f"({own}|58)")),
    "negated": ndb(anywhere, within(lambda own: f"!({own}|58)")),
    "negated strings": ndb(
        anywhere, lambda dice, contents: (each := word(dice))[:8] + f"!({each[8:12]}|5859)" + each[12:]
    ),
    "unequal": ndb(anywhere, lambda dice, contents: f"{word(dice)}(20|2e|3132333435|61??|0a){word(dice)[:4]}"),
    "anchored before": ndb(anywhere, lambda dice, contents: f"{(each := word(dice))[:2]}[2-3]{each[8:]}"),
    "anchored after": ndb(anywhere, lambda dice, contents: f"{(each := word(dice))[:16]}[0-3]{each[-2:]}"),
    "boundary": ndb(anywhere, lambda dice, contents: f"(B){word(dice)}(B)"),
    "line": ndb(anywhere, lambda dice, contents: f"(L){word(dice)}"),
    "line end": ndb(anywhere, lambda dice, contents: f"{word(dice)}(L)"),
    "word": ndb(anywhere, lambda dice, contents: f"(W){word(dice)}(W)"),
    "no word": ndb(anywhere, lambda dice, contents: f"!(W){word(dice)}"),
    "no word behind a gap": ndb(anywhere, lambda dice, contents: f"{word(dice)}{{-2}}!(W){word(dice)[:8]}"),
    "no line at a place": ndb(absolute("10,300"), lambda dice, contents: f"!(L){word(dice)}"),
    "no line before a gap": ndb(anywhere, before_a_gap),
    "word inside": ndb(anywhere, lambda dice, contents: f"{word(dice)}(W){hexes(dice.choice(WORDS)[:1])[:1]}?"),
    "three parts": ndb(anywhere, three),
    "PE anywhere": ndb(anywhere, word, 1),
    "PE entry": ndb(absolute("EP+0,200"), word, 1),
    "PE before entry": ndb(absolute("EP-16,300"), word, 1),
    "PE section": ndb(absolute("S0+0,300"), word, 1),
    "PE second section": ndb(absolute("S1+20,300"), word, 1),
    "PE last section": ndb(absolute("SL+0,300"), word, 1),
    "PE whole section": ndb(absolute("SE1"), word, 1),
    "ELF entry": ndb(absolute("EP+0,200"), word, 6),
    "ELF section": ndb(absolute("S1+0,100"), word, 6),
    "HTML": ndb(anywhere, word, 3),
    "PDF": ndb(anywhere, word, 10),
    "text": ndb(anywhere, word, 7),
}
LOGICAL: dict[str, Maker] = {
    "and": ldb("0&1", word, word),
    "or": ldb("0|1", word, word),
    "or and": ldb("(0|1)&2", word, word, word),
    "not": ldb("0&1=0", word, word),
    "count": ldb("0>1", word),
    "exactly": ldb("0=1", word),
    "fewer": ldb("0&(1<2)", word, word),
    "block count": ldb("(0|1|2)>2", word, word, word),
    "block exactly": ldb("((0|1|2)=2)&3", word, word, word, word),
    "block different": ldb("(0|1|2)>1,2", word, word, word),
    "block fewer": ldb("((0|1)<2)&2", word, word, word),
    "mixed in brackets": ldb("(0&1|2)&3", word, word, word, word),
    "mixed within all": ldb("(0&1|2|3)", word, word, word, word),
    "mixed behind": ldb("3|(0|1&2)", word, word, word, word),
    "different of few": ldb("(0<3&1)>1,2", word, word),
    "case": ldb("0", modified("i")),
    "wide": ldb("0", modified("w")),
    "wide and not": ldb("0>1", modified("wa")),
    "full word": ldb("0", modified("f")),
    "full word case": ldb("0", modified("fi")),
    "full wide": ldb("0", modified("fw")),
    "all modifiers": ldb("0", modified("iwfa")),
    "own offsets": ldb("0|1", lambda dice: f"0,300:{word(dice)}", lambda dice: f"EOF-100,100:{word(dice)}"),
    "size": ldb("0", word, about="Engine:81-255,Target:0,FileSize:200-700"),
    "sections": ldb("0", word, about="Engine:81-255,Target:1,NumberOfSections:2-3"),
    "entry": ldb("0", word, about="Engine:81-255,Target:1,EntryPoint:1000-3000"),
    "compare decimal": ldb("0&1", literal("6e756d3d"), literal("0(>>4#db3#>99,<250)")),
    "compare exact": ldb("0&1", literal("6e756d3d"), literal("0(>>4#dbe3#>99)")),
    "compare hex": ldb("0&1", literal("6e756d3d"), literal("0(>>4#hb2#>0x20)")),
    "compare binary": ldb("0&1", word, literal("0(>>12#ib2#<0x5000)")),
    "compare little": ldb("0&1", word, literal("0(>>12#il4#>0x60000000)")),
    "compare before": ldb("0&1", word, literal("0(<<1#ib1#>40)")),
    "regex": ldb("1", literal("6e756d3d"), regex(r"0/num=[12][0-9]+\x3B/")),
    "regex case": ldb("0&1", literal("6e756d3d"), regex("0/WORD/i")),
    "regex rolling": ldb("1", literal("6e756d3d"), regex("300:0/WORD/r")),
    "regex at": ldb("1", word, regex("0:0/[^z]+WORD/s")),
    "regex shift": ldb("1", word, regex("20,300:0/STEM[a-z]+[0-9]{3}/g")),
    "regex confined": ldb("1", word, regex("20,200:0/STEM.*[0-9]{3}/se")),
    "regex absent": ldb("0&1=0", word, regex("0/WORD/i")),
    "engine": ldb("0", word, about="Engine:300-400,Target:0"),
}


def signatures(contents: list[bytes]) -> dict[str, tuple[str, str]]:
    """Name to file and line; every feature at least twice."""
    made = {}
    features = [*(("ndb", *each) for each in EXTENDED.items()), *(("ldb", *each) for each in LOGICAL.items())]
    for number in range(max(SIGNATURES, 2 * len(features))):
        suffix, feature, make = features[number % len(features)]
        name = f"T.{number}.{''.join(filter(str.isalnum, feature))}"
        made[name] = (suffix, make(random.Random(5000 + number), contents).replace("NAME", name))
    return made


def hash_lists(contents: list[bytes], name: str) -> dict[str, str]:
    md5 = [hashlib.md5(data).hexdigest() for data in contents]
    sha1, sha256 = hashlib.sha1(contents[1]).hexdigest(), hashlib.sha256(contents[2]).hexdigest()
    pe = contents[5][0x400:0xA00]
    return {
        "hdb": f"{md5[0]}:{len(contents[0])}:H.md5\n{md5[7]}:{len(contents[7]) + 1}:H.size\n",
        "hsb": f"{sha1}:{len(contents[1])}:H.sha1\n{sha256}:*:H.sha256:73\n",
        "mdb": f"{len(pe)}:{hashlib.md5(pe).hexdigest()}:H.section\n",
        "msb": f"{len(pe)}:{hashlib.sha256(pe).hexdigest()}:H.sections\n",
        "fp": f"{md5[14]}:{len(contents[14])}:trusted\n",
        "sfp": f"{hashlib.sha256(contents[15]).hexdigest()}:{len(contents[15])}:trusted\n",
        "ign2": f"{name}\n",
    }


# ---------------------------------------------------------------------------- the test


def by_clamscan(database: Path, folder: Path) -> dict[str, set[str]]:
    command = ["clamscan", "-d", database, "--allmatch", "--infected", "--no-summary", "--stdout", "-r", folder]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode in (0, 1), done.stdout[-2000:] + done.stderr[-2000:]
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in done.stdout.splitlines():
        if line.endswith(" FOUND"):
            path, _, name = line.removesuffix(" FOUND").rpartition(": ")
            found[name.removesuffix(".UNOFFICIAL")].add(Path(path).name)
    return found


def by_us(database: Path, folder: Path) -> dict[str, set[str]]:
    reading = Reading()
    for file in sorted(database.iterdir(), key=lambda each: not each.suffix.startswith(".ign")):
        for outcome in reading.read(file.name, file.read_bytes()):
            assert not outcome.refused, (file, outcome.refused)
    known = reading.finish()
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in folder.iterdir():
        data = file.read_bytes()
        kind = identify.identify(data)
        kind = kind if isinstance(kind, str) else kind[0]
        artifact = Artifact("1", (), data, kind, "", None, None, 0, hashlib.sha256(data).hexdigest())
        for name, _ in known.match(artifact):
            found[name].add(file.name)
    return found


def test_the_same_hits_as_clamscan(tmp_path: Path) -> None:
    database, folder = tmp_path / "database", tmp_path / "files"
    database.mkdir()
    folder.mkdir()
    contents = files()
    for number, data in enumerate(contents):
        (folder / f"{number:03d}").write_bytes(data)
    made = signatures(contents)
    for suffix in ("ndb", "ldb"):
        lines = [line for kind, line in made.values() if kind == suffix]
        (database / f"test.{suffix}").write_text("\n".join(lines) + "\n")
    for suffix, text in hash_lists(contents, next(iter(made))).items():
        (database / f"test.{suffix}").write_text(text)
    theirs, ours = by_clamscan(database, folder), by_us(database, folder)
    wrong = []
    for name in sorted(theirs.keys() | ours.keys()):
        missed, extra = theirs.get(name, set()) - ours.get(name, set()), ours.get(name, set()) - theirs.get(name, set())
        if missed or extra:
            line = made[name][1] if name in made else ""
            wrong.append(f"{name}: missed {sorted(missed)[:5]} too many {sorted(extra)[:5]} {line}")
    assert not wrong, "\n".join([f"{len(wrong)} signatures differ", *wrong])
    silent = {name.split(".")[2] for name in made} - {name.split(".")[2] for name in ours if name in made}
    assert silent <= {"engine"}, f"features without one hit prove nothing: {silent}"
