"""How the admin site presents itself."""

UNFOLD = {
    "SITE_TITLE": "OGC NewFinity",
    "SITE_HEADER": "OGC NewFinity",
    "SITE_SYMBOL": "token",
    "SHOW_VIEW_ON_SITE": False,
    "ACCOUNT": {"navigation": [{"title": "API documentation", "link": "/api/v1/docs"}]},
}
