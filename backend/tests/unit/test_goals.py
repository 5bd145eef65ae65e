"""What the schemas of goals accept, refuse and keep apart."""

import pytest
from pydantic import ValidationError

from src.schemas.goal import GoalFilter, GoalUpdate
from tests.factories.goals import ACCEPTED, FILTERS, NULLABLE, REFUSED, VALID


@pytest.mark.parametrize("case", ACCEPTED)
def test_value_is_accepted(case: str) -> None:
    field, sent, answered = ACCEPTED[case]
    update = GoalUpdate.model_validate({field: sent, "version": 1})
    assert update.model_dump(mode="json", exclude={"version"}) == {field: answered}


@pytest.mark.parametrize("case", REFUSED)
def test_value_is_refused(case: str) -> None:
    field, value = REFUSED[case]
    with pytest.raises(ValidationError) as raised:
        GoalUpdate.model_validate({field: value, "version": 1})
    assert {fault["loc"][0] for fault in raised.value.errors()} == {field}


def test_field_that_was_not_sent_is_no_change() -> None:
    assert GoalUpdate(version=1).changes() == {}


@pytest.mark.parametrize("field", NULLABLE)
def test_null_is_a_change(field: str) -> None:
    assert GoalUpdate.model_validate({field: None, "version": 1}).changes() == {field: None}


def test_listing_is_filtered_by_nothing_unless_it_is_asked_for() -> None:
    assert GoalFilter(offset=3, limit=4).filters() == {}


@pytest.mark.parametrize("field", FILTERS)
def test_filter_is_what_was_asked_for(field: str) -> None:
    assert list(GoalFilter.model_validate({field: VALID[field]}).filters()) == [field]
