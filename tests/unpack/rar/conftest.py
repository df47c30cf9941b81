"""What the tests of RAR share: archives are made by ``tests/unpack/rarmake.py``."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unpack.conftest import Kit


@pytest.fixture(scope="session")
def kit() -> type[Any]:
    return Kit
