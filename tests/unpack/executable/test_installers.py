from __future__ import annotations

from typing import Any

from lazaretto.unpack.executable import installers, layout


def told(samples: Any, overlay: bytes, name: bytes = b".text", content: bytes = b"x") -> str:
    data = samples.pe_of([(name, content, 0)], behind=overlay)
    image = layout.read(data)
    assert image is not None
    return installers.recognise(data, image, data[image.end :])


def test_by_what_stands_behind_the_program(samples: Any) -> None:
    assert told(samples, b"zlb\x1a" + bytes(5000)) == "Inno Setup"
    assert told(samples, bytes(100) + b"Inno Setup Setup Data (5.5.0)" + bytes(5000)) == "Inno Setup"
    assert (
        told(samples, b"\xe0\xe0\xe1\xe1\xe2\xe2\xe3\xe3\xe4\xe4\xe5\xe5\xe6\xe6\xe7\xe7" + bytes(5000))
        == "Setup Factory"
    )


def test_by_the_program(samples: Any) -> None:
    assert told(samples, b"x" * 5000, name=b".WISE") == "Wise"
    assert told(samples, b"x" * 5000, content=b"Initializing Wise Installation Wizard") == "Wise"


def test_no_setup(samples: Any) -> None:
    assert told(samples, b"x" * 5000) == ""
    assert told(samples, b"", content=b"Inno Setup Setup Data (") == ""
    assert told(samples, b"x" * 5000 + b"zlb\x1a" + b"x" * 5000) == ""
