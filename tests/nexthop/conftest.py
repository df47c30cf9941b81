from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from tests.nexthop.certificates import self_signed


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """PEM file with key and certificate for localhost."""
    return self_signed(tmp_path / "localhost.pem")


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def client_tls(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))
