from __future__ import annotations

import pytest

from lazaretto.engines.patterns.clam.body import Unsupported
from lazaretto.engines.patterns.clam.logical import extended, logical


def test_an_extended_signature() -> None:
    signature = extended("Name:1:EP+0,4:61626364:10:255")
    assert (signature.name, signature.target, signature.triggers) == ("Name", 1, frozenset({0}))


@pytest.mark.parametrize("line", ["", "A:0:*", "A:x:*:6162", ":0:*:6162", "A:0:*:6162:x", "A:0:*:6162:1:2:3"])
def test_what_is_no_extended_signature_is_an_error(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of the reasons is for people
        extended(line)


@pytest.mark.parametrize("line", ["A:13:*:6162", "A:0:*:6162:250", "A:0:*:6162:1:100", "A:1:VI:6162"])
def test_unsupported_extended_signatures(line: str) -> None:
    with pytest.raises(Unsupported):
        extended(line)


def test_the_rarest_of_those_that_must_be_there_is_looked_for() -> None:
    assert logical("A;Target:0;0&1;6162;616263646566").triggers == {1}


def test_what_depends_on_another_is_looked_for_by_that() -> None:
    assert logical("A;Target:0;1;6162;0/x/").triggers == {0}
    assert logical("A;Target:0;1;6162;0(>>1#ib1#>1)").triggers == {0}


def test_nothing_must_be_there_where_absence_is_asked_for() -> None:
    assert logical("A;Target:0;0=0;6162").triggers is None


@pytest.mark.parametrize(
    ("line", "feature"),
    [
        ("A;Target:0;0&1;616263;${6-7}12$", "macro"),
        ("A;Target:0;0;fuzzy_img#af2ad01ed42993c7#0", "fuzzy"),
        ("A;Target:0,Container:CL_TYPE_ZIP;0;6162", "Container"),
        ("A;Target:0,Intermediates:CL_TYPE_ZIP>CL_TYPE_PDF;0;6162", "Intermediates"),
        ("A;Target:1,IconGroup1:X;0;6162", "IconGroup1"),
        ("A;Target:0,HandlerType:CL_TYPE_PDF;0;6162", "HandlerType"),
        ("A;Engine:300-400,Target:0;0;6162", "level"),
        ("A;Target:0,NumberOfSections:2;0;6162", "sections"),
        ("A;Target:0;1>2;6162;0/x/g", "counting"),
        ("A;Target:0;(0|1)>2;6162;0/x/g", "counting"),
        ("A;Target:0;2;6162;0/x/;1/y/", "triggers another"),
    ],
)
def test_unsupported_features_are_named(line: str, feature: str) -> None:
    with pytest.raises(Unsupported, match=feature):
        logical(line)


@pytest.mark.parametrize(
    "line",
    ["A", "A;Target:0;0", "A;Target:0;1;6162", "A;Target:0;0;0/x/", "A;x;0;6162", "A;Target:0,FileSize:x;0;6162",
     "A;Target:0;0;0(>>1#ib1#>1)", "A;Target:0;0;6162::q",
     ";Target:0;0;6162", "A;Target:0;0;" + ";".join(["6162"] * 65)],
)  # fmt: skip
def test_what_is_no_logical_signature_is_an_error(line: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which of the reasons is for people
        logical(line)
