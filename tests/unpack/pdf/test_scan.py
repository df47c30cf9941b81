from __future__ import annotations

import time
import zlib
from typing import Any

from lazaretto.unpack.pdf.filters import Filter, Meter, decoded
from lazaretto.unpack.pdf.scan import Scan
from lazaretto.unpack.pdf.syntax import Reference


def scanned(data: bytes) -> tuple[Scan, list[object]]:
    scan = Scan(data, Meter())
    return scan, [value for _, value in scan.objects()]


def contents(scan: Scan) -> list[bytes]:
    return [b"".join(decoded(scan.raw(each), scan.chain(each), Meter())) for each in scan.streams]


def test_objects_that_no_table_names_and_all_revisions(pdf: Any) -> None:
    data = pdf.writer().add(1, b"<</JS(one)>>").end() + pdf.writer().add(1, b"<</JS(two)>>").end()
    _, values = scanned(data)
    assert values == [{"JS": b"one"}, {"JS": b"two"}]


def test_headers_as_lenient_readers_take_them() -> None:
    for header in (b"1 0 obj", b"001\n0\r\nobj", b"1 %x\n0 %y\robj", b"x1 0obj"):
        assert scanned(header + b"<</JS(a)>>")[1] == [{"JS": b"a"}]


def test_a_header_in_a_string_hides_nothing() -> None:
    _, values = scanned(b"1 0 obj<</A(endobj 2 0 obj)/JS(a)>>endobj")
    assert {"A": b"endobj 2 0 obj", "JS": b"a"} in values
    for inside in (b"(x 2 0 obj)", b"<31 2 0 obj>", b"[2 0 obj]", b"(a)(b 2 0 obj c)"):
        _, values = scanned(b"1 0 obj<</A " + inside + b"/JS(a)>>endobj")
        assert any(isinstance(value, dict) and value.get("JS") == b"a" for value in values)


def test_an_offset_into_an_object_hides_nothing(pdf: Any) -> None:
    body = b"<</A<</B 1>>/C(x)/JS(a)>>"
    for cut in range(1, len(body)):
        table = b"5 0 6 %d " % cut
        extra = b"/Type/ObjStm/N 2/First %d" % len(table)
        _, values = scanned(pdf.writer().stream(1, table + body, extra).end())
        assert any(isinstance(value, dict) and value.get("JS") == b"a" for value in values)


def test_objects_in_streams_of_objects(pdf: Any) -> None:
    _, values = scanned(pdf.writer().packed(1, {5: b"<</JS(a)>>", 6: b"<</JS 7 0 R>>", 7: b"(b)"}).end())
    assert {"JS": b"a"} in values
    assert {"JS": Reference(7, 0)} in values
    scan, _ = scanned(pdf.writer().packed(1, {5: b"<</JS(a)>>", 7: b"/Name"}).end())
    assert scan.resolve(Reference(7, 0)) == "Name"


def test_where_streams_end(pdf: Any) -> None:
    for length in (5, 0, 3, 4000, -1):
        scan, _ = scanned(pdf.writer().stream(1, b"hello", length=length).end())
        assert contents(scan)[0].rstrip() == b"hello"
    inner = b"a endstream b"
    assert contents(scanned(pdf.writer().stream(1, inner).end())[0]) == [inner]  # its length is right
    assert contents(scanned(b"1 0 obj<<>>stream\nhello")[0]) == [b"hello"]
    behind = pdf.writer().add(1, b"<</Length 2 0 R>>stream\nhello\nendstream").add(2, b"5").end()
    assert contents(scanned(behind)[0]) == [b"hello"]


def test_filters_by_reference_by_their_short_names_and_with_parameters(pdf: Any) -> None:
    rows = zlib.compress(b"\x02ab\x02\x01\x01")
    writer = pdf.writer().stream(1, rows, b"/Filter 2 0 R/DecodeParms[3 0 R]").add(2, b"[/Fl]")
    scan, _ = scanned(writer.add(3, b"<</Predictor 12/Columns 2>>").end())
    assert scan.chain(scan.streams[0]) == (Filter("FlateDecode", (("Predictor", 12), ("Columns", 2))),)
    assert contents(scan) == [b"abbc"]


def test_references_in_a_circle(pdf: Any) -> None:
    writer = pdf.writer().add(1, b"2 0 R").add(2, b"1 0 R").stream(3, b"x", b"/Filter 1 0 R/Length 1 0 R")
    scan, _ = scanned(writer.end())
    assert scan.resolve(Reference(1, 0)) is None
    assert contents(scan) == [b"x\n"]


def test_what_holds_nothing_is_not_read() -> None:
    assert scanned(b"1 0 obj<</Type/Font/A(short)/B[1 2 3]>>endobj")[1] == []
    assert scanned(b"1 0 obj<</A<" + b"41" * 300 + b">>>endobj")[1] == [{"A": b"A" * 300}]


def test_many_numbers_of_one_object_cost_one_reading(pdf: Any) -> None:
    table = b"".join(b"%d 0 " % number for number in range(100_000))
    extra = b"/Type/ObjStm/N 100000/First %d" % len(table)
    start = time.process_time()
    _, values = scanned(pdf.writer().stream(1, table + b"[" + b"(a)" * 100_000 + b"]", extra).end())
    assert time.process_time() - start < 5
    assert len(values) <= 2


def test_limits_are_said() -> None:
    scan, _ = scanned(b"1 0 obj(a)endobj " * 250_000)
    assert list(scan.trouble) == ["more than 200000 objects"]
