"""Pages of the admin site that stand in place of Django's own."""

from django.urls import path

from accounts.admin import entrance

urlpatterns = [
    path("login/", entrance.login),
    path("logout/", entrance.logout),
]
