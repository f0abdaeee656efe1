"""Analytics in the admin site, by scope."""

import pytest
from django.contrib.auth.models import Group

from analytics.models import DailyCount, Event
from analytics.services.counts import days_count
from tests.factories.accounts import UserFactory, admin_client
from tests.factories.analytics import EventFactory

pytestmark = pytest.mark.django_db


def site(role):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return admin_client(user)


@pytest.mark.parametrize("model", [Event, DailyCount])
def test_events_and_counts_are_looked_at_and_never_edited(model):
    EventFactory(user=UserFactory())
    days_count(days_back=0)
    client = site("admin")
    url = f"/admin/analytics/{model._meta.model_name}/"
    page = f"{url}{model.objects.first().pk}/change/"
    assert client.get(url).status_code == 200
    assert client.get(page).status_code == 200
    assert client.post(page, {"name": "x"}).status_code == 403
    assert client.get(f"{url}add/").status_code == 403
    assert site("moderator").get(url).status_code == 403
