"""Paths of wallets, relative to /api/v1/."""

from django.urls import URLPattern, path

from wallets.api import addresses, proofs, rewards, staff, statements, tx, views, withdrawals

urlpatterns: list[URLPattern] = [
    path("wallet", views.WalletView.as_view()),
    path("wallet/link-nonce", addresses.LinkNonceView.as_view()),
    path("wallet/link-address", addresses.LinkAddressView.as_view()),
    path("wallet/transfer", views.TransferView.as_view()),
    path("wallet/transactions", views.TransactionsView.as_view()),
    path("wallet/transactions/<str:transaction_id>", views.TransactionView.as_view()),
    path("wallet/rewards", rewards.RewardsView.as_view()),
    path("wallet/mining-history", rewards.MiningHistoryView.as_view()),
    path("wallet/statement", statements.StatementView.as_view()),
    path("wallet/balance-at", statements.BalanceAtView.as_view()),
    path("tx/list", tx.TxListView.as_view()),
    path("tx/register-withdrawal", tx.RegisterWithdrawalView.as_view()),
    path("tx/<str:transaction_id>", tx.TxView.as_view()),
    path("wallet/proof", proofs.ProofView.as_view()),
    path("reserves", proofs.ReservesView.as_view()),
    path("wallet/withdrawals/<str:withdrawal_id>/cancel", withdrawals.CancelView.as_view()),
    path("admin/withdrawals", withdrawals.WithdrawalsView.as_view()),
    path("admin/withdrawals/stop", withdrawals.StopView.as_view()),
    path("admin/withdrawals/resume", withdrawals.ResumeView.as_view()),
    path("admin/withdrawals/<str:withdrawal_id>/approve", withdrawals.ApproveView.as_view()),
    path("admin/withdrawals/<str:withdrawal_id>/reject", withdrawals.RejectView.as_view()),
    path("admin/wallets", staff.WalletsView.as_view()),
    path("admin/wallets/<str:wallet_id>/freeze", staff.FreezeView.as_view()),
    path("admin/wallets/<str:wallet_id>/unfreeze", staff.UnfreezeView.as_view()),
    path("admin/wallets/<str:wallet_id>/adjust", staff.AdjustView.as_view()),
    path("admin/rewards", staff.RewardsView.as_view()),
    path("admin/transactions/<str:transaction_id>/reverse", staff.ReverseView.as_view()),
]
