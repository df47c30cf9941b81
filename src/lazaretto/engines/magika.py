"""A second opinion about what a file is: Google's magika, a model that was trained on files of each type.

It reads as little as the beginning and the end, takes milliseconds and is wrong now and then, so it is off by default,
and what it says only informs.  The types that everything else goes by are those of ``filetypes``.
"""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import version
from typing import Any, ClassVar

from pydantic import Field

from lazaretto import config
from lazaretto.errors import ConfigError, Problem
from lazaretto.filetypes.catalogue import BY_EXTENSION, RUNNABLE
from lazaretto.model import Artifact, Finding, Kind, Severity
from lazaretto.plugin import Engine

_SHORTEST = 16  # bytes; of less the model itself says nothing


class MagikaSettings(config.Settings):
    confidence: int = Field(90, ge=50, le=100, description="percent; what the model is less sure of is not reported")


class Magika(Engine):
    """Tells when a file that has no type of its own looks like a script or program to the model."""

    name: ClassVar[str] = "magika"
    by_name: ClassVar[bool] = False
    default: ClassVar[bool] = False
    types: ClassVar[frozenset[str]] = frozenset({"application/octet-stream", "text/plain"})
    Settings = MagikaSettings

    def __init__(self, settings: MagikaSettings) -> None:
        """Loads the model; processes that are forked afterwards share it.  Raises ConfigError where it is missing."""
        super().__init__(settings)
        self._confidence = settings.confidence / 100
        try:
            self._model = _load()
        except ImportError as error:
            what = f"engines.magika needs the Python package magika, which cannot be loaded: {error}"
            raise ConfigError(
                Problem(None, None, what, "pip install 'lazaretto[magika]', or remove the section")
            ) from None

        self._version = version("magika")  # now: workers open no files

    @property
    def version(self) -> str:
        return f"{self._version} {self._confidence}"

    def describe(self) -> tuple[str, ...]:
        return (f"magika {self._version}, model {self._model.get_model_name()}",)

    def inspect(self, artifact: Artifact) -> Iterable[Finding]:
        if len(artifact.data) < _SHORTEST:
            return
        told = self._model.identify_bytes(bytes(artifact.data))
        runs = RUNNABLE.intersection(told.output.extensions)
        known = {kind for extension in runs for kind in BY_EXTENSION.get(extension, ())}
        if not runs or told.score < self._confidence or artifact.type in known:
            return
        evidence = f"{told.output.label} with {told.score:.0%}; by its signs it is {artifact.type}"
        yield Finding(self.name, "type.second-opinion", Kind.CONTENT, Severity.INFORMATIONAL, evidence=(evidence,))


def _load() -> Any:
    """The model, on one thread: those that it would start do not live on in forked processes."""
    magika, runtime = import_module("magika"), import_module("onnxruntime")

    class OneThread(magika.Magika):  # type: ignore[misc, name-defined]  # known only here
        def _init_onnx_session(self) -> Any:
            options = runtime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            return runtime.InferenceSession(self._model_path, options, providers=["CPUExecutionProvider"])

    return OneThread()
