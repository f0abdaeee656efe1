"""Paths of wallets, relative to /api/v1/."""

from django.urls import URLPattern, path

from wallets.api import views

urlpatterns: list[URLPattern] = [
    path("wallet", views.WalletView.as_view()),
    path("wallet/transfer", views.TransferView.as_view()),
    path("wallet/transactions", views.TransactionsView.as_view()),
    path("wallet/transactions/<str:transaction_id>", views.TransactionView.as_view()),
]
