"""Paths of governance, relative to /api/v1/."""

from django.urls import URLPattern, path

from governance.api import admin_views, views

urlpatterns: list[URLPattern] = [
    path("governance/check", views.CheckView.as_view()),
    path("governance/flags", views.FlagsView.as_view()),
    path("governance/flags/<str:name>", views.FlagView.as_view()),
    path("governance/roles", views.RolesView.as_view()),
    path("governance/reports", views.ReportsView.as_view()),
    path("governance/reports/mine", views.MyReportsView.as_view()),
    path("governance/proposals", views.ProposalsView.as_view()),
    path("governance/proposals/<str:proposal_id>", views.ProposalView.as_view()),
    path("governance/policies", admin_views.PoliciesView.as_view()),
    path("governance/policies/schema", admin_views.PolicySchemaView.as_view()),
    path("governance/policies/<str:policy_id>", admin_views.PolicyView.as_view()),
    path("admin/approvals", admin_views.ApprovalsView.as_view()),
    path("admin/approvals/<str:approval_id>/approve", admin_views.ApproveView.as_view()),
    path("admin/approvals/<str:approval_id>/reject", admin_views.RejectView.as_view()),
    path("admin/audit", admin_views.AuditView.as_view()),
    path("admin/audit/verify", admin_views.AuditVerifyView.as_view()),
    path("admin/users/<str:user_id>/roles", admin_views.UserRolesView.as_view()),
]
