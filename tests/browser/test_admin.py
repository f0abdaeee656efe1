import re

import pytest
from django.core.management import call_command
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SEEDED_PASSWORD = "ogc-local-only-1"


@pytest.fixture(autouse=True)
def _seeded(live_server, settings) -> None:
    settings.DEBUG = True
    call_command("seed", verbosity=0)


def log_in(page: Page, email: str) -> None:
    page.goto("/admin/")
    page.locator("input[name=username]").fill(email)
    page.locator("input[name=password]").fill(SEEDED_PASSWORD)
    page.locator("[type=submit]").click()


def test_staff_log_in_and_find_their_lists(page: Page) -> None:
    log_in(page, "admin@ogc.local")

    expect(page).to_have_url(re.compile(r"/admin/$"))
    page.goto("/admin/challenges/challenge/")
    expect(page.get_by_text("welcome").first).to_be_visible()
    page.goto("/admin/wallets/transaction/")
    expect(page.get_by_text(re.compile("genesis", re.IGNORECASE)).first).to_be_visible()


def test_people_who_are_not_staff_stay_outside(page: Page) -> None:
    log_in(page, "alice@ogc.local")

    expect(page.locator("input[name=password]")).to_be_visible()
    page.goto("/admin/challenges/challenge/")
    expect(page).to_have_url(re.compile(r"/admin/login/"))


def test_the_ledger_can_be_read_and_not_written(page: Page) -> None:
    log_in(page, "admin@ogc.local")

    page.goto("/admin/wallets/transaction/")
    page.locator("#result_list tbody a").first.click()

    expect(page).to_have_url(re.compile(r"/admin/wallets/transaction/\d+/"))
    expect(page.locator("input[name=_save], button[name=_save]")).to_have_count(0)
