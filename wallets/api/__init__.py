"""HTTP interface of wallets."""
