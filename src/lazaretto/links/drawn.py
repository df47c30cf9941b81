"""QR codes without a picture: of block characters in text, and of coloured cells in a table of HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lazaretto.links import pictures

SMALLEST, LARGEST = 21, 177  # modules of a side (ISO/IEC 18004, 5.3.1)
MOST = 8  # drawings that are read in one text
_SCALE = 4
# Unicode, Block Elements: upper and lower half of each.
_BLOCKS = {
    "█": (1, 1),
    "▀": (1, 0),
    "▄": (0, 1),
    "■": (1, 1),
    "⬛": (1, 1),
    "▓": (1, 1),
    "▇": (1, 1),
    "⬜": (0, 0),
    "□": (0, 0),
    "░": (0, 0),
}
_DENSE = re.compile(r"[█▀▄■⬛▓▇⬜□░]{3}")
_ANY = re.compile(r"[█▀▄■⬛▓▇⬜□░]")
_TABLE = re.compile(r"<(/?)(table|tr|td|th)\b([^<>]{0,1000})>", re.IGNORECASE)
_SPAN = re.compile(r"(col|row)span\s*=\s*[\"']?(\d{1,3})", re.IGNORECASE)
_COLOUR = re.compile(
    r"(?:bgcolor\s{0,3}=\s{0,3}[\"']?|background(?:-color)?\s{0,3}:\s{0,3})(#[0-9a-f]{3,8}|[a-z]{3,20}|rgba?\([\d\s,.%]{5,40}\))",
    re.IGNORECASE,
)
_DARK = re.compile(
    "(?:dark|midnight)?(?:black|navy|maroon|purple|indigo|green|blue|red|brown|slategray)|dimgr[ae]y|teal",
    re.IGNORECASE,
)

Rows = list[list[int]]


def in_text(text: str) -> Iterator[str]:
    """What codes of block characters say."""
    if text.isascii() or not any(block in text for block in _BLOCKS) or not _DENSE.search(text):
        return
    count = 0
    block: list[str] = []
    for line in [*text.splitlines(), ""]:
        if len(line) <= 4 * LARGEST and (_ANY if block else _DENSE).search(line):
            block.append(line.rstrip())
        elif block:
            if len(block) >= SMALLEST // 2 and count < MOST:
                count += 1
                yield from _read(_expanded(block))
            block = []


def _expanded(lines: list[str]) -> Rows:
    """Two rows of cells for each line: a character is twice as high as wide, or a full block stands for two."""
    halves = any("▀" in line or "▄" in line for line in lines)
    square = not halves and any("⬛" in line or "■" in line for line in lines)  # drawn square
    width = max(map(len, lines))
    rows: Rows = []
    for line in lines[:LARGEST]:
        cells = [_BLOCKS.get(each, (0, 0)) for each in line.ljust(width)]
        if square:
            rows.append([upper for upper, _ in cells])
        else:
            rows += [[upper for upper, _ in cells], [lower for _, lower in cells]]
    return rows


def in_page(text: str) -> Iterator[str]:
    """What codes of table cells say."""
    lower = text.lower()
    if lower.count("<td") < SMALLEST * SMALLEST // 8 or ("bgcolor" not in lower and "background" not in lower):
        return
    count = 0
    for rows in _tables(text):
        if SMALLEST <= len(rows) <= LARGEST + 16 and max(map(len, rows)) >= SMALLEST and count < MOST:
            count += 1
            yield from _read(rows)


def _tables(text: str) -> Iterator[Rows]:
    """Innermost tables only: in one that holds others the cells are no modules."""
    rows: Rows = []
    for found in _TABLE.finditer(text):
        name = found[2].lower()
        if name == "table":
            if rows:
                yield rows
            rows = []
        elif name == "tr":
            if not found[1]:
                rows.append([])
        elif not found[1] and rows and len(rows[-1]) < 4 * LARGEST:
            spans = {each[1].lower(): min(int(each[2]), LARGEST) for each in _SPAN.finditer(found[3])}
            rows[-1] += [_is_dark(found[3])] * spans.get("col", 1)
    if rows:
        yield rows


def _is_dark(attributes: str) -> int:
    found = _COLOUR.search(attributes)
    if not found:
        return 0
    colour = found[1].lower()
    if colour.startswith("#"):
        digits = colour[1:]
        parts = (
            [int(each * 2, 16) for each in digits[:3]]
            if len(digits) < 6
            else [int(digits[at : at + 2], 16) for at in (0, 2, 4)]
        )
        return int(sum(parts) < 384)
    if colour.startswith("rgb"):
        numbers = [float(each) for each in re.findall(r"\d{1,3}", colour)[:3]]
        return int(sum(numbers) < 384)
    return int(_DARK.fullmatch(colour) is not None)


def _read(rows: Rows) -> Iterator[str]:
    from PIL import Image

    rows = [row for row in rows if row]
    width = max(map(len, rows), default=0)
    if not (SMALLEST <= len(rows) <= 400 and SMALLEST <= width <= 4 * LARGEST):
        return
    pixels = bytes(0 if cell else 255 for row in rows for cell in (*row, *[0] * (width - len(row))))
    image = Image.frombytes("L", (width, len(rows)), pixels)
    image = image.resize((width * _SCALE, len(rows) * _SCALE), Image.Resampling.NEAREST)
    framed = Image.new("L", (image.width + 32, image.height + 32), 255)
    framed.paste(image, (16, 16))
    yield from pictures.read(framed)
