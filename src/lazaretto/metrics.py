"""Counters of one node for Prometheus, and the same numbers for ``lazaretto status``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Gauge, Histogram, start_http_server
from prometheus_client import Counter as PrometheusCounter
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from lazaretto.config import host_port
from lazaretto.errors import ConfigError, Problem
from lazaretto.model import Event, RemoteStatus

SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)


class Metrics:
    """Observes message events.  Its registry is its own, so that two nodes can live in one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.counters: Counter[str] = Counter()
        self._messages = PrometheusCounter(
            "lazaretto_messages",
            "Messages that came to an end",
            ["door", "direction", "status", "reply"],
            registry=self.registry,
        )
        self._findings = PrometheusCounter("lazaretto_findings", "Findings", ["source", "kind"], registry=self.registry)
        self._bytes = PrometheusCounter("lazaretto_bytes", "Bytes of messages inspected", registry=self.registry)
        self._seconds = Histogram(
            "lazaretto_seconds",
            "From the last byte to the decision",
            ["stage"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.waiting = Gauge("lazaretto_waiting", "Inspections in the queue", registry=self.registry)
        self.held = Gauge("lazaretto_items_held", "Items waiting in the quarantine", registry=self.registry)
        self._server: WSGIServer | None = None

    def observe(self, event: Event) -> None:
        if event.envelope is None or event.status is None or event.reply is None:
            return
        self.counters["messages"] += 1
        self.counters[event.status.value] += 1
        self.counters[event.reply.value] += 1
        self._messages.labels(
            event.envelope.door, event.envelope.direction.value, event.status.value, event.reply.value
        ).inc()
        for finding in event.findings:
            self._findings.labels(finding.source, finding.kind.value).inc()
        if event.properties:
            self._bytes.inc(event.properties.size)
        for stage, seconds in event.timings.items():
            self._seconds.labels(stage).observe(seconds)

    def watch_results(self, results: Callable[[], Mapping[str, int]]) -> None:
        """``results``: how often what engines say was known, by word (results/shelf.py)."""
        self.registry.register(_Results(results))

    def watch_remotes(self, remotes: Callable[[], Iterable[RemoteStatus]]) -> None:
        """Adds the servers that engines ask; ``remotes`` is called whenever Prometheus asks, from its thread."""
        self.registry.register(_Remotes(remotes))

    def serve(self, listen: str) -> None:
        """Answers Prometheus on ``listen`` ("host:port") from a thread of its own.  Raises ConfigError."""
        host, port = host_port(listen)
        try:
            self._server, _ = start_http_server(port, host, registry=self.registry)
        except OSError as error:
            what = f"metrics.listen: cannot listen on {listen}: {error.strerror}"
            raise ConfigError(Problem(None, None, what, "stop what uses the port, or choose another")) from None

    def close(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Results:
    """Asked by the registry whenever Prometheus asks."""

    def __init__(self, results: Callable[[], Mapping[str, int]]) -> None:
        self._results = results

    def collect(self) -> Iterator[Metric]:
        now = self._results()
        look_ups = CounterMetricFamily("lazaretto_results_lookups", "Files that engines were to see", labels=["known"])
        for known, name in (("worker", "own"), ("node", "shared"), ("no", "misses")):
            look_ups.add_metric([known], now[name])
        yield look_ups
        yield CounterMetricFamily("lazaretto_results_evictions", "Results that made room", now["evictions"])
        yield CounterMetricFamily("lazaretto_results_disputes", "Results that workers differ on", now["disputes"])
        yield GaugeMetricFamily("lazaretto_results_bytes", "Memory in use for results", now["bytes"])


class _Remotes(Collector):
    """What the servers say of themselves at that moment."""

    def __init__(self, remotes: Callable[[], Iterable[RemoteStatus]]) -> None:
        self._remotes = remotes

    def describe(self) -> Iterable[Metric]:
        return ()  # without it, the registry would ask them at once

    def collect(self) -> Iterator[Metric]:
        labels = ["engine", "server"]
        up = GaugeMetricFamily("lazaretto_remote_up", "1 while the server answers", labels=labels)
        busy = GaugeMetricFamily("lazaretto_remote_busy", "Scans under way", labels=labels)
        scans = CounterMetricFamily("lazaretto_remote_scans", "Scans that it has answered", labels=labels)
        failures = CounterMetricFamily("lazaretto_remote_failures", "Scans that it has not answered", labels=labels)
        seconds = CounterMetricFamily("lazaretto_remote_seconds", "Time that its answers took", labels=labels)
        for each in self._remotes():
            where = [each.engine, each.server]
            up.add_metric(where, each.up)
            busy.add_metric(where, each.busy)
            scans.add_metric(where, each.scans)
            failures.add_metric(where, each.failures)
            seconds.add_metric(where, each.seconds)
        yield from (up, busy, scans, failures, seconds)
