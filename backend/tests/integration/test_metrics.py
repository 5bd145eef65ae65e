"""What Prometheus reads: one series for each route and status, however many addresses are tried."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.harness import Served, queries, served

Samples = dict[tuple[str, ...], float]


@pytest.fixture
async def fresh(database_url: str) -> AsyncIterator[Served]:
    """Serve an application that has counted nothing yet."""
    async with served(database_url) as running:
        yield running
        await running.empty()


async def scraped(app: Served) -> Samples:
    """Every sample by its name and the values of its labels, in the order of the labels' names."""
    answer = await app.client().get("/metrics")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
    }


def requests(samples: Samples) -> Samples:
    """How many requests were counted, by method, status and route."""
    return {key[1:]: n for key, n in samples.items() if key[0] == "http_server_request_duration_seconds_count"}


async def test_requests_are_counted_by_route_and_status(fresh: Served) -> None:
    ada = await fresh.sign_in("ada")
    path = f"/api/v1/goals/{(await ada.post('/api/v1/goals', json={'title': 'Read'})).json()['data']['id']}"
    await ada.get(path)
    await ada.head(path)
    await ada.get("/api/v1/goals/0")
    await fresh.client().get("/api/v1/goals")
    await ada.put("/api/v1/goals")
    assert requests(await scraped(fresh)) == {
        ("POST", "200", "/api/v1/auth/dev/login"): 1,
        ("POST", "201", "/api/v1/goals"): 1,
        ("GET", "200", "/api/v1/goals/{goal_id}"): 2,
        ("GET", "422", "/api/v1/goals/{goal_id}"): 1,
        ("GET", "401", "/api/v1/goals"): 1,
        ("PUT", "405", "/api/v1/goals"): 1,
    }


async def test_invented_paths_and_methods_are_one_series(fresh: Served) -> None:
    client = fresh.client()
    for number in range(3):
        await client.request(f"METHOD{number}", f"/nothing/{number}")
    assert requests(await scraped(fresh)) == {("_OTHER", "404", ""): 3}


async def test_failures_are_counted_with_their_status(fresh: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = await fresh.sign_in("ada")
    monkeypatch.setattr("src.services.goals.search", None)
    await ada.get("/api/v1/goals")
    assert requests(await scraped(fresh))["GET", "500", "/api/v1/goals"] == 1


async def test_refused_callers_are_counted(database_url: str) -> None:
    async with served(database_url, rate_limit_enabled=True, rate_limit_default_per_minute=1) as app:
        client = app.client()
        for _ in range(2):
            await client.get("/api/v1/goals")
        assert requests(await scraped(app)) == {("GET", "401", "/api/v1/goals"): 1, ("GET", "429", ""): 1}


async def test_request_that_is_broken_off_has_no_status(fresh: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = asyncio.Event()

    async def search(*_: object, **__: object) -> None:
        begun.set()
        await asyncio.Event().wait()

    monkeypatch.setattr("src.services.goals.search", search)
    ada = await fresh.sign_in("ada")
    request = asyncio.create_task(ada.get("/api/v1/goals"))
    await begun.wait()
    assert (await scraped(fresh))["http_server_active_requests",] == 2
    request.cancel()
    await asyncio.wait([request])
    samples = await scraped(fresh)
    assert requests(samples)["GET", "", "/api/v1/goals"] == 1
    assert samples["http_server_active_requests",] == 1


async def test_connections_in_use_are_told(fresh: Served) -> None:
    async with fresh.database.reader() as session:
        await session.connection()
        samples = await scraped(fresh)
    assert (samples["db_client_connection_count", "used"], samples["db_client_connection_max",]) == (1, 10)
    after = await scraped(fresh)
    assert (after["db_client_connection_count", "used"], after["db_client_connection_count", "idle"]) == (0, 1)


async def test_scrape_costs_no_statement_and_counts_itself_as_under_way(fresh: Served) -> None:
    with queries(fresh.database, at_most=0):
        samples = await scraped(fresh)
    assert samples["http_server_active_requests",] == 1
    assert samples["process_cpu_seconds_total",] > 0


async def test_applications_of_one_process_do_not_add_up(fresh: Served, database_url: str) -> None:
    async with served(database_url) as other:
        await asyncio.gather(*(other.client().get("/health/live") for _ in range(3)))
    assert requests(await scraped(fresh)) == {}


async def test_metrics_that_are_switched_off_are_nowhere(database_url: str) -> None:
    async with served(database_url, metrics_enabled=False) as app:
        answer = await app.client().get("/metrics")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "NOT_FOUND")
