"""postal-mime and mailparser, by one process of Node that answers a line for a line."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from pathlib import Path

import pytest
from tests.e2e.servers.running import require_program

HERE = Path(__file__).parent


class Node:
    def __init__(self) -> None:
        require_program("node", "nodejs")
        if not (HERE / "node_modules").exists():
            pytest.fail(f"the mail parsers of npm are missing:  npm ci --prefix {HERE}   (or: make test)")
        self._folder = tempfile.TemporaryDirectory()
        self._file = Path(self._folder.name) / "in.eml"
        self._process = subprocess.Popen(
            ["node", "leaves.mjs"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()
        self._folder.cleanup()

    def leaves(self, raw: bytes) -> dict[str, list[bytes]]:
        """By the name of the parser."""
        assert self._process.stdin
        assert self._process.stdout
        self._file.write_bytes(raw)
        self._process.stdin.write(f"{self._file}\n")
        self._process.stdin.flush()
        said = json.loads(self._process.stdout.readline())
        return {name: [base64.b64decode(each) for each in found] for name, found in said.items()}
