from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lazaretto import config
from lazaretto.engines import magika
from lazaretto.engines.magika import Magika
from lazaretto.errors import ConfigError
from lazaretto.inspection import Inspector
from lazaretto.model import Severity
from lazaretto.testing import artifact

SCRIPT = b"@echo off\nset a=1\nif exist x (del y)\nfor %%i in (*.txt) do echo %%i\ngoto end\n:end\n"


@pytest.fixture(scope="module")
def engine() -> Magika:
    return Magika(Magika.Settings())


def test_a_script_that_has_no_type_is_told(engine: Magika) -> None:
    (finding,) = engine.inspect(artifact(SCRIPT, type="application/octet-stream"))
    assert (finding.name, finding.severity) == ("type.second-opinion", Severity.INFORMATIONAL)
    assert finding.evidence[0].startswith("batch with ")
    assert finding.evidence[0].endswith("by its signs it is application/octet-stream")


@pytest.mark.parametrize(
    "data", [b"", b"short", b"Dear all,\n\nplease find the minutes of the meeting below.\n\nRegards\n" * 3, bytes(500)]
)
def test_a_letter_is_not(engine: Magika, data: bytes) -> None:
    assert not list(engine.inspect(artifact(data, type="text/plain")))


def test_it_agrees_in_silence(engine: Magika) -> None:
    assert not list(engine.inspect(artifact(SCRIPT, type="text/x-msdos-batch")))


def test_what_it_is_less_sure_of_is_not_reported() -> None:
    class Unsure:
        def identify_bytes(self, data: bytes) -> object:
            told = engine_result(data)
            return type("Told", (), {"output": told.output, "score": 0.6})

    strict, model = Magika(Magika.Settings(confidence=70)), Magika(Magika.Settings())._model
    engine_result = model.identify_bytes
    strict._model = Unsure()
    assert not list(strict.inspect(artifact(SCRIPT, type="text/plain")))


def test_it_is_off_until_its_section_is_there() -> None:
    assert "magika" not in {each.name for each in Inspector(config.load(None, {}))._engines}
    given = config.Loaded(config.Config.model_validate({"engines": {"magika": {}}}), None)
    assert "magika" in {each.name for each in Inspector(given)._engines}


def test_a_worker_of_the_sandbox_uses_it(tmp_path: Path) -> None:
    file, settings = tmp_path / "x", tmp_path / "lazaretto.toml"
    file.write_bytes(SCRIPT + b"\0")
    settings.write_text(f'data_dir = "{tmp_path / "data"}"\n[engines.magika]\nconfidence = 80\n')
    command = [sys.executable, "-m", "lazaretto", "scan", "--json", "--config", str(settings), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    (found,) = json.loads(done.stdout)["findings"]
    assert (found["name"], found["source"]) == ("type.second-opinion", "magika"), done.stderr


def test_a_forked_process_uses_the_model_of_its_parent(engine: Magika) -> None:
    if (child := os.fork()) == 0:
        os._exit(0 if list(engine.inspect(artifact(SCRIPT, type="text/plain"))) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_without_the_package_the_remedy_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(magika, "import_module", absent)
    with pytest.raises(ConfigError, match=r"lazaretto\[magika\]"):
        Magika(Magika.Settings())
