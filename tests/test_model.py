from __future__ import annotations

import dataclasses
import inspect
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lazaretto import model
from lazaretto.model import Address, Artifact, Finding, Kind, Message, Part, Severity, Status, new_id, status_of


def finding(kind: Kind, severity: Severity = Severity.MEDIUM) -> Finding:
    return Finding("test", "test.name", kind, severity)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ([], Status.CLEAN),
        ([Kind.LIMIT], Status.UNSCANNABLE),
        ([Kind.ENCRYPTED, Kind.FAILED], Status.UNSCANNABLE),
        ([Kind.AMBIGUOUS], Status.SUSPICIOUS),
        ([Kind.SPAM, Kind.LIMIT], Status.SUSPICIOUS),
        ([Kind.LIMIT, Kind.SPAM], Status.SUSPICIOUS),
        ([Kind.MACRO, Kind.MALWARE], Status.INFECTED),
        ([Kind.MASSMAILER], Status.INFECTED),
        ([Kind.EXPLOIT, Kind.LIMIT], Status.INFECTED),
    ],
)
def test_status_is_the_worst_word_in_any_order(kinds: list[Kind], expected: Status) -> None:
    assert status_of(tuple(finding(kind) for kind in kinds)) is expected
    assert status_of(tuple(finding(kind) for kind in reversed(kinds))) is expected


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_a_word_and_informational_counts_for_nothing(kind: Kind) -> None:
    assert status_of((finding(kind),)) is not Status.CLEAN
    assert status_of((finding(kind, Severity.INFORMATIONAL),)) is Status.CLEAN


def test_addresses() -> None:
    assert str(Address("a@b.example", "A B")) == "A B <a@b.example>"
    assert str(Address("a@b.example")) == "a@b.example"
    assert str(Address("")) == "<>"
    assert Address('"odd@local"@Example.ORG').domain == "example.org"
    assert Address("postmaster").domain == ""


def test_parts_are_walked_in_the_order_of_the_bytes_however_deep() -> None:
    deep = Part("9", 0, 0, 0, "text/plain")
    for _ in range(5000):
        deep = Part("8", 0, 0, 0, "multipart/mixed", children=(deep,))
    assert len(deep.walk()) == 5001
    root = Part("", 0, 0, 9, "multipart/mixed", children=tuple(Part(str(n), n, n, n, "text/plain") for n in (1, 2)))
    assert [part.path for part in root.walk()] == ["", "1", "2"]
    assert Message(b"", root).part("2") is root.children[1]
    assert Message(b"", root).part("3") is None


def test_an_artifact_leaves_without_its_bytes() -> None:
    artifact = Artifact("1/a", ("a", "b"), b"data", "text/plain", "image/png", "1", None, 2, "0" * 64)
    summary = artifact.summary(skipped=("macros",))
    assert summary.skipped == ("macros",)
    assert summary.size == 4
    assert artifact.name == "a"
    shared = {field.name for field in dataclasses.fields(summary)} - {"size", "opening", "skipped"}
    assert all(getattr(summary, name) == getattr(artifact, name) for name in shared)
    assert "data" not in {field.name for field in dataclasses.fields(summary)}
    assert "b'data'" not in repr(artifact)


def test_identifiers_are_ulids_in_the_order_of_time() -> None:
    made = [new_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert all(re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", each) for each in made)
    assert [each[:10] for each in made] == sorted(each[:10] for each in made)


def test_every_type_is_frozen_and_travels_between_processes() -> None:
    classes = [cls for _, cls in inspect.getmembers(model, dataclasses.is_dataclass)]
    assert len(classes) > 15
    assert all(cls.__dataclass_params__.frozen for cls in classes)
    for value in (finding(Kind.SPAM), Part("", 0, 0, 0, "text/plain"), Address("a@b")):
        assert pickle.loads(pickle.dumps(value)) == value


def test_event_numbers_are_unique() -> None:
    numbers = [kind.value for kind in model.EventKind.__members__.values()]
    assert len(numbers) == len(set(numbers)) == len(list(model.EventKind))


def test_importing_the_model_costs_nothing_else() -> None:
    source = str(Path(model.__file__).parents[1])
    code = (
        f"import sys; sys.path.insert(0, {source!r}); import lazaretto.model;"
        "names = {name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names);"
        "print(*sorted(names - {'__main__', 'lazaretto', 'sitecustomize'}))"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
