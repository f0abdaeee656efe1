"""Lazy accounts: each entry without a section is in exactly one place, folded or not yet."""

from django.db.models import F, Q

from wallets.models import Entry, FoldedEntry, UnfoldedEntry
from wallets.services.ledger_checks.results import CheckResult, Findings
from wallets.services.ledger_checks.streams import CHUNK


def check_places() -> CheckResult:
    """Walk entries without section, and the places themselves.

    A place is unique by its entry; so if each place is of such an entry, with its account and amount, none is
    in both, and there are as many of both, then each entry has one.
    """
    found = Findings("lazy_entries_have_one_place")
    homeless = Entry.objects.filter(section__isnull=True)
    count = homeless.count()
    is_its_own = Q(entry__section=None, account=F("entry__account"), amount=F("entry__amount"))
    for model in (FoldedEntry, UnfoldedEntry):
        for pk in model.objects.exclude(is_its_own).values_list("pk", flat=True)[:CHUNK]:
            found.add(f"entry {pk}: its {model._meta.verbose_name} does not match it")
    in_both = UnfoldedEntry.objects.filter(entry__folded_entry__isnull=False)
    for pk in in_both.values_list("pk", flat=True)[:CHUNK]:
        found.add(f"entry {pk}: folded and unfolded")
    if FoldedEntry.objects.count() + UnfoldedEntry.objects.count() != count:
        without = homeless.filter(folded_entry__isnull=True, unfolded_entry__isnull=True)
        for pk, key in without.values_list("pk", "account__key")[:CHUNK]:
            found.add(f"entry {pk} of {key}: neither folded nor unfolded")
    return found.result(f"{count} entries of lazy accounts")
