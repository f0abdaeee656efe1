"""Settings: `local`, `test` and `production` over `base`, whose subjects are in `parts`."""
