from __future__ import annotations

import contextlib
import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unpack import officefiles as make

from lazaretto.errors import Encrypted, HostileInput, LimitExceeded
from lazaretto.office import opendocument
from lazaretto.office.opendocument import Secret

TEXT = b"<office:document-content>" + bytes(range(256)) * 2000


def secret(data: bytes) -> tuple[Secret, bytes]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    (found,) = opendocument.secrets(archive.read("META-INF/manifest.xml"))
    return found, archive.read(found.path)


@pytest.mark.parametrize("how", ["cbc", "gcm", "blowfish"])
def test_the_right_word_opens(how: str) -> None:
    found, content = secret(make.odt(TEXT, "wort ä", how))
    opendocument.check(found)
    assert opendocument.opened(found, "wort", content) is None
    chunks = opendocument.opened(found, "wort ä", content)
    assert chunks
    assert b"".join(chunks) == TEXT


def changed(element: str, **values: str) -> Secret:
    found, _ = secret(make.odt(TEXT, "w"))
    found.attributes[element] = {**found.attributes[element], **{k.replace("_", "-"): v for k, v in values.items()}}
    return found


def test_what_nothing_here_opens_is_said() -> None:
    for each in (
        changed("algorithm", algorithm_name="urn:secret"),
        changed("key-derivation", key_derivation_name="scrypt"),
    ):
        with pytest.raises(Encrypted):
            opendocument.check(each)


def test_one_word_takes_no_longer_than_a_moment() -> None:
    argon = {"key_derivation_name": "argon2id"}
    for each in (
        changed("key-derivation", iteration_count="999999999"),
        changed("key-derivation", **argon, argon2_memory="9999999"),
        changed("key-derivation", **argon, argon2_iterations="99999"),
    ):
        with pytest.raises(LimitExceeded):
            opendocument.check(each)


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["initialisation-vector", "checksum", "salt", "key-size", "iteration-count"]),
    st.sampled_from(["", "x", "AAAA", "0", "-1", "7", "99"]),
    st.integers(0, 60),
)
def test_any_values(name: str, value: str, size: int) -> None:
    found, content = secret(make.odt(b"short", "w"))
    for attributes in found.attributes.values():
        if name in attributes:
            attributes[name] = value
    with contextlib.suppress(HostileInput):
        list(opendocument.opened(found, "w", content[:size]) or ())
