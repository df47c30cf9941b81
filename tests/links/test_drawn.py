"""QR codes without a picture."""

from __future__ import annotations

import io

import pytest
import segno

from lazaretto.links import drawn, pictures

URL = "https://evil.example/scan"


@pytest.fixture(autouse=True)
def _loaded() -> None:
    pictures.prepare()


def matrix() -> list[list[int]]:
    return [[int(cell) for cell in row] for row in segno.make(URL, error="m", micro=False).matrix_iter(border=2)]


def test_full_blocks_two_for_each_module() -> None:
    text = "\n".join("".join("██" if cell else "  " for cell in row) for row in matrix())
    assert list(drawn.in_text(f"Scan this:\n\n{text}\n\nThanks")) == [URL]


def test_half_blocks() -> None:
    rows = matrix()
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    marks = {(1, 1): "█", (1, 0): "▀", (0, 1): "▄", (0, 0): " "}
    text = "\n".join(
        "".join(marks[a, b] for a, b in zip(one, two, strict=True))
        for one, two in zip(rows[::2], rows[1::2], strict=True)
    )
    assert list(drawn.in_text(text)) == [URL]


def test_half_blocks_light_on_dark_as_terminals_show_them() -> None:
    out = io.StringIO()
    segno.make(URL, error="m", micro=False).terminal(out, border=2, compact=True)
    assert list(drawn.in_text(out.getvalue())) == [URL]


def test_squares() -> None:
    text = "\n".join("".join("⬛" if cell else "⬜" for cell in row) for row in matrix())
    assert list(drawn.in_text(text)) == [URL]


@pytest.mark.parametrize(
    "dark",
    ['bgcolor="#000000"', 'style="background-color:#123"', 'style="background: rgb(10, 20,30)"', "bgcolor=black"],
)
def test_cells_of_a_table(dark: str) -> None:
    rows = "".join(
        "<tr>" + "".join(f'<td width="4" {dark}></td>' if cell else "<td bgcolor=white></td>" for cell in row) + "</tr>"
        for row in matrix()
    )
    assert list(drawn.in_page(f"<table><tr><td>Hello</td></tr></table><table>{rows}</table>")) == [URL]


def test_cells_joined_by_colspan() -> None:
    rows = []
    for row in matrix():
        cells, at = "", 0
        while at < len(row):
            end = at
            while end < len(row) and row[end] == row[at]:
                end += 1
            cells += f'<td colspan="{end - at}" bgcolor="{"#000" if row[at] else "#fff"}"></td>'
            at = end
        rows.append(f"<tr>{cells}</tr>")
    # What joins cells needs fewer of them; a table of this size is looked at all the same.
    assert list(drawn.in_page(f"<table>{''.join(rows)}</table>")) == [URL]


def test_ordinary_text_and_tables_hold_none() -> None:
    assert list(drawn.in_text("progress: ████████░░░░ 60 %\n" * 40)) == []
    assert list(drawn.in_page("<table>" + "<tr><td bgcolor=#000>a</td><td>b</td></tr>" * 400 + "</table>")) == []


def test_much_of_it_costs_little() -> None:
    assert list(drawn.in_text("█ ▀" * 50 + "\n" + ("███" * 60 + "\n") * 3000)) == []
    assert list(drawn.in_page('<table bgcolor="#000">' + "<tr>" * 1000 + "<td " * 100_000)) == []
