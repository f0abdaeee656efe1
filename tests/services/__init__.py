"""Real services for the tests: private MariaDB, Valkey and EVM node, each with its own folder and port."""
