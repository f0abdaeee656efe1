"""Paths of accounts, relative to /api/v1/."""

from django.urls import URLPattern, path

from accounts.api import (
    activity_views,
    admin_views,
    factor_views,
    passkey_views,
    profile_views,
    session_views,
    views,
)

urlpatterns: list[URLPattern] = [
    path("auth/register", views.RegisterView.as_view()),
    path("auth/verify-email", views.VerifyEmailView.as_view()),
    path("auth/resend-verification", views.ResendVerificationView.as_view()),
    path("auth/login", views.LoginView.as_view()),
    path("auth/refresh", views.RefreshView.as_view()),
    path("auth/logout", views.LogoutView.as_view()),
    path("auth/logout-all", views.LogoutAllView.as_view()),
    path("auth/me", views.MeView.as_view()),
    path("auth/verify", views.VerifyView.as_view()),
    path("auth/activity", activity_views.ActivityView.as_view()),
    path("auth/activity/<str:activity_id>/deny", activity_views.ActivityDenyView.as_view()),
    path("auth/sessions", session_views.SessionsView.as_view()),
    path("auth/sessions/<str:session_id>", session_views.SessionView.as_view()),
    path("users/me", profile_views.OwnProfileView.as_view()),
    path("users/<str:user_id>", profile_views.PublicProfileView.as_view()),
    path("users/<str:user_id>/avatar", profile_views.AvatarView.as_view()),
    path("admin/users", admin_views.UsersView.as_view()),
    path("admin/users/<str:user_id>", admin_views.UserView.as_view()),
    path("auth/2fa/setup", factor_views.TotpSetupView.as_view()),
    path("auth/2fa/confirm", factor_views.TotpConfirmView.as_view()),
    path("auth/2fa/disable", factor_views.TotpDisableView.as_view()),
    path("auth/2fa/recovery-codes", factor_views.RecoveryCodesView.as_view()),
    path("auth/2fa/verify", factor_views.MfaVerifyView.as_view()),
    path("auth/step-up", factor_views.StepUpView.as_view()),
    path("auth/passkeys", passkey_views.PasskeysView.as_view()),
    path("auth/passkeys/options", passkey_views.PasskeyOptionsView.as_view()),
    path("auth/passkeys/login", passkey_views.PasskeyLoginView.as_view()),
    path("auth/passkeys/login/options", passkey_views.PasskeyLoginOptionsView.as_view()),
    path("auth/passkeys/<str:passkey_id>", passkey_views.PasskeyView.as_view()),
    path("admin/users/<str:user_id>/suspend", admin_views.UserSuspendView.as_view()),
    path("admin/users/<str:user_id>/reinstate", admin_views.UserReinstateView.as_view()),
    path("admin/users/<str:user_id>/logout", admin_views.UserLogoutView.as_view()),
]
