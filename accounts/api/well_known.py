"""Paths of accounts at the root, relative to /.well-known/."""

from django.urls import URLPattern, path

from accounts.api import key_views

urlpatterns: list[URLPattern] = [path("jwks.json", key_views.JwksView.as_view())]
