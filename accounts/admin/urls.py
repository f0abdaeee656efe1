"""Pages of the admin site that stand in place of Django's own, or beside them."""

from django.urls import path

from accounts.admin import entrance
from accounts.middleware import STEP_UP_PAGE

urlpatterns = [
    path("login/", entrance.login),
    path("login/code/", entrance.login_code, name=entrance.CODE_PAGE),
    path("logout/", entrance.logout),
    path("step-up/", entrance.step_up, name=STEP_UP_PAGE),
]
