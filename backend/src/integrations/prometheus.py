"""Prometheus: what a process tells of itself, under the names that OpenTelemetry gives it, which dashboards know.

https://opentelemetry.io/docs/specs/semconv/http/http-metrics and .../specs/semconv/database/database-metrics have the
names, units and buckets. Every label is one of few, because each combination is a series that is kept.
"""

from typing import cast

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest as exposition,
)
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
BUCKETS_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)


class Metrics:
    """The registry of one application, and what is counted in it."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self.active = Gauge("http_server_active_requests", "Requests under way.", registry=self._registry)
        self._durations = Histogram(
            "http_server_request_duration_seconds",
            "From the arrival of a request to the last byte of its answer.",
            ("http_request_method", "http_route", "http_response_status_code"),
            buckets=BUCKETS_SECONDS,
            registry=self._registry,
        )
        self._connections = Gauge(
            "db_client_connection_count",
            "Connections to the database.",
            ("db_client_connection_state",),
            registry=self._registry,
        )
        self._limit = Gauge("db_client_connection_max", "Connections to the database at most.", registry=self._registry)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that has ended.

        *route* is the template, `/tasks/{task_id}`, and empty where there was none; *status* is 0 where the client left
        before it had one.
        """
        known = method if method in METHODS else "_OTHER"
        self._durations.labels(known, route, str(status or "")).observe(seconds)

    def watch(self, engine: AsyncEngine, *, limit: int) -> None:
        """Tell from now on how many connections *engine* holds, of *limit* that it may."""
        self._connections.labels("used").set_function(lambda: cast(QueuePool, engine.pool).checkedout())
        self._connections.labels("idle").set_function(lambda: cast(QueuePool, engine.pool).checkedin())
        self._limit.set(limit)

    def text(self) -> bytes:
        """Everything, in the text format 0.0.4 that every scraper reads."""
        return exposition(self._registry)
