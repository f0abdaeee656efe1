import os

from django.conf import settings


def test_settings_know_the_services_of_this_process() -> None:
    assert os.environ["REDIS_URL"] == settings.REDIS_URL
    assert os.environ["CHAIN_RPC_URLS"].split(",") == settings.CHAIN_RPC_URLS
    assert os.environ["OGC_VAR"] == str(settings.OGC_VAR)
