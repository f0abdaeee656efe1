"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PlatformArgon2Hasher(Argon2PasswordHasher):
    """Argon2id at 19456 KiB, 2 passes, 1 lane; hashes of other parameters are renewed at the next login.

    Source: OWASP Password Storage Cheat Sheet, Argon2id.
    """

    memory_cost = 19_456
    time_cost = 2
    parallelism = 1
