"""The first rows, and the commands of accounts."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from accounts import plans
from accounts.authentication import actor_of_header
from accounts.models import Plan, ServiceToken, User
from accounts.selectors import plan_get
from accounts.services import login
from accounts.services.seed import DEMO_PEOPLE, LOCAL_PASSWORD, seed, seed_demo
from ogc.actors import ANONYMOUS
from ogc.api import rate_limits

pytestmark = pytest.mark.django_db


def test_the_plans_are_those_of_the_rule_book():
    rows = Plan.objects.values_list(
        "slug", "monthly_price_cents", "yearly_price_cents", "monthly_price_base_units", "vote_weight_bps",
        "contribution_bps", "premium", "staking", "rate_factor",
    )  # fmt: skip
    assert list(rows) == [
        ("free", 0, 0, 0, 10_000, 10_000, False, False, 1),
        ("pro", 999, 9900, 100 * 10**9, 15_000, 15_000, True, True, 2),
        ("enterprise", 4999, 49_900, 500 * 10**9, 20_000, 20_000, True, True, 5),
    ]


def test_seeding_keeps_what_an_admin_changed(settings):
    settings.OGC_ADMIN_EMAIL, settings.OGC_ADMIN_PASSWORD = "Root@ogc.local", "a very long password"
    Plan.objects.filter(slug="pro").update(monthly_price_cents=1999)
    for _ in range(2):
        seed(debug=True)
    assert Plan.objects.get(slug="pro").monthly_price_cents == 1999
    root = User.objects.get()
    assert (root.email, root.email_verified) == ("root@ogc.local", True)
    assert login(actor=ANONYMOUS, email="root@ogc.local", password="a very long password")


def test_the_people_of_a_local_run_are_verified_and_can_log_in():
    for _ in range(2):
        seed_demo()
    assert User.objects.count() == len(DEMO_PEOPLE) == 12
    assert not User.objects.filter(email_verified_at=None).exists()
    on_plans = dict(User.objects.exclude(plan__slug="free").values_list("email", "plan__slug"))
    assert on_plans == {"carol@ogc.local": "pro", "dave@ogc.local": "enterprise"}
    assert login(actor=ANONYMOUS, email="alice@ogc.local", password=LOCAL_PASSWORD)


def test_plans_are_read_once_and_then_by_the_reader(django_assert_num_queries):
    plans.load()
    with django_assert_num_queries(0):
        assert plan_get("pro").vote_weight_bps == 15_000
    Plan.objects.filter(slug="pro").update(rate_factor=3)
    plans.load()
    assert plan_get("pro").rate_factor == 3
    assert rate_limits._plan_factors == {"free": 1, "pro": 3, "enterprise": 5}
    assert plan_get("no-such-plan").slug == "free"
    Plan.objects.filter(slug="pro").update(rate_factor=2)
    plans.load()


def test_the_command_prints_a_service_token_and_nothing_else(capsys):
    call_command("service_token", scope=["tx.system"], days=30)
    token = capsys.readouterr().out.strip()
    assert actor_of_header(f"Bearer {token}").scopes == {"tx.system"}
    assert token not in str(ServiceToken.objects.values().get())


@pytest.mark.parametrize("arguments", [{"scope": ["tx.system"], "days": 0}, {"scope": [], "days": 1}])
def test_the_command_refuses_what_makes_no_token(arguments):
    with pytest.raises(CommandError):
        call_command("service_token", **arguments)
    assert not ServiceToken.objects.exists()
