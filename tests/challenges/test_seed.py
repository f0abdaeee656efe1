"""What a platform starts with."""

from accounts.services.seed import seed_demo as accounts_demo
from challenges.models import Badge, Category, Challenge
from challenges.services.seed import seed, seed_demo
from governance.services.seed import seed_demo as governance_demo
from tests.factories.wallets import account_balance, ogc


def test_seeding_again_adds_nothing_and_keeps_edits(money):
    Category.objects.filter(slug="ai-for-good").update(name="Renamed")
    counts = Category.objects.count(), Badge.objects.count()
    seed(debug=True)
    assert (Category.objects.count(), Badge.objects.count()) == counts
    assert Category.objects.get(slug="ai-for-good").name == "Renamed"


def test_the_local_run_opens_two_challenges_once(money):
    accounts_demo()
    governance_demo()
    for _ in range(2):
        seed_demo()
    welcome, judged = Challenge.objects.order_by("id")
    assert [(row.slug, row.status, row.judging_mode) for row in (welcome, judged)] == [
        ("welcome", "open", "votes"),
        ("judged-welcome", "open", "judges"),
    ]
    assert welcome.prize_split == {"mode": "fixed", "amounts": [ogc(150), ogc(100), ogc(50)]}
    assert judged.criteria == [{"name": "originality", "weight": 50}, {"name": "impact", "weight": 50}]
    assert judged.judges.get().judge.email == "judge@ogc.local"
    assert account_balance(f"escrow:challenge:{welcome.public_id}") == ogc(300)


def test_without_the_people_of_a_local_run_nothing_is_opened(money):
    seed_demo()
    assert not Challenge.objects.exists()
