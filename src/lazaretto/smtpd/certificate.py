"""The TLS context of a door, made anew when its files change (certificates are renewed every few weeks)."""

from __future__ import annotations

import ssl
from pathlib import Path

import structlog

from lazaretto.errors import ConfigError, Problem

log = structlog.get_logger("smtpd")


class Certificate:
    """Raises ConfigError when the files cannot be used now; later on, a bad file leaves the last good context."""

    def __init__(self, certificate: Path, key: Path | None, section: str) -> None:
        self._certificate, self._key = certificate, key
        self._state: tuple[tuple[int, int, int], ...] = ()
        try:
            self._state = self._look()
            self._context = self._load()
        except OSError as error:  # ssl.SSLError is one
            what = f"[{section}] tls_certificate = '{certificate}': {error.strerror or error}"
            remedy = "give a PEM file with certificate and chain, and its private key there or in tls_key"
            raise ConfigError(Problem(None, None, what, remedy)) from error

    @property
    def context(self) -> ssl.SSLContext:
        """Looks at the files' times; called once for each STARTTLS."""
        try:
            state = self._look()
            if state != self._state:
                self._context, self._state = self._load(), state
        except OSError as error:
            log.warning("certificate not reloaded, the last one stays", file=str(self._certificate), error=str(error))
        return self._context

    def _look(self) -> tuple[tuple[int, int, int], ...]:
        files = [file.stat() for file in (self._certificate, self._key) if file]
        return tuple((each.st_ino, each.st_mtime_ns, each.st_size) for each in files)

    def _load(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
        # A password prompt on the terminal would stop the whole node: an encrypted key is an error instead.
        context.load_cert_chain(self._certificate, self._key, password=lambda: b"")
        return context
