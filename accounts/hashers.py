"""How passwords are hashed."""

from django.contrib.auth.hashers import Argon2PasswordHasher

from accounts.rules import password_normalise


class PlatformArgon2Hasher(Argon2PasswordHasher):
    """Argon2id at 19456 KiB, 2 passes, 1 lane; hashes of other parameters are renewed at the next login.

    What is hashed is the one spelling of the password (`rules.password_normalise`).

    Source: OWASP Password Storage Cheat Sheet, Argon2id.
    """

    memory_cost = 19_456
    time_cost = 2
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """The stored form."""
        return str(super().encode(password_normalise(password), salt))

    def verify(self, password: str, encoded: str) -> bool:
        """Whether the password is the one that was stored."""
        return bool(super().verify(password_normalise(password), encoded))
