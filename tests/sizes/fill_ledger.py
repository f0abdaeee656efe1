"""`python -m tests.sizes.fill_ledger ENTRIES`: a seeded ledger with that many entries of random transfers."""

import random
import sys

import django

PEOPLE_SHARE = 400
"""Entries for each person."""


def main(entries: int) -> None:
    """Write them through the door of the ledger, 200 transactions at a time."""
    from accounts.services.seed import plans_seed
    from ogc.db.transactions import run_in_transaction
    from tests.factories.wallets import rich_user
    from wallets.models import Entry
    from wallets.services.posting import Leg, PostingDraft, TransactionDraft, post_many
    from wallets.services.seed import seed

    plans_seed()
    seed(debug=True)
    wallets = [
        (user.wallet.pk, f"user:{user.public_id}:available")
        for user in (rich_user(1000) for _ in range(max(4, entries // PEOPLE_SHARE)))
    ]
    chance, number = random.Random(1), 0
    missing = entries - Entry.objects.count()
    while 2 * number < missing:
        drafts = []
        for _ in range(200):
            (giver, giver_key), (taker, taker_key) = chance.sample(wallets, 2)
            number += 1
            drafts.append(
                TransactionDraft(
                    "transfer",
                    1,
                    sender_pk=giver,
                    recipient_pk=taker,
                    postings=[
                        PostingDraft("post", f"fill:{number}", [Leg(giver_key, -1), Leg(taker_key, 1)])
                    ],
                )
            )
        run_in_transaction(lambda drafts=drafts: post_many(drafts))


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
