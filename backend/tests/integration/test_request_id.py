"""Each request has one id, in the answer's header and in its error."""

import httpx2
import pytest

from tests.answers import error_of


@pytest.mark.parametrize("offered", ["a", "4fd1c6f0-A.b_c", "x" * 128])
async def test_sane_id_is_accepted(ada: httpx2.AsyncClient, offered: str) -> None:
    answer = await ada.get("/nothing", headers={"X-Request-ID": offered})
    assert error_of(answer, 404, "NOT_FOUND")["request_id"] == offered


@pytest.mark.parametrize("offered", ["", " ", "x" * 129, "a b", "a\tb", "é", "<script>", "a,b"])
async def test_other_id_is_replaced(ada: httpx2.AsyncClient, offered: str) -> None:
    answer = await ada.get("/nothing", headers=[(b"X-Request-ID", offered.encode())])
    made = error_of(answer, 404, "NOT_FOUND")["request_id"]
    assert len(made) == 32
    assert made != offered


async def test_each_request_has_its_own(ada: httpx2.AsyncClient) -> None:
    answers = [await ada.get("/health/live") for _ in range(3)]
    assert len({answer.headers["X-Request-ID"] for answer in answers}) == 3
